"""How long log files stay in which form: by a virtual clock, with crashes between all effects."""

import os
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
import zstandard
from filelock import FileLock
from hypothesis import given, settings
from hypothesis import strategies as st

from app.config import get_settings
from app.kit.clock import VirtualClock
from app.operations.logs import archive, closing
from app.operations.logs.archive import UnknownArchive, archive_day, read_manifest, settle_day
from app.operations.logs.closing import StillWritten, close_day
from app.operations.logs.housekeeping import tidy, usage
from app.operations.logs.layout import ARCHIVE, Kind, LogFile, find_files, path_of
from app.operations.logs.packed import read_packed
from app.operations.logs.retention import Action, Pressure, Verb, plan
from app.telemetry import logs
from app.telemetry.log_files import LogFiles
from backend.tests.log_lines import logged
from backend.tests.operations.logs.files import NOON, TODAY, forms, line, numbers, rows_of, write

DAY = TODAY - timedelta(days=5)
PLAIN, PACKED, ARCHIVED = ["jsonl"], ["jsonl.zst"], ["parquet"]


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    """The folder of logs; what housekeeping says goes elsewhere."""
    logs.set_up(tmp_path / "own")
    (tmp_path / "logs").mkdir(exist_ok=True)
    return tmp_path / "logs"


def _aged(folder: Path, *ages: int, category: str = "automation") -> None:
    for age in ages:
        write(folder, TODAY - timedelta(days=age), [line(age * 10 + i) for i in range(3)], category)


@pytest.mark.parametrize(
    ("age", "end"),
    [
        (0, PLAIN),
        (1, PLAIN),
        (2, PACKED),
        (29, PACKED),
        (30, ARCHIVED),
        (31, ARCHIVED),
        (89, ARCHIVED),
        (90, []),
        (91, []),
    ],
)
def test_files_by_their_age(folder: Path, age: int, end: list[str]) -> None:
    _aged(folder, age)
    with VirtualClock(NOON):
        tidied = tidy(folder)
    assert tidied is not None
    assert tidied.failed == []
    assert forms(folder).get(TODAY - timedelta(days=age), []) == end
    assert numbers(folder) == (Counter(range(age * 10, age * 10 + 3)) if end else Counter())


def test_a_file_goes_its_way_day_by_day_without_losing_a_line(folder: Path) -> None:
    _aged(folder, 0)
    way = []
    with VirtualClock(NOON) as clock:
        for _ in range(92):
            tidy(folder)
            form = forms(folder).get(TODAY, [])
            assert numbers(folder) == (Counter(range(3)) if form else Counter())
            way.append("".join(form))
            clock.advance(days=1)
    assert way == ["jsonl"] * 2 + ["jsonl.zst"] * 28 + ["parquet"] * 60 + [""] * 2


@pytest.mark.parametrize("category", ["security", "audit"])
def test_security_and_audit_are_kept_for_a_year_or_as_long_as_is_set(folder: Path, category: str) -> None:
    _aged(folder, 90, 364, 365, category=category)
    with VirtualClock(NOON):
        tidy(folder)
        assert sorted(forms(folder, category)) == [TODAY - timedelta(days=age) for age in (364, 90)]
        get_settings().logs_long_days = 100
        tidy(folder)
    assert list(forms(folder, category)) == [TODAY - timedelta(days=90)]


def test_a_day_is_closed_an_hour_after_its_end_even_under_pressure() -> None:
    midnight = datetime(2026, 6, 15, tzinfo=UTC)
    files = [LogFile(date(2026, 6, 14), "backend", Kind.plain, 1)]
    assert plan(midnight + timedelta(minutes=59), files, 365, Pressure.archive) == []
    assert plan(midnight + timedelta(minutes=60), files, 365, Pressure.compress) == [
        Action(Verb.compress, "backend", date(2026, 6, 14))
    ]


def test_files_of_the_future_are_left_alone() -> None:
    assert plan(NOON, [LogFile(TODAY + timedelta(days=1), "backend", Kind.plain, 1)], 365, Pressure.archive) == []


