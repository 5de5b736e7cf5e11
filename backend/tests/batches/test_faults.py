"""A batch in a real browser, through passing trouble, a changed portal, a portal that is down, and quiet hours."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from app.activity.queue import enqueue
from app.activity.service import follow_job
from app.batches import service
from app.batches.models import Batch, BatchVisit
from app.batches.schemas import BatchState, NewBatch, VisitState
from app.batches.workflows import wake_due
from app.config import get_settings
from app.connection.breaker import FAILURES, breakers
from app.connection.models import Politeness
from app.forms.models import FormRun, FormSettings, RunForm
from app.forms.schemas import RunState, Verdict
from app.kit import clock
from backend.tests.stack import Stack
from sandbox.gate import Moment
from sandbox.model import Fault

SIZE = 2
_WATCHDOG_SECONDS = 5


@pytest.fixture(autouse=True)
def _quick(stack: Stack) -> Iterator[None]:
    """No readings, short deadlines, and a portal that nobody remembers as broken."""
    get_settings().portal_seconds = 2
    get_settings().watchdog_seconds = _WATCHDOG_SECONDS
    breakers.forget()
    with stack.database.write() as db:
        db.add(FormSettings(user_id=stack.user_id, readings=False, pictures=False))
    yield
    stack.portal.observe(None)
    breakers.forget()


@pytest.fixture
def visit(stack: Stack) -> int:
    return stack.bring_home("2861", dispensers=SIZE)


def start(stack: Stack, *visits: int) -> str:
    """Asks for a batch, as the screen does; answers its id."""
    with stack.database.write() as db:
        batch = service.start(db, stack.user(), NewBatch(visits=list(visits)), "test")
        turn = service.turn_of(batch)
    enqueue(service.WORKFLOW, turn, stack.user_id)
    return batch.id


def until(batch_id: str, state: BatchState) -> None:
    """Follows the batch until it tells this state."""
    for event in follow_job(batch_id):
        told = event.data.get("state")
        assert told not in service.OVER or told == state.value, event.message
        if told == state.value and event.type in ("state", "finished", "failed"):
            return
    raise AssertionError(f"the batch ended without being {state.value}")


def batch_of(stack: Stack, batch_id: str) -> tuple[Batch, list[BatchVisit]]:
    with stack.database.read() as db:
        return db.get_one(Batch, batch_id), service.visits_of(db, [batch_id])[batch_id]


def verdicts(stack: Stack, visit: BatchVisit) -> list[tuple[str | None, str | None]]:
    with stack.database.read() as db:
        rows = db.query(RunForm).filter_by(run_id=visit.run_id).order_by(RunForm.position)
        return [(row.verdict, row.reason if row.verdict != Verdict.verified else None) for row in rows]


def assert_prepared(stack: Stack, batch_id: str) -> None:
    """Every form of every visit is verified, and each dispenser has exactly its one."""
    batch, visits = batch_of(stack, batch_id)
    assert batch.state == BatchState.finished, batch.error_detail
    for visit in visits:
        found = verdicts(stack, visit)
        assert found == [(Verdict.verified, None)] * len(found)
        assert visit.state == VisitState.done
        with stack.database.read() as db:
            wanted = [row.dispenser for row in db.query(RunForm).filter_by(run_id=visit.run_id)]
        assert sorted(str(form["equipment"]) for form in stack.portal_forms(visit.visit_id)) == sorted(wanted)


Wanted = tuple[str, dict[str, Any]]
TROUBLE: dict[str, list[Wanted]] = {
    "errors": [
        ("http_500", {"kind": "visit"}),
        ("http_500", {"kind": "section", "after": 1}),
        ("http_429", {"kind": "save", "after": 2, "retry_after": 1}),
        ("http_500", {"kind": "save", "after": 6}),
        ("create_fails", {}),
        ("save_fails", {"after": 3}),
    ],
    "lost-answers": [
        ("create_answer_lost", {}),
        ("save_answer_lost", {"section": "first"}),
        ("save_answer_lost", {"section": "536", "after": 1, "mode": "502"}),
        ("dropped_clicks", {"page": "visit", "count": 1}),
        ("dropped_clicks", {"page": "form", "count": 2, "after": 3}),
        ("modal", {"page": "form"}),
    ],
    "silence": [
        ("hang", {"kind": "visit"}),
        ("options_never", {"select": "equipment"}),
        ("slow", {"kind": "save", "ms": 700}),
        ("hang", {"kind": "save", "after": 6}),
    ],
    "sessions": [
        ("login_page", {"page": "visit"}),
        ("session_expired", {"kind": "section", "after": 1}),
        ("session_expired", {"kind": "create_form", "after": 1}),
    ],
    "stuck-browser": [("stuck_page", {"page": "form", "after": 2})],
}


@pytest.mark.parametrize("trouble", TROUBLE)
def test_passing_trouble_ends_with_every_form_verified(stack: Stack, visit: int, trouble: str) -> None:
    armed = [stack.portal.control.fault(fault, 1, match) for fault, match in TROUBLE[trouble]]
    batch_id = start(stack, visit)
    stack.follow(batch_id)
    assert [fault.fault for fault in armed if fault.hits == 0] == [], "a fault never struck"
    assert_prepared(stack, batch_id)
    assert stack.created() == SIZE


def test_a_changed_portal_stops_the_whole_batch_before_the_next_write(stack: Stack, visit: int) -> None:
    other = stack.bring_home("2861", dispensers=4)
    fault = stack.portal.control.fault("rename", None, {"what": "iteration_ids", "section": "536", "after": 1})
    late: list[str] = []

    def watch(moment: Moment) -> bool:
        if fault.hits and moment.facts.kind in ("save", "create_form"):
            late.append(moment.facts.path)
        return False

    stack.portal.observe(watch)
    batch_id = start(stack, visit, other)
    last = stack.follow(batch_id)[-1]
    assert fault.hits
    assert late == [], "something was written after the page had changed"
    batch, visits = batch_of(stack, batch_id)
    assert (last.type, batch.state, batch.error_kind) == ("failed", BatchState.failed, "portal_changed")
    assert "Not as expected on it" in str(batch.error_detail), batch.error_detail
    assert "iteration" in str(batch.error_detail)
    assert [v.state for v in visits] == [VisitState.failed, VisitState.failed]
    assert stack.portal_forms(other) == []
    assert {write["visit_id"] for write in stack.portal.control.writes()} == {visit}
    with stack.database.read() as db:
        assert db.get(FormRun, visits[1].run_id) is None, "the second visit was begun"
    assert {verdict for verdict, _ in verdicts(stack, visits[0])} <= {Verdict.verified, Verdict.not_done}


def test_a_portal_that_is_down_is_waited_for(stack: Stack, visit: int) -> None:
    fault = stack.portal.control.fault("http_500", None, {"kind": "visit"})
    batch_id = start(stack, visit)
    until(batch_id, BatchState.waiting)
    batch, visits = batch_of(stack, batch_id)
    assert batch.wake_at is not None
    assert timedelta(0) < batch.wake_at - clock.now() <= timedelta(seconds=60)
    assert "did not answer" in str(batch.wake_why)
    assert (fault.hits, visits[0].state) == (FAILURES, VisitState.running)
    assert wake_due() == 0, "it must not go on before its time"
    stack.portal.control.clear_faults()
    with clock.VirtualClock(batch.wake_at + timedelta(seconds=1)):
        wake_due()
        until(batch_id, BatchState.finished)
    assert_prepared(stack, batch_id)
    assert stack.created() == SIZE


@pytest.mark.parametrize("kind", ["visit", "create_form", "section", "save"])
def test_a_portal_that_asks_for_a_long_pause_gets_it(stack: Stack, visit: int, kind: str) -> None:
    fault = stack.portal.control.fault("http_429", 1, {"kind": kind, "retry_after": 90})
    batch_id = start(stack, visit)
    until(batch_id, BatchState.waiting)
    batch, visits = batch_of(stack, batch_id)
    assert batch.wake_at is not None
    assert timedelta(seconds=60) < batch.wake_at - clock.now() <= timedelta(seconds=90)
    with stack.database.read() as db:
        run = db.get(FormRun, visits[0].run_id)
        assert run is None or run.state == RunState.paused
    with clock.VirtualClock(batch.wake_at + timedelta(seconds=1)):
        wake_due()
        until(batch_id, BatchState.finished)
    assert fault.hits == 1
    assert_prepared(stack, batch_id)
    assert stack.created() == SIZE


def test_an_expired_session_is_opened_once_more_and_the_same_form_goes_on(stack: Stack, visit: int) -> None:
    fault = stack.portal.control.fault("session_expired", 1, {"kind": "save", "after": 6})
    batch_id = start(stack, visit)
    stack.follow(batch_id)
    assert fault.hits == 1
    assert_prepared(stack, batch_id)
    assert stack.portal.control.counts()["sign_ins"] == {"accepted": 2, "rejected": 0}
    visits = batch_of(stack, batch_id)[1]
    with stack.database.read() as db:
        assert [row.tries for row in db.query(RunForm).filter_by(run_id=visits[0].run_id)] == [0] * SIZE
    started = [event for event in stack.follow(visits[0].run_id) if event.message.endswith(": started")]
    assert len(started) == SIZE
    assert stack.created() == SIZE


def test_quiet_hours_hold_a_batch_but_not_what_a_person_starts_by_hand(stack: Stack, visit: int) -> None:
    now = clock.local_now(stack.user().time_zone)
    begin, end = now - timedelta(hours=1), now + timedelta(hours=1)
    quiet = Politeness(
        user_id=stack.user_id, loads_per_minute=600, quiet_from=f"{begin:%H:%M}", quiet_until=f"{end:%H:%M}"
    )
    with stack.database.write() as db:
        db.add(quiet)
    batch_id = start(stack, visit)
    until(batch_id, BatchState.waiting)
    batch, visits = batch_of(stack, batch_id)
    assert "Quiet hours" in str(batch.wake_why)
    assert batch.wake_at == end.replace(second=0, microsecond=0)
    assert [v.state for v in visits] == [VisitState.waiting]
    assert stack.portal.control.counts()["writes"] == 0
    other = stack.bring_home("2861", dispensers=4)
    run = stack.run(stack.plan(other))
    assert {form.verdict for form in run.forms} == {Verdict.verified}
    assert batch_of(stack, batch_id)[0].state == BatchState.waiting
    assert stack.portal_forms(visit) == []
    with clock.VirtualClock(batch.wake_at + timedelta(seconds=1)):
        wake_due()
        until(batch_id, BatchState.finished)
    assert_prepared(stack, batch_id)


def test_a_fault_that_never_struck_would_be_told(stack: Stack) -> None:
    """The check of the troubles above is not empty."""
    fault: Fault = stack.portal.control.fault("http_500", 1, {"kind": "visit", "after": 1000})
    assert fault.hits == 0


def test_an_add_that_was_never_answered_is_looked_for_later_and_made_only_then(stack: Stack, visit: int) -> None:
    stack.portal.control.fault("hang", 1, {"kind": "create_form"})
    batch_id = start(stack, visit)
    until(batch_id, BatchState.waiting)
    batch, _ = batch_of(stack, batch_id)
    assert batch.wake_at is not None and batch.wake_at - clock.now() > timedelta(seconds=45)
    assert stack.created() == 0
    with clock.VirtualClock(batch.wake_at + timedelta(seconds=1)):
        wake_due()
        until(batch_id, BatchState.finished)
    assert_prepared(stack, batch_id)
    assert stack.created() == SIZE
