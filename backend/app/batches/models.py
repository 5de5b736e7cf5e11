"""Tables of batches: visits to be prepared one after the other, and what people did to a batch."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Instant


class Batch(Base):
    """Visits in the order in which they are prepared. ``turn`` counts the times the engine took it up: a workflow of an
    earlier turn finds that it is not meant any more. ``waits`` counts the pauses in a row that brought nothing."""

    __tablename__ = "batches"
    __table_args__ = (
        Index("ix_batches_user_id_id", "user_id", "id"),
        Index("ix_batches_state_wake_at", "state", "wake_at"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(120))
    state: Mapped[str] = mapped_column(String(20))
    turn: Mapped[int] = mapped_column(default=1)
    by_hand: Mapped[bool]
    prove_again: Mapped[bool] = mapped_column(default=False)
    retry_of: Mapped[str | None] = mapped_column(String(36))
    asked_by: Mapped[str] = mapped_column(String(254))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    wake_at: Mapped[datetime | None] = mapped_column(Instant)
    wake_why: Mapped[str | None] = mapped_column(String(300))
    waits: Mapped[int] = mapped_column(default=0)
    error_kind: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_detail: Mapped[str | None] = mapped_column(Text)
    error_action: Mapped[str | None] = mapped_column(Text)


class BatchVisit(Base):
    """One visit of a batch. ``run_id`` is given from the start; the run itself exists once its plan was made. ``choices``:
    a person's own answers for its plan (``forms.schemas.PlanChoices``)."""

    __tablename__ = "batch_visits"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"))
    position: Mapped[int]
    visit_id: Mapped[int]
    work_id: Mapped[int]
    store: Mapped[str] = mapped_column(String(60))
    chain: Mapped[str] = mapped_column(String(200))
    city: Mapped[str | None] = mapped_column(String(120))
    choices: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    date: Mapped[date] = mapped_column(Date)
    run_id: Mapped[str] = mapped_column(String(36), unique=True)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    what_to_do: Mapped[str | None] = mapped_column(Text)


class BatchAction(Base):
    """Who asked for what, and when: the trail of a batch."""

    __tablename__ = "batch_actions"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    batch_id: Mapped[str] = mapped_column(ForeignKey("batches.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Instant)
    who: Mapped[str] = mapped_column(String(254))
    action: Mapped[str] = mapped_column(String(20))
    detail: Mapped[str | None] = mapped_column(String(300))
