"""The obvious way to read logs, against which the fast one is compared: one line after the other, with Python's own JSON."""

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_LEVELS = {"error": "error", "err": "error", "critical": "critical", "fatal": "critical", "warn": "warning"}
_KNOWN = {"debug", "info", "warning", *_LEVELS.values()}


@dataclass
class Naive:
    """What the lines of a file say."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    malformed: list[int] = field(default_factory=list)
    lines: int = 0


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def read(data: bytes) -> Naive:
    naive = Naive()
    lines = data.split(b"\n")
    if not lines[-1]:
        lines.pop()
    naive.lines = len(lines)
    for number, line in enumerate(lines):
        text = line.strip(b" \t\r")
        if not text:
            continue
        try:
            value = json.loads(text.decode(), parse_constant=_refuse)
            if not isinstance(value, dict):
                raise ValueError("no object")
            json.dumps(value, ensure_ascii=False).encode()  # refuses half a surrogate pair
        except (ValueError, RecursionError):
            naive.malformed.append(number)
        else:
            naive.rows.append(value)
    return naive


def said(row: dict[str, Any], *names: str) -> Any:
    return next((row[name] for name in names if row.get(name) not in (None, "")), None)


def level(row: dict[str, Any]) -> str:
    value = said(row, "level", "severity")
    text = value.strip().lower() if isinstance(value, str) else ""
    text = _LEVELS.get(text, text)
    return text if text in _KNOWN else "unknown"


def instant(row: dict[str, Any]) -> datetime | None:
    value = said(row, "ts", "timestamp", "time")
    if isinstance(value, int | float) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC)
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def levels(rows: list[dict[str, Any]]) -> Counter[str]:
    return Counter(level(row) for row in rows)
