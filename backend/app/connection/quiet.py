"""Quiet hours: the time of the day in which nothing automatic is started. Pure."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.kit.clock import wall_instant


def quiet_until(now: datetime, start: time, end: time, zone: str) -> datetime | None:
    """The instant at which the present quiet hours end; ``None`` when it is not quiet now.

    ``start`` and ``end`` are wall-clock times in ``zone`` (IANA); an end before the start lies on the next day, and two
    equal times mean no quiet hours at all. Where the clocks are put back, the longer reading counts (quiet from the first
    of two equal times until the second); a time that is skipped means the moment after the gap.
    """
    if start == end:
        return None
    place = ZoneInfo(zone)
    today = now.astimezone(place).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        begins = wall_instant(day, start, place, fold=0)
        ends = wall_instant(day + timedelta(days=end < start), end, place, fold=1)
        if begins <= now < ends:
            return ends
    return None


def time_of(text: str) -> time:
    """ "HH:MM" as a time of the day. Raises ValueError for anything else."""
    if len(text) != 5 or text[2] != ":":
        raise ValueError(f"{text!r} is no time of the day like 21:30")
    return time(int(text[:2]), int(text[3:]))
