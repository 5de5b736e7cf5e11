"""The duty plan as it is stored: rotas, what was agreed differently, business hours; and how they are changed."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.config import get_settings
from app.connection.quiet import time_of
from app.kit import clock
from app.kit.ids import new_id
from app.kit.problems import Conflict, FieldError, Invalid, NotFound
from app.operations.oncall import contacts
from app.operations.oncall.escalation import Hours, is_open
from app.operations.oncall.models import BusinessHours, OverrideRow, RotaRow
from app.operations.oncall.rota import Level, Overlaps, Override, Plan, Rota, check_override
from app.operations.oncall.schemas import (
    ContactRef,
    NewOfficeHours,
    NewOverride,
    NewRota,
    OfficeHours,
    OnCallOverride,
    OnCallRota,
    OverrideKind,
)
from app.telemetry.logs import get_logger

# A rota may begin in the present week, but what was before stays what it was.
_BACK = timedelta(days=7)
_LONGEST_OVERRIDE = timedelta(days=366)
log = get_logger("backend")


class OverridesOverlap(Conflict):
    code = "overrides_overlap"
    title = "Something else was agreed for this time"


class OnDuty(Conflict):
    code = "on_duty"
    title = "This contact is on duty"


def rota_of(row: RotaRow) -> Rota:
    return Rota(row.zone, row.first, row.at, tuple(row.primary), tuple(row.secondary))


def override_of(row: OverrideRow) -> Override:
    return Override(row.id, Level(row.level), row.contact_id, row.starts_at, row.ends_at)


def rotas(db: Db) -> list[RotaRow]:
    return list(db.scalars(select(RotaRow).order_by(RotaRow.first, RotaRow.id)))


def overrides(db: Db, since: datetime) -> list[OverrideRow]:
    """Those that end after an instant, in the order of their time."""
    query = select(OverrideRow).where(OverrideRow.ends_at > since)
    return list(db.scalars(query.order_by(OverrideRow.starts_at, OverrideRow.id)))


def plan(db: Db, since: datetime) -> Plan:
    """What counts from an instant on. Overrides that ended before it are left out."""
    return Plan(tuple(rota_of(row) for row in rotas(db)), tuple(override_of(row) for row in overrides(db, since)))


# --- changes ----------------------------------------------------------------------------------------------------------


def set_rota(db: Db, new: NewRota, by: str) -> RotaRow:
    """A rota from its first turn on. One that begins on the same day is replaced; earlier ones stay for the time before."""
    contacts.one_at_a_time(db)
    secondary = new.secondary
    if secondary is None:
        secondary = [*new.primary[1:], new.primary[0]] if len(set(new.primary)) > 1 else []
    known = {contact.id for contact in contacts.all_contacts(db)}
    for field, people in (("primary", new.primary), ("secondary", secondary)):
        if not known.issuperset(people):
            raise _invalid(field, "It names somebody who is not among the contacts.")
    row = db.scalar(select(RotaRow).where(RotaRow.first == new.first)) or RotaRow(id=new_id())
    row.zone, row.first, row.at = new.zone, new.first, time_of(new.at)
    row.primary, row.secondary = list(new.primary), list(secondary)
    if rota_of(row).hand_over(0) < clock.now() - _BACK:
        raise _invalid("first", "Its first turn began more than a week ago; what was before stays what it was.")
    row.made_at, row.made_by = clock.now(), by
    db.add(row)
    db.flush()
    log.info("oncall.rota_set", rota_id=row.id, by=by, first=row.first, primary=row.primary, secondary=row.secondary)
    return row


def remove_rota(db: Db, rota_id: str, by: str) -> None:
    """Takes back a rota that has not begun."""
    row = db.get(RotaRow, rota_id)
    if row is None:
        raise NotFound("There is no such rota.", "Load the calendar again.")
    if rota_of(row).hand_over(0) <= clock.now():
        raise Conflict("This rota has begun.", "Make a new one that begins with the next hand-over.")
    db.delete(row)
    log.info("oncall.rota_removed", rota_id=row.id, by=by)


def add_override(db: Db, new: NewOverride, by: str) -> OverrideRow:
    """:class:`OverridesOverlap` when something else was agreed for that level and time."""
    contacts.one_at_a_time(db)
    if new.contact_id is not None:
        contacts.find(db, new.contact_id)
    if new.ends_at <= clock.now():
        raise _invalid("ends_at", "It is over already; what was stays what it was.")
    wanted = Override(new_id(), new.level, new.contact_id, new.starts_at, new.ends_at)
    try:
        check_override(wanted, [override_of(row) for row in overrides(db, new.starts_at)])
    except Overlaps as error:
        other = error.other
        raise OverridesOverlap(
            f"From {other.starts:%d %b %Y %H:%M} to {other.ends:%d %b %Y %H:%M} UTC something else was agreed for"
            f" the {new.level.value}.",
            "Remove that one first, or choose another time.",
        ) from error
    except ValueError as error:
        raise _invalid("ends_at", str(error)) from error
    if new.ends_at - new.starts_at > _LONGEST_OVERRIDE:
        raise _invalid("ends_at", "It is longer than a year; make another rota instead.")
    row = OverrideRow(
        id=wanted.id,
        level=new.level.value,
        kind=new.kind.value,
        contact_id=new.contact_id,
        starts_at=new.starts_at,
        ends_at=new.ends_at,
        note=new.note,
        made_at=clock.now(),
        made_by=by,
    )
    db.add(row)
    db.flush()
    log.info("oncall.override_added", override_id=row.id, by=by, level=row.level, contact_id=row.contact_id)
    return row


def remove_override(db: Db, override_id: str, by: str) -> None:
    """Takes it back from now on: the part that lies behind stays."""
    contacts.one_at_a_time(db)
    row, now = db.get(OverrideRow, override_id), clock.now()
    if row is None:
        raise NotFound("There is no such agreement.", "Load the calendar again.")
    if row.ends_at <= now:
        raise Conflict("It is over already; what was stays what it was.", "Nothing needs to be done.")
    if row.starts_at < now:
        row.ends_at = now
    else:
        db.delete(row)
    log.info("oncall.override_removed", override_id=override_id, by=by)


def remove_contact(db: Db, contact_id: str, by: str) -> None:
    """:class:`OnDuty` while the contact has turns or agreed duties from now on."""
    contacts.one_at_a_time(db)
    contact, now = contacts.find(db, contact_id), clock.now()
    rows = rotas(db)
    in_force = [row for row in rows if rota_of(row).hand_over(0) <= now][-1:]
    to_come = [row for row in rows if rota_of(row).hand_over(0) > now]
    if any(contact_id in (*row.primary, *row.secondary) for row in (*in_force, *to_come)):
        raise OnDuty(f"{contact.name} has turns in the rota.", "Make a rota without this contact first.")
    if any(row.contact_id == contact_id for row in overrides(db, now)):
        raise OnDuty(f"{contact.name} has agreed to a duty that is not over.", "Remove that agreement first.")
    contacts.remove(db, contact, by)


def _invalid(field: str, why: str) -> Invalid:
    return Invalid(why, "Correct it and try again.", errors=[FieldError(field=field, message=why)])


# --- business hours ---------------------------------------------------------------------------------------------------


def business_hours(db: Db) -> Hours:
    """As set; else Monday to Friday from 9 to 17 in the installation's time zone."""
    row = db.get(BusinessHours, 1)
    if row is None:
        return Hours(get_settings().time_zone)
    return Hours(row.zone, frozenset(row.days), row.opens, row.closes)


