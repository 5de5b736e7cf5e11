"""What works through a batch: the order of the steps, apart from the engine that makes them durable.

The engine runs :func:`work_batch` with steps that it records; after a crash it runs it again from the top, and only the
step that was under way is really repeated. The simulation in the tests does the same with its own recorder.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.batches import service
from app.batches.models import Batch, BatchVisit
from app.batches.schemas import BatchState, VisitState
from app.connection.failures import Failure, failure_of, log_failure
from app.connection.politeness import quiet_end
from app.connection.service import note_refusal
from app.database import get_database
from app.forms import runs
from app.forms import service as forms
from app.forms.models import FormRun
from app.forms.run import PortalDown, Runner
from app.forms.schemas import PlanChoices, RunState
from app.kit import clock
from app.kit.problems import FailureKind, NotFound
from app.work.service import find_visit

Answer = dict[str, Any]
_DOWN = Failure(
    FailureKind.transient,
    "portal_down",
    "The portal did not answer, and waiting for it brought nothing.",
    "Try again when the portal works: what was done is kept, and nothing is done twice.",
)


class Steps(Protocol):
    """The durable steps. Arguments and answers are plain data."""

    async def next_visit(self, turn: str) -> Answer: ...

    async def plan_visit(self, turn: str, position: int) -> Answer: ...

    async def begin_visit(self, turn: str, run_id: str) -> Answer: ...

    async def prepare_form(self, run_id: str, position: int) -> Answer: ...

    async def confirm_visit(self, run_id: str) -> Answer: ...

    async def settle_visit(self, turn: str, run_id: str, trouble: Answer) -> Answer: ...

    async def close(self, run_id: str) -> None:
        """Closes the visit's browser; not recorded."""


async def work_batch(steps: Steps, turn: str) -> str:
    """Works until the batch is over or parked; answers its state then."""
    while True:
        step = await steps.next_visit(turn)
        if "end" in step:
            return str(step["end"])
        try:
            await _work_visit(steps, turn, step)
        finally:
            await steps.close(step["run_id"])


async def _work_visit(steps: Steps, turn: str, step: Answer) -> None:
    run_id = str(step["run_id"])
    if not step["planned"]:
        planned = await steps.plan_visit(turn, int(step["position"]))
        if not planned.get("run"):
            return
    begun = await steps.begin_visit(turn, run_id)
    trouble: Answer = {} if "positions" in begun else begun
    for position in begun.get("positions", ()):
        trouble = await steps.prepare_form(run_id, position)
        if trouble:
            break
    if not trouble:
        trouble = await steps.confirm_visit(run_id)
    await steps.settle_visit(turn, run_id, trouble)


@dataclass(slots=True)
class BatchSteps:
    """The steps themselves. Each is one transaction, or a run's step with its own."""

    runner: Runner

    async def next_visit(self, turn: str) -> Answer:
        """Which visit is to be worked on now; or ``end`` with the state in which nobody works on the batch."""
        return await asyncio.to_thread(_next_visit, turn)

    async def plan_visit(self, turn: str, position: int) -> Answer:
        """Reads the visit and plans it on what the portal shows now. ``run`` when there is something to prepare."""
        try:
            loaded = await asyncio.to_thread(_load_visit, turn, position)
        except NotFound as gone:
            return await asyncio.to_thread(_visit_failed, turn, position, failure_of(gone))
        if loaded is None:
            return {}
        batch, visit, url = loaded
        report = service.reporter(batch)
        await report.atell("phase", f"Reading visit {visit.visit_id}", phase="reading_visit", visit_id=visit.visit_id)
        try:
            page = await self.runner.look(visit.run_id, batch.user_id, url, report)
        except PortalDown as down:
            return await asyncio.to_thread(_wait, turn, down.until)
        except Exception as error:
            failure = log_failure("batches.visit_failed", error, batch.id, visit_id=visit.visit_id)
            return await asyncio.to_thread(_visit_failed, turn, position, failure)

        def store() -> Answer:
            with get_database().write() as db:
                forms.store_snapshot(db, batch.user_id, visit.visit_id, page)
                return _plan(db, turn, position)

        return await asyncio.to_thread(store)

    async def begin_visit(self, turn: str, run_id: str) -> Answer:
        def work() -> Answer:
            with get_database().write() as db:
                positions = runs.begin_run(db, run_id)
                return {"interrupted": True} if positions is None else {"positions": positions}

        return await asyncio.to_thread(work)

    async def prepare_form(self, run_id: str, position: int) -> Answer:
        return await self.runner.prepare_form(run_id, position)

    async def confirm_visit(self, run_id: str) -> Answer:
        return await self.runner.confirm_visit(run_id)

    async def settle_visit(self, turn: str, run_id: str, trouble: Answer) -> Answer:
        """What came of the visit. Trouble of the whole portal ends or delays the whole batch."""

        def work() -> Answer:
            with get_database().write() as db:
                return _settle(db, turn, run_id, trouble)

        return await asyncio.to_thread(work)

    async def close(self, run_id: str) -> None:
        await self.runner.portals.close(run_id)


