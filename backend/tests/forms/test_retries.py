"""When something is tried again at the portal: bounded, later each time, never at the same moment as everybody else."""

import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.forms.retries import TRIES, breaks_browser, may_try_again, next_try
from app.portal.errors import (
    BrowserFailed,
    CredentialsRejected,
    EffectUnknown,
    EquipmentNotOffered,
    PortalChanged,
    PortalError,
    PortalTimeout,
    PortalUnreachable,
)

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    "error",
    [PortalTimeout("slow"), PortalUnreachable("gone"), BrowserFailed("no browser"), EffectUnknown("sent, and then?")],
)
def test_passing_trouble_is_tried_again_a_bounded_number_of_times(error: PortalError) -> None:
    assert [may_try_again(error, tried) for tried in (1, TRIES - 1, TRIES, TRIES + 1)] == [True, True, False, False]


@pytest.mark.parametrize(
    "error",
    [
        CredentialsRejected("refused"),
        PortalChanged("another shape"),
        EquipmentNotOffered("no 1/2"),
    ],
)
def test_what_repetition_cannot_help_is_not_tried_again(error: PortalError) -> None:
    assert not may_try_again(error, 1)


@given(tried=st.integers(1, 40), base=st.sampled_from([0.0, 0.01, 1.0, 5.0]), seed=st.integers(0, 2**32))
def test_each_pause_is_about_twice_the_last_and_at_most_three_quarters_of_a_minute(
    tried: int, base: float, seed: int
) -> None:
    pause = next_try(PortalTimeout("slow"), tried, NOW, base_seconds=base, rng=random.Random(seed)) - NOW
    middle = min(30.0, base * 2 ** (tried - 1))
    assert 0.5 * middle - 1e-6 <= pause.total_seconds() <= 1.5 * middle + 1e-6


def test_two_accounts_do_not_come_back_at_the_same_moment() -> None:
    error = PortalTimeout("slow")
    moments = {next_try(error, 3, NOW, base_seconds=1, rng=random.Random(seed)) for seed in range(50)}
    assert len(moments) == 50


@pytest.mark.parametrize(("asked", "seconds"), [(120, 120), (90.5, 90.5), (0, None), (None, None), (0.1, None)])
def test_a_portal_that_asks_for_a_longer_pause_gets_it(asked: float | None, seconds: float | None) -> None:
    error = PortalUnreachable("busy", status=429, retry_after=asked)
    pause = (next_try(error, 1, NOW, base_seconds=1, rng=random.Random(1)) - NOW).total_seconds()
    if seconds is None:
        assert 0.5 <= pause <= 1.5
    else:
        assert pause == seconds


def test_only_trouble_of_the_browser_needs_another_one() -> None:
    assert breaks_browser(BrowserFailed("it went away"))
    assert breaks_browser(BrowserFailed("it was closed hard", code="watchdog"))
    assert breaks_browser(BrowserFailed("it was closed", code="browser_closed"))
    assert not breaks_browser(PortalTimeout("slow"))
    assert not breaks_browser(PortalUnreachable("gone"))
