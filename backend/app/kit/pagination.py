"""Cursors for lists that grow: a cursor names the last row seen, so rows added meanwhile neither repeat nor hide any."""

import base64
import binascii

import orjson

from app.kit.problems import Invalid


def make_cursor(*keys: str | int) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


def read_cursor(cursor: str, *kinds: type[str] | type[int]) -> list[str | int]:
    """The keys of a cursor made by :func:`make_cursor`; :class:`Invalid` when it is not one of ours."""
    try:
        keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise _refused() from error
    if not isinstance(keys, list) or [type(key) for key in keys] != list(kinds):
        raise _refused()
    return keys


def _refused() -> Invalid:
    return Invalid("This cursor was not made by this list.", "Start from the first page.")
