"""The whole story, over real files, sockets and mail, under a virtual clock: the database breaks, people are called, it is
restored, and the objectives know about it."""

import shutil
from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from app.database import Database, get_operations_database
from app.kit.clock import VirtualClock
from app.notifications import settings as channels
from app.notifications.schemas import NewNotificationSettings
from app.operations.alerts.models import Alert
from app.operations.duty import Duty
from app.operations.incidents.models import Incident, TimelineEntry
from app.operations.oncall import contacts
from app.operations.oncall.escalation import Role
from app.operations.oncall.schemas import NewContact
from app.operations.slo import service as slo
from app.operations.watcher.service import greet
from app.telemetry import heartbeat
from app.telemetry.store import roll_up
from app.watch.__main__ import Watcher
from app.watch.calls import Call
from app.watch.judge import Outage
from app.watch.memory import Memory
from backend.tests.notifications.servers import HOST, MailServer, mail_server

START = datetime(2026, 3, 2, 15, tzinfo=UTC)


@dataclass
class World:
    clock: VirtualClock
    home: Path
    duty: Duty
    watcher: Watcher
    mail: MailServer
    paged: list[str]

    def pass_time(self, **span: float) -> None:
        """Rounds as they happen: the duty loop every 15 seconds, the watcher every 30."""
        until = self.clock.at + timedelta(**span)
        while self.clock.at < until:
            self.clock.advance(seconds=15)
            heartbeat.beat("engine")  # jobs are being taken up
            self.duty.round()
            wait(self.duty.send())
            self.duty.hear()
            if int(self.clock.at.timestamp()) % 30 == 0:
                self.watcher.round()

    def mails(self) -> list[tuple[str, str]]:
        """To whom, and the subject; since it was asked last."""
        found = [(str(mail["To"]), str(mail["Subject"])) for mail in self.mail.mails]
        self.mail.mails.clear()
        return found

    def breaks(self) -> None:
        shutil.copy(self.home / "app.db", self.home / "app.db.good")
        (self.home / "app.db").write_bytes(b"no database any more" * 500)
        for rest in ("app.db-wal", "app.db-shm"):
            (self.home / rest).unlink(missing_ok=True)

    def is_restored(self) -> None:
        shutil.copy(self.home / "app.db.good", self.home / "app.db")

    def slo(self, name: str) -> Any:
        with get_operations_database().write() as db:
            roll_up(db, self.clock.at.timestamp())
        return next(item for item in slo.measure(self.clock.at).items if item.id == name)

    def incidents(self) -> list[Incident]:
        with get_operations_database().read() as db:
            return db.query(Incident).order_by(Incident.id).all()


@pytest.fixture
def world(sqlite: Database, address: str, home: Path) -> Iterator[World]:
    paged: list[str] = []

    def caller(call: Call, outage: Outage) -> dict[str, Any]:
        paged.append(call.key)
        return {"reached": ["somebody"]}

    with mail_server() as mail, VirtualClock(START) as clock:
        with sqlite.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        smtp = {"host": HOST, "port": mail.port, "security": "plain", "sender": "alerts@example.com"}
        with get_operations_database().write() as db:
            channels.store(db, NewNotificationSettings.model_validate({"smtp": smtp, "pushover": None}), "test")
            for name, role in (("ops", Role.ops_team), ("admin", Role.system_admin), ("owner", Role.business_owner)):
                contacts.add(db, NewContact(name=name, roles=[role], email=f"{name}@example.com"), "test")
        greet()
        memory = Memory(home / "watch" / "watch.db")
        watcher = Watcher(home, memory, lambda: clock.at.timestamp(), caller, address)
        duty = Duty()
        yield World(clock, home, duty, watcher, mail, paged)
        duty.end()
        memory.close()
        heartbeat.stop("alerts")
        heartbeat.stop("engine")


def test_from_a_broken_database_to_objectives_that_know_about_it(world: World) -> None:
    world.pass_time(minutes=30)
    world.mails()
    assert world.slo("availability").verdict == "met"
    assert world.slo("recovery").verdict == "no_data"

    world.breaks()
    broken_at = world.clock.at
    world.pass_time(seconds=60)
    told = world.mails()
    assert ("ops@example.com", "[P1] The database does not answer (database)") in told, "within 60 s"
    (incident,) = world.incidents()
    assert (incident.priority, incident.kind, incident.status) == ("p1", "system_down", "declared")
    assert incident.detected_at - broken_at <= timedelta(seconds=60)

    world.pass_time(minutes=5)
    assert ("admin@example.com", "[ESCALATION] [P1] The database does not answer (database)") in world.mails()
    assert world.paged == [], "the server calls people itself: the watcher leaves it to it"

    world.is_restored()
    world.pass_time(minutes=2)
    with get_operations_database().read() as db:
        alert = db.query(Alert).filter_by(rule="db_down").one()
        story = [entry.text for entry in db.query(TimelineEntry).order_by(TimelineEntry.id)]
    assert alert.phase == "resolved"
    assert list(alert.levels) == ["L1", "L2"]
    (incident,) = world.incidents()
    assert incident.status == "resolved"
    assert incident.recovered_at is not None
    assert incident.review_due_at == incident.recovered_at + timedelta(days=7)
    assert any("Called L2" in text for text in story)
    assert {to for to, subject in world.mails() if subject.startswith("[OVER]")} >= {
        "ops@example.com",
        "admin@example.com",
    }

    availability, recovery = world.slo("availability"), world.slo("recovery")
    assert availability.verdict == "breached"
    assert 11 <= availability.budget.used <= 14, "a probe each 30 s of some six minutes"
    assert (recovery.verdict, recovery.parts[0].total) == ("met", 1.0)


def test_a_recovery_that_takes_too_long_breaches_its_objective_and_reaches_the_owner(world: World) -> None:
    world.pass_time(minutes=2)
    world.mails()
    world.breaks()
    world.pass_time(minutes=32)
    assert "owner@example.com" in {to for to, _ in world.mails()}
    assert world.slo("recovery").verdict == "breached", "also while it is still open"
    world.is_restored()
    world.pass_time(minutes=2)
    assert world.slo("recovery").verdict == "breached"


def test_while_the_database_is_down_health_says_so_and_operations_go_on(world: World) -> None:
    world.pass_time(minutes=1)
    world.breaks()
    world.pass_time(minutes=1)
    answer = httpx.get(f"{world.watcher.url}/api/health", trust_env=False)
    health = answer.json()
    assert (answer.status_code, health["status"], health["database"]) == (503, "failed", "failed")
    assert health["pages"] is True
    parts = {part["name"]: part["status"] for part in health["components"]}
    assert parts["operations_database"] == "ok"
    assert parts["sync"] == "unknown", "what cannot be asked is not ok"
