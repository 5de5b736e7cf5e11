"""Makes lines that tell of the same thing equal: what differs from one occurrence to the next is replaced."""

import hashlib
import re
from functools import lru_cache

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


def identifier(parts: tuple[str, ...]) -> str:
    """Eight hex digits that are always the same for the same normalised parts: what a person quotes and a rule silences."""
    return hashlib.blake2b("\x1f".join(parts).encode(errors="replace"), digest_size=4).hexdigest()