def _next_visit(turn: str) -> Answer:
    with get_database().write() as db:
        batch = service.begin_turn(db, turn)
        if batch is None:
            return {"end": "over"}
        if batch.state == BatchState.pausing.value:
            service.parked(db, batch)
        elif batch.state == BatchState.stopping.value:
            service.end(db, batch, BatchState.stopped, None)
        if batch.state != BatchState.running.value:
            return {"end": batch.state}
        visits = service.visits_of(db, [batch.id])[batch.id]
        visit = next((v for v in visits if v.state == VisitState.running.value), None)
        if visit is not None:
            run = db.get(FormRun, visit.run_id)
            if run is not None and run.state not in (
                RunState.queued.value,
                RunState.running.value,
                RunState.paused.value,
            ):
                service.settle_visit(db, visit, runs.settle_run(db, run.id, None))
                visit = None
        if visit is None:
            visit = next((v for v in visits if v.state == VisitState.waiting.value), None)
            if visit is None:
                service.end(db, batch, BatchState.finished, None)
                return {"end": batch.state}
            quiet = None if batch.by_hand else quiet_end(db, db.get_one(User, batch.user_id), clock.now())
            if quiet is not None:
                service.wait(db, batch, quiet, "Quiet hours: it goes on when they are over.")
                return {"end": batch.state}
            visit.state = VisitState.running.value
            _tell_visit(db, batch, visit, "under way")
        return {
            "position": visit.position,
            "run_id": visit.run_id,
            "planned": db.get(FormRun, visit.run_id) is not None,
        }


def _load_visit(turn: str, position: int) -> tuple[Batch, BatchVisit, str] | None:
    with get_database().write() as db:
        batch = service.begin_turn(db, turn)
        if batch is None or batch.state != BatchState.running.value:
            return None
        visit = service.visits_of(db, [batch.id])[batch.id][position]
        if visit.state != VisitState.running.value:
            return None
        return batch, visit, find_visit(db, batch.user_id, visit.visit_id)[1].url


def _plan(db: Db, turn: str, position: int) -> Answer:
    batch = service.begin_turn(db, turn)
    if batch is None or batch.state != BatchState.running.value:
        return {}
    batch.waits = 0
    visit = service.visits_of(db, [batch.id])[batch.id][position]
    if visit.state != VisitState.running.value:
        return {}
    if db.get(FormRun, visit.run_id) is not None:
        return {"run": True}
    user = db.get_one(User, batch.user_id)
    choices = PlanChoices.model_validate(visit.choices) if visit.choices is not None else None
    view, plan = forms.read_plan(db, user, visit.visit_id, choices, prove_again=batch.prove_again)
    if plan.questions or not (plan.can_run or plan.forms):
        asks = [question.message for question in plan.questions] or [notice.message for notice in plan.warnings]
        visit.state, visit.reason = VisitState.needs_person.value, " ".join(asks)
        visit.what_to_do = "Open the visit, look at its plan, and decide there."
        _tell_visit(db, batch, visit, "needs you")
        return {}
    if not plan.can_run and view.already_done == len(plan.forms):
        visit.state = VisitState.done.value
        visit.reason = f"All {len(plan.forms)} forms are done already."
        _tell_visit(db, batch, visit, "done already")
        return {}
    try:
        runs.store_run(db, user, visit.visit_id, plan, batch.asked_by, run_id=visit.run_id, batch_id=batch.id)
    except runs.RunActive as error:
        visit.state, visit.reason, visit.what_to_do = VisitState.failed.value, error.detail, error.action
        _tell_visit(db, batch, visit, "taken")
        return {}
    _tell_visit(db, batch, visit, f"{view.to_write} forms to prepare")
    return {"run": True}


def _settle(db: Db, turn: str, run_id: str, trouble: Answer) -> Answer:
    batch = service.begin_turn(db, turn)
    if batch is None:
        return {}
    visit = next(v for v in service.visits_of(db, [batch.id])[batch.id] if v.run_id == run_id)
    if "wait_until" in trouble:
        return _wait_in(db, batch, datetime.fromisoformat(trouble["wait_until"]))
    batch.waits = 0
    if "interrupted" in trouble:
        return {}  # next_visit sees what the person wants
    failure = Failure.from_dict(trouble["failure"]) if "failure" in trouble else None
    service.settle_visit(db, visit, runs.settle_run(db, run_id, failure))
    _tell_visit(db, batch, visit, visit.state)
    if failure is not None and failure.stops_everything:
        service.end(db, batch, BatchState.failed, failure)
    return {}


def _wait(turn: str, until: datetime) -> Answer:
    with get_database().write() as db:
        batch = service.begin_turn(db, turn)
        return _wait_in(db, batch, until) if batch is not None else {}


def _wait_in(db: Db, batch: Batch, until: datetime) -> Answer:
    batch.waits += 1
    if batch.waits > service.MOST_WAITS:
        service.end(db, batch, BatchState.failed, _DOWN)
    else:
        service.wait(db, batch, until, "The portal did not answer; it goes on by itself.")
    return {}


def _visit_failed(turn: str, position: int, failure: Failure) -> Answer:
    with get_database().write() as db:
        batch = service.begin_turn(db, turn)
        if batch is None:
            return {}
        visit = service.visits_of(db, [batch.id])[batch.id][position]
        if visit.state == VisitState.running.value:
            visit.state, visit.reason, visit.what_to_do = VisitState.failed.value, failure.detail, failure.action
            _tell_visit(db, batch, visit, "failed")
        note_refusal(db, batch.user_id, failure)
        if failure.stops_everything:
            service.end(db, batch, BatchState.failed, failure)
        return {}


def _tell_visit(db: Db, batch: Batch, visit: BatchVisit, words: str) -> None:
    data = {"visit_id": visit.visit_id, "position": visit.position, "state": visit.state, "run_id": visit.run_id}
    service.reporter(batch).tell_in(db, "visit", f"Visit {visit.visit_id}: {words}", **data)
