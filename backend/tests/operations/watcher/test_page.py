"""The pager: from a sealed plan to a person, without server or database."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.config import get_settings
from app.database import Database, get_operations_database
from app.notifications import settings as channels
from app.notifications.channels.interface import ChannelFailed, Sent
from app.notifications.message import Channel, Message, Recipient
from app.notifications.schemas import NewNotificationSettings
from app.notifications.sending import Channels
from app.operations.oncall import contacts
from app.operations.oncall.escalation import Role
from app.operations.oncall.schemas import NewContact
from app.operations.watcher import page
from app.operations.watcher.plan import CallingPlan, keep_plan, open_plan, plan_file
from backend.tests.notifications.servers import HOST, TOKEN, PushoverServer, mail_server, pushover_server

WISH: dict[str, Any] = {
    "key": "L1",
    "level": 1,
    "why": "It was reported.",
    "began": 1_772_460_000.0,
    "detected": 1_772_460_030.0,
    "reason": "not reachable",
    "recovered": None,
    "receipts": [],
}


@pytest.fixture
def pushover() -> Iterator[PushoverServer]:
    with pushover_server() as server:
        yield server


def _people(port: int) -> None:
    smtp = {"host": HOST, "port": port, "security": "plain", "sender": "alerts@example.com"}
    with get_operations_database().write() as db:
        channels.store(db, NewNotificationSettings.model_validate({"smtp": smtp, "pushover": None}), "test")
        contacts.add(db, NewContact(name="Ops", roles=[Role.ops_team], email="ops@example.com"), "test")
        contacts.add(db, NewContact(name="Admin", roles=[Role.system_admin], email="admin@example.com"), "test")


def test_the_pager_reaches_people_by_itself_while_both_databases_are_gone(sqlite: Database, home: Path) -> None:
    with mail_server() as mail:
        _people(mail.port)
        assert keep_plan()
        assert not keep_plan(), "nothing has changed"
        assert b"ops@example.com" not in plan_file().read_bytes()
        assert plan_file().stat().st_mode & 0o077 == 0
        for name in ("app.db", "operations.db"):
            (home / name).write_bytes(b"gone")
        done = subprocess.run(
            [sys.executable, "-m", "app.operations.watcher.page"],
            input=json.dumps(WISH),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={**os.environ},
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout) == {"reached": ["Ops (email)"], "receipts": [], "error": ""}
        (sent,) = mail.mails
        assert sent["Subject"] == "[P1] FossaWork does not answer"
        assert "2026-03-02" in str(sent.get_body(("plain",)))


def test_a_level_without_anybody_goes_to_the_next_and_none_at_all_to_this_computer() -> None:
    told: list[str] = []

    def send(channel: Channel, message: Message, recipient: Recipient, _: Channels) -> Sent:
        if channel is not Channel.log:
            told.append(recipient.name)
        return Sent()

    plan = CallingPlan(
        {2: [Recipient("Admin", email="a@example.com")]}, {1: "There is no primary on call."}, Channels()
    )
    assert page.call(WISH, plan, send)["reached"] == ["Admin (email)"]
    page.call(WISH, CallingPlan({}, {}, Channels()), send)
    assert told == ["Admin", "this computer"]


def test_channels_that_fail_are_an_error_not_a_success() -> None:
    def send(channel: Channel, *_: Any) -> Sent:
        if channel is Channel.log:
            return Sent()
        raise ChannelFailed("no network", permanent=False)

    plan = CallingPlan({1: [Recipient("Ops", email="o@example.com")]}, {}, Channels())
    assert page.call(WISH, plan, send) == {"reached": [], "receipts": [], "error": "no channel worked"}


def test_the_end_is_told_as_the_end() -> None:
    told: list[tuple[str, str]] = []

    def send(channel: Channel, message: Message, recipient: Recipient, _: Channels) -> Sent:
        if channel is not Channel.log:
            told.append((recipient.name, message.subject))
        return Sent()

    ops, admin, owner = (Recipient(name, email=f"{name}@example.com") for name in ("Ops", "Admin", "Owner"))
    plan = CallingPlan({1: [ops], 2: [ops, admin], 3: [owner]}, {}, Channels())
    page.call({**WISH, "key": "over", "level": 2, "recovered": WISH["began"] + 600}, plan, send)
    assert told == [(name, "[OVER] FossaWork answers again") for name in ("Ops", "Admin")], "all who were called, once"


@pytest.mark.parametrize("key", ["quiet", "over"])
def test_telephones_stop_ringing(key: str, sqlite: Database, pushover: PushoverServer) -> None:
    get_settings().pushover_url = pushover.url
    with get_operations_database().write() as db:
        channels.store(db, NewNotificationSettings.model_validate({"smtp": None, "pushover": {"token": TOKEN}}), "test")
    keep_plan()
    receipts = [{"receipt": name, "name": "Sam"} for name in ("r1", "r2")]
    wish = {**WISH, "key": key, "recovered": WISH["began"] + 600, "receipts": receipts}
    page.answer(wish)
    assert pushover.cancelled == ["r1", "r2"]
    assert pushover.sent == []


def test_the_plan_follows_changes(sqlite: Database, home: Path) -> None:
    keep_plan()
    assert open_plan().levels == {1: [], 2: [], 3: []}
    _people(25)
    assert keep_plan()
    plan = open_plan()
    assert [person.name for person in plan.levels[1]] == ["Ops"]
    assert plan.channels.email is not None
