"""What was measured can be asked for later, over any window, and the store stays small."""

import random

from sqlalchemy import func, select

from app.database import Database
from app.telemetry.frames import Frame, merge_all
from app.telemetry.models import FrameRow
from app.telemetry.store import HOUR, MINUTE, RAW, forget_old, read_steps, read_window, roll_up, write_frame

START = 1_750_000_000 // HOUR * HOUR


def _everything(_: str) -> bool:
    return True


def _write(database: Database, frames: dict[tuple[str, int], Frame]) -> None:
    with database.write() as db:
        for (process, at), frame in frames.items():
            write_frame(db, process, at, frame)


def _frames(seed: int, seconds: int) -> dict[tuple[str, int], Frame]:
    chance = random.Random(seed)
    return {
        (process, START + offset): {"c:hits": float(chance.randrange(5)), "h:s": [1.0, 2.0, float(chance.randrange(3))]}
        for process in ("one", "two")
        for offset in range(0, seconds, RAW)
        if chance.random() < 0.7
    }


def test_a_window_is_the_sum_of_its_frames_however_it_is_stored(operations: Database) -> None:
    frames = _frames(1, 3 * HOUR)
    _write(operations, frames)
    chance = random.Random(2)
    for now in (START + 3 * HOUR + 30, START + 3 * HOUR + 500):
        with operations.write() as db:
            roll_up(db, now)
            assert roll_up(db, now) == 0, "what is made is not made again"
        for _ in range(25):
            since = START + chance.randrange(0, 2 * HOUR) // RAW * RAW
            until = since + chance.randrange(0, HOUR) // RAW * RAW
            wanted = merge_all(frame for (_, at), frame in sorted(frames.items()) if since <= at < until)
            with operations.read() as db:
                assert read_window(db, since, until, now, _everything) == wanted


def test_what_comes_late_is_in_the_minute_and_the_hour_that_were_made_before(operations: Database) -> None:
    now = START + 3 * HOUR
    _write(operations, {("watcher", START + 50): {"c:probes{result=good}": 1.0}})
    with operations.write() as db:
        roll_up(db, now)
    _write(operations, {("watcher", START + 40): {"c:probes{result=bad}": 1.0}})
    with operations.write() as db:
        roll_up(db, now)
    with operations.read() as db:
        whole = read_window(db, START, START + HOUR, now, _everything)
    assert whole == {"c:probes{result=good}": 1.0, "c:probes{result=bad}": 1.0}


def test_steps_have_gaps_where_nothing_was_measured(operations: Database) -> None:
    frames: dict[tuple[str, int], Frame] = {("p", START + at): {"c:hits": 1.0} for at in (0, 10, 130, 3000)}
    _write(operations, frames)
    now = START + 3050
    with operations.write() as db:
        roll_up(db, now)
    with operations.read() as db:
        steps = dict(read_steps(db, START, START + 3010, MINUTE, now, _everything))
    assert steps[START] == {"c:hits": 2.0}
    assert steps[START + MINUTE] == {}
    assert steps[START + 2 * MINUTE] == {"c:hits": 1.0}
    assert steps[START + 3000] == {"c:hits": 1.0}, "too new to be rolled up"
    assert len(steps) == 51


def test_only_what_is_asked_for_is_answered(operations: Database) -> None:
    _write(operations, {("p", START): {"c:hits": 1.0, "g:level": [1, 2, 2, 2, 2]}})
    with operations.read() as db:
        assert read_window(db, START, START + RAW, START + RAW, lambda key: key == "c:hits") == {"c:hits": 1.0}


def test_what_is_not_rolled_up_yet_is_read_all_the_same(operations: Database) -> None:
    _write(operations, {("p", START + at): {"c:hits": 1.0} for at in range(0, 2 * HOUR, 600)})
    now = START + 2 * HOUR + 300
    for made_until in (0, START + 1000, START + HOUR + 100, now):
        with operations.write() as db:
            roll_up(db, made_until)
            assert read_window(db, START, START + 2 * HOUR, now, _everything) == {"c:hits": 12.0}
            steps = read_steps(db, START, START + 2 * HOUR, HOUR, now, _everything)
            assert [frame for _, frame in steps] == [{"c:hits": 6.0}] * 2


def test_nothing_is_forgotten_that_was_not_rolled_up(operations: Database) -> None:
    _write(operations, {("p", START): {"c:hits": 1.0}})
    now = START + 3 * 86400
    with operations.write() as db:
        forget_old(db, now)
        assert set(db.scalars(select(FrameRow.tier))) == {MINUTE, HOUR}
        assert read_window(db, START, START + HOUR, now, _everything) == {"c:hits": 1.0}


def test_a_roll_up_of_what_is_new_leaves_the_rest_to_another(operations: Database) -> None:
    _write(operations, {("p", START + at): {"c:hits": 1.0} for at in (0, 5 * HOUR)})
    now = START + 6 * HOUR + 100
    with operations.write() as db:
        assert roll_up(db, now, since=now - 2 * HOUR) == 2
        assert roll_up(db, now) == 2


def test_old_frames_are_forgotten_tier_by_tier(operations: Database) -> None:
    _write(operations, {("p", START): {"c:hits": 1.0}})

    def kept(days: float) -> set[int]:
        now = START + days * 86400
        with operations.write() as db:
            roll_up(db, now)
            forget_old(db, now)
            return set(db.scalars(select(FrameRow.tier)))

    assert kept(1.9) == {RAW, MINUTE, HOUR}
    assert kept(2.1) == {MINUTE, HOUR}
    assert kept(30.9) == {MINUTE, HOUR}
    assert kept(31.1) == {HOUR}
    assert kept(399) == {HOUR}
    assert kept(401) == set()


def test_a_second_frame_of_the_same_span_adds_to_the_first(operations: Database) -> None:
    for _ in range(2):
        _write(operations, {("p", START): {"c:hits": 1.0}})
    with operations.read() as db:
        assert read_window(db, START, START + RAW, START + RAW, _everything) == {"c:hits": 2.0}
        assert db.scalar(select(func.count()).select_from(FrameRow)) == 1
