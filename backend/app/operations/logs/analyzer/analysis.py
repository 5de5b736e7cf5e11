"""A question to the logs, and what was counted for it so far."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from app.operations.logs.analyzer.errors import Errors
from app.operations.logs.analyzer.lines import Newest, Slowest
from app.operations.logs.analyzer.scan import Scanned, scan
from app.operations.logs.analyzer.tallies import Batch, Groups, Tally
from app.operations.logs.fields import LOUD, NAMES, Row, error_of, first, level_of, text_of
from app.operations.logs.instants import EVERYTHING, Period, Placed, place
from app.operations.thresholds import RESPONSE_SECONDS

Section = Literal["errors", "performance", "security", "groups", "lines"]
_ALWAYS = frozenset({"ts", "level"})
_CATEGORY = frozenset({"category"})
_SEARCHED = ("message", "event", "component", "route", "error_type", "request_id")
_PICKED_AT_MOST = 500_000  # bytes
_ESCAPES = (b"\\u", b"\\/")  # a line with one of these may spell a text in another way


@dataclass(frozen=True)
class Question:
    """What is asked. Empty filters let every line pass. ``slow_ms``: more milliseconds than that are slow; ``top`` of each list
    and the newest ``lines`` are kept.

    ``grep`` is looked for in message, event, component, route, error and request id; ASCII letters in either case.
    """

    period: Period = EVERYTHING
    sections: frozenset[Section] = frozenset({"errors"})
    component: str = ""
    grep: str = ""
    request_id: str = ""
    only_errors: bool = False
    group_by: str = ""
    quantiles: bool = False
    slow_ms: float = RESPONSE_SECONDS * 1000
    top: int = 10
    lines: int = 200

    @property
    def filters(self) -> bool:
        """Whether not every line passes."""
        return bool(self.component or self.request_id or self.grep or self.only_errors)

    def matches(self, row: Row) -> bool:
        """Whether a row passes the filters."""
        if self.only_errors and level_of(first(row, "level")) not in LOUD:
            return False
        if self.component and text_of(first(row, "component")) != self.component:
            return False
        if self.request_id and text_of(first(row, "request_id")) != self.request_id:
            return False
        return not self.grep or self.grep.encode().lower() in _searched(row)

    def filter_fields(self) -> frozenset[str]:
        """What the filters need to know of a row."""
        fields = {"component"} if self.component else set()
        if self.request_id:
            fields.add("request_id")
        return frozenset(fields.union(_SEARCHED, ("error",)) if self.grep else fields)

    def tallies(self) -> dict[str, Tally]:
        """Fresh tallies for one period."""
        made: dict[str, Tally] = {}
        if "errors" in self.sections:
            made["errors"] = Errors()
        if "performance" in self.sections:
            made["performance"] = Groups("route", "component", timed=True)
            made["status"] = Groups("status")
            made["slowest"] = Slowest(self.top, self.slow_ms)
        if "security" in self.sections:
            from app.operations.logs.analyzer.attacks import Attacks  # only here: its patterns take time to compile

            made["security"] = Attacks()
        if "groups" in self.sections:
            made["groups"] = Groups(self.group_by, timed=self.quantiles)
        if "lines" in self.sections:
            made["lines"] = Newest(self.lines)
        return made


def _searched(row: Row) -> bytes:
    values = (getattr(row, name) for field_ in _SEARCHED for name in NAMES[field_])
    return "\n".join((*(value for value in values if isinstance(value, str)), *error_of(row))).encode().lower()


class Picking:
    """Tells cheaply which lines a question needs in full, when it needs few: then the others are decoded only in part.

    It may pick too many, never too few.
    """

    def __init__(self, question: Question) -> None:
        self._only_errors = question.only_errors or question.sections == {"errors"}
        # Any JSON writer spells these texts as here, or with one of the escapes above.
        self._id = _spelled(question.request_id)
        self._grep = _spelled(question.grep).lower()
        self.pays = self._only_errors or bool(self._id or self._grep)

    def __call__(self, chunk: bytes, scanned: Scanned, batch: Batch) -> Sequence[bytes]:
        """The lines, for the chunk, what it holds, and all of its rows."""
        texts = scanned.texts
        if self._only_errors:
            texts = [texts[number] for number in batch.loud_numbers]
        if not texts or not (self._id or self._grep):
            return texts
        if not self._may_match(chunk):
            return ()
        return list(filter(self._may_match, texts))

    def _may_match(self, text: bytes) -> bool:
        return (self._id in text and (not self._grep or self._grep in text.lower())) or _has_escape(text)


def _spelled(text: str) -> bytes:
    return json.dumps(text, ensure_ascii=False)[1:-1].encode()


def _has_escape(data: bytes) -> bool:
    return b"\\" in data and any(escape in data for escape in _ESCAPES)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from. Rows of ``copied`` categories are second copies of lines that are read elsewhere."""

    category: str
    copied: frozenset[str] = frozenset()


