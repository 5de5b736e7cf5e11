"""The form routes without a browser: what may be asked, by whom, and in which state."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.batches import service as batches
from app.database import Database
from app.forms import runs, service
from app.forms.models import FormRun, LedgerEntry
from app.forms.schemas import PlanChoices
from app.portal.records import VisitForm
from app.work.models import Visit
from backend.tests.conftest import Person
from backend.tests.forms.home import PROVERS, VISIT, Handed, seen


def test_a_plan_needs_a_look_at_the_portal_first(
    client: TestClient, person: Person, visit: str, handed: Handed
) -> None:
    assert client.get(f"{visit}/plan", headers=person.headers).json()["code"] == "not_checked"
    job = client.post(f"{visit}/check", headers=person.headers)
    assert job.status_code == 202
    assert handed == [("visit_check", job.json()["job_id"], person.id)]


def test_a_run_is_the_plan_that_was_shown_with_the_persons_choices(
    client: TestClient, sqlite: Database, person: Person, visit: str, handed: Handed
) -> None:
    seen(sqlite, person, VisitForm(9, "AccuMeasure", "1/2 Regular", (1, 2), "In Progress", "/f/9"))
    plan = client.get(f"{visit}/plan", headers=person.headers).json()
    assert [(form["dispenser"], form["action"]) for form in plan["forms"]] == [("1/2", "resume"), ("3/4", "create")]
    choice = {"dispenser": "3/4", "grade": "Plus", "metered": True, "prover_id": PROVERS[2].prover_id}
    run = client.post(
        f"{visit}/runs", headers=person.headers, json={"digest": plan["digest"], "choices": {"grades": [choice]}}
    )
    assert run.status_code == 202
    steps = {step["label"]: step for step in run.json()["forms"][1]["steps"]}
    assert steps["Plus"]["wanted"] == f"meter · Top · {PROVERS[2].prover_id}"
    assert steps["Plus"]["state"] == "waiting"
    assert handed[-1][:2] == ("form_run", f"{run.json()['batch_id']}.1")
    assert client.get(f"{visit}/runs", headers=person.headers).json()["items"][0]["id"] == run.json()["id"]
    with sqlite.read() as db:
        assert db.scalars(select(LedgerEntry)).first() is not None
        assert db.scalars(select(Visit)).one().forms_wanted == 2


def test_an_old_plan_and_a_second_run_are_refused(
    client: TestClient, sqlite: Database, person: Person, visit: str
) -> None:
    seen(sqlite, person)
    digest = client.get(f"{visit}/plan", headers=person.headers).json()["digest"]
    old = client.post(f"{visit}/runs", headers=person.headers, json={"digest": "0" * 16})
    assert (old.status_code, old.json()["code"]) == (409, "plan_changed")
    assert client.post(f"{visit}/runs", headers=person.headers, json={"digest": digest}).status_code == 202
    again = client.post(f"{visit}/runs", headers=person.headers, json={"digest": digest})
    assert (again.status_code, again.json()["code"]) == (409, "run_active")


def test_a_run_that_has_not_started_stops_at_once_and_stays_stopped(
    client: TestClient, sqlite: Database, person: Person, visit: str
) -> None:
    seen(sqlite, person)
    digest = client.get(f"{visit}/plan", headers=person.headers).json()["digest"]
    run_id = client.post(f"{visit}/runs", headers=person.headers, json={"digest": digest}).json()["id"]
    stopped = client.post(f"/api/form-runs/{run_id}/stop", headers=person.headers).json()
    assert stopped["state"] == "stopped"
    assert {form["verdict"] for form in stopped["forms"]} == {"not_done"}
    assert client.post(f"/api/form-runs/{run_id}/stop", headers=person.headers).json() == stopped
    with sqlite.read() as db:
        assert batches.for_the_engine(db) == []


def test_a_plan_with_nothing_to_do_cannot_be_run(
    client: TestClient, sqlite: Database, person: Person, visit: str
) -> None:
    seen(
        sqlite,
        person,
        VisitForm(8, "AccuMeasure", "1/2", (1, 2), "Complete", "/f/8"),
        VisitForm(9, "AccuMeasure", "3/4", (3, 4), "Complete", "/f/9"),
    )
    plan = client.get(f"{visit}/plan", headers=person.headers).json()
    assert (plan["can_run"], plan["already_done"]) == (False, 2)
    refused = client.post(f"{visit}/runs", headers=person.headers, json={"digest": plan["digest"]})
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_run")


def test_the_database_itself_refuses_a_second_active_run(sqlite: Database, person: Person, visit: str) -> None:
    seen(sqlite, person)
    with sqlite.write() as db:
        user = db.get_one(User, person.id)
        view, _ = service.read_plan(db, user, VISIT)
        runs.request_run(db, user, VISIT, view.digest, PlanChoices(), "test", batch_id="a")
        with pytest.raises(runs.RunActive):
            runs.request_run(db, user, VISIT, view.digest, PlanChoices(), "test", batch_id="b")
        assert len(list(db.scalars(select(FormRun)))) == 1


def test_what_belongs_to_somebody_else_does_not_exist(
    client: TestClient, sqlite: Database, person: Person, visit: str, add_person: Callable[..., Person]
) -> None:
    seen(sqlite, person)
    digest = client.get(f"{visit}/plan", headers=person.headers).json()["digest"]
    run_id = client.post(f"{visit}/runs", headers=person.headers, json={"digest": digest}).json()["id"]
    other = add_person("other@example.com").headers
    asked = [
        client.post(f"{visit}/check", headers=other),
        client.get(f"{visit}/plan", headers=other),
        client.post(f"{visit}/runs", headers=other, json={"digest": digest}),
        client.get(f"{visit}/runs", headers=other),
        client.get(f"/api/form-runs/{run_id}", headers=other),
        client.post(f"/api/form-runs/{run_id}/stop", headers=other),
    ]
    assert [answer.status_code for answer in asked] == [404] * 6
    assert client.get(f"/api/form-runs/{run_id}", headers=person.headers).json()["state"] == "queued"
