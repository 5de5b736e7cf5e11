"""Reading work: weeks, lists, one work order. Every read is a handful of queries, however many rows it answers with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session as Db

from app.accounts.links import SandboxNotRunning
from app.accounts.links import base_url as portal_base_url
from app.accounts.models import PortalLink, User
from app.kit import clock
from app.kit.pagination import make_cursor, read_cursor
from app.kit.problems import NotFound
from app.work.models import Dispenser, Freshness, Location, Visit, WorkOrder
from app.work.schemas import DataAge, Day, VisitCard, Week, WeekPair, WeekTotals, WorkOrderPage
from app.work.schemas import WorkOrder as WorkOrderView
from app.work.views import card, work_order_view
from app.work.week import Reason, WeekRules, days_to_show, effective_week, iso_week_name, monday

# Work is due for another look after this time without a successful sync.
DUE_AFTER = timedelta(hours=2)
_WEEK = timedelta(days=7)
_Pair = tuple[WorkOrder, Visit | None]


def data_age(db: Db, user_id: str) -> DataAge:
    row = db.get(Freshness, user_id)
    if row is None or (row.last_success_at is None and not row.running and row.failures == 0):
        return DataAge(state="unknown", last_success_at=None, last_attempt_at=None)
    if row.running:
        state = "running"
    elif row.failures > 0:
        state = "failing"
    else:
        due = row.last_success_at is None or clock.now() - row.last_success_at > DUE_AFTER
        state = "due" if due else "fresh"
    return DataAge(state=state, last_success_at=row.last_success_at, last_attempt_at=row.last_attempt_at)


def read_weeks(db: Db, user: User, start: date | None) -> WeekPair:
    """The week of ``start`` (any day of it; ``None`` = the week that matters now) and the one after it."""
    local_now = clock.local_now(user.time_zone)
    rules = WeekRules(tuple(user.work_days), user.week_end_hour)
    reason: Reason = "asked"
    if start is None:
        here = monday(local_now.date())
        start, reason = effective_week(local_now, rules, _open_dates(db, user.id, here, here + _WEEK))
    start = monday(start)
    rows = _scheduled(db, user.id, start, start + 2 * _WEEK)
    unscheduled = _unscheduled(db, user.id)
    counts = _counts(db, user.id, [order.location_id for order, _ in [*rows, *unscheduled]])
    age = data_age(db, user.id)
    ahead = _visits_per_day(db, user.id, start + _WEEK)

    def week(first: date, why: Reason, loose: Sequence[_Pair]) -> Week:
        own = [(order, visit) for order, visit in rows if visit and first <= visit.date < first + _WEEK]
        today = local_now.date()
        cards = [card(order, visit, counts.get(order.location_id), today) for order, visit in own]
        days = days_to_show(first, rules, {item.date for item in cards if item.date})
        later = _next_busy_week(ahead, first + _WEEK)
        return Week(
            start=first,
            end=first + timedelta(days=6),
            iso_week=iso_week_name(first),
            previous=first - _WEEK,
            next=first + _WEEK,
            is_current=first == monday(today),
            reason=why,
            today=today,
            days=[_day(day, today, rules, cards) for day in days],
            unscheduled=[card(order, visit, counts.get(order.location_id), today) for order, visit in loose],
            totals=WeekTotals(
                visits=len(cards),
                dispensers=sum(item.dispensers or 0 for item in cards),
                dispensers_unknown=sum(item.dispensers is None for item in cards),
            ),
            later_start=later[0] if later else None,
            later_visits=later[1] if later else 0,
            age=age,
        )

    return WeekPair(this=week(start, reason, unscheduled), next=week(start + _WEEK, "asked", []))


def _day(day: date, today: date, rules: WeekRules, cards: Sequence[VisitCard]) -> Day:
    return Day(
        date=day,
        is_today=day == today,
        is_work_day=day.isoweekday() in rules.work_days,
        is_past=day < today,
        visits=[item for item in cards if item.date == day],
    )


def _scheduled(db: Db, user_id: str, start: date, end: date) -> list[_Pair]:
    query = (
        select(WorkOrder, Visit)
        .join(Visit, Visit.work_order_id == WorkOrder.id)
        .where(Visit.user_id == user_id, Visit.is_next, Visit.date >= start, Visit.date < end)
        .order_by(Visit.date, WorkOrder.store, WorkOrder.work_id)
    )
    return [(order, visit) for order, visit in db.execute(query)]


def _unscheduled(db: Db, user_id: str) -> list[_Pair]:
    query = (
        select(WorkOrder)
        .outerjoin(Visit, and_(Visit.work_order_id == WorkOrder.id, Visit.is_next))
        .where(
            WorkOrder.user_id == user_id,
            Visit.id.is_(None),
            WorkOrder.completed_on.is_(None),
            WorkOrder.missing_since.is_(None),
        )
        .order_by(WorkOrder.work_id)
        .limit(200)
    )
    return [(order, None) for order in db.scalars(query)]


def _open_dates(db: Db, user_id: str, start: date, end: date) -> list[date]:
    query = (
        select(Visit.date)
        .join(WorkOrder, WorkOrder.id == Visit.work_order_id)
        .where(
            Visit.user_id == user_id,
            Visit.is_next,
            Visit.date >= start,
            Visit.date < end,
            WorkOrder.completed_on.is_(None),
            WorkOrder.missing_since.is_(None),
        )
    )
    return list(db.scalars(query))


def _visits_per_day(db: Db, user_id: str, start: date) -> dict[date, int]:
    """How many visits there are on each day from ``start`` on, in the order of the days."""
    query = (
        select(Visit.date, func.count())
        .where(Visit.user_id == user_id, Visit.is_next, Visit.date >= start)
        .group_by(Visit.date)
        .order_by(Visit.date)
    )
    return {day: count for day, count in db.execute(query)}  # noqa: C416  # typed rows, not pairs


def _next_busy_week(per_day: Mapping[date, int], start: date) -> tuple[date, int] | None:
    """The Monday of the first week from ``start`` on that has visits, and how many."""
    first = next((day for day in per_day if day >= start), None)
    if first is None:
        return None
    week = monday(first)
    return week, sum(count for day, count in per_day.items() if week <= day < week + _WEEK)


def _counts(db: Db, user_id: str, location_ids: Sequence[int]) -> dict[int, int]:
    """Dispensers per location, for locations whose page was read (the others are absent: unknown, not zero)."""
    wanted = set(location_ids)
    query = (
        select(Location.location_id, func.count(Dispenser.id))
        .outerjoin(
            Dispenser,
            and_(
                Dispenser.user_id == Location.user_id,
                Dispenser.location_id == Location.location_id,
                Dispenser.missing_since.is_(None),
            ),
        )
        .where(Location.user_id == user_id, Location.read_at.is_not(None), Location.location_id.in_(wanted))
        .group_by(Location.location_id)
    )
    return {row[0]: row[1] for row in db.execute(query)}


def search_work_orders(db: Db, user: User, search: str, cursor: str | None, limit: int) -> WorkOrderPage:
    """Work orders whose ids, store, customer, address or codes contain every word of ``search``; newest id first."""
    mine = [WorkOrder.user_id == user.id]
    for word in search.lower().split()[:6]:
        mine.append(WorkOrder.search_text.contains(word.lstrip("#"), autoescape=True))
    total = db.scalar(select(func.count()).select_from(WorkOrder).where(*mine)) or 0
    query = (
        select(WorkOrder, Visit)
        .outerjoin(Visit, and_(Visit.work_order_id == WorkOrder.id, Visit.is_next))
        .where(*mine)
        .order_by(WorkOrder.work_id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(WorkOrder.work_id < read_cursor(cursor, int)[0])
    rows = [(order, visit) for order, visit in db.execute(query)]
    counts = _counts(db, user.id, [order.location_id for order, _ in rows])
    today = clock.today(user.time_zone)
    shown = rows[:limit]
    return WorkOrderPage(
        items=[card(order, visit, counts.get(order.location_id), today) for order, visit in shown],
        next_cursor=make_cursor(shown[-1][0].work_id) if len(rows) > limit else None,
        total=total,
    )


def find_work_order(db: Db, user_id: str, work_id: int) -> WorkOrder:
    order = db.scalar(select(WorkOrder).where(WorkOrder.user_id == user_id, WorkOrder.work_id == work_id))
    if order is None:
        raise NotFound(f"There is no work order W-{work_id} among yours.", "Check the number, or synchronise first.")
    return order


def find_visit(db: Db, user_id: str, visit_id: int) -> tuple[WorkOrder, Visit]:
    row = db.execute(
        select(WorkOrder, Visit)
        .join(Visit, Visit.work_order_id == WorkOrder.id)
        .where(Visit.user_id == user_id, Visit.visit_id == visit_id)
    ).first()
    if row is None:
        raise NotFound(f"There is no visit {visit_id} among yours.", "Check the number, or synchronise first.")
    return row[0], row[1]


def scheduled_visits(db: Db, user_id: str, first: date, last: date) -> list[int]:
    """The open visits from ``first`` to ``last``, both included, in the order of the week's screen."""
    return [
        visit.visit_id
        for order, visit in _scheduled(db, user_id, first, last + timedelta(days=1))
        if visit is not None and order.completed_on is None and order.missing_since is None
    ]


