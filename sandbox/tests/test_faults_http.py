"""Faults of the answers themselves, seen by a plain HTTP client; who is meant, and how often."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx2 as httpx
import pytest

from sandbox import faults
from sandbox.forms import FormError
from sandbox.server import SandboxServer

from .helpers import TECH1, TECH2, jobs, visit_path


@pytest.fixture
def client(portal: SandboxServer) -> Iterator[httpx.Client]:
    """A signed-in client that follows no redirects."""
    session = portal.world.start_session(TECH1)
    headers = {"Cookie": f"workfossa_session={session.token}", "X-CSRF-TOKEN": session.csrf}
    with httpx.Client(base_url=portal.url, headers=headers, timeout=5) as opened:
        yield opened


def test_server_errors_come_as_often_as_asked(portal: SandboxServer, client: httpx.Client) -> None:
    portal.control.fault("http_500", times=2, kind="list")
    assert client.get("/app/work/list").status_code == 200
    assert [client.get("/xhr/work/list").status_code for _ in range(3)] == [500, 500, 200]
    portal.control.fault("http_429", path="^/app/fleet", retry_after=7)
    answer = client.get("/app/fleet-inventory")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "7") and "Too Many Requests" in answer.text
    assert client.get("/app/fleet-inventory").status_code == 200


def test_an_unlimited_fault_stays_until_cleared(portal: SandboxServer, client: httpx.Client) -> None:
    portal.control.fault("http_500", times=None, page="list")
    assert [client.get("/app/work/list").status_code for _ in range(3)] == [500] * 3
    portal.control.clear_faults()
    assert client.get("/app/work/list").status_code == 200


def test_a_fault_can_mean_one_account(portal: SandboxServer, client: httpx.Client) -> None:
    portal.control.fault("http_500", user=TECH2)
    assert client.get("/app/work/list").status_code == 200
    other = portal.world.start_session(TECH2)
    answer = httpx.get(f"{portal.url}/app/work/list", headers={"Cookie": f"workfossa_session={other.token}"})
    assert answer.status_code == 500


def test_a_hanging_answer_never_comes(portal: SandboxServer, client: httpx.Client) -> None:
    portal.control.fault("hang", kind="visit")
    path = f"/xhr{visit_path(jobs(portal)[0])[4:-1]}"
    with pytest.raises(httpx.ReadTimeout):
        client.get(path, timeout=0.3)
    assert client.get(path).status_code == 200


def test_slow_is_slow_once(portal: SandboxServer, client: httpx.Client) -> None:
    portal.control.fault("slow", kind="fleet", ms=300)
    started = time.perf_counter()
    client.get("/xhr/fleet")
    middle = time.perf_counter()
    client.get("/xhr/fleet")
    assert middle - started >= 0.3 and middle - started > time.perf_counter() - middle


def test_a_session_ends_after_so_many_requests(portal: SandboxServer, client: httpx.Client) -> None:
    portal.control.fault("session_expired", user=TECH1, after=3)
    answers = [client.get("/app/work/list").text for _ in range(4)]
    assert ["login-form" in text for text in answers] == [False, False, False, True]
    assert client.get("/xhr/fleet").status_code == 401


def test_a_login_page_may_come_although_the_session_lives(portal: SandboxServer, client: httpx.Client) -> None:
    portal.control.fault("login_page", path="/app/work/list$")
    answer = client.get("/app/work/list")
    assert answer.status_code == 200 and "login-form" in answer.text and "set-cookie" not in answer.headers
    assert "login-form" not in client.get("/app/work/list").text
    portal.control.fault("foreign_page", status=503)
    answer = client.get("/app/dashboard")
    assert answer.status_code == 503 and "login-form" not in answer.text and "app-footer" not in answer.text


@pytest.mark.parametrize(
    ("fault", "mode", "stored"),
    [("create_fails", None, 0), ("create_answer_lost", "502", 1), ("create_answer_lost", "cut", 1)],
)
def test_a_created_form_can_fail_or_lose_its_answer(
    portal: SandboxServer, client: httpx.Client, fault: str, mode: str | None, stored: int
) -> None:
    portal.control.fault(fault, times=1, match={"mode": mode} if mode else {})
    path = f"/xhr{visit_path(jobs(portal)[0])[4:]}forms"
    if mode == "cut":
        with pytest.raises(httpx.RemoteProtocolError):
            client.post(path, json={"template": "AccuMeasure"})
    else:
        status = client.post(path, json={"template": "AccuMeasure"}).status_code
        assert status == (502 if mode else 500)
    assert portal.control.counts()["kinds"].get("create_form", 0) == stored
    assert client.post(path, json={"template": "AccuMeasure"}).status_code == 200
    assert portal.control.counts()["kinds"]["create_form"] == stored + 1


def test_a_write_needs_the_current_token(portal: SandboxServer, client: httpx.Client) -> None:
    path = f"/xhr{visit_path(jobs(portal)[0])[4:]}forms"
    portal.control.options(redeploy=True)
    assert client.post(path, json={"template": "AccuMeasure"}).status_code == 419
    assert httpx.post(portal.url + path, json={}).status_code == 401
    assert portal.control.counts()["writes"] == 0
    assert client.get("/build/js/app.4f1c0a9e.js").status_code == 404


def test_nonsense_is_refused_without_a_write(portal: SandboxServer, client: httpx.Client) -> None:
    entry = next(iter(portal.world.state.forms.values()))
    base = f"/xhr/form-entries/{entry.id}/sections"
    before = portal.world.state.forms[entry.id].model_dump()
    for path, body in (
        (f"{base}/536", {}),
        (f"{base}/571", {"readings": []}),
        (f"{base}/536/iterations/99", {}),
        (f"{base}/536/iterations/0", {"field[4857]": "9"}),
        (f"{base}/537", {}),
        (f"{base}/537/readings/add", {}),
        (f"{base}/537/readings/delete", {"reading": 1_000_000}),
    ):
        assert client.post(path, json=body).status_code in (404, 422), path
    assert client.get("/xhr/form-entries/1/sections/first").status_code == 404
    assert client.get(f"{base}/999").status_code == 404
    assert portal.control.counts()["writes"] == 0 and portal.world.state.forms[entry.id].model_dump() == before


def test_chance_hits_some_and_repeats(portal: SandboxServer, client: httpx.Client) -> None:
    def run(**match: Any) -> list[int]:
        portal.control.clear_faults()
        portal.control.fault("http_500", None, kind="list", **match)
        return [client.get("/xhr/work/list").status_code for _ in range(40)]

    first = run(chance=0.3)
    assert 3 <= first.count(500) <= 25 and set(first) == {200, 500}
    assert run(chance=0.3) == first
    assert run(chance=0.3, seed=1) != first and run(chance=0.3, seed=1) == run(chance=0.3, seed=1)
    assert set(run(chance=0)) == {200} and set(run(chance=1)) == {500}
    portal.control.reset(seed=8)
    portal.control.fault("http_500", 2, kind="list", chance=0.5)
    assert portal.world.state.faults[0].rolls == 0


def test_a_refused_save_of_readings_stores_nothing(portal: SandboxServer) -> None:
    order = jobs(portal)[0]
    entry = portal.control.prepare_form(order.id, portal.world.state.locations[order.location_id].dispensers[0].numbers)
    first, second = entry.readings[:2]
    rows: list[Mapping[str, Any]] = [{"id": first.id, "start": "0"}, {"id": second.id, "procedure": "Poem"}]
    with pytest.raises(FormError):
        portal.world.save_readings(order.technician, entry.id, rows)
    assert first.start == "" and portal.control.counts()["writes"] == 0


def test_the_log_names_each_reading_that_was_touched(portal: SandboxServer) -> None:
    order = jobs(portal)[0]
    card = portal.world.state.locations[order.location_id].dispensers[0]
    entry = portal.control.prepare_form(order.id, card.numbers)
    side, grade = card.sides[-1], card.grades[0]
    index = portal.world.add_reading(order.technician, entry.id, side, grade)
    row: dict[str, Any] = {"id": entry.readings[index].id, "procedure": "Meter Sealed", "flow": "2", "start": "0"}
    portal.world.save_readings(order.technician, entry.id, [row])
    portal.world.delete_reading(order.technician, entry.id, row["id"])
    added, saved, deleted = (write["values"] for write in portal.control.writes())
    assert (added["side"], added["grade"], added["procedure"]) == (side, grade, None)
    assert [(r["side"], r["grade"], r["procedure"]) for r in saved["readings"]] == [(side, grade, "Meter Sealed")]
    assert (deleted["reading"], deleted["side"], deleted["procedure"]) == (row["id"], side, "Meter Sealed")


def test_only_known_faults_and_keys_can_be_armed(portal: SandboxServer) -> None:
    for name, times, match in (
        ("gremlins", 1, {}),
        ("http_500", 0, {}),
        ("http_500", 1, {"selector": "x"}),
        ("rename", 1, {"what": "everything"}),
        ("http_500", 1, {"chance": 1.5}),
    ):
        with pytest.raises(ValueError):
            faults.arm(portal.world, name, times, match)
    assert portal.world.state.faults == []
    assert set(faults.KINDS) <= set(faults.FAULTS)
