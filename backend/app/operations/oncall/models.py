"""Tables of on-call duty, in the operations database."""

from datetime import date, datetime, time

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Time
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Instant, OperationsBase


class Contact(OperationsBase):
    """A person or a mailbox that the escalation matrix means. The ``*_sealed`` columns are envelope-encrypted and bound to
    this row; the hints are parts of them to recognise them by. ``verified_on``: when somebody confirmed that all of it is
    still right, a day in the contact's time zone. A contact that was removed keeps its name, for who was on call when, and
    nothing else."""

    __tablename__ = "contacts"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    roles: Mapped[list[str]] = mapped_column(JSON)
    email_sealed: Mapped[str | None] = mapped_column(String(2000))
    email_hint: Mapped[str | None] = mapped_column(String(260))
    pushover_sealed: Mapped[str | None] = mapped_column(String(2000))
    pushover_hint: Mapped[str | None] = mapped_column(String(10))
    desktop: Mapped[bool]
    time_zone: Mapped[str] = mapped_column(String(60))
    verified_on: Mapped[date | None] = mapped_column(Date)
    removed_at: Mapped[datetime | None] = mapped_column(Instant)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(36))


class RotaRow(OperationsBase):
    """A weekly rota from its first turn on, until a later one begins. ``primary`` and ``secondary``: ids of contacts in the
    order of their turns."""

    __tablename__ = "on_call_rotas"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    zone: Mapped[str] = mapped_column(String(60))
    first: Mapped[date] = mapped_column(Date, unique=True)
    at: Mapped[time] = mapped_column(Time)
    primary: Mapped[list[str]] = mapped_column(JSON)
    secondary: Mapped[list[str]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(String(36))


class OverrideRow(OperationsBase):
    """What was agreed differently from the rota. ``contact_id``: null = nobody was found yet."""

    __tablename__ = "on_call_overrides"
    __table_args__ = (Index("ix_on_call_overrides_ends_at", "ends_at"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    level: Mapped[str] = mapped_column(String(10))
    kind: Mapped[str] = mapped_column(String(10))
    contact_id: Mapped[str | None] = mapped_column(ForeignKey("contacts.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    note: Mapped[str] = mapped_column(String(300))
    made_at: Mapped[datetime] = mapped_column(Instant)
    made_by: Mapped[str] = mapped_column(String(36))


class BusinessHours(OperationsBase):
    """The one row with the business hours, wall clock of ``zone``."""

    __tablename__ = "business_hours"

    id: Mapped[int] = mapped_column(primary_key=True)
    zone: Mapped[str] = mapped_column(String(60))
    days: Mapped[list[int]] = mapped_column(JSON)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(36))
