"""Use cases of politeness: what a user has set, what counts, and whether it is quiet now."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session as Db

from app.accounts.models import PortalLink, User
from app.accounts.schemas import PortalKind
from app.config import get_settings
from app.connection.models import Politeness
from app.connection.pacing import Rate
from app.connection.quiet import quiet_until, time_of
from app.connection.schemas import NewPoliteness, QuietHours
from app.connection.schemas import Politeness as PolitenessView
from app.kit import clock

LOADS_PER_MINUTE = 120
SESSIONS_PER_ACCOUNT = 1


@dataclass(frozen=True, slots=True)
class Rates:
    """The limits of one account's session; ``None``: none."""

    account: Rate | None
    total: Rate | None


def rates_of(db: Db, user_id: str) -> Rates:
    """What the account and the process may ask for. The installation's own sandbox has nobody to spare: there only limits
    count that somebody has set."""
    settings = get_settings()
    row = db.get(Politeness, user_id)
    link = db.get(PortalLink, user_id)
    ours = link is not None and link.portal == PortalKind.sandbox
    account = None if row is None and ours else Rate.of(row.loads_per_minute if row else LOADS_PER_MINUTE)
    total_set = "loads_per_minute_total" in settings.model_fields_set
    total = None if ours and not total_set else Rate.of(settings.loads_per_minute_total)
    return Rates(account, total)


def quiet_end(db: Db, user: User, now: datetime | None = None) -> datetime | None:
    """When the user's present quiet hours end; ``None`` when it is not quiet. Nothing automatic starts before that; what a
    person starts by hand does."""
    row = db.get(Politeness, user.id)
    if row is None or row.quiet_from is None or row.quiet_until is None:
        return None
    return quiet_until(now or clock.now(), time_of(row.quiet_from), time_of(row.quiet_until), user.time_zone)


def read(db: Db, user: User) -> PolitenessView:
    row = db.get(Politeness, user.id)
    until = quiet_end(db, user)
    hours = None
    if row is not None and row.quiet_from is not None and row.quiet_until is not None:
        hours = QuietHours(start=row.quiet_from, end=row.quiet_until)
    return PolitenessView(
        loads_per_minute=row.loads_per_minute if row else LOADS_PER_MINUTE,
        loads_per_minute_total=get_settings().loads_per_minute_total,
        sessions_per_account=SESSIONS_PER_ACCOUNT,
        quiet_hours=hours,
        quiet_now=until is not None,
        quiet_until=until,
    )


def store(db: Db, user: User, wanted: NewPoliteness) -> None:
    """Takes effect with the account's next job."""
    row = db.get(Politeness, user.id) or Politeness(user_id=user.id)
    row.loads_per_minute = wanted.loads_per_minute
    row.quiet_from = wanted.quiet_hours.start if wanted.quiet_hours else None
    row.quiet_until = wanted.quiet_hours.end if wanted.quiet_hours else None
    db.add(row)
