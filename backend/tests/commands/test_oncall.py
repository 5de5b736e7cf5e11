"""``fossawork oncall …``: what is printed, for people and for programs, and the exit codes."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.commands.output import out
from app.database import Database
from app.kit.clock import VirtualClock
from backend.tests.operations.oncall.home import NOW

KEY = "u" * 29 + "K"


@pytest.fixture(autouse=True)
def ready(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(out, "_width", 200)  # whatever the terminal is
    with VirtualClock(NOW):
        yield


def run(*arguments: str, code: int = 0, stdin: str = "") -> str:
    result = CliRunner().invoke(app, ["oncall", *arguments], input=stdin)
    assert result.exit_code == code, result.output
    return result.stdout if "--json" in arguments else result.output


def as_json(*arguments: str, code: int = 0, stdin: str = "") -> Any:
    return json.loads(run(*arguments, "--json", code=code, stdin=stdin))


def add(name: str, role: str = "ops_team") -> None:
    run("add-contact", name, "--role", role, "--email", f"{name}@example.com")


def test_an_empty_plan_says_what_is_missing() -> None:
    told = run("show")
    assert "Primary    nobody until" in told
    assert "error Nobody is on call from Wed 04 Mar 2026 12:00" in told
    assert as_json("show")["primary"]["contact"] is None
    assert as_json("contacts") == [] == as_json("override", "list")


def test_contacts_are_added_confirmed_and_removed_and_their_addresses_never_shown() -> None:
    told = run("add-contact", "Ann", "--role", "ops_team", "--role", "system_admin", "--pushover-key-stdin", stdin=KEY)
    assert told == "Added Ann.\n"
    added = as_json("add-contact", "Bob", "--email", "bob@example.com", "--zone", "Europe/Berlin")
    assert (added["time_zone"], added["email_hint"]) == ("Europe/Berlin", "b…@example.com")
    shown = run("contacts")
    assert "u…uK" in shown and "never" in shown
    assert KEY not in shown and "bob@" not in shown
    assert run("verify-contact", "ann") == "Ann is confirmed.\n"
    assert "2026-03-04" in run("contacts")
    assert run("remove-contact", "Bob") == "Removed Bob.\n"
    assert [contact["name"] for contact in as_json("contacts")] == ["Ann"]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add-contact", "Ann"], "invalid"),
        (["add-contact", "Ann", "--email", "nobody"], "invalid"),
        (["add-contact", "Ann", "--email", "a@example.com", "--zone", "Mars"], "invalid"),
        (["verify-contact", "Nobody"], "not_found"),
        (["rota", "Nobody", "--first", "2026-03-02"], "not_found"),
        (["show", "--zone", "Mars/Olympus"], "invalid"),
        (["override", "add", "primary", "--from", "2026-03-05T00:00", "--until", "2026-03-04T23:00"], "invalid"),
        (["override", "remove", "x"], "not_found"),
    ],
)
def test_what_cannot_be_done_is_told(arguments: list[str], code: str) -> None:
    error = as_json(*arguments, code=1)["error"]
    assert error["code"] == code
    assert error["detail"] and error["action"]


def test_a_contact_can_be_added_once() -> None:
    add("Ann")
    assert as_json("add-contact", "Ann", "--email", "a@example.com", code=1)["error"]["code"] == "name_taken"
    run("add-contact", "Ann", "--role", "nobody", code=2)


def test_a_rota_and_what_is_agreed_differently() -> None:
    for name in ("Ann", "Bob", "Cy"):
        add(name)
    assert run("rota", "ann", "bob", "cy", "--first", "2026-03-02", "--at", "09:00") == (
        "The rota begins on 2026-03-02 at 09:00 (America/New_York).\n"
    )
    told = run("show")
    assert "Primary    Ann until Mon 09 Mar 2026 09:00" in told
    assert "Secondary  Bob until" in told
    assert "ops_team: Ann" in told and "system_admin: Ann (instead)" in told
    assert as_json("show", "--at", "2026-03-09T09:00")["primary"]["contact"]["name"] == "Bob"

    span = ["--from", "2026-03-04T00:00", "--until", "2026-03-05T00:00"]
    made = as_json("override", "add", "primary", *span, "--who", "Cy", "--kind", "leave", "--note", "Ann is ill")
    assert (made["contact"]["name"], made["starts_at"]) == ("Cy", "2026-03-04T05:00:00Z")
    assert "Primary    Cy until Thu 05 Mar 2026 00:00" in run("show")
    listed = run("override", "list")
    assert "Ann is ill" in listed and "Wed 04 Mar 2026 00:00" in listed
    assert as_json("override", "add", "primary", *span, code=1)["error"]["code"] == "overrides_overlap"
    assert "nobody yet" in run("override", "add", "secondary", *span)
    assert run("override", "remove", made["id"]) == "Removed.\n"
    assert as_json("show")["primary"]["contact"]["name"] == "Ann"


def test_who_is_secondary_can_be_said() -> None:
    for name in ("Ann", "Bob"):
        add(name)
    made = as_json("rota", "Ann", "--secondary", "Bob", "--first", "2026-03-02", "--zone", "Europe/Berlin")
    assert (made["zone"], [person["name"] for person in made["secondary"]]) == ("Europe/Berlin", ["Bob"])
