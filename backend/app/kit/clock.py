"""The one clock. Instants are UTC; dates of visits are plain local dates and never pass through a time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_source: Callable[[], datetime] | None = None
_virtual: "VirtualClock | None" = None


def now() -> datetime:
    """The present instant, with time zone UTC."""
    return _source() if _source is not None else datetime.now(UTC)


def local_now(time_zone: str) -> datetime:
    """The present instant as a wall clock of an IANA time zone shows it."""
    return now().astimezone(ZoneInfo(time_zone))


def today(time_zone: str) -> date:
    return local_now(time_zone).date()


def wall_instant(day: date, at: time, place: ZoneInfo, *, fold: int = 0) -> datetime:
    """The instant at which the clocks of a place show a time of a day.

    Where they are put back and show it twice, ``fold`` chooses (0 the first, 1 the second); a time that they skip means the
    moment after the gap.
    """
    local = datetime.combine(day, at, place).replace(fold=fold)
    instant = local.astimezone(UTC)
    if instant.astimezone(place).replace(tzinfo=None) != local.replace(tzinfo=None):
        # The clocks skip this time: before the jump (fold 0) its offset names the moment as far after the gap.
        instant = local.replace(fold=0).astimezone(UTC)
    return instant


async def wait_until(instant: datetime) -> None:
    """Lets time pass until an instant; a virtual clock is moved there at once."""
    import asyncio  # only here: tools that just ask for the time start in half of theirs without it

    if _virtual is not None:
        _virtual.at = max(_virtual.at, instant)
        await asyncio.sleep(0)
        return
    seconds = (instant - now()).total_seconds()
    if seconds > 0:
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock for tests: stands still until it is moved. ``with VirtualClock(instant) as clock: …``"""

    def __init__(self, start: datetime) -> None:
        if start.tzinfo is None:
            raise ValueError("A virtual clock needs an instant with a time zone.")
        self.at = start.astimezone(UTC)

    def advance(self, **parts: float) -> None:
        """Moves forward by ``timedelta(**parts)``."""
        self.at += timedelta(**parts)

    def __enter__(self) -> "VirtualClock":
        global _source, _virtual
        _source, _virtual = (lambda: self.at), self  # a closure over the clock that may still move
        return self

    def __exit__(self, *_: object) -> None:
        global _source, _virtual
        _source = _virtual = None
