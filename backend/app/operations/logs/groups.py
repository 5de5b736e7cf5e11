"""Errors by what they have in common: the same failure with other numbers, ids and names is one group."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass

from app.operations.logs.records import Record

OTHERS = "others"
_MOST = 5000
_LONGEST = 300
# What differs from one time to the next, and stands for itself in a fingerprint.
_VARIABLE = re.compile(
    r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
    r"|\b(?=[a-fA-F]*\d)[0-9a-fA-F]{8,}\b"
    r"|“[^”]{0,200}”|\"[^\"]{0,200}\"|'[^']{0,200}'"
    r"|(?:/[\w.-]+){2,}"
    r"|\d+(?:[.,:]\d+)*"
)


@dataclass(slots=True)
class Group:
    """Errors that are one failure. ``message`` and ``request_id`` are those of the newest."""

    fingerprint: str
    category: str
    component: str
    event: str
    error_type: str
    message: str
    request_id: str
    count: int
    first_seen: str
    last_seen: str


def essence(message: str) -> str:
    """A message without what differs from one time to the next."""
    return _VARIABLE.sub("*", message[: 4 * _LONGEST])[:_LONGEST]


def fingerprint(record: Record) -> str:
    """12 hex digits that the lines of one failure have in common."""
    error = record.get("error") or {}
    parts = (record["component"], record["event"], error.get("type", ""), essence(record["message"]))
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:12]


def grouped(newest_first: Iterable[Record]) -> list[Group]:
    """The groups, the most frequent first, then the newest. Beyond some thousand they share one, so that memory is bounded."""
    groups: dict[str, Group] = {}
    for record in newest_first:
        known = fingerprint(record)
        if known not in groups and len(groups) >= _MOST:
            known = OTHERS
        group = groups.get(known)
        if group is None:
            groups[known] = Group(
                known,
                record["category"],
                record["component"],
                record["event"],
                (record.get("error") or {}).get("type", ""),
                record["message"],
                record["request_id"],
                1,
                record["ts"],
                record["ts"],
            )
        else:
            group.count += 1
            group.first_seen = min(group.first_seen, record["ts"])
    return sorted(groups.values(), key=lambda group: (group.count, group.last_seen), reverse=True)