def test_deletions_come_first_then_the_oldest() -> None:
    files = [LogFile(TODAY - timedelta(days=age), "backend", Kind.plain, 1) for age in (3, 40, 95, 5)]
    assert [(action.verb.value, (TODAY - action.day).days) for action in plan(NOON, files, 365)] == [
        *[("delete", 95), ("compress", 40), ("archive", 40), ("compress", 5), ("compress", 3)]
    ]


def test_too_little_space_compresses_and_archives_closed_days_early_and_loses_nothing(folder: Path) -> None:
    get_settings().logs_quota_mb = 1
    long = "x" * 900
    for age in range(4):
        write(folder, TODAY - timedelta(days=age), [line(age * 1000 + i, text=f"{i}{long}") for i in range(500)])
    assert usage(folder).share > 1.5
    with VirtualClock(NOON):
        tidy(folder)
    assert usage(folder).share < 1
    assert forms(folder) == {
        TODAY: PLAIN,
        TODAY - timedelta(days=1): PACKED,
        TODAY - timedelta(days=2): PACKED,
        TODAY - timedelta(days=3): PACKED,
    }
    assert sum(numbers(folder).values()) == 2000
    assert "logs.over_quota" in [entry["event"] for entry in logged(folder.parent / "own", "backend")]


def test_when_nothing_helps_the_rest_is_archived_and_the_live_file_is_left_whole(folder: Path) -> None:
    get_settings().logs_quota_mb = 1
    write(folder, TODAY, [line(i, text="x" * 10_000) for i in range(200)])
    _aged(folder, 1, 3)
    with VirtualClock(NOON):
        tidy(folder)
    assert usage(folder).share > 1
    assert list(forms(folder).values()) == [ARCHIVED, ARCHIVED, PLAIN]
    assert sum(numbers(folder).values()) == 206


def test_usage_counts_everything_by_category(folder: Path) -> None:
    _aged(folder, 0, 40)
    _aged(folder, 0, category="errors")
    with VirtualClock(NOON):
        tidy(folder)
    used = usage(folder)
    sizes = {path: path.stat().st_size for path in folder.rglob("*") if path.is_file()}
    assert used.bytes == sum(sizes.values())
    assert used.categories["automation"] == sum(
        size for path, size in sizes.items() if path.parent.name == "automation"
    )
    assert used.categories["errors"] > 0
    assert (used.quota_bytes, used.share) == (2000 << 20, used.bytes / (2000 << 20))
    assert usage(folder / "missing").bytes == 0


def test_only_one_process_tidies_at_a_time(folder: Path) -> None:
    with FileLock(folder / ".housekeeping.lock"):
        assert tidy(folder) is None


def test_what_cannot_be_done_is_told_and_stays_as_it_is(folder: Path) -> None:
    _aged(folder, 5, 6)
    damaged = path_of(folder, "automation", DAY, Kind.packed)
    damaged.write_bytes(b"no compressed file at all")
    with VirtualClock(NOON):
        tidied = tidy(folder)
    assert tidied is not None
    assert tidied.failed == [Action(Verb.compress, "automation", DAY)]
    assert damaged.read_bytes() == b"no compressed file at all"
    assert path_of(folder, "automation", DAY, Kind.plain).exists()
    assert forms(folder)[TODAY - timedelta(days=6)] == PACKED
    assert "logs.not_tidied" in [entry["event"] for entry in logged(folder.parent / "own", "errors")]


