"""Which files are read for a period, and why others are not."""

import contextlib
import os
import socket
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.operations.logs.analyzer.analysis import Question
from app.operations.logs.analyzer.chunks import Piece, Unreadable, chunks_of, pieces_of
from app.operations.logs.analyzer.files import NoLogs, find_files
from app.operations.logs.analyzer.lines import Newest
from app.operations.logs.analyzer.reading import answer
from app.operations.logs.analyzer.selection import select
from app.operations.logs.archive import archive_day
from app.operations.logs.closing import close_day
from app.operations.logs.instants import EVERYTHING, Period
from app.operations.logs.layout import Kind
from backend.tests.operations.logs.analyzer.written import NOON, archive, at, own, whole, write
from backend.tests.operations.logs.files import bring, line
from backend.tests.operations.logs.files import write as append
from backend.tests.operations.logs.test_retention import DAY, Killed, _Reaper

HOUR = Period.up_to(NOON, timedelta(hours=1))


def _names(root: Path, period: Period = EVERYTHING, *categories: str) -> list[str]:
    found = find_files(root, period, frozenset(categories))
    select(found, period)
    return [file.name for file in found.files]


def test_every_form_and_name_of_a_file_is_known(tmp_path: Path) -> None:
    names = [
        "archive/backend/2026-01-01.parquet",
        "backend/2026-02-01.jsonl.gz",
        "backend/2026-02-02.jsonl.zst",
        "errors/backend-errors-2026-02-27.jsonl",
        "backend/2026-02-28.jsonl.1",
        "backend/2026-03-01.jsonl",
        "frontend/2026-03-01.jsonl",
    ]
    for name in (*names, "sessions/some.jsonl"):
        write(tmp_path, name, [name.encode() + b"\n"])
    assert _names(tmp_path) == ["sessions/some.jsonl", *names]
    assert _names(tmp_path, EVERYTHING, "frontend", "sessions") == ["sessions/some.jsonl", "frontend/2026-03-01.jsonl"]
    by_name = {file.name: file for file in find_files(tmp_path, EVERYTHING).files}
    assert [by_name[name].category for name in names] == [*["backend"] * 3, "errors", *["backend"] * 2, "frontend"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_what_is_no_regular_file_is_not_waited_for_and_missed(tmp_path: Path) -> None:
    write(tmp_path, "backend/2026-02-28.jsonl", [own(message="read")])
    for name in ("2026-03-01.jsonl", "2026-03-01.jsonl.gz", "2026-03-01.jsonl.zst", "2026-03-01.parquet"):
        os.mkfifo(tmp_path / "backend" / name)
    (tmp_path / "backend" / "2026-03-02.jsonl").symlink_to(os.devnull)
    with socket.socket(socket.AF_UNIX) as listener, contextlib.chdir(tmp_path):
        listener.bind("backend/2026-03-03.jsonl")
    outcome = answer(tmp_path, Question(sections=frozenset({"lines"})))
    assert [file.name for file in outcome.files] == ["backend/2026-02-28.jsonl"]
    assert len(outcome.skipped) == 6
    assert {(file.reason, file.harmless) for file in outcome.skipped} == {("it is no regular file", False)}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_a_file_that_becomes_a_pipe_after_it_was_found_is_not_waited_for_either(tmp_path: Path) -> None:
    path = write(tmp_path, "backend/2026-03-01.jsonl", [own()])
    (file,) = find_files(tmp_path, EVERYTHING).files
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(Unreadable, match="no regular file"):
        list(chunks_of(Piece(file)))
    with pytest.raises(Unreadable, match="no regular file"):
        pieces_of(file, 1_000)


def test_what_is_no_log_is_named_and_companions_are_not(tmp_path: Path) -> None:
    for name in ("backend/notes.txt", "loose.jsonl", "backend/2026-03-01.jsonl.zst.sha256", "backend/.half.jsonl"):
        write(tmp_path, name, [own()])
    found = find_files(tmp_path, EVERYTHING)
    assert found.files == []
    assert [(file.name, file.reason, file.harmless) for file in found.skipped] == [
        ("loose.jsonl", "not in the folder of a category", True),
        ("backend/notes.txt", "not a log file by its name", True),
    ]


def test_only_days_that_may_reach_into_the_period_are_read(tmp_path: Path) -> None:
    for day in range(1, 9):
        write(tmp_path, f"backend/2026-03-0{day}.jsonl", [own(datetime(2026, 3, day, 12, tzinfo=UTC))])
    period = Period(datetime(2026, 3, 5, tzinfo=UTC), datetime(2026, 3, 6, tzinfo=UTC))
    found = find_files(tmp_path, period)
    select(found, period)
    # The 4th is the period before, with which this one is compared.
    assert [file.name for file in found.files] == ["backend/2026-03-04.jsonl", "backend/2026-03-05.jsonl"]
    assert found.outside == 6


def test_a_neighbouring_day_is_read_when_it_reaches_into_the_period(tmp_path: Path) -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)
    filler = [own(midnight - timedelta(hours=9), message="x" * 1_000)] * 100
    # Written a moment after midnight by whoever had the old file still open; and a file named for a local day.
    late = write(tmp_path, "backend/2026-02-28.jsonl", [*filler, own(midnight + timedelta(seconds=1))])
    write(tmp_path, "automation/2026-03-02.jsonl", [own(midnight + timedelta(hours=1)), *filler])
    write(tmp_path, "backend/2026-03-02.jsonl", [own(midnight + timedelta(hours=25))])
    period = Period(midnight, midnight + timedelta(hours=2))
    assert _names(tmp_path, period) == ["backend/2026-02-28.jsonl", "automation/2026-03-02.jsonl"]
    # Hours later nobody writes to the old file any more.
    assert _names(tmp_path, Period(midnight + timedelta(hours=4), midnight + timedelta(hours=5)), "backend") == []
    late.write_bytes(b"nothing that could be dated\n" * 9_000)
    assert _names(tmp_path, period, "backend") == ["backend/2026-02-28.jsonl"]


