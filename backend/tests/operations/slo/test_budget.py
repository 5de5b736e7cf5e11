"""Budgets, burn rates and verdicts at their limits."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.slo.budget import (
    TIERS,
    BurnTier,
    Counts,
    SloVerdict,
    budget,
    burn_rate,
    burning,
    verdict,
)


@pytest.mark.parametrize(
    ("good", "total", "target", "minimum", "expected"),
    [
        (19, 20, 0.95, 10, SloVerdict.at_risk),  # exactly the target: the budget is used up, the objective is met
        (20, 20, 0.95, 10, SloVerdict.met),
        (18, 20, 0.95, 10, SloVerdict.breached),
        (9, 9, 0.95, 10, SloVerdict.no_data),
        (0, 0, 0.95, 10, SloVerdict.no_data),
        (0, 9, 0.95, 10, SloVerdict.no_data),
        (85_968, 86_400, 0.995, 20, SloVerdict.at_risk),
        (85_967, 86_400, 0.995, 20, SloVerdict.breached),
        (1, 1, 1.0, 1, SloVerdict.met),
        (2, 3, 1.0, 1, SloVerdict.breached),
    ],
)
def test_verdicts(good: float, total: float, target: float, minimum: int, expected: SloVerdict) -> None:
    assert verdict(Counts(good, total), target, minimum, None) is expected


def test_nothing_measured_is_never_met_even_when_nothing_is_wanted() -> None:
    assert verdict(Counts(), 0.0, 0, None) is SloVerdict.no_data


def test_a_burning_budget_puts_a_met_objective_at_risk() -> None:
    assert verdict(Counts(999, 1000), 0.95, 10, TIERS[0]) is SloVerdict.at_risk


def test_the_budget_of_thirty_days_at_99_5_percent_is_216_minutes() -> None:
    minutes = 30 * 24 * 60
    spent = budget(Counts(minutes - 54, minutes), 0.995)
    assert spent.allowed == pytest.approx(216)
    assert spent.left == pytest.approx(0.75)
    assert budget(Counts(minutes - 432, minutes), 0.995).left == pytest.approx(-1.0)
    assert budget(Counts(), 0.995).left is None


def test_a_target_of_all_has_a_budget_that_is_whole_or_gone() -> None:
    assert budget(Counts(3, 3), 1.0).left == 1.0
    assert budget(Counts(2, 3), 1.0).left == 0.0
    assert burn_rate(Counts(2, 3), 1.0) is None


def test_burn_rates() -> None:
    assert burn_rate(Counts(928, 1000), 0.995) == pytest.approx(14.4)
    assert burn_rate(Counts(1000, 1000), 0.995) == 0
    assert burn_rate(Counts(), 0.995) is None


def _windows(tier: BurnTier, long: float, short: float, total: int = 10_000) -> dict[timedelta, Counts]:
    """Counts that burn at these rates at 99.5 %."""
    return {
        tier.long: Counts(total - long * 0.005 * total, total),
        tier.short: Counts(total - short * 0.005 * total, total),
    }


@pytest.mark.parametrize("tier", TIERS, ids=lambda tier: tier.name)
def test_a_tier_fires_when_both_windows_burn_faster_than_its_factor(tier: BurnTier) -> None:
    over, at = tier.factor * 1.01, tier.factor
    assert burning(_windows(tier, over, over), 0.995, 20) == tier
    assert burning(_windows(tier, over, at * 0.99), 0.995, 20) is None, "it has stopped"
    assert burning(_windows(tier, at * 0.99, over), 0.995, 20) is None, "it does not matter yet"


def test_little_traffic_fires_nothing() -> None:
    few = {window: Counts(0, 2) for tier in TIERS for window in (tier.long, tier.short)}
    assert burning(few, 0.995, 1) is None, "two bad events are no fire"
    some = {window: Counts(0, 3) for tier in TIERS for window in (tier.long, tier.short)}
    assert burning(some, 0.995, 10) is None, "fewer than the minimum"
    assert burning(some, 0.995, 3) == TIERS[0]


def test_no_data_fires_nothing() -> None:
    assert burning({}, 0.995, 1) is None


def test_the_most_urgent_tier_is_told() -> None:
    everything = {window: Counts(0, 1000) for tier in TIERS for window in (tier.long, tier.short)}
    assert burning(everything, 0.995, 20) == TIERS[0]


events = st.integers(0, 500)


@given(events, events, st.sampled_from([0.9, 0.95, 0.995]))
def test_an_objective_is_breached_exactly_when_its_budget_is_overspent(good: int, bad: int, target: float) -> None:
    counts = Counts(good, good + bad)
    found, left = verdict(counts, target, 1, None), budget(counts, target).left
    if counts.total == 0:
        assert (found, left) == (SloVerdict.no_data, None)
    else:
        assert left is not None
        assert (found is SloVerdict.breached) == (left < -1e-9)