def test_a_compressed_file_of_several_frames_is_read_whole_and_one_that_is_cut_is_not(tmp_path: Path) -> None:
    path = tmp_path / "x.zst"
    parts = [bytes([number]) * 300_000 + os.urandom(90_000) for number in range(3)]
    path.write_bytes(b"".join(zstandard.compress(part) for part in parts))
    assert b"".join(read_packed(path)) == b"".join(parts)
    whole = path.read_bytes()
    for length in (0, 3, 1000, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(zstandard.ZstdError):
            list(read_packed(path))


# --- the archive ---------------------------------------------------------------------------------------------------------


def test_the_manifest_says_what_each_archived_file_holds(folder: Path) -> None:
    _aged(folder, 40)
    with VirtualClock(NOON):
        tidy(folder)
    (entry,) = read_manifest(folder)
    path = path_of(folder, "automation", entry.day, Kind.archived)
    assert (entry.category, entry.rows, entry.sha256) == ("automation", 3, archive.file_digest(path))
    with VirtualClock(NOON + timedelta(days=60)):
        tidy(folder)
    said = [orjson.loads(text) for text in (folder / ARCHIVE / "manifest.jsonl").read_bytes().splitlines()]
    assert [one["action"] for one in said] == ["archived", "deleted"]


def test_an_archived_file_has_the_lines_fields_as_columns_and_keeps_odd_lines_too(folder: Path) -> None:
    lines = [
        line(1, duration_ms=1.5, status=200, user_id="u", request_id="r-1", error={"type": "X", "message": "é\0"}),
        b'{"ts":"2026-06-10T00:00:01+02:00","level":"info","event":"old.shape","work_orders":60,"trace":"t"}\n',
        b"no json at all\n",
        b"\n",
    ]
    write(folder, DAY, lines)
    close_day(folder, "automation", DAY)
    archive_day(folder, "automation", DAY)
    rows = rows_of(path_of(folder, "automation", DAY, Kind.archived))
    assert list(rows[0]) == list(archive.COLUMNS)
    assert (rows[0]["status"], rows[0]["duration_ms"], rows[0]["request_id"]) == (200, 1.5, "r-1")
    assert orjson.loads(rows[0]["error"]) == {"type": "X", "message": "é\0"}
    assert (rows[1]["ts"].isoformat(), rows[1]["event"]) == ("2026-06-09T22:00:01", "old.shape")
    assert orjson.loads(rows[1]["data"]) == {"work_orders": 60, "trace": "t"}
    assert (rows[2]["event"], orjson.loads(rows[2]["data"])["line"]) == ("log.malformed", "no json at all")
    assert len(rows) == 3


def test_an_archived_file_that_was_altered_is_not_touched(folder: Path) -> None:
    _aged(folder, 40)
    with VirtualClock(NOON):
        tidy(folder)
        day = TODAY - timedelta(days=40)
        path = path_of(folder, "automation", day, Kind.archived)
        path.write_bytes(path.read_bytes() + b"x")
        write(folder, day, [line(7)])
        close_day(folder, "automation", day)
        with pytest.raises(UnknownArchive):
            archive_day(folder, "automation", day)
    assert forms(folder)[day] == ["jsonl.zst", "parquet"]


# --- late lines, writers, crashes ----------------------------------------------------------------------------------------


def test_late_lines_follow_wherever_their_day_stands(folder: Path) -> None:
    expected: Counter[int] = Counter()
    with VirtualClock(NOON):
        for number, age in enumerate((5, 40) * 3):
            write(folder, TODAY - timedelta(days=age), [line(number)])
            expected[number] += 1
            tidy(folder)
            assert numbers(folder) == expected
    assert list(forms(folder).values()) == [ARCHIVED, PACKED]
    assert [entry.rows for entry in read_manifest(folder)] == [1, 2, 3]


def test_a_file_that_grows_while_it_is_compressed_is_compressed_again(folder: Path) -> None:
    write(folder, DAY, [line(1)])
    grown: list[Path] = []

    def grow(step: str) -> None:
        if step == "renamed" and len(grown) < 2:
            grown.append(write(folder, DAY, [line(2 + len(grown))]))

    close_day(folder, "automation", DAY, grow)
    assert numbers(folder) == Counter([1, 2, 3])
    assert forms(folder)[DAY] == PACKED


def test_a_file_that_never_stops_growing_is_left_for_later(folder: Path) -> None:
    write(folder, DAY, [line(0)])
    count = iter(range(1, 1000))

    def grow(step: str) -> None:
        if step == "renamed":
            write(folder, DAY, [line(next(count))])

    with pytest.raises(StillWritten):
        close_day(folder, "automation", DAY, grow)
    close_day(folder, "automation", DAY)
    assert sum(numbers(folder).values()) == next(count)


def test_a_writer_whose_file_was_closed_under_it_loses_nothing(folder: Path) -> None:
    files = LogFiles(folder)
    expected = Counter(range(6))
    for number in range(6):
        files.append("automation", DAY, line(number, DAY))
        if number % 2:
            close_day(folder, "automation", DAY)
            assert not path_of(folder, "automation", DAY, Kind.plain).exists()
    files.close()
    assert numbers(folder) == expected


_WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.kit.clock import VirtualClock
from app.telemetry import logs
first, count = int(sys.argv[2]), int(sys.argv[3])
with VirtualClock(datetime(2026, 6, 10, 23, 59, tzinfo=UTC)):
    logs.set_up(Path(sys.argv[1]))
    log = logs.get_logger("automation")
    for number in range(first, first + count):
        (log.info if number % 3 else log.error)("line.said", number=number)
"""


def test_processes_that_still_write_to_a_day_that_is_closed_and_archived_meanwhile_lose_nothing(folder: Path) -> None:
    count, began = 2000, range(3)
    children = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(folder), str(number * count), str(count)])
        for number in began
    ]
    rounds = 0
    with VirtualClock(NOON):
        while any(child.poll() is None for child in children):
            rounds += 1
            _round(folder, Pressure.archive if rounds % 5 == 0 else Pressure.compress, _Reaper(None))
        assert [child.returncode for child in children] == [0] * len(children)
        _round(folder, Pressure.archive, _Reaper(None))
    assert numbers(folder) == Counter(range(len(began) * count))
    assert rounds > 5


class Killed(BaseException):
    """The program's end in the middle: nothing that would run then may help."""


class _Reaper:
    """Ends the program at its n-th step."""

    def __init__(self, after: int | None) -> None:
        self.left = after

    def __call__(self, _: str) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise Killed


_MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(1, 4)),
        st.tuples(st.sampled_from(list(Pressure)), st.none() | st.integers(0, 12)),
    ),
    min_size=1,
    max_size=12,
)