def test_a_file_without_a_date_may_hold_any(tmp_path: Path) -> None:
    write(tmp_path, "sessions/some.jsonl", [own()])
    assert _names(tmp_path, Period(NOON + timedelta(days=300), NOON + timedelta(days=301))) == ["sessions/some.jsonl"]


def test_a_day_that_is_there_twice_is_read_once(tmp_path: Path) -> None:
    lines = [whole(own(at(minutes=2), event="a")), whole(own(at(minutes=1), event="b"))]
    write(tmp_path, "backend/2026-03-01.jsonl", lines)
    write(tmp_path, "backend/2026-03-01.jsonl.zst", lines)
    archive(tmp_path, "archive/backend/2026-03-01.parquet", lines)
    found = find_files(tmp_path, EVERYTHING)
    select(found, EVERYTHING)
    assert [file.name for file in found.files] == ["backend/2026-03-01.jsonl.zst"]
    assert [(file.name, file.harmless) for file in found.skipped] == [
        ("backend/2026-03-01.jsonl", True),
        ("archive/backend/2026-03-01.parquet", True),
    ]


def _numbers(folder: Path) -> Counter[int]:
    """How often the tool reads each numbered line."""
    outcome = answer(folder, Question(sections=frozenset({"lines"}), lines=1_000))
    newest = outcome.analysis.now["lines"]
    assert isinstance(newest, Newest)
    assert outcome.analysis.read.lines == len(newest.lines)
    return Counter(int(line.message.split()[1]) for line in newest.lines)


@pytest.mark.parametrize("steps", range(8))
@pytest.mark.parametrize("grown", [False, True], ids=["as it was", "grown since"])
@pytest.mark.parametrize("archived", [False, True], ids=["packed before", "archived before"])
def test_after_a_crash_in_the_middle_of_packing_every_line_is_read_once(
    tmp_path: Path, steps: int, grown: bool, archived: bool
) -> None:
    def said(*which: int) -> None:
        lines = [line(number, DAY, message=f"number {number}") for number in which]
        append(tmp_path, DAY, lines)

    said(0, 1, 2)
    bring(tmp_path, DAY, Kind.archived if archived else Kind.packed)
    said(3, 4)
    reaper = _Reaper(steps)
    with suppress(Killed):
        close_day(tmp_path, "automation", DAY, reaper)
        archive_day(tmp_path, "automation", DAY, reaper)
    if grown:
        said(5)
    assert _numbers(tmp_path) == Counter(range(6 if grown else 5))


def test_what_the_product_keeps_beside_the_lines_is_not_told_as_unread(tmp_path: Path) -> None:
    write(tmp_path, "backend/2026-03-01.jsonl", [own()])
    for name in ("archive/manifest.jsonl", "health-checks.jsonl", "performance-metrics.jsonl"):
        write(tmp_path, name, [b"{}\n"])
    assert find_files(tmp_path, EVERYTHING).skipped == []


def test_two_files_of_a_day_with_different_lines_are_both_read(tmp_path: Path) -> None:
    write(tmp_path, "backend/2026-03-01.jsonl", [own(at(minutes=1), event="late")])
    write(tmp_path, "backend/2026-03-01.jsonl.gz", [own(at(minutes=9), event="packed")])
    archive(tmp_path, "archive/backend/2026-03-01.parquet", [own(at(minutes=30), event="archived")])
    assert len(_names(tmp_path, HOUR)) == 3


def test_no_folder_is_no_empty_folder(tmp_path: Path) -> None:
    assert find_files(tmp_path, EVERYTHING).files == []
    with pytest.raises(NoLogs, match="nowhere"):
        find_files(tmp_path / "nowhere", EVERYTHING)
