"""worst priority: incidents keep the worst priority they ever had

Revision: 0006_worst_priority
Follows: 0005_records
"""

import re

import sqlalchemy as sa
from alembic import op

revision = "0006_worst_priority"
down_revision = "0005_records"
branch_labels = None
depends_on = None

_INCIDENTS = sa.table(
    "incidents", sa.column("id", sa.String), sa.column("priority", sa.String), sa.column("worst_priority", sa.String)
)
_TIMELINE = sa.table(
    "incident_timeline", sa.column("incident_id", sa.String), sa.column("kind", sa.String), sa.column("text", sa.Text)
)
# As the story told it until now.
_TOLD = re.compile(r"Priority: (p[123]) → (p[123])")


def upgrade() -> None:
    # The default stays: SQLite takes it away only by making the table anew, which would delete the stories that refer to it.
    op.add_column("incidents", sa.Column("worst_priority", sa.String(4), nullable=False, server_default="p3"))
    db = op.get_bind()
    worst = {row.id: row.priority for row in db.execute(sa.select(_INCIDENTS.c.id, _INCIDENTS.c.priority))}
    told = sa.select(_TIMELINE.c.incident_id, _TIMELINE.c.text).where(
        _TIMELINE.c.kind == "event", _TIMELINE.c.text.startswith("Priority: ")
    )
    for row in db.execute(told):
        if found := _TOLD.fullmatch(row.text):
            worst[row.incident_id] = min(worst[row.incident_id], *found.groups())
    for id_, priority in worst.items():
        db.execute(sa.update(_INCIDENTS).where(_INCIDENTS.c.id == id_).values(worst_priority=priority))


def downgrade() -> None:
    op.drop_column("incidents", "worst_priority")
