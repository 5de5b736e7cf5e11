"""The outbox with real servers and both databases: urgent messages go every way, failures fall over and end in the log."""

import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import select, text

from app.accounts import keys
from app.config import get_settings
from app.database import Database
from app.kit.clock import VirtualClock
from app.notifications import history, service, settings
from app.notifications.channels.interface import ChannelFailed, Sent
from app.notifications.message import Channel, Message, Recipient, Urgency
from app.notifications.models import Delivery, OutboxMessage
from app.notifications.schemas import MessageState, NewNotificationSettings, Notification
from app.notifications.sending import Channels, page
from app.notifications.trials import send_trial
from backend.tests.notifications.servers import HOST, KEY, TOKEN, MailServer, PushoverServer, mail_server, silent_server

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LEAD = Recipient("Lead", "lead@example.com", KEY)
BACKUP = Recipient("Backup", "backup@example.com")


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(NOW) as running:
        yield running


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def configured(operations: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer) -> Database:
    """Both channels lead to our own servers."""
    set_up(operations, mail.port, pushover)
    return operations


def set_up(database: Database, mail_port: int, pushover: PushoverServer, token: str = TOKEN) -> None:
    get_settings().pushover_url = pushover.url
    smtp = {"host": HOST, "port": mail_port, "security": "plain", "sender": "alerts@example.com"}
    with database.write() as db:
        settings.store(db, NewNotificationSettings.model_validate({"smtp": smtp, "pushover": {"token": token}}), "u1")


def ask(database: Database, *people: Recipient, key: str = "alert:1:L1", **other: Any) -> list[str]:
    fields: dict[str, Any] = {"urgency": Urgency.p1, "subject": "System down", "body": "No answer.", "about": "alert:1"}
    with database.write() as db:
        return service.enqueue(db, dedup_key=key, recipients=people or (LEAD,), **fields | other)


def sent(database: Database) -> list[Notification]:
    """The history, oldest first."""
    with database.read() as db:
        return history.page(db, about=None, state=None, cursor=None, limit=100).items[::-1]


def outcomes(one: Notification) -> list[tuple[str, str]]:
    return [(delivery.channel.value, delivery.outcome.value) for delivery in one.deliveries]


def logged(event: str) -> list[dict[str, Any]]:
    lines = [
        line for file in sorted(get_settings().logs.glob("backend/*.jsonl")) for line in file.read_bytes().splitlines()
    ]
    return [line for line in map(orjson.loads, lines) if line["event"] == event]


# --- asking -----------------------------------------------------------------------------------------------------------


def test_asked_twice_it_is_one_message_per_recipient(operations: Database, clock: VirtualClock) -> None:
    first = ask(operations, LEAD, BACKUP)
    assert ask(operations, BACKUP, LEAD) == first[::-1]
    assert len(ask(operations, LEAD, Recipient("Third", "third@example.com"))) == 2
    assert len(ask(operations, key="alert:1:L2")) == 1
    assert len(sent(operations)) == 4


def test_two_processes_that_ask_at_once_make_one_message(operations: Database) -> None:
    """On SQLite they wait for each other; on PostgreSQL the second one meets the row of the first."""
    ids: list[str] = []
    both = threading.Barrier(2)

    def work() -> None:
        both.wait()
        ids.extend(ask(operations, LEAD, BACKUP))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(Counter(ids).values()) == {2: 2}


def test_nobody_to_tell_is_an_error_in_the_log(operations: Database, clock: VirtualClock) -> None:
    with operations.write() as db:
        ids = service.enqueue(db, dedup_key="x", urgency=Urgency.p1, subject="System down", body="", recipients=())
    assert ids == []
    assert logged("notification.nobody_to_tell")[0]["level"] == "error"


def test_it_is_sent_only_when_its_time_has_come(configured: Database, clock: VirtualClock, mail: MailServer) -> None:
    ask(configured, BACKUP, not_before=NOW + timedelta(hours=1))
    assert service.drain(clock.at) == 0
    clock.advance(hours=1)
    assert service.drain(clock.at) == 1
    assert mail.recipients == ["backup@example.com"]


