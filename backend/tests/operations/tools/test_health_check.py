"""What the health check makes of who answers, and of what is around the server."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import get_settings
from app.database import get_database
from app.operations.tools import health_check
from app.operations.tools.common import sqlite_file
from backend.tests.kit.dripping import dripping
from backend.tests.operations.tools.answering import Answering, answering, health


@pytest.fixture
def server(home: Path) -> Iterator[Answering]:
    home.mkdir(parents=True)
    with answering() as fake:
        fake.says("/api/health", 200, health())
        yield fake


def _check(
    capsys: pytest.CaptureFixture[str], server: Answering, *arguments: str, code: int | None = None
) -> dict[str, Any]:
    """The tool's document; its exit code is ``code``."""
    found = health_check.main(["--json", "--base-url", server.url, *arguments])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert code is None or found == code, told["issues"]
    return told


def test_a_well_server_is_ok_and_its_parts_are_named(server: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    assert _check(capsys, server, code=0)["status"] == "ok"
    assert _check(capsys, server, "--component", "database", code=0)["components"][0]["name"] == "database"
    with pytest.raises(SystemExit) as ended:
        health_check.main(["--base-url", server.url, "--component", "none"])
    assert ended.value.code == 64


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (500, {"components": []}),
        (503, health()),
        (200, health("failed")),
        (200, {"components": []}),
        (200, {"status": "UP", "components": {"db": {}}}),
        (200, [{"id": 1}]),
        (200, "abc"),
        (200, None),
        (200, health("ok", cpu="splendid")),
        (200, b"<html>somebody else</html>"),
    ],
    ids=str,
)
def test_who_is_not_fossawork_is_not_believed(
    server: Answering, capsys: pytest.CaptureFixture[str], status: int, said: Any
) -> None:
    server.says("/api/health", status, said)
    told = _check(capsys, server, code=2)
    assert (told["status"], told["reachable"]) == ("failed", True)
    assert f"answers {status}, but not as FossaWork does" in told["issues"][0]
    asked = _check(capsys, server, "--component", "database", code=2)
    assert [part["name"] for part in asked["components"]] == ["api"]


def test_a_sick_server_is_believed(server: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    server.says("/api/health", 503, health("failed", database="failed"))
    assert "database: does not work; operators see why in Operations" in _check(capsys, server, code=2)["issues"]
    server.says("/api/health", 200, health("degraded", cpu="degraded"))
    _check(capsys, server, code=1)
    _check(capsys, server, "--fail-on", "error", code=0)


def test_who_drips_holds_no_check(server: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    with dripping() as url:
        told = _check(capsys, server, "--timeout", "0.3", "--frontend-url", url, code=1)
        assert "frontend: The UI does not answer (no answer within 0.3 s)." in told["issues"]
        server.url = url
        dead = _check(capsys, server, "--timeout", "0.3", "--component", "api", code=3)
    assert dead["issues"] == [f"api: No answer within 0.3 s from {url}."]


def test_the_database_file_is_where_the_settings_say(
    server: Answering, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "else where.db"
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{elsewhere}")
    get_settings.cache_clear()
    asked = ("--comprehensive", "--component", "database_file")
    told = _check(capsys, server, *asked, code=2)
    assert told["issues"] == [f"database_file: There is no database file {elsewhere}."]
    get_database().migrate()
    assert _check(capsys, server, *asked, code=0)["components"][0]["words"] == "The database file is sound."
    get_database().close()
    elsewhere.write_bytes(b"no database")
    _check(capsys, server, *asked, code=2)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@nowhere.example/none")
    get_settings.cache_clear()
    assert sqlite_file(get_settings().sqlalchemy_url) is None


@pytest.mark.parametrize("content", ["[1]", '"x"', '{"pid": "17"}', '{"pid": -17, "created": 1}'])
def test_a_damaged_record_of_the_process_is_unknown(
    server: Answering, home: Path, capsys: pytest.CaptureFixture[str], content: str
) -> None:
    (home / "server.json").write_text(content)
    told = _check(capsys, server, code=1)
    assert told["issues"] == [
        "process: What the server wrote of itself (server.json) is damaged: which process it is cannot be told."
    ]
