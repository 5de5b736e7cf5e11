"""ends: when runs and syncs ended can be asked for, and how long a sync took

Revision: 0004_ends
Follows: 0003_batches
"""

import sqlalchemy as sa
from alembic import op

revision = '0004_ends'
down_revision = '0003_batches'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('sync_runs') as table:
        table.add_column(sa.Column('seconds', sa.Double(), nullable=True))
        table.create_index(table.f('ix_sync_runs_finished_at'), ['finished_at'])
    with op.batch_alter_table('form_runs') as table:
        table.create_index(table.f('ix_form_runs_finished_at'), ['finished_at'])


def downgrade() -> None:
    with op.batch_alter_table('form_runs') as table:
        table.drop_index(table.f('ix_form_runs_finished_at'))
    with op.batch_alter_table('sync_runs') as table:
        table.drop_index(table.f('ix_sync_runs_finished_at'))
        table.drop_column('seconds')
