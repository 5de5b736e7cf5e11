"""People and 10,000 work orders for the API's benchmarks, stored by the product itself and then copied."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session as Db

from app.accounts import service
from app.accounts.models import User
from app.database import Base, get_database
from app.kit import clock
from app.kit.ids import new_id
from app.portal.records import DispenserCard, NextVisit, ServiceLine, WorkOrderRow
from app.sync.models import SyncRun
from app.work import store
from app.work.models import Dispenser, Location, Visit, WorkOrder

PASSWORD = "a long enough password"
ALL, EACH, PEOPLE = 10_000, 200, 50
_WEEKS = 8  # a technician's 200 jobs are 25 a week
_DISPENSERS = 6
_STEP = 1_000_000  # between the ids of one copy and the next


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in user, and the work ids of some of their orders."""

    email: str
    token: str
    work_ids: Sequence[int]


def _row(number: int, monday: date) -> WorkOrderRow:
    visit_id = 300_000 + number
    day = monday + timedelta(days=7 * (number % _WEEKS) + number // _WEEKS % 5)
    return WorkOrderRow(
        work_id=100_000 + number,
        categories=("Meter Calibration",),
        status="Work Created",
        reason="AccuMeasure",
        project=None,
        po=f"PO-{number}",
        created_by=None,
        created_at=None,
        customer=("Wawa", "7-Eleven", "Circle K", "Speedway")[number % 4],
        customer_id=11_762,
        location_id=40_000 + number,
        store=f"#{5000 + number}",
        brand="Sunoco",
        street=f"{100 + number} Example Road",
        intersection=None,
        city=("Springfield", "Riverton", "Lakeside")[number % 3],
        state="FL",
        zip="33333",
        county="Example County",
        services=(ServiceLine("Meter Calibration", _DISPENSERS, "All Dispensers", "2861"),),
        visits_done=0,
        visits_total=1,
        next_visit=NextVisit(visit_id, f"/app/work/{100_000 + number}/visits/{visit_id}/", day, "anytime"),
        due_date=None,
        completed_on=None,
        instructions="Calibrate all meters.\nAsk for the keys at the counter.\n" * 4,
    )


def _cards() -> list[DispenserCard]:
    grades = ("Regular", "Plus", "Premium")
    numbers = [(2 * n + 1, 2 * n + 2) for n in range(_DISPENSERS)]
    return [
        DispenserCard(
            pair, f"{pair[0]}/{pair[1]} - Regular", grades, "Gilbarco", "NN1", "EN1", None, 1, "HD Meter", None
        )
        for pair in numbers
    ]


def seed() -> tuple[list[Member], list[Member]]:
    """Fifty people with 200 work orders each (10,000 in all); and, in the same database, one person with 10,000 alone who
    is signed in fifty times. Answers both crowds."""
    now, today = clock.now(), clock.today("UTC")
    monday = today - timedelta(days=today.weekday())
    with get_database().write() as db:
        users = [service.add_user(db, f"tech{n}@example.com", PASSWORD) for n in range(PEOPLE + 1)]
        first = users[0]
        store.store_work_orders(db, first.id, [_row(n, monday) for n in range(EACH)], now)
        for number in range(EACH):
            store.store_location(db, first.id, 40_000 + number, _cards(), now)
        db.flush()
        for user in users[1:PEOPLE]:
            _copy(db, first.id, user.id, 0, timedelta())
        busy = users[PEOPLE]
        for number in range(ALL // EACH):
            # The older ones lie in the past and have left the portal's open list: nobody has 500 visits in one week.
            gone = now if number else None
            _copy(db, first.id, busy.id, number, timedelta(weeks=-_WEEKS * number), gone)
        for user in users:
            db.add(_finished_sync(user))
        crowd = [_member(db, user) for user in users[:PEOPLE]]
        return crowd, [_member(db, busy) for _ in range(PEOPLE)]


def _member(db: Db, user: User) -> Member:
    ids = db.scalars(select(WorkOrder.work_id).where(WorkOrder.user_id == user.id).limit(50)).all()
    return Member(user.email, service.open_session(db, user).access_token, ids)


def _finished_sync(user: User) -> SyncRun:
    now = clock.now()
    return SyncRun(
        id=new_id(),
        user_id=user.id,
        state="succeeded",
        asked_by="benchmark",
        asked_at=now,
        started_at=now,
        finished_at=now,
        refresh_locations=False,
        accept_empty=False,
    )


def _copy(db: Db, source: str, target: str, number: int, shift: timedelta, gone: datetime | None = None) -> None:
    """Copies a user's work to another user, under other ids of the portal from the second copy on."""
    keys: dict[str, str] = {}
    for table, column in (
        (WorkOrder, "work_id"),
        (Visit, "visit_id"),
        (Location, "location_id"),
        (Dispenser, "location_id"),
    ):
        rows = [_plain(row) for row in db.scalars(select(table).where(table.user_id == source))]
        for row in rows:
            keys[row["id"]] = fresh = new_id()
            row["id"], row["user_id"] = fresh, target
            row[column] += number * _STEP
            if table is WorkOrder:
                row["location_id"] += number * _STEP
                row["missing_since"] = gone
            if table is Visit:
                row["work_order_id"], row["date"] = keys[row["work_order_id"]], row["date"] + shift
        db.execute(insert(table), rows)


def _plain(row: Base) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in row.__table__.columns}