def test_what_was_rolled_back_is_never_sent(configured: Database, clock: VirtualClock, mail: MailServer) -> None:
    def raise_an_alert() -> None:
        with configured.write() as db:
            service.enqueue(db, dedup_key="x", urgency=Urgency.p1, subject="s", body="b", recipients=[LEAD])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        raise_an_alert()
    assert service.drain(clock.at) == 0
    assert mail.mails == []


# --- sending ----------------------------------------------------------------------------------------------------------


def test_an_emergency_goes_every_way_once(
    configured: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer
) -> None:
    ask(configured, LEAD, request_id="abc123")
    assert service.drain(clock.at) == 1
    assert service.drain(clock.at + timedelta(days=1)) == 0
    assert (mail.recipients, [one["user"] for one in pushover.sent]) == (["lead@example.com"], [KEY])
    (one,) = sent(configured)
    assert (one.state, one.finished_at) == (MessageState.sent, NOW)
    assert outcomes(one) == [("log", "delivered"), ("pushover", "delivered"), ("email", "delivered")]
    assert [delivery.hint for delivery in one.deliveries] == ["", "u…uK", "l…@example.com"]
    (line,) = logged("notification.message")
    assert (line["about"], line["subject"], line["request_id"]) == ("alert:1", "System down", "abc123")
    assert {line["channel"] for line in logged("notification.sent")} == {"pushover", "email"}


def test_the_most_urgent_goes_first(configured: Database, clock: VirtualClock, mail: MailServer) -> None:
    for urgency in (Urgency.info, Urgency.p3, Urgency.p1, Urgency.p2):
        ask(configured, BACKUP, key=urgency.value, urgency=urgency, subject=urgency.value)
        clock.advance(seconds=1)
    service.drain(clock.at, workers=1)
    assert [one["Subject"] for one in mail.mails] == ["p1", "p2", "p3", "info"]


def test_a_way_that_fails_falls_over_to_the_next(
    configured: Database, clock: VirtualClock, pushover: PushoverServer
) -> None:
    with silent_server() as port:
        pass  # nobody is there any more
    set_up(configured, port, pushover)
    ask(configured, LEAD, urgency=Urgency.p3)
    service.drain(clock.at)
    (one,) = sent(configured)
    assert outcomes(one) == [("log", "delivered"), ("email", "failed"), ("pushover", "delivered")]
    assert one.state is MessageState.sent
    assert "cannot be reached" in one.deliveries[1].detail


def test_when_every_way_fails_the_log_says_so_and_it_is_tried_again(
    configured: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer
) -> None:
    pushover.failing = (500, {})
    mail.answers["RCPT"] = "451 greylisted"
    ask(configured, LEAD)
    service.drain(clock.at)
    (one,) = sent(configured)
    assert (one.state, one.next_try_at) == (MessageState.due, NOW + timedelta(seconds=15))
    (line,) = logged("notification.nobody_reached")
    assert (line["level"], line["subject"], line["rounds"]) == ("error", "System down", 1)
    assert service.drain(clock.at) == 0
    mail.answers.clear()
    clock.advance(seconds=15)
    service.drain(clock.at)
    (one,) = sent(configured)
    assert (one.state, one.next_try_at) == (
        MessageState.due,
        clock.at + timedelta(seconds=30),
    )  # the telephone is missing
    pushover.failing = None
    clock.advance(seconds=30)
    service.drain(clock.at)
    (one,) = sent(configured)
    assert one.state is MessageState.sent
    assert (len(mail.mails), len(pushover.sent)) == (1, 1)


def test_it_is_given_up_in_the_end_and_the_log_says_so(operations: Database, clock: VirtualClock) -> None:
    ask(operations, BACKUP, urgency=Urgency.p1)
    rounds = 0
    while service.drain(clock.at):
        rounds += 1
        (one,) = sent(operations)
        if one.next_try_at is not None:
            clock.at = one.next_try_at
    assert rounds > 20
    assert one.state is MessageState.failed
    assert clock.at - NOW < timedelta(hours=6)
    assert len(logged("notification.nobody_reached")) == rounds
    # E-mail is not set up: it is tried once, and again only when somebody enters a mail server.
    assert outcomes(one) == [("log", "delivered"), ("email", "failed")]


