"""``fossawork batch …`` where no engine is needed: what is printed, for people and for programs, and the exit codes."""

import csv
import io
import itertools
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from app.batches import service
from app.batches.models import Batch
from app.batches.schemas import BatchState, VisitState
from app.cli import app
from app.commands.output import out
from app.database import Database
from app.kit.clock import VirtualClock
from backend.tests.batches.home import NOW, bring_home
from backend.tests.conftest import Person

_SECONDS = itertools.count()  # each command comes a second later than the last
Handed = list[tuple[str, str, str]]


@pytest.fixture(autouse=True)
def handed(monkeypatch: pytest.MonkeyPatch) -> Handed:
    """What was handed to the engine."""
    calls: Handed = []
    monkeypatch.setattr("app.commands.batches.enqueue", lambda *call: calls.append(call))
    monkeypatch.setattr(out, "_width", 160)  # whatever the terminal is
    return calls


@pytest.fixture(autouse=True)
def at_home(sqlite: Database, person: Person) -> None:
    bring_home(sqlite, person)


def _run(*arguments: str, code: int = 0) -> str:
    """Standard output of the command, which must end with this exit code."""
    with VirtualClock(NOW + timedelta(seconds=next(_SECONDS))):
        result = CliRunner().invoke(app, ["batch", *arguments])
    assert result.exit_code == code, result.output
    return result.stdout if code == 0 or "--json" in arguments else result.output


def _json(*arguments: str, code: int = 0) -> Any:
    return json.loads(_run(*arguments, "--json", code=code))


def _start(*visits: int) -> str:
    return str(_json("start", *map(str, visits or (501, 502, 503)), "--no-wait")["id"])


def _begin(database: Database, batch_id: str) -> None:
    """The engine takes the batch up and works on its first visit."""
    with database.write() as db:
        batch = service.begin_turn(db, service.turn_of(db.get_one(Batch, batch_id)))
        assert batch is not None
        service.visits_of(db, [batch.id])[batch.id][0].state = VisitState.running.value


# --- start ------------------------------------------------------------------------------------------------------------


def test_a_batch_can_be_left_to_the_server(handed: Handed, person: Person) -> None:
    batch = _json("start", "503", "501", "--no-wait")
    assert [visit["visit_id"] for visit in batch["visits"]] == [503, 501]
    assert (batch["state"], batch["asked_by"]) == ("queued", "command line")
    assert handed == [("form_run", f"{batch['id']}.1", person.id)]


@pytest.mark.parametrize(
    ("arguments", "visits"),
    [(["--today"], [501, 502]), (["--week"], [501, 502, 503]), (["--week", "--of", "2026-03-06"], [501, 502, 503])],
)
def test_today_and_a_week_can_be_named(arguments: list[str], visits: list[int]) -> None:
    batch = _json("start", *arguments, "--no-wait")
    assert [visit["visit_id"] for visit in batch["visits"]] == visits


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ([], "invalid"),
        (["501", "501"], "invalid"),
        (["501", "--today"], "invalid"),
        (["--week", "--of", "2026-05-01"], "no_visits"),
        (["999"], "not_found"),
    ],
)
def test_what_cannot_be_prepared_is_refused(handed: Handed, arguments: list[str], error: str) -> None:
    told = _json("start", *arguments, "--no-wait", code=1)
    assert told["error"]["code"] == error
    assert told["error"].keys() == {"kind", "code", "detail", "action"}
    assert handed == _json("list") == []


def test_arguments_that_are_none_are_a_usage_error() -> None:
    _run("start", "tomorrow", code=2)
    _run("start", "--week", "--of", "04.03.2026", code=2)
    _run("list", "--state", "done", code=2)


# --- show and list ----------------------------------------------------------------------------------------------------


def test_a_batch_is_shown_by_its_id_or_as_the_newest() -> None:
    first, second = _start(501), _start(502)
    assert _json("show")["id"] == second
    assert _json("show", first)["id"] == first
    assert _json("show", second) == _json("show")
    plain = _run("show")
    assert plain.splitlines()[0] == f"1 chosen visit · queued · {second}"
    assert "502" in plain and "#2" in plain and "Wed 04 Mar" in plain and "waiting" in plain


def test_what_went_wrong_is_shown(sqlite: Database) -> None:
    batch_id = _start(501)
    with sqlite.write() as db:
        batch = db.get_one(Batch, batch_id)
        batch.error_detail, batch.error_action = "The portal [changed].", "Send the page [/now]."
        service.visits_of(db, [batch_id])[batch_id][0].reason = "1/2: two forms [/x]"
    plain = _run("show")
    assert "The portal [changed]. Send the page [/now]." in plain
    assert "1/2: two forms [/x]" in plain


def test_a_name_in_brackets_is_only_a_name(sqlite: Database) -> None:
    batch_id = _start(501)
    with sqlite.write() as db:
        db.get_one(Batch, batch_id).name = "[/bold] Monday [red]"
    assert _run("show").startswith("[/bold] Monday [red] · queued")
    assert "[/bold] Monday [red]" in _run("list")


