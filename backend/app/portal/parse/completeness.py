"""Whether a list that was read page by page is whole (Portal spec §10 rules 4 and 5)."""

from __future__ import annotations

from app.portal.errors import ListIncomplete
from app.portal.records import WorkList, WorkListPage, WorkOrderRow

PAGE = "work list"


class WorkListCollector:
    """Takes the pages in order and counts: page numbers without a gap, one total, no row twice, rows = "N matches"."""

    def __init__(self) -> None:
        self._rows: dict[int, WorkOrderRow] = {}
        self._pages = 0
        self._matches: int | None = None
        self._last: WorkListPage | None = None

    @property
    def count(self) -> int:
        """Rows taken so far."""
        return len(self._rows)

    @property
    def matches(self) -> int | None:
        """The total the portal shows, when it shows one."""
        return self._matches

    def add(self, page: WorkListPage) -> None:
        """Take the next page. Raises ListIncomplete when it does not follow from the pages before it."""
        number = self._pages + 1
        if page.page is not None and page.page != number:
            raise self._incomplete(f"page {number} was awaited, page {page.page} came", number, page.page)
        if self._pages and page.matches != self._matches:
            raise self._incomplete(
                f"the number of matches changed from {self._matches} to {page.matches} while it was read",
                self._matches,
                page.matches,
            )
        repeated = [row.work_id for row in page.work_orders if row.work_id in self._rows]
        if repeated:
            raise self._incomplete(f"W-{repeated[0]} stands on two pages", None, None)
        if self._pages and not page.work_orders:
            raise self._incomplete(f"page {number} is empty", None, 0)
        self._matches = page.matches
        self._pages = number
        self._last = page
        self._rows.update((row.work_id, row) for row in page.work_orders)

    def finish(self) -> WorkList:
        """The whole list. Raises ListIncomplete when a page is missing or the rows are not as many as the matches."""
        if self._last is None:
            raise self._incomplete("no page was read", None, 0)
        if self._last.has_next:
            raise self._incomplete(f"there is a page after page {self._pages}", self._matches, self.count)
        if self._matches is not None and self._matches != self.count:
            raise self._incomplete(f"expected {self._matches} rows, found {self.count}", self._matches, self.count)
        return WorkList(self._matches, self._pages, tuple(self._rows.values()))

    def _incomplete(self, what: str, expected: int | None, found: int | None) -> ListIncomplete:
        return ListIncomplete(f"The work list is not whole: {what}.", page=PAGE, expected=expected, found=found)
