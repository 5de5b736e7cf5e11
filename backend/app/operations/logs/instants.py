"""When a line was written, and the period that a question is about."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from app.operations.logs.fields import Row, first, is_own

_AGO = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
WELL = timedelta(minutes=1)  # what is written while one reads is a little later, and nothing to wonder about
_FIRST, _LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


def instant(value: Any) -> datetime | None:
    """The instant that a line names, in UTC; None when it cannot be told.

    ISO 8601 with ``Z`` or an offset; without one it is taken for UTC. A number is seconds, milliseconds, microseconds or
    nanoseconds since 1970, which one its size tells.
    """
    if isinstance(value, str):
        return _from_text(value)
    if isinstance(value, datetime):
        return _in_utc(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _from_number(value)
    return None


def _from_text(text: str) -> datetime | None:
    try:
        return _in_utc(msgspec.convert(text, datetime))  # as the decoder of our own lines reads it
    except msgspec.ValidationError:
        pass
    try:
        return _in_utc(datetime.fromisoformat(text.strip().upper().replace(" UTC", "Z").replace(" +", "+")))
    except ValueError:
        return None


def _in_utc(at: datetime) -> datetime | None:
    try:
        return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except OverflowError:
        return None


def _from_number(value: float) -> datetime | None:
    size = abs(value)
    unit = 1_000_000 if size < 1e11 else 1_000 if size < 1e14 else 1 if size < 1e17 else 0.001
    try:
        return EPOCH + timedelta(microseconds=value * unit)
    except (OverflowError, ValueError):
        return None


def rfc3339(at: datetime) -> str:
    """``2026-03-01T09:30:00.000Z``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` (included) to ``until`` (excluded); None is no bound."""

    since: datetime | None = None
    until: datetime | None = None

    @classmethod
    def up_to(cls, now: datetime, length: timedelta) -> "Period":
        """The time that ends with this instant, which still belongs to it."""
        return cls(now - length, now + MOMENT)

    @property
    def is_everything(self) -> bool:
        return self.since is None and self.until is None

    @property
    def before(self) -> "Period | None":
        """The equally long period before this one; None when this one has no beginning or no end."""
        if self.since is None or self.until is None:
            return None
        return Period(self.since - (self.until - self.since), self.since)


EVERYTHING = Period()


class BadInstant(ValueError):
    """What a person gave as a time cannot be read."""


def parse_bound(text: str, now: datetime, *, end: bool = False) -> datetime:
    """``2026-03-01T09:30:00Z``, ``2026-03-01 09:30`` (UTC), ``2026-03-01`` (its beginning, as ``end`` its end) or ``90m`` (ago).

    Raises :class:`BadInstant`.
    """
    if ago := _AGO.fullmatch(text.strip()):
        try:
            return now - timedelta(**{_UNITS[ago[2]]: float(ago[1])})
        except OverflowError:
            raise BadInstant(f"{text!r} is too long ago.") from None
    at = _from_text(text)
    if at is None:
        raise BadInstant(f"{text!r} is no time. Say 2026-03-01T09:30:00Z, 2026-03-01, or 90m (ago).")
    return at + timedelta(days=1) if end and len(text.strip()) == len("2026-03-01") else at


@dataclass(slots=True)
class Placed:
    """Rows of one piece of a file, by where their instant lies. ``of``: how many they were; ``later``: how many of them are
    well after the period's end."""

    of: int
    now: Sequence[Row]
    before: Sequence[Row] = ()
    undated: int = 0
    later: int = 0


def place(rows: Sequence[Row], period: Period) -> Placed:
    """Sorts rows into the period and the one before it. Rows without a readable time belong to no period, but to everything."""
    try:
        if is_own(rows):
            if period.is_everything:
                return Placed(len(rows), rows)
            return _sorted_in(rows, [row.ts for row in rows], period)
    except TypeError:
        pass  # a time without an offset
    read = [(row, at) for row in rows if (at := instant(first(row, "ts"))) is not None]
    placed = _sorted_in([row for row, _ in read], [at for _, at in read], period)
    placed.of = len(rows)
    placed.undated = len(rows) - len(read)
    if period.is_everything:
        placed.now = rows
    return placed


def _sorted_in(rows: Sequence[Row], instants: Sequence[datetime], period: Period) -> Placed:
    if period.is_everything:
        return Placed(len(rows), rows)
    since, until = period.since or _FIRST, period.until or _LAST
    placed = Placed(len(rows), [row for row, at in zip(rows, instants, strict=True) if since <= at < until])
    if len(placed.now) < len(rows):
        placed.later = sum(at >= until + WELL for at in instants) if period.until else 0
        if (before := period.before) is not None and before.since is not None:
            start = before.since
            placed.before = [row for row, at in zip(rows, instants, strict=True) if start <= at < since]
    return placed