def test_a_corrected_setting_is_tried_with_at_once_due_messages(
    configured: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer
) -> None:
    set_up(configured, mail.port, pushover, "b" * 30)
    ask(configured, replace(LEAD, email=None))
    service.drain(clock.at)
    clock.advance(minutes=1)
    set_up(configured, mail.port, pushover)
    service.drain(clock.at)
    (one,) = sent(configured)
    assert outcomes(one) == [("log", "delivered"), ("pushover", "failed"), ("pushover", "delivered")]
    assert one.deliveries[1].permanent and one.state is MessageState.sent


def test_a_fault_in_one_channel_does_not_keep_the_others_from_it(operations: Database, clock: VirtualClock) -> None:
    def send(channel: Channel, message: Message, recipient: Recipient, channels: Channels) -> Sent:
        if channel is Channel.pushover:
            raise KeyError("a fault of ours")
        return Sent()

    ask(operations, LEAD)
    ask(operations, BACKUP)
    assert service.drain(clock.at, send=send) == 2
    lead, backup = sorted(sent(operations), key=lambda one: one.recipient, reverse=True)
    assert outcomes(lead)[1:] == [("pushover", "failed"), ("email", "delivered")]
    assert (lead.state, backup.state) == (MessageState.due, MessageState.sent)
    assert logged("notification.channel_broke")[0]["level"] == "error"


def test_two_drainers_at_once_do_not_send_twice(operations: Database, clock: VirtualClock) -> None:
    for number in range(20):
        ask(operations, BACKUP, key=str(number), about=str(number))
    gone_out: Counter[str] = Counter()
    lock, both = threading.Lock(), threading.Barrier(2)

    def send(channel: Channel, message: Message, recipient: Recipient, channels: Channels) -> Sent:
        if channel is not Channel.log:
            with lock:
                gone_out[message.id] += 1
        return Sent()

    worked: list[int] = []

    def work() -> None:
        both.wait()
        worked.append(service.drain(NOW, send=send, workers=3))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(worked) == 20
    assert Counter(gone_out.values()) == {1: 20}


# --- acknowledging and ending -----------------------------------------------------------------------------------------


def test_an_acknowledgement_is_heard_until_it_is_taken(
    configured: Database, clock: VirtualClock, pushover: PushoverServer
) -> None:
    ask(configured, LEAD)
    service.drain(clock.at)
    assert service.poll_receipts(clock.at) == []
    assert pushover.polled == []  # too early to ask
    clock.advance(seconds=10)
    assert service.poll_receipts(clock.at) == []
    assert service.poll_receipts(clock.at) == []
    (receipt,) = pushover.polled
    pushover.acknowledged[receipt] = int(clock.at.timestamp())
    clock.advance(seconds=10)
    expected = [service.Acknowledgement("alert:1", "Lead", NOW + timedelta(seconds=10))]
    assert service.poll_receipts(clock.at) == expected
    clock.advance(minutes=1)
    assert service.poll_receipts(clock.at) == expected  # whoever was told may have died
    assert len(pushover.polled) == 2
    (one,) = sent(configured)
    assert one.state is MessageState.acknowledged
    assert one.deliveries[1].acknowledged_by == "Lead"
    with configured.write() as db:
        assert service.withdraw(db, "alert:1", clock.at) == 0
    assert service.poll_receipts(clock.at) == []


def test_an_acknowledged_message_is_not_sent_by_its_other_ways(
    configured: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer
) -> None:
    mail.answers["RCPT"] = "451 greylisted"
    ask(configured, LEAD)
    service.drain(clock.at)
    clock.advance(seconds=10)
    pushover.acknowledged["r" + "1".rjust(29, "0")] = int(clock.at.timestamp())
    assert len(service.poll_receipts(clock.at)) == 1
    mail.answers.clear()
    clock.advance(hours=1)
    assert service.drain(clock.at) == 0
    assert mail.mails == []


