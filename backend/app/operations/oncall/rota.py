"""Who is on call at an instant: a weekly rota in one time zone, and what was agreed differently. Pure.

Spec §7.3: hand-over at a fixed hour in a named zone; whatever was agreed beats the rota; a minute without a primary is an
error to be shown. People are named by ids. All instants have a time zone; spans are half open: [starts, ends).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import pairwise
from zoneinfo import ZoneInfo

from app.kit.clock import wall_instant

MOST_WEEKS_IN_A_ROW = 2
_WEEK = timedelta(days=7)


class Level(StrEnum):
    """``secondary`` is told when the primary cannot be reached or does not answer."""

    primary = "primary"
    secondary = "secondary"


@dataclass(frozen=True, slots=True)
class Rota:
    """Turns of a week each. ``first``: the local day on which the first turn begins, and so the weekday of all hand-overs;
    ``at``: their time of day in ``zone``. A later rota replaces it from the start of its own first turn."""

    zone: str
    first: date
    at: time
    primary: tuple[str, ...]
    secondary: tuple[str, ...]

    def hand_over(self, turn: int) -> datetime:
        """The instant at which a turn (0, 1, …) begins."""
        return wall_instant(self.first + turn * _WEEK, self.at, ZoneInfo(self.zone))

    def turn_at(self, instant: datetime) -> int:
        """Which turn an instant lies in; negative before the first one."""
        turn = (instant.astimezone(ZoneInfo(self.zone)).date() - self.first) // _WEEK
        # On the day of a hand-over the hour decides, and the clocks may have changed.
        if instant >= self.hand_over(turn + 1):
            return turn + 1
        return turn if instant >= self.hand_over(turn) else turn - 1

    def person(self, level: Level, turn: int) -> str | None:
        people = self.primary if level is Level.primary else self.secondary
        return people[turn % len(people)] if people and turn >= 0 else None


@dataclass(frozen=True, slots=True)
class Override:
    """What was agreed for a span: somebody else is on call. ``person``: ``None`` = nobody was found yet, which is a gap."""

    id: str
    level: Level
    person: str | None
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Shift:
    """One level's time with one person. ``person``: ``None`` = nobody; ``override``: by which it was agreed."""

    level: Level
    person: str | None
    starts: datetime
    ends: datetime
    override: str | None = None


class Overlaps(Exception):
    """Two overrides of one level would hold at the same time."""

    def __init__(self, other: Override) -> None:
        super().__init__(other)
        self.other = other


@dataclass(frozen=True, slots=True)
class Plan:
    """Rotas in the order in which they begin, and overrides that do not overlap within a level."""

    rotas: tuple[Rota, ...] = ()
    overrides: tuple[Override, ...] = ()


def who_is_on_call(plan: Plan, instant: datetime, level: Level = Level.primary) -> str | None:
    """The person at an instant; ``None`` = nobody."""
    return _at(plan, instant, level)[0]


def _at(plan: Plan, instant: datetime, level: Level) -> tuple[str | None, str | None]:
    """The person, and the override by which it is so."""
    for override in plan.overrides:
        if override.level is level and override.starts <= instant < override.ends:
            return override.person, override.id
    rota = _rota_at(plan, instant)
    return (rota.person(level, rota.turn_at(instant)) if rota else None), None


def _rota_at(plan: Plan, instant: datetime) -> Rota | None:
    begun = [rota for rota in plan.rotas if rota.hand_over(0) <= instant]
    return max(begun, key=lambda rota: rota.hand_over(0), default=None)


def shifts(plan: Plan, start: datetime, until: datetime, level: Level = Level.primary) -> list[Shift]:
    """The time from ``start`` to ``until`` without a hole and without an overlap, cut where the person, the turn or the
    agreement changes. Spans without anybody are shifts of ``None``."""
    cuts = sorted({start, until, *(cut for cut in _cuts(plan, start, until, level) if start < cut < until)})
    found: list[Shift] = []
    for begins, ends in pairwise(cuts):
        person, override = _at(plan, begins, level)
        last = found[-1] if found else None
        if last is not None and last.person is None and person is None and last.override == override:
            found[-1] = Shift(level, None, last.starts, ends, override)
        else:
            found.append(Shift(level, person, begins, ends, override))
    return found


def _cuts(plan: Plan, start: datetime, until: datetime, level: Level) -> Iterator[datetime]:
    for override in plan.overrides:
        if override.level is level:
            yield from (override.starts, override.ends)
    begins = [rota.hand_over(0) for rota in plan.rotas]
    yield from begins
    for rota in plan.rotas:
        own_start = rota.hand_over(0)
        own_end = min((other for other in begins if other > own_start), default=until)
        turn = max(0, rota.turn_at(start))
        while (hand_over := rota.hand_over(turn)) < min(own_end, until):
            yield hand_over
            turn += 1


def gaps(plan: Plan, start: datetime, until: datetime, level: Level = Level.primary) -> list[tuple[datetime, datetime]]:
    """Every span in which nobody is on call."""
    found: list[tuple[datetime, datetime]] = []
    for shift in shifts(plan, start, until, level):
        if shift.person is not None:
            continue
        if found and found[-1][1] == shift.starts:
            found[-1] = (found[-1][0], shift.ends)
        else:
            found.append((shift.starts, shift.ends))
    return found


@dataclass(frozen=True, slots=True)
class LongDuty:
    """Somebody is primary for longer than :data:`MOST_WEEKS_IN_A_ROW` without a break."""

    person: str
    starts: datetime
    ends: datetime


def long_duties(plan: Plan, start: datetime, until: datetime) -> list[LongDuty]:
    """Whose primary duty in this span is too long; a warning, not an error."""
    joined: list[LongDuty] = []
    for shift in shifts(plan, start, until):
        if shift.person is None:
            continue
        if joined and joined[-1].person == shift.person and joined[-1].ends == shift.starts:
            joined[-1] = LongDuty(shift.person, joined[-1].starts, shift.ends)
        else:
            joined.append(LongDuty(shift.person, shift.starts, shift.ends))
    # A change of the clocks makes a week an hour longer.
    longest = MOST_WEEKS_IN_A_ROW * _WEEK + timedelta(hours=1)
    return [duty for duty in joined if duty.ends - duty.starts > longest]


def check_override(new: Override, others: Sequence[Override]) -> None:
    """:class:`Overlaps` when another one of its level holds at the same time; ``ValueError`` when it ends before it starts."""
    if new.starts >= new.ends:
        raise ValueError("It must end after it starts.")
    for other in others:
        if other.level is new.level and other.starts < new.ends and new.starts < other.ends:
            raise Overlaps(other)