_ACTS: dict[Verb, Any] = {Verb.settle: settle_day, Verb.compress: close_day, Verb.archive: archive_day}


def _round(folder: Path, pressure: Pressure, reaper: _Reaper) -> None:
    """A round of housekeeping that ends in the middle, perhaps."""
    with suppress(Killed, StillWritten):
        for action in plan(NOON, find_files(folder), 365, pressure):
            _ACTS[action.verb](folder, action.category, action.day, reaper)


@settings(max_examples=40, deadline=None)
@given(moves=_MOVES)
def test_a_crash_at_any_step_loses_no_line_and_doubles_none(moves: list[tuple[Any, Any]]) -> None:
    with TemporaryDirectory() as name, VirtualClock(NOON):
        folder, said = Path(name), 0
        for move, how in [*moves, (Pressure.archive, None)]:
            if move == "write":
                write(folder, DAY, [line(said + i) for i in range(how)])
                said += how
            else:
                _round(folder, move, _Reaper(how))
        assert numbers(folder) == Counter(range(said))
        assert said == 0 or forms(folder) == {DAY: ARCHIVED}


def test_a_crash_that_leaves_half_files_is_tidied_up(folder: Path) -> None:
    write(folder, DAY, [line(1)])
    with pytest.raises(Killed):
        close_day(folder, "automation", DAY, _Reaper(0))
    assert closing.temporary_of(path_of(folder, "automation", DAY, Kind.packed)).exists()
    with VirtualClock(NOON):
        tidy(folder)
    assert [path.name for path in (folder / "automation").iterdir()] == [f"{DAY}.jsonl.zst"]
    assert b"".join(read_packed(path_of(folder, "automation", DAY, Kind.packed))) == line(1)
