"""The work list's query: filter grammar, search, order, pages and the rows as the page shows them (Portal spec §2)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from .model import State, WorkOrder
from .vocabulary import CATEGORY_COLOURS

PAGE_SIZES = (25, 50, 100)
SHORT_TEXT = 170
CUT_TEXT = 190
FILTERS = ("visit_scheduled", "work_visit_completion", "search_term")


@dataclass(frozen=True)
class Filter:
    """One filter of the address: `name=value||display||label`."""

    name: str
    value: str
    display: str
    label: str


@dataclass(frozen=True)
class Query:
    """A parsed list address."""

    filters: tuple[Filter, ...] = ()
    descending: bool = True
    page: int = 1
    size: int | None = None
    show_closed: bool = False


def parse_query(pairs: Iterable[tuple[str, str]], page_parameter: str = "page") -> Query:
    """Read the address's query. Unknown names and wrong numbers are ignored, as web portals do."""
    filters: list[Filter] = []
    descending, page, size, closed = True, 1, None, False
    for name, raw in pairs:
        value, _, rest = raw.partition("||")
        display, _, label = rest.partition("||")
        if name == "order_direction":
            descending = value.lower() != "asc"
        elif name == page_parameter:
            page = max(1, int(value)) if value.isdigit() else 1
        elif name == "limit":
            size = int(value) if value.isdigit() and int(value) in PAGE_SIZES else None
        elif name == "show_closed":
            closed = value in ("1", "true")
        elif name in FILTERS and value:
            filters.append(Filter(name, value, display, label))
    return Query(tuple(filters), descending, page, size, closed)


@dataclass(frozen=True)
class Page:
    """One page of the list; `matches` is None when the address has no filter (simple paginator, no total)."""

    rows: list[dict[str, Any]]
    matches: int | None
    page: int
    pages: int
    size: int


def _passes(state: State, order: WorkOrder, item: Filter) -> bool:
    total, done = len(order.visits), order.done
    if item.name == "visit_scheduled":
        return order.next_visit is not None if item.value == "scheduled" else order.next_visit is None
    if item.name == "work_visit_completion":
        if item.value == "none":
            return done == 0
        return (total > 0 and done == total) if item.value == "all" else 0 < done < total
    location = state.locations[order.location_id]
    customer = state.customers[location.customer_id].name
    text = f"w-{order.id} {location.store} {customer} {location.street} {location.city} {order.instructions}".lower()
    return item.value.lower() in text


def _done(order: WorkOrder) -> list[date]:
    return [visit.completed_on for visit in order.visits if visit.completed_on is not None]


def select(state: State, user: str, query: Query) -> list[WorkOrder]:
    """All work orders of `user` that pass the filters, by next visit; those without a date come first in `asc`."""
    orders = [
        order
        for order in state.work_orders.values()
        if order.technician == user
        and (query.show_closed or not order.closed)
        and all(_passes(state, order, item) for item in query.filters)
    ]

    def key(order: WorkOrder) -> tuple[date, int]:
        visit = order.next_visit
        return (visit.date if visit else max(_done(order), default=date.min), order.id)

    return sorted(orders, key=key, reverse=query.descending)


def page_of(state: State, user: str, query: Query, today: date) -> Page:
    """The asked page. A page beyond the end is empty."""
    orders = select(state, user, query)
    size = query.size or state.page_sizes.get(user, PAGE_SIZES[0])
    pages = max(1, -(-len(orders) // size))
    start = (query.page - 1) * size
    return Page(
        rows=[row(state, order, today) for order in orders[start : start + size]],
        matches=len(orders) if query.filters else None,
        page=query.page,
        pages=pages,
        size=size,
    )


def us_date(day: date | None) -> str | None:
    """MM/DD/YYYY, as the portal writes dates."""
    return day.strftime("%m/%d/%Y") if day else None


def cut(text: str) -> str:
    """The visible copy of an instruction text: cut at a word boundary near 190 characters, line breaks kept."""
    if len(text) <= SHORT_TEXT:
        return text
    head = text[: CUT_TEXT + 1]
    if len(text) <= CUT_TEXT:
        return text
    position = max(head.rfind(" "), head.rfind("\n"))
    return head[: position if position > 0 else CUT_TEXT].rstrip()


def row(state: State, order: WorkOrder, today: date) -> dict[str, Any]:
    """What the page's script needs to draw one row."""
    location = state.locations[order.location_id]
    visit = order.next_visit
    done = _done(order)
    created = order.created_at
    return {
        "id": order.id,
        "categories": [
            {"name": name, "colour": CATEGORY_COLOURS.get(name, "rgb(120, 120, 120)")} for name in order.categories
        ],
        "status": order.status,
        "status_class": order.status_class,
        "reason": order.reason,
        "project": order.project,
        "po": order.po,
        "created_by": order.created_by,
        "created_at": f"{created:%m/%d/%Y %I:%M}{'am' if created.hour < 12 else 'pm'}",
        "customer": state.customers[location.customer_id].name,
        "customer_id": location.customer_id,
        "location_id": location.id,
        "store": location.store,
        "brand": location.brand,
        "street": location.street,
        "intersection": location.intersection,
        "city_line": f"{location.city} {location.state} {location.zip}",
        "county": location.county,
        "contact": location.contact,
        "groups": [group.model_dump() for group in order.groups],
        "done": order.done,
        "total": len(order.visits),
        "visit": {"id": visit.id, "date": us_date(visit.date), "time": visit.time} if visit else None,
        "completed_on": us_date(max(done)) if done and visit is None else None,
        "due": us_date(order.due_date),
        "overdue": bool(order.due_date and order.due_date <= today),
        "instructions": order.instructions,
        "cut": cut(order.instructions),
        "more": len(order.instructions) > SHORT_TEXT,
    }
