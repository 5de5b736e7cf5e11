"""Tables of activity."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Instant


class EventRow(Base):
    """An event of a job. Only appended; the id orders what one user sees."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_user_id_id", "user_id", "id"), Index("ix_events_job_id_id", "job_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(Instant)
    job_kind: Mapped[str] = mapped_column(String(20))
    job_id: Mapped[str] = mapped_column(String(36))
    type: Mapped[str] = mapped_column(String(40))
    message: Mapped[str] = mapped_column(String(1000))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    request_id: Mapped[str | None] = mapped_column(String(64))


class JobRequest(Base):
    """Which request asked for a job: whatever is logged and told while it is worked on bears that request's id. ``job_id`` of a
    batch is the batch's, whatever its turn; the last request that made it go on counts."""

    __tablename__ = "job_requests"

    job_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Instant, index=True)
