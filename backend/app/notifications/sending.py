"""One round of a message to one recipient: by every way that is wanted, and by others where one fails.

It needs no database, so that a pager can use it while there is none.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from app.kit import clock
from app.notifications.channels import desktop, email, log, pushover
from app.notifications.channels.desktop import DesktopSettings
from app.notifications.channels.email import SmtpSettings
from app.notifications.channels.interface import ChannelFailed, Sent
from app.notifications.channels.pushover import PushoverSettings
from app.notifications.message import Channel, Message, Recipient
from app.notifications.routing import Outcome, Standing, next_channel
from app.telemetry.logs import get_logger

_log = get_logger("backend")


@dataclass(frozen=True, slots=True)
class Channels:
    """What the channels need. ``None``: nobody has set it up."""

    email: SmtpSettings | None = None
    pushover: PushoverSettings | None = None
    desktop: DesktopSettings = field(default_factory=DesktopSettings)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of one way. ``hint``: a part of the address, enough to recognise it; ``at``: when it was over."""

    channel: Channel
    hint: str
    at: datetime
    outcome: Outcome
    detail: str = ""
    permanent: bool = False
    receipt: str | None = None


Send = Callable[[Channel, Message, Recipient, Channels], Sent]


def send_by(channel: Channel, message: Message, recipient: Recipient, channels: Channels) -> Sent:
    """Sends by one channel; :class:`ChannelFailed` when it did not get out."""
    address = recipient.address(channel)
    match channel:
        case Channel.pushover:
            return pushover.send(message, address, channels.pushover)
        case Channel.email:
            return email.send(message, address, channels.email)
        case Channel.desktop:
            return desktop.send(message, address, channels.desktop)
        case Channel.log:
            return log.send(message, recipient.name)


def send_round(
    message: Message,
    recipient: Recipient,
    channels: Channels,
    known: dict[Channel, Standing],
    send: Send = send_by,
    *,
    queue: bool = False,
) -> Iterator[Attempt]:
    """The attempts of a round, one by one as they are made; each is entered in ``known``. The log comes first.

    ``queue``: whether there is a list from which a desktop application fetches what this machine cannot show itself.
    """
    if Channel.log not in known:
        yield attempt(Channel.log, message, recipient, channels, known, send, queue=queue)
    has = recipient.channels()
    while (channel := next_channel(message.urgency, has, known)) is not None:
        yield attempt(channel, message, recipient, channels, known, send, queue=queue)


def page(message: Message, recipient: Recipient, channels: Channels, send: Send = send_by) -> list[Attempt]:
    """One round at once, without keeping anything. Nobody was reached when none but the log says ``delivered``."""
    return list(send_round(message, recipient, channels, {}, send))


def attempt(
    channel: Channel,
    message: Message,
    recipient: Recipient,
    channels: Channels,
    known: dict[Channel, Standing],
    send: Send,
    *,
    queue: bool = False,
) -> Attempt:
    """One way tried, whatever comes of it; it is entered in ``known``."""
    hint = recipient.hint(channel)
    told = {"message_id": message.id, "channel": channel.value, "to": recipient.name, "about": message.about}
    try:
        sent = send(channel, message, recipient, channels)
    except Exception as error:
        failed = error if isinstance(error, ChannelFailed) else None
        if failed is None:
            # A fault of ours in one channel must not keep the others from being tried.
            _log.error("notification.channel_broke", **told, exc_info=error)
        detail = failed.detail if failed else f"This channel has a fault ({type(error).__name__}); see the log."
        permanent = failed is not None and failed.permanent
        if channel is Channel.desktop and queue:
            known[channel] = Standing.queued
            return Attempt(channel, hint, clock.now(), Outcome.queued, detail)
        known[channel] = Standing.refused if permanent else Standing.failed
        _log.warning("notification.failed", **told, detail=detail, permanent=permanent)
        return Attempt(channel, hint, clock.now(), Outcome.failed, detail, permanent)
    known[channel] = Standing.delivered
    if channel is not Channel.log:
        _log.info("notification.sent", **told)
    return Attempt(channel, hint, clock.now(), Outcome.delivered, receipt=sent.receipt)
