"""Tables of synchronisation."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Instant


class SyncRun(Base):
    """One synchronisation, from the wish to the outcome. Its id is the id of its workflow and of its events."""

    __tablename__ = "sync_runs"
    __table_args__ = (Index("ix_sync_runs_user_id_id", "user_id", "id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(String(20), index=True)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    seconds: Mapped[float | None]  # from the wish to the end
    refresh_locations: Mapped[bool]
    accept_empty: Mapped[bool]
    work_orders: Mapped[int | None]
    added: Mapped[int | None]
    changed: Mapped[int | None]
    unchanged: Mapped[int | None]
    missing: Mapped[int | None]
    returned: Mapped[int | None]
    locations_total: Mapped[int | None]
    locations_read: Mapped[int | None]
    locations_failed: Mapped[int | None]
    dispensers: Mapped[int | None]
    provers: Mapped[int | None]
    error_kind: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_detail: Mapped[str | None] = mapped_column(Text)
    error_action: Mapped[str | None] = mapped_column(Text)
