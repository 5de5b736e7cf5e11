"""Steering a batch: every command in every state, and what may not happen."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.accounts.models import User
from app.batches import history, service
from app.batches.eta import eta_seconds
from app.batches.models import Batch
from app.batches.retention import forget_old, months_before
from app.batches.schemas import BatchState, NewBatch, RetryWhat, Scope, VisitState
from app.batches.views import batch_views
from app.database import Database
from app.forms import runs
from app.forms.evidence import shot_path
from app.forms.models import FormRun
from app.forms.schemas import RunState
from app.kit.clock import VirtualClock
from app.kit.problems import Invalid, NotFound
from app.work import store
from backend.tests.conftest import Person
from backend.tests.work.records import dispenser, row

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)  # a Wednesday
VISITS = (501, 502, 503)


@pytest.fixture
def user(sqlite: Database, person: Person) -> User:
    """Three visits: two on Wednesday, one on Friday; their dispensers are known."""
    with sqlite.write() as db:
        orders = [row(n, on=date(2026, 3, 4 if n < 3 else 6), visit_id=500 + n, location_id=70 + n) for n in (1, 2, 3)]
        store.store_work_orders(db, person.id, orders, NOW)
        for n in (1, 2, 3):
            store.store_location(db, person.id, 70 + n, [dispenser(1, 2)], NOW)
        return db.get_one(User, person.id)


def _start(database: Database, user: User, *visits: int) -> Batch:
    with database.write() as db:
        return service.start(db, user, NewBatch(visits=list(visits or VISITS)), "you")


def _states(database: Database, batch: Batch) -> list[str]:
    with database.read() as db:
        return [visit.state for visit in service.visits_of(db, [batch.id])[batch.id]]


def _running(database: Database, user: User) -> Batch:
    """A batch whose first visit is under way: its run exists and runs."""
    batch = _start(database, user)
    with database.write() as db:
        found = service.begin_turn(db, service.turn_of(batch))
        assert found is not None
        visit = service.visits_of(db, [batch.id])[batch.id][0]
        visit.state = VisitState.running.value
        db.add(
            FormRun(
                id=visit.run_id,
                batch_id=batch.id,
                user_id=user.id,
                visit_id=visit.visit_id,
                work_id=1,
                visit_url="/v",
                store="#1",
                form_type="AccuMeasure",
                dispensers_known=1,
                state="running",
                asked_by="you",
                asked_at=NOW,
            )
        )
        return found


@pytest.mark.parametrize(
    ("wanted", "visits"),
    [
        (NewBatch(visits=[503, 501]), [503, 501]),
        (NewBatch(scope=Scope.today), [501, 502]),
        (NewBatch(scope=Scope.week), [501, 502, 503]),
        (NewBatch(scope=Scope.week, week_of=date(2026, 3, 8)), [501, 502, 503]),
    ],
)
def test_visits_are_chosen_by_hand_for_today_or_for_a_week(
    sqlite: Database, user: User, wanted: NewBatch, visits: list[int]
) -> None:
    with VirtualClock(NOW), sqlite.write() as db:
        batch = service.start(db, user, wanted, "you")
        assert [visit.visit_id for visit in service.visits_of(db, [batch.id])[batch.id]] == visits


@pytest.mark.parametrize(
    "wanted",
    [
        NewBatch(),
        NewBatch(visits=[501, 501]),
        NewBatch(visits=[501], scope=Scope.today),
        NewBatch(scope=Scope.week, week_of=date(2026, 5, 1)),
    ],
)
def test_what_names_no_visits_is_refused(sqlite: Database, user: User, wanted: NewBatch) -> None:
    with pytest.raises(Invalid), sqlite.write() as db:
        service.start(db, user, wanted, "you")


def test_a_queued_batch_pauses_at_once_and_its_old_turn_is_not_taken_up(sqlite: Database, user: User) -> None:
    batch = _start(sqlite, user)
    old = service.turn_of(batch)
    with sqlite.write() as db:
        assert service.pause(db, user.id, batch.id, "you").state == "paused"
        assert service.begin_turn(db, old) is None
        resumed = service.resume(db, user.id, batch.id, "you")
        assert service.begin_turn(db, service.turn_of(resumed)) is not None


def test_a_running_batch_pauses_when_its_worker_says_so(sqlite: Database, user: User) -> None:
    batch = _running(sqlite, user)
    with sqlite.write() as db:
        assert service.pause(db, user.id, batch.id, "you").state == "pausing"
    with sqlite.write() as db:
        run = db.query(FormRun).one()
        assert run.state == RunState.pausing.value
        service.parked(db, db.get_one(Batch, batch.id))
        assert (run.state, db.get_one(Batch, batch.id).state) == ("paused", "paused")


def test_a_wish_to_pause_can_be_taken_back(sqlite: Database, user: User) -> None:
    batch = _running(sqlite, user)
    with sqlite.write() as db:
        service.pause(db, user.id, batch.id, "you")
        assert service.resume(db, user.id, batch.id, "you").state == "running"
        assert db.query(FormRun).one().state == "running"


def test_stopping_ends_what_waits_and_asks_what_runs(sqlite: Database, user: User) -> None:
    waiting, running = _start(sqlite, user, 503), _running(sqlite, user)
    with sqlite.write() as db:
        assert service.stop(db, user.id, waiting.id, "you").state == "stopped"
        assert service.stop(db, user.id, running.id, "you").state == "stopping"
        assert db.query(FormRun).one().state == RunState.stopping.value
    assert _states(sqlite, waiting) == ["stopped"]


def test_a_waiting_visit_is_skipped_at_once_and_the_running_one_by_its_worker(sqlite: Database, user: User) -> None:
    batch = _running(sqlite, user)
    with sqlite.write() as db:
        service.skip(db, user.id, batch.id, 503, "you")
        service.skip(db, user.id, batch.id, None, "you")
        assert db.query(FormRun).one().state == RunState.skipping.value
    assert _states(sqlite, batch) == ["running", "waiting", "skipped"]


def test_an_end_is_an_end(sqlite: Database, user: User) -> None:
    batch = _start(sqlite, user)
    with sqlite.write() as db:
        service.stop(db, user.id, batch.id, "you")
    for command in (service.pause, service.resume, service.stop):
        with pytest.raises(service.NotNow), sqlite.write() as db:
            command(db, user.id, batch.id, "you")
    with sqlite.write() as db:
        service.end(db, db.get_one(Batch, batch.id), BatchState.finished, None)
        assert db.get_one(Batch, batch.id).state == "stopped"


def test_a_retry_takes_what_is_not_done_or_everything(sqlite: Database, user: User) -> None:
    batch = _start(sqlite, user)
    with pytest.raises(service.NotNow), sqlite.write() as db:
        service.retry(db, user, batch.id, RetryWhat.failed, "you")
    with sqlite.write() as db:
        service.visits_of(db, [batch.id])[batch.id][1].state = VisitState.done.value
        service.stop(db, user.id, batch.id, "you")
    with sqlite.write() as db:
        failed = service.retry(db, user, batch.id, RetryWhat.failed, "you")
        everything = service.retry(db, user, batch.id, RetryWhat.all, "you")
        found = service.visits_of(db, [failed.id, everything.id])
        assert [visit.visit_id for visit in found[failed.id]] == [501, 503]
        assert [visit.visit_id for visit in found[everything.id]] == [501, 502, 503]
        assert (failed.prove_again, everything.prove_again, failed.retry_of) == (False, True, batch.id)


def test_a_waiting_batch_wakes_when_its_time_has_come_and_not_before(sqlite: Database, user: User) -> None:
    batch = _running(sqlite, user)
    with sqlite.write() as db:
        service.wait(db, db.get_one(Batch, batch.id), NOW + timedelta(minutes=5), "The portal does not answer.")
    with sqlite.write() as db:
        assert service.wake(db, NOW + timedelta(minutes=4)) == []
        woken = service.wake(db, NOW + timedelta(minutes=5))
        assert [(b.id, b.state, b.wake_at) for b in woken] == [(batch.id, "queued", None)]
        assert db.query(FormRun).one().state == "paused"


def test_a_paused_batch_is_not_woken(sqlite: Database, user: User) -> None:
    batch = _running(sqlite, user)
    with sqlite.write() as db:
        service.wait(db, db.get_one(Batch, batch.id), NOW, "The portal does not answer.")
        service.pause(db, user.id, batch.id, "you")
        assert service.wake(db, NOW + timedelta(days=1)) == []


def test_somebody_elses_batch_does_not_exist(sqlite: Database, user: User) -> None:
    batch = _start(sqlite, user)
    with pytest.raises(NotFound), sqlite.write() as db:
        service.pause(db, "somebody-else", batch.id, "you")


def test_who_did_what_and_when_is_told(sqlite: Database, user: User) -> None:
    with VirtualClock(NOW):
        batch = _start(sqlite, user)
        with sqlite.write() as db:
            service.pause(db, user.id, batch.id, "you")
        with sqlite.read() as db:
            view = batch_views(db, [db.get_one(Batch, batch.id)])[0]
    assert [(action.who, action.action, action.at) for action in view.actions] == [
        ("you", "start", NOW),
        ("you", "pause", NOW),
    ]


def test_the_time_left_is_measured_or_unknown() -> None:
    assert eta_seconds([], 8, 0, 8) is None
    assert eta_seconds([4.0, 6.0, 90.0], 8, 1, 6) == 6.0 * 14


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        (history.Wanted(), 2),
        (history.Wanted(states=(BatchState.queued,)), 1),
        (history.Wanted(search="#3"), 1),
        (history.Wanted(search="502"), 1),
        (history.Wanted(search="nowhere"), 0),
        (history.Wanted(since=date(2026, 3, 4), until=date(2026, 3, 4)), 2),
        (history.Wanted(since=date(2026, 3, 5)), 0),
        (history.Wanted(until=date(2026, 3, 3)), 0),
    ],
)
def test_the_history_is_filtered(sqlite: Database, user: User, wanted: history.Wanted, count: int) -> None:
    with VirtualClock(NOW):
        first = _start(sqlite, user, 501, 502)
        _start(sqlite, user, 503)
    with sqlite.write() as db:
        service.stop(db, user.id, first.id, "you")
    with sqlite.read() as db:
        assert len(history.page(db, user, wanted, None, 10)[0]) == count


def test_the_history_comes_in_pages(sqlite: Database, user: User) -> None:
    ids = [_start(sqlite, user, 501).id for _ in range(5)]
    with sqlite.read() as db:
        first, cursor = history.page(db, user, history.Wanted(), None, 3)
        rest, end = history.page(db, user, history.Wanted(), cursor, 3)
    assert [batch.id for batch in [*first, *rest]] == ids[::-1]
    assert end is None


def test_the_export_has_a_line_per_form_and_no_formulas(sqlite: Database, user: User) -> None:
    _running(sqlite, user)
    with sqlite.write() as db:
        service.visits_of(db, [db.query(Batch).one().id])[db.query(Batch).one().id][1].reason = "=1+1"
    with sqlite.read() as db:
        lines = "".join(history.export(db, user, history.Wanted())).splitlines()
    assert len(lines) == 4
    assert "'=1+1" in lines[2]


def test_old_records_and_pictures_are_forgotten_and_young_ones_kept(sqlite: Database, user: User) -> None:
    with VirtualClock(NOW) as clock:
        batch = _running(sqlite, user)
        with sqlite.write() as db:
            run_id = db.query(FormRun).one().id
            runs.settle_run(db, run_id, None)
            service.end(db, db.get_one(Batch, batch.id), BatchState.finished, None)
        picture = shot_path(run_id, 0, "grades")
        picture.parent.mkdir(parents=True)
        picture.write_bytes(b"png")
        clock.advance(days=29)
        assert forget_old() == {"pictures": 0, "records": 0}
        clock.advance(days=2)
        assert forget_old() == {"pictures": 1, "records": 0}
        assert not picture.exists()
        clock.advance(days=340)
        assert forget_old() == {"pictures": 0, "records": 2}
    with sqlite.read() as db:
        assert db.query(Batch).count() == db.query(FormRun).count() == 0


def test_months_end_where_the_month_ends() -> None:
    assert months_before(datetime(2026, 3, 31, 8, tzinfo=UTC), 1) == datetime(2026, 2, 28, 8, tzinfo=UTC)
    assert months_before(datetime(2026, 3, 31, tzinfo=UTC), 12) == datetime(2025, 3, 31, tzinfo=UTC)
