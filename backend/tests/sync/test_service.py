"""Asking for a sync, its history, and what becomes of one that the engine gave up."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient

from app.accounts import links
from app.accounts.schemas import LinkState, PortalKind
from app.connection.failures import INTERRUPTED, Failure
from app.database import Database
from app.kit.problems import FailureKind
from app.sync import service, workflows
from app.sync.models import SyncRun
from app.work.service import data_age
from backend.tests.conftest import Person


@pytest.fixture
def linked(sqlite: Database, person: Person, monkeypatch: pytest.MonkeyPatch) -> Person:
    monkeypatch.setattr("app.sync.endpoints.enqueue", lambda *_: None)
    with sqlite.write() as db:
        links.store(db, person.id, PortalKind.workfossa, "tech@portal.test", "secret", check_id="c")
        links.settle(db, person.id, LinkState.linked)
    return person


def test_without_a_link_it_says_what_to_do(client: TestClient, person: Person) -> None:
    answer = client.post("/api/syncs", headers=person.headers, json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "no_link")
    status = client.get("/api/sync-status", headers=person.headers).json()
    assert status["can_run"] is False
    assert "Settings" in status["why_not"]


def test_one_at_a_time_and_the_history_pages(client: TestClient, sqlite: Database, linked: Person) -> None:
    ids = []
    for _ in range(3):
        answer = client.post("/api/syncs", headers=linked.headers, json={})
        assert answer.status_code == 202
        ids.append(answer.json()["id"])
        assert client.post("/api/syncs", headers=linked.headers, json={}).json()["code"] == "already_running"
        with sqlite.write() as db:
            service.begin(db, ids[-1])
            service.settle(db, ids[-1], None)
    first = client.get("/api/syncs?limit=2", headers=linked.headers).json()
    second = client.get(
        "/api/syncs", params={"limit": 2, "cursor": first["next_cursor"]}, headers=linked.headers
    ).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ids[::-1]
    assert second["next_cursor"] is None


def test_a_run_that_is_over_stays_as_it_ended(sqlite: Database, linked: Person) -> None:
    with sqlite.write() as db:
        run = service.request_sync(db, linked.id, "test")
        service.begin(db, run.id)
        service.settle(db, run.id, INTERRUPTED)
    with sqlite.write() as db:
        assert service.begin(db, run.id) is None
        assert service.settle(db, run.id, None) is None
        assert db.get_one(SyncRun, run.id).state == "failed"
        assert data_age(db, linked.id).state == "failing"


def test_a_run_that_the_engine_gave_up_is_ended_honestly(
    sqlite: Database, linked: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite.write() as db:
        run = service.request_sync(db, linked.id, "test")
    handed: list[str] = []
    monkeypatch.setattr(workflows, "enqueue", lambda _workflow, job_id, _user: handed.append(job_id))
    monkeypatch.setattr(workflows, "engine_gave_up", lambda _: False)
    workflows.take_up()
    assert handed == [run.id]
    monkeypatch.setattr(workflows, "engine_gave_up", lambda _: True)
    workflows.take_up()
    with sqlite.read() as db:
        ended = db.get_one(SyncRun, run.id)
        assert (ended.state, ended.error_code) == ("failed", "interrupted")
        assert service.active_sync(db, linked.id) is None


def test_credentials_refused_in_the_middle_of_a_job_are_not_tried_again(sqlite: Database, linked: Person) -> None:
    refused = Failure(FailureKind.auth, "credentials_rejected", "The portal refused them.", "Enter them again.")
    with sqlite.write() as db:
        run = service.request_sync(db, linked.id, "test")
        service.settle(db, run.id, refused)
    with sqlite.write() as db, pytest.raises(service.LinkNotUsable, match="refused"):
        service.request_sync(db, linked.id, "test")


def test_somebody_elses_sync_does_not_exist(
    client: TestClient, linked: Person, add_person: Callable[..., Person]
) -> None:
    mine = client.post("/api/syncs", headers=linked.headers, json={}).json()["id"]
    other = add_person("other@example.com")
    assert client.get(f"/api/syncs/{mine}", headers=linked.headers).status_code == 200
    assert client.get(f"/api/syncs/{mine}", headers=other.headers).status_code == 404


def test_refused_credentials_are_told_before_anything_starts(
    client: TestClient, sqlite: Database, linked: Person
) -> None:
    with sqlite.write() as db:
        links.settle(db, linked.id, LinkState.rejected, detail="WorkFossa refused them.", action="Enter them again.")
    answer = client.post("/api/syncs", headers=linked.headers, json={})
    assert (answer.status_code, answer.json()["code"]) == (409, "link_not_usable")
    assert answer.json()["action"] == "Enter them again."
