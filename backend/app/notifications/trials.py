"""Test messages: sent at once, by every way a recipient has, and answered with what really came of each."""

from app.database import get_operations_database
from app.kit import clock
from app.kit.ids import new_id
from app.notifications import settings
from app.notifications.history import views
from app.notifications.message import Message, Recipient, Urgency
from app.notifications.models import OutboxMessage
from app.notifications.outbox import add_delivery
from app.notifications.routing import Outcome
from app.notifications.schemas import MessageState, Notification
from app.notifications.sending import Send, attempt, send_by
from app.telemetry.logs import get_logger
from app.telemetry.requests import request_id

ABOUT = "test"
log = get_logger("backend")


def send_trial(recipient: Recipient, asked_by: str, send: Send = send_by) -> Notification:
    """Sends a test to every address of a recipient and keeps it in the history. Blocks while others answer.

    ``asked_by``: the id of the user. A desktop message that only waits in the list counts as not sent.
    """
    with get_operations_database().read() as db:
        channels = settings.channels(db)
    now = clock.now()
    message = Message(
        new_id(),
        Urgency.info,
        "Test message from FossaWork",
        f"This tests how {recipient.name} can be reached. Nothing has happened and nothing needs to be done.",
        now,
        about=ABOUT,
        request_id=request_id(),
    )
    made = [attempt(channel, message, recipient, channels, {}, send) for channel in recipient.channels()]
    outcomes = {one.channel.value: one.outcome.value for one in made}
    log.info("notification.tested", message_id=message.id, to=recipient.name, user_id=asked_by, outcomes=outcomes)
    worked = any(one.outcome is Outcome.delivered for one in made)
    row = OutboxMessage(
        id=message.id,
        dedup_key=f"test:{message.id}",
        recipient_digest="",
        urgency=message.urgency.value,
        subject=message.subject,
        body=message.body,
        about=ABOUT,
        request_id=message.request_id,
        recipient_name=recipient.name,
        desktop=recipient.desktop,
        state=(MessageState.sent if worked else MessageState.failed).value,
        created_at=now,
        due_since=now,
        finished_at=clock.now(),
        rounds=1,
    )
    with get_operations_database().write() as db:
        db.add(row)
        db.flush()
        for one in made:
            add_delivery(db, message.id, one)
        return views(db, [row])[0]
