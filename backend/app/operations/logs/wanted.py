"""Which lines are wanted. The same answer for a line as bytes (a quick look), as a record, and as a row of the archive."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson

from app.operations.logs.archive import INSTANT
from app.operations.logs.fields import LEVEL_NAMES
from app.operations.logs.records import Record
from app.telemetry.lines import instant
from app.telemetry.logs import CATEGORIES

# Lines of one file are in order of time but for this: they come from several processes, in batches.
DISORDER = timedelta(seconds=10)
_ERRORS = "errors"
# Letters of a text that stand in JSON as they are.
_PLAIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789 .,:;-_/()[]{}=+*#@!?'<>|&%$~^")
_START = b'{"ts":"'
# What a record has where its line says nothing.
_SAID_FOR_NONE = ("", "-", "unknown", "log")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters; what is empty filters nothing. ``component`` and ``event`` also take what stands below them (``sync`` takes
    ``sync.finished``); ``text`` is looked for, small or capital, in event, message, component, error and data."""

    since: datetime | None = None
    until: datetime | None = None
    levels: frozenset[str] = frozenset()
    categories: frozenset[str] = frozenset()
    component: str = ""
    event: str = ""
    text: str = ""
    request_id: str = ""
    user_id: str = ""

    def folders(self) -> list[str]:
        """The categories whose files are read."""
        return [category for category in CATEGORIES if not self.categories or category in self.categories]

    def takes(self, folder: str, category: str) -> bool:
        """Whether a line of this category is wanted from this folder: those of ``errors`` are mostly copies."""
        if folder != _ERRORS:
            return True
        return category == _ERRORS or (_ERRORS in self.categories and category not in self.categories)

    def days(self) -> tuple[date, date]:
        """The first and the last day that may have wanted lines."""
        first = self.since.date() if self.since is not None else date.min
        return first, self.until.date() if self.until is not None else date.max

    def fits(self, record: Record, folder: str) -> bool:
        ts = record["ts"]
        return (
            (self.since is None or ts >= instant(self.since))
            and (self.until is None or ts <= instant(self.until))
            and (not self.levels or record["level"] in self.levels)
            and self.takes(folder, record["category"])
            and _at_or_below(record["component"], self.component)
            and _at_or_below(record["event"], self.event)
            and (not self.request_id or record["request_id"] == self.request_id)
            and (not self.user_id or record.get("user_id") == self.user_id)
            and (not self.text or self.text.lower() in haystack(record))
        )


def _at_or_below(name: str, wanted: str) -> bool:
    return not wanted or name == wanted or name.startswith(wanted + ".")


def haystack(record: Record) -> str:
    """What a text is looked for in, in small letters."""
    parts = [record["event"], record["message"], record["component"]]
    parts += [orjson.dumps(record[name]).decode() for name in ("error", "data") if name in record]
    return " ".join(parts).lower()


class QuickLook:
    """Tells by the bytes alone that a line, or a whole block of lines, cannot be wanted. What it lets pass may still not be."""

    def __init__(self, wanted: Wanted) -> None:
        # Values alone: older lines have other names for the fields.
        values = (wanted.request_id, wanted.user_id, wanted.component, wanted.event)
        self._needles = [orjson.dumps(value)[1:-1] for value in values if value not in _SAID_FOR_NONE]
        # Of several, one is enough.
        self._levels = _level_needles(next(iter(wanted.levels))) if len(wanted.levels) == 1 else []
        text = wanted.text.lower()
        self._text = text.encode() if text and set(text) <= _PLAIN else b""
        # A little beyond the bounds, where the exact comparison decides.
        self._since = _bound(wanted.since, -DISORDER)
        self._until = _bound(wanted.until, DISORDER)

    def may_fit(self, lines: bytes) -> bool:
        """Of one line or many."""
        for needle in self._needles:
            if needle not in lines:
                return False
        if self._levels and not any(needle in lines for needle in self._levels):
            return False
        return not self._text or self._text in lines.lower()

    def in_time(self, line: bytes) -> bool:
        return not self.before(line) and not self.after(line)

    def before(self, line: bytes) -> bool:
        """Whether a line is so old that none before it can be wanted."""
        return self._since is not None and line[:7] == _START and line[7:30] < self._since

    def after(self, line: bytes) -> bool:
        """Whether a line is so new that none after it can be wanted."""
        return self._until is not None and line[:7] == _START and line[7:30] > self._until


def _level_needles(level: str) -> list[bytes]:
    """How a level may begin in a line, in small or capital letters; none for what stands for a line without a level."""
    names = LEVEL_NAMES.get(level, ()) if level != "info" else ()
    spelled = {f'"{form}'.encode() for name in names for form in (name, name.upper(), name.capitalize())}
    own = f'"level":"{level}"'.encode()
    return [own, *sorted(spelled)] if spelled else []


def _bound(at: datetime | None, slack: timedelta) -> bytes | None:
    return instant(at + slack)[:-1].encode() if at is not None else None


def condition(wanted: Wanted, folder: str) -> tuple[str, list[Any]]:
    """The same as a condition of SQL over the archive's columns, with its parameters."""
    parts: list[str] = ["true"]
    given: list[Any] = []

    def add(part: str, *values: Any) -> None:
        parts.append(part)
        given.extend(values)

    if wanted.since is not None:
        add(f"{INSTANT} >= CAST(? AS TIMESTAMP)", instant(wanted.since))
    if wanted.until is not None:
        add(f"{INSTANT} <= CAST(? AS TIMESTAMP)", instant(wanted.until))
    if wanted.levels:
        add(f"level IN ({', '.join('?' * len(wanted.levels))})", *sorted(wanted.levels))
    for name, value in (("component", wanted.component), ("event", wanted.event)):
        if value:
            add(f"({name} = ? OR starts_with({name}, ?))", value, value + ".")
    for name, value in (("request_id", wanted.request_id), ("user_id", wanted.user_id)):
        if value:
            add(f"{name} = ?", value)
    if wanted.text:
        add("contains(lower(concat_ws(' ', event, message, component, error, data)), ?)", wanted.text.lower())
    if folder == _ERRORS:
        taken = [category for category in CATEGORIES if wanted.takes(folder, category)]
        add(f"category IN ({', '.join('?' * len(taken))})" if taken else "false", *taken)
    return " AND ".join(parts), given
