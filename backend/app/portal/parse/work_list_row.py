"""One row of the work list (Portal spec §2.4, §2.5). Everything is looked up inside the row, by what it is."""

from __future__ import annotations

import re
from datetime import date, datetime

from selectolax.lexbor import LexborNode

from app.portal.errors import PortalChanged
from app.portal.parse.dom import (
    CUSTOMER_PATH,
    LOCATION_PATH,
    VISIT_PATH,
    WORK_PATH,
    attribute,
    changed,
    children,
    classes,
    collapse,
    dates_in,
    hidden,
    lines_of,
    path_of,
    raw_text,
    text_of,
    us_date,
)
from app.portal.records import NextVisit, ServiceLine, WorkOrderRow

_ROW_CLASS = re.compile(r"^w-(\d+)$")
_ROW_TEXT = re.compile(r"^W-(\d+)$", re.IGNORECASE)
_STORE = re.compile(r"^#[\w/-]+$")
_CITY = re.compile(r"^(?P<city>.+?),?\s+(?P<state>[A-Z]{2})\s+(?P<zip>\d{5}(?:-?\d{4})?)$")
_COUNTY = re.compile(r"\bCounty$", re.IGNORECASE)
_CREATED_TITLE = re.compile(
    r"^Created by:\s*(?P<name>.*?)\s*(?P<d>\d{2}/\d{2}/\d{4})\s+(?P<t>\d{1,2}:\d{2}\s?[ap]m)$", re.IGNORECASE
)
_CREATED_TEXT = re.compile(
    r"^(?P<name>.*?)\s*•\s*(?P<d>\d{2}/\d{2}/\d{4})\s+(?P<t>\d{1,2}:\d{2}\s?[ap]m)$", re.IGNORECASE
)
_QUANTITY = re.compile(r"^(\d+)\s*x$", re.IGNORECASE)
_CODE = re.compile(r"^\(([A-Za-z0-9][\w./-]*)\)$")
_CODE_AT_END = re.compile(r"^(?P<text>.*?)\s*\((?P<code>[A-Z0-9][A-Z0-9-]*)\)$")
_NO_STREET = re.compile(r"^(?:[&@]|nr\b|near\b)", re.IGNORECASE)  # how a line begins that names a crossing
_COUNTER = re.compile(r"^(\d+)\s*/\s*(\d+)$")
_COUNTER_TEXT = re.compile(r"^(\d+)\s*/\s*(\d+)(?:\s+visits?)?$", re.IGNORECASE)
_DUE = re.compile(r"^Due:\s*(.*)$", re.IGNORECASE)


class _Row:
    """The row under the reader's hand: names it in every error."""

    def __init__(self, node: LexborNode) -> None:
        self.node = node
        self.work_id = 0

    def missing(self, what: str) -> PortalChanged:
        name = f"row W-{self.work_id}" if self.work_id else "a row"
        return changed("work list", f"{name}: {what}")

    def date(self, text: str, what: str) -> date:
        value = us_date(text)
        if value is None:
            raise self.missing(f"{what} ({text!r} is no date)")
        return value


def parse_row(node: LexborNode) -> WorkOrderRow:
    """The record of one ``.work-list-item``. Raises PortalChanged naming the row and what did not fit."""
    row = _Row(node)
    row.work_id = _work_id(row)
    labels = _labels(row)
    created_by, created_at = _created(row)
    customer, customer_id = _link(row, CUSTOMER_PATH, "customer link")
    store, location_id = _link(row, LOCATION_PATH, "location link")
    if not _STORE.match(store):
        raise row.missing(f"store label ({store!r})")
    street, intersection, city, state, zip_code, county = _address(row)
    done, total, next_visit, due, completed = _visits(row)
    return WorkOrderRow(
        work_id=row.work_id,
        categories=tuple(text for tip in node.css(".wo-category-show .ks-tooltip") if (text := text_of(tip))),
        status=text_of(node.css_first(".work-status-badge")),
        reason=labels.get("reason"),
        project=labels.get("project"),
        po=labels.get("po"),
        created_by=created_by,
        created_at=created_at,
        customer=customer,
        customer_id=customer_id,
        location_id=location_id,
        store=store,
        brand=_brand(row),
        street=street,
        intersection=intersection,
        city=city,
        state=state,
        zip=zip_code,
        county=county,
        services=_services(row),
        visits_done=done,
        visits_total=total,
        next_visit=next_visit,
        due_date=due,
        completed_on=completed,
        instructions=_instructions(row),
    )


