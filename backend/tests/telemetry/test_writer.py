"""Writing: several processes, midnight, a full disk, a killed writer. Every line is whole, none is lost without being counted."""

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest

from app.telemetry import log_files, writer
from app.telemetry.lines import Said
from app.telemetry.log_files import LogFiles
from app.telemetry.writer import Writer
from backend.tests.log_lines import check_lines, logged

DAY = date(2026, 3, 6)

_ACROSS_MIDNIGHT = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from app.kit.clock import VirtualClock
from app.telemetry import logs
folder, who, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
with VirtualClock(datetime(2026, 3, 6, 23, 59, 50, tzinfo=UTC)) as clock:
    logs.set_up(folder)
    log = logs.get_logger("automation")
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(count):
        clock.advance(seconds=20 / count)
        (log.error if number % 50 == 0 else log.info)("line.said", who=who, number=number, text="x" * (number % 700))
"""

_FULL_DISK = """
import resource, sys
from pathlib import Path
from app.telemetry import logs
logs.set_up(Path(sys.argv[1]))
log = logs.get_logger("backend")
log.info("line.said", number=-1)
logs.flush()
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
for number in range(40):
    log.info("line.said", number=number)
logs.flush()
full = logs.stats()
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.info("line.said", number=40)
logs.flush()
print(full.lines, full.dropped, logs.stats().lines, logs.stats().dropped)
"""

_KILLED = """
import sys
from pathlib import Path
from app.telemetry import logs
logs.set_up(Path(sys.argv[1]))
log = logs.get_logger("automation")
number = 0
while True:
    number += 1
    log.info("line.said", number=number)
    if number % 100 == 0:
        log.error("step.failed", number=number)
        print(number, flush=True)
