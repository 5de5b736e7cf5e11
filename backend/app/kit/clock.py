"""The one clock. Instants are UTC; dates of visits are plain local dates and never pass through a time zone."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
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
