"""job_requests: which request asked for a job, and events bear it

Revision: 0005_job_requests
Follows: 0004_ends
"""

import sqlalchemy as sa
from alembic import op

import app.database

revision = '0005_job_requests'
down_revision = '0004_ends'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'job_requests',
        sa.Column('job_id', sa.String(length=36), nullable=False),
        sa.Column('request_id', sa.String(length=64), nullable=False),
        sa.Column('at', app.database.Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('job_id', name=op.f('pk_job_requests')),
    )
    op.create_index(op.f('ix_job_requests_at'), 'job_requests', ['at'], unique=False)
    with op.batch_alter_table('events') as table:
        table.add_column(sa.Column('request_id', sa.String(length=64), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('events') as table:
        table.drop_column('request_id')
    op.drop_index(op.f('ix_job_requests_at'), table_name='job_requests')
    op.drop_table('job_requests')
