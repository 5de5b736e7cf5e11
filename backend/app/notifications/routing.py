"""Which ways a message takes, what follows a failure, and when it is tried again. Pure.

Operations spec §4.7 and the alerting channels of the overview: what is urgent goes every way there is, the rest goes where
it disturbs least; a way that fails is replaced by the next one; the log gets everything.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from app.notifications.message import Channel, Urgency

# Per urgency the ways that are wanted, then what replaces one of them that is missing or fails.
_WANTED: Mapping[Urgency, tuple[Channel, ...]] = {
    Urgency.p1: (Channel.pushover, Channel.desktop, Channel.email),
    Urgency.p2: (Channel.pushover, Channel.email),
    Urgency.p3: (Channel.email,),
    Urgency.info: (Channel.email,),
}
_INSTEAD = (Channel.desktop, Channel.pushover, Channel.email)
# Per urgency: pause after the first round, longest pause, and how long it is tried at all.
_PATIENCE: Mapping[Urgency, tuple[timedelta, timedelta, timedelta]] = {
    Urgency.p1: (timedelta(seconds=15), timedelta(minutes=5), timedelta(hours=6)),
    Urgency.p2: (timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=12)),
    Urgency.p3: (timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)),
    Urgency.info: (timedelta(minutes=1), timedelta(hours=1), timedelta(hours=24)),
}


class Outcome(StrEnum):
    """Of one attempt. ``queued``: shown by nobody yet, it waits for a desktop application to fetch it."""

    delivered = "delivered"
    queued = "queued"
    failed = "failed"


class Standing(StrEnum):
    """What is known of a way in this round. ``refused``: it cannot work until a setting changes; ``failed``: it did not work
    this time."""

    delivered = "delivered"
    queued = "queued"
    refused = "refused"
    failed = "failed"


class Verdict(StrEnum):
    """After a round. ``reached``: somebody has it, but a wanted way is still missing; ``unreached``: nobody has it."""

    complete = "complete"
    reached = "reached"
    unreached = "unreached"


def wanted(urgency: Urgency, has: Collection[Channel]) -> tuple[Channel, ...]:
    """The ways that a message of this urgency should take to a recipient who has these. Empty only when there is none."""
    chosen = tuple(channel for channel in _WANTED[urgency] if channel in has)
    return chosen or tuple(channel for channel in _INSTEAD if channel in has)[:1]


def next_channel(urgency: Urgency, has: Collection[Channel], known: Mapping[Channel, Standing]) -> Channel | None:
    """The next way to try in this round; ``None`` when the round is over.

    As many ways shall deliver as were wanted: each one that fails is replaced by one that was not used yet.
    """
    first = wanted(urgency, has)
    for channel in first:
        if channel not in known:
            return channel
    if _delivered(has, known) >= len(first):
        return None
    return next((channel for channel in _INSTEAD if channel in has and channel not in known), None)


def verdict(urgency: Urgency, has: Collection[Channel], known: Mapping[Channel, Standing]) -> Verdict:
    """What a round came to. Where the only ways left need another setting first, one that delivered is enough."""
    delivered = _delivered(has, known)
    if delivered == 0:
        return Verdict.unreached
    may_still_work = any(known.get(channel) is Standing.failed for channel in has)
    return Verdict.reached if delivered < len(wanted(urgency, has)) and may_still_work else Verdict.complete


def _delivered(has: Collection[Channel], known: Mapping[Channel, Standing]) -> int:
    return sum(known.get(channel) is Standing.delivered for channel in has)


def standing(
    attempts: Iterable[tuple[Channel, Outcome, bool, datetime]], settings_changed_at: datetime | None
) -> dict[Channel, Standing]:
    """What earlier rounds leave for the next one. An attempt is (channel, outcome, permanent, at), the oldest first.

    What failed is open again, unless it was permanent and the settings are still those it failed with.
    """
    known: dict[Channel, Standing] = {}
    for channel, outcome, permanent, at in attempts:
        if outcome is not Outcome.failed:
            known[channel] = Standing(outcome.value)
        elif permanent and (settings_changed_at is None or settings_changed_at < at):
            known[channel] = Standing.refused
    return known


def next_try(urgency: Urgency, rounds: int, since: datetime, now: datetime) -> datetime | None:
    """When a message that is not complete is tried again; ``None``: it was tried long enough.

    ``rounds``: made so far, at least 1; ``since``: when it was due first. The pause doubles from round to round.
    """
    first, longest, patience = _PATIENCE[urgency]
    pause = longest if rounds > 20 else min(longest, first * 2 ** (rounds - 1))
    again = now + pause
    return again if again - since <= patience else None
