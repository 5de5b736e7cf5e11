"""Logs: JSON lines by category and day, and never a reason to fail."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from app.kit.clock import VirtualClock
from app.telemetry import logs
from app.telemetry.origin import begin_run, note_user, request_id, working_for
from app.telemetry.redaction import HIDDEN
from backend.tests.log_lines import check_lines, logged


@pytest.fixture
def folder(home: Path, tmp_path: Path) -> Path:
    return tmp_path / "logs"


def test_lines_stand_by_category_and_day_and_errors_twice(folder: Path) -> None:
    with VirtualClock(datetime(2026, 3, 6, 23, 59, tzinfo=UTC)) as clock:
        logs.get_logger("automation").info("sync.started", work_orders=60)
        clock.advance(minutes=2)
        logs.get_logger("backend").error("job.broken", why="test")
        logs.get_logger("errors").error("errors.own")
    logs.flush()
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.jsonl")) == [
        "automation/2026-03-06.jsonl",
        "backend/2026-03-07.jsonl",
        "errors/2026-03-07.jsonl",
    ]
    assert [line["event"] for line in logged(folder, "errors")] == ["job.broken", "errors.own"]
    assert logged(folder, "errors")[0] == logged(folder, "backend")[0]
    assert check_lines(folder) == 4


@pytest.mark.parametrize("category", logs.CATEGORIES)
def test_each_category_has_its_file(folder: Path, category: logs.Category) -> None:
    logs.get_logger(category).warning("something.happened")
    assert [line["category"] for line in logged(folder, category)] == [category]
    assert check_lines(folder) == 1


def test_known_fields_stand_at_the_top_and_all_others_in_data(folder: Path) -> None:
    with VirtualClock(datetime(2026, 3, 6, 12, 0, 0, 1234, tzinfo=UTC)), working_for("abc-1", "somebody"):
        logs.get_logger("backend").info("sync.finished", duration_ms=12.5, route="/api/x", status=200, work_orders=60)
    line = logged(folder, "backend")[0]
    for name in ("pid", "host", "version"):
        assert line.pop(name)
    assert line == {
        "ts": "2026-03-06T12:00:00.001Z",
        "level": "info",
        "category": "backend",
        "component": "backend.tests.telemetry",
        "event": "sync.finished",
        "message": "Sync finished",
        "request_id": "abc-1",
        "user_id": "somebody",
        "route": "/api/x",
        "status": 200,
        "duration_ms": 12.5,
        "data": {"work_orders": 60},
    }


def test_the_component_is_the_callers_package(folder: Path) -> None:
    from app.accounts.service import log as of_accounts
    from app.main import log as of_main

    of_main.info("server.said")
    of_accounts.info("sign_in.said")
    assert [line["component"] for line in logged(folder, "backend")] == ["main", "accounts"]


def test_the_id_of_a_request_goes_with_everything_and_nobody_has_none(folder: Path) -> None:
    log = logs.get_logger("backend")
    log.info("before.anything")
    with working_for("req-1"):
        log.info("first.said")
        note_user("somebody")
        log.info("second.said")
        with working_for("req-2"):
            log.info("third.said")
    log.info("after.everything")
    said = [(line["request_id"], line.get("user_id")) for line in logged(folder, "backend")]
    assert said == [("-", None), ("req-1", "somebody"), ("req-1", "somebody"), ("req-2", None), ("-", None)]
    assert request_id() == ""


def test_a_command_has_an_id_of_its_own(folder: Path) -> None:
    import contextvars

    def run() -> str:
        fresh = begin_run()
        logs.get_logger("backend").info("command.began")
        return fresh

    ids = [contextvars.copy_context().run(run) for _ in range(2)]
    assert [line["request_id"] for line in logged(folder, "backend")] == ids
    assert len(set(ids)) == 2


def test_an_exception_tells_its_type_and_if_wanted_its_stack(folder: Path) -> None:
    log = logs.get_logger("backend")
    try:
        raise LookupError("nothing there")
    except LookupError as error:
        log.warning("found.nothing", error=error)
        log.error("found.nothing", exc_info=error)
        log.exception("found.nothing")
    log.error("found.nothing", error="KeyError('x')")
    told = [line["error"] for line in logged(folder, "backend")]
    assert told[0] == {"type": "LookupError", "message": "nothing there"}
    assert told[3] == {"type": "KeyError", "message": "KeyError('x')"}
    for one in told[1:3]:
        assert one["stack"].rstrip().endswith("LookupError: nothing there")
        assert "test_logs.py" in one["stack"]
    assert check_lines(folder) == 4 + 3


def test_what_is_logged_is_what_it_was_at_that_moment(folder: Path) -> None:
    names = ["one"]
    logs.get_logger("backend").info("list.said", names=names)
    names.append("two")
    assert logged(folder, "backend")[0]["data"] == {"names": ["one"]}


def test_lines_of_libraries_arrive_too(folder: Path) -> None:
    logging.getLogger("somebody.else").warning("careful with password=%s", "hunter2")
    logging.getLogger("somebody.else").error("bad %s format", exc_info=ValueError("no"))
    first, second = logged(folder, "backend")
    assert (first["component"], first["event"]) == ("somebody", "somebody.else.warning")
    assert first["message"] == f"careful with password={HIDDEN}"
    assert (second["level"], second["error"]["type"]) == ("error", "ValueError")
    check_lines(folder)


def test_errors_and_security_are_on_the_disk_at_once_with_all_that_was_said_before(folder: Path) -> None:
    log = logs.get_logger("backend")
    for urgent in ("error", "security", "audit"):
        log.info("said.before")
        if urgent == "error":
            log.error("something.broke")
        else:
            logs.get_logger("security" if urgent == "security" else "audit").info("something.seen")
    written = [
        orjson.loads(line)["event"] for path in folder.rglob("*.jsonl") for line in path.read_bytes().splitlines()
    ]
    assert sorted(written) == ["said.before"] * 3 + ["something.broke"] * 2 + ["something.seen"] * 2


def test_other_lines_are_on_the_disk_soon_without_being_asked_for(folder: Path) -> None:
    import time

    logs.get_logger("backend").info("said.quietly")
    path = folder / "backend"
    deadline = time.monotonic() + 10
    while not list(path.glob("*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.005)
    assert logged(folder, "backend")[0]["event"] == "said.quietly"


def test_a_folder_that_cannot_be_written_is_said_once_counted_and_stops_nobody(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    logs.set_up(blocked)
    before = logs.stats()
    for _ in range(3):
        logs.get_logger("backend").error("still.alive")
    assert capsys.readouterr().err.count("cannot be written") == 1
    after = logs.stats()
    assert (after.dropped - before.dropped, after.lines - before.lines) == (3, 0)


def test_what_was_logged_is_counted(folder: Path) -> None:
    before = logs.stats()
    with VirtualClock(datetime(2026, 3, 6, tzinfo=UTC)):
        logs.get_logger("backend").info("line.one")
        logs.get_logger("backend").error("line.two")
    after = logs.stats()
    assert after.lines - before.lines == 2
    assert after.bytes - before.bytes == sum(path.stat().st_size for path in folder.rglob("*.jsonl"))
    assert after.last_line_at == datetime(2026, 3, 6, tzinfo=UTC)


def test_a_check_of_the_lines_sees_what_is_wrong(folder: Path) -> None:
    logs.get_logger("backend").info("fine.line")
    assert check_lines(folder) == 1
    path = next((folder / "backend").glob("*.jsonl"))
    good = path.read_bytes()
    for bad in (
        good.replace(b'"level":"info"', b'"level":"INFO"'),
        good.replace(b'"request_id":"-",', b""),
        good.replace(b'"category":"backend"', b'"category":"automation"'),
        good.replace(b'"pid"', b'"unknown"'),
        good.replace(b":", b": ", 1),
        good + b'{"half":',
        good[:-1],
        b"plain text\n",
    ):
        path.write_bytes(bad)
        with pytest.raises((AssertionError, ValueError)):
            check_lines(folder)
