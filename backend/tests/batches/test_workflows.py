"""Steering a batch that really works in a browser, and several accounts at once."""

from collections.abc import Callable

import pytest

from app.activity.queue import enqueue
from app.activity.schemas import Event
from app.activity.service import follow_job
from app.batches import service
from app.batches.models import Batch
from app.batches.schemas import BatchState, NewBatch, RetryWhat, VisitState
from app.config import get_settings
from app.forms.models import FormRun, FormSettings
from app.forms.schemas import Verdict
from backend.tests.stack import Stack, linked


@pytest.fixture(autouse=True)
def _without_readings(stack: Stack) -> None:
    _settings(stack)


def _settings(stack: Stack) -> None:
    with stack.database.write() as db:
        db.add(FormSettings(user_id=stack.user_id, readings=False, pictures=False))


@pytest.fixture
def visits(stack: Stack) -> list[int]:
    return [stack.bring_home("2861", dispensers=4), stack.bring_home("2862")]


def _start(stack: Stack, visits: list[int]) -> str:
    with stack.database.write() as db:
        batch = service.start(db, stack.user(), NewBatch(visits=visits), "test")
        turn = service.turn_of(batch)
    enqueue(service.WORKFLOW, turn, stack.user_id)
    return batch.id


def _steer(stack: Stack, change: Callable[..., Batch], batch_id: str, *more: object) -> None:
    with stack.database.write() as db:
        batch = change(db, stack.user_id, batch_id, *more, "test")
        turn, queued = service.turn_of(batch), batch.state == BatchState.queued.value
    if queued:
        enqueue(service.WORKFLOW, turn, stack.user_id)


def _first_run(stack: Stack, batch_id: str) -> str:
    with stack.database.read() as db:
        return service.visits_of(db, [batch_id])[batch_id][0].run_id


def _until(job_id: str, wanted: Callable[[Event], bool], after: int = 0) -> int:
    """Follows a job up to an event; answers its id."""
    return next(event.id for event in follow_job(job_id, after) if wanted(event))


def _ends(stack: Stack, batch_id: str, after: int = 0) -> list[str]:
    _until(batch_id, lambda event: event.type in ("finished", "failed"), after)
    with stack.database.read() as db:
        return [visit.state for visit in service.visits_of(db, [batch_id])[batch_id]]


def _written(stack: Stack) -> int:
    return int(stack.portal.control.counts()["writes"])


def _a_grade_is_written(event: Event) -> bool:
    return event.type == "step" and str(event.data.get("key")).startswith("grade:")


def test_paused_means_that_nothing_is_written_until_it_goes_on(stack: Stack, visits: list[int]) -> None:
    batch = _start(stack, visits)
    _until(_first_run(stack, batch), _a_grade_is_written)
    _steer(stack, service.pause, batch)
    paused = _until(batch, lambda event: event.data.get("state") == BatchState.paused.value)
    written = _written(stack)
    with stack.database.read() as db:
        assert db.query(FormRun).one().state == "paused"
    other = stack.plan(visits[1])  # the account is free for other work meanwhile
    assert other.can_run and _written(stack) == written
    _steer(stack, service.resume, batch)
    assert _ends(stack, batch, paused) == [VisitState.done.value] * 2
    assert stack.created() == 4 + len(other.forms)


def test_the_visit_under_way_is_skipped_and_the_next_one_done(stack: Stack, visits: list[int]) -> None:
    batch = _start(stack, visits)
    _until(_first_run(stack, batch), _a_grade_is_written)
    _steer(stack, service.skip, batch, None)
    assert _ends(stack, batch) == [VisitState.skipped.value, VisitState.done.value]
    with stack.database.write() as db:
        again = service.retry(db, stack.user(), batch, RetryWhat.failed, "test")
        turn = service.turn_of(again)
    enqueue(service.WORKFLOW, turn, stack.user_id)
    assert _ends(stack, again.id) == [VisitState.done.value]
    assert len(stack.portal_forms(visits[0])) == 4


def test_a_stop_ends_everything_and_says_what_was_not_done(stack: Stack, visits: list[int]) -> None:
    batch = _start(stack, visits)
    run_id = _first_run(stack, batch)
    _until(run_id, _a_grade_is_written)
    _steer(stack, service.stop, batch)
    assert _ends(stack, batch) == [VisitState.stopped.value] * 2
    run = stack.run_view(run_id)
    assert run.state == "stopped"
    assert Verdict.not_done in {form.verdict for form in run.forms}
    assert stack.portal_forms(visits[1]) == []


@pytest.fixture
def colleague(stack: Stack) -> Stack:
    get_settings().browsers_at_once = 2
    other = linked(stack.database, stack.portal, "two@example.com", "tech2@sandbox.invalid", "sandbox-2")
    _settings(other)
    return other


def test_two_accounts_work_at_the_same_time_and_each_of_them_on_one_thing(stack: Stack, colleague: Stack) -> None:
    stack.portal.control.latency(save={"min_ms": 100, "max_ms": 100})
    mine = [stack.bring_home("2861", dispensers=4), stack.bring_home("2862")]
    theirs = [colleague.bring_home("2861")]
    batches = [_start(stack, [visit]) for visit in mine] + [_start(colleague, theirs)]
    for batch in batches:
        assert _ends(stack, batch) == [VisitState.done.value]
    with stack.database.read() as db:
        times = {
            run.batch_id: (run.started_at, run.finished_at) for run in db.query(FormRun) if run.started_at is not None
        }
    first, second, other = (times[batch] for batch in batches)
    assert first[1] is not None and second[0] is not None and first[1] <= second[0]
    assert other[0] is not None and other[0] < first[1], "the colleague had to wait for an account that is not theirs"
    assert set(stack.portal.control.requests()["peak_sessions"].values()) == {1}
