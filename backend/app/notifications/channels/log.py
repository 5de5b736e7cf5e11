"""The log: always written, also when everything else fails."""

from app.notifications.channels.interface import Sent
from app.notifications.message import Message, Urgency
from app.telemetry.logs import get_logger

_log = get_logger("backend")


def send(message: Message, address: str, settings: None = None) -> Sent:
    """One line ``notification.message``; p1 and p2 as warnings. ``address``: the recipient's name."""
    write = _log.warning if message.urgency in (Urgency.p1, Urgency.p2) else _log.info
    write(
        "notification.message",
        message_id=message.id,
        urgency=message.urgency.value,
        to=address,
        subject=message.subject,
        body=message.body,
        about=message.about,
        request_id=message.request_id,
    )
    return Sent()
