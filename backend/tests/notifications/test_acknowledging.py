"""Who has acknowledged, and what ends when a matter is over."""

from datetime import timedelta

from app.database import Database
from app.kit.clock import VirtualClock
from app.notifications import service
from app.notifications.message import Urgency
from app.notifications.schemas import MessageState
from backend.tests.notifications.home import BACKUP, LEAD, NOW, ask, logged, sent
from backend.tests.notifications.servers import MailServer, PushoverServer


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
