"""The escalation clock: the seed's matrix, the response times, business hours, and properties of any course of events."""

import subprocess
import sys
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import ROOT
from app.operations.oncall.escalation import (
    MATRIX,
    Hours,
    Role,
    acknowledge_by,
    is_open,
    next_open,
    outlook,
)
from app.operations.terms import Kind, Priority

ZONE = "America/New_York"
HOURS = Hours(ZONE)
MONDAY_NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
SATURDAY = datetime(2026, 3, 7, 12, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
MONDAY_OPENS = datetime(2026, 3, 9, 9, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)  # after the clocks went forward
P1, P2, P3 = Priority
LONG = timedelta(days=7)


def steps(
    priority: Priority,
    kind: Kind = Kind.system_down,
    fired: datetime = MONDAY_NOON,
    *,
    acknowledged: float | None = None,
    resolved: float | None = None,
    customer_facing: bool = False,
) -> list[tuple[str, Role, datetime]]:
    """Every step of a course of events, each taken at the moment for which it was announced. Minutes after it began."""
    after = [None if minutes is None else fired + timedelta(minutes=minutes) for minutes in (acknowledged, resolved)]
    now: datetime | None = fired
    taken: list[tuple[str, Role, datetime]] = []
    while now is not None and now < fired + LONG:
        keys = {key for key, _, _ in taken}
        seen = outlook(now, priority, kind, fired, after[0], after[1], keys, HOURS, customer_facing=customer_facing)
        taken += [(step.key, step.role, now) for step in seen.due]
        changes = [at for at in after if at is not None and at > now]
        now = min([*changes, *([seen.next_at] if seen.next_at else [])], default=None)
    return taken


def minutes(found: list[tuple[str, Role, datetime]], fired: datetime = MONDAY_NOON) -> list[tuple[str, float]]:
    return [(key, (at - fired).total_seconds() / 60) for key, _, at in found]


# --- the matrix of the overview ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "roles"),
    [
        (Kind.system_down, ["ops_team", "system_admin", "business_owner"]),
        (Kind.security_breach, ["security_officer", "external_security", "legal_compliance"]),
        (Kind.data_loss, ["system_admin", "database_expert", "disaster_recovery"]),
        (Kind.performance, ["ops_team", "performance_engineer", "architecture_team"]),
    ],
)
def test_each_row_names_three_levels(kind: Kind, roles: list[str]) -> None:
    assert [role.value for role in MATRIX[kind]] == roles
    assert [role.value for _, role, _ in steps(P1, kind)] == roles


# --- the clock --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("acknowledged", "resolved", "expected"),
    [
        (None, None, [("L1", 0), ("L2", 5), ("L3", 30)]),
        (3, None, [("L1", 0), ("L2", 15), ("L3", 30)]),
        (6, None, [("L1", 0), ("L2", 5), ("L3", 30)]),
        (3, 14, [("L1", 0)]),
        (3, 20, [("L1", 0), ("L2", 15)]),
        (None, 4, [("L1", 0)]),
        (None, 0, []),
    ],
)
def test_p1(acknowledged: float | None, resolved: float | None, expected: list[tuple[str, float]]) -> None:
    assert minutes(steps(P1, acknowledged=acknowledged, resolved=resolved)) == expected


@pytest.mark.parametrize(
    ("acknowledged", "resolved", "expected"),
    [
        (None, None, [("L1", 0), ("L2", 30), ("L3", 120)]),
        (29, None, [("L1", 0), ("L3", 120)]),
        (29, 119, [("L1", 0)]),
    ],
)
def test_p2(acknowledged: float | None, resolved: float | None, expected: list[tuple[str, float]]) -> None:
    assert minutes(steps(P2, acknowledged=acknowledged, resolved=resolved)) == expected


def test_p3_is_told_once_and_reminded_once() -> None:
    assert minutes(steps(P3)) == [("L1", 0), ("L1-reminder", 120)]
    assert minutes(steps(P3, acknowledged=119)) == [("L1", 0)]


