"""What the API says about batches."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.kit.problems import FailureKind
from app.kit.schema import Input, Output


class BatchState(StrEnum):
    """``waiting``: it goes on by itself at ``wake_at``. ``pausing`` and ``stopping`` are wishes not fulfilled yet."""

    queued = "queued"
    running = "running"
    pausing = "pausing"
    paused = "paused"
    waiting = "waiting"
    stopping = "stopping"
    stopped = "stopped"
    finished = "finished"
    failed = "failed"


class VisitState(StrEnum):
    """``done``: every form is proven. ``needs_person``: some form is not, see its run."""

    waiting = "waiting"
    running = "running"
    done = "done"
    needs_person = "needs_person"
    skipped = "skipped"
    stopped = "stopped"
    failed = "failed"


class RetryWhat(StrEnum):
    failed = "failed"
    all = "all"


class Scope(StrEnum):
    today = "today"
    week = "week"


class NewBatch(Input):
    """Either ``visits`` in the order they shall be prepared, or a ``scope``: today's visits, or those of a work week.
    ``prove_again``: what earlier runs proved does not count, every form is looked into once more."""

    visits: list[int] = Field(default_factory=list, max_length=100)
    scope: Scope | None = None
    week_of: date | None = None
    name: Annotated[str, Field(max_length=120)] | None = None
    prove_again: bool = False


class SkipVisit(Input):
    """``visit_id`` null: the visit under way."""

    visit_id: int | None = None


class Retry(Input):
    """``failed``: the visits that are not done. ``all``: every visit from the start, with today's plan, each form looked
    into again."""

    what: RetryWhat


class BatchVisit(Output):
    position: int
    visit_id: int
    work_id: int
    store: str
    chain: str
    city: str | None
    date: date
    run_id: str | None = Field(description="null: its plan was not made yet")
    state: VisitState
    reason: str | None
    what_to_do: str | None
    forms: int
    verified: int
    needs_person: int
    not_done: int
    seconds: float | None


class BatchAction(Output):
    at: datetime
    who: str
    action: str
    detail: str | None


class Batch(Output):
    id: str
    name: str
    state: BatchState
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    wake_at: datetime | None
    wake_why: str | None
    retry_of: str | None
    error_kind: FailureKind | None
    error_code: str | None
    error_detail: str | None
    error_action: str | None
    eta_seconds: float | None = Field(description="from measured times; null: nothing was measured yet, or it is over")
    visits: list[BatchVisit]
    actions: list[BatchAction]


class BatchPage(Output):
    items: list[Batch]
    next_cursor: str | None
