"""batches

Revision: 0003_batches
Follows: 0002_politeness
"""

import sqlalchemy as sa
from alembic import op

import app.database
revision = '0003_batches'
down_revision = '0002_politeness'
branch_labels = None
depends_on = None

ACTIVE_BEFORE = "('queued', 'running', 'stopping')"
ACTIVE = "('queued', 'running', 'pausing', 'paused', 'skipping', 'stopping')"


def _active_index(states: str) -> None:
    op.create_index(
        'uq_form_runs_active',
        'form_runs',
        ['user_id', 'visit_id'],
        unique=True,
        sqlite_where=sa.text(f"state IN {states}"),
        postgresql_where=sa.text(f"state IN {states}"),
    )


def upgrade() -> None:
    op.create_table('batches',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('turn', sa.Integer(), nullable=False),
    sa.Column('by_hand', sa.Boolean(), nullable=False),
    sa.Column('prove_again', sa.Boolean(), nullable=False),
    sa.Column('retry_of', sa.String(length=36), nullable=True),
    sa.Column('asked_by', sa.String(length=254), nullable=False),
    sa.Column('asked_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('started_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('finished_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('wake_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('wake_why', sa.String(length=300), nullable=True),
    sa.Column('waits', sa.Integer(), nullable=False),
    sa.Column('error_kind', sa.String(length=20), nullable=True),
    sa.Column('error_code', sa.String(length=60), nullable=True),
    sa.Column('error_detail', sa.Text(), nullable=True),
    sa.Column('error_action', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_batches_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batches'))
    )
    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.create_index('ix_batches_state_wake_at', ['state', 'wake_at'], unique=False)
        batch_op.create_index('ix_batches_user_id_id', ['user_id', 'id'], unique=False)

    op.create_table('form_settings',
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('readings', sa.Boolean(), nullable=False),
    sa.Column('pictures', sa.Boolean(), nullable=False),
    sa.Column('keep_picture_days', sa.Integer(), nullable=False),
    sa.Column('keep_record_months', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_form_settings_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', name=op.f('pk_form_settings'))
    )
    op.create_table('reading_templates',
    sa.Column('user_id', sa.String(length=36), nullable=False),
    sa.Column('station', sa.String(length=30), nullable=False),
    sa.Column('template', sa.JSON(), nullable=False),
    sa.Column('changed_at', app.database.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['user_id'], ['users.id'], name=op.f('fk_reading_templates_user_id_users'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('user_id', 'station', name=op.f('pk_reading_templates'))
    )
    op.create_table('batch_actions',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('batch_id', sa.String(length=36), nullable=False),
    sa.Column('at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('who', sa.String(length=254), nullable=False),
    sa.Column('action', sa.String(length=20), nullable=False),
    sa.Column('detail', sa.String(length=300), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_actions_batch_id_batches'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch_actions'))
    )
    with op.batch_alter_table('batch_actions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_batch_actions_batch_id'), ['batch_id'], unique=False)

    op.create_table('batch_visits',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('batch_id', sa.String(length=36), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('visit_id', sa.Integer(), nullable=False),
    sa.Column('work_id', sa.Integer(), nullable=False),
    sa.Column('store', sa.String(length=60), nullable=False),
    sa.Column('chain', sa.String(length=200), nullable=False),
    sa.Column('city', sa.String(length=120), nullable=True),
    sa.Column('choices', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('run_id', sa.String(length=36), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('what_to_do', sa.Text(), nullable=True),
    sa.ForeignKeyConstraint(['batch_id'], ['batches.id'], name=op.f('fk_batch_visits_batch_id_batches'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_batch_visits')),
    sa.UniqueConstraint('batch_id', 'position', name=op.f('uq_batch_visits_batch_id_position')),
    sa.UniqueConstraint('run_id', name=op.f('uq_batch_visits_run_id'))
    )
    with op.batch_alter_table('form_runs', schema=None) as batch_op:
        batch_op.add_column(sa.Column('batch_id', sa.String(length=36), nullable=True))
        batch_op.create_index(batch_op.f('ix_form_runs_batch_id'), ['batch_id'], unique=False)
        batch_op.drop_index('uq_form_runs_active')
    # A run from before there were batches cannot be taken up by one.
    op.execute(
        "UPDATE form_runs SET state = 'failed', error_kind = 'transient', error_code = 'interrupted', "
        "error_detail = 'The program was updated in the middle of this.', "
        "error_action = 'Start it again: what was done is kept, and nothing is done twice.' "
        f"WHERE state IN {ACTIVE_BEFORE}"
    )
    _active_index(ACTIVE)

    with op.batch_alter_table('run_forms', schema=None) as batch_op:
        batch_op.add_column(sa.Column('tries', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('progress', sa.Integer(), nullable=False, server_default='0'))



def downgrade() -> None:
    with op.batch_alter_table('run_forms', schema=None) as batch_op:
        batch_op.drop_column('progress')
        batch_op.drop_column('tries')

    with op.batch_alter_table('form_runs', schema=None) as batch_op:
        batch_op.drop_index('uq_form_runs_active')
        batch_op.drop_index(batch_op.f('ix_form_runs_batch_id'))
        batch_op.drop_column('batch_id')
    _active_index(ACTIVE_BEFORE)

    op.drop_table('batch_visits')
    with op.batch_alter_table('batch_actions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_batch_actions_batch_id'))

    op.drop_table('batch_actions')
    op.drop_table('reading_templates')
    op.drop_table('form_settings')
    with op.batch_alter_table('batches', schema=None) as batch_op:
        batch_op.drop_index('ix_batches_user_id_id')
        batch_op.drop_index('ix_batches_state_wake_at')

    op.drop_table('batches')
