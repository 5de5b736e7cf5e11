"""A run survives what happens to laptops: the process is killed, or stopped, at any moment."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.accounts import links, service
from app.accounts.schemas import LinkState, PortalKind
from app.connection.service import request_check
from app.database import Database
from backend.tests.conftest import forget_everything
from backend.tests.stack import PASSWORD, TECHNICIAN, TECHNICIAN_PASSWORD, Stack
from sandbox.server import SandboxServer
from tests.e2e.server import Server, wait_for

EMAIL = "tech@example.com"
DISPENSERS = 4


@pytest.fixture
def prepared(
    portal: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Server, Stack, int]]:
    """An installation whose database already holds one visit, and its server (not started yet)."""
    # Slow enough that a kill meets a write under way, quick enough for a test.
    portal.control.latency(save={"min_ms": 60, "max_ms": 120}, create_form={"min_ms": 60, "max_ms": 120})
    server = Server(tmp_path / "home", tmp_path / "logs")
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    forget_everything()
    database = Database(f"sqlite:///{server.home / 'app.db'}")
    database.migrate()
    with database.write() as db:
        user = service.add_user(db, EMAIL, PASSWORD)
        request_check(db, user.id, PortalKind.sandbox, TECHNICIAN, TECHNICIAN_PASSWORD, base_url=portal.url)
        links.settle(db, user.id, LinkState.linked)
    stack = Stack(database, portal, user.id)
    visit = stack.bring_home("2861", dispensers=DISPENSERS)
    yield server, stack, visit
    server.stop()
    database.close()
    forget_everything()


def _start_run(server: Server, visit: int) -> str:
    server.start()
    server.sign_in(EMAIL, PASSWORD)
    server.call("POST", f"/api/visits/{visit}/forms/check")

    def plan() -> object:
        try:
            return server.call("GET", f"/api/visits/{visit}/forms/plan")
        except AssertionError:
            return None

    digest = wait_for(plan, "the plan")["digest"]
    return str(
        server.call("POST", f"/api/visits/{visit}/forms/runs", {"digest": digest, "choices": {"readings": False}})["id"]
    )


def _finished(server: Server, run_id: str) -> dict[str, object] | None:
    run = server.call("GET", f"/api/form-runs/{run_id}")
    return run if run["state"] in ("finished", "failed", "stopped") else None


def _writes(portal: SandboxServer) -> int:
    return int(portal.control.counts()["writes"])


@pytest.mark.e2e
@pytest.mark.parametrize("moments", [(1, 3, 9), (2, 5, 14)], ids=["after-creating", "between-grades"])
def test_killed_again_and_again_every_dispenser_is_bound_exactly_once(
    prepared: tuple[Server, Stack, int], moments: tuple[int, ...]
) -> None:
    server, stack, visit = prepared
    run_id = _start_run(server, visit)
    for moment in moments:
        wait_for(lambda at=moment: _writes(stack.portal) >= at, f"write {moment}")  # type: ignore[misc]
        server.kill()
        server.start()
        server.sign_in(EMAIL, PASSWORD)
    run = wait_for(lambda: _finished(server, run_id), "the end of the run", 120)
    assert run["state"] == "finished", run
    assert [form["verdict"] for form in run["forms"]] == ["verified"] * DISPENSERS, run["forms"]
    bound = sorted(str(form["equipment"]) for form in stack.portal_forms(visit))
    assert bound == sorted(form["dispenser"] for form in run["forms"])
    assert len(set(bound)) == stack.created() == DISPENSERS


@pytest.mark.e2e
def test_a_server_that_is_stopped_in_the_middle_goes_on_after_its_next_start(
    prepared: tuple[Server, Stack, int],
) -> None:
    server, stack, visit = prepared
    run_id = _start_run(server, visit)
    wait_for(lambda: _writes(stack.portal) >= 4, "four writes")
    # The command itself takes seconds to start on a busy machine: meanwhile the run must not come to its end.
    portal_latency = stack.portal.control.latency
    portal_latency(save={"min_ms": 2500, "max_ms": 2500}, create_form={"min_ms": 2500, "max_ms": 2500})
    assert server.command("stop").returncode == 0
    assert server.process is not None
    server.process.wait(30)
    written = _writes(stack.portal)
    assert written < DISPENSERS * 3, "the run was over before it was stopped"
    portal_latency(save={"min_ms": 0, "max_ms": 0}, create_form={"min_ms": 0, "max_ms": 0})
    server.start()
    server.sign_in(EMAIL, PASSWORD)
    run = wait_for(lambda: _finished(server, run_id), "the end of the run", 120)
    assert [form["verdict"] for form in run["forms"]] == ["verified"] * DISPENSERS
    assert stack.created() == DISPENSERS
