"""Logs: JSON lines by category and day, without secrets, and never a reason to fail."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.clock import VirtualClock
from app.telemetry import logs
from app.telemetry.redaction import HIDDEN, redact, redact_text


def _lines(folder: Path, category: str) -> list[dict[str, object]]:
    files = sorted((folder / category).glob("*.jsonl"))
    return [orjson.loads(line) for file in files for line in file.read_bytes().splitlines()]


def test_lines_stand_by_category_and_day_and_errors_twice(home: Path, tmp_path: Path) -> None:
    with VirtualClock(datetime(2026, 3, 6, 23, 59, tzinfo=UTC)) as clock:
        logs.get_logger("automation").info("sync.started", work_orders=60)
        clock.advance(minutes=2)
        logs.get_logger("backend").error("broken", why="test")
    folder = tmp_path / "logs"
    assert (folder / "automation" / "2026-03-06.jsonl").exists()
    assert (folder / "backend" / "2026-03-07.jsonl").exists()
    assert _lines(folder, "automation")[0]["work_orders"] == 60
    assert _lines(folder, "errors") == _lines(folder, "backend")
    assert set(_lines(folder, "backend")[0]) >= {"ts", "level", "event"}


def test_lines_of_libraries_arrive_too(home: Path, tmp_path: Path) -> None:
    logging.getLogger("somebody.else").warning("careful with password=hunter2")
    line = _lines(tmp_path / "logs", "backend")[0]
    assert (line["logger"], line["event"]) == ("somebody.else", f"careful with password={HIDDEN}")


def test_a_folder_that_cannot_be_written_is_said_once_and_stops_nobody(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    logs.set_up(blocked)
    for _ in range(3):
        logs.get_logger("backend").info("still alive")
    assert capsys.readouterr().err.count("cannot be written") == 1


@pytest.mark.parametrize(
    ("value", "absent"),
    [
        ({"password": "hunter2"}, "hunter2"),
        ({"deep": [{"Authorization": "Bearer abc.def"}]}, "abc.def"),
        ({"note": "Authorization: Bearer abc.def.ghi"}, "abc.def.ghi"),
        ({"url": "postgresql://user:hunter2@host/db"}, "hunter2"),
        ({"said": "login of somebody@example.com failed"}, "somebody@"),
        ({"token": "eyJhbGciOi.eyJzdWIi.sig"}, "eyJzdWIi"),
        ({"text": "x eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc y"}, "eyJzdWIiOiIxIn0"),
    ],
)
def test_secrets_and_addresses_are_hidden(value: dict[str, object], absent: str) -> None:
    assert absent not in orjson.dumps(redact(value)).decode()


@given(st.text())
def test_hiding_is_stable(text: str) -> None:
    assert redact_text(redact_text(text)) == redact_text(text)
