"""Whom the watcher has to call when: the seed's row "System Down", by the escalation clock of P1. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.operations.oncall.escalation import Hours, outlook
from app.operations.terms import Kind, Priority
from app.watch.judge import Outage

# P1 knows no business hours; the engine wants some all the same.
_HOURS = Hours("UTC")


@dataclass(frozen=True, slots=True)
class Call:
    """``level``: the column of the matrix; ``key``: the step's name, kept once it was taken. Other keys than those of steps:
    ``over`` (told to everybody up to that level), ``receipts`` (it is asked who has acknowledged an earlier call), ``quiet``
    (telephones stop ringing)."""

    key: str
    level: int
    why: str
    receipts: Sequence[Mapping[str, str]] = ()


def due_calls(now: float, outage: Outage) -> list[Call]:
    """The calls that are due now. Instants are seconds since 1970; the clock starts when we began to call."""
    assert outage.called is not None
    steps = outlook(
        datetime.fromtimestamp(now, UTC),
        Priority.p1,
        Kind.system_down,
        datetime.fromtimestamp(outage.called, UTC),
        None if outage.acknowledged is None else datetime.fromtimestamp(outage.acknowledged, UTC),
        None,
        outage.taken,
        _HOURS,
        customer_facing=True,
    ).due
    return [Call(step.key, step.level, step.why) for step in steps]


def the_end(outage: Outage) -> Call | None:
    """Tells everybody who was called that it is over; ``None`` when nobody was."""
    if not outage.taken:
        return None
    highest = max(int(key[1]) for key in outage.taken)  # "L2" is the second column
    return Call("over", highest, "It is over.", outage.receipts)
