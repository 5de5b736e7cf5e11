"""Health as probes and operators see it."""

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from fastapi.testclient import TestClient

from app.database import get_database
from app.operations.health.service import keeper
from app.telemetry import heartbeat
from backend.tests.conftest import Person


@pytest.fixture(autouse=True)
def _jobs_are_taken_up() -> Iterator[None]:
    heartbeat.beat("engine")
    yield
    heartbeat.stop("engine")


def test_health_is_open_and_says_nothing_but_states(client: TestClient) -> None:
    answer = client.get("/api/health")
    assert answer.status_code == 200
    health = answer.json()
    assert health["database"] == "ok"
    assert health["status"] in ("ok", "degraded")
    assert all(part["words"] is None and part["data"] is None for part in health["components"])


def test_operators_are_told_more_technicians_and_strangers_are_not(
    client: TestClient, person: Person, add_person: Callable[..., Person]
) -> None:
    other = add_person("two@example.com")
    told = client.get("/api/health", headers=person.headers).json()
    assert all(part["words"] for part in told["components"])
    for headers in (other.headers, {"Authorization": "Bearer nonsense"}):
        answer = client.get("/api/health", headers=headers)
        assert answer.status_code == 200
        assert answer.json()["components"][0]["words"] is None


@pytest.mark.parametrize("path", ["/api/health", "/health", "/api/health/ready"])
def test_a_dead_database_is_a_503(client: TestClient, home: Path, path: str) -> None:
    assert client.get(path).status_code == 200
    get_database().close()
    (home / "app.db").write_bytes(b"no database any more" * 500)
    for leftover in ("app.db-wal", "app.db-shm"):
        (home / leftover).unlink(missing_ok=True)
    keeper.forget()
    answer = client.get(path)
    assert (answer.status_code, answer.json()["status"], answer.json()["database"]) == (503, "failed", "failed")
    assert client.get("/api/health/live").status_code == 200, "the process itself lives"


def test_readiness_looks_at_the_critical_parts_alone(client: TestClient) -> None:
    health = client.get("/api/health/ready").json()
    assert {part["name"] for part in health["components"]} == {
        *("database", "operations_database", "auth", "filesystem", "scheduler"),
    }
    assert health["status"] == "ok"
    heartbeat.stop("engine")
    keeper.forget()
    answer = client.get("/api/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "failed"), "nobody takes up jobs"


def test_health_is_not_limited_like_other_routes(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from app.config import get_settings

    get_settings().requests_per_minute = 10
    for path in ("/api/health", "/api/health/live", "/api/health/ready"):
        assert {client.get(path).status_code for _ in range(15)} == {200}


def test_who_asks_is_answered_from_what_is_known(client: TestClient) -> None:
    first = client.get("/api/health").json()
    second = client.get("/api/health").json()
    assert second["age_seconds"] >= first["age_seconds"]
    assert second["launch"] == first["launch"]


@pytest.mark.parametrize("path", ["/api/health", "/api/health/live", "/api/health/ready", "/health"])
def test_who_asks_for_the_head_gets_it_and_no_body(address: str, path: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(f"HEAD {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        head, end, body = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")
    assert (head.split(b" ")[1], end, body) == (b"200", b"\r\n\r\n", b"")
    assert b"content-type: application/json" in head.lower()
    assert httpx.post(f"{address}{path}", trust_env=False).status_code == 405
