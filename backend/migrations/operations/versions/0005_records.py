"""records: who was called as it was then, by when somebody had to answer, and for how long signals have been unknown

Revision: 0005_records
Follows: 0004_calls
"""

from datetime import timedelta

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0005_records"
down_revision = "0004_calls"
branch_labels = None
depends_on = None

_ANSWER = {"p1": timedelta(minutes=5), "p2": timedelta(minutes=30), "p3": timedelta(hours=2)}
_ALERTS = sa.table(
    "alerts",
    sa.column("id", sa.String),
    sa.column("priority", sa.String),
    sa.column("levels", sa.JSON),
    sa.column("callable_since", app.database.Instant(timezone=True)),
    sa.column("answer_by", app.database.Instant(timezone=True)),
)


def upgrade() -> None:
    op.add_column("alerts", sa.Column("answer_by", app.database.Instant(timezone=True), nullable=True))
    op.create_table(
        "known_signals",
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("unknown_seconds", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_known_signals")),
    )
    db = op.get_bind()
    for row in db.execute(sa.select(_ALERTS.c.id, _ALERTS.c.priority, _ALERTS.c.levels, _ALERTS.c.callable_since)).all():
        # Who was called was not kept; business hours, which an old P3 may have waited for, are left aside.
        calls = {
            level: {"at": at, "role": None, "told": None, "gap": None} for level, at in (row.levels or {}).items()
        }
        answer_by = row.callable_since and row.callable_since + _ANSWER[row.priority]
        db.execute(sa.update(_ALERTS).where(_ALERTS.c.id == row.id).values(levels=calls, answer_by=answer_by))


def downgrade() -> None:
    db = op.get_bind()
    for row in db.execute(sa.select(_ALERTS.c.id, _ALERTS.c.levels)).all():
        levels = {level: call["at"] for level, call in (row.levels or {}).items()}
        db.execute(sa.update(_ALERTS).where(_ALERTS.c.id == row.id).values(levels=levels))
    op.drop_table("known_signals")
    op.drop_column("alerts", "answer_by")
