"""notifications and on-call duty

Revision: 0002_notifications
Follows: 0001_telemetry
"""

import sqlalchemy as sa
from alembic import op

import app.database
revision = '0002_notifications'
down_revision = '0001_telemetry'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('business_hours',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('zone', sa.String(length=60), nullable=False),
    sa.Column('days', sa.JSON(), nullable=False),
    sa.Column('opens', sa.Time(), nullable=False),
    sa.Column('closes', sa.Time(), nullable=False),
    sa.Column('changed_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_business_hours'))
    )
    op.create_table('contacts',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('roles', sa.JSON(), nullable=False),
    sa.Column('email_sealed', sa.String(length=2000), nullable=True),
    sa.Column('email_hint', sa.String(length=260), nullable=True),
    sa.Column('pushover_sealed', sa.String(length=2000), nullable=True),
    sa.Column('pushover_hint', sa.String(length=10), nullable=True),
    sa.Column('desktop', sa.Boolean(), nullable=False),
    sa.Column('time_zone', sa.String(length=60), nullable=False),
    sa.Column('verified_on', sa.Date(), nullable=True),
    sa.Column('removed_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('changed_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts'))
    )
    op.create_table('notification_messages',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('dedup_key', sa.String(length=200), nullable=False),
    sa.Column('recipient_digest', sa.String(length=64), nullable=False),
    sa.Column('urgency', sa.String(length=4), nullable=False),
    sa.Column('subject', sa.String(length=300), nullable=False),
    sa.Column('body', sa.Text(), nullable=False),
    sa.Column('url', sa.String(length=500), nullable=True),
    sa.Column('about', sa.String(length=100), nullable=False),
    sa.Column('request_id', sa.String(length=40), nullable=False),
    sa.Column('recipient_name', sa.String(length=120), nullable=False),
    sa.Column('email_sealed', sa.String(length=2000), nullable=True),
    sa.Column('pushover_sealed', sa.String(length=2000), nullable=True),
    sa.Column('desktop', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('created_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('due_since', app.database.Instant(timezone=True), nullable=False),
    sa.Column('next_try_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('claim', sa.String(length=36), nullable=True),
    sa.Column('rounds', sa.Integer(), nullable=False),
    sa.Column('finished_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('closed_at', app.database.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_messages')),
    sa.UniqueConstraint('dedup_key', 'recipient_digest', name=op.f('uq_notification_messages_dedup_key_recipient_digest'))
    )
    op.create_index('ix_notification_messages_about_id', 'notification_messages', ['about', 'id'])
    op.create_index('ix_notification_messages_finished_at', 'notification_messages', ['finished_at'])
    op.create_index('ix_notification_messages_state_id', 'notification_messages', ['state', 'id'])
    op.create_index('ix_notification_messages_state_next_try_at', 'notification_messages', ['state', 'next_try_at'])
    op.create_table('notification_settings',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('smtp_host', sa.String(length=253), nullable=True),
    sa.Column('smtp_port', sa.Integer(), nullable=True),
    sa.Column('smtp_security', sa.String(length=10), nullable=True),
    sa.Column('smtp_sender', sa.String(length=254), nullable=True),
    sa.Column('smtp_user', sa.String(length=254), nullable=True),
    sa.Column('smtp_password_sealed', sa.String(length=2000), nullable=True),
    sa.Column('smtp_ca', sa.Text(), nullable=True),
    sa.Column('pushover_token_sealed', sa.String(length=2000), nullable=True),
    sa.Column('changed_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_settings'))
    )
    op.create_table('on_call_rotas',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('zone', sa.String(length=60), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('at', sa.Time(), nullable=False),
    sa.Column('primary', sa.JSON(), nullable=False),
    sa.Column('secondary', sa.JSON(), nullable=False),
    sa.Column('made_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(length=36), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_on_call_rotas')),
    sa.UniqueConstraint('first', name=op.f('uq_on_call_rotas_first'))
    )
    op.create_table('notification_deliveries',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('message_id', sa.String(length=36), nullable=False),
    sa.Column('channel', sa.String(length=12), nullable=False),
    sa.Column('hint', sa.String(length=260), nullable=False),
    sa.Column('at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('detail', sa.String(length=600), nullable=False),
    sa.Column('permanent', sa.Boolean(), nullable=False),
    sa.Column('receipt', sa.String(length=60), nullable=True),
    sa.Column('receipt_check_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('acknowledged_at', app.database.Instant(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['message_id'], ['notification_messages.id'], name=op.f('fk_notification_deliveries_message_id_notification_messages'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notification_deliveries'))
    )
    op.create_index('ix_notification_deliveries_acknowledged_at', 'notification_deliveries', ['acknowledged_at'])
    op.create_index('ix_notification_deliveries_channel_id', 'notification_deliveries', ['channel', 'id'])
    op.create_index('ix_notification_deliveries_message_id', 'notification_deliveries', ['message_id'])
    op.create_index('ix_notification_deliveries_receipt_check_at', 'notification_deliveries', ['receipt_check_at'])
    op.create_table('on_call_overrides',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('contact_id', sa.String(length=36), nullable=True),
    sa.Column('starts_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('ends_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('made_at', app.database.Instant(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(length=36), nullable=False),
    sa.ForeignKeyConstraint(['contact_id'], ['contacts.id'], name=op.f('fk_on_call_overrides_contact_id_contacts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_on_call_overrides'))
    )
    op.create_index('ix_on_call_overrides_ends_at', 'on_call_overrides', ['ends_at'])


def downgrade() -> None:
    op.drop_table('on_call_overrides')
    op.drop_table('notification_deliveries')
    op.drop_table('on_call_rotas')
    op.drop_table('notification_settings')
    op.drop_table('notification_messages')
    op.drop_table('contacts')
    op.drop_table('business_hours')
