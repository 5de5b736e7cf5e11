"""Thresholds, trends and baselines of the performance monitor, at their limits."""

import pytest

from app.operations.tools.performance_rules import (
    LIMITS,
    Measure,
    baseline_of,
    breaches,
    deviations,
    trend,
)


@pytest.mark.parametrize(
    ("name", "unit", "value", "priority"),
    [
        ("cpu", "share", 0.85, None),
        ("cpu", "share", 0.86, "p3"),
        ("memory", "share", 0.91, "p3"),
        ("disk", "share", 0.81, "p3"),
        ("disk", "share", 0.91, "p2"),
        ("health", "seconds", 2.0, None),
        ("health", "seconds", 2.1, "p3"),
        ("requests_p95", "seconds", 5.1, "p2"),
        ("requests_failed", "share", 0.051, "p2"),
        ("sign_in_p95", "seconds", 0.51, "p3"),
        ("query_users", "seconds", 0.6, "p3"),
        ("load", "count", 99, None),
    ],
)
def test_a_threshold_is_crossed_above_its_limit(name: str, unit: str, value: float, priority: str | None) -> None:
    found = breaches([Measure(name, unit, value)])
    assert [breach.priority for breach in found] == ([priority] if priority else [])


@pytest.mark.parametrize("name", LIMITS)
def test_what_could_not_be_measured_crosses_nothing(name: str) -> None:
    assert breaches([Measure(name, "seconds", None)]) == []


def test_the_most_urgent_comes_first() -> None:
    found = breaches([Measure("cpu", "share", 0.99), Measure("disk", "share", 0.99)])
    assert [breach.name for breach in found] == ["disk", "cpu"]


def test_a_trend_rises_when_its_second_half_is_clearly_above_its_first() -> None:
    assert trend("health", "seconds", []) is None
    few = trend("health", "seconds", [1, 2, 3])
    assert few is not None
    assert few.rising is None, "too few to say"
    flat = trend("health", "seconds", [0.1] * 10)
    steep = trend("health", "seconds", [0.1] * 5 + [0.2] * 5)
    noise = trend("health", "seconds", [0.001] * 5 + [0.005] * 5)
    assert flat is not None
    assert steep is not None
    assert noise is not None
    assert (flat.rising, steep.rising, noise.rising) == (False, True, False)
    old = trend("health", "seconds", [9.0] * 90 + [0.1] * 10)
    assert old is not None
    assert old.highest == 0.1, "only the last ten count"


def test_a_baseline_is_the_median_and_deviations_are_above_it_by_more_than_a_fifth() -> None:
    samples = [[Measure("health", "seconds", value), Measure("cpu", "share", None)] for value in (0.1, 0.2, 9.0)]
    base = baseline_of(samples)
    assert base == {"health": 0.2}
    assert deviations([Measure("health", "seconds", 0.24)], base) == []
    (found,) = deviations([Measure("health", "seconds", 0.25)], base)
    assert found.share == pytest.approx(0.25)
    assert deviations([Measure("health", "seconds", 0.01)], base) == [], "faster is no deviation"
    assert deviations([Measure("health", "seconds", None), Measure("other", "seconds", 9)], base) == []


def test_more_traffic_is_no_deviation() -> None:
    busy = Measure("network_sending", "count", 9e9)
    assert deviations([busy], {"network_sending": 1.0}) == []
