"""Use cases of batches: ask for one, steer it, and what its workflow records. Every change asks what the state is."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.activity.schemas import JobKind
from app.activity.service import Reporter, note_request
from app.batches.models import Batch, BatchAction, BatchVisit
from app.batches.schemas import BatchState, NewBatch, RetryWhat, Scope, VisitState
from app.connection.failures import Failure
from app.forms import runs
from app.forms.models import FormRun, RunForm
from app.forms.schemas import PROVEN, PlanChoices, RunState, Verdict
from app.kit import clock
from app.kit.ids import new_id
from app.kit.problems import Conflict, Invalid, NotFound
from app.work.chains import chain_of
from app.work.service import find_visit, scheduled_visits
from app.work.week import monday

WORKFLOW = "form_run"
OVER = (BatchState.finished.value, BatchState.stopped.value, BatchState.failed.value)
TO_THE_ENGINE = (BatchState.queued.value, BatchState.running.value, BatchState.pausing.value, BatchState.stopping.value)
MOST_WAITS = 8
_LEFT = (VisitState.waiting.value, VisitState.running.value)


class NoVisits(Invalid):
    code = "no_visits"
    title = "There is no visit to prepare"


class NotNow(Conflict):
    code = "not_now"
    title = "This does not fit what the batch is doing"


def turn_of(batch: Batch) -> str:
    """The id of the workflow that works on the batch now."""
    return f"{batch.id}.{batch.turn}"


def reporter(batch: Batch) -> Reporter:
    return Reporter(batch.user_id, JobKind.batch, batch.id)


def tell_state(db: Db, batch: Batch, message: str) -> None:
    type_ = {BatchState.finished.value: "finished", BatchState.stopped.value: "finished"}.get(batch.state, "state")
    type_ = "failed" if batch.state == BatchState.failed.value else type_
    reporter(batch).tell_in(db, type_, message, state=batch.state)


# --- asking for a batch -----------------------------------------------------------------------------------------------


def start_single(db: Db, user: User, visit_id: int, digest: str, choices: PlanChoices, asked_by: str) -> FormRun:
    """A batch of the one visit whose plan a person has looked at. The caller commits, then enqueues its turn."""
    batch = _new_batch(user, f"Visit {visit_id}", asked_by, by_hand=True)
    run = runs.request_run(db, user, visit_id, digest, choices, asked_by, batch_id=batch.id)
    db.add(batch)
    note_request(db, batch.id)
    db.flush()
    _add_visit(db, batch, user, visit_id, 0, run.id, choices.model_dump(mode="json"))
    _note(db, batch, asked_by, "start")
    return run


def start(db: Db, user: User, new: NewBatch, asked_by: str) -> Batch:
    """A batch of several visits; each is planned when its turn comes, on what the portal shows then."""
    visits, name = _chosen(db, user, new)
    if not visits:
        raise NoVisits("No visit fits what was chosen.", "Choose other visits, or synchronise first.")
    if len(set(visits)) != len(visits):
        raise Invalid("A visit is named twice.", "Name each visit once.")
    batch = _new_batch(user, new.name or name, asked_by, by_hand=False)
    batch.prove_again = new.prove_again
    return _store(db, batch, user, dict.fromkeys(visits), asked_by)


def retry(db: Db, user: User, batch_id: str, what: RetryWhat, asked_by: str) -> Batch:
    """A new batch of the visits that are not done, or of all of them; planned anew, with the answers people gave."""
    old = find(db, user.id, batch_id)
    if old.state not in OVER:
        raise NotNow("The batch is not over yet.", "Wait for it, or stop it first.")
    visits = visits_of(db, [old.id])[old.id]
    chosen = {v.visit_id: v.choices for v in visits if what is RetryWhat.all or v.state != VisitState.done.value}
    if not chosen:
        raise NoVisits("Every visit of this batch is done.", "Choose “all” to look into them once more.")
    batch = _new_batch(user, old.name, asked_by, by_hand=old.by_hand)
    batch.retry_of, batch.prove_again = old.id, what is RetryWhat.all
    return _store(db, batch, user, chosen, asked_by)


def _store(db: Db, batch: Batch, user: User, visits: Mapping[int, dict[str, Any] | None], asked_by: str) -> Batch:
    db.add(batch)
    note_request(db, batch.id)
    db.flush()
    for position, (visit_id, choices) in enumerate(visits.items()):
        _add_visit(db, batch, user, visit_id, position, new_id(), choices)
    _note(db, batch, asked_by, "start", f"{len(visits)} visit{'s' if len(visits) > 1 else ''}")
    return batch


def _chosen(db: Db, user: User, new: NewBatch) -> tuple[list[int], str]:
    if new.visits and new.scope is None:
        return list(new.visits), f"{len(new.visits)} chosen visit{'s' if len(new.visits) > 1 else ''}"
    if new.scope is None or new.visits:
        raise Invalid("Say either which visits, or a scope.", "Name visits, or choose today or a week.")
    today = clock.today(user.time_zone)
    if new.scope is Scope.today:
        return scheduled_visits(db, user.id, today, today), f"Today, {today:%a %d %b}"
    start = monday(new.week_of or today)
    return scheduled_visits(db, user.id, start, start + timedelta(days=6)), f"Week of {start:%a %d %b}"


def _new_batch(user: User, name: str, asked_by: str, *, by_hand: bool) -> Batch:
    return Batch(
        id=new_id(),
        user_id=user.id,
        name=name,
        state=BatchState.queued.value,
        turn=1,
        by_hand=by_hand,
        prove_again=False,
        asked_by=asked_by,
        asked_at=clock.now(),
        waits=0,
    )


def _add_visit(
    db: Db, batch: Batch, user: User, visit_id: int, position: int, run_id: str, choices: dict[str, Any] | None
) -> None:
    order, visit = find_visit(db, user.id, visit_id)
    db.add(
        BatchVisit(
            id=new_id(),
            batch_id=batch.id,
            position=position,
            visit_id=visit.visit_id,
            work_id=order.work_id,
            store=order.store,
            chain=chain_of(order.customer, order.brand).name,
            city=order.city,
            choices=choices,
            date=visit.date,
            run_id=run_id,
            state=VisitState.waiting.value,
        )
    )


def _note(db: Db, batch: Batch, who: str, action: str, detail: str | None = None) -> None:
    db.add(BatchAction(batch_id=batch.id, at=clock.now(), who=who, action=action, detail=detail))


# --- steering ---------------------------------------------------------------------------------------------------------


def pause(db: Db, user_id: str, batch_id: str, who: str) -> Batch:
    """Nothing is written to the portal any more once the batch says ``paused``."""
    batch = _steered(db, user_id, batch_id)
    if batch.state in (BatchState.queued.value, BatchState.waiting.value):
        batch.state, batch.turn, batch.wake_at, batch.wake_why = BatchState.paused.value, batch.turn + 1, None, None
        _park(db, batch)
        tell_state(db, batch, "Paused")
    elif batch.state == BatchState.running.value:
        batch.state = BatchState.pausing.value
        _wish(db, batch, RunState.pausing, only=(RunState.running.value,))
        tell_state(db, batch, "Pausing before the next write")
    else:
        raise NotNow(f"The batch is {batch.state}.", "Nothing to do.")
    _note(db, batch, who, "pause")
    return batch


def resume(db: Db, user_id: str, batch_id: str, who: str) -> Batch:
    """Goes on where it paused. The caller commits, then enqueues its turn."""
    batch = _steered(db, user_id, batch_id)
    if batch.state == BatchState.pausing.value:
        batch.state = BatchState.running.value
        _wish(db, batch, RunState.running, only=(RunState.pausing.value,))
    elif batch.state in (BatchState.paused.value, BatchState.waiting.value):
        batch.state, batch.turn, batch.wake_at, batch.wake_why = BatchState.queued.value, batch.turn + 1, None, None
    else:
        raise NotNow(f"The batch is {batch.state}.", "Only a paused batch can go on.")
    note_request(db, batch.id)
    tell_state(db, batch, "Going on")
    _note(db, batch, who, "resume")
    return batch


def skip(db: Db, user_id: str, batch_id: str, visit_id: int | None, who: str) -> Batch:
    """Leaves out a visit: the one under way, or one that waits."""
    batch = _steered(db, user_id, batch_id)
    visits = [v for v in visits_of(db, [batch.id])[batch.id] if v.state in _LEFT]
    named = (v for v in visits if (v.state == VisitState.running.value if visit_id is None else v.visit_id == visit_id))
    chosen = next(named, None) or next((v for v in visits if visit_id is None), None)
    if chosen is None:
        raise NotNow("That visit is not waiting and not under way.", "Choose another visit.")
    run = db.get(FormRun, chosen.run_id)
    if run is not None and run.state not in (RunState.queued.value, RunState.paused.value):
        runs.wish(db, run, RunState.skipping)
    else:
        chosen.state, chosen.reason = VisitState.skipped.value, f"Skipped by {who}."
        if run is not None:
            run.state = RunState.skipping.value
            runs.settle_run(db, run.id, None)
    tell_state(db, batch, f"Skipping visit {chosen.visit_id}")
    _note(db, batch, who, "skip", f"visit {chosen.visit_id}")
    return batch


def stop(db: Db, user_id: str, batch_id: str, who: str) -> Batch:
    """Ends the batch before its next write; what was saved stays and is told."""
    batch = _steered(db, user_id, batch_id)
    _note(db, batch, who, "stop")
    if batch.state in (BatchState.running.value, BatchState.pausing.value):
        batch.state = BatchState.stopping.value
        _wish(db, batch, RunState.stopping, only=runs.ACTIVE)
        tell_state(db, batch, "Stopping before the next write")
    elif batch.state != BatchState.stopping.value:
        end(db, batch, BatchState.stopped, None)
    return batch


def _steered(db: Db, user_id: str, batch_id: str) -> Batch:
    batch = db.get(Batch, batch_id, with_for_update=True)
    if batch is None or batch.user_id != user_id:
        raise NotFound("There is no such batch among yours.", "Look at the list of batches.")
    if batch.state in OVER:
        raise NotNow(f"The batch is over ({batch.state}).", "Retry it to start anew.")
    return batch


def _wish(db: Db, batch: Batch, state: RunState, *, only: Iterable[str]) -> None:
    query = select(FormRun).where(FormRun.batch_id == batch.id, FormRun.state.in_(only))
    for run in db.scalars(query):
        if run.state != RunState.queued.value:
            runs.wish(db, run, state)


def _park(db: Db, batch: Batch) -> None:
    for run in db.scalars(select(FormRun).where(FormRun.batch_id == batch.id, FormRun.state.in_(runs.ACTIVE))):
        if run.state != RunState.queued.value:
            runs.park_run(db, run)


# --- what the workflow records ----------------------------------------------------------------------------------------


def begin_turn(db: Db, turn: str) -> Batch | None:
    """The batch, when this turn of it is the one that counts."""
    batch_id, _, number = turn.rpartition(".")
    batch = db.get(Batch, batch_id, with_for_update=True)
    if batch is None or str(batch.turn) != number or batch.state not in TO_THE_ENGINE:
        return None
    if batch.state == BatchState.queued.value:
        batch.state, batch.started_at = BatchState.running.value, batch.started_at or clock.now()
        tell_state(db, batch, "Started")
    return batch


def wait(db: Db, batch: Batch, until: datetime, why: str) -> None:
    """Nobody works on the batch before ``until``; then it goes on by itself."""
    _park(db, batch)
    if batch.state == BatchState.running.value:
        batch.state, batch.wake_at, batch.wake_why = BatchState.waiting.value, until, why
        tell_state(db, batch, why)


def parked(db: Db, batch: Batch) -> None:
    """The wish to pause came true."""
    _park(db, batch)
    batch.state = BatchState.paused.value
    tell_state(db, batch, "Paused; nothing is written any more")


def end(db: Db, batch: Batch, state: BatchState, failure: Failure | None) -> None:
    """Brings a batch to its end, with an end for every visit; an end is never changed again."""
    if batch.state in OVER:
        return
    ending = {BatchState.stopped: VisitState.stopped, BatchState.failed: VisitState.failed}.get(
        state, VisitState.failed
    )
    reason = failure.detail if failure is not None else "The batch was stopped before this visit was finished."
    for visit in visits_of(db, [batch.id])[batch.id]:
        if visit.state not in _LEFT:
            continue
        run = db.get(FormRun, visit.run_id)
        if run is not None and run.state in runs.ACTIVE:
            run.state = RunState.stopping.value
            runs.settle_run(db, run.id, failure)
        visit.state, visit.reason = ending.value, reason
        visit.what_to_do = failure.action if failure is not None else None
    batch.state, batch.finished_at, batch.wake_at, batch.wake_why = state.value, clock.now(), None, None
    if failure is not None:
        batch.error_kind, batch.error_code = failure.kind.value, failure.code
        batch.error_detail, batch.error_action = failure.detail, failure.action
    visits = visits_of(db, [batch.id])[batch.id]
    done = sum(visit.state == VisitState.done.value for visit in visits)
    tell_state(db, batch, f"{done} of {len(visits)} visits done")


def settle_visit(db: Db, visit: BatchVisit, run_state: str) -> None:
    """What came of a visit, from what came of its run."""
    if visit.state not in _LEFT:
        return
    run = db.get_one(FormRun, visit.run_id)
    forms = runs.forms_of(db, visit.run_id)
    proven = all(form.verdict in PROVEN for form in forms)
    if proven and run_state != RunState.failed.value:
        visit.state, visit.reason = VisitState.done.value, None
    elif run_state == RunState.skipped.value:
        visit.state, visit.reason = VisitState.skipped.value, "Skipped by a person."
    elif run_state == RunState.stopped.value:
        visit.state, visit.reason = VisitState.stopped.value, "Stopped by a person."
    elif run_state == RunState.failed.value:
        visit.state, visit.reason, visit.what_to_do = VisitState.failed.value, run.error_detail, run.error_action
    else:
        asking = [form for form in forms if form.verdict not in PROVEN]
        visit.state, visit.reason = VisitState.needs_person.value, f"{asking[0].dispenser}: {asking[0].reason}"
        visit.what_to_do = asking[0].what_to_do


# --- reading ----------------------------------------------------------------------------------------------------------


def find(db: Db, user_id: str, batch_id: str) -> Batch:
    batch = db.get(Batch, batch_id)
    if batch is None or batch.user_id != user_id:
        raise NotFound("There is no such batch among yours.", "Look at the list of batches.")
    return batch


def visits_of(db: Db, batch_ids: Sequence[str]) -> dict[str, list[BatchVisit]]:
    """The visits of several batches, in order, in one query."""
    found: dict[str, list[BatchVisit]] = {batch_id: [] for batch_id in batch_ids}
    query = select(BatchVisit).where(BatchVisit.batch_id.in_(batch_ids)).order_by(BatchVisit.position)
    for visit in db.scalars(query):
        found[visit.batch_id].append(visit)
    return found


def for_the_engine(db: Db) -> list[Batch]:
    return list(db.scalars(select(Batch).where(Batch.state.in_(TO_THE_ENGINE))))


def wake(db: Db, now: datetime) -> list[Batch]:
    """Ends the waiting of the batches that waited long enough. The caller commits, then enqueues their turns."""
    waiting = select(Batch).where(Batch.state == BatchState.waiting.value, Batch.wake_at <= now).with_for_update()
    batches = list(db.scalars(waiting))
    for batch in batches:
        batch.state, batch.turn, batch.wake_at, batch.wake_why = BatchState.queued.value, batch.turn + 1, None, None
        tell_state(db, batch, "Going on by itself")
    return batches


def any_waiting(db: Db, now: datetime) -> bool:
    return db.scalar(select(Batch.id).where(Batch.state == BatchState.waiting.value, Batch.wake_at <= now)) is not None


def measured_seconds(db: Db, user_id: str) -> list[float]:
    """How long the user's newest proven forms took, newest first, at most 40."""
    query = (
        select(RunForm.seconds)
        .join(FormRun, FormRun.id == RunForm.run_id)
        .where(FormRun.user_id == user_id, RunForm.verdict == Verdict.verified.value, RunForm.seconds.is_not(None))
        .order_by(FormRun.id.desc(), RunForm.position.desc())
        .limit(40)
    )
    return [float(seconds) for seconds in db.scalars(query) if seconds is not None]


def count_active(db: Db, user_id: str) -> int:
    return db.scalar(select(func.count()).where(Batch.user_id == user_id, Batch.state.not_in(OVER))) or 0
