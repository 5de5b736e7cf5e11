"""calls: an escalation clock, when alerts were really evaluated, one open alert per rule and component, and room for the longest names and words

Revision: 0004_calls
Follows: 0003_alerts
"""

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0004_calls"
down_revision = "0003_alerts"
branch_labels = None
depends_on = None

_OPEN = sa.text("phase <> 'resolved'")
_NAMES = {
    "alerts": ("acknowledged_by", "resolved_by"),
    "alert_events": ("by",),
    "silences": ("made_by",),
    "maintenance_windows": ("made_by", "ended_by"),
    "incidents": ("opened_by", "commander"),
    "incident_timeline": ("actor",),
    "incident_actions": ("owner",),
    "incident_evidence": ("taken_by",),
}


def upgrade() -> None:
    # 0003 makes these columns as long today. SQLite never minded their length, and to rebuild a table there would take the rows
    # that hang on it along.
    if op.get_bind().dialect.name == "postgresql":
        for table, columns in _NAMES.items():
            for name in columns:
                op.alter_column(table, name, type_=sa.String(320))
        for name in ("silenced", "inhibited"):
            op.alter_column("alerts", name, type_=sa.Text())
    op.add_column("alerts", sa.Column("callable_since", app.database.Instant(timezone=True), nullable=True))
    op.execute("UPDATE alerts SET callable_since = fired_at")
    op.create_index("ix_alerts_phase_resolved_at", "alerts", ["phase", "resolved_at"])
    op.add_column("leases", sa.Column("done_at", app.database.Instant(timezone=True), nullable=True))
    op.execute(
        "UPDATE alerts SET phase = 'resolved', resolved_at = pending_at, resolved_by = 'fossawork' WHERE phase <> 'resolved' AND EXISTS "
        "(SELECT 1 FROM alerts AS newer WHERE newer.rule = alerts.rule AND newer.component = alerts.component "
        "AND newer.phase <> 'resolved' AND newer.id > alerts.id)"
    )
    op.create_index(
        "uq_alerts_open",
        "alerts",
        ["rule", "component"],
        unique=True,
        sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )


def downgrade() -> None:
    op.drop_column("leases", "done_at")
    op.drop_index("uq_alerts_open", "alerts")
    op.drop_index("ix_alerts_phase_resolved_at", "alerts")
    op.drop_column("alerts", "callable_since")
