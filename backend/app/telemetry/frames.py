"""Frames: what was measured in one span of time, and how spans add up. Pure.

A frame maps a series key to its value. The key's first letter says what the value is:

* ``c:`` a counter's increase, a number; increases add up.
* ``g:`` a gauge, ``[n, least, most, sum, last]``; the mean over a span is ``sum / n``.
* ``h:`` a histogram, ``[sum, count_0, …, count_n]``: counts between its bounds, the last one above them all.

Merging is associative and has the empty frame as its neutral element, so minutes are made of tens of seconds, hours of
minutes, and a window of whatever covers it, with the same answer. ``last`` is the later frame's, so order matters for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias

from prometheus_client import CollectorRegistry

Value: TypeAlias = "float | list[float]"
Frame: TypeAlias = "dict[str, Value]"


def series_key(kind: str, name: str, labels: Mapping[str, str]) -> str:
    """``c:name{a=1,b=2}``, labels in order of their names."""
    inner = ",".join(f"{key}={labels[key]}" for key in sorted(labels))
    return f"{kind}:{name}{{{inner}}}" if inner else f"{kind}:{name}"


def labels_of(key: str) -> dict[str, str]:
    """The labels of a key made by :func:`series_key`."""
    inner = key.partition("{")[2].removesuffix("}")
    return dict(pair.split("=", 1) for pair in inner.split(",")) if inner else {}


def name_of(key: str) -> str:
    return key[2:].partition("{")[0]


def merge(earlier: Frame, later: Frame) -> Frame:
    """One frame for both spans (or for two processes in one span)."""
    merged = dict(earlier)
    for key, value in later.items():
        known = merged.get(key)
        merged[key] = value if known is None else _add(key[0], known, value)
    return merged


def merge_all(frames: Iterable[Frame]) -> Frame:
    whole: Frame = {}
    for frame in frames:
        whole = merge(whole, frame)
    return whole


def _add(kind: str, earlier: Value, later: Value) -> Value:
    if isinstance(earlier, list) and isinstance(later, list):
        if kind == "g":
            return [
                earlier[0] + later[0],
                min(earlier[1], later[1]),
                max(earlier[2], later[2]),
                earlier[3] + later[3],
                later[4],
            ]
        if len(earlier) != len(later):  # the bounds were changed by another version: the newer shape is kept
            return later
        return [a + b for a, b in zip(earlier, later, strict=True)]
    if isinstance(earlier, list) or isinstance(later, list):
        return later
    return earlier + later


Totals: TypeAlias = "dict[str, Value]"


def read_totals(registry: CollectorRegistry) -> tuple[Totals, Frame]:
    """What the registry's instruments say now: totals since the process started (of counters and histograms), and gauges."""
    totals: Totals = {}
    gauges: Frame = {}
    for metric in registry.collect():
        if metric.type == "counter":
            for sample in metric.samples:
                totals[series_key("c", sample.name, sample.labels)] = sample.value
        elif metric.type == "gauge":
            for sample in metric.samples:
                value = sample.value
                gauges[series_key("g", sample.name, sample.labels)] = [1, value, value, value, value]
        elif metric.type == "histogram":
            _read_histogram(metric.name, metric.samples, totals)
    return totals, gauges


def _read_histogram(name: str, samples: Iterable[object], totals: Totals) -> None:
    below: dict[
        str, float
    ] = {}  # samples of one series come in the order of their bounds, each counting those below too
    for sample in samples:
        labels: dict[str, str] = dict(sample.labels)  # type: ignore[attr-defined]
        value: float = sample.value  # type: ignore[attr-defined]
        kind: str = sample.name.removeprefix(name)  # type: ignore[attr-defined]
        labels.pop("le", None)
        key = series_key("h", name, labels)
        counts = totals.setdefault(key, [0.0])
        assert isinstance(counts, list)
        if kind == "_bucket":
            counts.append(value - below.get(key, 0))
            below[key] = value
        elif kind == "_sum":
            counts[0] = value


def increase(before: Totals, now: Totals) -> Frame:
    """What was added between two readings of one process; series that did not move are left out."""
    frame: Frame = {}
    for key, total in now.items():
        old = before.get(key)
        if isinstance(total, list):
            base = old if isinstance(old, list) else [0.0] * len(total)
            moved = [b - a for a, b in zip(base, total, strict=True)]
            if any(moved[1:]):
                frame[key] = moved
        else:
            added = total - (old if isinstance(old, float | int) else 0)
            if added:
                frame[key] = added
    return frame


def has_bounds(value: Value, bounds: Sequence[float]) -> bool:
    """Whether it is a histogram of these bounds. An earlier version may have left others in the store: they say nothing of these."""
    return isinstance(value, list) and len(value) == len(bounds) + 2


def observations(value: Value) -> float:
    """How many values a histogram holds."""
    return sum(value[1:]) if isinstance(value, list) else 0.0


def count_within(value: Sequence[float], bounds: Sequence[float], limit: float) -> float:
    """How many of a histogram's values are at most ``limit``, which must be one of its bounds."""
    return float(sum(value[1 : bounds.index(limit) + 2]))


def quantile(value: Sequence[float], bounds: Sequence[float], q: float) -> float | None:
    """The ``q`` quantile of a histogram, linear within its bucket; ``None`` without values or with other bounds. What lies above the last bound is
    answered as that bound: at least so much."""
    total = sum(value[1:])
    if total <= 0 or len(value) != len(bounds) + 2:
        return None
    wanted, seen, lower = q * total, 0.0, 0.0
    for count, upper in zip(value[1:], bounds, strict=False):
        if count > 0 and seen + count >= wanted:
            return lower + (upper - lower) * (wanted - seen) / count
        seen, lower = seen + count, upper
    return float(bounds[-1])
