"""Events of jobs: written by whoever does the work, in whatever process; followed by the UI and the CLI.

They go through the database, so that a worker in another process is heard as well, and a client that was away reads on
from the last id it saw.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session as Db

from app.activity.models import EventRow, JobRequest
from app.activity.schemas import Event, JobKind
from app.database import get_database
from app.kit import clock
from app.telemetry.logs import get_logger
from app.telemetry.origin import request_id

_LOOK_SECONDS = 0.15
_BATCH = 500
log = get_logger("automation")


@dataclass(frozen=True, slots=True)
class Reporter:
    """Tells the events of one job."""

    user_id: str
    kind: JobKind
    job_id: str

    def tell(self, type_: str, message: str, **data: Any) -> None:
        """Appends one event, at once and in a transaction of its own (a job's own transaction may be long)."""
        with get_database().write() as db:
            self.tell_in(db, type_, message, **data)

    def tell_in(self, db: Db, type_: str, message: str, **data: Any) -> None:
        """Appends one event as part of a transaction: it is seen exactly when what it tells of is. (The log has it at once.)"""
        about = {"job": self.kind.value, "type": type_, "job_id": self.job_id}
        log.info("job.event", message=message, user_id=self.user_id, data={**data, **about})
        db.add(
            EventRow(
                user_id=self.user_id,
                at=clock.now(),
                job_kind=self.kind.value,
                job_id=self.job_id,
                type=type_,
                message=message[:1000],
                data=data,
                request_id=request_id() or None,
            )
        )

    async def atell(self, type_: str, message: str, **data: Any) -> None:
        """:meth:`tell` without holding up the event loop."""
        await asyncio.to_thread(lambda: self.tell(type_, message, **data))


def note_request(db: Db, job_id: str) -> None:
    """Stores with a job which request asks for it. Part of the transaction that stores the job."""
    asked = request_id()
    if asked:
        db.merge(JobRequest(job_id=job_id, request_id=asked, at=clock.now()))


def request_of(job_id: str) -> str | None:
    """The id of the request that asked for a job (of a batch: for its present turn)."""
    with get_database().read() as db:
        known = db.get(JobRequest, job_id.partition(".")[0])
        return known.request_id if known is not None else None


def forget_requests(db: Db, before: datetime) -> None:
    """Forgets which request asked for the jobs that nobody can find in the logs any more."""
    db.execute(delete(JobRequest).where(JobRequest.at < before))


def newest_id(db: Db, user_id: str) -> int:
    return db.scalar(select(func.max(EventRow.id)).where(EventRow.user_id == user_id)) or 0


def events_after(db: Db, after: int, *, user_id: str | None = None, job_id: str | None = None) -> list[Event]:
    """The next events (at most 500) after an id, of a user and/or of one job, in order."""
    query = select(EventRow).where(EventRow.id > after).order_by(EventRow.id).limit(_BATCH)
    if user_id is not None:
        query = query.where(EventRow.user_id == user_id)
    if job_id is not None:
        query = query.where(EventRow.job_id == job_id)
    return [Event.model_validate(row) for row in db.scalars(query)]


def last_event(db: Db, job_id: str) -> EventRow | None:
    return db.scalar(select(EventRow).where(EventRow.job_id == job_id).order_by(EventRow.id.desc()).limit(1))


class EventFeed:
    """Wakes followers when there is something new. One look at the database serves all of them, and nobody looks while
    nobody follows."""

    def __init__(self) -> None:
        self._newest = 0
        self._waiting: set[asyncio.Event] = set()
        self._task: asyncio.Task[None] | None = None

    async def follow(self, user_id: str, after: int) -> AsyncGenerator[Event | None, None]:
        """Events of a user after an id, for ever; ``None`` when nothing happened for 15 seconds (keep-alive)."""
        signal = asyncio.Event()
        self._waiting.add(signal)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())
        try:
            while True:
                signal.clear()
                batch = await asyncio.to_thread(self._read, user_id, after)
                for event in batch:
                    after = event.id
                    yield event
                if batch:
                    continue
                try:
                    await asyncio.wait_for(signal.wait(), timeout=15)
                except TimeoutError:
                    yield None
        finally:
            self._waiting.discard(signal)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _watch(self) -> None:
        while self._waiting:
            newest = await asyncio.to_thread(self._look)
            if newest != self._newest:
                self._newest = newest
                for signal in self._waiting:
                    signal.set()
            await asyncio.sleep(_LOOK_SECONDS)

    @staticmethod
    def _look() -> int:
        with get_database().read() as db:
            return db.scalar(select(func.max(EventRow.id))) or 0

    @staticmethod
    def _read(user_id: str, after: int) -> list[Event]:
        with get_database().read() as db:
            return events_after(db, after, user_id=user_id)


def follow_job(job_id: str, after: int = 0) -> Iterator[Event]:
    """Events of one job as they come, for the CLI; ends with the job's ``finished`` or ``failed`` event."""
    while True:
        with get_database().read() as db:
            batch = events_after(db, after, job_id=job_id)
        for event in batch:
            after = event.id
            yield event
            if event.type in ("finished", "failed"):
                return
        if not batch:
            time.sleep(_LOOK_SECONDS)
