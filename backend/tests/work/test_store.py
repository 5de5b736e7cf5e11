"""Bringing lists home: upsert by the portal's ids, nothing ever deleted, on both engines."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.service import add_user
from app.database import Database
from app.portal.records import WorkOrderRow
from app.work import store
from app.work.models import Dispenser, Visit, WorkOrder
from backend.tests.stack import PASSWORD
from backend.tests.work.records import dispenser, row

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def user_id(database: Database) -> str:
    with database.write() as db:
        return add_user(db, "tech@example.com", PASSWORD).id


def _store(database: Database, user_id: str, rows: list[WorkOrderRow], at: datetime = AT) -> store.StoredCounts:
    with database.write() as db:
        return store.store_work_orders(db, user_id, rows, at)


def _orders(database: Database) -> dict[int, WorkOrder]:
    with database.read() as db:
        return {order.work_id: order for order in db.scalars(select(WorkOrder))}


def test_a_second_list_updates_instead_of_doubling(database: Database, user_id: str) -> None:
    assert _store(database, user_id, [row(1), row(2)]).added == 2
    counts = _store(database, user_id, [row(1), row(2, store="#2222"), row(3)], AT + timedelta(hours=1))
    assert (counts.added, counts.changed, counts.unchanged, counts.missing) == (1, 1, 1, 0)
    assert _orders(database)[2].store == "#2222"


def test_what_is_absent_is_kept_and_marked_once_and_unmarked_when_it_returns(database: Database, user_id: str) -> None:
    _store(database, user_id, [row(1), row(2)])
    first = AT + timedelta(hours=1)
    assert _store(database, user_id, [row(1)], first).missing == 1
    assert _store(database, user_id, [row(1)], AT + timedelta(hours=2)).missing == 0
    assert _orders(database)[2].missing_since == first
    assert _store(database, user_id, [row(1), row(2)], AT + timedelta(hours=3)).returned == 1
    assert _orders(database)[2].missing_since is None


def test_a_moved_visit_keeps_its_row_and_a_new_visit_replaces_the_old_one(database: Database, user_id: str) -> None:
    _store(database, user_id, [row(1, on=date(2026, 3, 4), visit_id=500)])
    assert _store(database, user_id, [row(1, on=date(2026, 3, 5), visit_id=500)]).changed == 1
    _store(database, user_id, [row(1, on=date(2026, 3, 6), visit_id=501)])
    with database.read() as db:
        visits = {visit.visit_id: visit for visit in db.scalars(select(Visit))}
    assert (visits[500].date, visits[500].is_next) == (date(2026, 3, 5), False)
    assert (visits[501].date, visits[501].is_next) == (date(2026, 3, 6), True)


def test_users_do_not_touch_each_others_work(database: Database, user_id: str) -> None:
    with database.write() as db:
        other = add_user(db, "other@example.com", PASSWORD).id
    _store(database, user_id, [row(1)])
    _store(database, other, [row(1), row(2)])
    assert _store(database, user_id, []).missing == 1
    with database.read() as db:
        assert store.count_open(db, other) == 2


def test_a_location_is_stored_whole_and_a_vanished_dispenser_is_kept_as_missing(
    database: Database, user_id: str
) -> None:
    for cards, expected in (
        ([dispenser(1, 2), dispenser(3, 4)], {"1/2": False, "3/4": False}),
        ([dispenser(1, 2, serial="EN1")], {"1/2": False, "3/4": True}),
        ([dispenser(1, 2), dispenser(3, 4)], {"1/2": False, "3/4": False}),
    ):
        with database.write() as db:
            assert store.store_location(db, user_id, 77, cards, AT) == len(cards)
        with database.read() as db:
            rows = db.scalars(select(Dispenser).where(Dispenser.location_id == 77))
            assert {item.label: item.missing_since is not None for item in rows} == expected


def test_two_cards_with_one_number_stay_two(database: Database, user_id: str) -> None:
    with database.write() as db:
        store.store_location(db, user_id, 77, [dispenser(1, 2), dispenser(1, 2)], AT)
    with database.read() as db:
        assert {item.label for item in db.scalars(select(Dispenser))} == {"1/2", "1/2 (2)"}


def test_only_new_and_stale_locations_are_read(database: Database, user_id: str) -> None:
    _store(database, user_id, [row(1), row(2), row(3, location_id=40001)])
    with database.write() as db:
        assert {item[0] for item in store.locations_to_read(db, user_id, AT)} == {40001, 40002}
        store.store_location(db, user_id, 40001, [dispenser(1, 2)], AT)
    with database.read() as db:
        assert [item[0] for item in store.locations_to_read(db, user_id, AT - timedelta(days=7))] == [40002]
        assert {item[0] for item in store.locations_to_read(db, user_id, AT + timedelta(days=8))} == {40001, 40002}


def test_a_failed_read_keeps_what_is_known(database: Database, user_id: str) -> None:
    with database.write() as db:
        store.store_location(db, user_id, 77, [dispenser(1, 2)], AT)
    with database.write() as db:
        store.store_location_failure(db, user_id, 77, "portal_timeout", "too slow", AT + timedelta(hours=1))
    with database.read() as db:
        assert db.scalars(select(Dispenser)).one().missing_since is None


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(st.lists(st.sets(st.integers(1, 8)), min_size=1, max_size=5))
def test_after_any_lists_open_is_exactly_the_last_one_and_nothing_was_lost(
    sqlite: Database, lists: list[set[int]]
) -> None:
    with sqlite.write() as db:
        user = add_user(db, f"u{datetime.now(UTC).timestamp()}@example.com", PASSWORD).id
    seen: set[int] = set()
    for hour, ids in enumerate(lists):
        _store(sqlite, user, [row(work_id) for work_id in sorted(ids)], AT + timedelta(hours=hour))
        seen |= ids
    with sqlite.read() as db:
        orders = list(db.scalars(select(WorkOrder).where(WorkOrder.user_id == user)))
    assert {order.work_id for order in orders} == seen
    assert {order.work_id for order in orders if order.missing_since is None} == lists[-1]
