"""Tables of work: what the portal says a user has to do. Rows are keyed by the portal's own ids, per user."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Instant


class WorkOrder(Base):
    """One work order as the newest complete list showed it. ``missing_since``: not in that list any more, and why is not
    known; it is never deleted for that."""

    __tablename__ = "work_orders"
    __table_args__ = (
        UniqueConstraint("user_id", "work_id"),
        Index("ix_work_orders_user_id_location_id", "user_id", "location_id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    work_id: Mapped[int]
    categories: Mapped[list[str]] = mapped_column(JSON)
    status: Mapped[str | None] = mapped_column(String(100))
    reason: Mapped[str | None] = mapped_column(String(200))
    project: Mapped[str | None] = mapped_column(String(200))
    po: Mapped[str | None] = mapped_column(String(200))
    created_at: Mapped[datetime | None]  # the portal's wall clock, without a zone
    customer: Mapped[str] = mapped_column(String(200))
    customer_id: Mapped[int]
    location_id: Mapped[int]
    store: Mapped[str] = mapped_column(String(60))
    brand: Mapped[str | None] = mapped_column(String(200))
    street: Mapped[str | None] = mapped_column(String(300))
    intersection: Mapped[str | None] = mapped_column(String(300))
    city: Mapped[str | None] = mapped_column(String(120))
    state: Mapped[str | None] = mapped_column(String(10))
    zip: Mapped[str | None] = mapped_column(String(12))
    county: Mapped[str | None] = mapped_column(String(120))
    services: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    visits_done: Mapped[int]
    visits_total: Mapped[int]
    due_date: Mapped[date | None] = mapped_column(Date)
    completed_on: Mapped[date | None] = mapped_column(Date)
    instructions: Mapped[str | None] = mapped_column(Text)
    search_text: Mapped[str] = mapped_column(Text)
    first_seen_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)
    missing_since: Mapped[datetime | None] = mapped_column(Instant)


class Visit(Base):
    """A visit of a work order. ``is_next``: the one its row links to now. The form counts are kept by ``forms``."""

    __tablename__ = "visits"
    __table_args__ = (
        UniqueConstraint("user_id", "visit_id"),
        Index("ix_visits_user_id_is_next_date", "user_id", "is_next", "date"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    work_order_id: Mapped[str] = mapped_column(ForeignKey("work_orders.id", ondelete="CASCADE"), index=True)
    visit_id: Mapped[int]
    url: Mapped[str] = mapped_column(String(500))
    date: Mapped[date] = mapped_column(Date)
    time: Mapped[str | None] = mapped_column(String(60))
    is_next: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(Instant)
    forms_wanted: Mapped[int | None]
    forms_verified: Mapped[int] = mapped_column(default=0)
    forms_need_person: Mapped[int] = mapped_column(default=0)


class Location(Base):
    """A customer location whose equipment page was (or is to be) read."""

    __tablename__ = "locations"
    __table_args__ = (UniqueConstraint("user_id", "location_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    location_id: Mapped[int]
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_detail: Mapped[str | None] = mapped_column(Text)


class Dispenser(Base):
    """One cabinet of a location, as its card says. ``grades`` keeps the card's order."""

    __tablename__ = "dispensers"
    __table_args__ = (UniqueConstraint("user_id", "location_id", "label"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    location_id: Mapped[int]
    label: Mapped[str] = mapped_column(String(60))
    position: Mapped[int]
    numbers: Mapped[list[int]] = mapped_column(JSON)
    title: Mapped[str] = mapped_column(String(400))
    grades: Mapped[list[str]] = mapped_column(JSON)
    make: Mapped[str | None] = mapped_column(String(120))
    model: Mapped[str | None] = mapped_column(String(120))
    serial: Mapped[str | None] = mapped_column(String(120))
    stand_alone_code: Mapped[str | None] = mapped_column(String(60))
    nozzles_per_side: Mapped[int | None]
    meter_type: Mapped[str | None] = mapped_column(String(120))
    ntep: Mapped[str | None] = mapped_column(String(120))
    seen_at: Mapped[datetime] = mapped_column(Instant)
    missing_since: Mapped[datetime | None] = mapped_column(Instant)


class Freshness(Base):
    """How current a user's work is: written by every sync, read by every screen."""

    __tablename__ = "freshness"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    running: Mapped[bool] = mapped_column(default=False)
    last_attempt_at: Mapped[datetime | None] = mapped_column(Instant)
    last_success_at: Mapped[datetime | None] = mapped_column(Instant)
    failures: Mapped[int] = mapped_column(default=0)
