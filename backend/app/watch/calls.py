"""Whom the watcher has to call when: the seed's row "System Down", by the escalation clock of P1. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.operations.oncall.escalation import Hours, outlook
from app.operations.terms import Kind, Priority
from app.watch.judge import Outage

# P1 knows no business hours; the engine wants some all the same.
_HOURS = Hours("UTC")


@dataclass(frozen=True, slots=True)
class Call:
    """``level``: the column of the matrix; ``key``: the step's name, kept once it was taken. With the key ``receipts`` nobody is
    called: it is asked who has acknowledged an earlier call."""

    key: str
    level: int
    why: str
    receipts: Sequence[dict[str, str]] = ()


def due_calls(now: float, outage: Outage, acknowledged: float | None, taken: Collection[str]) -> list[Call]:
    """The calls that are due now. Instants are seconds since 1970; the clock starts when we began to call."""
    assert outage.called is not None
    steps = outlook(
        datetime.fromtimestamp(now, UTC),
        Priority.p1,
        Kind.system_down,
        datetime.fromtimestamp(outage.called, UTC),
        None if acknowledged is None else datetime.fromtimestamp(acknowledged, UTC),
        None,
        taken,
        _HOURS,
        customer_facing=True,
    ).due
    return [Call(step.key, step.level, step.why) for step in steps]
