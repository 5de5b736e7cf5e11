"""The work list (Portal spec §2): list, paginator, counts. Rows are read in ``work_list_row``."""

from __future__ import annotations

import re
from collections import Counter

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import attribute, changed, classes, hidden, loading, parse, text_of
from app.portal.parse.identify import NAMES, PageKind, require
from app.portal.parse.work_list_row import parse_row
from app.portal.records import WorkListPage

PAGE = NAMES[PageKind.WORK_LIST]
_MATCHES = re.compile(r"^([\d,]+)\s+match(?:es)?$", re.IGNORECASE)
_SHOW = re.compile(r"^show\s+(\d+)$", re.IGNORECASE)
_PAGINATORS = '[class*="simple-pagination"], [class*="length-aware-pagination"]'
_LENGTH_AWARE = '[class*="length-aware-pagination"]'


def parse_work_list(html: str) -> WorkListPage:
    """One page of the work list.

    An empty list is believed only when the portal says so: "0 matches", or a filter badge with the list's header and
    no loading bar (Portal spec §7.1 row 5). Raises NotSignedIn, ForeignPage, ErrorPage, PortalChanged.
    """
    doc = parse(html)
    require(doc, PageKind.WORK_LIST)
    rows = tuple(parse_row(node) for node in doc.css(".work-list-item"))
    twice = [work_id for work_id, times in Counter(row.work_id for row in rows).items() if times > 1]
    if twice:
        raise changed(PAGE, f"row W-{twice[0]} stands in it twice")
    matches = _matches(doc)
    filters = tuple(text for badge in doc.css(".active-search-filters .ks-badge") if (text := _badge(text_of(badge))))
    if not rows:
        _check_empty(doc, matches, filters)
    elif matches is not None and len(rows) > matches:
        raise changed(PAGE, f"expected {matches} rows, found {len(rows)}")
    return WorkListPage(
        page=_page_number(doc),
        matches=matches,
        has_next=_has_next(doc),
        page_size=_page_size(doc),
        filters=filters,
        work_orders=rows,
    )


def _check_empty(doc: LexborHTMLParser, matches: int | None, filters: tuple[str, ...]) -> None:
    if matches:
        raise changed(PAGE, f"expected {matches} rows, found 0")
    if loading(doc):
        raise changed(PAGE, "the list was still loading")
    if _grid_view(doc):
        raise changed(PAGE, "it is switched to the grid view")
    if not _has_header(doc):
        raise changed(PAGE, "neither rows nor the list's header")
    if matches is None and not filters:
        raise changed(PAGE, "neither rows nor '0 matches' nor a filter that explains an empty list")


def _has_header(doc: LexborHTMLParser) -> bool:
    """The header line "Work · Customer · Items · Visits" (Portal spec §2.2 item 5)."""
    shown = {text.lower() for node in doc.css("div") if (text := text_of(node)) is not None and len(text) <= 8}
    return {"work", "customer", "items", "visits"} <= shown


def _badge(text: str | None) -> str | None:
    return text.rstrip("×✕x ").strip() or None if text else None


def _matches(doc: LexborHTMLParser) -> int | None:
    """The total of the length-aware paginator; top and bottom must agree."""
    found = set()
    for wrapper in doc.css(_LENGTH_AWARE):
        for node in (wrapper, *wrapper.css("div, span")):
            if match := _MATCHES.match(text_of(node) or ""):
                found.add(int(match.group(1).replace(",", "")))
    if len(found) > 1:
        raise changed(PAGE, f"its paginators disagree about the number of matches: {sorted(found)}")
    return found.pop() if found else None


def _page_number(doc: LexborHTMLParser) -> int | None:
    numbers = {
        text
        for box in doc.css(_LENGTH_AWARE)
        for node in box.css(".current-page")
        if (text := text_of(node)) is not None
    }
    if len(numbers) > 1 or any(not number.isdigit() for number in numbers):
        raise changed(PAGE, f"its paginators disagree about the page: {sorted(numbers)}")
    if numbers:
        return int(numbers.pop())
    # A paginator without numbers: only its first page is known (nothing before it).
    back = _arrows(doc, "a.prev-page")
    return 1 if all("disabled" in classes(node) or hidden(node) for node in back) else None


def _has_next(doc: LexborHTMLParser) -> bool:
    return any("disabled" not in classes(node) and not hidden(node) for node in _arrows(doc, "a.next-page"))


def _arrows(doc: LexborHTMLParser, selector: str) -> list[LexborNode]:
    return [node for box in doc.css(_PAGINATORS) for node in box.css(selector)]


def _page_size(doc: LexborHTMLParser) -> int | None:
    for select in doc.css(".ks-select"):
        if select.css_first('input[name="limit"]') is None:
            continue
        match = _SHOW.match(text_of(select.css_first(".ks-select-selection")) or "")
        if match:
            return int(match.group(1))
    return None


def _grid_view(doc: LexborHTMLParser) -> bool:
    """Whether the list is switched to the grid (whose markup is unknown, Portal spec §11.3)."""
    for radio in doc.css('input[name="grid_view"][value="grid"]'):
        label = radio.parent
        if label is not None and ("ks-state-active" in classes(label) or attribute(radio, "checked") is not None):
            return True
    return False
