"""What the API says about form plans, runs and provers."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.forms.templates import Procedure, ReadingGroup, ReadingTemplate, Station, StationType, TemplateReading
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


PROVEN = (Verdict.verified, Verdict.already_done)


class RunState(StrEnum):
    """``pausing``, ``skipping`` and ``stopping`` are wishes: they come true before the next write to the portal."""

    queued = "queued"
    running = "running"
    pausing = "pausing"
    paused = "paused"
    skipping = "skipping"
    skipped = "skipped"
    stopping = "stopping"
    stopped = "stopped"
    finished = "finished"
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
    make: str | None
    model: str | None
    station: Station | None = Field(description="null: no readings are prepared for this form")
    readings: list[ReadingGroup]
    reading_groups: int = Field(description="groups that the form must have: sides × grades")


class Unresolved(Output):
    """Words of the instructions that fit no dispenser. ``start``/``end``: characters of the instructions."""

    text: str
    why: str
    start: int | None
    end: int | None


class Question(Output):
    """Something only a person can decide; nothing is run before it is answered by naming the dispensers."""

    code: str
    message: str
    start: int | None
    end: int | None


class Mark(Output):
    """Words of the instructions that order a dispenser."""

    dispenser: str
    start: int
    end: int


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
    questions: list[Question]
    marks: list[Mark]
    instructions: str | None
    dispensers: list[str] = Field(description="all dispensers of the location, to choose from")
    readings: bool = Field(description="whether readings are prepared")
    stations: list[ReadingTemplate]
    forms: list[FormPlan]


class VisitCheck(Output):
    """A read of the visit's forms on the portal that was started: follow events of job ``visit_check``."""

    job_id: str


class GradeChoice(Input):
    dispenser: str
    grade: str
    metered: bool | None = None
    prover_id: str | None = None


class StationChoice(Input):
    dispenser: str
    station: StationType


class PlanChoices(Input):
    """A person's own answers; they win over the rules. ``dispensers``: exactly these are ordered (``None``: the rules and
    the instructions decide). ``readings`` ``None``: as the settings say."""

    grades: list[GradeChoice] = Field(default_factory=list, max_length=400)
    stations: list[StationChoice] = Field(default_factory=list, max_length=60)
    dispensers: Annotated[list[str], Field(max_length=60)] | None = None
    readings: bool | None = None


class NewRun(Input):
    digest: Annotated[str, Field(min_length=8, max_length=64)]
    choices: PlanChoices = Field(default_factory=lambda: PlanChoices())


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


class EvidenceReading(Output):
    side: int
    grade: str
    number: int
    procedure: str | None
    flow: str | None
    temperature: str | None
    gpm: str | None
    start: str | None
    meniscus: str | None
    end: str | None
    variance: str | None


class Shot(Output):
    """A picture of a saved section; ``kept`` false: its time of keeping is over."""

    name: str
    taken_at: datetime
    kept: bool


class Evidence(Output):
    """What the portal itself said when the form was read back."""

    read_at: datetime
    equipment: str | None
    prover_size: str | None
    badge: str | None
    grades: list[EvidenceGrade]
    readings: list[EvidenceReading]
    shots: list[Shot]


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
    batch_id: str | None
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


class TemplateView(Output):
    template: ReadingTemplate
    name: str
    own: bool = Field(description="true: changed by you; it can be reset")


class ReadingTemplates(Output):
    items: list[TemplateView]
    procedures: list[Procedure]


class TemplateChange(Input):
    metered: Annotated[list[TemplateReading], Field(max_length=12)]
    blended: Annotated[list[TemplateReading], Field(max_length=12)]
    later_blends: Annotated[list[TemplateReading], Field(max_length=12)]


class FormSettings(Output):
    """``readings``: whether plans prepare readings. Pictures and records are removed once they are older than this."""

    readings: bool
    pictures: bool
    keep_picture_days: Annotated[int, Field(ge=1, le=3650)]
    keep_record_months: Annotated[int, Field(ge=1, le=120)]
