"""Quantiles of durations in little memory: a histogram whose cells are one per cent wide.

A quantile is at most half a per cent off; count, mean and maximum are exact. Histograms of pieces, processes and files add
up, and the archive's engine can count the same cells (``CELL_SQL``), so each way gives the same figures.
"""

from collections import Counter
from collections.abc import Iterable
from math import exp, floor, log

_WIDTH = log(1.01)
_PER_UNIT = 1 / _WIDTH
_LEAST = 0.001  # milliseconds; what is shorter, or negative for a wrong clock, counts as this
CELL_SQL = f"CAST(floor(ln(greatest({{0}}, {_LEAST})) * {_PER_UNIT!r}) AS INTEGER)"


class Histogram:
    """Counts of milliseconds."""

    __slots__ = ("cells", "count", "most", "total")

    def __init__(self) -> None:
        self.cells: Counter[int] = Counter()
        self.count = 0
        self.total = 0.0
        self.most = 0.0

    def add(self, values: list[float]) -> None:
        """Takes finite durations."""
        if not values:
            return
        whole = values if min(values) > _LEAST else [max(value, _LEAST) for value in values]
        self.cells.update(map(floor, map(_PER_UNIT.__mul__, map(log, whole))))
        self.count += len(values)
        self.total += sum(values)
        self.most = max(self.most, max(values))

    def add_counted(self, cells: Iterable[tuple[int, int]], total: float, most: float) -> None:
        """Takes cells that were counted elsewhere, with the sum and the maximum of what is in them."""
        for cell, count in cells:
            self.cells[cell] += count
            self.count += count
        self.total += total
        self.most = max(self.most, most)

    def merge(self, other: "Histogram") -> None:
        self.add_counted(other.cells.items(), other.total, other.most)

    @property
    def mean(self) -> float:
        return self.total / self.count if self.count else 0.0

    def quantile(self, share: float) -> float:
        """The value below or at which ``share`` of all are (nearest rank); 0 when there are none."""
        wanted, seen = share * self.count, 0
        for cell in sorted(self.cells):
            seen += self.cells[cell]
            if seen >= wanted:
                return min(exp((cell + 0.5) * _WIDTH), self.most)
        return self.most
