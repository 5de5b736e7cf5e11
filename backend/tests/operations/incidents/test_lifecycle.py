"""How incidents move, what they need, and what they come to."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.incidents.lifecycle import OVER, Status, figures, may_move, means, missing_to_close, next_id

AT = datetime(2026, 3, 2, 14, tzinfo=UTC)


@dataclass
class Facts:
    priority: str = "p1"
    worst_priority: str = "p1"
    status: str = "resolved"
    started_at: datetime = AT - timedelta(minutes=2)
    detected_at: datetime = AT
    acknowledged_at: datetime | None = AT + timedelta(minutes=3)
    contained_at: datetime | None = None
    recovered_at: datetime | None = AT + timedelta(minutes=14)
    reviewed_at: datetime | None = AT + timedelta(days=2)
    closed_at: datetime | None = None
    user_impact: str = "Nobody could sign in."
    business_impact: str = "None."
    root_cause: str = "The disk was full."
    procedures_updated: str = "none needed"


Place = tuple[Status, bool, bool]  # its status, whether it has recovered, whether it was reviewed
statuses = st.sampled_from(list(Status))


@given(st.lists(statuses, max_size=20))
def test_an_incident_only_moves_forward_and_never_leaves_its_end(wishes: list[Status]) -> None:
    now, passed = Status.declared, [Status.declared]
    for wish in wishes:
        if may_move(now, wish, recovered=Status.resolved in passed):
            assert now not in OVER
            assert wish not in passed
            now = wish
            passed.append(now)


def _next(priority: str, now: Place) -> set[Place]:
    """Where an incident can go from a place, when whatever can be filled in is."""
    status, recovered, reviewed = now
    found = set()
    for wish in Status:
        if not may_move(status, wish, recovered=recovered):
            continue
        facts = Facts(
            priority, priority, status, recovered_at=AT if recovered else None, reviewed_at=AT if reviewed else None
        )
        if wish is Status.closed and missing_to_close(facts, []):
            continue
        found.add((wish, recovered or wish is Status.resolved, reviewed or wish is Status.reviewed))
    return found


def _reachable(priority: str, start: Place) -> set[Place]:
    seen, left = {start}, [start]
    while left:
        new = _next(priority, left.pop()) - seen
        seen |= new
        left += new
    return seen


@pytest.mark.parametrize("priority", ["p1", "p2", "p3"])
@pytest.mark.parametrize("start", [(Status.detected, False, False), (Status.reviewed, False, True)])
def test_from_wherever_an_incident_can_be_an_end_can_be_reached(priority: str, start: Place) -> None:
    """Also from where it should not be: an earlier version took reviews of what had not recovered."""
    for place in _reachable(priority, start):
        assert any(status in OVER for status, *_ in _reachable(priority, place)), place


def test_a_review_waits_for_the_recovery() -> None:
    places = _reachable("p1", (Status.detected, False, False))
    assert {recovered for status, recovered, _ in places if status is Status.reviewed} == {True}


def test_a_complete_incident_may_be_closed() -> None:
    assert missing_to_close(Facts(), [("sam", AT)]) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"recovered_at": None}, "the time of recovery"),
        ({"user_impact": " "}, "the impact on users"),
        ({"business_impact": ""}, "the impact on the business"),
        ({"root_cause": ""}, "the root cause"),
        ({"procedures_updated": ""}, "which procedures were updated, or that none needs to be"),
        ({"reviewed_at": None}, "the review"),
    ],
)
def test_what_a_p1_or_p2_lacks_keeps_it_open(change: dict[str, Any], words: str) -> None:
    for priority in ("p1", "p2"):
        for now in (priority, "p3"):  # what it was called later takes nothing from what it was
            facts = Facts(priority=now, worst_priority=priority)
            assert missing_to_close(replace(facts, **change), []) == [words]
    light = missing_to_close(replace(Facts(priority="p3", worst_priority="p3"), **change), [])
    assert light == (["the time of recovery"] if "recovered_at" in change else [])


def test_actions_need_an_owner_and_a_date() -> None:
    assert missing_to_close(Facts(), [("", AT)]) == ["an owner and a date for each action"]


def test_figures_and_objectives() -> None:
    found = figures(Facts(), AT + timedelta(hours=1))
    assert (found.to_detect, found.to_acknowledge, found.to_recover) == (120, 180, 840)
    assert (found.acknowledge_within, found.recover_within) == (300, 900)
    assert (found.response_met, found.recovery_met) == (True, True)
    late = figures(Facts(acknowledged_at=AT + timedelta(minutes=6), recovered_at=AT + timedelta(minutes=16)), AT)
    assert (late.response_met, late.recovery_met) == (False, False)


def test_an_open_incident_is_out_of_its_objective_once_its_time_is_over() -> None:
    waiting = Facts(acknowledged_at=None, recovered_at=None)
    assert figures(waiting, AT + timedelta(minutes=4)).response_met is None
    assert figures(waiting, AT + timedelta(minutes=6)).response_met is False
    assert figures(waiting, AT + timedelta(minutes=14)).recovery_met is None
    assert figures(waiting, AT + timedelta(minutes=16)).recovery_met is False


def test_means_leave_out_what_has_not_come() -> None:
    found = means([figures(Facts(), AT), figures(Facts(acknowledged_at=None, recovered_at=None), AT)])
    assert (found.detect, found.acknowledge, found.recover, found.incidents) == (120, 180, 840, 2)
    assert means([]).recover is None


def test_numbers_begin_anew_each_day_and_are_never_given_twice() -> None:
    assert next_id(AT, []) == "INC-20260302-001"
    assert next_id(AT, ["INC-20260302-001", "INC-20260302-007", "INC-20260301-099"]) == "INC-20260302-008"
