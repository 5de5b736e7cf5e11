"""The token buckets over a virtual clock."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from app.connection.pacing import Bucket, Pacer, Rate
from app.kit import clock
from app.kit.clock import VirtualClock

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_the_usual_rates() -> None:
    assert (Rate.of(120), Rate.of(240)) == (Rate(120, 40), Rate(240, 80))
    assert Rate.of(1).burst == 1


def test_a_burst_and_then_an_even_pace() -> None:
    bucket, rate = Bucket(), Rate(120, 40)
    allowed = [bucket.reserve(rate, START) for _ in range(44)]
    assert allowed[:40] == [START] * 40
    assert allowed[40:] == [START + SECOND * n / 2 for n in (1, 2, 3, 4)]


def test_what_is_not_used_comes_back_up_to_the_burst() -> None:
    bucket, rate = Bucket(), Rate(60, 3)
    for _ in range(5):
        bucket.reserve(rate, START)
    later = START + timedelta(hours=1)
    assert [bucket.reserve(rate, later) for _ in range(4)] == [later, later, later, later + SECOND]


@settings(max_examples=100, deadline=None, database=None)
@given(
    gaps=st.lists(st.integers(0, 5000), min_size=1, max_size=120),
    per_minute=st.integers(1, 600),
)
def test_no_minute_has_more_than_the_rate_and_a_burst(gaps: list[int], per_minute: int) -> None:
    bucket, rate, now = Bucket(), Rate.of(per_minute), START
    used: list[datetime] = []
    for gap in gaps:
        now = max(now, used[-1] if used else now) + timedelta(milliseconds=gap)
        used.append(bucket.reserve(rate, now))
        assert used[-1] >= now
    for first in used:
        within = sum(first <= instant < first + timedelta(minutes=1) for instant in used)
        assert within <= rate.per_minute + rate.burst


def test_accounts_do_not_slow_each_other_but_the_total_counts() -> None:
    pacer = Pacer()
    one, total = Rate(60, 2), Rate(60, 5)
    assert [pacer.reserve("a", one, total, START) for _ in range(3)] == [START, START, START + SECOND]
    assert [pacer.reserve("b", one, total, START) for _ in range(2)] == [START, START]
    assert pacer.reserve("c", one, total, START) == START + SECOND
    assert pacer.reserve("c", None, None, START) == START
    pacer.forget()
    assert pacer.reserve("a", one, total, START) == START


def test_a_gate_opens_at_its_instant() -> None:
    async def loads() -> list[float]:
        gate = Pacer().gate("a", Rate(60, 2), None)
        instants = []
        for _ in range(4):
            await gate()
            instants.append((clock.now() - START).total_seconds())
        return instants

    with VirtualClock(START):
        assert asyncio.run(loads()) == [0, 0, 1, 2]