@dataclass(slots=True)
class Read:
    """What was read. Levels and categories are those of the period's lines, before any filter."""

    lines: int = 0
    malformed: int = 0
    in_period: int = 0
    undated: int = 0
    later: int = 0
    copies: int = 0
    levels: Counter[str] = field(default_factory=Counter)
    categories: Counter[str] = field(default_factory=Counter)

    def merge(self, other: "Read") -> None:
        self.lines += other.lines
        self.malformed += other.malformed
        self.in_period += other.in_period
        self.undated += other.undated
        self.later += other.later
        self.copies += other.copies
        self.levels += other.levels
        self.categories += other.categories


class Analysis:
    """The tallies of a question for its period (``now``) and for the one before (``before``)."""

    def __init__(self, question: Question) -> None:
        self.question = question
        self.now = question.tallies()
        self.before = question.tallies() if question.period.before is not None else {}
        self.read = Read()
        self.fields = _ALWAYS.union(question.filter_fields(), *(tally.fields for tally in self.now.values()))
        self._picking = Picking(question)
        self._picked: dict[Origin, list[bytes]] = {}
        self._picked_bytes = 0

    def add_chunk(self, chunk: bytes, origin: Origin) -> Sequence[int]:
        """Takes a run of whole lines; the numbers (from 0) of those that are malformed, and counts them.

        ``settle`` is to be called before the tallies are looked at.
        """
        picking, read = self._picking, self.read
        fields = _ALWAYS if picking.pays else self.fields
        scanned = scan(chunk, fields | _CATEGORY if origin.copied else fields, texts=picking.pays)
        batch = Batch(scanned.rows, origin.category)
        placed = self._place(scanned.rows, origin)
        read.lines += scanned.lines
        read.malformed += len(scanned.malformed)
        read.copies += len(scanned.rows) - placed.of
        self._count(placed, batch if placed.now is scanned.rows else Batch(placed.now, origin.category))
        if not picking.pays:
            self._tally(placed, origin)
            return scanned.malformed
        picked = picking(chunk, scanned, batch)
        self._picked.setdefault(origin, []).extend(picked)
        self._picked_bytes += sum(map(len, picked))
        if self._picked_bytes > _PICKED_AT_MOST:
            self.settle()
        return scanned.malformed

    def settle(self) -> None:
        """Tallies what was picked and still waits: a few rows of each chunk are dearer than many at once."""
        for origin, picked in self._picked.items():
            rows = scan(b"".join(line + b"\n" for line in picked), self.fields | _CATEGORY).rows
            self._tally(self._place(rows, origin), origin)
        self._picked.clear()
        self._picked_bytes = 0

    def _place(self, rows: Sequence[Row], origin: Origin) -> Placed:
        if origin.copied:
            rows = [row for row in rows if text_of(row.category) not in origin.copied]
        return place(rows, self.question.period)

    def _count(self, placed: Placed, now: Batch) -> None:
        read = self.read
        read.undated += placed.undated
        read.later += placed.later
        read.in_period += len(now.rows)
        read.categories[now.category] += len(now.rows)
        for level, count in now.levels.items():
            read.levels[level] += count

    def _tally(self, placed: Placed, origin: Origin) -> None:
        for rows, tallies in ((placed.now, self.now), (placed.before, self.before)):
            if self.question.filters:
                rows = list(filter(self.question.matches, rows))
            if rows:
                batch = Batch(rows, origin.category)
                for tally in tallies.values():
                    tally.add(batch)

    def merge(self, other: "Analysis") -> None:
        """Takes what was counted for the same question elsewhere."""
        self.read.merge(other.read)
        for ours, theirs in ((self.now, other.now), (self.before, other.before)):
            for name, tally in ours.items():
                tally.merge(theirs[name])