def set_business_hours(db: Db, new: NewOfficeHours, by: str) -> None:
    row = db.get(BusinessHours, 1) or BusinessHours(id=1)
    row.zone, row.days = new.zone, sorted(set(new.days))
    row.opens, row.closes = time_of(new.opens), time_of(new.closes)
    row.changed_at, row.changed_by = clock.now(), by
    db.add(row)
    db.flush()
    log.info("oncall.hours_set", by=by, zone=row.zone, days=row.days, opens=row.opens, closes=row.closes)


def hours_view(db: Db, at: datetime) -> OfficeHours:
    hours = business_hours(db)
    return OfficeHours(
        zone=hours.zone,
        days=sorted(hours.days),
        opens=f"{hours.opens:%H:%M}",
        closes=f"{hours.closes:%H:%M}",
        open_now=is_open(hours, at),
    )


# --- views ------------------------------------------------------------------------------------------------------------


def rota_view(row: RotaRow, names: dict[str, ContactRef]) -> OnCallRota:
    return OnCallRota(
        id=row.id,
        zone=row.zone,
        first=row.first,
        at=f"{row.at:%H:%M}",
        starts_at=rota_of(row).hand_over(0),
        primary=[names[id_] for id_ in row.primary],
        secondary=[names[id_] for id_ in row.secondary],
    )


def override_view(row: OverrideRow, names: dict[str, ContactRef]) -> OnCallOverride:
    return OnCallOverride(
        id=row.id,
        level=Level(row.level),
        kind=OverrideKind(row.kind),
        contact=names[row.contact_id] if row.contact_id else None,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        note=row.note,
    )