def test_withdrawing_ends_what_is_due_and_what_rings(
    configured: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer
) -> None:
    ask(configured, LEAD)
    service.drain(clock.at)
    ask(configured, BACKUP, key="alert:1:L2", not_before=NOW + timedelta(minutes=5))
    ask(configured, BACKUP, key="alert:2:L1", about="alert:2", not_before=NOW + timedelta(minutes=5))
    with configured.write() as db:
        assert service.withdraw(db, "alert:1", clock.at) == 1
        resolved = {
            "dedup_key": "alert:1:resolved",
            "urgency": Urgency.info,
            "subject": "Resolved",
            "body": "It is over.",
        }
        service.enqueue(db, recipients=[LEAD], about="alert:1", **resolved)  # type: ignore[arg-type]
    service.poll_receipts(clock.at)
    assert pushover.cancelled == ["r" + "1".rjust(29, "0")]
    assert pushover.polled == []
    clock.advance(minutes=5)
    service.drain(clock.at)
    service.poll_receipts(clock.at)
    assert len(pushover.cancelled) == 1
    assert [mail["Subject"] for mail in mail.mails] == ["System down", "Resolved", "System down"] or len(
        mail.mails
    ) == 3
    states = {one.about + one.urgency: one.state for one in sent(configured) if one.recipient == "Backup"}
    assert states == {"alert:1p1": MessageState.withdrawn, "alert:2p1": MessageState.sent}


def test_a_receipt_that_cannot_be_asked_about_is_asked_again(
    configured: Database, clock: VirtualClock, pushover: PushoverServer
) -> None:
    ask(configured, LEAD)
    service.drain(clock.at)
    clock.advance(seconds=10)
    pushover.failing = (500, {})
    service.poll_receipts(clock.at)
    assert logged("notification.receipt_failed")[0]["detail"].startswith("Pushover cannot take it now (500)")
    pushover.failing = None
    clock.advance(seconds=10)
    service.poll_receipts(clock.at)
    assert len(pushover.polled) == 1
    pushover.expired.add(pushover.polled[0])
    clock.advance(seconds=10)
    service.poll_receipts(clock.at)
    assert len(logged("notification.not_acknowledged")) == 1
    clock.advance(seconds=10)
    service.poll_receipts(clock.at)
    assert len(pushover.polled) == 2


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_address_and_no_secret_stands_in_the_database_file_or_the_logs(
    sqlite: Database, home: Path, clock: VirtualClock, pushover: PushoverServer
) -> None:
    from app.database import get_operations_database

    database = get_operations_database()
    get_settings().pushover_url = pushover.url
    smtp = {
        "host": HOST,
        "port": 1,
        "security": "starttls",
        "sender": "alerts@example.com",
        "user": "smtp-user",
        "password": "a very secret password",
    }
    with database.write() as db:
        new = NewNotificationSettings.model_validate({"smtp": smtp, "pushover": {"token": TOKEN}})
        settings.store(db, new, "u1")
    ask(database, LEAD)
    for _ in range(2):
        service.drain(clock.at)
        clock.advance(hours=1)
    database.close()
    stored = b"".join(path.read_bytes() for path in home.glob("operations.db*"))
    said = b"".join(path.read_bytes() for path in get_settings().logs.rglob("*.jsonl"))
    assert b"System down" in stored and b"System down" in said
    for secret in (b"lead@example.com", KEY.encode(), TOKEN.encode(), b"a very secret password"):
        assert secret not in stored
        assert secret not in said


def test_addresses_are_removed_when_a_message_is_over(configured: Database, clock: VirtualClock) -> None:
    ask(configured, LEAD)
    with configured.read() as db:
        assert db.scalars(select(OutboxMessage.email_sealed)).one().startswith("v1.")  # type: ignore[union-attr]
    service.drain(clock.at)
    with configured.read() as db:
        assert db.execute(select(OutboxMessage.email_sealed, OutboxMessage.pushover_sealed)).one() == (None, None)


