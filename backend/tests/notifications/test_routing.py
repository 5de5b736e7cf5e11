"""Which ways a message takes, what replaces a failed one, and when it is tried again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.notifications.message import Channel, Recipient, Urgency
from app.notifications.routing import (
    Outcome,
    Standing,
    Verdict,
    next_channel,
    next_try,
    standing,
    verdict,
    wanted,
)

PUSHOVER, DESKTOP, EMAIL = Channel.pushover, Channel.desktop, Channel.email
ALL = (PUSHOVER, DESKTOP, EMAIL)
NOW = datetime(2026, 3, 2, tzinfo=UTC)

urgencies = st.sampled_from(Urgency)
ways = st.sets(st.sampled_from(ALL))


@pytest.mark.parametrize(
    ("urgency", "has", "expected"),
    [
        (Urgency.p1, ALL, ALL),
        (Urgency.p1, (EMAIL,), (EMAIL,)),
        (Urgency.p2, ALL, (PUSHOVER, EMAIL)),
        (Urgency.p2, (DESKTOP,), (DESKTOP,)),
        (Urgency.p3, ALL, (EMAIL,)),
        (Urgency.p3, (PUSHOVER, DESKTOP), (DESKTOP,)),
        (Urgency.p3, (PUSHOVER,), (PUSHOVER,)),
        (Urgency.info, ALL, (EMAIL,)),
        (Urgency.info, (DESKTOP,), (DESKTOP,)),
        (Urgency.p1, (), ()),
    ],
)
def test_the_ways_by_urgency(urgency: Urgency, has: tuple[Channel, ...], expected: tuple[Channel, ...]) -> None:
    assert wanted(urgency, has) == expected


def _round(urgency: Urgency, has: set[Channel], works: Callable[[Channel], Standing]) -> dict[Channel, Standing]:
    known: dict[Channel, Standing] = {}
    while (channel := next_channel(urgency, has, known)) is not None:
        assert channel in has and channel not in known
        known[channel] = works(channel)
    return known


def test_a_way_that_fails_is_replaced_by_one_not_used_yet() -> None:
    failing = {PUSHOVER}
    known = _round(Urgency.p2, set(ALL), lambda way: Standing.failed if way in failing else Standing.delivered)
    assert known == {PUSHOVER: Standing.failed, EMAIL: Standing.delivered, DESKTOP: Standing.delivered}
    failing = {EMAIL, DESKTOP}
    known = _round(Urgency.info, set(ALL), lambda way: Standing.failed if way in failing else Standing.delivered)
    assert list(known) == [EMAIL, DESKTOP, PUSHOVER]


@given(urgencies, ways, st.data())
def test_a_round_ends_with_enough_or_with_everything_tried(
    urgency: Urgency, has: set[Channel], data: st.DataObject
) -> None:
    known = _round(urgency, has, lambda _: data.draw(st.sampled_from(Standing)))
    delivered = [way for way, how in known.items() if how is Standing.delivered]
    assert set(wanted(urgency, has)) <= known.keys()
    assert len(delivered) >= len(wanted(urgency, has)) or known.keys() == has
    came_to = verdict(urgency, has, known)
    assert (came_to is Verdict.unreached) == (not delivered)
    if came_to is Verdict.reached:
        assert Standing.failed in known.values()


@given(urgencies, ways)
def test_what_works_disturbs_by_nothing_more_than_wanted(urgency: Urgency, has: set[Channel]) -> None:
    known = _round(urgency, has, lambda _: Standing.delivered)
    assert tuple(known) == wanted(urgency, has)
    assert verdict(urgency, has, known) is (Verdict.complete if has else Verdict.unreached)


def test_one_that_delivered_is_enough_when_the_other_needs_a_setting_first() -> None:
    known = {PUSHOVER: Standing.refused, EMAIL: Standing.delivered}
    assert verdict(Urgency.p2, {PUSHOVER, EMAIL}, known) is Verdict.complete
    assert verdict(Urgency.p2, {PUSHOVER, EMAIL}, known | {PUSHOVER: Standing.failed}) is Verdict.reached


def test_a_permanent_failure_holds_until_the_settings_change() -> None:
    later = NOW + timedelta(minutes=1)
    attempts = [
        (PUSHOVER, Outcome.failed, True, NOW),
        (EMAIL, Outcome.failed, False, NOW),
        (DESKTOP, Outcome.queued, False, NOW),
    ]
    assert standing(attempts, None) == {PUSHOVER: Standing.refused, DESKTOP: Standing.queued}
    assert standing(attempts, NOW - timedelta(minutes=1)) == {PUSHOVER: Standing.refused, DESKTOP: Standing.queued}
    assert standing(attempts, later) == {DESKTOP: Standing.queued}
    assert standing([*attempts, (PUSHOVER, Outcome.delivered, False, later)], later)[PUSHOVER] is Standing.delivered


@pytest.mark.parametrize(("urgency", "first", "last"), [(Urgency.p1, 15, 300), (Urgency.info, 60, 3600)])
def test_the_pauses_double_up_to_a_longest_one(urgency: Urgency, first: int, last: int) -> None:
    pauses = []
    for rounds in range(1, 12):
        again = next_try(urgency, rounds, NOW, NOW)
        assert again is not None
        pauses.append((again - NOW).total_seconds())
    assert pauses[:2] == [first, 2 * first]
    assert pauses[-1] == last
    assert pauses == sorted(pauses)


@given(urgencies)
def test_it_is_not_tried_for_ever(urgency: Urgency) -> None:
    at, rounds = NOW, 0
    while True:
        rounds += 1
        again = next_try(urgency, rounds, NOW, at)
        if again is None:
            break
        assert again > at
        at = again
    assert 10 < rounds < 100
    assert timedelta(hours=5) < at - NOW <= timedelta(hours=24)


def test_a_recipient_shows_hints_and_no_addresses() -> None:
    person = Recipient("Lead", "lead@example.com", "u" * 29 + "K", desktop=True)
    assert repr(person) == "Recipient(name='Lead', desktop=True)"
    assert [person.hint(way) for way in ALL] == ["u…uK", "", "l…@example.com"]
    assert person.channels() == ALL
    assert Recipient("Nobody").channels() == ()