def test_p3_waits_for_business_hours() -> None:
    found = steps(P3, fired=SATURDAY)
    assert [at for _, _, at in found] == [MONDAY_OPENS, MONDAY_OPENS + timedelta(hours=2)]
    late = datetime(2026, 3, 2, 16, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
    assert [at for _, _, at in steps(P3, fired=late)] == [late, late + timedelta(hours=17)]


@pytest.mark.parametrize("priority", [P1, P2])
def test_p1_and_p2_page_at_any_hour(priority: Priority) -> None:
    assert steps(priority, fired=SATURDAY)[0] == ("L1", Role.ops_team, SATURDAY)


def test_what_customers_notice_does_not_wait() -> None:
    assert minutes(steps(P3, fired=SATURDAY, customer_facing=True), SATURDAY) == [("L1", 0), ("L1-reminder", 120)]


def test_security_knows_no_hours() -> None:
    found = steps(P3, Kind.security_breach, SATURDAY)
    assert found[0] == ("L1", Role.security_officer, SATURDAY)
    assert minutes(found, SATURDAY) == [("L1", 0), ("L1-reminder", 120)]


def test_the_business_owner_sleeps_unless_everything_stands_still() -> None:
    assert steps(P1, fired=SATURDAY)[-1] == ("L3", Role.business_owner, SATURDAY + timedelta(minutes=30))
    assert steps(P2, fired=SATURDAY)[-1] == ("L3", Role.business_owner, MONDAY_OPENS)
    assert steps(P2, fired=MONDAY_NOON)[-1][2] == MONDAY_NOON + timedelta(hours=2)
    assert steps(P2, Kind.performance, SATURDAY)[-1][2] == SATURDAY + timedelta(hours=2)


def test_who_asks_late_gets_everything_that_is_due_at_once() -> None:
    seen = outlook(MONDAY_NOON + timedelta(hours=1), P1, Kind.system_down, MONDAY_NOON, None, None, {"L1"}, HOURS)
    assert [step.key for step in seen.due] == ["L2", "L3"]
    assert [step.at for step in seen.due] == [MONDAY_NOON + timedelta(minutes=m) for m in (5, 30)]
    assert "5 minutes" in seen.due[0].why
    assert seen.next_at is None


@pytest.mark.parametrize(("priority", "within"), [(P1, 5), (P2, 30), (P3, 120)])
def test_the_time_to_acknowledge(priority: Priority, within: int) -> None:
    assert acknowledge_by(priority, Kind.performance, MONDAY_NOON, HOURS) == MONDAY_NOON + timedelta(minutes=within)
    weekend = SATURDAY if priority in (P1, P2) else MONDAY_OPENS
    assert acknowledge_by(priority, Kind.performance, SATURDAY, HOURS) == weekend + timedelta(minutes=within)


# --- business hours ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-02T08:59", "2026-03-02T09:00"),
        ("2026-03-02T09:00", "2026-03-02T09:00"),
        ("2026-03-02T16:59", "2026-03-02T16:59"),
        ("2026-03-02T17:00", "2026-03-03T09:00"),
        ("2026-03-06T17:00", "2026-03-09T09:00"),  # over a weekend on which the clocks go forward
        ("2026-10-30T20:00", "2026-11-02T09:00"),  # and back
    ],
)
def test_the_next_business_hours(local: str, expected: str) -> None:
    instant, then = (datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)) for text in (local, expected))
    assert next_open(HOURS, instant) == then
    assert is_open(HOURS, instant) == (local == expected)


def test_other_hours_can_be_set() -> None:
    sundays = Hours("Asia/Kolkata", frozenset({7}), time(1, 30), time(2))
    opens = datetime(2026, 3, 8, 1, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
    assert next_open(sundays, opens - timedelta(days=6)) == opens
    assert next_open(sundays, opens + timedelta(minutes=30)) == opens + timedelta(days=7)


@pytest.mark.parametrize(
    "wrong", [{"days": frozenset()}, {"days": frozenset({0})}, {"opens": time(17)}, {"opens": time(18)}]
)
def test_hours_that_never_come_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        Hours(ZONE, **wrong)  # type: ignore[arg-type]


# --- properties -------------------------------------------------------------------------------------------------------

instants = st.integers(0, 365 * 24 * 60).map(lambda m: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=m))
courses = {
    "priority": st.sampled_from(Priority),
    "kind": st.sampled_from(Kind),
    "fired": instants,
    "acknowledged": st.none() | st.floats(0, 300),
    "resolved": st.none() | st.floats(0, 3000),
    "customer_facing": st.booleans(),
}


