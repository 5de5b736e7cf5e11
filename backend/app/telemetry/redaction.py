"""Keeps secrets and personal data out of logs, streams, alerts, snapshots' names and error texts: the one place for it.

Two ways to tell a secret: by the name it stands under (``secret_names``), and by what a text looks like (``secret_shapes``).
Numbers and ids that people need stay: names that only speak of a secret hide nothing, short numbers are never hidden.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.telemetry.secret_names import is_plural, is_secret_name
from app.telemetry.secret_shapes import HIDDEN, SHAPES

__all__ = ["HIDDEN", "redact", "redact_text"]
# Under the mere name ``key``: a word of a program is none.
_WORD = re.compile(r"[A-Za-z]{0,16}(?:[_.: -][A-Za-z]{1,16}){0,3}")
# Under a secret's name: a PIN or a one-time code has at least four digits.
_CODE = 1000


def redact_text(text: str) -> str:
    """The text without what looks like a secret; doing it twice changes nothing more."""
    lowered = text.lower()
    for hints, pattern, replacement in SHAPES:
        for hint in hints:
            if hint in lowered:
                text = pattern.sub(replacement, text)
                break
    return text


@lru_cache(maxsize=2048)
def redact_name(name: str) -> str:
    """:func:`redact_text` for texts that come again and again: names of fields and events."""
    return redact_text(name)


def redact(value: Any, name: str = "") -> Any:
    """A copy of ``value`` without secrets, however deep; bytes become text. ``name``: what it stands under."""
    kind = type(value)
    if value is None or kind is bool or kind is float:
        return value
    if name and is_secret_name(name):
        counts = isinstance(value, int) and (abs(value) < _CODE or is_plural(name))
        return value if counts else HIDDEN
    if kind is int:
        return value
    if isinstance(value, str):
        return HIDDEN if name.lower() == "key" and not _WORD.fullmatch(value) else redact_text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return redact_text(_text(bytes(value)))
    if isinstance(value, Mapping):
        return _redact_mapping(value)
    if isinstance(value, list | tuple | set | frozenset):
        return _redact_sequence(list(value))
    return value


def _redact_mapping(value: Mapping[Any, Any]) -> dict[Any, Any]:
    hidden = "value" in value and _names_secret(value)
    clean: dict[Any, Any] = {}
    for key, item in value.items():
        known = _text(key) if isinstance(key, str | bytes) else ""
        shown = redact_name(known) if known else key
        while shown in clean:
            shown = f"{shown}'"  # two addresses may look alike once they are shortened
        clean[shown] = HIDDEN if hidden and known == "value" else redact(item, known)
    return clean


def _names_secret(value: Mapping[Any, Any]) -> bool:
    """Whether it is a header or a cookie as a record. Cookies have names of their own choice: all of them are hidden."""
    named = value.get("name", value.get("key"))
    if not isinstance(named, str | bytes):
        return False
    return "domain" in value or "httpOnly" in value or is_secret_name(_text(named))


def _redact_sequence(items: list[Any]) -> list[Any]:
    if len(items) == 2 and isinstance(items[0], str | bytes) and is_secret_name(_text(items[0])):
        return [redact(items[0]), redact(items[1], _text(items[0]))]  # a header as a pair
    return [redact(item) for item in items]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
