"""Who is to be told when: the escalation matrix, the response clocks and business hours. Pure, standard library only.

The matrix and the response times are those of the operations overview; the steps between them are those of the operations
spec §4.6. The watcher imports this file, so it must not need anything that is not always there.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from app.kit.clock import wall_instant
from app.operations.terms import Kind, Priority


class Role(StrEnum):
    """Who the matrix names. The operations team is whoever is on call."""

    ops_team = "ops_team"
    system_admin = "system_admin"
    security_officer = "security_officer"
    business_owner = "business_owner"
    external_security = "external_security"
    legal_compliance = "legal_compliance"
    database_expert = "database_expert"
    disaster_recovery = "disaster_recovery"
    performance_engineer = "performance_engineer"
    architecture_team = "architecture_team"


MATRIX: Mapping[Kind, tuple[Role, Role, Role]] = {
    Kind.system_down: (Role.ops_team, Role.system_admin, Role.business_owner),
    Kind.security_breach: (Role.security_officer, Role.external_security, Role.legal_compliance),
    Kind.data_loss: (Role.system_admin, Role.database_expert, Role.disaster_recovery),
    Kind.performance: (Role.ops_team, Role.performance_engineer, Role.architecture_team),
}
# How long until somebody has said that they take care. P1 is answered at once, which is measured with five minutes.
ACKNOWLEDGE_WITHIN: Mapping[Priority, timedelta] = {
    Priority.p1: timedelta(minutes=5),
    Priority.p2: timedelta(minutes=30),
    Priority.p3: timedelta(hours=2),
}


@dataclass(frozen=True, slots=True)
class Hours:
    """Business hours on the wall clock of an IANA zone. ``days``: ISO weekdays, 1 = Monday."""

    zone: str
    days: frozenset[int] = frozenset(range(1, 6))
    opens: time = time(9)
    closes: time = time(17)

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(1, 8)):
            raise ValueError("Business hours need at least one weekday from 1 (Monday) to 7 (Sunday).")
        if self.opens >= self.closes:
            raise ValueError("Business hours must open before they close, on the same day.")


def next_open(hours: Hours, instant: datetime) -> datetime:
    """The first moment of business hours at or after an instant: itself when it lies in them."""
    place = ZoneInfo(hours.zone)
    today = instant.astimezone(place).date()
    for ahead in range(9):
        day = today + timedelta(days=ahead)
        if day.isoweekday() in hours.days:
            opens, closes = (
                wall_instant(day, at, place, fold=fold) for at, fold in ((hours.opens, 0), (hours.closes, 1))
            )
            if instant < closes:
                return max(instant, opens)
    raise AssertionError("unreachable: within eight days each weekday comes, and later than now")


def is_open(hours: Hours, instant: datetime) -> bool:
    return next_open(hours, instant) == instant


def is_daytime(hours: Hours, instant: datetime) -> bool:
    """Whether business hours would be open if every day were a day of business."""
    return is_open(replace(hours, days=frozenset(range(1, 8))), instant)


@dataclass(frozen=True, slots=True)
class Step:
    """Somebody to be told. ``level``: 1 … 3, the column of the matrix; ``at``: when it became due; ``key``: its name, to be
    kept once it was taken, so that it is not taken twice."""

    key: str
    level: int
    role: Role
    at: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Outlook:
    """``due``: the steps to be taken now, in order. ``next_at``: when to ask again if nothing changes; ``None``: never."""

    due: tuple[Step, ...]
    next_at: datetime | None


def outlook(
    now: datetime,
    priority: Priority,
    kind: Kind,
    fired_at: datetime,
    acknowledged_at: datetime | None,
    resolved_at: datetime | None,
    taken: Collection[str],
    hours: Hours,
    *,
    customer_facing: bool = False,
) -> Outlook:
    """What the escalation clock says at ``now``.

    ``taken``: the keys of the steps taken before. A step that lies in the past and was not taken is due now, however late;
    what an acknowledgement has made unnecessary meanwhile is not. Nothing is due once it is resolved.
    ``customer_facing``: customers notice it, so that a P3 does not wait for business hours.
    """
    if resolved_at is not None and resolved_at <= now:
        return Outlook((), None)
    acknowledged = acknowledged_at is not None and acknowledged_at <= now
    steps = _steps(priority, kind, fired_at, hours, acknowledged=acknowledged, customer_facing=customer_facing)
    left = [step for step in steps if step.key not in taken]
    later = [step.at for step in left if step.at > now]
    return Outlook(tuple(step for step in left if step.at <= now), min(later, default=None))


def acknowledge_by(
    priority: Priority, kind: Kind, fired_at: datetime, hours: Hours, *, customer_facing: bool = False
) -> datetime:
    """Until when somebody has to have acknowledged what fired then. What waits for business hours has its time from their beginning."""
    return _begins(priority, kind, fired_at, hours, customer_facing=customer_facing) + ACKNOWLEDGE_WITHIN[priority]


def _begins(priority: Priority, kind: Kind, fired_at: datetime, hours: Hours, *, customer_facing: bool) -> datetime:
    """When the first level is told: at once, or when business hours begin."""
    waits = priority is Priority.p3 and not _ignores_hours(kind, customer_facing)
    return next_open(hours, fired_at) if waits else fired_at


def _ignores_hours(kind: Kind, customer_facing: bool) -> bool:
    return kind is Kind.security_breach or customer_facing


def _steps(
    priority: Priority, kind: Kind, fired_at: datetime, hours: Hours, *, acknowledged: bool, customer_facing: bool
) -> list[Step]:
    begins = _begins(priority, kind, fired_at, hours, customer_facing=customer_facing)

    def step(level: int, at: datetime, why: str, key: str = "") -> Step:
        role = MATRIX[kind][level - 1]
        # Decisions about the business can wait for the morning, unless everything stands still.
        waits = role is Role.business_owner and priority is not Priority.p1
        return Step(key or f"L{level}", level, role, next_open(hours, at) if waits else at, why)

    steps = [step(1, begins, "It was reported.")]
    match priority:
        case Priority.p1:
            if acknowledged:
                steps.append(step(2, fired_at + timedelta(minutes=15), "It is not resolved after 15 minutes."))
            else:
                steps.append(step(2, fired_at + timedelta(minutes=5), "Nobody has acknowledged it for 5 minutes."))
            steps.append(step(3, fired_at + timedelta(minutes=30), "It is not resolved after 30 minutes."))
        case Priority.p2:
            if not acknowledged:
                steps.append(step(2, fired_at + timedelta(minutes=30), "Nobody has acknowledged it for 30 minutes."))
            steps.append(step(3, fired_at + timedelta(hours=2), "It is not resolved after 2 hours."))
        case Priority.p3 if not acknowledged:
            again = begins + timedelta(hours=2)
            at = again if _ignores_hours(kind, customer_facing) else next_open(hours, again)
            steps.append(step(1, at, "Nobody has acknowledged it for 2 hours.", "L1-reminder"))
        case _:
            pass  # P3 that somebody takes care of: nobody else is told
    return steps