def test_an_address_of_another_row_cannot_be_used(configured: Database, clock: VirtualClock, mail: MailServer) -> None:
    ask(configured, LEAD, BACKUP, urgency=Urgency.info)
    with configured.write() as db:
        lead = db.scalar(select(OutboxMessage.email_sealed).where(OutboxMessage.recipient_name == "Lead"))
        db.execute(text("UPDATE notification_messages SET email_sealed = :sealed"), {"sealed": lead})
    service.drain(clock.at)
    assert mail.recipients == ["lead@example.com"]
    assert logged("notification.address_unreadable")[0]["to"] == "Backup"
    assert logged("notification.nobody_reached")[0]["to"] == "Backup"


def test_with_another_master_key_channels_are_not_ready_and_nothing_breaks(
    configured: Database, clock: VirtualClock, mail: MailServer, home: Path
) -> None:
    with configured.read() as db:
        before = {state.channel: state.ready for state in settings.channels_configured(db)}
    assert (before[Channel.email], before[Channel.pushover]) == (True, True)
    (home / "keys" / "master.key").unlink()
    keys.get_envelope.cache_clear()
    with configured.read() as db:
        after = {state.channel: state for state in settings.channels_configured(db)}
    assert not after[Channel.pushover].ready and "enter it again" in after[Channel.pushover].detail
    ask(configured, BACKUP)
    service.drain(clock.at)
    assert mail.recipients == ["backup@example.com"]  # this mail server needs no password


# --- without a database, tests, and what is kept ----------------------------------------------------------------------


def test_a_pager_sends_without_any_database(mail: MailServer, pushover: PushoverServer, home: Path) -> None:
    message = Message("m1", Urgency.p1, "The database is gone", "Nobody can work.", NOW)
    made = page(message, LEAD, Channels(email=mail.settings(), pushover=pushover.settings))
    assert [(one.channel.value, one.outcome.value) for one in made] == [
        ("log", "delivered"),
        ("pushover", "delivered"),
        ("email", "delivered"),
    ]
    assert not home.exists()


def test_a_test_message_answers_what_really_came_of_each_channel(
    configured: Database, clock: VirtualClock, mail: MailServer, pushover: PushoverServer
) -> None:
    pushover.failing = (400, {"errors": ["user key is not active"]})
    told = send_trial(LEAD, "u1")
    assert outcomes(told) == [("pushover", "failed"), ("email", "delivered")]
    assert "user key is not active" in told.deliveries[0].detail
    assert (told.state, told.recipient, told.about) == (MessageState.sent, "Lead", "test")
    mail.answers["DATA"] = "554 no"
    assert send_trial(BACKUP, "u1").state is MessageState.failed
    assert told.id in [one.id for one in sent(configured)]
    assert service.drain(clock.at + timedelta(days=1)) == 0


def test_old_messages_are_forgotten_and_due_ones_never(configured: Database, clock: VirtualClock) -> None:
    ask(configured, LEAD)
    service.drain(clock.at)
    clock.advance(days=100)
    ask(configured, LEAD, key="later")
    service.drain(clock.at)
    ask(configured, LEAD, key="waiting", not_before=clock.at + timedelta(days=900))
    with configured.write() as db:
        assert history.forget_old(db, clock.at - timedelta(days=99)) == 1
        assert history.forget_old(db, clock.at - timedelta(days=99)) == 0
        assert history.forget_old(db, clock.at + timedelta(days=800)) == 1
    assert [one.state for one in sent(configured)] == [MessageState.due]
    with configured.read() as db:
        assert list(db.scalars(select(Delivery.id))) == []


def test_a_channel_failure_is_an_exception_with_a_sentence() -> None:
    error = ChannelFailed("It is closed.", permanent=True)
    assert (str(error), error.permanent) == ("It is closed.", True)
