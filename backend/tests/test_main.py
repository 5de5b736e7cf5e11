"""The application as a whole: health, errors, protection of every route, headers, the UI's files."""

import inspect
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError

from app.config import get_settings
from app.database import Database
from app.main import create_app
from backend.tests.conftest import Person
from backend.tests.log_lines import logged

OPEN_ROUTES = {
    ("get", "/api/health"),
    ("get", "/api/health/live"),
    ("get", "/api/health/ready"),
    ("get", "/api/setup"),
    ("post", "/api/setup/owner"),
    ("post", "/api/setup/sandbox"),
    ("post", "/api/auth/sign-in"),
    ("post", "/api/auth/refresh"),
    ("post", "/api/auth/sign-out"),
    ("post", "/api/logs"),
}


def _routes(client: TestClient) -> list[tuple[str, str]]:
    paths = client.app.openapi()["paths"]  # type: ignore[attr-defined]
    return [(method, path) for path, methods in paths.items() for method in methods]


def test_every_route_but_the_open_ones_wants_a_token(client: TestClient) -> None:
    routes = _routes(client)
    assert set(routes) >= OPEN_ROUTES
    for method, path in routes:
        if (method, path) in OPEN_ROUTES:
            continue
        filled = (
            path.replace("{visit_id}", "1").replace("{work_id}", "1").replace("{sync_id}", "x").replace("{run_id}", "x")
        )
        body: dict[str, str] | None = {} if method in ("post", "put", "patch") else None
        answer = client.request(method, filled, json=body)
        assert answer.status_code == 401, (method, path)


def test_every_route_documents_its_errors_as_problems(client: TestClient) -> None:
    for path, methods in client.app.openapi()["paths"].items():  # type: ignore[attr-defined]
        for method, operation in methods.items():
            for status, response in operation["responses"].items():
                if int(status) >= 400 and not path.startswith("/api/health"):
                    assert list(response["content"]) == ["application/problem+json"], (method, path, status)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/api/none", 404), ("DELETE", "/api/health", 405)])
def test_unknown_addresses_and_methods_are_problems_too(
    client: TestClient, method: str, path: str, status: int
) -> None:
    answer = client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["reference"] == answer.headers["x-request-id"]


def test_an_address_with_a_character_that_cannot_be_stored_is_refused(client: TestClient, person: Person) -> None:
    for address, where in (
        ("/api/operations/incidents/a%00b", "path"),
        ("/api/operations/alerts/%00", "path"),
        ("/%00", "path"),
        ("/api/operations/notifications?about=alert:%00", "query"),
    ):
        answer = client.get(address, headers=person.headers)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), address
        assert [error["field"] for error in answer.json()["errors"]] == [where]
        assert answer.json()["reference"] == answer.headers["x-request-id"]
    said = client.get("/api/operations/notifications?about=alert:%2500", headers=person.headers)
    assert said.status_code == 200, "a percent sign and two noughts are three characters"


def test_text_that_cannot_be_stored_is_refused_by_the_name_of_its_field(client: TestClient, person: Person) -> None:
    new = {"title": "No\x00power", "priority": "p3", "kind": "system_down"}
    silence = {"rule": "db_down", "ends_at": "2999-01-01T00:00:00Z", "comment": "known\x00trouble"}
    for address, body, field in (
        ("incidents", new, "title"),
        ("incidents/INC-1/notes", {"text": "\x00"}, "text"),
        ("incidents/INC-1/updates", {"template": "declaration", "fields": {"done": "\x00"}}, "fields"),
        ("silences", silence, "comment"),
    ):
        answer = client.post(f"/api/operations/{address}", json=body, headers=person.headers)
        assert answer.status_code == 422, address
        assert [error["field"] for error in answer.json()["errors"]] == [field]
        assert "U+0000" in answer.json()["detail"]
    assert client.get("/api/operations/incidents", headers=person.headers).json()["items"] == []


def test_an_unforeseen_error_says_nothing_about_its_inside(
    client: TestClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret inside")

    monkeypatch.setattr("app.work.service.read_weeks", fail)
    answer = client.get("/api/week", headers=person.headers)
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret inside" not in answer.text
    (line,) = logged(get_settings().logs, "errors")
    assert line["request_id"] == answer.json()["reference"]
    assert (line["route"], line["error"]["message"]) == ("/api/week", "secret inside")


def test_a_busy_database_is_told_as_busy(client: TestClient, person: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("database is locked"))

    monkeypatch.setattr("app.work.service.read_weeks", busy)
    answer = client.get("/api/week", headers=person.headers)
    assert answer.status_code == 503
    assert "busy" in answer.json()["detail"]


def test_pages_may_load_nothing_from_elsewhere(client: TestClient) -> None:
    headers = client.get("/api/health").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


def test_the_built_ui_is_served_for_every_page_address(sqlite: Database, tmp_path: Path) -> None:
    folder = tmp_path / "ui"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>FossaWork</title>")
    (folder / "assets" / "app.js").write_text("1")
    (tmp_path / "secret.txt").write_text("not for the web")
    get_settings().ui = folder
    client = TestClient(create_app(), raise_server_exceptions=False)
    assert "FossaWork" in client.get("/").text
    assert "FossaWork" in client.get("/visits/128719/forms").text
    assert client.get("/assets/app.js").text == "1"
    assert client.get("/api/none").status_code == 404
    assert "not for the web" not in client.get("/..%2fsecret.txt").text


def test_endpoints_that_touch_the_database_do_not_block_the_event_loop(client: TestClient) -> None:
    for route in client.app.routes:  # type: ignore[attr-defined]
        endpoint = getattr(route, "endpoint", None)
        if endpoint is not None and getattr(route, "path", "").startswith("/api/") and "openapi" not in route.path:
            assert not inspect.iscoroutinefunction(endpoint), route.path
