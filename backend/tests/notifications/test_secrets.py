"""Addresses and secrets: sealed, bound to their row, removed in the end; test messages; a pager; what is kept."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select, text

from app.accounts import keys
from app.config import get_settings
from app.database import Database, get_operations_database
from app.kit.clock import VirtualClock
from app.notifications import history, service, settings
from app.notifications.message import Channel, Message, Urgency
from app.notifications.models import Delivery, OutboxMessage
from app.notifications.schemas import MessageState, NewNotificationSettings
from app.notifications.sending import Channels, page
from app.notifications.trials import send_trial
from backend.tests.log_lines import everything
from backend.tests.notifications.home import BACKUP, LEAD, NOW, ask, logged, outcomes, sent
from backend.tests.notifications.servers import HOST, KEY, TOKEN, MailServer, PushoverServer


def test_no_address_and_no_secret_stands_in_the_database_file_or_the_logs(
    sqlite: Database, home: Path, clock: VirtualClock, pushover: PushoverServer
) -> None:
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
    said = everything(get_settings().logs)
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
