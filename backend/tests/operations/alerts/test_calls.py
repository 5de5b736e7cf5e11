"""Who is called about an alert, when, and never twice: the escalation under a virtual clock, over the real outbox."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from app.database import Database
from app.kit.clock import VirtualClock
from app.notifications import service as notifications
from app.notifications.channels.interface import ChannelFailed, Sent
from app.notifications.message import Channel, Message, Recipient, Urgency
from app.notifications.models import OutboxMessage
from app.notifications.sending import Channels
from app.notifications.service import Acknowledgement
from app.operations.alerts import calls, path_test, service
from app.operations.alerts.engine import Sample
from app.operations.alerts.models import Alert
from app.operations.alerts.schemas import NewSilence
from app.operations.incidents import service as incidents
from app.operations.incidents.models import Incident
from app.operations.incidents.schemas import NewIncident
from app.operations.oncall import contacts
from app.operations.oncall.duty import set_business_hours
from app.operations.oncall.escalation import Hours, Role
from app.operations.oncall.schemas import NewContact, NewOfficeHours
from app.operations.oncall.service import Reach
from app.operations.terms import Kind, Priority

MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)  # 10:00 in New York: business hours
SATURDAY = datetime(2026, 3, 7, 3, tzinfo=UTC)
PEOPLE = {
    "Ops": Role.ops_team,
    "Admin": Role.system_admin,
    "Owner": Role.business_owner,
    "Security": Role.security_officer,
    "Outside": Role.external_security,
    "Legal": Role.legal_compliance,
    "Tuner": Role.performance_engineer,
    "Architect": Role.architecture_team,
}


@dataclass
class Story:
    database: Database
    clock: VirtualClock
    sent: list[tuple[str, str]] = field(default_factory=list)
    broken: bool = False

    def tick(self, *samples: tuple[str, str, float], seconds: int = 15) -> None:
        """One round of the duty loop: evaluate, call, send."""
        self.clock.advance(seconds=seconds)
        with self.database.write() as db:
            found = [Sample(signal, component, value, self.clock.at, "seen") for signal, component, value in samples]
            calls.call(db, service.evaluate(db, found))
        notifications.drain(self.clock.at, send=self._send, workers=1)

    def _send(self, channel: Channel, message: Message, recipient: Recipient, _: Channels) -> Sent:
        if channel is not Channel.log:
            if self.broken:
                raise ChannelFailed("broken", permanent=True)
            self.sent.append((recipient.name, message.subject))
        return Sent()

    def told(self) -> list[str]:
        """Who was told since it was asked last, in order."""
        names, self.sent = [name for name, _ in self.sent], []
        return names

    def alert(self) -> Alert:
        with self.database.read() as db:
            return db.query(Alert).order_by(Alert.id.desc()).first()  # type: ignore[return-value]


@pytest.fixture
def story(operations: Database) -> Iterator[Story]:
    with VirtualClock(MONDAY) as clock:
        with operations.write() as db:
            for name, role in PEOPLE.items():
                contacts.add(db, NewContact(name=name, roles=[role], email=f"{name.lower()}@example.com"), "test")
        yield Story(operations, clock)


DOWN, WELL = ("database", "app", 1.0), ("database", "app", 0.0)


def test_a_p1_goes_up_the_matrix_by_the_clock(story: Story) -> None:
    story.tick(DOWN)
    assert story.told() == []
    story.tick(DOWN)
    assert story.told() == ["Ops"], "within a minute of the first bad sample"
    for _ in range(19):
        story.tick(DOWN)
    assert story.told() == [], "nobody is called twice"
    story.tick(DOWN)
    assert story.told() == ["Admin"], "after five minutes without an answer"
    for _ in range(99):
        story.tick(DOWN)
    assert story.told() == []
    story.tick(DOWN)
    assert story.told() == ["Owner"], "after thirty minutes"
    assert list(story.alert().levels) == ["L1", "L2", "L3"]
    for _ in range(3):
        story.tick(WELL)
    assert sorted(story.told()) == ["Admin", "Ops", "Owner"], "whoever was called is told that it is over"


def test_who_was_called_hears_of_the_end_whoever_has_the_duty_then(story: Story) -> None:
    story.tick(DOWN)
    story.tick(DOWN)
    story.told()
    with story.database.write() as db:
        contacts.add(db, NewContact(name="New", roles=[Role.ops_team], email="new@example.com"), "test")
        gone = next(contact for contact in contacts.all_contacts(db) if contact.name == "Ops")
        gone.roles = [Role.system_admin.value]
    for _ in range(3):
        story.tick(WELL)
    assert story.told() == ["Ops"]
    assert story.alert().levels == {
        "L1": {
            "at": "2026-03-02T15:00:30+00:00",
            "role": "ops_team",
            "told": ["Ops"],
            "gap": "There is no primary on call. Instead everybody of the operations team is told.",
        }
    }


def test_until_when_to_answer_is_settled_when_people_are_called(story: Story) -> None:
    story.clock.at = SATURDAY
    for _ in range(50):
        story.tick(("cpu", "machine", 0.99))
    monday = datetime(2026, 3, 9, 13, tzinfo=UTC)  # 09:00 in New York
    assert story.alert().answer_by == monday + timedelta(hours=2)
    with story.database.write() as db:
        set_business_hours(db, NewOfficeHours(zone="UTC", days=[6, 7], opens="00:00", closes="23:00"), "sam")
    story.tick(("cpu", "machine", 0.99))
    assert story.alert().answer_by == monday + timedelta(hours=2), "what was asked of people then stays what it was"


def test_who_acknowledges_ends_the_calling_of_others(story: Story) -> None:
    story.tick(DOWN)
    story.tick(DOWN)
    with story.database.write() as db:
        calls.acknowledged(db, service.acknowledge(db, story.alert().id, "sam"))
    story.told()
    for _ in range(50):
        story.tick(DOWN)
    assert story.told() == []
    for _ in range(12):
        story.tick(DOWN)
    assert story.told() == ["Admin"], "fifteen minutes and not resolved"


def test_a_restart_in_the_middle_calls_nobody_twice_and_forgets_nobody(story: Story) -> None:
    story.tick(DOWN)
    story.tick(DOWN)
    story.told()
    story.tick(DOWN, seconds=240)  # nothing is kept but the database: this is a new process after four minutes
    assert story.told() == []
    story.tick(DOWN, seconds=60)
    assert story.told() == ["Admin"]


def test_alerts_of_one_kind_are_told_in_one_message_after_a_short_wait_but_p1_waits_for_nobody(story: Story) -> None:
    story.tick(("response_p95", "api", 9.0), ("error_share", "api", 0.5))
    story.tick(("response_p95", "api", 9.0), ("error_share", "api", 0.5))
    assert story.told() == []
    story.tick(("response_p95", "api", 9.0), ("error_share", "api", 0.5), DOWN)
    assert story.sent == [("Ops", "[P2] 2 alerts: Answers take more than 5 s and others")]
    story.tick(("response_p95", "api", 9.0), ("error_share", "api", 0.5), DOWN)
    assert story.sent[1] == ("Ops", "[P1] The database does not answer (app)")


def test_silenced_and_inhibited_alerts_call_nobody_until_they_are_neither(story: Story) -> None:
    with story.database.write() as db:
        ends = story.clock.at + timedelta(minutes=10)
        service.silence(db, NewSilence(rule="error_rate", ends_at=ends, comment="known"), "sam")
    for _ in range(20):
        story.tick(("error_share", "api", 0.5))
    assert story.told() == []
    for _ in range(20):
        story.tick(("error_share", "api", 0.5))
    assert story.told() == ["Ops"]
    with story.database.read() as db:
        body = db.query(OutboxMessage).one().body
    assert "It was silenced until" in body


def _flap(story: Story, good: int = 3) -> None:
    """Bad for two samples, then good for long enough."""
    for sample in [DOWN, DOWN, *[WELL] * good]:
        story.tick(sample)


FIRST, BACK, FLAPPING, OVER = (
    f"{words}The database does not answer (app)"
    for words in ("[P1] ", "[P1] It is back: ", "[P1] It keeps coming back (3 times): ", "[OVER] ")
)


def test_what_flaps_is_told_when_it_opens_is_back_and_is_called_flapping_and_once_when_it_stays_away(
    story: Story,
) -> None:
    for _ in range(3):
        _flap(story)
    for _ in range(4):
        _flap(story, good=9)
    assert [subject for _, subject in story.sent if "ESCALATION" not in subject] == [FIRST, OVER, BACK, FLAPPING]
    assert story.alert().flaps == 6
    with story.database.read() as db:
        assert db.query(Alert).count() == 1
        (incident,) = db.query(Incident)
        assert incident.status == "resolved"
        told = [entry.text for entry in incidents.timeline_of(db, incident.id)]
        assert told.count("It is back: The database does not answer (app)") == 6
    story.sent.clear()
    for _ in range(39):
        story.tick(WELL)
    assert story.sent == []
    story.tick(WELL)
    assert sorted(story.sent) == [("Admin", OVER), ("Ops", OVER)]
    for _ in range(4):
        story.tick(WELL)
    story.sent.clear()
    _flap(story)
    assert story.sent[0] == ("Ops", FIRST), "what was quiet for so long is a new trouble"


def test_what_flaps_and_nobody_acknowledges_goes_up_the_matrix_by_the_clock(story: Story) -> None:
    at: dict[str, timedelta] = {}
    while story.clock.at < MONDAY + timedelta(minutes=40):
        for sample in (DOWN, DOWN, *[WELL] * (3 if story.alert() is None or story.alert().flaps < 3 else 9)):
            story.tick(sample)
            for name in story.told():
                at.setdefault(name, story.clock.at - MONDAY)
    back = timedelta(seconds=105)  # the first return, which calls anew
    assert back + timedelta(minutes=5) <= at["Admin"] < back + timedelta(minutes=8), "no return makes it wait once more"
    assert back + timedelta(minutes=30) <= at["Owner"] < back + timedelta(minutes=33)


def test_who_had_answered_is_told_that_it_is_back_and_has_the_time_to_answer_anew(story: Story) -> None:
    for _ in range(2):
        story.tick(DOWN)
        story.tick(DOWN)
        with story.database.write() as db:
            calls.acknowledged(db, service.acknowledge(db, story.alert().id, "sam"))
        for _ in range(10):
            story.tick(DOWN)
        for _ in range(3):
            story.tick(WELL)
    story.told()
    story.tick(DOWN)
    story.tick(DOWN)
    assert (story.alert().phase, story.alert().flaps) == ("firing", 2)
    assert story.told() == ["Ops"]
    for _ in range(19):
        story.tick(DOWN)
    assert story.told() == []
    story.tick(DOWN)
    assert story.told() == ["Admin"], "five minutes after it was back"


def test_what_comes_back_worse_is_told_however_often_it_was_back(story: Story) -> None:
    mild, severe, fine = (("certificate_days", "site", days) for days in (20.0, 2.0, 90.0))
    for sample in (mild, fine, mild, fine):
        for _ in range(4):
            story.tick(sample)
    story.sent.clear()
    for _ in range(4):
        story.tick(severe)
    assert (story.alert().priority, story.alert().flaps) == ("p1", 2)
    assert [subject[:4] for _, subject in story.sent] == ["[P1]"]


def test_when_a_silence_ends_the_time_to_answer_begins(story: Story) -> None:
    """Nobody was told of it: nobody can have failed to answer for an hour."""
    with story.database.write() as db:
        ends = story.clock.at + timedelta(hours=1)
        service.silence(db, NewSilence(rule="db_down", ends_at=ends, comment="known"), "sam")
    for _ in range(239):
        story.tick(DOWN)
    assert story.told() == []
    story.tick(DOWN)
    assert story.told() == ["Ops"]
    for _ in range(19):
        story.tick(DOWN)
    assert story.told() == []
    story.tick(DOWN)
    assert story.told() == ["Admin"], "five minutes after the first call"


def _tell(db: Session, about: str, urgency: Urgency = Urgency.p3) -> None:
    notifications.enqueue(
        db,
        dedup_key=about,
        urgency=urgency,
        subject="trouble",
        body="trouble",
        recipients=[Recipient("Somebody", "somebody@example.com"), Recipient("Else", "else@example.com")],
        about=about,
    )


def test_a_message_to_two_is_one_and_news_are_none(story: Story) -> None:
    with story.database.write() as db:
        _tell(db, "alert:1")
        _tell(db, "alert:2", Urgency.info)
        _tell(db, "incident:1")
        assert notifications.asked_since(db, "alert", story.clock.at - timedelta(seconds=1)) == 1
        assert notifications.asked_since(db, "alert", story.clock.at) == 0


def test_a_digest_of_lesser_alerts_does_not_swallow_an_urgent_one(story: Story) -> None:
    with story.database.write() as db:
        for number in range(20):
            _tell(db, f"alert:{number}")
    minor, urgent = ("slo_burn", "sync", 1.0), ("error_share", "api", 0.5)
    for _ in range(3):
        story.tick(minor)
    for _ in range(3):
        story.tick(minor, urgent)
    with story.database.read() as db:
        digests = db.query(OutboxMessage).filter_by(subject="Many alerts at once", recipient_name="Ops").all()
    assert {(digest.urgency, digest.about) for digest in digests} == {
        ("p3", "alerts:performance"),
        ("p2", "alerts:performance"),
    }


def test_a_storm_becomes_a_digest_but_never_for_p1(story: Story) -> None:
    story.tick(("error_share", "api", 0.5))
    with story.database.write() as db:
        for number in range(20):  # so much was told in the last minutes
            _tell(db, f"alert:{number}")
    for _ in range(3):
        story.tick(("error_share", "api", 0.5))
    for _ in range(3):
        story.tick(("alert_path", "notifications", 1.0))
    assert [name for name, subject in story.sent if subject == "Many alerts at once"] == ["Ops"], (
        "one digest for all of it"
    )
    story.sent.clear()
    story.tick(DOWN)
    story.tick(DOWN)
    assert story.sent == [("Ops", "[P1] The database does not answer (app)")]


def test_security_goes_its_own_way_at_any_hour(story: Story) -> None:
    story.clock.at = SATURDAY
    story.tick(("stolen_tokens", "sessions", 2.0))
    assert story.told() == ["Security"]
    for _ in range(20):
        story.tick(("stolen_tokens", "sessions", 2.0))
    assert story.told() == ["Outside"]


def test_a_p3_waits_for_business_hours(story: Story) -> None:
    story.clock.at = SATURDAY
    for _ in range(50):
        story.tick(("cpu", "machine", 0.99))
    assert story.told() == []
    story.clock.at = datetime(2026, 3, 9, 13, 0, tzinfo=UTC)  # Monday, 09:00 in New York
    story.tick(("cpu", "machine", 0.99))
    assert story.told() == ["Ops"]


def test_a_message_says_what_since_when_and_what_to_do(story: Story) -> None:
    story.tick(DOWN)
    story.tick(DOWN)
    with story.database.read() as db:
        message = db.query(OutboxMessage).one()
    assert message.subject == "[P1] The database does not answer (app)"
    for part in (
        "seen",
        "Since 2026-03-02 15:00:15 UTC",
        "Incident: INC-20260302-001",
        "What to do:",
        "runbook.md#db_down",
    ):
        assert part in message.body


def test_an_incident_that_an_alert_opens_is_called_about_once(story: Story) -> None:
    story.tick(DOWN)
    story.tick(DOWN)
    with story.database.read() as db:
        assert [message.subject for message in db.query(OutboxMessage)] == ["[P1] The database does not answer (app)"]
        assert db.query(Incident).count() == 1


def test_who_acknowledges_a_declared_incident_on_the_telephone_looks_after_it(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    with story.database.write() as db:
        wish = NewIncident(title="No power", priority=Priority.p1, kind=Kind.system_down)
        made = incidents.create(db, wish, "sam").id
    story.tick()
    assert story.sent == [("Ops", f"[P1] Incident {made}: No power")]
    heard = [Acknowledgement(f"incident-call:{made}", "Ops", story.clock.at), Acknowledgement("other:1", "Ops", MONDAY)]
    monkeypatch.setattr(notifications, "poll_receipts", lambda _: heard)
    calls.hear_receipts(story.clock.at)
    with story.database.read() as db:
        incident = incidents.find(db, made, lock=False)
        assert (incident.status, incident.commander) == ("acknowledged", "Ops")
        assert db.query(OutboxMessage).one().closed_at is not None, "the telephone rings no more"


def test_where_nobody_is_entered_it_is_said_and_nothing_breaks(operations: Database) -> None:
    with VirtualClock(MONDAY) as clock:
        story = Story(operations, clock)
        story.tick(DOWN)
        story.tick(DOWN)
        with operations.read() as db:
            events = [event.text for event in service.events_of(db, story.alert().id)]
        assert any("nobody can be reached" in text for text in events)


def test_the_alert_path_is_tested_every_day_and_its_failure_is_an_alert(story: Story) -> None:
    def path() -> float | None:
        with story.database.read() as db:
            return next((sample.value for sample in path_test.samples(db, story.clock.at)), None)

    def begin() -> bool:
        with story.database.write() as db:
            return path_test.begin(db, story.clock.at)

    assert path() is None
    assert begin()
    assert not begin(), "once a day"
    story.tick()
    assert story.told() == ["Ops"]
    assert path() == 0.0
    for night in (SATURDAY, datetime(2026, 3, 7, 13, 59, tzinfo=UTC), datetime(2026, 3, 7, 22, tzinfo=UTC)):
        story.clock.at = night
        assert not begin(), "nobody is woken"
    story.clock.at = datetime(2026, 3, 7, 14, tzinfo=UTC)
    assert begin(), "Saturday, 9:00 in New York"
    story.tick()
    with story.database.read() as db:
        assert {message.urgency for message in db.query(OutboxMessage)} == {"info"}, "no telephone rings"
    assert story.told() == ["Ops"]
    story.clock.at = datetime(2026, 3, 9, 15, tzinfo=UTC)
    story.broken = True
    assert begin()
    story.tick()
    assert path() in (None, 1.0)
    story.tick(seconds=1900)
    assert path() == 1.0


def test_the_alert_path_is_tested_on_every_way_there_is(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is urgent goes by Pushover: an e-mail that arrives says nothing of it."""
    both = Recipient("Ops", "ops@example.com", "u" * 30, desktop=True)
    monkeypatch.setattr(path_test, "recipients", lambda *_: Reach((both,), None))
    refused: list[Channel] = []
    tried: list[Channel] = []

    def send(channel: Channel, message: Message, recipient: Recipient, _: Channels) -> Sent:
        tried.append(channel)
        if channel in refused:
            raise ChannelFailed("refused", permanent=True)
        return Sent()

    def day(after: timedelta) -> float | None:
        story.clock.advance(seconds=after.total_seconds())
        tried.clear()
        with story.database.write() as db:
            assert path_test.begin(db, story.clock.at)
        notifications.drain(story.clock.at, send=send, workers=1)
        story.clock.advance(minutes=31)
        with story.database.read() as db:
            return next((sample.value for sample in path_test.samples(db, story.clock.at)), None)

    assert day(timedelta()) == 0.0
    assert set(tried) == {Channel.pushover, Channel.email, Channel.log}
    refused.append(Channel.pushover)
    assert day(timedelta(days=1)) == 1.0


def test_the_day_of_the_test_is_the_day_of_the_business_hours(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(path_test, "business_hours", lambda _: Hours("America/Los_Angeles"))

    def begin(at: datetime) -> bool:
        with story.database.write() as db:
            return path_test.begin(db, at)

    assert begin(datetime(2026, 3, 2, 17, tzinfo=UTC)), "Monday, 9:00 in Los Angeles"
    assert not begin(datetime(2026, 3, 3, 0, 30, tzinfo=UTC)), "Monday, 16:30: already Tuesday in UTC"
    assert begin(datetime(2026, 3, 3, 17, tzinfo=UTC)), "Tuesday morning has a test of its own"
