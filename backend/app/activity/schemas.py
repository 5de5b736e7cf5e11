"""Live events of long-running jobs (sync, form run, link check): what the UI and the CLI follow."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from app.kit.schema import Output


class JobKind(StrEnum):
    link = "link"
    sync = "sync"
    visit_check = "visit_check"
    form_run = "form_run"
    batch = "batch"
    portal_check = "portal_check"
    window = "window"


class Event(Output):
    """One thing that happened in a job. ``type`` names it (``phase``, ``location``, ``form``, ``grade``, ``finished`` …),
    ``message`` says it in a sentence, ``data`` carries its numbers. ``request_id``: the request that asked for the job."""

    id: int
    at: datetime
    job_kind: JobKind
    job_id: str
    type: str
    message: str
    data: dict[str, Any]
    request_id: str | None
