"""Portal credentials: sealed in the database, in no answer, bound to their row."""

import pytest
from fastapi.testclient import TestClient

from app.accounts import links
from app.accounts.models import PortalLink
from app.accounts.schemas import LinkState, PortalKind
from app.database import Database
from app.kit.envelope import CannotDecrypt
from backend.tests.conftest import Person

SECRET = "the portal's own password"


def _store(database: Database, user_id: str) -> None:
    with database.write() as db:
        links.store(db, user_id, PortalKind.workfossa, "tech@portal.test", SECRET, check_id="check")
        links.remember_browser_state(db, user_id, '{"cookies": [{"value": "session-cookie"}]}')


def test_credentials_are_sealed_at_rest_and_open_for_their_user(sqlite: Database, person: Person) -> None:
    _store(sqlite, person.id)
    with sqlite.read() as db:
        row = db.get_one(PortalLink, person.id)
        stored = " ".join(str(value) for value in vars(row).values())
        assert SECRET not in stored
        assert "session-cookie" not in stored
        opened = links.unseal(db, person.id)
        assert (opened.username, opened.password) == ("tech@portal.test", SECRET)
        assert SECRET not in repr(opened)


def test_a_row_copied_to_another_user_does_not_open(sqlite: Database, person: Person, add_person) -> None:  # type: ignore[no-untyped-def]
    other = add_person("other@example.com")
    _store(sqlite, person.id)
    _store(sqlite, other.id)
    with sqlite.write() as db:
        db.get_one(PortalLink, other.id).password_sealed = db.get_one(PortalLink, person.id).password_sealed
    with sqlite.read() as db, pytest.raises(CannotDecrypt):
        links.unseal(db, other.id)


def test_no_route_tells_the_credentials(client: TestClient, sqlite: Database, person: Person) -> None:
    _store(sqlite, person.id)
    endless = ("/api/events", "/api/operations/logs/stream")
    known = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    for path in [path for path in known if "{" not in path and path not in endless]:
        answer = client.get(path, headers=person.headers)
        assert SECRET not in answer.text
        assert "tech@portal.test" not in answer.text
    assert client.get("/api/portal-link", headers=person.headers).json()["username_hint"] == "t…@portal.test"


def test_refused_credentials_forget_the_portals_session(sqlite: Database, person: Person) -> None:
    _store(sqlite, person.id)
    with sqlite.write() as db:
        links.settle(db, person.id, LinkState.rejected, code="credentials_rejected")
    with sqlite.read() as db:
        assert links.unseal(db, person.id).browser_state is None


def test_new_credentials_forget_the_session_of_the_former_account(sqlite: Database, person: Person) -> None:
    _store(sqlite, person.id)
    with sqlite.write() as db:
        links.store(db, person.id, PortalKind.workfossa, "new@portal.test", SECRET, check_id="other")
    with sqlite.read() as db:
        assert links.unseal(db, person.id).browser_state is None


def test_removing_the_link_leaves_nothing(client: TestClient, sqlite: Database, person: Person) -> None:
    _store(sqlite, person.id)
    assert client.delete("/api/portal-link", headers=person.headers).status_code == 204
    assert client.get("/api/portal-link", headers=person.headers).json()["state"] == "none"
    with sqlite.read() as db, pytest.raises(links.NoLink):
        links.unseal(db, person.id)
