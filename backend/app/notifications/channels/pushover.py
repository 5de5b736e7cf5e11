"""Pushover: messages to telephones, and receipts by which a person acknowledges an emergency.

Facts from the service's interface: priorities -2 … 2; 2 is repeated every ``retry`` seconds until it is acknowledged or
``expire`` seconds are over, and answers a receipt; a 4xx answer means that the same request will never be taken.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx2 as httpx

from app.notifications.channels.interface import ChannelFailed, NotSetUp, Sent, one_line
from app.notifications.message import Message, Urgency
from app.telemetry.redaction import HIDDEN

PRIORITIES = {Urgency.p1: 2, Urgency.p2: 1, Urgency.p3: 0, Urgency.info: -1}
RETRY_SECONDS, EXPIRE_SECONDS = 30, 3600
_LATER = (httpx.codes.REQUEST_TIMEOUT, httpx.codes.TOO_MANY_REQUESTS)
_TITLE, _TEXT, _URL = 250, 1024, 512


@dataclass(frozen=True, slots=True)
class PushoverSettings:
    """``token``: of the application. ``seconds``: how long each part of an exchange may take."""

    token: str = field(repr=False)
    base_url: str = "https://api.pushover.net"
    seconds: float = 10


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of an emergency. ``over``: there is nothing more to ask."""

    acknowledged_at: datetime | None
    over: bool


def send(message: Message, address: str, settings: PushoverSettings | None) -> Sent:
    """Hands the message to the service. ``address``: the user's or group's key."""
    if settings is None:
        raise NotSetUp("Pushover is not set up; see the settings of notifications.")
    title = one_line(message.subject, _TITLE)
    fields: dict[str, Any] = {
        "token": settings.token,
        "user": address,
        "title": title,
        "message": _cut(message.body.strip() or title, _TEXT),
        "priority": PRIORITIES[message.urgency],
        "timestamp": int(message.at.timestamp()),
    }
    if message.url and len(message.url) <= _URL:
        fields["url"] = message.url
    if message.urgency is Urgency.p1:
        fields |= {"retry": RETRY_SECONDS, "expire": EXPIRE_SECONDS}
    answer = _ask("POST", "/1/messages.json", settings, fields, hide=(settings.token, address))
    receipt = answer.get("receipt")
    return Sent(receipt if isinstance(receipt, str) else None)


def read_receipt(receipt: str, settings: PushoverSettings) -> Receipt:
    """Asks whether somebody has acknowledged an emergency. Not more often than every five seconds per receipt."""
    answer = _ask("GET", f"/1/receipts/{receipt}.json", settings, {"token": settings.token}, hide=(settings.token,))
    at = int(answer.get("acknowledged_at") or 0)
    acknowledged = datetime.fromtimestamp(at, UTC) if answer.get("acknowledged") == 1 and at else None
    return Receipt(acknowledged, over=acknowledged is not None or answer.get("expired") == 1)


def cancel(receipt: str, settings: PushoverSettings) -> None:
    """Stops the repetitions of an emergency that is over."""
    _ask("POST", f"/1/receipts/{receipt}/cancel.json", settings, {"token": settings.token}, hide=(settings.token,))


def _ask(
    method: str, path: str, settings: PushoverSettings, fields: dict[str, Any], *, hide: tuple[str, ...]
) -> dict[str, Any]:
    """The JSON of an answer that says it worked. ``hide``: what must not come back in an error's text."""
    sent: dict[str, Any] = {"params": fields} if method == "GET" else {"data": fields}
    try:
        response = httpx.request(method, settings.base_url.rstrip("/") + path, timeout=settings.seconds, **sent)
    except httpx.TimeoutException as error:
        raise ChannelFailed(f"Pushover did not answer within {settings.seconds:g} seconds.", permanent=False) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ChannelFailed(f"Pushover cannot be reached ({type(error).__name__}).", permanent=False) from error
    status = response.status_code
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        answer = {}
    if status == httpx.codes.OK and answer.get("status") == 1:
        return answer
    said = "; ".join(str(part) for part in answer.get("errors") or ["no reason was given"])
    for secret in hide:
        said = said.replace(secret, HIDDEN)
    # Only the service itself can refuse for good; a login page of the network in between says nothing about the request.
    refused = 400 <= status < 500 and status not in _LATER and "errors" in answer
    word = "refused it" if refused else "cannot take it now"
    raise ChannelFailed(f"Pushover {word} ({status}): {one_line(said, 200)}", permanent=refused)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
