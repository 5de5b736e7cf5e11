"""alerts

Revision: 0003_alerts
Follows: 0002_notifications
"""

import sqlalchemy as sa
from alembic import op

import app.database

revision = '0003_alerts'
down_revision = '0002_notifications'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('alert_events',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('alert_id', sa.String(length=36), nullable=False),
    sa.Column('at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('what', sa.String(length=30), nullable=False),
    sa.Column('by', sa.String(length=320), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_events'))
    )
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.create_index('ix_alert_events_alert_id_id', ['alert_id', 'id'], unique=False)
        batch_op.create_index('ix_alert_events_at', ['at'], unique=False)

    op.create_table('alerts',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('component', sa.String(length=80), nullable=False),
    sa.Column('priority', sa.String(length=4), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('phase', sa.String(length=20), nullable=False),
    sa.Column('pending_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('fired_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('acknowledged_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.String(length=320), nullable=True),
    sa.Column('resolved_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('resolved_by', sa.String(length=320), nullable=True),
    sa.Column('silenced', sa.Text(), nullable=True),
    sa.Column('inhibited', sa.Text(), nullable=True),
    sa.Column('bad_samples', sa.Integer(), nullable=False),
    sa.Column('good_samples', sa.Integer(), nullable=False),
    sa.Column('good_since', app.database.Instant(timezone=True), nullable=True),
    sa.Column('last_sample_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('last_value', sa.Double(), nullable=True),
    sa.Column('flaps', sa.Integer(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.Column('levels', sa.JSON(), nullable=False),
    sa.Column('incident_id', sa.String(length=20), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts'))
    )
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alerts_fired_at'), ['fired_at'], unique=False)
        batch_op.create_index(batch_op.f('ix_alerts_incident_id'), ['incident_id'], unique=False)
        batch_op.create_index('ix_alerts_phase_id', ['phase', 'id'], unique=False)
        batch_op.create_index('ix_alerts_rule_component', ['rule', 'component'], unique=False)

    op.create_table('incidents',
    sa.Column('id', sa.String(length=20), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('priority', sa.String(length=4), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('status', sa.String(length=20), nullable=False),
    sa.Column('opened_by', sa.String(length=320), nullable=False),
    sa.Column('started_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('detected_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('declared_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('acknowledged_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('contained_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('recovered_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('closed_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('commander', sa.String(length=320), nullable=True),
    sa.Column('responders', sa.JSON(), nullable=False),
    sa.Column('services', sa.JSON(), nullable=False),
    sa.Column('user_impact', sa.Text(), nullable=False),
    sa.Column('business_impact', sa.Text(), nullable=False),
    sa.Column('root_cause', sa.Text(), nullable=False),
    sa.Column('contributing', sa.Text(), nullable=False),
    sa.Column('whys', sa.JSON(), nullable=False),
    sa.Column('went_well', sa.Text(), nullable=False),
    sa.Column('went_badly', sa.Text(), nullable=False),
    sa.Column('lessons', sa.Text(), nullable=False),
    sa.Column('procedures_updated', sa.String(length=300), nullable=False),
    sa.Column('merged_into', sa.String(length=20), nullable=True),
    sa.Column('review_due_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('reviewed_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('next_update_at', app.database.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents'))
    )
    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incidents_detected_at'), ['detected_at'], unique=False)
        batch_op.create_index('ix_incidents_status_id', ['status', 'id'], unique=False)

    op.create_table('maintenance_windows',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('starts_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('ends_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('reason', sa.String(length=300), nullable=False),
    sa.Column('made_by', sa.String(length=320), nullable=False),
    sa.Column('made_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('ended_by', sa.String(length=320), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_maintenance_windows'))
    )
    with op.batch_alter_table('maintenance_windows', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_maintenance_windows_ends_at'), ['ends_at'], unique=False)

    op.create_table('silences',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('rule', sa.String(length=40), nullable=False),
    sa.Column('component', sa.String(length=80), nullable=True),
    sa.Column('starts_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('ends_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('comment', sa.String(length=300), nullable=False),
    sa.Column('made_by', sa.String(length=320), nullable=False),
    sa.Column('made_at', app.database.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_silences'))
    )
    with op.batch_alter_table('silences', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_silences_ends_at'), ['ends_at'], unique=False)

    op.create_table('watchers',
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('last_seen_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('last_probe', sa.BigInteger(), nullable=False),
    sa.Column('last_report', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.String(length=40), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_watchers'))
    )
    op.create_table('incident_actions',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('incident_id', sa.String(length=20), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('owner', sa.String(length=320), nullable=False),
    sa.Column('due', app.database.Instant(timezone=True), nullable=False),
    sa.Column('done_at', app.database.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_actions_incident_id_incidents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_actions'))
    )
    with op.batch_alter_table('incident_actions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_actions_incident_id'), ['incident_id'], unique=False)

    op.create_table('incident_evidence',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('incident_id', sa.String(length=20), nullable=False),
    sa.Column('path', sa.String(length=300), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('taken_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('taken_by', sa.String(length=320), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_evidence_incident_id_incidents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_evidence'))
    )
    with op.batch_alter_table('incident_evidence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_incident_evidence_incident_id'), ['incident_id'], unique=False)

    op.create_table('incident_timeline',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('incident_id', sa.String(length=20), nullable=False),
    sa.Column('at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('actor', sa.String(length=320), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_timeline_incident_id_incidents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_timeline'))
    )
    with op.batch_alter_table('incident_timeline', schema=None) as batch_op:
        batch_op.create_index('ix_incident_timeline_incident_id_at', ['incident_id', 'at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('incident_timeline', schema=None) as batch_op:
        batch_op.drop_index('ix_incident_timeline_incident_id_at')

    op.drop_table('incident_timeline')
    with op.batch_alter_table('incident_evidence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_evidence_incident_id'))

    op.drop_table('incident_evidence')
    with op.batch_alter_table('incident_actions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_incident_actions_incident_id'))

    op.drop_table('incident_actions')
    op.drop_table('watchers')
    with op.batch_alter_table('silences', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_silences_ends_at'))

    op.drop_table('silences')
    with op.batch_alter_table('maintenance_windows', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_maintenance_windows_ends_at'))

    op.drop_table('maintenance_windows')
    with op.batch_alter_table('incidents', schema=None) as batch_op:
        batch_op.drop_index('ix_incidents_status_id')
        batch_op.drop_index(batch_op.f('ix_incidents_detected_at'))

    op.drop_table('incidents')
    with op.batch_alter_table('alerts', schema=None) as batch_op:
        batch_op.drop_index('ix_alerts_rule_component')
        batch_op.drop_index('ix_alerts_phase_id')
        batch_op.drop_index(batch_op.f('ix_alerts_incident_id'))
        batch_op.drop_index(batch_op.f('ix_alerts_fired_at'))

    op.drop_table('alerts')
    with op.batch_alter_table('alert_events', schema=None) as batch_op:
        batch_op.drop_index('ix_alert_events_at')
        batch_op.drop_index('ix_alert_events_alert_id_id')

    op.drop_table('alert_events')
