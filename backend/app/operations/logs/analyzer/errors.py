"""Lines of level error and critical, grouped by what they tell."""

import heapq
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from app.operations.logs.analyzer.lines import when
from app.operations.logs.analyzer.tallies import Batch
from app.operations.logs.families import family_of
from app.operations.logs.fields import LEVEL_NAMES, LOUD, column, error_of, level_of, texts
from app.operations.logs.fingerprint import LONGEST, Key, Said, identifier, key_of

GROUPS_AT_MOST = 4_000
_LOUD_NAMES = ", ".join(f"'{name}'" for level in sorted(LOUD) for name in LEVEL_NAMES[level])


@dataclass(slots=True)
class ErrorGroup:
    """Errors with one fingerprint. ``said`` (message and detail) and ``request_id`` are those of the latest one."""

    fingerprint: str
    family: str
    category: str
    component: str
    event: str
    error_type: str
    first_seen: datetime
    last_seen: datetime
    said: tuple[str, str] = ("", "")
    request_id: str = ""
    count: int = 0
    critical: int = 0

    @property
    def text(self) -> str:
        """What the latest of them tells."""
        return ": ".join(filter(None, self.said)) or self.event


class Errors:
    """Groups of errors, by category, component, event, type of error and normalised texts; and how many there are of each
    family (``critical``: of that level), which stays exact when rare groups are let go."""

    fields = frozenset(
        {"ts", "level", "category", "component", "event", "message", "error", "error_type", "request_id"}
    )
    wanted_sql = f"lower(trim({{level}})) IN ({_LOUD_NAMES})"

    def __init__(self) -> None:
        self.groups: dict[Key, ErrorGroup] = {}
        self.families: Counter[str] = Counter()
        self.critical: Counter[str] = Counter()

    def add(self, batch: Batch) -> None:
        rows = batch.loud
        columns = (texts(rows, field) for field in ("category", "component", "event", "message", "request_id"))
        levels = map(level_of, column(rows, "level"))
        for row, level, category, component, event, message, request_id in zip(rows, levels, *columns, strict=True):
            said = Said(category or batch.category, component, event, *error_of(row), message)
            at = when(row)
            self.take(said, level, at, at, request_id, 1)
        self._drop()

    def take(
        self, said: Said, level: str, first_seen: datetime, last_seen: datetime, request_id: str, count: int
    ) -> None:
        """Takes lines that say the very same, the latest of them with this request id."""
        key = key_of(said)
        group = self.groups.get(key)
        if group is None:
            family = family_of(*said[:4], *key[4:])
            group = self.groups[key] = ErrorGroup(identifier(key), family, *said[:4], first_seen, last_seen)
        group.count += count
        self.families[group.family] += count
        if level == "critical":
            group.critical += count
            self.critical[group.family] += count
        if last_seen >= group.last_seen:
            group.last_seen, group.request_id = last_seen, request_id
            detail = "" if said.detail == said.message else said.detail
            group.said = (said.message[:LONGEST], detail[:LONGEST])
        group.first_seen = min(group.first_seen, first_seen)

    def merge(self, other: Self) -> None:
        for key, theirs in other.groups.items():
            ours = self.groups.get(key)
            if ours is None:
                self.groups[key] = theirs
                continue
            ours.count += theirs.count
            ours.critical += theirs.critical
            ours.first_seen = min(ours.first_seen, theirs.first_seen)
            if theirs.last_seen >= ours.last_seen:
                ours.last_seen, ours.said, ours.request_id = theirs.last_seen, theirs.said, theirs.request_id
        self.families += other.families
        self.critical += other.critical
        self._drop()

    def _drop(self) -> None:
        if len(self.groups) <= GROUPS_AT_MOST:
            return
        rarest = heapq.nsmallest(
            GROUPS_AT_MOST // 2, self.groups, key=lambda key: (self.groups[key].count, self.groups[key].last_seen)
        )
        for key in rarest:
            del self.groups[key]