def test_no_batch_yet_is_said_and_is_no_success() -> None:
    assert _json("list") == []
    for command in ("show", "pause", "resume", "skip", "stop", "retry"):
        assert _json(command, code=1)["error"]["code"] == "no_batch"
    assert "fossawork batch start --today makes one." in _run("show", code=1)


def test_the_list_has_filters_a_table_and_csv() -> None:
    stopped = _start(501, 502)
    _run("stop", stopped)
    queued = _start(503)
    assert {batch["id"] for batch in _json("list")} == {stopped, queued}
    assert [batch["id"] for batch in _json("list", "--state", "stopped")] == [stopped]
    assert [batch["id"] for batch in _json("list", "--search", "503")] == [queued]
    assert len(_json("list", "--since", "2026-03-04", "--until", "2026-03-04")) == 2
    assert _json("list", "--since", "2026-03-05") == []
    plain = _run("list")
    assert "2 chosen visits" in plain and "0 of 2" in plain and "2026-03-04 15:" in plain
    lines = list(csv.DictReader(io.StringIO(_run("list", "--csv", "--search", "501"))))
    assert [(line["visit"], line["visit_state"]) for line in lines] == [("501", "stopped"), ("502", "stopped")]


def test_a_batch_says_as_much_as_the_api_does(sqlite: Database) -> None:
    _start(501)
    batch = _json("show")
    assert batch.keys() >= {
        "id",
        "name",
        "state",
        "asked_at",
        "wake_at",
        "wake_why",
        "eta_seconds",
        "visits",
        "actions",
    }
    assert batch["visits"][0].keys() >= {"visit_id", "work_id", "store", "date", "state", "reason", "forms", "verified"}
    assert [(action["who"], action["action"]) for action in batch["actions"]] == [("command line", "start")]


# --- steering ---------------------------------------------------------------------------------------------------------


def test_pause_and_resume(sqlite: Database, handed: Handed) -> None:
    batch_id = _start()
    assert _json("pause", batch_id)["state"] == "paused"
    assert _json("pause", batch_id, code=1)["error"]["code"] == "not_now"
    assert _json("resume", batch_id, "--no-wait")["state"] == "queued"
    assert handed[-1][1] == f"{batch_id}.3"
    _begin(sqlite, batch_id)
    assert _json("pause")["state"] == "pausing", "its worker has to come to a stop first"
    assert _json("resume", "--no-wait")["state"] == "running"
    assert len(handed) == 2


def test_skip_takes_the_named_visit_or_the_next() -> None:
    _start()
    assert [v["state"] for v in _json("skip", "--visit", "503")["visits"]] == ["waiting", "waiting", "skipped"]
    skipped = _json("skip")["visits"]
    assert [v["state"] for v in skipped] == ["skipped", "waiting", "skipped"]
    assert skipped[0]["reason"] == "Skipped by command line."
    assert _json("skip", "--visit", "503", code=1)["error"]["code"] == "not_now"


def test_stop_is_an_end() -> None:
    batch_id = _start(501)
    plain = _run("stop", batch_id)
    assert plain.startswith("1 chosen visit · stopped")
    for command in ("pause", "skip", "stop"):
        assert _json(command, batch_id, code=1)["error"]["code"] == "not_now"
    assert _json("resume", batch_id, "--no-wait", code=1)["error"]["code"] == "not_now"


def test_retry_makes_a_new_batch_of_what_is_not_done_or_of_everything(sqlite: Database) -> None:
    batch_id = _start()
    assert _json("retry", batch_id, "--no-wait", code=1)["error"]["code"] == "not_now"
    with sqlite.write() as db:
        service.visits_of(db, [batch_id])[batch_id][0].state = VisitState.done.value
        service.end(db, db.get_one(Batch, batch_id), BatchState.stopped, None)
    failed, everything = _json("retry", batch_id, "--no-wait"), _json("retry", batch_id, "--all", "--no-wait")
    assert [visit["visit_id"] for visit in failed["visits"]] == [502, 503]
    assert [visit["visit_id"] for visit in everything["visits"]] == [501, 502, 503]
    assert failed["retry_of"] == everything["retry_of"] == batch_id


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_with_several_users_it_must_be_said_whose_is_meant(add_person: Callable[..., Person]) -> None:
    batch_id = _start(501)
    add_person("other@example.com")
    assert _json("list", code=1)["error"]["code"] == "which_user"
    assert [batch["id"] for batch in _json("list", "--user", "tech@example.com")] == [batch_id]
    assert _json("list", "--user", "other@example.com") == []
    assert _json("show", batch_id, "--user", "other@example.com", code=1)["error"]["code"] == "not_found"
    assert _json("stop", batch_id, "--user", "other@example.com", code=1)["error"]["code"] == "not_found"
    assert _json("list", "--user", "nobody@example.com", code=1)["error"]["code"] == "no_user"
