"""Errors by what they have in common: the same failure with other numbers, ids and names is one group."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.operations.logs.fields import error_texts
from app.operations.logs.fingerprint import Said, identifier, key_of
from app.operations.logs.records import Record

OTHERS = "others"
_MOST = 5000


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


def said_in(record: Record) -> Said:
    """What a record says of an error."""
    kind, detail = error_texts(record.get("error"), None)
    return Said(record["category"], record["component"], record["event"], kind, detail, record["message"])


def grouped(newest_first: Iterable[Record]) -> list[Group]:
    """The groups, the most frequent first, then the newest. Beyond some thousand they share one, so that memory is bounded."""
    groups: dict[str, Group] = {}
    for record in newest_first:
        said = said_in(record)
        known = identifier(key_of(said))
        if known not in groups and len(groups) >= _MOST:
            known = OTHERS
        group = groups.get(known)
        if group is None:
            groups[known] = Group(
                known,
                said.category,
                said.component,
                said.event,
                said.error_type,
                said.message,
                record["request_id"],
                1,
                record["ts"],
                record["ts"],
            )
        else:
            group.count += 1
            group.first_seen = min(group.first_seen, record["ts"])
    return sorted(groups.values(), key=lambda group: (group.count, group.last_seen), reverse=True)
