"""Single lines that are kept: the newest, and the slowest."""

import heapq
from abc import ABC, abstractmethod
from datetime import datetime
from typing import Any, Self

import msgspec

from app.operations.logs.analyzer.tallies import Batch
from app.operations.logs.fields import Row, duration_of, durations, error_of, first, level_of, status_of, text_of
from app.operations.logs.instants import EPOCH, instant, rfc3339
from app.telemetry.redaction import redact_text

_TEXT_AT_MOST = 2_000


class Line(msgspec.Struct, forbid_unknown_fields=True):
    """A line as it is shown. Texts are empty, numbers None, where the line does not say; secrets are hidden once more."""

    ts: str
    level: str
    category: str
    component: str
    event: str
    message: str
    error_type: str
    error: str
    request_id: str
    user: str
    ip: str
    method: str
    route: str
    status: int | None
    duration_ms: float | None


LINE_FIELDS = frozenset(
    {
        "ts",
        "level",
        "category",
        "component",
        "event",
        "message",
        "error",
        "error_type",
        "request_id",
        "user",
        "ip",
        "method",
        "route",
        "status",
        "duration",
    }
)


def when(row: Row) -> datetime:
    """The row's instant; the beginning of 1970 when it has none."""
    return instant(first(row, "ts")) or EPOCH


def shown(value: Any) -> str:
    """A value as it may be shown: text of a bounded length, without secrets."""
    return redact_text(text_of(value)[:_TEXT_AT_MOST])


def line_of(row: Row, category: str) -> Line:
    """The line of a row that was read with ``LINE_FIELDS``; ``category`` is its folder's, for lines that do not say."""
    kind, error = error_of(row)
    return Line(
        ts=rfc3339(at) if (at := instant(first(row, "ts"))) else shown(first(row, "ts")),
        level=level_of(first(row, "level")),
        category=shown(row.category) or category,
        component=shown(first(row, "component")),
        event=shown(first(row, "event")),
        message=shown(first(row, "message")),
        error_type=shown(kind),
        error=shown(error),
        request_id=shown(first(row, "request_id")),
        user=shown(first(row, "user")),
        ip=shown(first(row, "ip")),
        method=shown(first(row, "method")),
        route=shown(first(row, "route")),
        status=status_of(row),
        duration_ms=duration_of(row),
    )


class Kept(ABC):
    """The lines of highest rank, at most so many. ``seen`` counts all that were candidates. ``rank_field`` decides the rank."""

    fields = LINE_FIELDS
    wanted_sql = ""
    rank_field = "ts"

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.seen = 0
        self._heap: list[tuple[Any, int, Line]] = []

    def _offer(self, rank: Any, row: Row, category: str) -> None:
        self.seen += 1
        if len(self._heap) < self.limit:
            heapq.heappush(self._heap, (rank, self.seen, line_of(row, category)))
        elif self._heap and (rank, self.seen) > self._heap[0][:2]:
            heapq.heapreplace(self._heap, (rank, self.seen, line_of(row, category)))

    @abstractmethod
    def add(self, batch: Batch) -> None:
        """Offers rows."""

    def merge(self, other: Self) -> None:
        """Takes what another one kept of later files."""
        entries = [*self._heap, *((rank, self.seen + number, line) for rank, number, line in other._heap)]
        self._heap = heapq.nlargest(self.limit, entries, key=lambda entry: entry[:2])
        heapq.heapify(self._heap)
        self.seen += other.seen

    @property
    def lines(self) -> list[Line]:
        """In the order of their rank."""
        return [line for *_, line in sorted(self._heap, key=lambda entry: entry[:2])]


class Newest(Kept):
    """The newest lines, oldest first."""

    def add(self, batch: Batch) -> None:
        for row in batch.rows:
            self._offer(when(row), row, batch.category)


class Slowest(Kept):
    """The slowest lines of more than ``above`` milliseconds, slowest last."""

    rank_field = "duration"

    def __init__(self, limit: int, above: float) -> None:
        super().__init__(limit)
        self.above = above
        self.wanted_sql = f"{{duration}} > {above!r}"

    def add(self, batch: Batch) -> None:
        for row, value in zip(batch.rows, durations(batch.rows), strict=True):
            if value is not None and value > self.above:
                self._offer(value, row, batch.category)
