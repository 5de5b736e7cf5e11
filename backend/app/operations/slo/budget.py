"""Error budgets, burn rates and verdicts. Pure.

A budget is what may go wrong: ``1 - target`` of all events. Burning at 1 uses it up in exactly the window of 30 days. The
pairs of windows and factors are those of Google's SRE workbook, chapter 5, for 30 days.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from app.operations.thresholds import BUDGET_LOW


@dataclass(frozen=True, slots=True)
class Counts:
    """Events of a window: how many went well, of how many."""

    good: float = 0.0
    total: float = 0.0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.good + other.good, self.total + other.total)

    @property
    def bad(self) -> float:
        return self.total - self.good

    @property
    def ratio(self) -> float | None:
        """The share that went well; ``None`` without events."""
        return self.good / self.total if self.total else None


class SloVerdict(StrEnum):
    """``no_data`` is never good news and never bad news: nothing is known, or too little."""

    met = "met"
    at_risk = "at_risk"
    breached = "breached"
    no_data = "no_data"


# Of several parts the first of these decides: one without data is never covered up by one that is met.
WORST_FIRST = (SloVerdict.breached, SloVerdict.at_risk, SloVerdict.no_data, SloVerdict.met)


@dataclass(frozen=True, slots=True)
class BurnTier:
    """Fires when both windows burn faster than ``factor``: the long one says that it matters, the short one that it goes on."""

    name: str
    long: timedelta
    short: timedelta
    factor: float


TIERS = (
    BurnTier("fast", timedelta(hours=1), timedelta(minutes=5), 14.4),
    BurnTier("slow", timedelta(hours=6), timedelta(minutes=30), 6.0),
    BurnTier("day", timedelta(days=1), timedelta(hours=2), 3.0),
    BurnTier("three_days", timedelta(days=3), timedelta(hours=6), 1.0),
)
# One bad event in a quiet hour is not a fire: so many must have gone wrong in the long window before a tier speaks.
LEAST_BAD = 3


@dataclass(frozen=True, slots=True)
class Budget:
    """``allowed`` and ``used`` in events of the window; ``left``: the share of the budget that remains, below 0 when more
    was used than there was."""

    allowed: float
    used: float
    left: float | None


def budget(counts: Counts, target: float) -> Budget:
    """The error budget of these events. A target of 1 allows nothing: its budget is whole or gone."""
    allowed = (1 - target) * counts.total
    if counts.total == 0:
        return Budget(0.0, 0.0, None)
    if target >= 1:
        return Budget(0.0, counts.bad, 1.0 if counts.bad == 0 else 0.0)
    return Budget(allowed, counts.bad, 1 - counts.bad / allowed)


def burn_rate(counts: Counts, target: float) -> float | None:
    """How fast the budget is used, 1 = exactly used up at the end of the window; ``None`` without events or budget."""
    if counts.total == 0 or target >= 1:
        return None
    return (counts.bad / counts.total) / (1 - target)


def burning(windows: Mapping[timedelta, Counts], target: float, minimum: int) -> BurnTier | None:
    """The most urgent tier whose two windows both burn too fast, with enough events to say so."""
    for tier in TIERS:
        long, short = windows.get(tier.long, Counts()), windows.get(tier.short, Counts())
        rates = burn_rate(long, target), burn_rate(short, target)
        if long.total < minimum or long.bad < LEAST_BAD or None in rates:
            continue
        if all(rate is not None and rate > tier.factor for rate in rates):
            return tier
    return None


def verdict(counts: Counts, target: float, minimum: int, tier: BurnTier | None) -> SloVerdict:
    """What the window of 30 days says, and whether it is about to say something else."""
    if counts.total < max(minimum, 1):
        return SloVerdict.no_data
    ratio = counts.ratio
    assert ratio is not None
    if ratio < target - 1e-12:
        return SloVerdict.breached
    left = budget(counts, target).left
    if tier is not None or (left is not None and left < BUDGET_LOW):
        return SloVerdict.at_risk
    return SloVerdict.met
