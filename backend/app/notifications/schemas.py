"""What the API says about notifications. No answer holds an address or a secret."""

import re
import ssl
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from app.accounts.schemas import Email
from app.kit.schema import Input, Output
from app.notifications.message import Channel, Urgency
from app.notifications.routing import Outcome

_HOST = r"^[A-Za-z0-9]([A-Za-z0-9.:-]*[A-Za-z0-9])?$"
_KEY = re.compile(r"[A-Za-z0-9]{30}")


class MessageState(StrEnum):
    """``due``: to be sent, or sent again. ``withdrawn``: its matter was over before it was sent. ``failed``: nobody was
    reached in the time for which it was tried."""

    due = "due"
    sent = "sent"
    acknowledged = "acknowledged"
    withdrawn = "withdrawn"
    failed = "failed"


def _pushover_key(secret: SecretStr) -> SecretStr:
    if not _KEY.fullmatch(secret.get_secret_value()):
        raise ValueError("A Pushover key or token has 30 letters and digits.")
    return secret


def _certificate(text: str) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=text)
    except (ssl.SSLError, TypeError, ValueError) as error:  # TypeError: it is not ASCII
        raise ValueError("This is not a certificate in PEM form (-----BEGIN CERTIFICATE-----).") from error
    return text


PushoverKey = Annotated[SecretStr, Field(max_length=100), AfterValidator(_pushover_key)]


class SmtpSetup(Output):
    host: str
    port: int
    security: Literal["starttls", "ssl", "plain"]
    sender: str
    user: str | None
    password_is_set: bool
    ca: str | None = Field(description="certificate (PEM) of an own authority, trusted beside the system's")


class NotificationSettings(Output):
    """What messages are sent by; null: not set up."""

    smtp: SmtpSetup | None
    pushover_token_is_set: bool
    changed_at: datetime | None


class NewSmtp(Input):
    """``password``: null keeps the stored one, as long as host, port, security and user stay what they are."""

    host: Annotated[str, Field(min_length=1, max_length=253, pattern=_HOST)]
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "ssl", "plain"] = "starttls"
    sender: Email
    user: Annotated[str, Field(min_length=1, max_length=254)] | None = None
    password: Annotated[SecretStr, Field(min_length=1, max_length=256)] | None = None
    ca: Annotated[str, Field(max_length=50_000), AfterValidator(_certificate)] | None = None


class NewPushover(Input):
    """``token``: null keeps the stored one."""

    token: PushoverKey | None = None


class NewNotificationSettings(Input):
    """All of it at once; null takes a channel away with its secrets."""

    smtp: NewSmtp | None
    pushover: NewPushover | None


class TrialMessage(Input):
    """Where to; without an ``email``, to the one who asks."""

    email: Email | None = None
    pushover_key: PushoverKey | None = None
    desktop: bool = False


class NotificationDelivery(Output):
    """One attempt by one channel; ``hint`` is a part of the address."""

    id: int
    channel: Channel
    hint: str
    at: datetime
    outcome: Outcome
    detail: str
    permanent: bool
    acknowledged_at: datetime | None
    acknowledged_by: str | None


class Notification(Output):
    id: str
    urgency: Urgency
    subject: str
    body: str
    url: str | None
    about: str
    request_id: str
    recipient: str
    state: MessageState
    created_at: datetime
    next_try_at: datetime | None
    finished_at: datetime | None
    deliveries: list[NotificationDelivery]


class NotificationPage(Output):
    items: list[Notification]
    next_cursor: str | None


class DesktopNotification(Output):
    """A message for the desktop. ``shown``: somebody's desktop has shown it."""

    id: int
    at: datetime
    urgency: Urgency
    subject: str
    body: str
    url: str | None
    about: str
    recipient: str
    shown: bool


class DesktopNotifications(Output):
    """The oldest first; ask again with ``after`` = the last ``id``."""

    items: list[DesktopNotification]
