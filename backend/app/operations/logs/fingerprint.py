"""Makes lines that tell of the same thing equal: what differs from one occurrence to the next is replaced."""

import hashlib
import re
from functools import lru_cache
from typing import NamedTuple

LONGEST = 300  # characters of a text that count
_RULES = (
    (re.compile(r"https?://\S+"), "<url>"),
    (re.compile(r"[\w.+…-]+@[\w-]+\.[\w.-]+"), "<email>"),
    (re.compile(r'"[^"\n]*"|\'[^\'\n]*\'|“[^”\n]*”|`[^`\n]*`'), "<text>"),
    (re.compile(r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"), "<id>"),
    (re.compile(r"(?<![\w/])(?:[A-Za-z]:\\|\.{0,2}/)[^\s:,;)<>]+"), "<path>"),
    (re.compile(r"\b(?=[A-Za-z_-]*\d)[0-9A-Za-z][0-9A-Za-z_-]{7,}\b"), "<id>"),
    (re.compile(r"(?<![A-Za-z_])[-+]?\d+(?:[.,:]\d+)*"), "<n>"),
    (re.compile(r"\s+"), " "),
)


@lru_cache(maxsize=16_384)
def normalised(text: str) -> str:
    """``order 4711 of 'North' failed`` becomes ``order <n> of <text> failed``."""
    text = text[:LONGEST]
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.strip()


class Said(NamedTuple):
    """What a line of an error says. ``detail`` is the message of the exception."""

    category: str
    component: str
    event: str
    error_type: str
    detail: str
    message: str


Key = tuple[str, str, str, str, str, str]


def key_of(said: Said) -> Key:
    """What lines of the same failure have in common, however their writers tell it, and in whatever form they stand now."""
    event = said.event or "log"
    message, detail = said.message or event, "" if said.detail == said.message else said.detail
    kind = said.error_type or ("Error" if said.detail else "")
    return said.category, said.component or "unknown", event, kind, normalised(message), normalised(detail)


def identifier(parts: tuple[str, ...]) -> str:
    """Eight hex digits that are always the same for the same normalised parts: what a person quotes and a rule silences."""
    return hashlib.blake2b("\x1f".join(parts).encode(errors="replace"), digest_size=4).hexdigest()
