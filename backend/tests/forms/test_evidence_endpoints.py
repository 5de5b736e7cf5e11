"""Pictures and the PDF of a visit, over HTTP: whose they are, and what is said when they are gone."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.database import Database
from app.forms.evidence import SHOTS, shot_path
from backend.tests.conftest import Person
from backend.tests.forms.home import seen
from backend.tests.forms.proof import add_run, png

AT = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)


@pytest.fixture
def run_id(sqlite: Database, person: Person, visit: str) -> str:
    """A finished run with pictures of both forms."""
    seen(sqlite, person)
    return add_run(sqlite, person, at=AT)


def _shots(run_id: str, position: int = 0) -> list[str]:
    return [f"/api/form-runs/{run_id}/forms/{position}/shots/{name}" for name in SHOTS]


def test_the_pictures_that_a_run_names_can_be_fetched(client: TestClient, person: Person, run_id: str) -> None:
    run = client.get(f"/api/form-runs/{run_id}", headers=person.headers).json()
    for form in run["forms"]:
        assert [shot["name"] for shot in form["evidence"]["shots"] if shot["kept"]] == list(SHOTS)
        for address in _shots(run_id, form["position"]):
            answer = client.get(address, headers=person.headers)
            assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
            assert answer.content == png()
            assert answer.headers["cache-control"].startswith("private")


def test_a_picture_that_is_gone_is_told_as_gone(client: TestClient, person: Person, run_id: str) -> None:
    shot_path(run_id, 1, "grades").unlink()
    answer = client.get(_shots(run_id, 1)[1], headers=person.headers)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert "time of keeping is over" in answer.json()["detail"]
    assert client.get(_shots(run_id, 7)[0], headers=person.headers).status_code == 404


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/form-runs/{}/forms/0/shots/passwords", 422),
        ("/api/form-runs/{}/forms/-1/shots/grades", 422),
        ("/api/form-runs/{}/forms/201/shots/grades", 422),
        ("/api/form-runs/%2e%2e/forms/0/shots/grades", 404),
        ("/api/form-runs/..%2f{}/forms/0/shots/grades", 404),
        ("/api/form-runs/{}/forms/0/shots/..%2f..%2fapp.db", 404),
    ],
)
def test_only_pictures_of_runs_are_served(
    client: TestClient, person: Person, run_id: str, address: str, status: int
) -> None:
    assert client.get(address.format(run_id), headers=person.headers).status_code == status


def test_pictures_and_report_are_their_persons_alone(
    client: TestClient, person: Person, visit: str, run_id: str, add_person: Callable[..., Person]
) -> None:
    other = add_person("other@example.com")
    for address in (*_shots(run_id), f"{visit}/report.pdf"):
        assert client.get(address).status_code == 401
        assert client.get(address, headers=other.headers).status_code == 404
        assert client.get(address, headers=person.headers).status_code == 200


def test_the_report_is_a_pdf_with_the_visits_name(client: TestClient, person: Person, visit: str, run_id: str) -> None:
    answer = client.get(f"{visit}/report.pdf", headers=person.headers)
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'inline; filename="visit-500.pdf"'
    assert answer.content.startswith(b"%PDF")


def test_without_a_prepared_form_there_is_no_report(
    client: TestClient, sqlite: Database, person: Person, visit: str
) -> None:
    seen(sqlite, person)
    answer = client.get(f"{visit}/report.pdf", headers=person.headers)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    assert answer.json()["action"] == "Prepare its forms first."
