"""Quiet hours: over midnight, on the days on which the clocks change, and against a walk minute by minute."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.connection.quiet import quiet_until, time_of

ZONE = "America/New_York"
PLACE = ZoneInfo(ZONE)


def at(text: str) -> datetime:
    """A wall-clock moment in New York as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=PLACE).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-06-10T20:59", None),
        ("2026-06-10T21:00", "2026-06-11T06:00"),
        ("2026-06-10T23:59", "2026-06-11T06:00"),
        ("2026-06-11T05:59", "2026-06-11T06:00"),
        ("2026-06-11T06:00", None),
        ("2026-06-11T12:00", None),
    ],
)
def test_over_midnight(now: str, until: str | None) -> None:
    assert quiet_until(at(now), time(21), time(6), ZONE) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "until"),
    [("2026-06-10T11:59", None), ("2026-06-10T12:30", "2026-06-10T13:00"), ("2026-06-10T13:00", None)],
)
def test_within_a_day(now: str, until: str | None) -> None:
    assert quiet_until(at(now), time(12), time(13), ZONE) == (at(until) if until else None)


def test_equal_times_are_no_quiet_hours() -> None:
    assert quiet_until(at("2026-06-10T12:00"), time(12), time(12), ZONE) is None


def test_the_night_in_which_the_clocks_go_forward_is_an_hour_shorter() -> None:
    start = at("2026-03-07T21:00")
    assert quiet_until(start, time(21), time(6), ZONE) == start + timedelta(hours=8)


def test_the_night_in_which_the_clocks_go_back_is_an_hour_longer() -> None:
    start = at("2026-10-31T21:00")
    assert quiet_until(start, time(21), time(6), ZONE) == start + timedelta(hours=10)


def test_an_end_that_the_clocks_skip_is_the_moment_after_the_gap() -> None:
    # 02:30 does not exist on 8 March 2026: 01:59 is followed by 03:00.
    assert quiet_until(at("2026-03-08T01:00"), time(23), time(2, 30), ZONE) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


def test_an_end_that_comes_twice_is_the_second_one() -> None:
    # 01:30 comes twice on 1 November 2026: at 05:30 and 06:30 UTC.
    assert quiet_until(at("2026-11-01T00:30"), time(23), time(1, 30), ZONE) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)
    assert quiet_until(datetime(2026, 11, 1, 6, 0, tzinfo=UTC), time(23), time(1, 30), ZONE) is not None


@settings(max_examples=200, deadline=None, database=None)
@given(
    now=st.integers(0, 365 * 24 * 60).map(
        lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    ),
    start=st.times(),
    end=st.times(),
    zone=st.sampled_from([ZONE, "Europe/Berlin", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"]),
)
def test_away_from_clock_changes_the_wall_clock_decides(now: datetime, start: time, end: time, zone: str) -> None:
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    until = quiet_until(now, start, end, zone)
    assert until is None or now < until <= now + timedelta(hours=25)
    place = ZoneInfo(zone)
    offsets = {(now + timedelta(hours=hours)).astimezone(place).utcoffset() for hours in range(-30, 31)}
    if len(offsets) > 1:
        return
    wall = now.astimezone(place).time()
    quiet = start <= wall < end if start < end else (wall >= start or wall < end) if start != end else False
    assert (until is not None) == quiet
    if until is not None:
        assert until.astimezone(place).time() == end


@pytest.mark.parametrize("text", ["", "6:00", "24:00", "12:60", "noon!", "12-30"])
def test_other_texts_are_no_times(text: str) -> None:
    with pytest.raises(ValueError):
        time_of(text)


def test_a_time() -> None:
    assert time_of("21:05") == time(21, 5)
