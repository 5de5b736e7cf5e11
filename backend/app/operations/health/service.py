"""Runs the checks and keeps their answers for a few seconds, so that probes cost next to nothing."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime

from app.kit import clock
from app.kit.ids import new_secret
from app.operations.health import checks
from app.operations.health.tree import Component, Finding, State, overall
from app.operations.thresholds import EVALUATE_SECONDS
from app.telemetry import heartbeat, metrics
from app.telemetry.logs import get_logger

_KEPT_SECONDS = 5.0
_PATIENCE_SECONDS = 3.0
_UNKNOWN_SECONDS = 30.0  # so soon something is looked at again that could not be told
_LONG_SECONDS = 60.0  # what is good for longer than that may also take long
log = get_logger("backend")
_FIGURES = {State.ok: 2, State.degraded: 1, State.failed: 0, State.unknown: -1}


@dataclass(frozen=True, slots=True)
class Check:
    """``every``: how long its answer is good for, in seconds."""

    name: str
    part_of: str
    critical: bool
    run: Callable[[], Finding | None]
    every: float = _KEPT_SECONDS


CHECKS: tuple[Check, ...] = (
    Check("database", "server", True, lambda: checks.database()),
    Check("operations_database", "server", True, lambda: checks.operations_database()),
    Check("auth", "server", True, lambda: checks.auth()),
    Check("filesystem", "server", True, lambda: checks.filesystem(), 15),
    Check("scheduler", "server", True, lambda: checks.scheduler()),
    Check("integrity", "server", False, lambda: checks.integrity(), 3600),
    Check("automation", "work", False, lambda: checks.automation(), 300),
    Check("portal", "work", False, lambda: checks.portal()),
    Check("sync", "work", False, lambda: checks.sync(), 15),
    Check("disk", "machine", False, lambda: checks.disk(), 15),
    Check("memory", "machine", False, lambda: checks.memory()),
    Check("cpu", "machine", False, lambda: checks.cpu()),
    Check("certificate", "machine", False, lambda: checks.certificate(), 3600),
    Check("logs", "safety", False, lambda: checks.log_pipeline(), 60),
    Check("notifications", "safety", False, lambda: checks.notifications(), 15),
    Check("watcher", "safety", False, lambda: checks.watcher(), 15),
)


@dataclass(frozen=True, slots=True)
class Report:
    components: tuple[Component, ...]
    at: datetime

    @property
    def status(self) -> State:
        return overall(self.components)

    def age_seconds(self) -> float:
        return round(max(0.0, (clock.now() - self.at).total_seconds()), 2)

    def of(self, name: str) -> Component | None:
        return next((component for component in self.components if component.name == name), None)


class Keeper:
    """The answers of this process. One thread at a time renews them; who comes meanwhile gets the ones before."""

    def __init__(self, known: tuple[Check, ...] = CHECKS) -> None:
        self._checks = known
        self._answers: dict[str, tuple[datetime, Component | None]] = {}
        self._report: Report | None = None
        self._lock = threading.Lock()
        self._running: dict[str, Future[Component | None]] = {}
        self._pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="health")

    def report(self, *, slow: bool = False) -> Report:
        """At most five seconds old. ``slow``: also makes the checks that take long (the duty loop asks for those)."""
        known = self._report
        if known is not None and not slow and _is_fresh(known.at, _KEPT_SECONDS):
            return known
        if not self._lock.acquire(blocking=known is None or slow):
            assert known is not None
            return known
        try:
            self._report = self._renew(slow)
            return self._report
        finally:
            self._lock.release()

    def _renew(self, slow: bool) -> Report:
        now = clock.now()
        due = [check for check in self._checks if self._is_due(check, slow)]
        for check in due:
            if check.name not in self._running:
                self._running[check.name] = self._pool.submit(_run, check)
        wait([self._running[check.name] for check in due], _PATIENCE_SECONDS)
        for check in due:
            if self._running[check.name].done():
                component = self._running.pop(check.name).result()
            elif check.every > _LONG_SECONDS:
                continue  # it goes on, and its answer is taken when it is there; until then the one before holds
            else:
                words = f"The check did not end within {_PATIENCE_SECONDS:g} s."
                state = State.failed if check.critical else State.unknown
                component = Component(check.name, check.part_of, check.critical, Finding(state, words), 0.0)
            self._answers[check.name] = (now, component)
            if component is not None:
                metrics.HEALTH.labels(check.name).set(_FIGURES[component.finding.state])
        found = [self._answers[check.name][1] for check in self._checks if check.name in self._answers]
        return Report(tuple(component for component in found if component is not None), now)

    def _is_due(self, check: Check, slow: bool) -> bool:
        answered = self._answers.get(check.name)
        if answered is None:  # the first time of a long one is the duty loop's: a probe does not wait for it
            return slow or check.every <= _LONG_SECONDS
        at, component = answered
        is_unknown = component is not None and component.finding.state is State.unknown
        return not _is_fresh(at, min(check.every, _UNKNOWN_SECONDS) if is_unknown else check.every)

    def forget(self) -> None:
        """Look at everything anew (tests, and after a repair)."""
        with self._lock:
            self._answers.clear()
            self._running.clear()
            self._report = None


def _is_fresh(at: datetime, seconds: float) -> bool:
    """Whether an answer is younger than that. One from the future (the clock was set back) is not."""
    return 0 <= (clock.now() - at).total_seconds() < seconds


def _run(check: Check) -> Component | None:
    started = time.perf_counter()
    try:
        finding = check.run()
    except Exception as error:
        log.error("health.check_failed", check=check.name, error=error)
        finding = Finding(State.unknown, f"This could not be checked ({type(error).__name__}: {error}).")
    if finding is None:
        return None
    milliseconds = round((time.perf_counter() - started) * 1000, 2)
    return Component(check.name, check.part_of, check.critical, finding, milliseconds)


def pages() -> bool:
    """Whether this server itself would notice trouble and call people: its alerts were evaluated a moment ago."""
    age = heartbeat.age_seconds("alerts")
    return age is not None and age < 4 * EVALUATE_SECONDS


keeper = Keeper()
LAUNCH = new_secret()[:12]
