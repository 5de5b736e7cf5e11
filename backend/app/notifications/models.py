"""Tables of notifications, in the operations database: what is to be sent, what came of it, and by what it is sent."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Instant, OperationsBase


class OutboxMessage(OperationsBase):
    """One message to one recipient.

    ``recipient_digest``: which recipient, for ``dedup_key``. The addresses are envelope-encrypted, bound to this row, and
    removed when the message is over. A ``due`` message is free when ``next_try_at`` has come: who works on it puts that
    forward and leaves its ``claim``. ``closed_at``: since then nothing more is sent and nobody is asked about it.
    """

    __tablename__ = "notification_messages"
    __table_args__ = (
        UniqueConstraint("dedup_key", "recipient_digest"),
        Index("ix_notification_messages_state_next_try_at", "state", "next_try_at"),
        Index("ix_notification_messages_state_id", "state", "id"),
        Index("ix_notification_messages_about_id", "about", "id"),
    )

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(200))
    recipient_digest: Mapped[str] = mapped_column(String(64))
    urgency: Mapped[str] = mapped_column(String(4))
    subject: Mapped[str] = mapped_column(String(300))
    body: Mapped[str] = mapped_column(Text)
    url: Mapped[str | None] = mapped_column(String(500))
    about: Mapped[str] = mapped_column(String(100))
    request_id: Mapped[str] = mapped_column(String(40))
    recipient_name: Mapped[str] = mapped_column(String(120))
    email_sealed: Mapped[str | None] = mapped_column(String(2000))
    pushover_sealed: Mapped[str | None] = mapped_column(String(2000))
    desktop: Mapped[bool]
    state: Mapped[str] = mapped_column(String(12))
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_since: Mapped[datetime] = mapped_column(Instant)
    next_try_at: Mapped[datetime | None] = mapped_column(Instant)
    claim: Mapped[str | None] = mapped_column(String(36))
    rounds: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)


class Delivery(OperationsBase):
    """One attempt by one channel. ``receipt_check_at``: when to ask next whether a person has acknowledged it."""

    __tablename__ = "notification_deliveries"
    __table_args__ = (Index("ix_notification_deliveries_channel_id", "channel", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    message_id: Mapped[str] = mapped_column(ForeignKey("notification_messages.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(12))
    hint: Mapped[str] = mapped_column(String(260))
    at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(12))
    detail: Mapped[str] = mapped_column(String(600))
    permanent: Mapped[bool]
    receipt: Mapped[str | None] = mapped_column(String(60))
    receipt_check_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    acknowledged_at: Mapped[datetime | None] = mapped_column(Instant, index=True)
    acknowledged_by: Mapped[str | None] = mapped_column(String(120))


class ChannelSetup(OperationsBase):
    """The one row with what the channels need. The ``*_sealed`` columns are envelope-encrypted."""

    __tablename__ = "notification_settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    smtp_host: Mapped[str | None] = mapped_column(String(253))
    smtp_port: Mapped[int | None]
    smtp_security: Mapped[str | None] = mapped_column(String(10))
    smtp_sender: Mapped[str | None] = mapped_column(String(254))
    smtp_user: Mapped[str | None] = mapped_column(String(254))
    smtp_password_sealed: Mapped[str | None] = mapped_column(String(2000))
    smtp_ca: Mapped[str | None] = mapped_column(Text)
    pushover_token_sealed: Mapped[str | None] = mapped_column(String(2000))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changed_by: Mapped[str] = mapped_column(String(36))