def _work_id(row: _Row) -> int:
    by_class = {int(m.group(1)) for name in classes(row.node) if (m := _ROW_CLASS.match(name))}
    links = [(a, m) for a in row.node.css("a") if (m := WORK_PATH.match(path_of(attribute(a, "href"))))]
    by_link = {int(match.group(1)) for _, match in links}
    by_text = {int(m.group(1)) for a, _ in links if (m := _ROW_TEXT.match(text_of(a) or ""))}
    if len(by_class) != 1:
        raise row.missing("the class with its work id (w-…)")
    row.work_id = by_class.copy().pop()
    if not by_link:
        raise row.missing("link to the work order")
    if by_link | by_text != by_class:
        raise row.missing(
            f"its work ids disagree: class {sorted(by_class)}, link {sorted(by_link)}, text {sorted(by_text)}"
        )
    return row.work_id


def _labels(row: _Row) -> dict[str, str]:
    """The "Reason:", "Project:" and "PO #:" lines of the first column; each at most once."""
    found: dict[str, str] = {}
    for span in row.node.css("span.muted"):
        line, label = span.parent, re.sub(r"[\s#:]", "", text_of(span) or "").lower()
        if line is None or label not in {"reason", "project", "po"} or ":" not in (text_of(span) or ""):
            continue
        whole, head = text_of(line) or "", text_of(span) or ""
        value = collapse(whole.removeprefix(head))
        title = attribute(line, "title")
        if title is not None and title.startswith(head):
            # The line is cut by style only, but the title is the full text by design.
            value = collapse(title.removeprefix(head)) or value
        if value and found.setdefault(label, value) != value:
            raise row.missing(f"two different values for {head!r}")
    return found


def _created(row: _Row) -> tuple[str | None, datetime | None]:
    block = row.node.css_first(".work-creator")
    title, shown = attribute(block, "title"), text_of(block)
    if block is None or (title is None and shown is None):
        return None, None
    match = _CREATED_TITLE.match(title or "") or _CREATED_TEXT.match(shown or "")
    if match is None:
        raise row.missing(f"creator and creation time ({'title' if title else 'text'} does not fit)")
    try:
        # The portal's times carry no zone, and the records keep it that way.
        text = f"{match['d']} {match['t'].replace(' ', '').upper()}"
        moment = datetime.strptime(text, "%m/%d/%Y %I:%M%p")  # noqa: DTZ007
    except ValueError:
        raise row.missing(f"creation time ({match['d']} {match['t']})") from None
    return collapse(match["name"]) or None, moment


def _link(row: _Row, path: re.Pattern[str], what: str) -> tuple[str, int]:
    hits = {}
    for anchor in row.node.css(".address a"):
        match, text = path.match(path_of(attribute(anchor, "href"))), text_of(anchor)
        if match and text:
            hits[int(match.group(1))] = text
    if len(hits) != 1:
        raise row.missing(what if not hits else f"{what} (several: {sorted(hits)})")
    number, text = hits.popitem()
    return text, number


def _brand(row: _Row) -> str | None:
    for line in row.node.css(".address .mb-1"):
        if line.css_first("a") is None and (text := text_of(line)):
            return text
    return None


def _address(row: _Row) -> tuple[str, str | None, str, str, str, str | None]:
    """Lines by role, counted from the end: county, city line, then what is left (Portal spec §2.5)."""
    block = row.node.css_first(".address-info")
    if block is None:
        raise row.missing("address block")
    lines = lines_of(block)
    county = lines.pop() if lines and _COUNTY.search(lines[-1]) else None
    match = _CITY.match(lines[-1]) if lines else None
    if match is None:
        raise row.missing("city line of the address")
    head = lines[:-1]
    if not head or len(head) > 2:
        raise row.missing("street line of the address" if not head else f"address of {len(lines) + bool(county)} lines")
    if _NO_STREET.match(head[0]):
        raise row.missing("street line of the address")
    street, intersection = head[0], head[1] if len(head) == 2 else None
    return street, intersection, match["city"], match["state"], match["zip"], county


def _column(row: _Row, inner: str, what: str) -> LexborNode:
    hits = row.node.css(f".row-collapse > {inner}")
    if len(hits) != 1:
        raise row.missing(what)
    return hits[0]


def _services(row: _Row) -> tuple[ServiceLine, ...]:
    services: list[ServiceLine] = []
    for group in children(_column(row, ".med-7", "items column")):
        if text_of(group) is None:
            continue
        category: str | None = None
        for part in children(group):
            cells = [cell for cell in children(part) if text_of(cell)]
            quantity = _QUANTITY.match(text_of(cells[0]) or "") if cells else None
            if quantity is None and category is None and "flex" not in classes(part):
                category = text_of(part)
            elif quantity is None or category is None:
                if text_of(part) is not None:
                    raise row.missing(f"quantity of an item in {category!r}")
            else:
                description, code = _item(cells[1:])
                if description is None and code is None:
                    raise row.missing(f"description of an item in {category!r}")
                services.append(ServiceLine(category, int(quantity.group(1)), description, code))
        if category is None or not any(line.category == category for line in services):
            raise row.missing(f"item lines of the group {category!r}" if category else "category of an item group")
    return tuple(services)


