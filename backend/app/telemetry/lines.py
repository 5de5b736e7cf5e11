"""From what a caller said to one line of JSON, as ``log_line.schema.json`` describes it. Pure; nothing here raises."""

import math
import os
import re
import socket
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from app import __version__
from app.telemetry.origin import NOBODY, Origin, is_request_id
from app.telemetry.redaction import redact, redact_name
from app.telemetry.snapshot import clip, clip_start

LONGEST_LINE = 16 * 1024
LEVELS = ("debug", "info", "warning", "error", "critical")
_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS
_TEXTS = {"user_id": 64, "session_id": 80, "ip": 64, "method": 16, "route": 300}
_CODE = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
_NO_CODE = re.compile(r"[^a-z0-9_.]+")
_LONGEST_EVENT, _LONGEST_COMPONENT = 100, 60
_REPRESENTED = re.compile(r"([A-Za-z_]\w{0,80})\(")
_HOST = socket.gethostname()[:100] or "unknown"
# Longest texts that are tried one after the other until a line is short enough.
_LENGTHS = (8192, 4096, 2048, 1024, 512, 256, 128, 64)


class Said(NamedTuple):
    """What a caller said, when, and for whom. ``fields`` has ``category``, ``component`` and ``event``; its values do not
    change any more."""

    at: datetime
    level: str
    fields: dict[str, Any]
    origin: Origin | None


def instant(at: datetime) -> str:
    """``2026-03-06T23:59:00.000Z`` of an instant in UTC."""
    return at.isoformat(timespec="milliseconds")[:-6] + "Z"


def line_of(said: Said) -> bytes:
    """The line, with its newline: without secrets, at most 16 KiB, valid UTF-8."""
    return _encode(_arrange(said))


def _arrange(said: Said) -> dict[str, Any]:
    given, origin = dict(said.fields), said.origin
    event, words = _event(str(given.pop("event", "")) or "log")
    category, component = given.pop("category", "backend"), _component(str(given.pop("component", "")))
    fields = redact(given)
    message, wanted = fields.pop("message", None), fields.pop("request_id", None)
    line: dict[str, Any] = {
        "ts": instant(said.at),
        "level": said.level,
        "category": category,
        "component": component,
        "event": event,
        "message": message if isinstance(message, str) and message else words,
        "request_id": _request_id(wanted, origin),
    }
    if origin is not None and origin.user_id is not None and "user_id" not in fields:
        line["user_id"] = origin.user_id
    for name, longest in _TEXTS.items():
        value = fields.get(name)
        if value and isinstance(value, str):
            line[name] = fields.pop(name)[:longest]
    status, duration = fields.get("status"), fields.get("duration_ms")
    if type(status) is int and 0 <= status <= 999:
        line["status"] = fields.pop("status")
    if type(duration) in (int, float) and math.isfinite(duration) and duration >= 0:
        line["duration_ms"] = fields.pop("duration_ms")
    error = fields.pop("error", None)
    if error:
        line["error"] = _error(error)
    data = _data(fields)
    if data:
        line["data"] = data
    line["pid"], line["host"], line["version"] = os.getpid(), _HOST, __version__
    return line


def _request_id(wanted: Any, origin: Origin | None) -> str:
    if isinstance(wanted, str) and is_request_id(wanted):
        return wanted
    return origin.request_id if origin is not None and is_request_id(origin.request_id) else NOBODY


def _data(fields: dict[str, Any]) -> dict[str, Any]:
    """Everything without a field of its own; a given ``data`` is part of it."""
    given = fields.pop("data", None)
    if isinstance(given, dict):
        return {**fields, **given}
    return fields if given is None else {**fields, "data": given}


def _error(error: Any) -> dict[str, str]:
    if isinstance(error, Mapping):
        known = {key: str(error[key]) for key in ("type", "message", "stack") if error.get(key) is not None}
        rest = {key: value for key, value in error.items() if key not in known and value is not None}
        message = known.get("message") or (repr(rest) if rest else "")
        return {**known, "type": known.get("type") or "Error", "message": message}
    text = str(error)
    named = _REPRESENTED.match(text)
    return {"type": named[1] if named else "Error", "message": text}


@lru_cache(maxsize=1024)
def _event(event: str) -> tuple[str, str]:
    """The code, and words for people who got no message: ``sync.finished`` says “Sync finished”."""
    event = redact_name(event)
    if len(event) <= _LONGEST_EVENT and _CODE.fullmatch(event):
        return event, event.replace(".", " ").replace("_", " ").strip().capitalize() or event
    return _as_code(event, _LONGEST_EVENT) or "log", event


@lru_cache(maxsize=1024)
def _component(name: str) -> str:
    return _as_code(redact_name(name), _LONGEST_COMPONENT) or "unknown"


def _as_code(text: str, longest: int) -> str:
    code = _NO_CODE.sub("_", text[: 4 * longest].lower())
    return ".".join(part for part in code.split(".") if part.strip("_"))[:longest].strip("._")


# --- length and encoding -------------------------------------------------------------------------------------------------


def _encode(line: dict[str, Any]) -> bytes:
    try:
        data = orjson.dumps(line, option=_OPTIONS)
    except TypeError:  # half of a surrogate pair, a number beyond 64 bits
        line = _encodable(line)
        data = orjson.dumps(line, option=_OPTIONS)
    return data if len(data) <= LONGEST_LINE else _cut(line, len(data))


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_encodable(str(key)): _encodable(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) >= 1 << 63:
        return str(value)
    return value


def _cut(line: dict[str, Any], size: int) -> bytes:
    for longest in _LENGTHS:
        short = {**line, "message": clip(line["message"], longest)}
        if "error" in line:
            parts = {name: clip(text, longest) for name, text in line["error"].items() if name != "stack"}
            if "stack" in line["error"]:
                parts["stack"] = clip_start(line["error"]["stack"], longest)
            short["error"] = parts
        if "data" in line:
            short["data"] = _shorter(line["data"], longest)
        data = orjson.dumps(short, option=_OPTIONS)
        if len(data) <= LONGEST_LINE:
            return data
    return orjson.dumps({**short, "data": {"cut": f"{size} bytes"}}, option=_OPTIONS)


def _shorter(value: Any, longest: int) -> Any:
    if isinstance(value, str):
        return clip(value, longest)
    most = max(3, longest // 32)
    if isinstance(value, list):
        rest = [f"[cut {len(value) - most}]"] if len(value) > most else []
        return [_shorter(item, longest) for item in value[:most]] + rest
    if isinstance(value, dict):
        kept = {key: _shorter(item, longest) for key, item in list(value.items())[:most]}
        return {**kept, "[cut]": len(value) - most} if len(value) > most else kept
    return value
