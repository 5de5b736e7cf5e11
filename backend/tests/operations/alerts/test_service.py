"""Alerts as they are stored: over restarts, with their incidents, and by people's hands."""

from datetime import UTC, datetime, timedelta

import orjson
import pytest
from sqlalchemy.exc import IntegrityError

from app.config import get_settings
from app.database import Database
from app.kit.clock import VirtualClock
from app.kit.problems import Conflict, Invalid
from app.operations.alerts import calls, service
from app.operations.alerts.engine import Sample
from app.operations.alerts.models import Alert
from app.operations.alerts.schemas import NewMaintenance, NewSilence
from app.operations.alerts.views import items, response_figures
from app.operations.duty import Duty, evaluated_at, hold_lease, release_lease
from app.operations.health.service import pages
from app.operations.incidents import service as incidents
from app.operations.incidents.lifecycle import Status
from app.operations.incidents.models import Incident
from app.operations.incidents.schemas import IncidentMove, NewIncident
from app.operations.oncall.duty import set_business_hours
from app.operations.oncall.schemas import NewOfficeHours
from app.operations.terms import Kind, Priority
from app.telemetry import heartbeat

START = datetime(2026, 3, 2, 14, tzinfo=UTC)


class Rounds:
    """Evaluations every 15 seconds, each in a transaction of its own: whatever is remembered is in the database."""

    def __init__(self, database: Database, clock: VirtualClock) -> None:
        self.database, self.clock = database, clock

    def feed(self, signal: str, value: float | None, times: int = 1, component: str = "x") -> list[str]:
        told = []
        for _ in range(times):
            self.clock.advance(seconds=15)
            with self.database.write() as db:
                changes = service.evaluate(db, [Sample(signal, component, value, self.clock.at, f"{signal} {value}")])
            told += [change.what for change in changes]
        return told

    def alert(self, rule: str) -> Alert:
        with self.database.read() as db:
            return db.query(Alert).filter_by(rule=rule).order_by(Alert.id.desc()).first()  # type: ignore[return-value]

    def incidents(self) -> list[Incident]:
        with self.database.read() as db:
            return db.query(Incident).order_by(Incident.id).all()


@pytest.fixture
def rounds(operations: Database) -> object:
    with VirtualClock(START) as clock:
        yield Rounds(operations, clock)


def test_an_alert_goes_its_way_in_the_database(rounds: Rounds) -> None:
    assert rounds.feed("database", 1) == ["pending"]
    assert rounds.alert("db_down").phase == "pending"
    assert rounds.feed("database", 1) == ["fired"]
    assert rounds.feed("database", None, 20) == [], "unknown moves nothing"
    assert rounds.feed("database", 0, 3) == ["resolved"]
    alert = rounds.alert("db_down")
    assert (alert.phase, alert.resolved_by) == ("resolved", "engine")
    with rounds.database.read() as db:
        assert [event.what for event in service.events_of(db, alert.id)] == ["fired", "resolved"]


def test_a_blip_leaves_no_row(rounds: Rounds) -> None:
    rounds.feed("database", 1)
    rounds.feed("database", 0)
    with rounds.database.read() as db:
        assert db.query(Alert).count() == 0


