"""Provers: proposed once, set by a person, never shared."""

from collections.abc import Callable
from datetime import UTC, date, datetime

from fastapi.testclient import TestClient

from app.database import Database
from app.portal.records import ProverRow
from app.provers.service import store_provers
from backend.tests.conftest import Person

NOW = datetime(2026, 3, 2, tzinfo=UTC)
ROWS = [ProverRow(f"21-6543{n}-0{n}", f"S{n}", "Seraphin", "5 Gallon", date(2026, 9, n)) for n in (1, 2, 3)]


def _store(database: Database, person: Person, rows: list[ProverRow] = ROWS) -> None:
    with database.write() as db:
        store_provers(db, person.id, rows, NOW)


def test_new_provers_get_positions_as_a_proposal(client: TestClient, sqlite: Database, person: Person) -> None:
    _store(sqlite, person)
    items = client.get("/api/provers", headers=person.headers).json()["items"]
    assert [(item["position"], item["confirmed"], item["preferred"][0]) for item in items] == [
        (1, False, "Regular"),
        (2, False, "Premium"),
        (3, False, "Diesel"),
    ]


def test_what_a_person_set_stays_through_the_next_sync(client: TestClient, sqlite: Database, person: Person) -> None:
    _store(sqlite, person)
    change = [{"prover_id": row.prover_id, "position": 4 - n, "preferred": ["Diesel"]} for n, row in enumerate(ROWS, 1)]
    body = {"items": change, "auto_position_ethanol_free": False}
    saved = client.put("/api/provers", headers=person.headers, json=body).json()
    assert saved["auto_position_ethanol_free"] is False
    _store(sqlite, person)
    items = client.get("/api/provers", headers=person.headers).json()["items"]
    assert [item["prover_id"] for item in items] == [row.prover_id for row in reversed(ROWS)]
    assert all(item["confirmed"] and item["preferred"] == ["Diesel"] for item in items)


def test_a_prover_that_vanished_is_not_offered_and_comes_back_as_it_was(
    client: TestClient, sqlite: Database, person: Person
) -> None:
    _store(sqlite, person)
    _store(sqlite, person, ROWS[:2])
    assert len(client.get("/api/provers", headers=person.headers).json()["items"]) == 2
    _store(sqlite, person)
    assert len(client.get("/api/provers", headers=person.headers).json()["items"]) == 3


def test_a_list_that_is_not_the_users_is_refused(
    client: TestClient, sqlite: Database, person: Person, add_person: Callable[..., Person]
) -> None:
    _store(sqlite, person)
    one = {"prover_id": ROWS[0].prover_id, "position": 1, "preferred": []}
    assert client.put("/api/provers", headers=person.headers, json={"items": [one]}).status_code == 422
    other = add_person("other@example.com")
    assert client.get("/api/provers", headers=other.headers).json()["items"] == []
    assert client.put("/api/provers", headers=other.headers, json={"items": [one]}).status_code == 422
