"""What the tests of stored duty plans share."""

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import SecretStr

from app.database import Database
from app.operations.oncall import contacts, duty
from app.operations.oncall.escalation import Role
from app.operations.oncall.schemas import NewContact, NewOverride, NewRota, OverrideKind

ZONE = "America/New_York"
NOW = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo(ZONE)).astimezone(UTC)
KEY = "u" * 29 + "K"


def at(text: str) -> datetime:
    """A wall-clock moment in New York as an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)


def add(database: Database, name: str, *roles: Role, **other: Any) -> str:
    fields: dict[str, Any] = {"email": f"{name.lower()}@example.com", "pushover_key": SecretStr(KEY)} | other
    with database.write() as db:
        return contacts.add(db, NewContact(name=name, roles=list(roles), **fields), "u1").id


def set_rota(database: Database, *primary: str, first: date = date(2026, 3, 2), secondary: Any = None) -> str:
    new = NewRota(zone=ZONE, first=first, at="09:00", primary=list(primary), secondary=secondary)
    with database.write() as db:
        return duty.set_rota(db, new, "u1").id


def override(database: Database, who: str | None, starts: str, ends: str, level: str = "primary") -> str:
    new = NewOverride.model_validate(
        {
            "level": level,
            "kind": OverrideKind.swap,
            "contact_id": who,
            "starts_at": at(starts),
            "ends_at": at(ends),
        }
    )
    with database.write() as db:
        return duty.add_override(db, new, "u1").id
