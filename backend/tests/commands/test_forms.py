"""What ``fossawork forms`` prints of a plan and of errors: all of it, and no text is taken for markup."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.accounts.models import User
from app.cli import app
from app.commands.forms import print_plan
from app.commands.output import out
from app.database import Database
from app.forms import service
from app.work import store
from backend.tests.conftest import Person
from backend.tests.forms.home import NOW, VISIT, bring_home, seen
from backend.tests.forms.proof import add_run
from backend.tests.work.records import dispenser


def _printed(database: Database, person: Person, capsys: pytest.CaptureFixture[str]) -> str:
    with database.read() as db:
        print_plan(service.read_plan(db, db.get_one(User, person.id), VISIT)[0])
    return capsys.readouterr().out


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(out, "_width", 300)  # whatever the terminal is


def test_station_types_and_readings_are_shown_before_a_run(
    sqlite: Database, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_home(sqlite, person, customer="Example Fuels")
    with sqlite.write() as db:
        cards = [
            dispenser(1, 2),
            dispenser(3, 4, model=None),
            dispenser(5, 6, make="Bennett"),
            dispenser(7, 8, make="Wayne", model="Ovation"),
        ]
        store.store_location(db, person.id, 77, cards, NOW)
    seen(sqlite, person)
    printed = _printed(sqlite, person, capsys)
    lines = {line.split()[0]: line for line in printed.splitlines() if line[:1].isdigit()}
    assert "26 · Gilbarco 500/700 " in lines["1/2"] and "(check)" not in lines["1/2"]
    assert "26 · Gilbarco 500/700 (check)" in lines["3/4"], "no model: the rule had to assume something"
    assert "0 · Not chosen (check)" in lines["5/6"]
    assert "30 · Gilbarco 300 / Wayne " in lines["7/8"]
    assert "Which readings 5/6 need is not known" in printed


def test_what_the_instructions_leave_open_is_asked(
    sqlite: Database, person: Person, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_home(sqlite, person, instructions="#3 Super Premium only, #15 [/bold] too")
    with sqlite.write() as db:
        from app.work.models import WorkOrder

        order = db.query(WorkOrder).one()
        order.services = [{**order.services[0], "code": "2862", "quantity": 1}]
    seen(sqlite, person)
    printed = _printed(sqlite, person, capsys)
    assert "? 3/4 does not sell Super Premium (it has Regular, Plus, Premium). Which grade is meant?" in printed
    assert "“#15”" in printed


def test_an_error_is_told_as_it_is(sqlite: Database, person: Person) -> None:
    result = CliRunner().invoke(app, ["batch", "list", "--user", "[/red]@example.com"])
    assert result.exit_code == 1
    assert "There is no user [/red]@example.com." in result.output


def test_the_evidence_is_written_as_a_pdf_or_it_is_said_that_there_is_none(
    sqlite: Database, person: Person, tmp_path: Path
) -> None:
    bring_home(sqlite, person)
    seen(sqlite, person)
    path = tmp_path / "proof.pdf"
    none = CliRunner().invoke(app, ["forms", "report", str(VISIT), "--to", str(path), "--json"])
    assert (none.exit_code, json.loads(none.stdout)["error"]["code"]) == (1, "not_found")
    assert not path.exists()
    add_run(sqlite, person, at=NOW)
    made = CliRunner().invoke(app, ["forms", "report", str(VISIT), "--to", str(path), "--json"])
    assert json.loads(made.stdout) == {"visit_id": VISIT, "path": str(path)}
    assert path.read_bytes().startswith(b"%PDF")
