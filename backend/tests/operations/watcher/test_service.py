"""What a watcher tells becomes measurements, alerts and incidents, as of when it was seen."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.database import Database
from app.kit.clock import VirtualClock
from app.notifications.models import OutboxMessage
from app.operations.alerts import calls
from app.operations.alerts import service as alerts
from app.operations.alerts.engine import Sample
from app.operations.alerts.models import Alert
from app.operations.alerts.schemas import NewMaintenance, NewSilence
from app.operations.incidents.models import Incident
from app.operations.oncall import contacts
from app.operations.oncall.escalation import Role
from app.operations.oncall.schemas import NewContact
from app.operations.slo import service as slo
from app.operations.watcher import service
from app.operations.watcher.schemas import WatcherReport
from app.telemetry.store import roll_up

START = datetime(2026, 3, 2, 14, tzinfo=UTC)


class Watch:
    """Numbers probes as a watcher does, and tells them in one report."""

    def __init__(self, database: Database, clock: VirtualClock) -> None:
        self.database, self.clock = database, clock
        self.number = 0

    def tell(self, *results: str, start: datetime | None = None, reports: list[dict[str, Any]] | None = None) -> Any:
        probes = []
        at = start or self.clock.at
        for index, result in enumerate(results):
            self.number += 1
            seen = at + timedelta(seconds=30 * index)
            probes.append({"id": self.number, "at": seen.timestamp(), "result": result})
        wish = {"name": "w-1", "version": "2", "probes": probes, "reports": reports or []}
        with self.database.write() as db:
            return service.take_over(db, WatcherReport.model_validate(wish))

    def alert(self) -> Alert | None:
        with self.database.read() as db:
            return db.query(Alert).filter_by(rule="system_down").one_or_none()


@pytest.fixture
def watch(operations: Database) -> Iterator[Watch]:
    with VirtualClock(START) as clock:
        yield Watch(operations, clock)


def _availability(watch: Watch) -> Any:
    now = watch.clock.at
    with watch.database.write() as db:
        roll_up(db, now.timestamp())  # as a running server does each minute
    return next(item for item in slo.measure(now).items if item.id == "availability")


def test_probes_make_availability_and_are_counted_once(watch: Watch) -> None:
    assert watch.tell(*["good"] * 40).probe == 40
    wish = {
        "name": "w-1",
        "version": "2",
        "probes": [{"id": 40, "at": START.timestamp(), "result": "bad"}],
        "reports": [],
    }
    with watch.database.write() as db:
        assert service.take_over(db, WatcherReport.model_validate(wish)).probe == 40, "told before"
    watch.clock.advance(minutes=30)
    found = _availability(watch)
    assert (found.ratio, found.parts[0].total, found.verdict) == (1.0, 40.0, "met")
    assert found.coverage == pytest.approx(40 / 86400)


def test_an_outage_that_is_over_is_told_with_its_own_times(watch: Watch) -> None:
    watch.clock.advance(hours=1)
    reports = [
        {"id": 1, "at": (START + timedelta(seconds=30)).timestamp(), "what": "outage", "story": {"words": "down"}},
        {
            "id": 2,
            "at": (START + timedelta(seconds=31)).timestamp(),
            "what": "called",
            "story": {"words": "Sam", "level": "L1"},
        },
        {"id": 3, "at": (START + timedelta(seconds=90)).timestamp(), "what": "acknowledged", "story": {"by": "Sam"}},
    ]
    watch.tell("bad", "bad", "bad", "bad", "good", "good", "good", start=START, reports=reports)
    alert = watch.alert()
    assert alert is not None
    assert (alert.phase, alert.fired_at) == ("resolved", START + timedelta(seconds=30))
    assert alert.levels.keys() == {"L1"}
    assert alert.acknowledged_by == "Sam"
    with watch.database.read() as db:
        story = [(event.what, (event.at - START).total_seconds()) for event in alerts.events_of(db, alert.id)]
    expected = [("fired", 30.0), ("watcher_outage", 30.0), ("watcher_called", 31.0), ("acknowledged", 90.0)]
    assert story == [*expected, ("resolved", 180.0)], "each when it was"
    with watch.database.read() as db:
        (incident,) = db.query(Incident).all()
    assert incident.started_at == START
    assert incident.detected_at == START + timedelta(seconds=30)
    assert incident.acknowledged_at == START + timedelta(seconds=90)
    assert incident.recovered_at == START + timedelta(seconds=120), "with the first good probe"
    recovery = next(item for item in slo.measure(watch.clock.at).items if item.id == "recovery")
    assert (recovery.verdict, recovery.parts[0].total) == ("met", 1.0)


def test_an_outage_that_lasts_fires_and_one_bad_probe_does_not(watch: Watch) -> None:
    watch.tell("good", "bad")
    assert (alert := watch.alert()) is not None
    assert alert.phase == "pending"
    watch.clock.advance(seconds=60)
    watch.tell("good")
    assert watch.alert() is None
    watch.clock.advance(seconds=30)
    watch.tell("bad", "bad")
    assert (alert := watch.alert()) is not None
    assert alert.phase == "firing"


def test_planned_maintenance_is_left_out_and_an_outage_beside_it_is_not(watch: Watch) -> None:
    wish = NewMaintenance(
        starts_at=START + timedelta(minutes=10),
        ends_at=START + timedelta(minutes=20),
        rules=["system_down"],
        reason="disk",
    )
    with watch.database.write() as db:
        alerts.plan_maintenance(db, wish, "sam")
    assert len(watch.tell("good").maintenance) == 1, "the watcher is told, so that it calls nobody meanwhile"
    watch.clock.advance(hours=1)
    watch.tell(*["good"] * 19, start=START + timedelta(seconds=30))
    watch.tell(*["bad"] * 20, start=START + timedelta(minutes=10))
    assert watch.alert() is None
    inside = _availability(watch)
    assert (inside.parts[0].good, inside.parts[0].total) == (20.0, 20.0)
    watch.tell(*["bad"] * 20, start=START + timedelta(minutes=20))
    outside = _availability(watch)
    assert (outside.parts[0].total, outside.verdict) == (40.0, "breached")
    assert watch.alert() is not None


def test_an_outage_ended_early_by_the_end_of_a_window_counts_from_there(watch: Watch) -> None:
    wish = NewMaintenance(starts_at=START, ends_at=START + timedelta(hours=1), rules=["system_down"], reason="disk")
    with watch.database.write() as db:
        window = alerts.plan_maintenance(db, wish, "sam")
    watch.clock.advance(minutes=5)
    with watch.database.write() as db:
        alerts.end_maintenance(db, window.id, "sam")
    watch.tell("bad", "bad")
    assert watch.alert() is not None


def test_planned_work_on_something_else_hides_no_outage(watch: Watch) -> None:
    ends = START + timedelta(hours=1)
    wish = NewMaintenance(starts_at=START, ends_at=ends, rules=["cpu_high"], reason="rebuilding the index")
    with watch.database.write() as db:
        alerts.plan_maintenance(db, wish, "sam")
    watch.clock.advance(minutes=5)
    watch.tell(*["bad"] * 6)
    assert (alert := watch.alert()) is not None
    assert alert.phase == "firing"


def test_what_is_planned_does_not_end_what_began_before(watch: Watch) -> None:
    watch.tell("bad", "bad")
    watch.clock.advance(minutes=1)
    ends = START + timedelta(hours=1)
    wish = NewMaintenance(starts_at=watch.clock.at, ends_at=ends, rules=["system_down"], reason="disk")
    with watch.database.write() as db:
        alerts.plan_maintenance(db, wish, "sam")
    watch.tell(*["bad"] * 6)
    assert (alert := watch.alert()) is not None
    assert alert.phase == "firing"
    watch.clock.advance(minutes=5)
    watch.tell("good", "good", "good")
    assert (alert := watch.alert()) is not None
    assert alert.phase == "resolved"


def _messages(watch: Watch) -> dict[str, str]:
    with watch.database.read() as db:
        return {message.subject: message.state for message in db.query(OutboxMessage)}


def test_whom_the_server_called_hears_that_it_is_over_and_nothing_more(watch: Watch) -> None:
    with watch.database.write() as db:
        contacts.add(db, NewContact(name="Ops", roles=[Role.ops_team], email="ops@example.com"), "test")
    watch.tell("bad", "bad")
    watch.clock.advance(minutes=1)
    with watch.database.write() as db:
        calls.call(db, [])
    watch.tell("good", "good", "good")
    assert _messages(watch) == {
        "[P1] FossaWork does not answer (server)": "withdrawn",
        "[OVER] FossaWork does not answer (server)": "due",
    }


def test_an_outage_that_comes_back_is_over_for_people_when_it_stays_away(watch: Watch) -> None:
    with watch.database.write() as db:
        contacts.add(db, NewContact(name="Ops", roles=[Role.ops_team], email="ops@example.com"), "test")
    for _ in range(3):
        watch.tell("bad", "bad")
        watch.clock.advance(minutes=1)
        with watch.database.write() as db:
            calls.call(db, [])
        watch.clock.advance(seconds=30)
        watch.tell("good", "good", "good")
        watch.clock.advance(minutes=2)
    with watch.database.read() as db:
        messages = db.query(OutboxMessage).order_by(OutboxMessage.id).all()
        told = [(message.subject.split("]")[0], message.state) for message in messages]
        assert told == [("[P1", "withdrawn"), ("[OVER", "withdrawn")] * 2 + [("[OVER", "due")]
        assert messages[-1].next_try_at == messages[-1].created_at + timedelta(minutes=10)


def test_whom_only_the_watcher_called_is_told_by_the_watcher(watch: Watch) -> None:
    called = {"id": 1, "at": START.timestamp() + 31, "what": "called", "story": {"words": "Sam", "level": "L1"}}
    watch.tell("bad", "bad", reports=[called])
    watch.clock.advance(minutes=2)
    watch.tell("good", "good", "good")
    assert _messages(watch) == {}


def test_an_acknowledgement_that_the_watcher_heard_stops_what_the_server_sends(watch: Watch) -> None:
    with watch.database.write() as db:
        contacts.add(db, NewContact(name="Ops", roles=[Role.ops_team], email="ops@example.com"), "test")
    watch.tell("bad", "bad")
    watch.clock.advance(minutes=1)
    with watch.database.write() as db:
        calls.call(db, [])
    watch.tell(reports=[{"id": 1, "at": watch.clock.at.timestamp(), "what": "acknowledged", "story": {"by": "Kim"}}])
    assert set(_messages(watch).values()) == {"withdrawn"}


def test_what_the_watcher_tells_of_a_past_time_leaves_other_alerts_as_they_are(watch: Watch) -> None:
    watch.clock.advance(hours=1)
    ends = watch.clock.at + timedelta(hours=1)
    with watch.database.write() as db:
        alerts.silence(db, NewSilence(rule="data_corruption", ends_at=ends, comment="known"), "sam")
        alerts.evaluate(db, [Sample("integrity", "database", 1.0, watch.clock.at, "damaged")])
    watch.tell("bad", "bad", start=START)
    with watch.database.read() as db:
        other = db.query(Alert).filter_by(rule="data_corruption").one()
        assert other.silenced is not None
        assert [event.what for event in alerts.events_of(db, other.id)].count("unsilenced") == 0


def test_only_the_watchers_token_opens_the_way(client: TestClient) -> None:
    body = {"name": "w", "version": "2", "probes": [], "reports": []}
    path = "/api/operations/watchers/reports"
    assert client.post(path, json=body).status_code == 401
    assert client.post(path, json=body, headers={"X-Watcher-Token": "0" * 64}).status_code == 401
    assert client.post(path, json=body, headers={"X-Watcher-Token": service.token()}).status_code == 200
