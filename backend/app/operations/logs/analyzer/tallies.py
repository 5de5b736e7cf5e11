"""What is counted of lines. Each tally takes batches of rows in any order, and adds up with another of its kind.

All of them are bounded, whatever the logs hold: when too many different things were seen, the rarest are no longer told
apart. What comes again later begins at nothing then, so its figure may be low by as many as it had.
"""

import heapq
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from typing import Any, Protocol, Self

from app.operations.logs.analyzer.histogram import Histogram
from app.operations.logs.fields import (
    LOUD,
    Row,
    column,
    durations,
    error_of,
    first,
    is_own,
    level_of,
    status_of,
    text_of,
)
from app.operations.logs.instants import instant

GROUPS_AT_MOST, CELLS_AT_MOST = 20_000, 150_000
_WAITING_AT_MOST = 50_000
_LEVEL = attrgetter("level")
_HASHABLE = {str, int, float, bool, type(None)}


class Batch:
    """Rows of one category's folder, with what several tallies need of them."""

    def __init__(self, rows: Sequence[Row], category: str) -> None:
        self.rows = rows
        self.category = category

    @cached_property
    def _said(self) -> list[Any]:
        if is_own(self.rows):
            return list(map(_LEVEL, self.rows))
        said = column(self.rows, "level")
        if not set(map(type, said)) <= _HASHABLE:  # somebody calls a list or an object a level
            said = [value if isinstance(value, str) else None for value in said]
        return said

    @cached_property
    def _counted(self) -> Counter[Any]:
        return Counter(self._said)

    @property
    def levels(self) -> dict[str, int]:
        """How many rows of each level."""
        levels: dict[str, int] = {}
        for said, count in self._counted.items():
            level = level_of(said)
            levels[level] = levels.get(level, 0) + count
        return levels

    @cached_property
    def loud_numbers(self) -> list[int]:
        """Which rows (from 0) are of level error or critical."""
        said, numbers = self._said, []
        for name, count in self._counted.items():
            number = -1
            for _ in range(
                count if level_of(name) in LOUD else 0
            ):  # they are few: looking for each is faster than at each
                number = said.index(name, number + 1)
                numbers.append(number)
        return sorted(numbers)

    @property
    def loud(self) -> list[Row]:
        """The rows of level error or critical."""
        return [self.rows[number] for number in self.loud_numbers]


class Tally(Protocol):
    """``fields``: what it needs of a row. ``wanted_sql``: which of the archive's rows it needs (perhaps some more), with fields
    in braces; empty for all of them."""

    fields: frozenset[str]
    wanted_sql: str

    def add(self, batch: Batch) -> None: ...

    def merge(self, other: Self) -> None: ...


