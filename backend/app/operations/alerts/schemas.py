"""What the API says about alerts."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import Field

from app.kit.schema import Input, NearInstant, Output
from app.operations.alerts.engine import Phase
from app.operations.oncall.escalation import Role
from app.operations.terms import Kind, Priority


class NewSilence(Input):
    rule: Annotated[str, Field(max_length=40)]
    component: Annotated[str, Field(max_length=80)] | None = None
    ends_at: NearInstant
    comment: Annotated[str, Field(min_length=3, max_length=300)]


class NewMaintenance(Input):
    """Planned work: availability leaves it out, and the listed rules call nobody meanwhile."""

    starts_at: NearInstant
    ends_at: NearInstant
    rules: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=40)]
    reason: Annotated[str, Field(min_length=3, max_length=300)]


class Resolution(Input):
    words: Annotated[str, Field(min_length=3, max_length=1000, description="why it is over")]


class RuleView(Output):
    id: str
    title: str
    kind: Kind
    priorities: list[Priority]
    condition: str = Field(description="when it fires, as a sentence")
    over: str = Field(description="when it is over, as a sentence")
    what_to_do: str
    runbook: str
    silent_in_maintenance: bool = Field(description="usually, unless other rules are named")


class AlertCall(Output):
    """Somebody was called. ``reminder``: once more, as nobody answered. ``role``: whom the matrix named at that time; ``told``: who was
    really told, ``None`` when that is not known here (the watcher called); ``gap``: why these and not the role's own people."""

    level: int
    reminder: bool
    at: datetime
    role: Role | None
    told: list[str] | None
    gap: str | None


class AlertItem(Output):
    """``answer_by``: when somebody must have acknowledged it (the seed's response times, counted from when they are called:
    what waits for business hours has its time from their beginning)."""

    id: str
    rule: str
    title: str
    component: str
    priority: Priority
    kind: Kind
    phase: Phase
    words: str
    value: float | None
    unit: str
    pending_at: datetime
    fired_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    answer_by: datetime | None
    answered_in_time: bool | None
    resolved_at: datetime | None
    resolved_by: str | None
    silenced: str | None
    inhibited: str | None
    flaps: int
    incident_id: str | None
    calls: list[AlertCall] = Field(description="the first first")
    what_to_do: str
    runbook: str


class AlertEventView(Output):
    at: datetime
    what: str
    by: str
    text: str


class AlertDetail(AlertItem):
    evidence: dict[str, Any]
    events: list[AlertEventView]


class ResponseFigures(Output):
    """How fast alerts of the last 30 days were answered. ``median_seconds`` over the acknowledged ones, from when people were
    called; ``None`` without any."""

    priority: Priority
    limit_seconds: float
    fired: int
    answered: int
    in_time: int
    median_seconds: float | None


class AlertBoard(Output):
    firing: list[AlertItem]
    pending: list[AlertItem]
    evaluated_at: datetime | None = Field(description="None: the rules have not been evaluated since the start")
    responses: list[ResponseFigures]


class AlertHistory(Output):
    items: list[AlertItem]
    next_cursor: str | None


class SilenceView(Output):
    id: str
    rule: str
    component: str | None
    starts_at: datetime
    ends_at: datetime
    comment: str
    made_by: str


class MaintenanceView(Output):
    id: str
    starts_at: datetime
    ends_at: datetime
    rules: list[str]
    reason: str
    made_by: str
    ended_by: str | None
    in_force: bool
