"""Pure rules of accounts."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_EMAIL = re.compile(r"[^@\s\x00-\x1f]+@[^@\s\x00-\x1f]+\.[^@\s\x00-\x1f]+")


def normalise_email(text: str) -> str:
    """Lower-cased e-mail without a pasted ``mailto:``; ``ValueError`` when it has no ``name@host.tld`` shape."""
    address = text.strip().removeprefix("mailto:").strip().lower()
    if not _EMAIL.fullmatch(address):
        raise ValueError("This is not an e-mail address (name@example.com).")
    return address


def check_time_zone(name: str) -> str:
    """The name of an IANA zone as given; ``ValueError`` when there is none of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError("There is no time zone of this name (example: America/New_York).") from error
    return name


def username_hint(username: str) -> str:
    """Enough of a portal user name to recognise it, not enough to use it: ``t…@example.com``."""
    name, at, host = username.partition("@")
    return f"{name[:1]}…{at}{host}"
