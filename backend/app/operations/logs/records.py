"""Lines as records: those of today's shape as they are, older ones in today's shape. Nothing is left out."""

import re
from datetime import date
from math import inf
from typing import Any

import orjson

from app.operations.logs.fields import NAMES, error_texts, level_of, number, text_of
from app.operations.logs.instants import instant, rfc3339

FIELDS = (
    *("ts", "level", "category", "component", "event", "message", "request_id", "user_id", "session_id", "ip"),
    *("method", "route", "status", "duration_ms", "error", "data", "pid", "host", "version"),
)
_KNOWN = frozenset(FIELDS)
_REQUIRED = frozenset(FIELDS[:7])
_NAMES = {names[0]: names for names in NAMES.values()}
_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(FIELDS, (str,)),
    **dict.fromkeys(("status", "pid"), (int,)),
    **dict.fromkeys(("error", "data"), (dict,)),
    "duration_ms": (int, float),
}
_TS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_NUMBERS = {"status": (100, 599), "pid": (0, 2**31 - 1)}
Record = dict[str, Any]


def record_of(line: bytes, category: str) -> Record | None:
    """The record of a line in the files of ``category``; ``None`` when it is not one (not JSON, no time)."""
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(record, dict):
        return None
    return record if _is_ours(record) else _renewed(record, category)


def _is_ours(record: Record) -> bool:
    """Whether a line is in today's shape: names and kinds of values, so that whoever reads on may rely on them."""
    return (
        record.keys() >= _REQUIRED
        and record.keys() <= _KNOWN
        and all(type(value) in _KINDS[name] for name, value in record.items())
        and _TS.fullmatch(record["ts"]) is not None
        and instant(record["ts"]) is not None
        and level_of(record["level"]) == record["level"]
        and all(low <= record[name] <= high for name, (low, high) in _NUMBERS.items() if name in record)
        and ("error" not in record or _is_our_error(record["error"]))
    )


def _is_our_error(error: dict[str, Any]) -> bool:
    return error.keys() >= {"type", "message"} and all(type(value) is str for value in error.values())


def _renewed(old: Record, category: str) -> Record | None:
    at = instant(_taken(old, "ts"))
    if at is None:
        return None
    event = text_of(_taken(old, "event")) or "log"
    new: Record = {
        "ts": rfc3339(at),
        "level": level_of(_taken(old, "level") or "info"),
        "category": text_of(_taken(old, "category")) or category,
        "component": text_of(_taken(old, "component")) or "unknown",
        "event": event,
        "message": text_of(_taken(old, "message")) or event,
        "request_id": text_of(_taken(old, "request_id")) or "-",
    }
    for name in FIELDS[7:]:
        if _KINDS[name] == (str,) and (text := text_of(_taken(old, name))):
            new[name] = text
    for name, (low, high) in _NUMBERS.items():
        if (value := _number_taken(old, name, low, high)) is not None:
            new[name] = int(value)
    if (value := _number_taken(old, "duration_ms")) is not None:
        new["duration_ms"] = value
    if error := _error(old):
        new["error"] = error
    data = _taken(old, "data")
    rest = {**old, **data} if isinstance(data, dict) else old if data is None else {**old, "data": data}
    if rest:
        new["data"] = rest
    return new


def _taken(old: Record, name: str) -> Any:
    """Takes a field's value out of a line, from under the first of its names that has one."""
    for each in _NAMES.get(name, (name,)):
        if (value := old.get(each)) is not None and value != "":
            return old.pop(each)
    old.pop(name, None)
    return None


def _number_taken(old: Record, name: str, low: float = -inf, high: float = inf) -> float | None:
    """As ``_taken``; what is no such number stays where it is. ``response_time`` of earlier tools is in seconds."""
    for each in _NAMES[name]:
        value = number(old.get(each))
        if value is not None and low <= value <= high:
            del old[each]
            return value * 1000 if each == "response_time" else value
    return None


def _error(old: Record) -> dict[str, str]:
    """The error that a line carries, taken out of it; empty when there is none."""
    error, said, trace = _taken(old, "error"), _taken(old, "error_type"), old.pop("trace", None)
    if error is None and said is None:
        if trace is not None:
            old["trace"] = trace
        return {}
    kind, message = error_texts(error, said)
    told = {"type": kind or "Error", "message": message}
    if isinstance(error, dict):
        told = {**{name: text_of(value) for name, value in error.items() if value is not None}, **told}
    return told if trace is None else {**told, "stack": text_of(trace)}


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
