"""For how long signals that used to answer have not: what nobody can check any more must not pass for good."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.operations.alerts.engine import BY_ITSELF, Phase, Sample
from app.operations.alerts.models import Alert, KnownSignal
from app.operations.thresholds import EVALUATE_SECONDS

RULE = "signal_unknown"
_LONGEST_NAME = 80
# The time in which nobody evaluated (the machine slept, the server was stopped) is no time in which a signal was looked for.
_ROUND_AT_MOST = timedelta(seconds=4 * EVALUATE_SECONDS)


def watch(db: Db, samples: Iterable[Sample], now: datetime, last: datetime | None) -> list[Sample]:
    """A sample of ``unknown_seconds`` per signal that ever answered: 0 when it answers now. ``last``: when it was looked before.

    A signal whose alert a person has resolved is not missed any longer (a certificate that was given up), until it answers again.
    """
    known = {row.name: row for row in db.scalars(select(KnownSignal))}
    answered = {_name(sample) for sample in samples if sample.value is not None}
    passed = min(now - last, _ROUND_AT_MOST).total_seconds() if last is not None else 0.0
    for name in answered - known.keys():
        known[name] = KnownSignal(name=name, unknown_seconds=0.0)
        db.add(known[name])
    for name in _given_up(db, last) - answered:
        if name in known:
            db.delete(known.pop(name))
    for name, row in known.items():
        row.unknown_seconds = 0.0 if name in answered else row.unknown_seconds + passed
    return [
        Sample("unknown_seconds", name, row.unknown_seconds, now, _words(name, row.unknown_seconds))
        for name, row in sorted(known.items())
    ]


def _name(sample: Sample) -> str:
    return f"{sample.signal}:{sample.component}"[:_LONGEST_NAME]


def _words(name: str, seconds: float) -> str:
    signal, _, component = name.partition(":")
    said = f"{signal.replace('_', ' ')} of {component}"
    return f"{said} has not been known for {seconds / 60:.0f} min." if seconds else f"{said} is known."


def _given_up(db: Db, last: datetime | None) -> set[str]:
    """What people have said since the last round that they do not miss."""
    if last is None:
        return set()
    ended = select(Alert.component).where(
        Alert.phase == Phase.resolved.value,
        Alert.resolved_at >= last - _ROUND_AT_MOST,
        Alert.rule == RULE,
        Alert.resolved_by != BY_ITSELF,
    )
    return set(db.scalars(ended))