def dispensers_of(db: Db, user_id: str, location_id: int) -> list[Dispenser]:
    query = (
        select(Dispenser)
        .where(Dispenser.user_id == user_id, Dispenser.location_id == location_id, Dispenser.missing_since.is_(None))
        .order_by(Dispenser.position)
    )
    return list(db.scalars(query))


def location_of(db: Db, user_id: str, location_id: int) -> Location | None:
    return db.scalar(select(Location).where(Location.user_id == user_id, Location.location_id == location_id))


def read_work_order(db: Db, user: User, work_id: int) -> WorkOrderView:
    order = find_work_order(db, user.id, work_id)
    visit = db.scalar(select(Visit).where(Visit.work_order_id == order.id, Visit.is_next))
    return _view(db, user, order, visit)


def read_visit(db: Db, user: User, visit_id: int) -> WorkOrderView:
    return _view(db, user, *find_visit(db, user.id, visit_id))


def _view(db: Db, user: User, order: WorkOrder, visit: Visit | None) -> WorkOrderView:
    return work_order_view(
        order,
        visit,
        location_of(db, user.id, order.location_id),
        dispensers_of(db, user.id, order.location_id),
        _portal(db, user.id),
        clock.today(user.time_zone),
    )


def _portal(db: Db, user_id: str) -> str | None:
    link = db.get(PortalLink, user_id)
    try:
        return portal_base_url(link).rstrip("/") if link is not None else None
    except SandboxNotRunning:
        return None


