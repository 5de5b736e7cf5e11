"""What the API says about form plans, runs and provers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.kit.problems import FailureKind
from app.kit.schema import Input, Output


class FormAction(StrEnum):
    """What a run will do for one dispenser: make a new form, fill one that is not bound yet, go on with the one that is
    bound to it, leave a complete one alone, or stop and ask."""

    create = "create"
    fill = "fill"
    resume = "resume"
    done = "done"
    ask = "ask"


class Verdict(StrEnum):
    verified = "verified"
    already_done = "already_done"
    not_done = "not_done"
    needs_human = "needs_human"


class RunState(StrEnum):
    queued = "queued"
    running = "running"
    stopping = "stopping"
    finished = "finished"
    stopped = "stopped"
    failed = "failed"


class StepState(StrEnum):
    waiting = "waiting"
    writing = "writing"
    written = "written"
    verified = "verified"
    failed = "failed"


class Notice(Output):
    code: str
    message: str
    action: str


class GradePlan(Output):
    grade: str
    metered: bool
    metered_why: str
    prover_id: str | None
    prover_position: int | None
    prover_why: str


class FormPlan(Output):
    dispenser: str
    numbers: list[int]
    action: FormAction
    entry_id: int | None
    reasons: list[str]
    warnings: list[Notice]
    sides: list[int] | None = Field(description="only these sides are ordered; null = both")
    only_grades: list[str] | None = Field(description="only these grades are ordered; null = all")
    grades: list[GradePlan]


class Unresolved(Output):
    text: str
    why: str


class VisitPlan(Output):
    """``digest`` names this very plan: a run is started with it, so nobody runs another plan than the one shown."""

    visit_id: int
    work_id: int
    digest: str
    form_type: str
    code: str | None
    store: str
    checked_at: datetime
    wanted: int
    existing: int
    to_create: int
    to_write: int
    already_done: int
    to_ask: int
    can_run: bool
    warnings: list[Notice]
    unresolved: list[Unresolved]
    forms: list[FormPlan]


class VisitCheck(Output):
    """A read of the visit's forms on the portal that was started: follow events of job ``visit_check``."""

    job_id: str


class GradeChoice(Input):
    dispenser: str
    grade: str
    metered: bool | None = None
    prover_id: str | None = None


class NewRun(Input):
    digest: Annotated[str, Field(min_length=8, max_length=64)]
    choices: Annotated[list[GradeChoice], Field(max_length=400, default_factory=list)]


class StepView(Output):
    """One section or grade of a form: ``equipment``, ``grade:0`` …"""

    key: str
    label: str
    state: StepState
    wanted: str
    found: str | None


class EvidenceGrade(Output):
    grade: str
    has_meter: bool | None
    fill: str | None
    prover: str | None


class Evidence(Output):
    """What the portal itself said when the form was read back."""

    read_at: datetime
    equipment: str | None
    prover_size: str | None
    badge: str | None
    grades: list[EvidenceGrade]


class RunForm(Output):
    position: int
    dispenser: str
    action: FormAction
    entry_id: int | None
    entry_url: str | None
    running: bool
    verdict: Verdict | None
    reason: str | None
    what_to_do: str | None
    seconds: float | None
    steps: list[StepView]
    evidence: Evidence | None


class FormRun(Output):
    id: str
    visit_id: int
    work_id: int
    store: str
    form_type: str
    state: RunState
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    error_kind: FailureKind | None
    error_code: str | None
    error_detail: str | None
    error_action: str | None
    forms: list[RunForm]


class FormRunList(Output):
    items: list[FormRun]
