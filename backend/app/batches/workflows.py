"""The durable workflow of batches: the steps of ``work`` as the engine's steps, and what wakes a batch that waits."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

from dbos import DBOS

from app.activity.queue import engine_gave_up, enqueue, interruptible
from app.batches import service
from app.batches.retention import forget_old
from app.batches.schemas import BatchState
from app.batches.work import BatchSteps, work_batch
from app.connection.failures import INTERRUPTED, Failure, log_failure
from app.database import get_database
from app.forms.run import Runner
from app.forms.run_browser import BrowserPortals
from app.kit import clock
from app.telemetry import heartbeat

_LOOK_SECONDS = 2.0
_CLEAN_EVERY = timedelta(days=1)
_LOOK_FOR_LOST_EVERY = timedelta(minutes=1)
_steps = BatchSteps(Runner(BrowserPortals()))


@DBOS.workflow(name=service.WORKFLOW)
async def form_batch(turn: str) -> str:
    """Works through a batch, visit by visit, each form proven before the next."""
    async with interruptible():
        try:
            return await work_batch(_Durable(), turn)
        except Exception as error:
            return await fail_batch(turn, log_failure("batches.failed", error, turn).as_dict())


@DBOS.step()
async def next_visit(turn: str) -> dict[str, Any]:
    return await _steps.next_visit(turn)


@DBOS.step()
async def plan_visit(turn: str, position: int) -> dict[str, Any]:
    return await _steps.plan_visit(turn, position)


@DBOS.step()
async def begin_visit(turn: str, run_id: str) -> dict[str, Any]:
    return await _steps.begin_visit(turn, run_id)


@DBOS.step()
async def prepare_form(run_id: str, position: int) -> dict[str, Any]:
    return await _steps.prepare_form(run_id, position)


@DBOS.step()
async def confirm_visit(run_id: str) -> dict[str, Any]:
    return await _steps.confirm_visit(run_id)


@DBOS.step()
async def settle_visit(turn: str, run_id: str, trouble: dict[str, Any]) -> dict[str, Any]:
    return await _steps.settle_visit(turn, run_id, trouble)


@DBOS.step()
async def fail_batch(turn: str, failure: dict[str, Any]) -> str:
    return await asyncio.to_thread(_fail, turn, failure)


class _Durable:
    """The steps as the engine records them."""

    next_visit = staticmethod(next_visit)
    plan_visit = staticmethod(plan_visit)
    begin_visit = staticmethod(begin_visit)
    prepare_form = staticmethod(prepare_form)
    confirm_visit = staticmethod(confirm_visit)
    settle_visit = staticmethod(settle_visit)
    close = staticmethod(_steps.close)


def _fail(turn: str, failure: dict[str, Any]) -> str:
    with get_database().write() as db:
        batch = service.begin_turn(db, turn)
        if batch is None:
            return "over"
        service.end(db, batch, BatchState.failed, Failure.from_dict(failure))
        return batch.state


def take_up() -> None:
    """Hands stored batches to the engine that never reached it; the ones it has already are left alone."""
    with get_database().read() as db:
        batches = service.for_the_engine(db)
    for batch in batches:
        turn = service.turn_of(batch)
        if engine_gave_up(turn):
            _fail(turn, INTERRUPTED.as_dict())
        else:
            enqueue(service.WORKFLOW, turn, batch.user_id)


def wake_due() -> int:
    """Takes up the batches whose time of waiting is over; answers how many."""
    now = clock.now()
    with get_database().read() as db:
        if not service.any_waiting(db, now):
            return 0
    with get_database().write() as db:
        turns = [(service.turn_of(batch), batch.user_id) for batch in service.wake(db, now)]
    for turn, user_id in turns:
        enqueue(service.WORKFLOW, turn, user_id)
    return len(turns)


def settle_lost() -> int:
    """Ends batches that the engine will never work on again though they are not over; answers how many."""
    with get_database().read() as db:
        turns = [service.turn_of(batch) for batch in service.for_the_engine(db)]
    lost = [turn for turn in turns if engine_gave_up(turn)]
    for turn in lost:
        _fail(turn, INTERRUPTED.as_dict())
    return len(lost)


async def keep_house() -> None:
    """Looks for batches to wake, and once a day for what is kept no longer, for as long as the engine runs."""
    cleaned: datetime | None = None
    looked = clock.now()
    while True:
        heartbeat.beat("engine")
        try:
            await asyncio.to_thread(wake_due)
            if clock.now() - looked > _LOOK_FOR_LOST_EVERY:
                looked = clock.now()
                await asyncio.to_thread(settle_lost)
            if cleaned is None or clock.now() - cleaned > _CLEAN_EVERY:
                cleaned = clock.now()
                await asyncio.to_thread(forget_old)
        except Exception as error:  # the database may be away for a moment: the next look finds the same
            log_failure("batches.housekeeping_failed", error, "housekeeping")
        await asyncio.sleep(_LOOK_SECONDS)
