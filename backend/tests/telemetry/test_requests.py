"""Every request and WebSocket has an id, from outside or ours: in the answer whatever it is, and in the lines of the log."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from app.accounts import limits
from app.config import get_settings
from app.telemetry import logs
from app.telemetry.requests import RequestLog
from backend.tests.conftest import Person
from backend.tests.log_lines import check_lines, logged


def _last(category: str = "performance") -> dict[str, Any]:
    return logged(get_settings().logs, category)[-1]


@pytest.mark.parametrize("sent", ["abc", "e2e.run-1_X", "a" * 64, "7f"])
def test_a_well_formed_id_is_taken_over(client: TestClient, sent: str) -> None:
    answer = client.get("/api/health", headers={"X-Request-Id": sent})
    assert answer.headers.get_list("x-request-id") == [sent]
    assert _last()["request_id"] == sent


@pytest.mark.parametrize("sent", ["", "a" * 65, "with space", "-", "../etc", 'quo"te', "semi;colon", "é"])
def test_any_other_is_replaced_by_one_of_ours(client: TestClient, sent: str) -> None:
    answer = client.get("/api/health", headers={b"X-Request-Id": sent.encode()})
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["x-request-id"])
    assert _last()["request_id"] == answer.headers["x-request-id"]


def test_ids_are_different(client: TestClient) -> None:
    assert len({client.get("/api/health").headers["x-request-id"] for _ in range(20)}) == 20


def test_refusals_bear_the_id_in_header_body_and_log(client: TestClient, person: Person) -> None:
    get_settings().requests_per_minute = 3
    limits.forget_all()
    for path, headers, status in (
        ("/api/week", {}, 401),
        ("/api/none", person.headers, 404),
        ("/api/visits/x", person.headers, 422),
        ("/api/week", person.headers, 200),
        ("/api/week", person.headers, 429),
    ):
        answer = client.get(path, headers={**headers, "X-Request-Id": f"try-{status}"})
        assert answer.status_code == status
        assert answer.headers["x-request-id"] == f"try-{status}"
        if status >= 400:
            assert answer.json()["reference"] == f"try-{status}"
        assert (_last()["request_id"], _last()["status"]) == (f"try-{status}", status)


def test_a_line_has_the_routes_template_and_who_it_was_and_nothing_that_was_typed(
    client: TestClient, person: Person
) -> None:
    client.get("/api/visits/4711?note=typed-by-a-person", headers=person.headers)
    line = _last()
    assert (line["event"], line["method"], line["route"]) == ("http.request", "GET", "/api/visits/{visit_id}")
    assert (line["status"], line["user_id"], line["ip"]) == (404, person.id, "testclient")
    assert line["duration_ms"] > 0
    assert "4711" not in str(line)
    assert "typed" not in str(line)
    client.get("/api/health")
    assert "user_id" not in _last()
    check_lines(get_settings().logs)


@pytest.fixture
def small(home: Path, tmp_path: Path) -> TestClient:
    """An application of one WebSocket and one stream."""
    app = FastAPI()

    @app.websocket("/api/socket/{name}")
    async def _socket(socket: WebSocket, name: str) -> None:
        if name == "refused":
            await socket.close(1008)
            return
        await socket.accept()
        logs.get_logger("backend").info("socket.opened")
        await socket.send_text(name)
        if name == "broken":
            raise RuntimeError("in the middle")
        await socket.close()

    @app.get("/api/stream")
    def _stream() -> StreamingResponse:
        return StreamingResponse(iter(["data: 1\n\n"]), media_type="text/event-stream")

    app.add_middleware(RequestLog)
    return TestClient(app)


def test_a_websocket_has_an_id_too(small: TestClient) -> None:
    with small.websocket_connect("/api/socket/one", headers={"X-Request-Id": "sock-1"}) as socket:
        assert (b"x-request-id", b"sock-1") in (socket.extra_headers or [])
        assert socket.receive_text() == "one"
    line = _last()
    assert (line["request_id"], line["method"], line["status"]) == ("sock-1", "WEBSOCKET", 101)
    assert line["route"] == "/api/socket/{name}"
    assert "duration_ms" not in line
    assert _last("backend")["request_id"] == "sock-1"


def test_a_refused_websocket_is_logged_as_refused(small: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect), small.websocket_connect("/api/socket/refused"):
        pass
    assert _last()["status"] == 403


def test_a_broken_websocket_is_an_error(small: TestClient) -> None:
    def talk() -> None:
        with small.websocket_connect("/api/socket/broken") as socket:
            socket.receive_text()
            socket.receive_text()

    with pytest.raises(RuntimeError):
        talk()
    assert _last("errors")["event"] == "request.failed"


def test_a_stream_has_no_duration(small: TestClient) -> None:
    small.get("/api/stream")
    line = _last()
    assert "duration_ms" not in line
    assert line["data"]["open_ms"] >= 0


def test_lines_of_a_job_bear_the_id_of_the_request_that_asked(
    client: TestClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.activity.service import request_of

    handed: list[str] = []
    take: Callable[..., None] = lambda workflow, job_id, user_id: handed.append(job_id)  # noqa: E731
    monkeypatch.setattr("app.connection.endpoints.enqueue", take)
    body = {"portal": "workfossa", "username": "tech@example.com", "password": "a password"}
    answer = client.post("/api/portal-link", json=body, headers={**person.headers, "X-Request-Id": "asked-1"})
    assert answer.status_code == 202
    assert handed == [answer.json()["job_id"]]
    assert request_of(handed[0]) == "asked-1"
