"""How an incident moves, what its figures are, and what it needs before it may be closed. Pure (operations spec §7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from app.operations.oncall.escalation import ACKNOWLEDGE_WITHIN
from app.operations.terms import Priority
from app.operations.thresholds import RECOVERY


class Status(StrEnum):
    """In the order in which an incident passes them; steps may be left out, none is taken back."""

    detected = "detected"
    declared = "declared"
    acknowledged = "acknowledged"
    contained = "contained"
    investigating = "investigating"
    recovering = "recovering"
    resolved = "resolved"
    reviewed = "reviewed"
    closed = "closed"
    false_positive = "false_positive"
    merged = "merged"


_ORDER = tuple(Status)[:9]
OVER = frozenset({Status.closed, Status.false_positive, Status.merged})
# The time that is noted when a status is entered.
STAMPS = {
    Status.acknowledged: "acknowledged_at",
    Status.contained: "contained_at",
    Status.resolved: "recovered_at",
    Status.reviewed: "reviewed_at",
    Status.closed: "closed_at",
}
CADENCE = {"p1": timedelta(minutes=15), "p2": timedelta(minutes=30), "p3": timedelta(hours=2)}
REVIEW_WITHIN = timedelta(days=7)


class Facts(Protocol):
    """What the rules read of an incident."""

    priority: str
    worst_priority: str
    status: str
    started_at: datetime
    detected_at: datetime
    acknowledged_at: datetime | None
    contained_at: datetime | None
    recovered_at: datetime | None
    reviewed_at: datetime | None
    closed_at: datetime | None
    user_impact: str
    business_impact: str
    root_cause: str
    procedures_updated: str


def may_move(old: Status, new: Status, *, recovered: bool) -> bool:
    """Forward along the order, or out of it; nothing leaves an end. A review looks back at what is over, so that it waits for the
    recovery; one that was let through without it goes back to have its recovery told, as nothing else leads on from there."""
    if old in OVER:
        return False
    if new in (Status.false_positive, Status.merged):
        return old is not Status.reviewed
    if old is Status.reviewed and not recovered:
        return new is Status.resolved
    if new is Status.reviewed and not recovered:
        return False
    return _ORDER.index(new) > _ORDER.index(old)


def missing_to_close(incident: Facts, actions: Sequence[tuple[str, datetime | None]]) -> list[str]:
    """What an incident that ever was P1 or P2 lacks before it may be closed, as words; empty: it may. ``actions``: owner and due
    date."""
    missing = []
    if incident.recovered_at is None:
        missing.append("the time of recovery")
    if incident.worst_priority in ("p1", "p2"):
        for value, words in (
            (incident.user_impact, "the impact on users"),
            (incident.business_impact, "the impact on the business"),
            (incident.root_cause, "the root cause"),
            (incident.procedures_updated, "which procedures were updated, or that none needs to be"),
        ):
            if not value.strip():
                missing.append(words)
        if incident.reviewed_at is None:
            missing.append("the review")
        if any(not owner or due is None for owner, due in actions):
            missing.append("an owner and a date for each action")
    return missing


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds from one time to the next; ``None`` while it has not come. ``in_time``: recovered within the objective; an open
    incident is out of it once its time is over. ``…_within``: the seconds that it has."""

    to_detect: float
    to_acknowledge: float | None
    to_contain: float | None
    to_recover: float | None
    acknowledge_within: float
    recover_within: float
    response_met: bool | None
    recovery_met: bool | None


def figures(incident: Facts, now: datetime) -> Figures:
    def since(start: datetime, end: datetime | None) -> float | None:
        return None if end is None else max(0.0, (end - start).total_seconds())

    detected, response = incident.detected_at, ACKNOWLEDGE_WITHIN[Priority(incident.priority)]
    return Figures(
        to_detect=max(0.0, (detected - incident.started_at).total_seconds()),
        to_acknowledge=since(detected, incident.acknowledged_at),
        to_contain=since(detected, incident.contained_at),
        to_recover=since(detected, incident.recovered_at),
        acknowledge_within=response.total_seconds(),
        recover_within=RECOVERY.total_seconds(),
        response_met=_met(detected, incident.acknowledged_at, now, response),
        recovery_met=_met(detected, incident.recovered_at, now, RECOVERY),
    )


def _met(start: datetime, end: datetime | None, now: datetime, limit: timedelta) -> bool | None:
    if end is None:
        return False if now - start > limit else None
    return end - start <= limit


@dataclass(frozen=True, slots=True)
class Means:
    """Mean seconds over incidents (MTTD, MTTA, MTTR); ``None`` without any."""

    detect: float | None
    acknowledge: float | None
    recover: float | None
    incidents: int


def means(of: Sequence[Figures]) -> Means:
    def mean(values: list[float]) -> float | None:
        return sum(values) / len(values) if values else None

    return Means(
        detect=mean([figure.to_detect for figure in of]),
        acknowledge=mean([figure.to_acknowledge for figure in of if figure.to_acknowledge is not None]),
        recover=mean([figure.to_recover for figure in of if figure.to_recover is not None]),
        incidents=len(of),
    )


def next_id(day: datetime, taken: Sequence[str]) -> str:
    """``INC-YYYYMMDD-NNN``, the next one of this (UTC) day."""
    prefix = f"INC-{day:%Y%m%d}-"
    numbers = [int(each.removeprefix(prefix)) for each in taken if each.startswith(prefix)]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"