def drop_rarest(counts: dict[Any, int]) -> list[Any]:
    """The half of the keys that were counted least."""
    return heapq.nsmallest(len(counts) // 2, counts, key=lambda key: (counts[key], str(key)))


Key = tuple[str, ...]


@dataclass(slots=True)
class Group:
    """Lines with the same value, and the durations of those that have one."""

    lines: int
    durations: Histogram

    def add(self, other: "Group") -> None:
        self.lines += other.lines
        self.durations.merge(other.durations)


class Groups:
    """Lines by the values of some fields; with ``timed`` also their durations. A key has a text for each field; ``rest`` are
    lines of rare keys that are not told apart."""

    wanted_sql = ""

    def __init__(self, *by: str, timed: bool = False) -> None:
        self.by = by
        self.timed = timed
        self.fields = frozenset().union(
            *(_SOURCES.get(field, (field,)) for field in by), ("duration",) if timed else ()
        )
        self.groups: dict[Key, Group] = {}
        self.rest = Group(0, Histogram())
        self._waiting: defaultdict[Any, list[float]] = defaultdict(list)
        self._waiting_count = 0

    def add(self, batch: Batch) -> None:
        columns = [_texts(batch, field) for field in self.by]
        # One field's texts are counted as they are: a tuple for each row would cost as much as decoding it.
        keys: list[Any] = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
        for key, count in Counter(keys).items():
            self._group(_tuple(key)).lines += count
        if self.timed:
            self._wait(keys, durations(batch.rows))
        if len(self.groups) > GROUPS_AT_MOST:
            self._drop()

    def _wait(self, keys: Sequence[Any], values: Sequence[float | None]) -> None:
        """Keeps durations until they are worth a histogram's while."""
        known = [value for value in values if value is not None]
        if len(known) < len(keys):
            keys = [key for key, value in zip(keys, values, strict=True) if value is not None]
        # A loop without a line of Python in it.
        deque(map(list.append, map(self._waiting.__getitem__, keys), known), maxlen=0)
        self._waiting_count += len(known)
        if self._waiting_count > _WAITING_AT_MOST:
            self._settle()

    def add_counted(self, key: Key, lines: int, durations: Histogram | None) -> None:
        """Takes what was counted elsewhere."""
        group = self._group(key)
        group.lines += lines
        if durations is not None:
            group.durations.merge(durations)
        if len(self.groups) > GROUPS_AT_MOST:
            self._drop()

    def merge(self, other: Self) -> None:
        for key, group in other.settled().items():
            self.add_counted(key, group.lines, group.durations)
        self.rest.add(other.rest)

    def settled(self) -> dict[Key, Group]:
        """The groups, with every duration in its histogram."""
        self._settle()
        return self.groups

    def along(self, field: str) -> dict[str, Group]:
        """The groups of one of the fields alone."""
        place = self.by.index(field)
        along: dict[str, Group] = {}
        for key, group in self.settled().items():
            along.setdefault(key[place], Group(0, Histogram())).add(group)
        return along

    def total(self) -> Histogram:
        """All durations together."""
        total = Histogram()
        for group in (*self.settled().values(), self.rest):
            total.merge(group.durations)
        return total

    def __getstate__(self) -> dict[str, Any]:
        self._settle()
        return self.__dict__

    def _group(self, key: Key) -> Group:
        group = self.groups.get(key)
        if group is None:
            group = self.groups[key] = Group(0, Histogram())
        return group

    def _settle(self) -> None:
        self._fill()
        if self.timed and sum(len(group.durations.cells) for group in self.groups.values()) > CELLS_AT_MOST:
            self._drop()

    def _fill(self) -> None:
        for key, values in self._waiting.items():
            self._group(_tuple(key)).durations.add(values)
        self._waiting.clear()
        self._waiting_count = 0

    def _drop(self) -> None:
        self._fill()
        for key in drop_rarest({key: group.lines for key, group in self.groups.items()}):
            self.rest.add(self.groups.pop(key))


def _tuple(key: Any) -> Key:
    """The key of a group, of what one field or several say."""
    return key if isinstance(key, tuple) else (key,)


TIME_FIELDS = {"day": 10, "hour": 13, "minute": 16}  # how much of 2026-03-01T09:30 it is
_STATUSES = {status: str(status) for status in range(100, 600)}
_SOURCES = {"error_type": ("error", "error_type"), **dict.fromkeys(TIME_FIELDS, ("ts",))}
GROUP_FIELDS = (
    "level", "category", "component", "event", "message", "request_id", "session_id", "user", "ip", "method", "route",
    "status", "error_type", "host", "version", *TIME_FIELDS,
)  # fmt: skip


def _texts(batch: Batch, field: str) -> list[str]:
    """The value of a field of each row, as text; empty where there is none."""
    rows = batch.rows
    if field == "status":
        return [(type(row.status) is int and _STATUSES.get(row.status)) or str(status_of(row) or "") for row in rows]
    if field == "error_type":
        return [error_of(row)[0] for row in rows]
    if field in TIME_FIELDS:
        return [_time_key(row, field) for row in rows]
    values = column(rows, field)
    if field == "level":
        return [level_of(value) for value in values]
    if field == "category":
        return [text_of(value) or batch.category for value in values]
    return values if set(map(type, values)) == {str} else list(map(text_of, values))


def _time_key(row: Row, field: str) -> str:
    at = instant(first(row, "ts"))
    return at.isoformat()[: TIME_FIELDS[field]] if at else ""
