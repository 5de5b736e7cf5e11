"""What the outbox tests share: two people, ways to ask, and ways to look."""

from datetime import UTC, datetime
from typing import Any

from app.config import get_settings
from app.database import Database
from app.notifications import history, service, settings
from app.notifications.message import Recipient, Urgency
from app.notifications.schemas import NewNotificationSettings, Notification
from backend.tests import log_lines
from backend.tests.notifications.servers import HOST, KEY, TOKEN, PushoverServer

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
LEAD = Recipient("Lead", "lead@example.com", KEY)
BACKUP = Recipient("Backup", "backup@example.com")


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
    """The lines of this event, their own figures beside the fields that every line has."""
    lines = log_lines.logged(get_settings().logs, "backend")
    return [{**line, **line.get("data", {})} for line in lines if line["event"] == event]