def next_visit_after(db: Db, user_id: str, day: date) -> tuple[WorkOrder, Visit] | None:
    """The first open visit on or after ``day``."""
    row = db.execute(
        select(WorkOrder, Visit)
        .join(Visit, Visit.work_order_id == WorkOrder.id)
        .where(
            Visit.user_id == user_id,
            Visit.is_next,
            Visit.date >= day,
            WorkOrder.completed_on.is_(None),
            WorkOrder.missing_since.is_(None),
        )
        .order_by(Visit.date, WorkOrder.work_id)
        .limit(1)
    ).first()
    return (row[0], row[1]) if row is not None else None


def mark_running(db: Db, user_id: str, at: datetime) -> None:
    row = db.get(Freshness, user_id) or Freshness(user_id=user_id, failures=0)
    row.running, row.last_attempt_at = True, at
    db.add(row)


def mark_settled(db: Db, user_id: str, at: datetime, *, succeeded: bool) -> None:
    row = db.get(Freshness, user_id) or Freshness(user_id=user_id, failures=0)
    row.running = False
    row.failures = 0 if succeeded else row.failures + 1
    if succeeded:
        row.last_success_at = at
    db.add(row)


def set_forms_progress(db: Db, user_id: str, visit_id: int, *, wanted: int, verified: int, need_person: int) -> None:
    """What ``forms`` knows about a visit, kept where every week view reads it."""
    visit = db.scalar(select(Visit).where(Visit.user_id == user_id, Visit.visit_id == visit_id))
    if visit is not None:
        visit.forms_wanted, visit.forms_verified, visit.forms_need_person = wanted, verified, need_person
