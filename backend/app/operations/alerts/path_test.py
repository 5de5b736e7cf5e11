"""The daily test of the whole way from an alert to a person: outbox, channel, the other side's yes.

It is a quiet message of the lowest urgency to whoever is on call, every day, from the hour at which business hours begin; also on
days without any, as people are called on these too. It takes each way there is: what is urgent depends on Pushover, what is not on
e-mail. Where nobody can be reached by anything yet, there is no way to test: on-call duty says so itself.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.notifications import service as notifications
from app.notifications.message import Channel, Recipient, Urgency
from app.notifications.models import OutboxMessage
from app.notifications.schemas import MessageState
from app.operations.alerts.engine import Sample
from app.operations.oncall.duty import business_hours
from app.operations.oncall.escalation import Role, is_daytime
from app.operations.oncall.service import recipients

ABOUT = "alert-path"
# How long the test may be under way before silence counts as failure.
_PATIENCE = timedelta(minutes=30)
_GOOD = (MessageState.sent.value, MessageState.acknowledged.value)


def begin(db: Db, now: datetime) -> bool:
    """Asks for today's test if it is time and was not done; answers whether it did."""
    hours = business_hours(db)
    if not is_daytime(hours, now):
        return False
    key = f"{ABOUT}:{now.astimezone(ZoneInfo(hours.zone)):%Y-%m-%d}"
    if db.scalar(select(OutboxMessage.id).where(OutboxMessage.dedup_key == key).limit(1)) is not None:
        return False
    reach = recipients(db, Role.ops_team, now)
    if not reach.recipients:
        return False
    notifications.enqueue(
        db,
        dedup_key=key,
        urgency=Urgency.info,
        subject="Daily test of the alert path",
        body="This message tests that alerts reach you. Nothing has happened and nothing needs to be done.",
        recipients=[way for recipient in reach.recipients for way in _ways(recipient)],
        about=ABOUT,
    )
    return True


def _ways(recipient: Recipient) -> Iterator[Recipient]:
    """The same person once for each way that the message has to take; a desktop counts only where there is nothing else."""
    nothing = Recipient(recipient.name)
    if recipient.pushover_key:
        yield replace(nothing, pushover_key=recipient.pushover_key)
    if recipient.email:
        yield replace(nothing, email=recipient.email)
    if recipient.channels() == (Channel.desktop,):
        yield recipient


def samples(db: Db, now: datetime) -> Iterator[Sample]:
    """Whether the newest test came through on every way; nothing before the first one, and while it is under way."""
    newest = (
        select(OutboxMessage.dedup_key).where(OutboxMessage.about == ABOUT).order_by(OutboxMessage.id.desc()).limit(1)
    )
    rows = db.scalars(select(OutboxMessage).where(OutboxMessage.dedup_key == newest.scalar_subquery())).all()
    lost = [row for row in rows if _is_lost(row, now)]
    if not lost and any(row.state not in _GOOD for row in rows):
        return
    for told, value, word in ((lost, 1.0, "did not reach"), (() if lost else rows, 0.0, "reached")):
        if told:
            names = ", ".join(sorted({row.recipient_name for row in told}))
            words = f"The test of {told[0].created_at:%d %b %H:%M} UTC {word} {names} on every way."
            yield Sample("alert_path", "notifications", value, now, words)


def _is_lost(row: OutboxMessage, now: datetime) -> bool:
    is_late = row.state not in _GOOD and now - row.created_at > _PATIENCE
    return row.state == MessageState.failed.value or is_late
