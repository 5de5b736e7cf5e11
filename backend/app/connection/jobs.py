"""Jobs that only use a user's portal session: how they are stored, found and settled."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.activity.schemas import JobKind
from app.activity.service import Reporter, note_request
from app.connection.failures import Failure
from app.connection.models import PortalJob
from app.database import get_database
from app.kit import clock
from app.kit.ids import new_id
from app.telemetry import metrics

_ACTIVE = ("queued", "running")


def request_job(db: Db, user_id: str, kind: JobKind, url: str | None = None) -> PortalJob:
    """Stores the wish for a job. The caller commits, then hands its id to the engine."""
    job = PortalJob(id=new_id(), user_id=user_id, kind=kind.value, state="queued", url=url, asked_at=clock.now())
    db.add(job)
    note_request(db, job.id)
    db.flush()
    return job


def reporter(job: PortalJob) -> Reporter:
    return Reporter(job.user_id, JobKind(job.kind), job.id)


def begin(job_id: str, *, again: bool) -> PortalJob | None:
    """Takes up a stored job. ``again``: also one that was under way when the program ended."""
    with get_database().write() as db:
        job = db.get(PortalJob, job_id)
        if job is None or job.state not in (_ACTIVE if again else _ACTIVE[:1]):
            return None
        job.state = "running"
        return job


def settle(job_id: str, message: str, result: dict[str, Any] | None, failure: Failure | None) -> str:
    """Records how a job ended and tells it; one that is settled already stays as it is."""
    with get_database().write() as db:
        job = db.get(PortalJob, job_id)
        if job is None or job.state not in _ACTIVE:
            return "over"
        job.state, job.settled_at, job.result = ("failed" if failure else "finished"), clock.now(), result
        metrics.JOBS.labels(job.kind, job.state).inc()
        if failure is not None:
            reporter(job).tell_in(db, "failed", failure.detail, state=job.state, **failure.as_dict())
        else:
            reporter(job).tell_in(db, "finished", message, state=job.state, **(result or {}))
        return job.state


def active(kind: JobKind) -> list[PortalJob]:
    """The jobs of this kind that are stored and not settled."""
    with get_database().read() as db:
        return list(db.scalars(select(PortalJob).where(PortalJob.kind == kind.value, PortalJob.state.in_(_ACTIVE))))
