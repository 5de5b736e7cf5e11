"""Where measurements are kept: frames of 10 seconds for two days, of a minute for 31 days, of an hour for 400 days.

No other server is needed for SLOs, trends and charts. Each process writes its own frames; what is asked for is merged over
all of them. A year of one process takes some 50 MB (``python3 dev.py bench watching`` measures it).
"""

import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session as Db

from app.telemetry.frames import Frame, merge, merge_all
from app.telemetry.models import FrameRow, Series

RAW, MINUTE, HOUR = 10, 60, 3600
WATCHER = "watcher:"  # so the names of watchers begin, beside those of processes
KEPT_SECONDS = {RAW: 2 * 86400, MINUTE: 31 * 86400, HOUR: 400 * 86400}
# A process may be late with its frame by so much before the span counts as complete.
GRACE_SECONDS = 60
_NEXT = {RAW: MINUTE, MINUTE: HOUR}
Wanted = Callable[[str], bool]
_decode = msgspec.msgpack.Decoder(dict[int, float | list[float]])


def write_frame(db: Db, process: str, at: int, frame: Frame) -> None:
    """Keeps what a process measured in the ten seconds from ``at`` (a multiple of 10). What comes late (the watcher tells of a
    time when nobody listened) is added to the minute and the hour that were made without it."""
    if not frame:
        return
    ids = _ids(db, frame)
    for tier in (RAW, MINUTE, HOUR):
        row = db.get(FrameRow, (tier, at // tier * tier, process), with_for_update=True)
        if row is not None:
            names = _names(db)
            merged = merge(_unpack(row.data, names), frame)
            row.data = packed(merged, ids | {key: number for number, key in names.items()})
        elif tier == RAW:
            db.add(FrameRow(tier=RAW, at=at, process=process, data=packed(frame, ids)))
    db.flush()


def _insert(db: Db, table: Any) -> Any:
    return (sqlite if db.get_bind().dialect.name == "sqlite" else postgresql).insert(table)


def _ids(db: Db, frame: Frame) -> dict[str, int]:
    """The numbers of the frame's series; new ones are given out here."""
    keys = list(frame)
    ids: dict[str, int] = {}
    for _ in range(2):
        for start in range(0, len(keys), 400):
            rows = db.execute(select(Series.key, Series.id).where(Series.key.in_(keys[start : start + 400])))
            ids.update(dict(rows.all()))
        missing = [{"key": key} for key in keys if key not in ids]
        if not missing:
            break
        db.execute(_insert(db, Series).on_conflict_do_nothing(index_elements=["key"]), missing)
    return ids


def _names(db: Db) -> dict[int, str]:
    return dict(db.execute(select(Series.id, Series.key)).all())


def packed(frame: Frame, ids: dict[str, int]) -> bytes:
    """A frame as a row has it. ``ids``: the numbers of its series."""
    return zlib.compress(msgspec.msgpack.encode({ids[key]: value for key, value in frame.items()}), 6)


def _unpack(data: bytes, names: dict[int, str]) -> Frame:
    return {names[number]: value for number, value in _decode.decode(zlib.decompress(data)).items() if number in names}


def roll_up(db: Db, now: float, since: float = 0.0) -> int:
    """Makes the minutes and hours that are complete and not made yet; answers how many. Doing it twice changes nothing.
    ``since``: what began before was seen to already, so that it need not be looked through every minute."""
    made = 0
    for finer, coarser in _NEXT.items():
        until = _complete(coarser, now)
        span = FrameRow.at - FrameRow.at % coarser
        due = (
            select(span.label("at"), FrameRow.process)
            .where(FrameRow.tier == finer, FrameRow.at >= since // coarser * coarser, FrameRow.at < until)
            .distinct()
            .subquery()
        )
        have = select(FrameRow.at, FrameRow.process).where(
            FrameRow.tier == coarser, FrameRow.at >= since // coarser * coarser
        )
        rows = db.execute(select(due.c.at, due.c.process).where(tuple_(due.c.at, due.c.process).not_in(have)))
        names: dict[int, str] | None = None
        for at, process in rows.all():
            names = names or _names(db)
            parts = select(FrameRow.data).where(
                FrameRow.tier == finer,
                FrameRow.at >= at,
                FrameRow.at < at + coarser,
                FrameRow.process == process,
            )
            frame = merge_all(_unpack(data, names) for data in db.scalars(parts.order_by(FrameRow.at)))
            ids = {key: number for number, key in names.items()}
            row = {"tier": coarser, "at": at, "process": process, "data": packed(frame, ids)}
            db.execute(_insert(db, FrameRow).on_conflict_do_nothing(), [row])
            made += 1
    return made


def forget_old(db: Db, now: float) -> None:
    """Removes what is older than its tier is kept, and nothing that the next tier does not have."""
    roll_up(db, now)
    for tier, seconds in KEPT_SECONDS.items():
        db.execute(delete(FrameRow).where(FrameRow.tier == tier, FrameRow.at < int(now) - seconds))


def _complete(tier: int, now: float) -> int:
    """Until when frames of this tier are made: spans that ended at least the grace ago."""
    return int(now - GRACE_SECONDS) // tier * tier


def _made(db: Db, tiers: Sequence[int], now: float) -> dict[int, int]:
    """Until when the frames of each tier are there: a roll-up that has not run yet hides nothing."""
    newest = {tier: db.scalar(select(func.max(FrameRow.at)).where(FrameRow.tier == tier)) for tier in tiers}
    return {tier: 0 if at is None else min(at + tier, _complete(tier, now)) for tier, at in newest.items()}


def _segments(since: int, until: int, made: dict[int, int], tiers: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Spans (tier, from, to) that cover ``[since, until)`` once: the coarsest of ``tiers`` where it is whole, finer ones at the
    ends, tens of seconds for what is not rolled up."""
    if since >= until:
        return
    if not tiers:
        yield RAW, since, until
        return
    tier, *finer = tiers
    first = -(-since // tier) * tier
    last = min(until, made[tier]) // tier * tier
    if first >= last:
        yield from _segments(since, until, made, finer)
        return
    yield from _segments(since, first, made, finer)
    yield tier, first, last
    yield from _segments(last, until, made, finer)


def read_window(db: Db, since: float, until: float, now: float, wanted: Wanted) -> Frame:
    """Everything wanted that was measured from ``since`` until ``until`` (seconds since 1970, to ten seconds), as one frame."""
    frames = []
    names = {number: key for number, key in _names(db).items() if wanted(key)}
    tiers = (HOUR, MINUTE)
    made = _made(db, tiers, now)
    for tier, start, end in _segments(int(since) // RAW * RAW, int(until) // RAW * RAW, made, tiers):
        rows = select(FrameRow.data).where(FrameRow.tier == tier, FrameRow.at >= start, FrameRow.at < end)
        frames += [_unpack(data, names) for data in db.scalars(rows.order_by(FrameRow.at))]
    return merge_all(frames)


def read_steps(db: Db, since: float, until: float, step: int, now: float, wanted: Wanted) -> list[tuple[int, Frame]]:
    """One frame per ``step`` seconds (a multiple of 10), oldest first. A step in which nothing was measured is an empty frame:
    a gap, not a zero."""
    start, end = int(since) // step * step, int(until) // RAW * RAW
    names = {number: key for number, key in _names(db).items() if wanted(key)}
    steps: dict[int, Frame] = {at: {} for at in range(start, end, step)}
    tiers = [tier for tier in (HOUR, MINUTE) if step % tier == 0]
    for tier, first, last in _segments(start, end, _made(db, tiers, now), tiers):
        rows = select(FrameRow.at, FrameRow.data).where(FrameRow.tier == tier, FrameRow.at >= first, FrameRow.at < last)
        for at, data in db.execute(rows.order_by(FrameRow.at)):
            slot = at // step * step
            steps[slot] = merge(steps[slot], _unpack(data, names))
    return sorted(steps.items())


def newest_frame_at(db: Db) -> int | None:
    """When the newest frame begins that a process measured of itself; what a watcher brings tells nothing of that."""
    own = ~FrameRow.process.startswith(WATCHER, autoescape=True)
    return db.scalar(select(FrameRow.at).where(FrameRow.tier == RAW, own).order_by(FrameRow.at.desc()).limit(1))
