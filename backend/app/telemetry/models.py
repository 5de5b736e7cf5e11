"""Tables of telemetry, in the operations database."""

from datetime import datetime

from sqlalchemy import BigInteger, LargeBinary, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Instant, OperationsBase


class Series(OperationsBase):
    """A measured series, ``name{label=value,…}``, by the small number that frames call it."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(400), unique=True)


class FrameRow(OperationsBase):
    """What one process measured in one span of time. ``tier``: the span's seconds (10, 60 or 3600); ``at``: its start, in
    seconds since 1970."""

    __tablename__ = "frames"

    tier: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    at: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    process: Mapped[str] = mapped_column(String(60), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class Lease(OperationsBase):
    """Which process does what only one may do. Whoever finds it run out takes it. ``done_at``: when it was last done."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    holder: Mapped[str] = mapped_column(String(60))
    until: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)
