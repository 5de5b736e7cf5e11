"""The way into the workflow engine: whoever has stored a job enqueues it here, from any process.

Everything that touches the portal goes through one queue, partitioned by user and one at a time per partition: a portal
account never has two sessions of ours at once. A job's id is its workflow's id, so enqueueing twice starts it once.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from typing import Any

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from app.activity.service import request_of
from app.config import get_settings
from app.kit.problems import Unavailable
from app.telemetry.origin import new_request_id, working_for

QUEUE = "portal"
_OVER = ("SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED")


@lru_cache
def _client() -> DBOSClient:
    return DBOSClient(
        system_database_url=get_settings().engine_url,
        serializer=DBOSPortableJSONSerializer(),
        system_database_pool_size=2,
        lazy=True,
        retry_connection_errors=False,
    )


def enqueue(workflow: str, job_id: str, user_id: str) -> None:
    """Hands a stored job to the engine. :class:`Unavailable` when the engine's store cannot be reached; the job stays
    stored and is handed over at the next start."""
    try:
        _client().enqueue(
            {"workflow_name": workflow, "queue_name": QUEUE, "queue_partition_key": user_id, "workflow_id": job_id},
            job_id,
        )
    except (OperationalError, sqlite3.Error) as error:
        raise Unavailable(
            "The job was stored, but the workflow engine cannot be reached.", "It starts when the server runs again."
        ) from error


def engine_gave_up(job_id: str) -> bool:
    """Whether the engine will never work on this job again, though it is not settled (it failed in an unforeseen way, or
    crashed the process too often)."""
    known = _client().list_workflows(workflow_ids=[job_id], load_input=False, load_output=False)
    return bool(known) and known[0].status in _OVER


def under_way(user_id: str) -> list[str]:
    """The ids of the jobs of this user's portal account that wait in the queue or are being worked on. :class:`Unavailable`
    when the engine's store cannot be reached."""
    try:
        known = _client().list_workflows(
            queue_name=QUEUE, status=["ENQUEUED", "DELAYED", "PENDING"], load_input=False, load_output=False
        )
    except (OperationalError, sqlite3.Error) as error:
        raise Unavailable(
            "The workflow engine cannot be reached, so it is not known what runs.", "Try again when the server runs."
        ) from error
    return [item.workflow_id for item in known if item.queue_partition_key == user_id]


def disconnect() -> None:
    """Lets go of the engine's store (after a change of settings, or at the end of a process)."""
    if _client.cache_info().currsize:
        _client().destroy()
    _client.cache_clear()


_under_way: set[asyncio.Task[Any]] = set()


@asynccontextmanager
async def interruptible() -> AsyncIterator[None]:
    """Marks the running workflow as one that a stopping server may interrupt. It is not over then: the engine takes it up
    again at the next start, from the step that was interrupted. All it logs and tells bears the id of the request that asked
    for it."""
    task = asyncio.current_task()
    assert task is not None
    _under_way.add(task)
    try:
        with working_for(await asyncio.to_thread(_asked_by, DBOS.workflow_id or "")):
            yield
    finally:
        _under_way.discard(task)


def _asked_by(job_id: str) -> str:
    """The request's id; a new one for a job that no request asked for, or when the database cannot say."""
    try:
        return request_of(job_id) or new_request_id()
    except SQLAlchemyError:
        return new_request_id()


async def let_finish(seconds: float) -> None:
    """Waits until the workflows of this process have ended by themselves, their browsers closed and cookies kept."""
    tasks = set(_under_way)
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)


async def interrupt_all(seconds: float) -> None:
    """Interrupts the workflows of this process and waits until they have closed their browsers."""
    tasks = set(_under_way)
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=seconds)
