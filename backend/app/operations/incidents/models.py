"""Tables of incidents, in the operations database."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Instant, OperationsBase
from app.operations.terms import LONGEST_NAME


class Incident(OperationsBase):
    """One incident, ``INC-YYYYMMDD-NNN``. Times are filled as it moves on and are not taken back, but for the
    recovery and the review of one whose alert comes back at once. ``worst_priority``: the worst
    one it ever had, by which its closing is judged."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_status_id", "status", "id"),)

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    priority: Mapped[str] = mapped_column(String(4))
    worst_priority: Mapped[str] = mapped_column(String(4))
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    opened_by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    started_at: Mapped[datetime] = mapped_column(Instant)
    detected_at: Mapped[datetime] = mapped_column(Instant, index=True)
    declared_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    contained_at: Mapped[datetime | None] = mapped_column(Instant)
    recovered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    commander: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    responders: Mapped[list[str]] = mapped_column(JSON)
    services: Mapped[list[str]] = mapped_column(JSON)
    user_impact: Mapped[str] = mapped_column(Text)
    business_impact: Mapped[str] = mapped_column(Text)
    root_cause: Mapped[str] = mapped_column(Text)
    contributing: Mapped[str] = mapped_column(Text)
    whys: Mapped[list[str]] = mapped_column(JSON)
    went_well: Mapped[str] = mapped_column(Text)
    went_badly: Mapped[str] = mapped_column(Text)
    lessons: Mapped[str] = mapped_column(Text)
    procedures_updated: Mapped[str] = mapped_column(String(300))
    merged_into: Mapped[str | None] = mapped_column(String(20))
    review_due_at: Mapped[datetime | None] = mapped_column(Instant)
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    next_update_at: Mapped[datetime | None] = mapped_column(Instant)


class TimelineEntry(OperationsBase):
    """One line of an incident's story: only appended. ``data`` holds an update's template and fields."""

    __tablename__ = "incident_timeline"
    __table_args__ = (Index("ix_incident_timeline_incident_id_at", "incident_id", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Instant)
    kind: Mapped[str] = mapped_column(String(20))
    actor: Mapped[str] = mapped_column(String(LONGEST_NAME))
    text: Mapped[str] = mapped_column(Text)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)


class ActionItem(OperationsBase):
    """Something to be done so that it does not happen again."""

    __tablename__ = "incident_actions"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    text: Mapped[str] = mapped_column(Text)
    owner: Mapped[str] = mapped_column(String(LONGEST_NAME))
    due: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Evidence(OperationsBase):
    """A file of an incident's evidence pack, and the digest that proves it unchanged."""

    __tablename__ = "incident_evidence"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    incident_id: Mapped[str] = mapped_column(ForeignKey("incidents.id", ondelete="CASCADE"), index=True)
    path: Mapped[str] = mapped_column(String(300))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    taken_at: Mapped[datetime] = mapped_column(Instant)
    taken_by: Mapped[str] = mapped_column(String(LONGEST_NAME))
