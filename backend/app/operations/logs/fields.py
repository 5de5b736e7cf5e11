"""What a log line says, whatever its writer called it.

Our own lines have one name for each thing; lines of earlier tools and of libraries have others. A question names the
fields it needs; only these are kept of a line, under all of their names, and the first name that has a value counts.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any, Literal, Protocol

import msgspec


class Row(Protocol):
    """One line, reduced to the names that a question needs. Values are as the line has them, of any JSON type, or None;
    ``ts`` may be a datetime already."""

    def __getattr__(self, name: str) -> Any: ...


NAMES: dict[str, tuple[str, ...]] = {
    "ts": ("ts", "timestamp", "time"),
    "level": ("level", "severity"),
    "category": ("category",),
    "component": ("component", "logger"),
    "event": ("event", "type"),
    "message": ("message", "msg", "said", "detail"),
    "request_id": ("request_id", "correlation_id"),
    "session_id": ("session_id", "sessionId"),
    "user": ("user_id", "user", "username"),
    "ip": ("ip", "client_ip"),
    "method": ("method",),
    "route": ("route", "endpoint", "path"),
    "status": ("status", "status_code"),
    "duration": ("duration_ms", "ms", "response_time"),
    "error": ("error", "exception"),
    "error_type": ("error_type",),
    "user_agent": ("user_agent",),
    "referer": ("referer",),
    "pid": ("pid",),
    "host": ("host",),
    "version": ("version",),
}
_LEVELS = {
    "trace": "debug",
    "debug": "debug",
    "info": "info",
    "information": "info",
    "notice": "info",
    "warning": "warning",
    "warn": "warning",
    "error": "error",
    "err": "error",
    "exception": "error",
    "critical": "critical",
    "fatal": "critical",
    "alert": "critical",
    "emergency": "critical",
    "panic": "critical",
}
LEVELS = ("debug", "info", "warning", "error", "critical", "unknown")
LOUD = frozenset({"error", "critical"})
LEVEL_NAMES = {level: tuple(name for name, known in _LEVELS.items() if known == level) for level in LEVELS}
_ERROR_TYPE = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Warning|Timeout|Interrupt|Changed))\s*[:(]")


@lru_cache
def row_type(fields: frozenset[str]) -> type[Any]:
    """The type into which any line is decoded when these fields are asked for."""
    return msgspec.defstruct("Row", [(name, Any, None) for name in _names(fields)], gc=False)


@lru_cache
def own_row_type(fields: frozenset[str]) -> type[Any]:
    """As ``row_type``, for lines in our own form: a time and one of our levels are there, and read by the decoder itself."""
    types: dict[str, Any] = {"ts": datetime, "level": Literal["debug", "info", "warning", "error", "critical"]}
    members = [(name, types[name]) if name in types else (name, Any, None) for name in _names(fields)]
    return msgspec.defstruct("OwnRow", members, gc=False, kw_only=True)


def _names(fields: frozenset[str]) -> list[str]:
    return [name for field in NAMES if field in fields for name in NAMES[field]]


def first(row: Row, field: str) -> Any:
    """The value of a field under the first of its names that has one; None when the line does not say."""
    for name in NAMES[field]:
        value = getattr(row, name)
        if value is not None and value != "":
            return value
    return None


def column(rows: Sequence[Row], field: str) -> list[Any]:
    """The field of every row, in their order; as ``first``, but fast where rows use the field's own name."""
    own, *others = NAMES[field]
    values = list(map(attrgetter(own), rows))
    if others and (None in values or "" in values):
        return [
            first(row, field) if value is None or value == "" else value
            for row, value in zip(rows, values, strict=True)
        ]
    return values


def is_own(rows: Sequence[Row]) -> bool:
    """Whether rows were all decoded as lines in our own form."""
    return bool(rows) and type(rows[0].ts) is datetime


def text_of(value: Any) -> str:
    """A value as text; an empty one when there is none."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return msgspec.json.encode(value).decode()
    return str(value).lower() if isinstance(value, bool) else str(value)


def level_of(value: Any) -> str:
    """One of ``LEVELS`` for what a line calls its level, in any case of letters; ``unknown`` for everything else."""
    return _LEVELS.get(value.strip().lower(), "unknown") if isinstance(value, str) else "unknown"


def number(value: Any) -> float | None:
    """A finite number, also when it is written as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        result = float(value)
    except (ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None


def duration_of(row: Row) -> float | None:
    """Milliseconds. ``response_time`` of earlier tools is in seconds."""
    for name in NAMES["duration"]:
        value = number(getattr(row, name))
        if value is not None:
            return value * 1000 if name == "response_time" else value
    return None


def durations(rows: Sequence[Row]) -> list[float | None]:
    """``duration_of`` of each row, but fast where rows use our own name."""
    values = list(map(attrgetter("duration_ms"), rows))
    if set(map(type, values)) == {float}:
        return values
    return [value if type(value) is float else duration_of(row) for row, value in zip(rows, values, strict=True)]


def texts(rows: Sequence[Row], field: str) -> list[str]:
    """The field of each row as text, empty where there is none."""
    return [value if type(value) is str else text_of(value) for value in column(rows, field)]


def status_of(row: Row) -> int | None:
    """The HTTP status; a ``status`` of another kind ("ok") is none."""
    for name in NAMES["status"]:
        value = number(getattr(row, name))
        if value is not None and 100 <= value < 600:
            return int(value)
    return None


def error_of(row: Row) -> tuple[str, str]:
    """Type and message of the error that a line carries, each perhaps empty."""
    return error_texts(first(row, "error"), first(row, "error_type"))


def error_texts(error: Any, error_type: Any) -> tuple[str, str]:
    """Type and message of an error: an object ``{type, message, stack}``, or the text of an exception."""
    kind = text_of(error_type)
    if isinstance(error, dict):
        return text_of(error.get("type")) or kind, text_of(error.get("message"))
    message = text_of(error)
    if message and not kind and (named := _ERROR_TYPE.match(message)):
        kind = named[1]
    return kind, message
