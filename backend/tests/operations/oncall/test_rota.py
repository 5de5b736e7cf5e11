"""The rota: turns, hand-overs on the days on which the clocks change, agreements, gaps; and properties of any plan."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.oncall.rota import (
    Level,
    Overlaps,
    Override,
    Plan,
    Rota,
    Shift,
    check_override,
    gaps,
    long_duties,
    shifts,
    who_is_on_call,
)

ZONE = "America/New_York"
ROTA = Rota(ZONE, date(2026, 3, 2), time(9), ("ann", "bob", "cy"), ("bob", "cy", "ann"))
PLAN = Plan((ROTA,))
WEEK = timedelta(days=7)


def at(text: str, zone: str = ZONE) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


@pytest.mark.parametrize(
    ("when", "primary", "secondary"),
    [
        ("2026-03-02T08:59", None, None),
        ("2026-03-02T09:00", "ann", "bob"),
        ("2026-03-09T08:59", "ann", "bob"),  # after the clocks went forward on the 8th
        ("2026-03-09T09:00", "bob", "cy"),
        ("2026-03-16T09:00", "cy", "ann"),
        ("2026-03-23T09:00", "ann", "bob"),
        ("2026-11-02T08:59", "bob", "cy"),  # after they went back on the 1st
        ("2026-11-02T09:00", "cy", "ann"),
    ],
)
def test_who_is_on_call_across_hand_overs(when: str, primary: str | None, secondary: str | None) -> None:
    assert who_is_on_call(PLAN, at(when)) == primary
    assert who_is_on_call(PLAN, at(when), Level.secondary) == secondary


def test_the_week_in_which_the_clocks_change_is_an_hour_shorter_or_longer() -> None:
    lengths = {ROTA.hand_over(turn + 1) - ROTA.hand_over(turn) for turn in range(52)}
    assert lengths == {WEEK, WEEK - timedelta(hours=1), WEEK + timedelta(hours=1)}


def test_a_hand_over_at_a_time_that_is_skipped_or_comes_twice() -> None:
    skipped = Rota(ZONE, date(2026, 3, 8), time(2, 30), ("ann", "bob"), ())
    assert skipped.hand_over(0) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    twice = Rota(ZONE, date(2026, 10, 25), time(1, 30), ("ann", "bob"), ())
    assert twice.hand_over(1) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # the first of the two
    for instant, person in ((twice.hand_over(1), "bob"), (twice.hand_over(1) + timedelta(minutes=59), "bob")):
        assert who_is_on_call(Plan((twice,)), instant) == person


def test_what_was_agreed_beats_the_rota_for_its_level_only() -> None:
    swap = Override("o1", Level.primary, "cy", at("2026-03-04T00:00"), at("2026-03-05T00:00"))
    plan = Plan((ROTA,), (swap,))
    assert who_is_on_call(plan, at("2026-03-03T23:59")) == "ann"
    assert who_is_on_call(plan, at("2026-03-04T00:00")) == "cy"
    assert who_is_on_call(plan, at("2026-03-05T00:00")) == "ann"
    assert who_is_on_call(plan, at("2026-03-04T12:00"), Level.secondary) == "bob"
    found = shifts(plan, at("2026-03-02T09:00"), at("2026-03-09T09:00"))
    assert [(shift.person, shift.override) for shift in found] == [("ann", None), ("cy", "o1"), ("ann", None)]


def test_an_agreement_without_a_person_is_a_gap() -> None:
    leave = Override("o1", Level.primary, None, at("2026-03-04T00:00"), at("2026-03-05T00:00"))
    plan = Plan((ROTA,), (leave,))
    assert who_is_on_call(plan, at("2026-03-04T12:00")) is None
    assert gaps(plan, at("2026-03-01T00:00"), at("2026-03-10T00:00")) == [
        (at("2026-03-01T00:00"), at("2026-03-02T09:00")),
        (leave.starts, leave.ends),
    ]
    assert gaps(plan, at("2026-03-03T00:00"), at("2026-03-10T00:00"), Level.secondary) == []


def test_without_a_rota_everything_is_one_gap() -> None:
    start, until = at("2026-03-01T00:00"), at("2026-04-01T00:00")
    assert gaps(Plan(), start, until) == [(start, until)]
    assert shifts(Plan(), start, until) == [Shift(Level.primary, None, start, until)]


def test_a_later_rota_takes_over_at_its_own_first_turn() -> None:
    later = Rota("Europe/Berlin", date(2026, 3, 12), time(8), ("dan",), ())
    plan = Plan((ROTA, later))
    begins = at("2026-03-12T08:00", "Europe/Berlin")
    assert who_is_on_call(plan, begins - timedelta(minutes=1)) == "bob"
    assert who_is_on_call(plan, begins) == "dan"
    assert who_is_on_call(plan, begins, Level.secondary) is None
    found = shifts(plan, at("2026-03-09T09:00"), begins + WEEK)
    assert [(shift.person, shift.starts) for shift in found] == [("bob", at("2026-03-09T09:00")), ("dan", begins)]


@pytest.mark.parametrize(
    ("starts", "ends", "clash"),
    [
        ("2026-03-03T00:00", "2026-03-04T00:00", False),
        ("2026-03-03T00:00", "2026-03-04T00:01", True),
        ("2026-03-04T10:00", "2026-03-04T11:00", True),
        ("2026-03-01T00:00", "2026-03-09T00:00", True),
        ("2026-03-05T00:00", "2026-03-06T00:00", False),
    ],
)
def test_overlapping_agreements_of_one_level_are_refused(starts: str, ends: str, clash: bool) -> None:
    there = Override("o1", Level.primary, "cy", at("2026-03-04T00:00"), at("2026-03-05T00:00"))
    new = Override("o2", Level.primary, "bob", at(starts), at(ends))
    if clash:
        with pytest.raises(Overlaps) as caught:
            check_override(new, [there])
        assert caught.value.other is there
    else:
        check_override(new, [there])
    check_override(Override("o3", Level.secondary, "bob", at(starts), at(ends)), [there])


def test_an_agreement_must_end_after_it_starts() -> None:
    moment = at("2026-03-04T00:00")
    with pytest.raises(ValueError, match="must end after"):
        check_override(Override("o1", Level.primary, "cy", moment, moment), [])


def test_too_long_a_duty_is_warned_of() -> None:
    assert long_duties(PLAN, at("2026-03-02T09:00"), at("2026-12-01T00:00")) == []
    alone = Plan((Rota(ZONE, date(2026, 3, 2), time(9), ("ann", "ann", "ann", "bob"), ()),))
    (first, *_) = long_duties(alone, at("2026-03-02T09:00"), at("2026-04-06T09:00"))
    assert (first.person, first.ends - first.starts) == ("ann", 3 * WEEK - timedelta(hours=1))
    two_weeks = Plan((Rota(ZONE, date(2026, 10, 26), time(9), ("ann", "ann", "bob"), ()),))
    assert long_duties(two_weeks, at("2026-10-26T09:00"), at("2026-11-16T09:00")) == []


# --- properties -------------------------------------------------------------------------------------------------------

ZONES = [ZONE, "Europe/Berlin", "Australia/Lord_Howe", "UTC", "Asia/Kolkata", "America/Santiago", "Asia/Beirut"]
PEOPLE = ["ann", "bob", "cy"]
START = datetime(2026, 2, 20, tzinfo=UTC)
# Some weeks around the changes of the clocks, to the minute.
moments = st.tuples(st.sampled_from([0, 30, 210, 240]), st.integers(0, 30 * 24 * 60)).map(
    lambda parts: START + timedelta(days=parts[0], minutes=parts[1])
)
people = st.lists(st.sampled_from(PEOPLE), min_size=1, max_size=4).map(tuple)
rotas = st.builds(
    Rota,
    st.sampled_from(ZONES),
    st.dates(date(2026, 2, 1), date(2026, 11, 20)),
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    people,
    people | st.just(()),
)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    overrides: list[Override] = []
    for number in range(draw(st.integers(0, 5))):
        starts = draw(moments)
        ends = starts + timedelta(minutes=draw(st.integers(1, 20_000)))
        person = draw(st.sampled_from([*PEOPLE, None]))
        new = Override(str(number), draw(st.sampled_from(Level)), person, starts, ends)
        try:
            check_override(new, overrides)
        except Overlaps:
            continue
        overrides.append(new)
    return Plan(tuple(draw(st.lists(rotas, max_size=3, unique_by=lambda rota: rota.hand_over(0)))), tuple(overrides))


@given(plans(), moments, st.integers(1, 60_000), st.sampled_from(Level))
def test_shifts_tile_the_time_and_every_instant_has_one_owner_or_lies_in_a_gap(
    plan: Plan, start: datetime, length: int, level: Level
) -> None:
    until = start + timedelta(minutes=length)
    found = shifts(plan, start, until, level)
    assert found[0].starts == start and found[-1].ends == until
    assert all(first.ends == second.starts for first, second in pairwise(found))
    assert all(shift.starts < shift.ends for shift in found)
    empty = gaps(plan, start, until, level)
    assert all(first[1] < second[0] for first, second in pairwise(empty))
    for shift in found:
        length_ = shift.ends - shift.starts
        for part in (0, 0.37, 0.999):
            instant = shift.starts + length_ * part
            assert who_is_on_call(plan, instant, level) == shift.person
            assert any(begins <= instant < ends for begins, ends in empty) == (shift.person is None)


@given(rotas, moments)
def test_a_turn_is_what_its_hand_overs_say(rota: Rota, instant: datetime) -> None:
    turn = rota.turn_at(instant)
    assert rota.hand_over(turn) <= instant < rota.hand_over(turn + 1)


@given(rotas, st.integers(0, 60))
def test_hand_overs_are_at_the_wall_clocks_hour_of_the_same_weekday(rota: Rota, turn: int) -> None:
    local = rota.hand_over(turn).astimezone(ZoneInfo(rota.zone))
    wanted = datetime.combine(rota.first + turn * WEEK, rota.at)
    assert timedelta(0) <= local.replace(tzinfo=None) - wanted <= timedelta(hours=1)
    if rota.zone == "UTC":
        assert local.replace(tzinfo=None) == wanted
