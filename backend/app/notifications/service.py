"""Use cases of notifications: ask for messages, send what is due, hear who acknowledged.

``enqueue`` stores messages in the caller's transaction. ``Sender`` and ``poll_receipts`` are edges of their own: they open
their transactions, never hold one while they talk to somebody, and may run in several processes at once.
"""

import hashlib
import hmac
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import case, distinct, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Db

from app.accounts.keys import get_envelope
from app.database import get_operations_database
from app.kit import clock
from app.kit.ids import new_id
from app.notifications import settings
from app.notifications.channels import pushover
from app.notifications.channels.interface import ChannelFailed, one_line
from app.notifications.channels.pushover import PushoverSettings
from app.notifications.message import Recipient, Urgency
from app.notifications.models import Delivery, OutboxMessage
from app.notifications.outbox import RECEIPT_PAUSE, over, record, seal, settle, take
from app.notifications.schemas import MessageState
from app.notifications.sending import Channels, Send, send_by, send_round
from app.telemetry.logs import get_logger

WORKERS = 8
_AT_ONCE = 400
_SUBJECT, _NAME, _URL = 300, 120, 500
_TAKEN_WITHIN = timedelta(days=1)
log = get_logger("backend")


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Somebody has seen a message: what it was about, who, and when."""

    about: str
    by: str
    at: datetime


# --- asking for messages ----------------------------------------------------------------------------------------------


def enqueue(
    db: Db,
    *,
    dedup_key: str,
    urgency: Urgency,
    subject: str,
    body: str,
    recipients: Sequence[Recipient],
    url: str | None = None,
    about: str = "",
    request_id: str = "",
    not_before: datetime | None = None,
) -> list[str]:
    """Stores a message for each recipient; answers the ids, in no order. They are sent once the caller has committed.

    Asked again with the same ``dedup_key``, a recipient gets nothing new, whatever became of the first one. ``about``:
    what it concerns, by which :func:`withdraw` finds it. Nobody to tell is an error in the log.
    """
    now = clock.now()
    wanted = {_digest(recipient): recipient for recipient in recipients}
    if not wanted:
        log.error("notification.nobody_to_tell", subject=subject, about=about, request_id=request_id)
    asked = select(OutboxMessage.recipient_digest, OutboxMessage.id).where(
        OutboxMessage.dedup_key == dedup_key, OutboxMessage.recipient_digest.in_(wanted)
    )
    known = {digest for digest, _ in db.execute(asked)}
    due = max(now, not_before) if not_before else now
    for digest, recipient in wanted.items():
        if digest in known:
            continue
        id_ = new_id()
        row = OutboxMessage(
            id=id_,
            dedup_key=dedup_key,
            recipient_digest=digest,
            urgency=urgency.value,
            subject=one_line(subject, _SUBJECT),
            body=_storable(body),
            url=url if url and len(url) <= _URL else None,
            about=about,
            request_id=request_id,
            recipient_name=one_line(recipient.name, _NAME),
            email_sealed=seal(recipient.email, "email", id_),
            pushover_sealed=seal(recipient.pushover_key, "pushover", id_),
            desktop=recipient.desktop,
            state=MessageState.due.value,
            created_at=now,
            due_since=due,
            next_try_at=due,
        )
        # Somebody else may ask for the same at this moment: then theirs is the one.
        with suppress(IntegrityError), db.begin_nested():
            db.add(row)
    ids = dict(db.execute(asked).all())
    return [ids[digest] for digest in wanted]


def _storable(text: str) -> str:
    """Without what no database stores. Texts come from errors, and the alarm must not fail for it."""
    return text.encode(errors="replace").decode().replace("\x00", "")


def _digest(recipient: Recipient) -> str:
    key = get_envelope().derive("notification-recipient")
    parts = (recipient.name, recipient.email or "", recipient.pushover_key or "")
    return hmac.digest(key, "\x1f".join(parts).encode(), hashlib.sha256).hex()


def withdraw(db: Db, about: str, now: datetime) -> int:
    """The matter is over: nothing that was asked for until now is sent any more, and telephones stop ringing. Answers how
    many messages were still to be sent.

    Call it when a matter is acknowledged or resolved, before the message that says so is enqueued. It also marks the
    acknowledgements of :func:`poll_receipts` as taken.
    """
    mine = select(OutboxMessage.id).where(OutboxMessage.about == about, OutboxMessage.closed_at.is_(None))
    open_receipts = (Delivery.message_id.in_(mine), Delivery.receipt_check_at.is_not(None))
    db.execute(update(Delivery).where(*open_receipts).values(receipt_check_at=now))
    due = (OutboxMessage.about == about, OutboxMessage.state == MessageState.due.value)
    end = update(OutboxMessage).where(*due).values(**over(MessageState.withdrawn, now)).returning(OutboxMessage.id)
    withdrawn = len(db.scalars(end).all())
    still_open = (OutboxMessage.about == about, OutboxMessage.closed_at.is_(None))
    db.execute(update(OutboxMessage).where(*still_open).values(closed_at=now))
    return withdrawn


# --- sending ----------------------------------------------------------------------------------------------------------


def asked_since(db: Db, about: str, since: datetime) -> int:
    """How many messages about something whose name begins so were asked for since then; one to several people is one. News of
    no urgency do not count."""
    query = select(func.count(distinct(OutboxMessage.dedup_key))).where(
        OutboxMessage.about.startswith(about, autoescape=True),
        OutboxMessage.created_at > since,
        OutboxMessage.urgency != Urgency.info.value,
    )
    return db.scalar(query) or 0


def due(db: Db, now: datetime) -> list[OutboxMessage]:
    """What is to be sent now, the most urgent first; at most a few hundred at once."""
    rank = case({urgency.value: place for place, urgency in enumerate(Urgency)}, value=OutboxMessage.urgency)
    query = (
        select(OutboxMessage)
        .where(OutboxMessage.state == MessageState.due.value, OutboxMessage.next_try_at <= now)
        .order_by(rank, OutboxMessage.next_try_at, OutboxMessage.id)
        .limit(_AT_ONCE)
    )
    return list(db.scalars(query))


class Sender:
    """Sends what is due by threads of its own, so that nobody waits for a slow mail server; what is urgent has its own.

    A message is taken by compare-and-swap, so that only one of several processes sends it. Each attempt is recorded as
    soon as it is over: who dies between the two causes it to be sent once more after :data:`outbox.LEASE`.
    """

    def __init__(self, send: Send = send_by, workers: int = WORKERS, reserved: int = WORKERS) -> None:
        """``reserved``: how many threads only what is urgent has."""
        self._send = send
        self._pool = ThreadPoolExecutor(workers, "notifications")
        self._urgent = ThreadPoolExecutor(reserved, "notifications-urgent") if reserved else self._pool
        self._under_way: set[str] = set()
        self._error: BaseException | None = None

    def begin(self, now: datetime) -> list[Future[bool]]:
        """Begins with what is due and not under way yet, and does not wait for it; each answers whether it was worked on.
        An error of the outbox itself (not of a channel) is raised by the next call."""
        started = clock.now()
        error, self._error = self._error, None
        with get_operations_database().read() as db:
            found = [(message.id, message.urgency == Urgency.p1.value) for message in due(db, now)]
            channels = settings.channels(db)
        begun = []
        for message_id, urgent in found:
            if message_id in self._under_way:
                continue
            self._under_way.add(message_id)
            time = partial(_time, now, started)
            pool = self._urgent if urgent else self._pool
            future = pool.submit(_work_off, message_id, channels, self._send, time)
            future.add_done_callback(partial(self._done, message_id))
            begun.append(future)
        if error is not None:
            raise error
        return begun

    def _done(self, message_id: str, future: Future[bool]) -> None:
        self._under_way.discard(message_id)
        if not future.cancelled():
            self._error = future.exception() or self._error

    def close(self) -> None:
        """What has not begun is left to others."""
        for pool in (self._urgent, self._pool):
            pool.shutdown(wait=False, cancel_futures=True)


def _time(now: datetime, started: datetime) -> datetime:
    return now + (clock.now() - started)


def drain(now: datetime, *, send: Send = send_by, workers: int = WORKERS) -> int:
    """Sends what is due, and waits for it; answers how many messages were worked on."""
    sender = Sender(send, workers, reserved=0)
    begun = sender.begin(now)
    wait(begun)
    sender.close()
    return sum(future.result() for future in begun)


def _work_off(message_id: str, channels: Channels, send: Send, time: Callable[[], datetime]) -> bool:
    """One round of a message, unless somebody else has taken it."""
    taken = take(message_id, time())
    if taken is None:
        return False
    for attempt in send_round(taken.message, taken.recipient, channels, taken.known, send, queue=True):
        if not record(taken, attempt, time()):
            return True
    settle(taken, time())
    return True


# --- hearing who acknowledged -----------------------------------------------------------------------------------------


def poll_receipts(now: datetime) -> list[Acknowledgement]:
    """Asks Pushover about emergencies that nobody has acknowledged yet, and ends those whose matter is over. Blocks
    while others answer; may be called every few seconds, each receipt is asked about less often.

    Answers every acknowledgement whose matter was not withdrawn yet, so also again what the caller was told before it died:
    acknowledge the matter and :func:`withdraw` it in one transaction.
    """
    with get_operations_database().read() as db:
        waiting = list(db.scalars(select(Delivery.id).where(Delivery.receipt_check_at <= now).limit(_AT_ONCE)))
        channel = settings.channels(db).pushover
    if channel is not None:
        for delivery_id in waiting:
            _poll(delivery_id, channel, now)
    query = (
        select(OutboxMessage.about, Delivery.acknowledged_by, Delivery.acknowledged_at)
        .join(Delivery, Delivery.message_id == OutboxMessage.id)
        .where(Delivery.acknowledged_at > now - _TAKEN_WITHIN, OutboxMessage.closed_at.is_(None))
        .order_by(Delivery.acknowledged_at)
    )
    with get_operations_database().read() as db:
        return [Acknowledgement(about, by or "", at) for about, by, at in db.execute(query) if at is not None]


def _poll(delivery_id: int, channel: PushoverSettings, now: datetime) -> None:
    """Asks about one receipt, unless somebody else does it at this moment."""
    mine = update(Delivery).where(Delivery.id == delivery_id, Delivery.receipt_check_at <= now)
    with get_operations_database().write() as db:
        later = mine.values(receipt_check_at=now + RECEIPT_PAUSE).returning(Delivery)
        delivery = db.scalars(later).one_or_none()
        if delivery is None or delivery.receipt is None:
            return
        message = db.get_one(OutboxMessage, delivery.message_id)
    told = {"message_id": message.id, "about": message.about, "to": message.recipient_name}
    try:
        if message.closed_at is not None:
            pushover.cancel(delivery.receipt, channel)
            found = pushover.Receipt(None, over=True)
        else:
            found = pushover.read_receipt(delivery.receipt, channel)
    except ChannelFailed as error:
        log.warning("notification.receipt_failed", **told, detail=error.detail)
        if not error.permanent and now < delivery.at + _TAKEN_WITHIN:
            return
        found = pushover.Receipt(None, over=True)
    if not found.over:
        return
    with get_operations_database().write() as db:
        db.execute(
            update(Delivery)
            .where(Delivery.id == delivery_id)
            .values(
                receipt_check_at=None,
                acknowledged_at=found.acknowledged_at,
                acknowledged_by=message.recipient_name if found.acknowledged_at else None,
            )
        )
        if found.acknowledged_at is not None:
            acknowledged = OutboxMessage.state.in_([MessageState.due.value, MessageState.sent.value])
            db.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id == message.id, acknowledged)
                .values(**over(MessageState.acknowledged, now))
            )
    if found.acknowledged_at is not None:
        log.info("notification.acknowledged", **told, at=found.acknowledged_at)
    elif message.closed_at is None:
        log.warning("notification.not_acknowledged", **told)
