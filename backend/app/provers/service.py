"""Use cases of provers."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.kit import clock
from app.kit.ids import new_id
from app.kit.problems import FieldError, Invalid
from app.portal.records import ProverRow
from app.provers.choice import PROPOSED, ProverSetting
from app.provers.expiry import calibration_note, calibration_state
from app.provers.models import Prover
from app.provers.schemas import Prover as ProverView
from app.provers.schemas import ProverList, ProversChange
from app.work.grades import KNOWN_GRADES

_POSITIONS = (1, 2, 3)


def store_provers(db: Db, user_id: str, rows: Sequence[ProverRow], at: datetime) -> int:
    """Stores the fleet page's provers; new ones get a free position and its usual grades as a proposal to confirm."""
    known = {prover.prover_id: prover for prover in _all(db, user_id, with_missing=True)}
    taken = {prover.position for prover in known.values() if prover.missing_since is None}
    for row in rows:
        prover = known.pop(row.prover_id, None)
        if prover is None:
            position = next((free for free in _POSITIONS if free not in taken), _POSITIONS[-1])
            preferred = list(PROPOSED[position - 1]) if position not in taken else []
            prover = Prover(id=new_id(), user_id=user_id, prover_id=row.prover_id, position=position, confirmed=False)
            prover.preferred = preferred
            taken.add(position)
        prover.serial, prover.make, prover.size = row.serial, row.make, row.size
        prover.next_calibration, prover.seen_at, prover.missing_since = row.next_calibration, at, None
        db.add(prover)
    for gone in known.values():
        gone.missing_since = gone.missing_since or at
    return len(rows)


def _all(db: Db, user_id: str, *, with_missing: bool = False) -> list[Prover]:
    query = select(Prover).where(Prover.user_id == user_id).order_by(Prover.position, Prover.prover_id)
    if not with_missing:
        query = query.where(Prover.missing_since.is_(None))
    return list(db.scalars(query))


def settings_of(db: Db, user_id: str) -> list[ProverSetting]:
    return [ProverSetting(row.prover_id, row.position, tuple(row.preferred)) for row in _all(db, user_id)]


def any_unconfirmed(db: Db, user_id: str) -> bool:
    return any(not row.confirmed for row in _all(db, user_id))


def calibration_warnings(db: Db, user_id: str, on_day: date, today: date) -> list[str]:
    """What to know per prover whose calibration is over, ends soon, or is not known on a local day (the visit's); how many
    days that is is told from ``today``."""
    warnings = []
    for row in _all(db, user_id):
        then, now = calibration_state(row.next_calibration, on_day), calibration_state(row.next_calibration, today)
        if then == "ok":
            continue
        note = f"Prover {row.prover_id} (position {row.position}): {calibration_note(row.next_calibration, today)}"
        warnings.append(f"{note} It is over on the day of this visit." if then == "overdue" != now else note)
    return warnings


def list_provers(db: Db, user: User) -> ProverList:
    """The user's provers; how their calibration stands is said for today in the user's time zone."""
    today = clock.today(user.time_zone)
    return ProverList(
        items=[_view(row, today) for row in _all(db, user.id)],
        auto_position_ethanol_free=user.auto_position_ethanol_free,
        grade_choices=list(KNOWN_GRADES),
    )


def _view(row: Prover, today: date) -> ProverView:
    return ProverView(
        prover_id=row.prover_id,
        serial=row.serial,
        make=row.make,
        size=row.size,
        next_calibration=row.next_calibration,
        calibration=calibration_state(row.next_calibration, today),
        calibration_note=calibration_note(row.next_calibration, today),
        position=row.position,
        preferred=row.preferred,
        confirmed=row.confirmed,
    )


def change_provers(db: Db, user: User, change: ProversChange) -> None:
    """Sets positions and grades of all provers at once."""
    known = {prover.prover_id: prover for prover in _all(db, user.id)}
    given = [item.prover_id for item in change.items]
    if sorted(given) != sorted(known):
        raise Invalid(
            "The list does not have exactly the provers you have.",
            "Load the provers again and repeat your change.",
            errors=[FieldError(field="items", message="must name each of your provers once")],
        )
    for item in change.items:
        prover = known[item.prover_id]
        prover.position, prover.preferred, prover.confirmed = item.position, list(dict.fromkeys(item.preferred)), True
    user.auto_position_ethanol_free = change.auto_position_ethanol_free
