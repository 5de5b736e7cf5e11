"""The control API over HTTP: off unless asked for, and the same operations as in process."""

from __future__ import annotations

import httpx2 as httpx
import pytest

from sandbox.server import SandboxServer

from .helpers import TECH1, TODAY, jobs


def test_without_control_there_is_nothing(portal: SandboxServer) -> None:
    with SandboxServer(seed=7, today=TODAY) as plain:
        for path in ("state", "writes", "counts", "requests"):
            assert httpx.get(f"{plain.control_url}/{path}").status_code == 404
    assert httpx.get(f"{portal.control_url}/state").status_code == 200


def test_everything_can_be_read_back(portal: SandboxServer) -> None:
    order = jobs(portal)[0]
    entry = portal.world.create_form(TECH1, order.id, order.visits[0].id, "AccuMeasure")
    card = portal.world.cards(entry)[0]
    portal.world.save_first(TECH1, entry.id, {"equipment": card.id, "field[4855]": "1"})
    state = httpx.get(f"{portal.control_url}/state").json()
    assert state["technicians"][0]["password"] == "sandbox-1" and state["now"].startswith("2025-06-18")
    stored = state["forms"][str(entry.id)]
    assert stored["equipment"] == card.numbers and len(stored["readings"]) == 8 * len(card.grades)
    assert len(state["work_orders"]) > 240
    writes = httpx.get(f"{portal.control_url}/writes").json()["writes"]
    assert [(w["kind"], w["user"], w["entry_id"]) for w in writes] == [
        ("create_form", TECH1, entry.id),
        ("save_section", TECH1, entry.id),
    ]
    assert httpx.get(f"{portal.control_url}/counts").json()["sections"] == {f"{entry.id}/first": 1}
    assert httpx.get(f"{portal.control_url}/requests").json()["total"] == 0


def test_faults_latency_clock_and_options(portal: SandboxServer) -> None:
    with httpx.Client(base_url=f"{portal.control_url}/") as client:
        body = {"fault": "http_500", "times": 1, "match": {"kind": "login"}}
        assert client.post("faults", json=body).json()["fault"] == "http_500"
        assert len(client.get("faults").json()["armed"]) == 1
        assert httpx.get(portal.url).status_code == 500
        client.post("faults", json={"fault": "hang", "times": None})
        assert client.request("DELETE", "faults").status_code == 200
        assert httpx.get(portal.url).status_code == 200
        assert client.post("latency", json={"save": {"min_ms": 1, "max_ms": 2}}).json() == {
            "save": {"min_ms": 1, "max_ms": 2}
        }
        assert client.post("clock", json={"now": "2025-07-01T08:00:00"}).json()["now"].startswith("2025-07-01T08:00")
        assert client.post("clock", json={"advance_seconds": 86400}).json()["now"].startswith("2025-07-02")
        options = client.post("options", json={"remember_page_size": True, "redeploy": True}).json()
        assert options["remember_page_size"] and portal.world.state.build.number == 1


def test_schedule_forms_sessions_and_reset(portal: SandboxServer) -> None:
    order = jobs(portal)[0]
    with httpx.Client(base_url=f"{portal.control_url}/") as client:
        moved = client.post("schedule", json={"op": "move", "work_id": order.id, "day": "2025-09-01"})
        assert moved.json() == {"work_ids": [order.id]} and order.visits[0].date.month == 9
        numbers = portal.world.state.locations[order.location_id].dispensers[0].numbers
        made = client.post("forms", json={"work_id": order.id, "numbers": numbers, "complete": True}).json()["id"]
        assert portal.world.state.forms[made].complete
        portal.world.start_session(TECH1)
        assert client.post("sessions/expire", json={"user": TECH1}).json() == {"expired": 1}
        assert client.post("reset", json={"seed": 8}).status_code == 200
        assert portal.world.state.seed == 8 and made not in portal.world.state.forms


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("faults", {"fault": "nothing"}, 422),
        ("latency", {"moon": {"min_ms": 1, "max_ms": 1}}, 422),
        ("latency", {"list": {"min_ms": -1, "max_ms": 1}}, 422),
        ("options", {"unknown": 1}, 422),
        ("clock", {"now": "yesterday"}, 422),
        ("schedule", {"op": "explode"}, 422),
        ("schedule", {"op": "remove", "work_id": 1}, 404),
        ("forms", {"work_id": 1}, 404),
        ("reset", [1], 422),
    ],
)
def test_wrong_requests_are_refused_with_a_reason(portal: SandboxServer, path: str, body: object, status: int) -> None:
    answer = httpx.post(f"{portal.control_url}/{path}", json=body)
    assert answer.status_code == status and answer.json()["detail"]
