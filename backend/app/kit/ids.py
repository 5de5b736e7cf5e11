"""Identifiers."""

import secrets
import uuid

from app.kit.clock import now


def new_id() -> str:
    """A time-ordered unique id (UUIDv7 layout, 36 characters): rows made later sort later."""
    milliseconds = int(now().timestamp() * 1000) & ((1 << 48) - 1)
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def new_secret() -> str:
    """256 random bits as URL-safe text, for tokens."""
    return secrets.token_urlsafe(32)
