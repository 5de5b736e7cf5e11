"""The outbox with real servers and both databases: urgent messages go every way, failures fall over and end in the log."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from app.database import Database
from app.kit.clock import VirtualClock
from app.notifications import service
from app.notifications.channels.interface import Sent
from app.notifications.message import Channel, Message, Recipient, Urgency
from app.notifications.schemas import MessageState
from app.notifications.sending import Channels
from backend.tests.notifications.home import BACKUP, LEAD, NOW, ask, logged, outcomes, sent, set_up
from backend.tests.notifications.servers import KEY, MailServer, PushoverServer, silent_server

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


def test_texts_from_errors_are_stored_whatever_is_in_them(operations: Database, clock: VirtualClock) -> None:
    ask(operations, subject="s\x00\ud800\n" * 400, body="zero \x00 half \ud800 end", url="https://" + "u" * 999)
    (one,) = sent(operations)
    assert (one.body, one.url) == ("zero  half ? end", None)


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


def test_a_slow_mail_server_holds_up_nothing_that_is_urgent(operations: Database, clock: VirtualClock) -> None:
    answers, gone_out = threading.Event(), Counter[str]()

    def send(channel: Channel, message: Message, recipient: Recipient, channels: Channels) -> Sent:
        if channel is not Channel.log:
            assert message.urgency is Urgency.p1 or answers.wait(30)
            gone_out[message.id] += 1
        return Sent()

    sender = service.Sender(send, workers=2)
    for number in range(6):
        ask(operations, BACKUP, key=str(number), urgency=Urgency.p2)
    slow = sender.begin(clock.at)
    ask(operations, BACKUP, key="urgent")
    (urgent,) = sender.begin(clock.at)
    assert urgent.result(30)
    assert not any(future.done() for future in slow)
    answers.set()
    assert all(future.result(30) for future in slow)
    assert sender.begin(clock.at) == []
    assert sorted(gone_out.values()) == [1] * 7
    sender.close()


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
