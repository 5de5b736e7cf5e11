"""What was sent, for people: the history, the list a desktop application fetches from, and how long it is kept."""

from collections import defaultdict
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session as Db

from app.kit.pagination import make_cursor, read_cursor
from app.kit.problems import NotFound
from app.notifications.message import Channel, Urgency
from app.notifications.models import Delivery, OutboxMessage
from app.notifications.routing import Outcome
from app.notifications.schemas import (
    DesktopNotification,
    MessageState,
    Notification,
    NotificationDelivery,
    NotificationPage,
)

# Who asks for the desktop's list the first time gets so many, later as many as there are, up to the second figure.
_FIRST, _MOST = 10, 50
_AT_ONCE = 500


def page(db: Db, *, about: str | None, state: MessageState | None, cursor: str | None, limit: int) -> NotificationPage:
    """Messages with their attempts, newest first. ``about``: only what concerns one thing, like ``alert:ID``."""
    query = select(OutboxMessage).order_by(OutboxMessage.id.desc()).limit(limit + 1)
    if about is not None:
        query = query.where(OutboxMessage.about == about)
    if state is not None:
        query = query.where(OutboxMessage.state == state.value)
    if cursor is not None:
        query = query.where(OutboxMessage.id < read_cursor(cursor, str)[0])
    rows = list(db.scalars(query))
    following = make_cursor(rows[limit - 1].id) if len(rows) > limit else None
    return NotificationPage(items=views(db, rows[:limit]), next_cursor=following)


def views(db: Db, rows: list[OutboxMessage]) -> list[Notification]:
    """Messages as the API says them, in two queries whatever their number."""
    attempts: dict[str, list[NotificationDelivery]] = defaultdict(list)
    of_them = Delivery.message_id.in_([row.id for row in rows])
    for one in db.scalars(select(Delivery).where(of_them).order_by(Delivery.id)):
        attempts[one.message_id].append(NotificationDelivery.model_validate(one))
    return [
        Notification(
            id=row.id,
            urgency=Urgency(row.urgency),
            subject=row.subject,
            body=row.body,
            url=row.url,
            about=row.about,
            request_id=row.request_id,
            recipient=row.recipient_name,
            state=MessageState(row.state),
            created_at=row.created_at,
            next_try_at=row.next_try_at,
            finished_at=row.finished_at,
            deliveries=attempts[row.id],
        )
        for row in rows
    ]


def for_desktop(db: Db, after: int | None) -> list[DesktopNotification]:
    """What is to be shown on a desktop, the oldest first, without what is over. ``after``: the last id that is known."""
    query = (
        select(Delivery, OutboxMessage)
        .join(OutboxMessage, OutboxMessage.id == Delivery.message_id)
        .where(Delivery.channel == Channel.desktop.value, OutboxMessage.closed_at.is_(None))
    )
    if after is None:
        found = list(db.execute(query.order_by(Delivery.id.desc()).limit(_FIRST)))[::-1]
    else:
        found = list(db.execute(query.where(Delivery.id > after).order_by(Delivery.id).limit(_MOST)))
    return [
        DesktopNotification(
            id=attempt.id,
            at=attempt.at,
            urgency=Urgency(message.urgency),
            subject=message.subject,
            body=message.body,
            url=message.url,
            about=message.about,
            recipient=message.recipient_name,
            shown=attempt.outcome == Outcome.delivered.value,
        )
        for attempt, message in found
    ]


def mark_shown(db: Db, delivery_id: int, now: datetime) -> None:
    """A desktop application has shown a message that waited for one: with that it is delivered."""
    attempt = db.get(Delivery, delivery_id)
    if attempt is None or attempt.channel != Channel.desktop.value:
        raise NotFound("There is no such message for the desktop.", "Load the list again.")
    if attempt.outcome != Outcome.queued.value:
        return
    attempt.outcome, attempt.detail, attempt.at = Outcome.delivered.value, "Shown by a desktop application.", now
    mine = update(OutboxMessage).where(OutboxMessage.id == attempt.message_id)
    # The next round finds that it is delivered. Who works on the message just now finds it after that.
    waiting = (OutboxMessage.state == MessageState.due.value, OutboxMessage.claim.is_(None))
    db.execute(mine.where(*waiting).values(next_try_at=now))
    db.execute(mine.where(OutboxMessage.state == MessageState.failed.value).values(state=MessageState.sent.value))


def forget_old(db: Db, before: datetime) -> int:
    """Removes messages that were over before an instant, with their attempts, a few hundred at a time; answers how many."""
    old = list(db.scalars(select(OutboxMessage.id).where(OutboxMessage.finished_at < before).limit(_AT_ONCE)))
    db.execute(delete(OutboxMessage).where(OutboxMessage.id.in_(old)))
    return len(old)
