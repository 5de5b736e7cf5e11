"""``fossawork slo``, ``alert`` and ``maintenance``: what is printed, for people and for programs, and the exit codes; also
without the application's database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.commands.output import out
from app.database import Database
from app.kit.clock import VirtualClock
from app.operations.alerts.rules import RULES
from app.operations.alerts.views import rule_view
from app.watch.judge import Judge, Outage
from app.watch.memory import Memory
from backend.tests.operations.oncall.home import NOW


@pytest.fixture(autouse=True)
def ready(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(out, "_width", 200)  # whatever the terminal is
    with VirtualClock(NOW):
        yield


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, list(arguments))
    assert result.exit_code == code, result.output
    return result.stdout if "--json" in arguments else result.output


def as_json(*arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


def test_objectives_without_data_are_not_called_met() -> None:
    assert "no data" in run("slo")
    assert {item["verdict"] for item in as_json("slo")["items"]} == {"no_data"}


def test_planned_work_is_declared_listed_and_called_off() -> None:
    made = as_json("maintenance", "plan", "New disk", "--start", "2026-03-05T10:00", "--minutes", "30")
    assert (made["starts_at"], made["ends_at"]) == ("2026-03-05T10:00:00Z", "2026-03-05T10:30:00Z")
    assert "2026-03-05 10:00 – 10:30 UTC  New disk" in run("maintenance", "list")
    assert made["rules"] == ["system_down", "db_down", "scheduler_stale", "collector_stale"]
    usual = [rule.id for rule in RULES if rule_view(rule).silent_in_maintenance]
    assert made["rules"] == usual, "as the UI proposes it"
    as_json("maintenance", "end", made["id"])


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["alert", "acknowledge", "nothing"], "not_found"),
        (["alert", "resolve", "nothing", "--why", "over"], "not_found"),
        (["maintenance", "plan", ""], "invalid"),
        (["maintenance", "plan", "New disk", "--rule", "nothing"], "invalid"),
        (["maintenance", "end", "nothing"], "not_found"),
        (["watch", "--acknowledge", "Kim"], "no_outage"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: list[str], code: str) -> None:
    error = as_json(*arguments, code=1)["error"]
    assert error["code"] == code
    assert error["detail"] and error["action"]


def test_the_watcher_hears_who_looks_after_an_outage(home: Path) -> None:
    memory = Memory(home / "watch" / "watch.db")
    memory.put_judge(Judge(bad=2, outage=Outage(began=1.0, detected=2.0, reason="not reachable")))
    memory.close()
    assert as_json("watch", "--acknowledge", "Kim") == {"acknowledged": "Kim"}
    assert (home / "watch" / "acknowledged").read_text() == "Kim"


@pytest.mark.parametrize(
    "arguments", [["slo"], ["alert", "list"], ["maintenance", "list"], ["oncall", "show"], ["oncall", "hand-over"]]
)
def test_it_works_while_the_applications_database_is_garbage(home: Path, arguments: list[str]) -> None:
    (home / "app.db").write_bytes(b"garbage" * 1000)
    run(*arguments)
