"""Reading the whole work list (Portal spec §2): the widest page size, every page, counted."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, Literal

from app.portal.parse.completeness import WorkListCollector
from app.portal.parse.dom import changed
from app.portal.parse.identify import NAMES, PageKind
from app.portal.parse.work_list import parse_work_list
from app.portal.records import WorkList
from app.portal.session import PortalSession

ListFilter = Literal["open", "completed", "all"]
OnPage = Callable[[int, int, int | None], Awaitable[None] | None]
"""Told after each page: its number, the rows so far, the matches (when the portal says them)."""

PAGE = NAMES[PageKind.WORK_LIST]
_KIND = PageKind.WORK_LIST
_WIDEST = 100
_MAX_PAGES = 200
_PATH = "/app/work/list"
_FILTERS: dict[ListFilter, tuple[str, str | None]] = {
    # Open: no visit completed. Without "With Scheduled Visits", so that jobs nobody has scheduled yet are in it, too.
    "open": (
        "?work_visit_completion=none%7C%7CNo%20visits%20completed%7C%7CWork%20Visits%20Completed&order_direction=asc",
        "No visits completed",
    ),
    "completed": (
        "?work_visit_completion=all%7C%7CAll%20visits%20completed%7C%7CWork%20Visits%20Completed",
        "All visits completed",
    ),
    "all": ("", None),
}


async def read_work_list(session: PortalSession, which: ListFilter = "open", on_page: OnPage | None = None) -> WorkList:
    """Every row of the list under this filter, complete or not at all.

    Raises ListIncomplete when pages and counts do not agree, PortalChanged when the filter was not applied or the page
    has not the expected shape, and the errors of ``PortalSession.load``. After a sign-in in the middle it starts anew.
    """
    return await session.run(PAGE, lambda: _read(session, which, on_page))


async def _read(session: PortalSession, which: ListFilter, on_page: OnPage | None) -> WorkList:
    query, badge = _FILTERS[which]
    collector = WorkListCollector()
    settle = session.settings.settle_seconds * 1000
    now = await session.load(_PATH + query, _KIND, "f.listReady(arg)", {"settle": settle}, "rows or '0 matches'")
    if _more(now) and now["size"] is not None and now["size"] < _WIDEST:
        now = await _widen(session, now, settle)
    for number in range(1, _MAX_PAGES + 1):
        page = parse_work_list(await session.html())
        if badge is not None and not any(badge in shown for shown in page.filters):
            raise changed(PAGE, f"badge of the filter '{badge}'")
        collector.add(page)
        if on_page is not None and inspect.isawaitable(told := on_page(number, collector.count, collector.matches)):
            await told
        if not page.has_next:
            break
        now = await _turn(session, number + 1, now, settle)
    return collector.finish()


def _more(now: dict[str, Any]) -> bool:
    """Whether there may be rows beyond this page: then the widest page saves page loads."""
    return now["matches"] is None or now["matches"] > now["rows"]


async def _widen(session: PortalSession, now: dict[str, Any], settle: float) -> dict[str, Any]:
    """Choose "Show 100". When the choice does not take effect the pages are walked as they are: the counts decide."""
    box = session.page.locator('.ks-select:has(input[name="limit"])').first
    opened = """(() => { const box = f.limitBox(); const drop = box && box.querySelector(".ks-select-dropdown");
      return drop && f.shown(drop) && f.idle() ? f.all(".autocomplete-list li", box).map(f.text) : null; })()"""
    labels = await session.click_until(
        box.locator(".ks-select-selection"), opened, None, _KIND, "list of the page sizes"
    )
    wanted = f"Show {_WIDEST}"
    if wanted not in labels:
        return now
    arg = {"settle": settle, "size": _WIDEST, "before": now["rows"]}
    option = box.locator(".autocomplete-list li").nth(labels.index(wanted))
    mark = await session.click(option, f"choice of '{wanted}'", _KIND)
    outcome = await session.wait("f.listReady(arg)", arg, mark=mark, drop_seconds=session.settings.drop_seconds)
    if outcome.state == "done":
        value: dict[str, Any] = outcome.value
        return value
    if outcome.state == "dropped":
        return now
    raise await session.explain(outcome, _KIND, f"the list with '{wanted}'")


async def _turn(session: PortalSession, number: int, now: dict[str, Any], settle: float) -> dict[str, Any]:
    """Go to the next page. The click is repeated only when it was dropped: a second one would skip a page."""
    arrow = session.page.locator("a.next-page:not(.disabled)").locator("visible=true").first
    arg = {"settle": settle, "page": number, "after": now["first"]}
    value = await session.click_until(
        arrow, "f.listReady(arg)", arg, _KIND, f"page {number} of the list", seconds=session.settings.page_seconds
    )
    return dict(value)
