"""When a duty of this process last came round. Whoever waits for it asks how long ago that was."""

from datetime import datetime

from app.kit import clock
from app.telemetry import metrics

_beats: dict[str, datetime] = {}


def beat(duty: str) -> None:
    now = clock.now()
    _beats[duty] = now
    metrics.BEAT.labels(duty).set(now.timestamp())


def age_seconds(duty: str) -> float | None:
    """Seconds since the last beat; ``None`` when this process does not have the duty."""
    last = _beats.get(duty)
    return None if last is None else max(0.0, (clock.now() - last).total_seconds())


def stop(duty: str) -> None:
    """The duty has ended as it should: nobody waits for it any more."""
    _beats.pop(duty, None)
