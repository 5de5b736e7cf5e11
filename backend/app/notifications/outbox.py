"""The rows of the outbox: how a message is taken, what is kept of each attempt, and when it is over.

Every function is one short transaction of its own, or part of the caller's. Nothing here talks to anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session as Db

from app.accounts.keys import get_envelope
from app.database import get_operations_database
from app.kit.envelope import CannotDecrypt, Place
from app.kit.ids import new_id
from app.notifications import settings
from app.notifications.channels.interface import one_line
from app.notifications.message import Channel, Message, Recipient, Urgency
from app.notifications.models import Delivery, OutboxMessage
from app.notifications.routing import Outcome, Standing, Verdict, next_try, standing, verdict
from app.notifications.schemas import MessageState
from app.notifications.sending import Attempt
from app.telemetry.logs import get_logger

# Longer than the slowest channel may take: only who died in the middle of a message loses it to another.
LEASE = timedelta(seconds=90)
# Pushover wants at least five seconds between two questions.
RECEIPT_PAUSE = timedelta(seconds=10)
_TABLE = "notification_messages"
_DETAIL = 600
log = get_logger("backend")


@dataclass(frozen=True, slots=True)
class Taken:
    """A message this process works on, with what earlier rounds have left."""

    claim: str
    message: Message
    recipient: Recipient
    known: dict[Channel, Standing]
    rounds: int
    due_since: datetime


def seal(address: str | None, column: str, row: str) -> str | None:
    return get_envelope().seal(address, Place(_TABLE, column, row)) if address else None


def _unseal(sealed: str | None, column: str, row: str) -> str | None:
    return get_envelope().open(sealed, Place(_TABLE, column, row)) if sealed else None


def over(state: MessageState, now: datetime) -> dict[str, Any]:
    """The columns of a message that is over; its addresses are needed no longer."""
    return {
        "state": state.value,
        "finished_at": now,
        "next_try_at": None,
        "claim": None,
        "email_sealed": None,
        "pushover_sealed": None,
    }


def take(message_id: str, now: datetime) -> Taken | None:
    """Takes a due message by compare-and-swap; ``None`` when somebody else has it, or it is over."""
    claim = new_id()
    swap = (
        update(OutboxMessage)
        .where(
            OutboxMessage.id == message_id,
            OutboxMessage.state == MessageState.due.value,
            OutboxMessage.next_try_at <= now,
        )
        .values(claim=claim, next_try_at=now + LEASE, rounds=OutboxMessage.rounds + 1)
        .returning(OutboxMessage)
    )
    with get_operations_database().write() as db:
        row = db.scalars(swap).one_or_none()
        if row is None:
            return None
        attempts = db.scalars(select(Delivery).where(Delivery.message_id == message_id).order_by(Delivery.id))
        past = [(Channel(one.channel), Outcome(one.outcome), one.permanent, one.at) for one in attempts]
        known = standing(past, settings.changed_at(db))
        return Taken(claim, _message(row), _recipient(row), known, row.rounds, row.due_since)


def _message(row: OutboxMessage) -> Message:
    return Message(
        row.id, Urgency(row.urgency), row.subject, row.body, row.created_at, row.url, row.about, row.request_id
    )


def _recipient(row: OutboxMessage) -> Recipient:
    try:
        return Recipient(
            row.recipient_name,
            _unseal(row.email_sealed, "email", row.id),
            _unseal(row.pushover_sealed, "pushover", row.id),
            row.desktop,
        )
    except CannotDecrypt as error:
        log.error("notification.address_unreadable", message_id=row.id, to=row.recipient_name, detail=str(error))
        return Recipient(row.recipient_name, desktop=row.desktop)


def record(taken: Taken, attempt: Attempt, now: datetime) -> bool:
    """Keeps an attempt, whoever has the message by now; answers whether we still have it and may go on."""
    with get_operations_database().write() as db:
        add_delivery(db, taken.message.id, attempt)
        keep = update(OutboxMessage).where(*_still_ours(taken)).values(next_try_at=now + LEASE)
        return db.scalar(keep.returning(OutboxMessage.id)) is not None


def add_delivery(db: Db, message_id: str, attempt: Attempt) -> None:
    db.add(
        Delivery(
            message_id=message_id,
            channel=attempt.channel.value,
            hint=attempt.hint,
            at=attempt.at,
            outcome=attempt.outcome.value,
            detail=one_line(attempt.detail, _DETAIL),
            permanent=attempt.permanent,
            receipt=attempt.receipt,
            receipt_check_at=attempt.at + RECEIPT_PAUSE if attempt.receipt else None,
        )
    )
    db.flush()


def _still_ours(taken: Taken) -> tuple[ColumnElement[bool], ...]:
    return (
        OutboxMessage.id == taken.message.id,
        OutboxMessage.claim == taken.claim,
        OutboxMessage.state == MessageState.due.value,
    )


def settle(taken: Taken, now: datetime) -> None:
    """After a round: over, or due again. Nobody reached is an error in the log, each time."""
    message, has = taken.message, taken.recipient.channels()
    came_to = verdict(message.urgency, has, taken.known)
    again = None
    if came_to is not Verdict.complete:
        again = next_try(message.urgency, taken.rounds, taken.due_since, now)
    if again is not None:
        values: dict[str, Any] = {"next_try_at": again, "claim": None}
    else:
        values = over(MessageState.failed if came_to is Verdict.unreached else MessageState.sent, now)
    with get_operations_database().write() as db:
        db.execute(update(OutboxMessage).where(*_still_ours(taken)).values(**values))
    if came_to is Verdict.unreached:
        log.error(
            "notification.nobody_reached",
            message_id=message.id,
            urgency=message.urgency.value,
            to=taken.recipient.name,
            subject=message.subject,
            about=message.about,
            request_id=message.request_id,
            rounds=taken.rounds,
            next_try_at=again,
        )
