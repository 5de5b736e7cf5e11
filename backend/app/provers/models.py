"""Tables of provers."""

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, Instant


class Prover(Base):
    """A prover of the technician's fleet page. ``confirmed``: position and grades were looked at by a person."""

    __tablename__ = "provers"
    __table_args__ = (UniqueConstraint("user_id", "prover_id"),)

    id: Mapped[str] = mapped_column(String(36), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    prover_id: Mapped[str] = mapped_column(String(40))
    serial: Mapped[str | None] = mapped_column(String(120))
    make: Mapped[str | None] = mapped_column(String(120))
    size: Mapped[str | None] = mapped_column(String(120))
    next_calibration: Mapped[date | None] = mapped_column(Date)
    position: Mapped[int]
    preferred: Mapped[list[str]] = mapped_column(JSON)
    confirmed: Mapped[bool]
    seen_at: Mapped[datetime] = mapped_column(Instant)
    missing_since: Mapped[datetime | None] = mapped_column(Instant)
