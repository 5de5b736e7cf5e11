"""What the API says about incidents."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.kit.schema import Input, NearInstant, Output
from app.operations.alerts.engine import Phase
from app.operations.incidents.lifecycle import Status
from app.operations.terms import Kind, Priority

Text = Annotated[str, Field(max_length=4000)]
Line = Annotated[str, Field(min_length=1, max_length=200)]
Person = Annotated[str, Field(min_length=1, max_length=120)]


class NewIncident(Input):
    """An incident that a person opens by hand. ``started_at``: when the trouble began, if that is known."""

    title: Line
    priority: Priority
    kind: Kind
    user_impact: Text = ""
    started_at: NearInstant | None = None


class IncidentChange(Input):
    """Only what is given is changed. An empty ``commander``: nobody is in charge any more."""

    title: Line | None = None
    priority: Priority | None = None
    kind: Kind | None = None
    commander: Annotated[str, Field(max_length=120)] | None = None
    responders: Annotated[list[Person], Field(max_length=30)] | None = None
    services: Annotated[list[Person], Field(max_length=30)] | None = None
    user_impact: Text | None = None
    business_impact: Text | None = None
    root_cause: Text | None = None
    contributing: Text | None = None
    whys: Annotated[list[Text], Field(max_length=5)] | None = None
    went_well: Text | None = None
    went_badly: Text | None = None
    lessons: Text | None = None
    procedures_updated: Annotated[str, Field(max_length=300)] | None = None


class IncidentMove(Input):
    """``into``: the incident this one is merged into."""

    status: Status
    note: Text = ""
    into: Annotated[str, Field(max_length=20)] | None = None


class IncidentNote(Input):
    text: Annotated[str, Field(min_length=1, max_length=4000)]


class IncidentUpdate(Input):
    """A message by template. What the incident knows is filled in; ``send``: also to whoever is called for its kind."""

    template: Annotated[str, Field(max_length=40)]
    fields: Annotated[dict[str, Annotated[str, Field(max_length=4000)]], Field(max_length=40, default_factory=dict)]
    send: bool = False


class NewAction(Input):
    text: Annotated[str, Field(min_length=1, max_length=1000)]
    owner: Person
    due: NearInstant


class MessageTemplate(Output):
    id: str
    title: str
    audience: str
    subject: str
    body: str
    fields: list[str]


class TimelineView(Output):
    id: int
    at: datetime
    kind: Literal["event", "note", "update", "status", "alert", "evidence"]
    actor: str
    text: str
    data: dict[str, Any]


class ActionView(Output):
    id: str
    text: str
    owner: str
    due: datetime
    done_at: datetime | None
    overdue: bool


class EvidenceView(Output):
    path: str
    sha256: str
    size: int
    taken_at: datetime
    taken_by: str


class FiguresView(Output):
    """Seconds; ``None`` while the time has not come."""

    to_detect: float
    to_acknowledge: float | None
    to_contain: float | None
    to_recover: float | None
    acknowledge_within: float
    recover_within: float
    response_met: bool | None
    recovery_met: bool | None


class IncidentItem(Output):
    id: str
    title: str
    priority: Priority
    kind: Kind
    status: Status
    detected_at: datetime
    recovered_at: datetime | None
    closed_at: datetime | None
    commander: str | None
    review_due_at: datetime | None
    next_update_at: datetime | None
    figures: FiguresView


class LinkedAlert(Output):
    id: str
    rule: str
    title: str
    component: str
    priority: Priority
    phase: Phase
    fired_at: datetime | None
    resolved_at: datetime | None


class Incident(IncidentItem):
    opened_by: str
    started_at: datetime
    declared_at: datetime
    acknowledged_at: datetime | None
    contained_at: datetime | None
    reviewed_at: datetime | None
    responders: list[str]
    services: list[str]
    user_impact: str
    business_impact: str
    root_cause: str
    contributing: str
    whys: list[str]
    went_well: str
    went_badly: str
    lessons: str
    procedures_updated: str
    merged_into: str | None
    timeline: list[TimelineView]
    alerts: list[LinkedAlert]
    actions: list[ActionView]
    evidence: list[EvidenceView]
    missing_to_close: list[str]
    next_statuses: list[Status]
    message_fields: dict[str, str] = Field(
        description="what a message about it says by itself now, unless told otherwise"
    )


class MeansView(Output):
    """Over the incidents detected in the last 90 days, in seconds."""

    detect: float | None
    acknowledge: float | None
    recover: float | None
    incidents: int


class IncidentPage(Output):
    items: list[IncidentItem]
    next_cursor: str | None
    means: MeansView
    last_recovered_at: datetime | None
    reviews_overdue: int
    actions_overdue: int
