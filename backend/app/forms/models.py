"""Tables of forms: what the portal holds (as last read), runs, and the submission ledger."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Instant

# What the database calls active: neither over nor given up (``schemas.RunState``).
_ACTIVE = "('queued', 'running', 'pausing', 'paused', 'skipping', 'stopping')"


class VisitSnapshot(Base):
    """The forms of a visit as the portal showed them. ``forms``: records of the visit page, as JSON."""

    __tablename__ = "visit_snapshots"
    __table_args__ = (UniqueConstraint("user_id", "visit_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    visit_id: Mapped[int]
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    forms: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    suggested: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    check_id: Mapped[str | None] = mapped_column(String(36))


class VisitCheckJob(Base):
    """A wish to read the forms of a visit; its id is the id of its workflow and of its events."""

    __tablename__ = "visit_checks"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    visit_id: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)


class FormRun(Base):
    """One run over a visit, as a part of a batch (perhaps of only this one). At most one per visit is active: the database
    itself refuses a second. ``state`` carries the wishes to pause, skip or stop to whoever works on it."""

    __tablename__ = "form_runs"
    __table_args__ = (
        Index("ix_form_runs_user_id_visit_id", "user_id", "visit_id", "id"),
        Index(
            "uq_form_runs_active",
            "user_id",
            "visit_id",
            unique=True,
            sqlite_where=text(f"state IN {_ACTIVE}"),
            postgresql_where=text(f"state IN {_ACTIVE}"),
        ),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    batch_id: Mapped[str | None] = mapped_column(String(36), index=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    visit_id: Mapped[int]
    work_id: Mapped[int]
    visit_url: Mapped[str] = mapped_column(String(500))
    store: Mapped[str] = mapped_column(String(60))
    form_type: Mapped[str] = mapped_column(String(60))
    dispensers_known: Mapped[int]
    state: Mapped[str] = mapped_column(String(20), index=True)
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_at: Mapped[datetime] = mapped_column(Instant)
    started_at: Mapped[datetime | None] = mapped_column(Instant)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    error_kind: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_detail: Mapped[str | None] = mapped_column(Text)
    error_action: Mapped[str | None] = mapped_column(Text)


class RunForm(Base):
    """The form of one dispenser in a run: what was approved (``plan``) and what came of it."""

    __tablename__ = "run_forms"
    __table_args__ = (UniqueConstraint("run_id", "position"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    run_id: Mapped[str] = mapped_column(ForeignKey("form_runs.id", ondelete="CASCADE"))
    position: Mapped[int]
    dispenser: Mapped[str] = mapped_column(String(60))
    numbers: Mapped[list[int]] = mapped_column(JSON)
    action: Mapped[str] = mapped_column(String(20))
    plan: Mapped[dict[str, Any]] = mapped_column(JSON)
    entry_id: Mapped[int | None]
    entry_url: Mapped[str | None] = mapped_column(String(500))
    running: Mapped[bool]
    tries: Mapped[int] = mapped_column(default=0)
    progress: Mapped[int] = mapped_column(default=0)
    verdict: Mapped[str | None] = mapped_column(String(20))
    reason: Mapped[str | None] = mapped_column(Text)
    what_to_do: Mapped[str | None] = mapped_column(Text)
    seconds: Mapped[float | None]
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)


class LedgerEntry(Base):
    """The submission ledger: one effect on the portal, its intent recorded before it happens.

    ``key`` is ``equipment`` (section 1), ``grade:N`` or ``readings:G`` (a group: one grade on one side). ``state`` goes
    waiting → writing (intent) → written (acted) → verified or failed. After a crash ``writing`` means: unknown, ask the
    portal.
    """

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("run_form_id", "key"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    run_form_id: Mapped[str] = mapped_column(ForeignKey("run_forms.id", ondelete="CASCADE"))
    position: Mapped[int]
    key: Mapped[str] = mapped_column(String(40))
    label: Mapped[str] = mapped_column(String(100))
    wanted: Mapped[str] = mapped_column(String(300))
    found: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20))
    intent_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)


class OwnTemplate(Base):
    """A user's own readings of a station type, instead of the built-in ones."""

    __tablename__ = "reading_templates"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    station: Mapped[str] = mapped_column(String(30), primary_key=True)
    template: Mapped[dict[str, Any]] = mapped_column(JSON)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class FormSettings(Base):
    """How a user wants forms to be prepared, and how long evidence is kept."""

    __tablename__ = "form_settings"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    readings: Mapped[bool] = mapped_column(default=True)
    pictures: Mapped[bool] = mapped_column(default=True)
    keep_picture_days: Mapped[int] = mapped_column(default=30)
    keep_record_months: Mapped[int] = mapped_column(default=12)
