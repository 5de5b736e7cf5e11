"""The circuit breaker over a virtual clock: by hand, and as a state machine against a plain model."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from app.connection.breaker import FAILURES, FIRST_WAIT, LONGEST_WAIT, PORTAL_SIDE, Breaker, Breakers, BreakerState

START = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def opened(now: datetime = START) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed("portal_timeout", now)
    return breaker


def test_it_opens_after_five_failures_in_a_row() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed("portal_failing", START)
    assert (breaker.state(START), breaker.retry_at(START)) == (BreakerState.closed, None)
    breaker.failed("error_page", START)
    assert (breaker.state(START), breaker.retry_at(START)) == (BreakerState.open, START + FIRST_WAIT)


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed("portal_failing", START)
    breaker.succeeded(START)
    breaker.failed("portal_failing", START)
    assert breaker.state(START) is BreakerState.closed


@pytest.mark.parametrize(
    "code", ["browser_closed", "watchdog", "portal_changed", "credentials_rejected", "list_incomplete"]
)
def test_what_is_not_the_portals_trouble_does_not_count(code: str) -> None:
    breaker = Breaker()
    for _ in range(3 * FAILURES):
        breaker.failed(code, START)
    assert breaker.state(START) is BreakerState.closed


def test_the_wait_doubles_up_to_a_quarter_of_an_hour() -> None:
    breaker, now, waits = opened(), START, []
    for _ in range(7):
        until = breaker.retry_at(now)
        assert until is not None
        waits.append((until - now).total_seconds())
        now = until
        assert breaker.state(now) is BreakerState.half_open
        breaker.failed("portal_unreachable", now)
    assert waits == [60, 120, 240, 480, 900, 900, 900]
    breaker.succeeded(now)
    assert breaker.state(now) is BreakerState.closed
    for _ in range(FAILURES):
        breaker.failed("portal_unreachable", now)
    assert breaker.retry_at(now) == now + FIRST_WAIT


def test_failures_that_come_late_do_not_lengthen_the_wait() -> None:
    breaker = opened()
    breaker.failed("portal_timeout", START + 30 * SECOND)
    assert breaker.retry_at(START + 30 * SECOND) == START + FIRST_WAIT


def test_one_at_a_time_tries_after_the_wait() -> None:
    breaker, now = opened(), START + FIRST_WAIT
    assert breaker.retry_at(now) is None
    assert breaker.admit(now) is None
    assert breaker.admit(now) == now + FIRST_WAIT
    assert breaker.retry_at(now) == now + FIRST_WAIT
    # The browser of the probe crashed: that says nothing about the portal, so the next may try.
    breaker.failed("browser_closed", now)
    assert breaker.admit(now) is None
    # A probe that never reports does not hold up the others for ever.
    assert breaker.admit(now + FIRST_WAIT) is None
    breaker.succeeded(now)
    assert breaker.admit(now) is None
    assert breaker.admit(now) is None


def test_one_breaker_stands_for_each_portal() -> None:
    breakers = Breakers()
    assert breakers.of("https://portal.example.com/") is breakers.of("https://PORTAL.example.com")
    assert breakers.of("https://portal.example.com") is not breakers.of("https://other.example.com")
    first = breakers.of("https://portal.example.com")
    breakers.forget()
    assert breakers.of("https://portal.example.com") is not first


class BreakerMachine(RuleBasedStateMachine):
    """Compared with a model that keeps the whole history of waits."""

    def __init__(self) -> None:
        super().__init__()
        self.breaker = Breaker()
        self.now = START
        self.in_a_row = 0
        self.waits: list[timedelta] = []
        self.open_until: datetime | None = None

    @rule(seconds=st.integers(0, 1200))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds * SECOND

    @rule(code=st.sampled_from([*sorted(PORTAL_SIDE), "browser_closed", "portal_changed"]))
    def attempt_fails(self, code: str) -> None:
        self.breaker.failed(code, self.now)
        if code not in PORTAL_SIDE:
            return
        if self.open_until is None:
            self.in_a_row += 1
            if self.in_a_row == FAILURES:
                self.open(FIRST_WAIT)
        elif self.now >= self.open_until:
            self.open(min(self.waits[-1] * 2, LONGEST_WAIT))

    def open(self, wait: timedelta) -> None:
        self.waits.append(wait)
        self.open_until = self.now + wait

    @rule()
    def attempt_succeeds(self) -> None:
        self.breaker.succeeded(self.now)
        self.in_a_row, self.waits, self.open_until = 0, [], None

    @rule()
    def somebody_asks(self) -> None:
        first = self.breaker.admit(self.now)
        if self.open_until is None:
            assert first is None
        else:
            # Never two at once while the portal is in doubt, and never anybody before its time.
            assert self.breaker.admit(self.now) is not None
            if self.now < self.open_until:
                assert first == self.open_until

    @invariant()
    def it_says_what_the_model_says(self) -> None:
        if self.open_until is None:
            assert self.breaker.state(self.now) is BreakerState.closed
            assert self.breaker.retry_at(self.now) is None
        else:
            waiting = self.now < self.open_until
            assert self.breaker.state(self.now) is (BreakerState.open if waiting else BreakerState.half_open)
            later = self.breaker.retry_at(self.now)
            assert later == self.open_until if waiting else later is None or later > self.now
            assert later is None or later - self.now <= LONGEST_WAIT


BreakerMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, database=None)
TestBreakerMachine = BreakerMachine.TestCase
