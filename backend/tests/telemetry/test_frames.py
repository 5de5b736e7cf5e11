"""Frames add up: whatever way a window is cut, the answer is the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from app.telemetry.frames import (
    Frame,
    count_within,
    increase,
    labels_of,
    merge,
    name_of,
    observations,
    quantile,
    read_totals,
    series_key,
)

BOUNDS = (0.5, 2.0, 5.0)
whole = st.integers(0, 1000).map(float)
gauges = st.lists(whole, min_size=1, max_size=4).map(lambda xs: [float(len(xs)), min(xs), max(xs), sum(xs), xs[-1]])
frames: st.SearchStrategy[Frame] = st.fixed_dictionaries(
    {}, optional={"c:a": whole, "c:b{x=1}": whole, "g:m": gauges, "h:s": st.lists(whole, min_size=5, max_size=5)}
)


@given(frames, frames, frames)
def test_merging_is_associative_and_the_empty_frame_changes_nothing(a: Frame, b: Frame, c: Frame) -> None:
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert merge(a, {}) == a == merge({}, a)


def test_a_key_keeps_its_name_and_labels() -> None:
    key = series_key("c", "fossawork_requests_total", {"route": "/api/visits/{visit_id}", "method": "GET"})
    assert name_of(key) == "fossawork_requests_total"
    assert labels_of(key) == {"route": "/api/visits/{visit_id}", "method": "GET"}
    assert labels_of("c:plain") == {}


def test_only_what_moved_since_the_last_reading_is_in_a_frame() -> None:
    registry = CollectorRegistry()
    hits = Counter("hits_total", "h", ["of"], registry=registry)
    level = Gauge("level", "l", registry=registry)
    seconds = Histogram("seconds", "s", buckets=BOUNDS, registry=registry)
    hits.labels("a").inc(3)
    hits.labels("b").inc()
    before, _ = read_totals(registry)
    hits.labels("a").inc(2)
    level.set(7)
    for value in (0.1, 1.0, 1.5, 9.0):
        seconds.observe(value)
    totals, gauges = read_totals(registry)
    assert gauges == {"g:level": [1, 7.0, 7.0, 7.0, 7.0]}
    assert increase(before, totals) == {"c:hits_total{of=a}": 2.0, "h:seconds": [11.6, 1.0, 2.0, 0.0, 1.0]}
    assert increase(totals, totals) == {}


def test_quantiles_and_shares_of_a_histogram() -> None:
    value = [0.0, 10.0, 85.0, 4.0, 1.0]
    assert observations(value) == 100
    assert count_within(value, BOUNDS, 2.0) == 95
    assert quantile(value, BOUNDS, 0.95) == pytest.approx(2.0)
    assert quantile(value, BOUNDS, 0.5) == pytest.approx(0.5 + 1.5 * 40 / 85)
    assert quantile(value, BOUNDS, 1.0) == 5.0, "at least the last bound"
    assert quantile([0.0] * 5, BOUNDS, 0.95) is None, "no value, no quantile"