@given(**courses)
def test_no_step_comes_twice_or_after_the_end_and_levels_rise(
    priority: Priority,
    kind: Kind,
    fired: datetime,
    acknowledged: float | None,
    resolved: float | None,
    customer_facing: bool,
) -> None:
    found = steps(priority, kind, fired, acknowledged=acknowledged, resolved=resolved, customer_facing=customer_facing)
    keys = [key for key, _, _ in found]
    assert len(keys) == len(set(keys))
    assert keys == sorted(keys)
    assert all(first <= second for (_, _, first), (_, _, second) in pairwise(found))
    assert all(at >= fired for _, _, at in found)
    if resolved is not None:
        assert all(at < fired + timedelta(minutes=resolved) for _, _, at in found)
    elif priority in (P1, P2) or kind is Kind.security_breach or customer_facing:
        assert found[0][2] == fired
    else:
        assert is_open(HOURS, found[0][2])


@given(**courses, offset=st.floats(0, 10_000), taken=st.sets(st.sampled_from(["L1", "L2", "L3", "L1-reminder"])))
def test_the_announced_moment_is_the_next_at_which_something_is_due(
    priority: Priority,
    kind: Kind,
    fired: datetime,
    acknowledged: float | None,
    resolved: float | None,
    customer_facing: bool,
    offset: float,
    taken: set[str],
) -> None:
    now = fired + timedelta(minutes=offset)
    at = None if acknowledged is None else fired + timedelta(minutes=acknowledged)
    if at is not None and at > now:
        at = None  # not known yet
    seen = outlook(now, priority, kind, fired, at, None, taken, HOURS, customer_facing=customer_facing)
    taken = taken | {step.key for step in seen.due}

    def later(when: datetime) -> list[str]:
        again = outlook(when, priority, kind, fired, at, None, taken, HOURS, customer_facing=customer_facing)
        return [step.key for step in again.due]

    assert later(now) == []
    if seen.next_at is None:
        assert later(now + LONG) == []
    else:
        assert seen.next_at > now
        assert later(seen.next_at - timedelta(microseconds=1)) == []
        assert later(seen.next_at) != []


@given(
    instant=instants, start=st.times(), length=st.integers(1, 600), days=st.frozensets(st.integers(1, 7), min_size=1)
)
def test_business_hours_against_the_wall_clock(
    instant: datetime, start: time, length: int, days: frozenset[int]
) -> None:
    start = start.replace(second=0, microsecond=0)
    ends = datetime.combine(datetime(2026, 1, 1), start) + timedelta(minutes=length)  # noqa: DTZ001
    if ends.day != 1:
        return
    hours = Hours(ZONE, days, start, ends.time())
    opens = next_open(hours, instant)
    assert opens >= instant
    assert opens - instant <= timedelta(days=8)
    local = opens.astimezone(ZoneInfo(ZONE))
    assert local.isoweekday() in days
    assert is_open(hours, opens)
    wall = instant.astimezone(ZoneInfo(ZONE))
    if wall.date() not in (datetime(2026, 3, 8).date(), datetime(2026, 11, 1).date()):  # noqa: DTZ001
        assert is_open(hours, instant) == (wall.isoweekday() in days and start <= wall.time() < ends.time())


def test_the_watcher_can_import_it_without_anything_else() -> None:
    code = (
        "import sys; before = set(sys.modules)\n"
        "import app.operations.oncall.escalation, app.operations.oncall.rota\n"
        "new = {name.partition('.')[0] for name in set(sys.modules) - before if 'sysconfig' not in name}\n"
        "sys.exit(', '.join(new - sys.stdlib_module_names - {'app', 'tzdata'}) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "backend", capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
