"""What is sent, to whom and by which way: plain data that needs no database."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from app.accounts.rules import username_hint


class Urgency(StrEnum):
    """``p1`` wakes people; ``p2`` and ``p3`` are for the hours named in the response clocks; ``info`` waits to be read."""

    p1 = "p1"
    p2 = "p2"
    p3 = "p3"
    info = "info"


class Channel(StrEnum):
    """Ways to a person, the fastest one first, and the log, which always gets a copy."""

    pushover = "pushover"
    desktop = "desktop"
    email = "email"
    log = "log"


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one recipient. ``about``: what it concerns, like ``alert:ID``; ``at``: when it was asked for."""

    id: str
    urgency: Urgency
    subject: str
    body: str
    at: datetime
    url: str | None = None
    about: str = ""
    request_id: str = ""


@dataclass(frozen=True, slots=True)
class Recipient:
    """A person or a mailbox, with every way to reach it. Addresses have no readable ``repr``, so that none slips into a log."""

    name: str
    email: str | None = field(default=None, repr=False)
    pushover_key: str | None = field(default=None, repr=False)
    desktop: bool = False

    def channels(self) -> tuple[Channel, ...]:
        """The ways to this recipient; the log is none."""
        has = {Channel.pushover: self.pushover_key, Channel.desktop: self.desktop, Channel.email: self.email}
        return tuple(channel for channel, there in has.items() if there)

    def address(self, channel: Channel) -> str:
        """The address that a channel needs; empty where it needs none."""
        known = {Channel.pushover: self.pushover_key, Channel.email: self.email}
        return known.get(channel) or ""

    def hint(self, channel: Channel) -> str:
        """Enough to recognise the address, not enough to use it: ``t…@example.com``, ``u…9Z``."""
        address = self.address(channel)
        if channel is Channel.pushover:
            return key_hint(address)
        return username_hint(address) if channel is Channel.email else ""


def key_hint(key: str) -> str:
    return f"{key[:1]}…{key[-2:]}"
