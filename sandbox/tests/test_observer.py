"""Whoever observes the portal is told of each request before and after its work, and can lose it there."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2 as httpx
import pytest

from sandbox.gate import Moment
from sandbox.server import SandboxServer

from .helpers import TECH1, jobs, visit_path


@pytest.fixture
def client(portal: SandboxServer) -> Iterator[httpx.Client]:
    """A signed-in client; nobody observes the portal after the test."""
    session = portal.world.start_session(TECH1)
    headers = {"Cookie": f"workfossa_session={session.token}", "X-CSRF-TOKEN": session.csrf}
    with httpx.Client(base_url=portal.url, headers=headers, timeout=5) as opened:
        yield opened
    portal.observe(None)


def _create(portal: SandboxServer, client: httpx.Client) -> httpx.Response:
    order = jobs(portal)[0]
    path = visit_path(order).replace("/app/work/", "/xhr/work/").rstrip("/")
    return client.post(f"{path}/forms", json={"template": "AccuMeasure"})


def test_it_is_told_of_documents_and_of_writes_in_order(portal: SandboxServer, client: httpx.Client) -> None:
    told: list[tuple[str, str, int]] = []

    def watch(moment: Moment) -> bool:
        told.append((moment.when, moment.facts.kind, len(portal.world.state.writes)))
        return False

    portal.observe(watch)
    assert client.get("/app/work/list").status_code == 200
    assert _create(portal, client).status_code == 200
    assert told == [
        ("before", "shell", 0),
        ("after", "shell", 0),
        ("before", "create_form", 0),
        ("after", "create_form", 1),
    ]


@pytest.mark.parametrize(("when", "stored"), [("before", 0), ("after", 1)])
def test_a_lost_request_stores_nothing_and_a_lost_answer_everything(
    portal: SandboxServer, client: httpx.Client, when: str, stored: int
) -> None:
    portal.observe(lambda moment: moment.when == when)
    with pytest.raises(httpx.HTTPError):
        _create(portal, client)
    portal.observe(None)
    assert portal.control.counts()["kinds"].get("create_form", 0) == stored
    assert _create(portal, client).status_code == 200