def test_what_comes_back_soon_is_the_same_row(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    first = rounds.alert("db_down").id
    rounds.feed("database", 0, 3)
    assert rounds.feed("database", 1, 2)[-1] == "again"
    assert rounds.alert("db_down").id == first
    with rounds.database.read() as db:
        assert db.query(Alert).count() == 1


def test_every_change_is_a_log_line_with_the_alerts_id(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    rounds.feed("database", 0, 3)
    from app.telemetry import logs

    logs.set_up(get_settings().logs)  # closes the files: whatever was on its way is written
    lines = [
        orjson.loads(line) for path in get_settings().logs.rglob("*.jsonl") for line in path.read_bytes().splitlines()
    ]
    found = {line["event"] for line in lines if orjson.dumps(line).find(rounds.alert("db_down").id.encode()) >= 0}
    assert {"alert.fired", "alert.resolved"} <= found


def test_a_p1_opens_an_incident_that_recovers_with_it(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    (incident,) = rounds.incidents()
    assert (incident.priority, incident.kind, incident.services) == ("p1", "system_down", ["x"])
    assert incident.started_at == START + timedelta(seconds=15)
    assert incident.detected_at == START + timedelta(seconds=30)
    with rounds.database.write() as db:
        service.acknowledge(db, rounds.alert("db_down").id, "sam@example.com")
    rounds.feed("database", 0, 3)
    (incident,) = rounds.incidents()
    assert (incident.status, incident.commander) == ("resolved", "sam@example.com")
    assert incident.acknowledged_at == START + timedelta(seconds=30)
    assert incident.recovered_at == START + timedelta(seconds=45), "with the first good sample"
    assert incident.review_due_at == incident.recovered_at + timedelta(days=7)


def test_alerts_of_one_kind_share_an_incident_and_it_recovers_with_the_last(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    rounds.feed("alert_path", 1)
    (incident,) = rounds.incidents()
    assert incident.priority == "p1", "a lesser alert makes it no lesser incident"
    rounds.feed("database", 0, 3)
    assert rounds.incidents()[0].recovered_at is None
    rounds.feed("alert_path", 0)
    assert rounds.incidents()[0].status == "resolved"


def test_a_worse_alert_makes_its_incident_worse(rounds: Rounds) -> None:
    rounds.feed("alert_path", 1)
    assert rounds.incidents()[0].priority == "p2"
    rounds.feed("database", 1, 2)
    (incident,) = rounds.incidents()
    assert incident.priority == "p1"


def test_an_alert_that_gets_worse_makes_its_own_incident_worse(rounds: Rounds) -> None:
    rounds.feed("certificate_days", 20)
    rounds.feed("certificate_days", 2)
    (incident,) = rounds.incidents()
    assert (rounds.alert("cert_expiry").priority, incident.priority) == ("p1", "p1")


def test_what_is_back_soon_takes_its_incident_up_again(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    with rounds.database.write() as db:
        service.acknowledge(db, rounds.alert("db_down").id, "sam@example.com")
    rounds.feed("database", 0, 3)
    rounds.feed("database", 1, 2)
    (incident,) = rounds.incidents()
    assert (incident.status, incident.recovered_at, incident.review_due_at) == ("acknowledged", None, None)
    assert incident.next_update_at == rounds.clock.at + timedelta(minutes=15)
    with rounds.database.read() as db:
        told = [entry.text for entry in incidents.timeline_of(db, incident.id)]
    assert "It is back: The database does not answer (x)" in told
    rounds.feed("database", 0, 3)
    (incident,) = rounds.incidents()
    assert incident.recovered_at == rounds.clock.at - timedelta(seconds=30), "the recovery that lasted"
    assert incident.review_due_at is not None


def test_what_is_back_late_or_after_its_incident_was_closed_opens_another(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    rounds.feed("database", 0, 3)
    (first,) = rounds.incidents()
    with rounds.database.write() as db:
        incidents.move(db, incidents.find(db, first.id), IncidentMove(status=Status.false_positive), "sam")
    rounds.feed("database", 1, 2)
    rounds.feed("database", 0, 45)
    rounds.feed("database", 1, 2)
    assert [one.status for one in rounds.incidents()] == ["false_positive", "resolved", "declared"]


def test_what_is_back_joins_the_incident_that_is_open_meanwhile(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    rounds.feed("database", 0, 3)
    rounds.feed("alert_path", 1)
    rounds.feed("database", 1, 2)
    assert [one.status for one in rounds.incidents()] == ["resolved", "declared"]
    assert rounds.alert("db_down").incident_id == rounds.incidents()[1].id


def test_what_a_person_opened_a_person_ends(rounds: Rounds) -> None:
    with rounds.database.write() as db:
        wish = NewIncident(title="The office is without power", priority=Priority.p1, kind=Kind.system_down)
        incidents.create(db, wish, "sam@example.com")
    rounds.feed("database", 1, 2)
    rounds.feed("database", 0, 3)
    (incident,) = rounds.incidents()
    assert (incident.status, incident.recovered_at) == ("declared", None)
    with rounds.database.read() as db:
        assert "All its alerts are over." in incidents.timeline_of(db, incident.id)[-1].text


def test_the_alerts_of_a_merged_incident_go_along(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    rounds.feed("stolen_tokens", 2)  # another kind: an incident of its own
    down, breach = rounds.incidents()
    with rounds.database.write() as db:
        incidents.move(db, incidents.find(db, breach.id), IncidentMove(status=Status.merged, into=down.id), "sam")
    assert rounds.alert("security_breach").incident_id == down.id
    with rounds.database.write() as db, pytest.raises(Conflict, match="merged"):
        incidents.move(db, incidents.find(db, down.id), IncidentMove(status=Status.merged, into=breach.id), "sam")


def test_the_longest_words_stop_no_evaluation(rounds: Rounds) -> None:
    somebody = "a" * 242 + "@example.com"
    with rounds.database.write() as db:
        ends = rounds.clock.at + timedelta(hours=2)
        service.silence(db, NewSilence(rule="db_down", ends_at=ends, comment="c" * 300), somebody)
    rounds.feed("database", 1, 3)
    assert "c" * 300 in str(rounds.alert("db_down").silenced)
    with rounds.database.write() as db:
        service.acknowledge(db, rounds.alert("db_down").id, somebody)
    assert rounds.incidents()[0].commander == somebody


def test_one_trouble_has_one_open_alert(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    known = rounds.alert("db_down")
    columns = {column.name: getattr(known, column.name) for column in Alert.__table__.columns}
    with pytest.raises(IntegrityError), rounds.database.write() as db:
        db.add(Alert(**columns | {"id": "another"}))


def test_a_p3_opens_no_incident(rounds: Rounds) -> None:
    rounds.feed("sync_lag", 400, 30)
    assert rounds.alert("sync_lag").phase == "firing"
    assert rounds.incidents() == []


def test_only_a_firing_alert_can_be_acknowledged_or_resolved(rounds: Rounds) -> None:
    rounds.feed("database", 1)
    with rounds.database.write() as db, pytest.raises(Conflict):
        service.acknowledge(db, rounds.alert("db_down").id, "sam")
    rounds.feed("database", 1)
    with rounds.database.write() as db:
        service.acknowledge(db, rounds.alert("db_down").id, "sam")
        assert service.acknowledge(db, rounds.alert("db_down").id, "kim").acknowledged_by == "sam"
        service.resolve(db, rounds.alert("db_down").id, "sam", "was a drill")
    with rounds.database.write() as db, pytest.raises(Conflict):
        service.resolve(db, rounds.alert("db_down").id, "sam", "again")
    assert rounds.feed("database", 1, 2)[-1] == "again", "it was not over after all"


def test_silences_and_maintenance_mute_and_are_bounded(rounds: Rounds) -> None:
    now = rounds.clock.at
    with rounds.database.write() as db:
        service.silence(db, NewSilence(rule="error_rate", ends_at=now + timedelta(minutes=5), comment="known"), "sam")
        service.plan_maintenance(
            db,
            NewMaintenance(starts_at=now, ends_at=now + timedelta(hours=1), rules=["db_down"], reason="new disk"),
            "sam",
        )
    rounds.feed("error_share", 0.5)
    rounds.feed("database", 1, 2)
    assert "by sam: known" in str(rounds.alert("error_rate").silenced)
    assert "new disk" in str(rounds.alert("db_down").silenced)
    rounds.clock.advance(minutes=5)
    assert "unsilenced" in rounds.feed("error_share", 0.5)
    assert rounds.alert("error_rate").silenced is None
    with rounds.database.write() as db:
        for rule, ends in (
            ("none", timedelta(hours=1)),
            ("error_rate", timedelta(days=8)),
            ("error_rate", -timedelta(1)),
        ):
            with pytest.raises(Invalid):
                service.silence(db, NewSilence(rule=rule, ends_at=now + ends, comment="why"), "sam")
        for start, end in ((-timedelta(hours=1), timedelta(hours=1)), (timedelta(), timedelta(hours=13))):
            wish = NewMaintenance(
                starts_at=rounds.clock.at + start, ends_at=rounds.clock.at + end, rules=[], reason="why"
            )
            with pytest.raises(Invalid):
                service.plan_maintenance(db, wish, "sam")


def test_how_fast_people_answer_is_counted(rounds: Rounds) -> None:
    rounds.feed("database", 1, 2)
    rounds.clock.advance(minutes=4)
    with rounds.database.write() as db:
        service.acknowledge(db, rounds.alert("db_down").id, "sam")
    rounds.feed("integrity", 1)
    rounds.clock.advance(minutes=6)
    with rounds.database.write() as db:
        service.acknowledge(db, rounds.alert("data_corruption").id, "sam")
        p1 = response_figures(db, rounds.clock.at)[0]
    assert (p1.fired, p1.answered, p1.in_time, p1.median_seconds) == (2, 2, 1, 300.0)


def test_what_waits_for_business_hours_is_answered_in_time_from_their_beginning(rounds: Rounds) -> None:
    """New York: it fires on Friday at 18:00 and is told on Monday at 9:00."""
    rounds.clock.at = datetime(2026, 3, 6, 23, tzinfo=UTC)
    rounds.feed("cpu", 1, 45)
    opens = datetime(2026, 3, 9, 13, tzinfo=UTC)
    with rounds.database.write() as db:
        hours = NewOfficeHours(zone="America/New_York", days=[1, 2, 3, 4, 5], opens="09:00", closes="17:00")
        set_business_hours(db, hours, "sam")
        rounds.clock.at = opens + timedelta(minutes=5)
        service.acknowledge(db, rounds.alert("cpu_high").id, "sam")
    with rounds.database.read() as db:
        (item,) = items(service.firing(db))
        p3 = response_figures(db, rounds.clock.at)[2]
    assert (item.priority, item.answer_by, item.answered_in_time) == ("p3", opens + timedelta(hours=2), True)
    assert (p3.fired, p3.answered, p3.in_time, p3.median_seconds) == (1, 1, 1, 300.0)


def test_what_was_silent_is_to_be_answered_from_when_people_are_called(rounds: Rounds) -> None:
    with rounds.database.write() as db:
        ends = rounds.clock.at + timedelta(minutes=30)
        service.silence(db, NewSilence(rule="db_down", ends_at=ends, comment="known"), "sam")
    rounds.feed("database", 1, 2)
    rounds.clock.at = ends
    assert "unsilenced" in rounds.feed("database", 1)
    called = rounds.clock.at
    with rounds.database.read() as db:
        (item,) = items(service.firing(db))
    assert item.answer_by == called + timedelta(minutes=5)


def test_one_process_evaluates_and_another_takes_over(operations: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def as_process(name: str, now: datetime) -> bool:
        monkeypatch.setattr("app.operations.duty.process_name", lambda: name)
        with operations.write() as db:
            return hold_lease(db, now)

    with VirtualClock(START) as clock:
        assert as_process("one", clock.at)
        assert not as_process("two", clock.at)
        clock.advance(seconds=29)
        assert not as_process("two", clock.at)
        clock.advance(seconds=1)
        assert as_process("two", clock.at), "the first one has not come back in time"
        with operations.write() as db:
            release_lease(db)
        assert as_process("one", clock.at), "it was handed over"


def test_only_a_round_that_was_stored_counts_as_evaluated(
    operations: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While rounds fail the server would call nobody, and must not tell the watcher that it would."""
    duty = Duty()

    def last() -> datetime | None:
        with operations.read() as db:
            return evaluated_at(db)

    def broken(*_: object) -> None:
        raise RuntimeError

    heartbeat.stop("alerts")
    with VirtualClock(START) as clock:
        with monkeypatch.context() as patch:
            patch.setattr(calls, "call", broken)
            with pytest.raises(RuntimeError):
                duty.round()
        assert (last(), pages()) == (None, False)
        duty.round()
        assert (last(), pages()) == (clock.at, True)

        monkeypatch.setattr("app.operations.duty.process_name", lambda: "another one")
        heartbeat.stop("alerts")
        clock.advance(seconds=10)
        assert duty.round() == []
        assert pages(), "the one that has the lease has just evaluated"
    heartbeat.stop("alerts")
