"""How long log files stay in which form. Pure: from the time and the files to what is to be done.

Of a file's age in days (today's is 0): from 2 on it is compressed, from 30 on it stands in the archive, from 90 on it is
deleted (the seed's "30 days local, 90 days archived", read as total age; operations spec R50 and appendix A). Security and
audit are kept longer. When the logs need more space than they may, closed days are compressed and archived at once:
nothing is ever cut or deleted for space.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import IntEnum, StrEnum

from app.operations.logs.layout import Kind, LogFile

COMPRESS_AGE, ARCHIVE_AGE, DELETE_AGE = 2, 30, 90
# Lines of a day that was over may still wait in a process that was asleep for a moment.
GRACE = timedelta(hours=1)
LONG_KEPT = ("security", "audit")


class Verb(StrEnum):
    """Of one day they are done in this order, and none when the one before it failed."""

    settle = "settle"
    compress = "compress"
    archive = "archive"
    delete = "delete"


class Pressure(IntEnum):
    """How much space is to be won: none, by compressing closed days at once, by archiving them at once."""

    none = 0
    compress = 1
    archive = 2


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be done with all that there is of one day of one category."""

    verb: Verb
    category: str
    day: date


def plan(now: datetime, files: Iterable[LogFile], long_days: int, pressure: Pressure = Pressure.none) -> list[Action]:
    """What is to be done now, in this order: deletions first, then the oldest. ``long_days``: after how many days security and
    audit are deleted."""
    days: dict[tuple[date, str], set[Kind]] = {}
    for file in files:
        days.setdefault((file.day, file.category), set()).add(file.kind)
    actions = [
        Action(verb, category, day)
        for (day, category), kinds in sorted(days.items(), key=lambda item: item[0])
        for verb in _verbs(now, day, kinds, long_days if category in LONG_KEPT else DELETE_AGE, pressure)
    ]
    return sorted(actions, key=lambda action: action.verb is not Verb.delete)


def is_closed(day: date, now: datetime) -> bool:
    """Whether nobody may write to this day's files any more."""
    return now >= datetime.combine(day + timedelta(days=1), time(), UTC) + GRACE


def _verbs(now: datetime, day: date, kinds: set[Kind], delete_age: int, pressure: Pressure) -> list[Verb]:
    age = (now.date() - day).days
    if age >= delete_age:
        return [Verb.delete]
    if not is_closed(day, now):
        return []
    # A late line of a day that stands in the archive follows it there.
    archive = age >= ARCHIVE_AGE or pressure is Pressure.archive or Kind.archived in kinds
    compress = archive or age >= COMPRESS_AGE or pressure is Pressure.compress
    verbs = []
    if Kind.packed in kinds and Kind.archived in kinds:
        verbs.append(Verb.settle)
    if compress and Kind.plain in kinds:
        verbs.append(Verb.compress)
    if archive and (Kind.packed in kinds or Kind.plain in kinds):
        verbs.append(Verb.archive)
    return verbs
