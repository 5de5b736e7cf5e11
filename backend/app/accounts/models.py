"""Tables of accounts."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Instant


class User(Base):
    __tablename__ = "users"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(300))
    role: Mapped[str] = mapped_column(String(20))
    is_owner: Mapped[bool]
    time_zone: Mapped[str] = mapped_column(String(60))
    work_days: Mapped[list[int]] = mapped_column(JSON)
    week_end_hour: Mapped[int]
    auto_position_ethanol_free: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class SignIn(Base):
    """One signed-in device. Its refresh token rotates: only the newest one is good, an older one ends the session."""

    __tablename__ = "sign_ins"

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    secret_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    rotated_at: Mapped[datetime] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_why: Mapped[str | None] = mapped_column(String(40))


class PortalLink(Base):
    """The portal account of a user. The three ``*_sealed`` columns are envelope-encrypted and bound to this row."""

    __tablename__ = "portal_links"

    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    portal: Mapped[str] = mapped_column(String(20))
    base_url: Mapped[str | None] = mapped_column(String(300))
    state: Mapped[str] = mapped_column(String(20))
    username_hint: Mapped[str] = mapped_column(String(254))
    username_sealed: Mapped[str] = mapped_column(String(2000))
    password_sealed: Mapped[str] = mapped_column(String(2000))
    browser_state_sealed: Mapped[str | None]
    check_id: Mapped[str | None] = mapped_column(String(36))
    checked_at: Mapped[datetime | None] = mapped_column(Instant)
    error_kind: Mapped[str | None] = mapped_column(String(20))
    error_code: Mapped[str | None] = mapped_column(String(60))
    error_detail: Mapped[str | None]
    error_action: Mapped[str | None]
