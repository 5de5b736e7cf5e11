"""What the performance monitor says when something cannot be measured, and of what was kept."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import get_settings
from app.database import get_database, get_operations_database
from app.operations.tools import performance_monitor, performance_rules
from backend.tests.kit.dripping import dripping
from backend.tests.operations.tools.answering import Answering, answering, health


@pytest.fixture(autouse=True)
def quick_and_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine may be as busy as it wants."""
    monkeypatch.setattr(performance_monitor, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(performance_rules, "LIMITS", {})


@pytest.fixture
def databases(home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    get_database().migrate()
    get_operations_database().migrate()


@pytest.fixture
def server(databases: None) -> Iterator[Answering]:
    with answering() as fake:
        fake.says("/api/health", 200, health())
        fake.says("/api/setup", 200, {"needed": False})
        yield fake


def _measure(capsys: pytest.CaptureFixture[str], url: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    code = performance_monitor.main(["--json", "--base-url", url, "--timeout", "5", *arguments])
    return code, json.loads(capsys.readouterr().out)


def test_what_is_measured_and_crosses_nothing_is_ok(server: Answering, capsys: pytest.CaptureFixture[str]) -> None:
    code, told = _measure(capsys, server.url)
    assert (code, told["exit_code"]) == (0, 0), told["unmeasured"]
    assert {"health", "setup", "query_runs", "query_figures"}.isdisjoint(told["unmeasured"])
    assert performance_monitor.main(["--alerts", "--base-url", server.url]) == 0
    assert capsys.readouterr().out == "No threshold is crossed.\n"


def test_a_dead_server_is_no_good_news_though_its_database_is_there(
    databases: None, capsys: pytest.CaptureFixture[str]
) -> None:
    code, told = _measure(capsys, "http://127.0.0.1:9")
    assert (code, told["exit_code"]) == (3, 3)
    assert performance_monitor.main(["--alerts", "--base-url", "http://127.0.0.1:9"]) == 3
    assert "The server does not answer, and could not be measured: health, setup." in capsys.readouterr().out


@pytest.mark.parametrize("status", [404, 500, 502, 503])
def test_a_server_that_only_fails_is_not_measured(
    server: Answering, capsys: pytest.CaptureFixture[str], status: int
) -> None:
    server.says("/api/health", status, {"quick": True})
    code, told = _measure(capsys, server.url)
    assert (code, "health" in told["unmeasured"]) == (1, True), "one of two"
    server.says("/api/setup", status, {"quick": True})
    assert _measure(capsys, server.url)[0] == 3


def test_queries_that_cannot_be_made_are_a_warning_and_named(
    server: Answering, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for database in (get_database(), get_operations_database()):
        database.close()
    (home / "app.db").write_bytes(b"no database")
    (home / "operations.db").unlink()
    assert _measure(capsys, server.url)[0] == 1
    assert performance_monitor.main(["--alerts", "--base-url", server.url]) == 1
    told = capsys.readouterr().out
    assert "Not measured: query_users, query_work_orders, query_runs, query_figures." in told
    assert "No threshold" not in told


def test_a_server_that_drips_is_not_waited_for_longer_than_asked(
    databases: None, capsys: pytest.CaptureFixture[str]
) -> None:
    with dripping() as url:
        assert _measure(capsys, url, "--timeout", "0.3")[0] == 3


def test_databases_are_where_the_settings_say(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/else.db")
    monkeypatch.setenv("FOSSAWORK_OPERATIONS_DATABASE_URL", f"sqlite:///{tmp_path}/other.db")
    get_settings.cache_clear()
    queries = {"query_users", "query_work_orders", "query_runs", "query_figures"}
    assert queries <= set(_measure(capsys, "http://127.0.0.1:9")[1]["unmeasured"])
    assert not (tmp_path / "else.db").exists(), "looking makes none"
    get_database().migrate()
    get_operations_database().migrate()
    assert not queries & set(_measure(capsys, "http://127.0.0.1:9")[1]["unmeasured"])


@pytest.mark.parametrize("content", [b"[1]", b"{", b'{"health": "fast"}', b'"x"', b"\xff"])
def test_a_damaged_baseline_is_said_and_not_used(
    server: Answering, home: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    (home / "performance").mkdir()
    (home / "performance" / "baseline.json").write_bytes(content)
    (home / "performance" / "samples.jsonl").write_bytes(b'[{"name":"health","unit":"seconds","value":"x"}]\n[1]\n17\n')
    (home / "server.json").write_text("[1]")
    assert performance_monitor.main(["--base-url", server.url, "--alerts"]) == 0
    assert "baseline.json is damaged and not used" in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        performance_monitor.main(["--base-url", server.url, "--baseline", "compare"])
    assert ended.value.code == 64
    assert performance_monitor.main(["--base-url", server.url, "--baseline", "save"]) == 0
    capsys.readouterr()
    assert _measure(capsys, server.url, "--baseline", "compare")[1]["baseline"].keys() >= {"health", "setup"}
