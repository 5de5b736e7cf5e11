"""Lines as records: those of today's shape as they are, older ones in today's shape. Nothing is left out."""

from datetime import UTC, date, datetime
from typing import Any

import orjson

FIELDS = (
    *("ts", "level", "category", "component", "event", "message", "request_id", "user_id", "session_id", "ip"),
    *("method", "route", "status", "duration_ms", "error", "data", "pid", "host", "version"),
)
_KNOWN = frozenset(FIELDS)
_REQUIRED = frozenset(FIELDS[:7])
_OTHER_NAMES = {
    "ts": ("timestamp", "time"),
    "level": ("severity",),
    "message": ("msg", "said", "detail"),
    "component": ("logger",),
    "route": ("endpoint", "path"),
    "status": ("status_code",),
    "duration_ms": ("ms",),
    "user_id": ("user",),
    "ip": ("client_ip",),
}
_LEVELS = {"warn": "warning", "fatal": "critical", "exception": "error", "trace": "debug"}
Record = dict[str, Any]


def record_of(line: bytes, category: str) -> Record | None:
    """The record of a line in the files of ``category``; ``None`` when it is not one (not JSON, no time)."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict):
        return None
    if record.keys() >= _REQUIRED and record.keys() <= _KNOWN:
        return record
    return _renewed(record, category)


def _renewed(old: Record, category: str) -> Record | None:
    for name, others in _OTHER_NAMES.items():
        for other in others:
            if name not in old and old.get(other) is not None:
                old[name] = old.pop(other)
    at = _instant(old.pop("ts", None))
    if at is None:
        return None
    level = str(old.pop("level", "info")).lower()
    event = str(old.pop("event", "") or "log")
    new: Record = {
        "ts": at,
        "level": _LEVELS.get(level, level),
        "category": str(old.pop("category", category)),
        "component": str(old.pop("component", "unknown")),
        "event": event,
        "message": str(old.pop("message", event)),
        "request_id": str(old.pop("request_id", "-") or "-"),
    }
    error, trace, data = old.pop("error", None), old.pop("trace", None), old.pop("data", None)
    new |= {name: old.pop(name) for name in FIELDS if name in old}
    for name, kinds in (("status", int), ("duration_ms", (int, float)), ("pid", int)):
        if name in new and not isinstance(new[name], kinds):
            old[name] = new.pop(name)
    if error is not None:
        told = error if isinstance(error, dict) else {"type": "Error", "message": str(error)}
        new["error"] = told if trace is None else {**told, "stack": str(trace)}
    elif trace is not None:
        old["trace"] = trace
    rest = {**old, **data} if isinstance(data, dict) else old if data is None else {**old, "data": data}
    if rest:
        new["data"] = rest
    return new


def _instant(text: Any) -> str | None:
    """A time as today's lines have it; one without a zone is taken for UTC."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def malformed(line: bytes, category: str, day: date) -> Record:
    """What stands for a line that is no record, so that it is not lost either."""
    return {
        "ts": f"{day.isoformat()}T00:00:00.000Z",
        "level": "warning",
        "category": category,
        "component": "logs",
        "event": "log.malformed",
        "message": "A line that is no record.",
        "request_id": "-",
        "data": {"line": line.decode("utf-8", "replace")},
    }
