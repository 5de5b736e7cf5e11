"""Keeps secrets and personal data out of logs, snapshots' names and error texts."""

import re
from typing import Any

HIDDEN = "[hidden]"
_SECRET_NAME = re.compile(
    r"pass(word|phrase)?|secret|token|authori[sz]ation|cookie|credential|api[-_]?key|private", re.IGNORECASE
)
_PATTERNS = (
    (re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]*"), HIDDEN),
    (re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]+"), rf"\1 {HIDDEN}"),
    (re.compile(r"(?i)\b(password|passwd|secret|token|key)=([^&\s\"']+)"), rf"\1={HIDDEN}"),
    (re.compile(r"(?i)(://[^/\s:@]+:)[^@/\s]+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"\b([\w.+-])[\w.+-]*@([\w-]+\.[\w.-]+)"), r"\1…@\2"),
)


def redact_text(text: str) -> str:
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any, name: str = "") -> Any:
    """A copy of ``value`` without secrets: by field name first, then by what a text looks like."""
    if name and _SECRET_NAME.search(name) and value is not None and not isinstance(value, bool | int | float):
        return HIDDEN
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {key: redact(item, str(key)) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [redact(item) for item in value]
    return value
