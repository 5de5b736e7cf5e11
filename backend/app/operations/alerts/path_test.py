"""The daily test of the whole way from an alert to a person: outbox, channel, the other side's yes.

It is a quiet message of the lowest urgency to whoever is on call, once a day, at the beginning of business hours. Where nobody
can be reached by anything yet, there is no way to test: on-call duty says so itself.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.notifications import service as notifications
from app.notifications.message import Urgency
from app.notifications.models import OutboxMessage
from app.notifications.schemas import MessageState
from app.operations.alerts.engine import Sample
from app.operations.oncall.duty import business_hours
from app.operations.oncall.escalation import Role, is_open
from app.operations.oncall.service import recipients

ABOUT = "alert-path"
# How long the test may be under way before silence counts as failure.
_PATIENCE = timedelta(minutes=30)
_GOOD = (MessageState.sent.value, MessageState.acknowledged.value)


def begin(db: Db, now: datetime) -> bool:
    """Asks for today's test if it is time and was not done; answers whether it did."""
    hours = business_hours(db)
    if not is_open(hours, now):
        return False
    key = f"{ABOUT}:{now:%Y-%m-%d}"
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
        recipients=reach.recipients,
        about=ABOUT,
    )
    return True


def samples(db: Db, now: datetime) -> Iterator[Sample]:
    """Whether the newest test came through; nothing before the first one."""
    query = select(OutboxMessage).where(OutboxMessage.about == ABOUT).order_by(OutboxMessage.id.desc()).limit(1)
    newest = db.scalars(query).first()
    if newest is None:
        return
    if newest.state in _GOOD:
        words = f"The test of {newest.created_at:%d %b %H:%M} UTC reached {newest.recipient_name}."
        yield Sample("alert_path", "notifications", 0.0, now, words)
    elif newest.state == MessageState.failed.value or now - newest.created_at > _PATIENCE:
        words = f"The test of {newest.created_at:%d %b %H:%M} UTC did not reach {newest.recipient_name}."
        yield Sample("alert_path", "notifications", 1.0, now, words)
