"""What the performance monitor makes of its samples: breached thresholds, trends, deviations from a baseline. Pure."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.operations import thresholds as t
from app.operations.terms import Priority

KEPT, TREND_OVER = 100, 10
DEVIATION = 0.20
# Movements smaller than this are noise, whatever their share (seconds, shares of 1).
_LEAST_MOVE = {"seconds": 0.01, "share": 0.02}


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a sample. ``unit``: ``seconds``, ``share`` or ``count``; ``value`` ``None``: it could not be measured."""

    name: str
    unit: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Breach:
    name: str
    priority: Priority
    value: float
    limit: float
    words: str


# name → (limit, priority) from the most urgent on; spec §4.2 and §4.8, resolved by appendix A
LIMITS: Mapping[str, tuple[tuple[float, Priority], ...]] = {
    "cpu": ((t.CPU_HIGH, Priority.p3),),
    "memory": ((t.MEMORY_HIGH, Priority.p3),),
    "disk": ((t.DISK_HIGH, Priority.p2), (t.DISK_WARN, Priority.p3)),
    "health": ((t.SLOW_SECONDS, Priority.p2), (t.RESPONSE_SECONDS, Priority.p3)),
    "setup": ((t.SLOW_SECONDS, Priority.p2), (t.RESPONSE_SECONDS, Priority.p3)),
    "requests_p95": ((t.SLOW_SECONDS, Priority.p2), (t.RESPONSE_SECONDS, Priority.p3)),
    "requests_failed": ((t.ERROR_SHARE, Priority.p2),),
    "sign_in_p95": ((t.SIGN_IN_SECONDS, Priority.p3),),
    "query_users": ((t.QUERY_WARN_SECONDS, Priority.p3),),
    "query_work_orders": ((t.QUERY_WARN_SECONDS, Priority.p3),),
    "query_runs": ((t.QUERY_WARN_SECONDS, Priority.p3),),
}


def breaches(measures: Sequence[Measure]) -> list[Breach]:
    """The thresholds that are crossed, the most urgent first. What could not be measured crosses nothing, and is told apart."""
    found = []
    for measure in measures:
        if measure.value is None:
            continue
        for limit, priority in LIMITS.get(measure.name, ()):
            if measure.value > limit:
                words = f"{amount(measure.value, measure.unit)}, more than {amount(limit, measure.unit)}"
                found.append(Breach(measure.name, priority, measure.value, limit, words))
                break
    return sorted(found, key=lambda breach: breach.priority)


@dataclass(frozen=True, slots=True)
class Trend:
    """Of the last samples of one measure. ``rising``: its second half is clearly above its first; ``None``: too few to say."""

    name: str
    samples: int
    mean: float
    median: float
    highest: float
    rising: bool | None


def trend(name: str, unit: str, values: Sequence[float]) -> Trend | None:
    recent = list(values)[-TREND_OVER:]
    if not recent:
        return None
    rising = None
    if len(recent) >= 4:
        half = len(recent) // 2
        before, after = statistics.mean(recent[:half]), statistics.mean(recent[-half:])
        rising = after - before > max(before * DEVIATION, _LEAST_MOVE.get(unit, 1.0))
    return Trend(name, len(recent), statistics.mean(recent), statistics.median(recent), max(recent), rising)


@dataclass(frozen=True, slots=True)
class Deviation:
    """How far a measure is above its baseline, as a share of it."""

    name: str
    value: float
    baseline: float
    share: float


def deviations(measures: Sequence[Measure], baseline: Mapping[str, float]) -> list[Deviation]:
    """Measures with a limit that are more than 20 % above their baseline, and by more than noise. Of the others (how many
    processes, how much traffic) more is not worse."""
    found = []
    for measure in measures:
        base = baseline.get(measure.name)
        if measure.value is None or base is None or measure.name not in LIMITS:
            continue
        above = measure.value - base
        if above > max(base * DEVIATION, _LEAST_MOVE.get(measure.unit, 1.0)):
            found.append(Deviation(measure.name, measure.value, base, above / base if base else float("inf")))
    return found


def baseline_of(samples: Sequence[Sequence[Measure]]) -> dict[str, float]:
    """The median of each measure over the samples."""
    values: dict[str, list[float]] = {}
    for sample in samples:
        for measure in sample:
            if measure.value is not None:
                values.setdefault(measure.name, []).append(measure.value)
    return {name: statistics.median(found) for name, found in values.items()}


def amount(value: float, unit: str) -> str:
    if unit == "share":
        return f"{value:.0%}"
    if unit == "seconds":
        return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.0f} ms"
    return f"{value:,.0f}"
