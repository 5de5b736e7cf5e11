"""Bringing the portal's records into the tables: upsert by the portal's ids, nothing deleted because it was absent.

Takes complete, checked lists only; whoever calls has made sure of that.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.kit.ids import new_id
from app.portal.records import DispenserCard, WorkOrderRow
from app.work.models import Dispenser, Location, Visit, WorkOrder


@dataclass(slots=True)
class StoredCounts:
    """``missing``: newly absent; ``returned``: absent before, back now."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    missing: int = 0
    returned: int = 0


def store_work_orders(db: Db, user_id: str, rows: Sequence[WorkOrderRow], at: datetime) -> StoredCounts:
    """Stores a complete list of open work orders in the caller's transaction."""
    counts = StoredCounts()
    known = {order.work_id: order for order in db.scalars(select(WorkOrder).where(WorkOrder.user_id == user_id))}
    visits = {visit.visit_id: visit for visit in db.scalars(select(Visit).where(Visit.user_id == user_id))}
    next_of: dict[str, list[Visit]] = {}
    for visit in visits.values():
        if visit.is_next:
            next_of.setdefault(visit.work_order_id, []).append(visit)
    for row in rows:
        order = known.pop(row.work_id, None)
        values = _values(row)
        visit_before = _visit_key(next_of.get(order.id, [])) if order else None
        visit_now = (row.next_visit.visit_id, row.next_visit.date) if row.next_visit else None
        if order is None:
            counts.added += 1
            order = WorkOrder(id=new_id(), user_id=user_id, work_id=row.work_id, first_seen_at=at, missing_since=None)
            db.add(order)
        else:
            if order.missing_since is not None:
                counts.returned += 1
            same = visit_before == visit_now and all(getattr(order, name) == value for name, value in values.items())
            counts.unchanged += same
            counts.changed += not same
        for name, value in values.items():
            if getattr(order, name) != value:
                setattr(order, name, value)
        order.seen_at, order.missing_since = at, None
        db.flush()
        _store_visit(db, order, row, visits, next_of.get(order.id, []), at)
    for order in known.values():
        if order.missing_since is None and order.completed_on is None:
            order.missing_since = at
            counts.missing += 1
    return counts


def _visit_key(visits: Sequence[Visit]) -> tuple[int, Any] | None:
    return (visits[0].visit_id, visits[0].date) if visits else None


def _store_visit(
    db: Db, order: WorkOrder, row: WorkOrderRow, known: dict[int, Visit], was_next: Sequence[Visit], at: datetime
) -> None:
    wanted = row.next_visit
    for visit in was_next:
        if wanted is None or visit.visit_id != wanted.visit_id:
            # A completed row has no link any more: its visit stays the one that was done.
            visit.is_next = row.completed_on is not None and wanted is None
    if wanted is None:
        return
    visit = known.get(wanted.visit_id) or Visit(
        id=new_id(), user_id=order.user_id, visit_id=wanted.visit_id, forms_verified=0, forms_need_person=0
    )
    visit.work_order_id, visit.url, visit.date, visit.time = order.id, wanted.url, wanted.date, wanted.time
    visit.is_next, visit.seen_at = True, at
    known[wanted.visit_id] = visit
    db.add(visit)


def _values(row: WorkOrderRow) -> dict[str, Any]:
    return {
        "categories": list(row.categories),
        "status": row.status,
        "reason": row.reason,
        "project": row.project,
        "po": row.po,
        "created_at": row.created_at,
        "customer": row.customer,
        "customer_id": row.customer_id,
        "location_id": row.location_id,
        "store": row.store,
        "brand": row.brand,
        "street": row.street,
        "intersection": row.intersection,
        "city": row.city,
        "state": row.state,
        "zip": row.zip,
        "county": row.county,
        "services": [asdict(line) for line in row.services],
        "visits_done": row.visits_done or 0,
        "visits_total": row.visits_total or 0,
        "due_date": row.due_date,
        "completed_on": row.completed_on,
        "instructions": row.instructions,
        "search_text": _search_text(row),
    }


def _search_text(row: WorkOrderRow) -> str:
    visit = str(row.next_visit.visit_id) if row.next_visit else ""
    parts = [f"w-{row.work_id}", visit, row.store, row.customer, row.brand, row.street, row.city, row.county, row.zip]
    codes = [line.code for line in row.services]
    return " ".join(part for part in [*parts, *codes] if part).lower()


def store_location(db: Db, user_id: str, location_id: int, cards: Sequence[DispenserCard], at: datetime) -> int:
    """Stores a location's complete cards; answers how many there are."""
    location = _location(db, user_id, location_id)
    location.read_at = location.tried_at = at
    location.error_code = location.error_detail = None
    query = select(Dispenser).where(Dispenser.user_id == user_id, Dispenser.location_id == location_id)
    known = {row.label: row for row in db.scalars(query)}
    for position, (label, card) in enumerate(_labelled(cards)):
        row = known.pop(label, None) or Dispenser(id=new_id(), user_id=user_id, location_id=location_id, label=label)
        values = asdict(card) | {"numbers": list(card.numbers), "grades": list(card.grades), "position": position}
        for name, value in values.items():
            setattr(row, name, value)
        row.seen_at, row.missing_since = at, None
        db.add(row)
    for row in known.values():
        row.missing_since = row.missing_since or at
    return len(cards)


def _labelled(cards: Sequence[DispenserCard]) -> list[tuple[str, DispenserCard]]:
    """Each card with a label that is unique at its location; two cards with one number keep apart, visibly."""
    seen: dict[str, int] = {}
    labelled = []
    for card in cards:
        label = "/".join(map(str, card.numbers)) or card.title[:50]
        seen[label] = seen.get(label, 0) + 1
        labelled.append((label if seen[label] == 1 else f"{label} ({seen[label]})", card))
    return labelled


def store_location_failure(db: Db, user_id: str, location_id: int, code: str, detail: str, at: datetime) -> None:
    """What is known about the location stays; only the failed attempt is noted."""
    location = _location(db, user_id, location_id)
    location.tried_at, location.error_code, location.error_detail = at, code, detail


def _location(db: Db, user_id: str, location_id: int) -> Location:
    query = select(Location).where(Location.user_id == user_id, Location.location_id == location_id)
    location = db.scalar(query)
    if location is None:
        location = Location(id=new_id(), user_id=user_id, location_id=location_id, read_at=None)
        db.add(location)
        db.flush()
    return location


def locations_to_read(db: Db, user_id: str, older_than: datetime) -> list[tuple[int, str]]:
    """Locations of open work orders that were never read, or not since ``older_than``; with the store to name them."""
    query = (
        select(WorkOrder.location_id, WorkOrder.store)
        .outerjoin(Location, (Location.user_id == WorkOrder.user_id) & (Location.location_id == WorkOrder.location_id))
        .where(
            WorkOrder.user_id == user_id,
            WorkOrder.missing_since.is_(None),
            (Location.read_at.is_(None)) | (Location.read_at < older_than),
        )
        .order_by(WorkOrder.work_id)
    )
    return list({location_id: (location_id, store) for location_id, store in db.execute(query)}.values())


def count_open(db: Db, user_id: str) -> int:
    """Work orders that the last complete list showed."""
    query = select(WorkOrder.id).where(WorkOrder.user_id == user_id, WorkOrder.missing_since.is_(None))
    return len(db.scalars(query.where(WorkOrder.completed_on.is_(None))).all())
