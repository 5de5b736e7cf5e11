"""A browser window for a person: where it may open, what it shows, and what is kept of it. Without a screen here."""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.accounts import links
from app.accounts.service import open_session
from app.activity.queue import enqueue, under_way
from app.activity.schemas import JobKind
from app.activity.service import EventFeed
from app.cli import app
from app.connection import doctor, jobs, window
from app.connection.failures import INTERRUPTED
from app.connection.models import PortalJob
from app.database import Database
from app.main import create_app
from app.portal.session import PortalSession
from backend.tests.conftest import Person
from backend.tests.stack import Stack

_SECONDS = 30


class Hand:
    """The person at the window: sees it once it is open, and closes it when told."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.close = threading.Event()
        self.seen = ""
        self.address = ""

    async def look(self, session: PortalSession) -> None:
        self.seen, self.address = await session.html(), session.page.url
        self.open.set()
        await asyncio.to_thread(self.close.wait, _SECONDS)
        await session.page.close()


@pytest.fixture
def hand(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hand]:
    """Windows open without a screen, and are looked at and closed by a hand."""
    monkeypatch.setattr(window, "HEADLESS", True)
    person = Hand()
    wait_closed = PortalSession.wait_closed

    async def watched(session: PortalSession, on_load: object) -> None:
        closing = asyncio.create_task(person.look(session))
        await wait_closed(session, on_load)  # type: ignore[arg-type]
        await closing

    monkeypatch.setattr(PortalSession, "wait_closed", watched)
    yield person
    person.close.set()


def rest(stack: Stack) -> None:
    """Waits until the account is free: a job tells its end just before its browser is closed."""
    deadline = time.monotonic() + _SECONDS
    while under_way(stack.user_id):
        assert time.monotonic() < deadline, "the account is still busy"
        time.sleep(0.05)


def client_at(stack: Stack, host: str = "127.0.0.1") -> TestClient:
    server = create_app()
    server.state.feed = EventFeed()
    with stack.database.write() as db:
        token = open_session(db, stack.user()).access_token
    return TestClient(
        server, base_url="http://127.0.0.1", client=(host, 50000), headers={"Authorization": f"Bearer {token}"}
    )


def test_the_window_shows_the_visit_signed_in_and_keeps_the_cookies(stack: Stack, hand: Hand) -> None:
    visit_id = stack.bring_home()
    client = client_at(stack)
    answer = client.post(f"/api/visits/{visit_id}/window")
    assert answer.status_code == 202, answer.text
    job_id = answer.json()["job_id"]
    assert hand.open.wait(_SECONDS)
    assert hand.address.rstrip("/").endswith(f"/visits/{visit_id}")
    assert 'dusk="suggested_forms"' in hand.seen
    with stack.database.read() as db:
        kept = links.unseal(db, stack.user_id).browser_state
    assert kept is not None
    assert json.loads(kept)["cookies"]

    # While it is open nothing else of the account starts: not another window, not a job.
    again = client.post(f"/api/visits/{visit_id}/window")
    assert (again.status_code, again.json()["code"]) == (409, "account_busy")
    with stack.database.write() as db:
        waiting = doctor.request_doctor(db, stack.user_id).id
        db.get_one(PortalJob, waiting).state = "finished"  # it ends as soon as it is let in
    enqueue(doctor.WORKFLOW, waiting, stack.user_id)
    assert len(under_way(stack.user_id)) == 2

    hand.close.set()
    last = stack.follow(job_id)[-1]
    assert (last.type, last.data["state"]) == ("finished", "finished")
    rest(stack)
    assert stack.portal.control.counts()["sign_ins"]["accepted"] == 1


def test_refused_cookies_are_renewed_first(stack: Stack, hand: Hand) -> None:
    visit_id = stack.bring_home()
    stack.link()
    rest(stack)
    stack.portal.control.expire_sessions()
    job_id = client_at(stack).post(f"/api/visits/{visit_id}/window").json()["job_id"]
    assert hand.open.wait(_SECONDS)
    assert 'dusk="suggested_forms"' in hand.seen
    hand.close.set()
    assert stack.follow(job_id)[-1].type == "finished"
    assert stack.portal.control.counts()["sign_ins"]["accepted"] == 2


def test_a_portal_that_refuses_is_told(stack: Stack, hand: Hand) -> None:
    visit_id = stack.bring_home()
    stack.link(password="wrong-password-1")
    rest(stack)
    job_id = client_at(stack).post(f"/api/visits/{visit_id}/window").json()["job_id"]
    last = stack.follow(job_id)[-1]
    assert (last.type, last.data["code"]) == ("failed", "credentials_rejected")


def test_the_command_opens_it_too(stack: Stack, hand: Hand) -> None:
    visit_id = stack.bring_home()
    hand.close.set()
    result = CliRunner().invoke(app, ["open", str(visit_id), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout) == {"visit_id": visit_id, "state": "finished"}
    assert hand.address.rstrip("/").endswith(f"/visits/{visit_id}")
    missing = CliRunner().invoke(app, ["open", "1", "--json"])
    assert (missing.exit_code, json.loads(missing.stdout)["error"]["code"]) == (1, "not_found")


@pytest.mark.parametrize("host", ["192.0.2.7", "testclient"])
def test_only_from_this_computer(stack: Stack, hand: Hand, host: str) -> None:
    visit_id = stack.bring_home()
    answer = client_at(stack, host).post(f"/api/visits/{visit_id}/window")
    assert (answer.status_code, answer.json()["code"]) == (403, "not_local")
    assert answer.json()["action"]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"X-Forwarded-For": "192.0.2.7"}, 403),
        ({"X-Forwarded-For": "192.0.2.7, 127.0.0.1"}, 403),
        ({"Forwarded": "for=192.0.2.7;proto=https"}, 403),
        ({"X-Forwarded-For": "127.0.0.1"}, 404),
    ],
)
def test_a_proxy_does_not_make_others_local(stack: Stack, hand: Hand, headers: dict[str, str], status: int) -> None:
    assert client_at(stack).post("/api/visits/1/window", headers=headers).status_code == status


def test_without_a_screen_the_link_is_named(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    visit_id = stack.bring_home()
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    answer = client_at(stack).post(f"/api/visits/{visit_id}/window")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_display")
    assert f"{stack.portal.url}/app/work/" in answer.json()["action"]


@pytest.mark.parametrize(
    ("environ", "platform", "fits"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "darwin", True),
        ({}, "win32", True),
    ],
)
def test_where_there_is_a_screen(environ: dict[str, str], platform: str, fits: bool) -> None:
    if fits:
        window.require_display("https://portal.example.com/x", environ, platform)
        return
    with pytest.raises(window.NoDisplay, match="without a screen"):
        window.require_display("https://portal.example.com/x", environ, platform)


def test_without_an_account_there_is_nothing_to_open(sqlite: Database, person: Person) -> None:
    with sqlite.write() as db, pytest.raises(links.NoLink):
        window.request_window(db, person.id, "/app/work/1/visits/2/")


def test_a_window_of_a_program_that_ended_does_not_open_again(stack: Stack, hand: Hand) -> None:
    with stack.database.write() as db:
        job = window.request_window(db, stack.user_id, "/app/dashboard")
        job.state = "running"
    enqueue(window.WORKFLOW, job.id, stack.user_id)
    last = stack.follow(job.id)[-1]
    assert (last.type, last.data["code"]) == ("failed", INTERRUPTED.code)
    assert not hand.open.is_set()


def test_windows_are_settled_at_the_start(stack: Stack) -> None:
    with stack.database.write() as db:
        job_id = jobs.request_job(db, stack.user_id, JobKind.window, "/app/dashboard").id
    window.take_up()
    with stack.database.read() as db:
        assert db.get_one(PortalJob, job_id).state == "failed"
