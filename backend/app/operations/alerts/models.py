"""Tables of alerts, in the operations database."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Instant, OperationsBase
from app.operations.terms import LONGEST_NAME


class Alert(OperationsBase):
    """One trouble of one component, from the first bad sample to its end. The columns from ``bad_samples`` to ``last_value``
    are the engine's memory: they make its timers survive a restart. ``callable_since``: from then on people are called about it, level
    by level; a silence that ends begins the time anew. ``answer_by``: until when somebody had to acknowledge it, by the business
    hours of that moment. ``levels``: the calls by their keys (``L1``, ``L1-reminder``, …; ``L1-3``: before it came back
    for the third time), each with ``at``, ``role``, ``told`` (names; null: the watcher called) and ``gap`` (why not those who should be)."""

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_phase_id", "phase", "id"),
        Index("ix_alerts_phase_resolved_at", "phase", "resolved_at"),
        Index(
            "uq_alerts_open",
            "rule",
            "component",
            unique=True,
            sqlite_where=text("phase <> 'resolved'"),
            postgresql_where=text("phase <> 'resolved'"),
        ),
        Index("ix_alerts_rule_component", "rule", "component"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    rule: Mapped[str] = mapped_column(String(40))
    component: Mapped[str] = mapped_column(String(80))
    priority: Mapped[str] = mapped_column(String(4))
    kind: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    phase: Mapped[str] = mapped_column(String(20))
    pending_at: Mapped[datetime] = mapped_column(Instant)
    fired_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    callable_since: Mapped[datetime | None] = mapped_column(Instant)
    answer_by: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant)
    acknowledged_by: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    resolved_at: Mapped[datetime | None] = mapped_column(Instant)
    resolved_by: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    silenced: Mapped[str | None] = mapped_column(Text)
    inhibited: Mapped[str | None] = mapped_column(Text)
    bad_samples: Mapped[int]
    good_samples: Mapped[int]
    good_since: Mapped[datetime | None] = mapped_column(Instant)
    last_sample_at: Mapped[datetime | None] = mapped_column(Instant)
    last_value: Mapped[float | None]
    flaps: Mapped[int]
    evidence: Mapped[dict[str, Any]] = mapped_column(JSON)
    levels: Mapped[dict[str, dict[str, Any]]] = mapped_column(JSON)
    incident_id: Mapped[str | None] = mapped_column(String(20), index=True)


class AlertEvent(OperationsBase):
    """What happened to an alert: only appended."""

    __tablename__ = "alert_events"
    __table_args__ = (Index("ix_alert_events_alert_id_id", "alert_id", "id"), Index("ix_alert_events_at", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    alert_id: Mapped[str] = mapped_column(String(36))
    at: Mapped[datetime] = mapped_column(Instant)
    what: Mapped[str] = mapped_column(String(30))
    by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    text: Mapped[str] = mapped_column(Text)


class KnownSignal(OperationsBase):
    """A signal that has answered at least once, and for how many seconds of looking it has not since then."""

    __tablename__ = "known_signals"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    unknown_seconds: Mapped[float]


class Silence(OperationsBase):
    """Mutes the notifications of some alerts until an instant; the alerts themselves go on being seen."""

    __tablename__ = "silences"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    rule: Mapped[str] = mapped_column(String(40))
    component: Mapped[str | None] = mapped_column(String(80))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant, index=True)
    comment: Mapped[str] = mapped_column(String(300))
    made_by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    made_at: Mapped[datetime] = mapped_column(Instant)


class MaintenanceWindow(OperationsBase):
    """Planned work: declared before it begins, bounded, and left out of availability. ``rules``: what it silences."""

    __tablename__ = "maintenance_windows"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant, index=True)
    rules: Mapped[list[str]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(String(300))
    made_by: Mapped[str] = mapped_column(String(LONGEST_NAME))
    made_at: Mapped[datetime] = mapped_column(Instant)
    ended_by: Mapped[str | None] = mapped_column(String(LONGEST_NAME))


class Watcher(OperationsBase):
    """What the server knows of a watcher: the newest probe and outage report it has taken over from it."""

    __tablename__ = "watchers"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    last_probe: Mapped[int] = mapped_column(BigInteger)
    last_report: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[str] = mapped_column(String(40))
