"""What the reader of the work list relies on, as data (Portal spec §2), and what every page has."""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import (
    CUSTOMER_PATH,
    LOCATION_PATH,
    VISIT_PATH,
    WORK_PATH,
    attribute,
    classes,
    dates_in,
    path_of,
    text_of,
)
from app.portal.parse.identify import SHELL_SELECTOR
from app.portal.shape_terms import (
    Expectation,
    Finding,
    each,
    failed,
    has,
    not_seen,
    ok,
    sometimes,
    there,
)

_QUANTITY = re.compile(r"^\d+\s*x$")
_COUNTER = re.compile(r"^\d+ / \d+$")
_SHOW = re.compile(r"^show \d+$", re.IGNORECASE)
_ROW_CLASS = re.compile(r"^w-(\d+)$")
_MATCHES = re.compile(r"\b([\d,]+) match(?:es)?\b", re.IGNORECASE)

FRAME = Expectation("frame of the portal: #app-footer, #sidebar or .top-bar", there(SHELL_SELECTOR))


def _rows(doc: LexborHTMLParser) -> list[LexborNode]:
    return list(doc.css(".work-list-item"))


def _said(doc: LexborHTMLParser) -> int | None:
    for box in doc.css('[class*="length-aware-pagination"]'):
        if match := _MATCHES.search(text_of(box) or ""):
            return int(match.group(1).replace(",", ""))
    return None


def _row_classes(doc: LexborHTMLParser) -> Finding:
    rows = _rows(doc)
    if rows:
        wrong = sum(not any(_ROW_CLASS.match(name) for name in classes(row)) for row in rows)
        return failed(f"{wrong} of {len(rows)} rows without w-N") if wrong else ok(f"{len(rows)} rows")
    links = sum(bool(WORK_PATH.match(path_of(attribute(link, "href")))) for link in doc.css(".content a[href]"))
    said = _said(doc)
    if links or said:
        return failed(
            f"no row, but {links} links to work orders and {said if said is not None else 'no number of'} matches"
        )
    return not_seen("the list is empty")


def links_to(pattern: re.Pattern[str]) -> Callable[[LexborNode], bool]:
    """Whether an element holds a link to such an address."""
    return lambda row: any(pattern.match(path_of(attribute(link, "href"))) for link in row.css("a[href]"))


def _own_link(row: LexborNode) -> bool:
    ids = {match.group(1) for name in classes(row) if (match := _ROW_CLASS.match(name))}
    linked = {m.group(1) for a in row.css("a[href]") if (m := WORK_PATH.match(path_of(attribute(a, "href"))))}
    return bool(linked) and (linked == ids or not ids)


def _services(doc: LexborHTMLParser) -> Finding:
    rows = _rows(doc)
    if not rows:
        return not_seen("the list is empty")
    lines = sum(any(_QUANTITY.match(text_of(node) or "") for node in row.css("div")) for row in rows)
    return ok(f"in {lines} of {len(rows)} rows") if lines else failed(f"in none of {len(rows)} rows")


def _visit_links(doc: LexborHTMLParser) -> list[LexborNode]:
    rows = _rows(doc)
    return [a for row in rows for a in row.css("a[href]") if VISIT_PATH.match(path_of(attribute(a, "href")))]


def _paginator(doc: LexborHTMLParser) -> Finding:
    boxes = doc.css('[class*="simple-pagination"], [class*="length-aware-pagination"]')
    if not boxes:
        return failed("no paginator")
    return (
        ok(f"{len(boxes)} times") if any(has("a.next-page")(box) for box in boxes) else failed("no a.next-page in it")
    )


def _matches_said(doc: LexborHTMLParser) -> Finding:
    if doc.css_first('[class*="length-aware-pagination"]') is None:
        return not_seen("no counting paginator on this page")
    said, rows = _said(doc), len(_rows(doc))
    if said is None:
        return failed("no 'N matches' in it")
    return ok(f"{said} matches") if rows <= said else failed(f"{said} matches, but {rows} rows")


def _page_size(doc: LexborHTMLParser) -> Finding:
    for box in doc.css(".ks-select"):
        if box.css_first('input[name="limit"]') is not None:
            shown = text_of(box.css_first(".ks-select-selection")) or ""
            return ok("Show N") if _SHOW.match(shown) else failed("its selection is not 'Show N'")
    return failed("no .ks-select with input[name=limit]")


_A_ROW = "a row"
WORK_LIST = (
    FRAME,
    Expectation(
        "search bar and filters of the list", there("#work-order-search-bar, #work-order-filters, .search-header")
    ),
    Expectation("rows are .work-list-item.w-N", _row_classes),
    Expectation("each row links to its own work order", each(_rows, _own_link, "row"), _A_ROW),
    Expectation("each row links to its customer", each(_rows, links_to(CUSTOMER_PATH), "row"), _A_ROW),
    Expectation("each row links to its location", each(_rows, links_to(LOCATION_PATH), "row"), _A_ROW),
    Expectation("each row has an address in .address-info", each(_rows, has(".address-info div"), "row"), _A_ROW),
    Expectation(
        "each row counts its visits as 'n / m'",
        each(
            _rows,
            lambda row: any(_COUNTER.match(attribute(node, "title") or "") for node in row.css("[title]")),
            "row",
        ),
        _A_ROW,
    ),
    Expectation("service lines 'n x'", _services, _A_ROW, essential=False),
    Expectation(
        "link of the next visit with its date",
        each(_visit_links, lambda link: bool(dates_in(text_of(link) or "")), "link"),
        "a row with a visit",
        essential=False,
    ),
    Expectation(
        "whole instructions in .ks-tooltip .pre-wrap",
        sometimes(".work-list-item .ks-tooltip span.pre-wrap"),
        "a row with instructions",
        essential=False,
    ),
    Expectation("paginator with a.next-page", _paginator),
    Expectation("number of matches", _matches_said, "a counting paginator", essential=False),
    Expectation("page size select around input[name=limit]", _page_size),
    Expectation(
        "badge of the filter", sometimes(".active-search-filters .ks-badge"), "a filtered list", essential=False
    ),
)
