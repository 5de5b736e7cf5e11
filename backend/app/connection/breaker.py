"""Leaving a portal in trouble alone: after some failures in a row nobody asks it for a while, then one does.

A pure state machine over given instants. One breaker stands for one portal, whoever's account met the failures.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from threading import Lock

FAILURES = 5
FIRST_WAIT = timedelta(seconds=60)
LONGEST_WAIT = timedelta(minutes=15)
# Codes of failures that lie with the portal or the way to it. What the browser or a page's shape does is not its trouble.
PORTAL_SIDE = frozenset(
    {"portal_unreachable", "portal_busy", "portal_failing", "portal_timeout", "clicks_ignored", "error_page"}
)


class BreakerState(StrEnum):
    """``closed``: ask freely. ``open``: ask nobody. ``half_open``: one may ask, and the answer decides."""

    closed = "closed"
    open = "open"
    half_open = "half_open"


@dataclass(slots=True)
class Breaker:
    """Use: :meth:`admit` before a job touches the portal, then :meth:`failed` or :meth:`succeeded` with what came of it.

    Instants have a time zone. A probe that never reports (its process ended) counts as lost after the present wait.
    """

    _failures: int = 0
    _wait: timedelta = FIRST_WAIT
    _retry_at: datetime | None = None
    _probe_until: datetime | None = None
    _lock: Lock = field(default_factory=Lock, repr=False)

    def state(self, now: datetime) -> BreakerState:
        if self._retry_at is None:
            return BreakerState.closed
        return BreakerState.open if now < self._retry_at else BreakerState.half_open

    def retry_at(self, now: datetime) -> datetime | None:
        """When the next attempt may be made; ``None``: now. Asking changes nothing."""
        with self._lock:
            return self._next(now)

    def admit(self, now: datetime) -> datetime | None:
        """Like :meth:`retry_at`, for whoever makes the attempt when it is ``None``: after an open time only one of them gets
        that, and the others wait for its outcome."""
        with self._lock:
            later = self._next(now)
            if later is None and self._retry_at is not None:
                self._probe_until = now + self._wait
            return later

    def failed(self, error_code: str, now: datetime) -> None:
        """An attempt met a failure. One that does not lie with the portal is not counted, and leaves the place of a probe to
        the next; the late failures of attempts that were under way when it opened change nothing."""
        with self._lock:
            if error_code not in PORTAL_SIDE:
                self._probe_until = None
            elif self._retry_at is None:
                self._failures += 1
                if self._failures >= FAILURES:
                    self._open(now, FIRST_WAIT)
            elif now >= self._retry_at:
                self._open(now, min(2 * self._wait, LONGEST_WAIT))

    def succeeded(self, now: datetime) -> None:
        """The portal answered as it should: everybody may ask again."""
        with self._lock:
            self._failures, self._wait = 0, FIRST_WAIT
            self._retry_at = self._probe_until = None

    def _next(self, now: datetime) -> datetime | None:
        if self._retry_at is not None and now < self._retry_at:
            return self._retry_at
        if self._probe_until is not None and now < self._probe_until:
            return self._probe_until
        return None

    def _open(self, now: datetime, wait: timedelta) -> None:
        self._wait, self._retry_at, self._probe_until = wait, now + wait, None


class Breakers:
    """The breakers of this process, one per portal."""

    def __init__(self) -> None:
        self._known: dict[str, Breaker] = {}
        self._lock = Lock()

    def of(self, base_url: str) -> Breaker:
        """The breaker of the portal at this address; made closed when it is asked for first."""
        with self._lock:
            return self._known.setdefault(base_url.rstrip("/").lower(), Breaker())

    def states(self, now: datetime) -> dict[str, BreakerState]:
        """The state of each portal that was worked with since the start of this process."""
        with self._lock:
            return {url: breaker.state(now) for url, breaker in self._known.items()}

    def forget(self) -> None:
        """Drop all of them (tests)."""
        with self._lock:
            self._known.clear()


breakers = Breakers()
