"""The workflow engine's start and stop. Composition only: what the workflows do stands in the slices."""

import asyncio
import hashlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer
from filelock import FileLock, Timeout

from app.activity.queue import QUEUE, interrupt_all
from app.batches import workflows as batch_workflows
from app.config import get_settings
from app.connection import workflows as connection_workflows
from app.connection.sandbox import hosted_sandbox
from app.database import check_engine
from app.forms import workflows as forms_workflows
from app.sync import workflows as sync_workflows
from app.telemetry import heartbeat
from app.telemetry.logs import get_logger

# Pinned: with the default (a hash of the code) any change would strand work that is under way.
_APPLICATION_VERSION = "1"
_LOCK_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 5
# How late a job may start; each look costs a little all day long.
_QUEUE_LOOK_SECONDS = 0.25
_STOP_SECONDS = 20
log = get_logger("backend")


class EngineElsewhere(Exception):
    """Another process of this installation runs the engine."""


def _lock() -> FileLock:
    path = get_settings().home / "engine.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    return FileLock(path)


async def _launch() -> None:
    settings = get_settings()
    if settings.is_sqlite:
        with sqlite3.connect(settings.home / "engine.db") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
        connection.close()
    identity = hashlib.sha256(str(settings.home).encode()).hexdigest()[:10]
    DBOS(
        config=DBOSConfig(
            name="fossawork",
            system_database_url=settings.engine_url,
            application_version=_APPLICATION_VERSION,
            # Stable per installation: what was under way when a process died is taken up by the next one.
            executor_id=f"home-{identity}",
            log_level="WARNING",
            console_log_level="CRITICAL",  # its warnings stand in our logs
            max_executor_threads=16,
            serializer=DBOSPortableJSONSerializer(),
            notification_listener_polling_interval_sec=1,
            scheduler_polling_interval_sec=5,
            sys_db_pool_size=4,
        )
    )
    DBOS.launch()
    await DBOS.register_queue_async(
        QUEUE,
        partition_concurrency=1,
        worker_concurrency=settings.browsers_at_once,
        polling_interval_sec=_QUEUE_LOOK_SECONDS,
        on_conflict="always_update",
    )
    await asyncio.to_thread(_take_up)
    log.info("engine.started")


def _take_up() -> None:
    """Hands over jobs that were stored but never reached the engine (the process died in between)."""
    for slice_ in (connection_workflows, sync_workflows, forms_workflows, batch_workflows):
        slice_.take_up()


async def _stop() -> None:
    await interrupt_all(_STOP_SECONDS)
    try:
        await asyncio.wait_for(asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=0), _STOP_SECONDS)
    except TimeoutError:
        log.warning("engine.stop_timed_out")


@asynccontextmanager
async def running_engine() -> AsyncIterator[None]:
    """Runs the engine for the time of the block; :class:`EngineElsewhere` when another process does."""
    check_engine()
    lock = _lock()
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise EngineElsewhere from error
    try:
        with hosted_sandbox():
            await _launch()
            house = asyncio.create_task(batch_workflows.keep_house())
            try:
                yield
            finally:
                house.cancel()
                heartbeat.stop("engine")
                await asyncio.gather(house, return_exceptions=True)
                await _stop()
    finally:
        lock.release()


@asynccontextmanager
async def engine_when_free() -> AsyncIterator[None]:
    """Runs the engine as soon as no other process does (a command line job may be finishing)."""
    async with AsyncExitStack() as stack:

        async def start() -> None:
            while True:
                try:
                    await stack.enter_async_context(running_engine())
                    return
                except EngineElsewhere:
                    await asyncio.sleep(_LOCK_LOOK_SECONDS)

        waiting = asyncio.create_task(start())
        # Normally it runs at once; what goes wrong then is told at the start, not later.
        await asyncio.wait({waiting}, timeout=_PATIENCE_SECONDS)
        if waiting.done():
            waiting.result()
        try:
            yield
        finally:
            waiting.cancel()