def _item(cells: list[LexborNode]) -> tuple[str | None, str | None]:
    """Description and code of an item; only the last muted "(…)" is the code, other parentheses are text."""
    whole = collapse(" ".join(text_of(cell) or "" for cell in cells))
    for span in reversed([span for cell in cells for span in cell.css("span.muted")]):
        shown = text_of(span) or ""
        if (match := _CODE.match(shown)) and whole.endswith(shown):
            return collapse(whole.removesuffix(shown)) or None, match.group(1)
    if match := _CODE_AT_END.match(whole):
        return collapse(match["text"]) or None, match["code"]
    return whole or None, None


def _visits(row: _Row) -> tuple[int | None, int | None, NextVisit | None, date | None, date | None]:
    column = _column(row, ".med-5", "visits column")
    if text_of(column) is None and not column.css("a"):
        return None, None, None, None, None
    done, total = _counter(row, column)
    links = [link for a in column.css("a") if (link := _visit(row, a)) is not None]
    # Several links are possible in principle ("0 / 2"); the next visit is the earliest one.
    next_visit = min(links, key=lambda visit: visit.date, default=None)
    due: date | None = None
    completed: date | None = None
    for line in lines_of(column):
        if match := _DUE.match(line):
            due = row.date(match.group(1), "due date") if match.group(1) else None
    for block in children(column):
        if block.css_first("a") is not None or block.tag == "a":
            continue
        for line in lines_of(block):
            dates = [] if _DUE.match(line) else dates_in(line)
            if dates:
                if not (done or _is_done(column)) or len(dates) > 1 or completed is not None:
                    raise row.missing(
                        f"a date in the visits column that is neither visit nor due nor completion: {line!r}"
                    )
                completed = row.date(dates[0], "completion date")
    return done, total, next_visit, due, completed


def _is_done(column: LexborNode) -> bool:
    return column.css_first(".strike-through, svg.fa-circle-check, [data-icon=circle-check]") is not None


def _counter(row: _Row, column: LexborNode) -> tuple[int, int]:
    for node in column.css("[title]"):
        if match := _COUNTER.match(attribute(node, "title") or ""):
            shown = _COUNTER_TEXT.match(text_of(node) or "")
            if shown is not None and shown.groups() != match.groups():
                raise row.missing("visit counter (title and text disagree)")
            return int(match.group(1)), int(match.group(2))
    for line in lines_of(column):
        if match := _COUNTER_TEXT.match(line):
            return int(match.group(1)), int(match.group(2))
    raise row.missing("visit counter")


def _visit(row: _Row, anchor: LexborNode) -> NextVisit | None:
    href = attribute(anchor, "href")
    match = VISIT_PATH.match(path_of(href))
    labelled = (attribute(anchor, "title") or "").lower() == "next visit"
    if match is None or href is None:
        if labelled:
            raise row.missing("address of the next visit")
        return None
    if int(match.group(1)) != row.work_id:
        raise row.missing(f"its visit link belongs to work order {match.group(1)}")
    day: date | None = None
    time: str | None = None
    for line in lines_of(anchor):
        if _DUE.match(line):
            continue
        if line.startswith("(") and line.endswith(")"):
            time = collapse(line[1:-1]) or None
        elif found := dates_in(line):
            if day is not None:
                raise row.missing("two dates in one visit link")
            day = row.date(found[0], "visit date")
            rest = collapse(line.replace(found[0], "")).strip("()")
            time = rest or time
    if day is None:
        raise row.missing("date of the next visit")
    return NextVisit(int(match.group(2)), href, day, time)


def _instructions(row: _Row) -> str | None:
    """The full text of the hidden tooltip; the visible copy only when it is not cut (Portal spec §2.5)."""
    full = row.node.css(".ks-tooltip span.pre-wrap")
    if len(full) > 1:
        raise row.missing("instructions (several full texts)")
    if full:
        return raw_text(full[0])
    copies = row.node.css("span.pre-wrap")
    if not copies:
        return None
    for more in row.node.css("a"):
        if (text_of(more) or "").lower().startswith("more") and not hidden(more):
            raise row.missing("full text of the instructions")
    return raw_text(copies[0])
