"""``fossawork incident …``: what is printed, for people and for programs, and the exit codes; also without the application's
database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.commands.output import operator, out
from app.database import Database
from app.kit.clock import VirtualClock
from backend.tests.operations.oncall.home import NOW


@pytest.fixture(autouse=True)
def ready(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(out, "_width", 200)  # whatever the terminal is
    with VirtualClock(NOW):
        yield


def run(*arguments: str, code: int = 0) -> str:
    result = CliRunner().invoke(app, ["incident", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout if "--json" in arguments else result.output


def as_json(*arguments: str, code: int = 0) -> Any:
    return json.loads(run(*arguments, "--json", code=code))


def opened(title: str = "The portal refuses sign-ins") -> str:
    made: dict[str, str] = as_json("open", title, "--priority", "p1", "--impact", "Nobody gets new visits.")
    return made["id"]


def test_an_incident_from_its_opening_to_its_document(tmp_path: Path) -> None:
    assert run("list") == "No incident is open.\n"
    incident = opened()
    assert f"{incident}  P1" in run("list")

    as_json("note", incident, "The portal shows a captcha.")
    changed = as_json("set", incident, "root_cause=The portal asks = who we are.", "commander=Ann")
    assert (changed["root_cause"], changed["commander"]) == ("The portal asks = who we are.", "Ann")
    assert run("move", incident, "contained", "--note", "Syncs are paused.") == f"{incident} is contained.\n"
    as_json("action", incident, "Ask for an interface", "--owner", "Bob", "--days", "7")
    taken = as_json("evidence", incident)
    assert taken["files"] and all(Path(taken["folder"]).is_dir() for _ in taken["files"])

    story = run("show", incident)
    assert "Called L1, ops team: nobody can be reached." in story, "who declares a P1 calls people"
    assert f"{operator()}: The portal shows a captcha." in story
    assert "To close it: " in story
    document = tmp_path / "post-mortem.md"
    run("post-mortem", incident, "--output", str(document))
    assert "The portal asks = who we are." in document.read_text()
    assert "Ask for an interface" in run("post-mortem", incident)


def test_a_message_is_refused_while_a_field_is_missing() -> None:
    incident = opened()
    error = as_json("update", incident, "status_update", "done=We looked.", code=1)["error"]
    assert "doing" in json.dumps(error)
    told = as_json("update", incident, "status_update", "done=We looked.", "doing=We wait.", "next_update=At noon.")
    assert "Now: We wait." in told["body"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["show", "nobody"], "not_found"),
        (["open", ""], "invalid"),
        (["set", "{id}", "root_cause"], "invalid"),
        (["set", "{id}", "cause=The disk was full."], "invalid"),
        (["set", "{id}", "responders=Ann"], "invalid"),
        (["update", "{id}", "status_update", "We looked."], "invalid"),
        (["update", "{id}", "nothing"], "not_found"),
        (["move", "{id}", "merged"], "invalid"),
        (["move", "{id}", "merged", "--into", "nobody"], "not_found"),
        (["action", "{id}", "", "--owner", "Ann"], "invalid"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: list[str], code: str) -> None:
    incident = opened()
    error = as_json(*(part.format(id=incident) for part in arguments), code=1)["error"]
    assert error["code"] == code
    assert error["detail"] and error["action"]


def test_it_works_while_the_applications_database_is_garbage(home: Path) -> None:
    (home / "app.db").write_bytes(b"garbage" * 1000)
    incident = opened()
    assert f"{incident}  P1" in run("list")
