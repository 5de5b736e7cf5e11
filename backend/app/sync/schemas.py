"""What the API says about synchronisation."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from app.kit.problems import FailureKind
from app.kit.schema import Input, Output


class SyncState(StrEnum):
    queued = "queued"
    running = "running"
    succeeded = "succeeded"
    partial = "partial"
    failed = "failed"


class SyncCounts(Output):
    """``null`` = not reached. ``missing``: known work orders that the newest complete list no longer shows."""

    work_orders: int | None
    added: int | None
    changed: int | None
    unchanged: int | None
    missing: int | None
    returned: int | None
    locations_total: int | None
    locations_read: int | None
    locations_failed: int | None
    dispensers: int | None
    provers: int | None


class SyncRun(Output):
    """``partial``: the work list is complete and stored, but some locations could not be read (they are named)."""

    id: str
    state: SyncState
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seconds: float | None
    counts: SyncCounts
    error_kind: FailureKind | None
    error_code: str | None
    error_detail: str | None
    error_action: str | None
    progress: str | None = Field(description="the newest progress sentence while it runs")
    done: int | None
    total: int | None


class SyncPage(Output):
    items: list[SyncRun]
    next_cursor: str | None


class SyncStatus(Output):
    running: SyncRun | None
    last: SyncRun | None
    last_success_at: datetime | None
    can_run: bool
    why_not: str | None = Field(description="what stands in the way and what to do, when it cannot run")


class NewSync(Input):
    refresh_locations: Annotated[bool, Field(description="read every location again, also those read recently")] = False
    accept_empty: Annotated[bool, Field(description="take an empty list as true, though there was work before")] = False