"""


def _start(program: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_processes_that_write_across_midnight_lose_no_line_and_tear_none(home: Path, tmp_path: Path) -> None:
    folder, count, names = tmp_path / "logs", 1500, ["a", "b", "c", "d"]
    children = [_start(_ACROSS_MIDNIGHT, folder, name, count) for name in names]
    for child in children:
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.communicate("go\n", timeout=60)
        assert child.returncode == 0
    files = sorted(path.name for path in (folder / "automation").glob("*.jsonl"))
    assert files == ["2026-03-06.jsonl", "2026-03-07.jsonl"]
    said = [(line["data"]["who"], line["data"]["number"]) for line in logged(folder, "automation")]
    assert sorted(said) == [(name, number) for name in names for number in range(count)]
    for name in names:  # and each process's own lines stand in order
        assert [number for who, number in said if who == name] == list(range(count))
    assert check_lines(folder) == len(names) * (count + count // 50)


@pytest.mark.skipif(os.name == "nt", reason="limits a file's size as POSIX systems can")
def test_a_full_disk_leaves_whole_lines_and_counts_the_others(tmp_path: Path) -> None:
    child = _start(_FULL_DISK, tmp_path / "logs")
    told, _ = child.communicate(timeout=60)
    assert child.returncode == 0
    kept, dropped, lines_after, dropped_after = map(int, told.split())
    numbers = [line["data"]["number"] for line in logged(tmp_path / "logs", "backend")]
    assert dropped > 0
    assert kept + dropped == 41
    assert (lines_after, dropped_after) == (kept + 1, dropped)
    assert numbers == [*range(-1, kept - 1), 40]
    assert check_lines(tmp_path / "logs") == lines_after


def test_a_folder_that_cannot_be_written_is_told_once_while_others_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "frontend").write_text("no folder")
    mine = Writer()
    mine.move(tmp_path)
    for number in range(4):
        for category in ("frontend", "backend"):
            said = {"category": category, "component": "test", "event": "line.said", "number": number}
            mine.put(Said(datetime(2026, 3, 6, tzinfo=UTC), "info", said, None))
        mine.flush()
        if number == 2:
            (tmp_path / "frontend").unlink()
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert str(tmp_path / "frontend") in told[0]
    assert (mine.stats().lines, mine.stats().dropped) == (5, 3)


def test_a_killed_process_loses_no_error_and_nothing_that_was_said_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    child = _start(_KILLED, folder)
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(20)]
    child.send_signal(signal.SIGKILL)
    told += [int(line) for line in child.communicate(timeout=60)[0].splitlines()]
    numbers = [line["data"]["number"] for line in logged(folder, "automation") if line["level"] == "info"]
    assert numbers[: told[-1]] == list(range(1, told[-1] + 1))
    assert [line["data"]["number"] for line in logged(folder, "errors")][: len(told)] == told


def test_a_process_that_ends_with_an_exception_has_written_everything(tmp_path: Path) -> None:
    program = "import sys\nfrom pathlib import Path\nfrom app.telemetry import logs\nlogs.set_up(Path(sys.argv[1]))\n"
    program += "logs.get_logger('backend').info('last.words')\nraise SystemExit(3)"
    child = _start(program, tmp_path / "logs")
    child.communicate(timeout=60)
    assert child.returncode == 3
    assert [line["event"] for line in logged(tmp_path / "logs", "backend")] == ["last.words"]


def test_the_torn_line_of_a_killed_writer_takes_no_other_line_with_it(tmp_path: Path) -> None:
    path = log_files.log_file(tmp_path, "backend", DAY)
    path.parent.mkdir(parents=True)
    path.write_bytes(b'{"a":1}\n{"torn":')
    files = LogFiles(tmp_path)
    assert files.append("backend", DAY, b'{"b":2}\n') == (8, None)
    files.close()
    assert path.read_bytes().splitlines() == [b'{"a":1}', b'{"torn":', b'{"b":2}']


def test_a_file_that_was_removed_meanwhile_is_begun_anew(tmp_path: Path) -> None:
    files = LogFiles(tmp_path)
    files.append("backend", DAY, b"1\n")
    path = log_files.log_file(tmp_path, "backend", DAY)
    path.unlink()
    files.append("backend", DAY, b"2\n")
    files.close()
    assert path.read_bytes() == b"2\n"


def test_files_are_for_their_owner_and_group_only(tmp_path: Path) -> None:
    files = LogFiles(tmp_path / "logs")
    files.append("backend", DAY, b"1\n")
    files.close()
    path = log_files.log_file(tmp_path / "logs", "backend", DAY)
    assert path.stat().st_mode & 0o007 == 0
    assert path.parent.stat().st_mode & 0o007 == 0


def _said(number: int, level: str = "info") -> Said:
    fields = {"category": "backend", "component": "test", "event": "line.said", "number": number}
    return Said(datetime(2026, 3, 6, tzinfo=UTC), level, fields, None)


def test_when_too_much_waits_the_caller_writes_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 10)
    monkeypatch.setattr(writer, "GATHER_SECONDS", 60)  # nobody else writes
    own = Writer()
    own.move(tmp_path)
    for number in range(25):
        own.put(_said(number))
    own.flush()
    path = log_files.log_file(tmp_path, "backend", DAY)
    assert [orjson.loads(line)["data"]["number"] for line in path.read_bytes().splitlines()] == list(range(25))
    assert own.stats().dropped == 0


def test_when_the_disk_hangs_the_oldest_are_dropped_and_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer, "MOST_WAITING", 10)
    monkeypatch.setattr(writer, "_MOST_EVER", 40)
    monkeypatch.setattr(writer, "_PATIENCE_SECONDS", 0)
    own = Writer()
    own.move(tmp_path)
    entered, free = threading.Event(), threading.Event()

    def hang(*_: object) -> tuple[int, None]:
        entered.set()
        free.wait(30)
        return 0, None

    assert own.files is not None
    monkeypatch.setattr(own.files, "append", hang)
    stuck = threading.Thread(target=lambda: own.put(_said(0, "error")))
    stuck.start()
    assert entered.wait(30)
    for number in range(100):
        own.put(_said(number))  # returns at once
    assert own.stats().dropped == 100 - 40
    free.set()
    stuck.join()
