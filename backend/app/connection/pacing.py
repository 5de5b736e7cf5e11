"""Politeness towards the portal: how many page loads and saves a minute, of one account and of the whole process.

Token buckets over the one clock: after a burst everything comes at an even pace. What waits, waits for an instant.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from app.kit import clock
from app.portal.settings import Gate

# After a pause this many may come at once: a third of what a minute allows.
_BURST_PART = 3
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Rate:
    """So many a minute; ``burst`` of them at once after a pause."""

    per_minute: int
    burst: int

    @classmethod
    def of(cls, per_minute: int) -> "Rate":
        return cls(per_minute, max(1, per_minute // _BURST_PART))

    @property
    def interval(self) -> timedelta:
        return timedelta(minutes=1) / self.per_minute


class Bucket:
    """What one account, or all of them, has asked for: the instant until which the even pace is used up."""

    def __init__(self) -> None:
        self._used_until = _LONG_AGO

    def reserve(self, rate: Rate, now: datetime) -> datetime:
        """Takes a place; answers the instant at which it may be used (``now`` or later). The rate may change between two
        calls; what was reserved stays."""
        self._used_until = max(self._used_until, now) + rate.interval
        return max(now, self._used_until - rate.burst * rate.interval)


class Pacer:
    """The buckets of this process."""

    def __init__(self) -> None:
        self._accounts: dict[str, Bucket] = {}
        self._all = Bucket()
        self._lock = Lock()

    def reserve(self, account: str, rate: Rate | None, total: Rate | None, now: datetime) -> datetime:
        """Takes a place in both buckets; the later of their instants. ``None``: no limit there."""
        with self._lock:
            allowed = now
            if rate is not None:
                allowed = self._accounts.setdefault(account, Bucket()).reserve(rate, now)
            return max(allowed, self._all.reserve(total, now)) if total is not None else allowed

    def gate(self, user_id: str, rate: Rate | None, total: Rate | None) -> Gate:
        """What a session of this account awaits before each page load and save."""

        async def wait() -> None:
            await clock.wait_until(self.reserve(user_id, rate, total, clock.now()))

        return wait

    def forget(self) -> None:
        """Drop everything that was reserved (tests)."""
        with self._lock:
            self._accounts.clear()
            self._all = Bucket()


pacer = Pacer()
