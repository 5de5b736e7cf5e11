"""politeness

Revision: 0002_politeness
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

import app.database

revision = "0002_politeness"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "politeness",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("loads_per_minute", sa.Integer(), nullable=False),
        sa.Column("quiet_from", sa.String(length=5), nullable=True),
        sa.Column("quiet_until", sa.String(length=5), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_politeness_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_politeness")),
    )
    op.create_table(
        "portal_jobs",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("asked_at", app.database.Instant(timezone=True), nullable=False),
        sa.Column("settled_at", app.database.Instant(timezone=True), nullable=True),
        sa.Column("result", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_portal_jobs_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_jobs")),
    )
    with op.batch_alter_table("portal_jobs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_portal_jobs_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_portal_jobs_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("portal_jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_portal_jobs_user_id"))
        batch_op.drop_index(batch_op.f("ix_portal_jobs_state"))
    op.drop_table("portal_jobs")
    op.drop_table("politeness")
