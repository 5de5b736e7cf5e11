"""Use cases of on-call duty: who is on call, who is told at a level of the matrix, and what is wrong with the plan."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session as Db

from app.config import get_settings
from app.kit import clock
from app.notifications.message import Recipient
from app.operations.oncall import contacts, duty
from app.operations.oncall.escalation import MATRIX, Role
from app.operations.oncall.models import Contact
from app.operations.oncall.rota import (
    MOST_WEEKS_IN_A_ROW,
    Level,
    Plan,
    Shift,
    gaps,
    long_duties,
    shifts,
    who_is_on_call,
)
from app.operations.oncall.schemas import (
    ContactRef,
    EscalationLevel,
    EscalationRow,
    OnCallCalendar,
    OnCallGap,
    OnCallNow,
    OnCallProblem,
    OnCallShift,
    ProblemCode,
)
from app.operations.terms import Kind

_AHEAD = timedelta(weeks=4)


@dataclass(frozen=True, slots=True)
class Reach:
    """Who is to be told. ``gap``: why not those who should be; to be shown, and never a reason to tell nobody as long as
    there is anybody."""

    recipients: tuple[Recipient, ...]
    gap: str | None


# --- who is told ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Directory:
    """Everybody who can be reached, by the contact's id, with roles, and the duty plan."""

    people: dict[str, Recipient]
    roles: dict[str, list[str]]
    plan: Plan

    def of(self, role: Role) -> list[Recipient]:
        return [person for id_, person in self.people.items() if role.value in self.roles[id_]]


def _directory(db: Db, at: datetime) -> _Directory:
    known = contacts.all_contacts(db)
    people = {contact.id: contacts.recipient(contact) for contact in known}
    reachable = {id_: person for id_, person in people.items() if person.channels()}
    return _Directory(reachable, {contact.id: contact.roles for contact in known}, duty.plan(db, at))


def recipients_for(db: Db, kind: Kind, level: int, at: datetime, *, page: int = 1) -> Reach:
    """Who a level (1 … 3) of a row of the escalation matrix means at an instant; see :func:`recipients`."""
    return recipients(db, MATRIX[kind][level - 1], at, page=page)


def recipients(db: Db, role: Role, at: datetime, *, page: int = 1) -> Reach:
    """Who a role means at an instant.

    The operations team is the primary on call; the secondary too when the primary cannot be reached, or from the second
    ``page`` on; without either, everybody of the team. Where a role has nobody who can be reached, those on call are told
    instead, then the administrators, then everybody.
    """
    return _reach(_directory(db, at), role, at, page)


def recipients_named(db: Db, names: Collection[str]) -> list[Recipient]:
    """The contacts of these names who can be reached."""
    people = (contacts.recipient(contact) for contact in contacts.all_contacts(db) if contact.name in names)
    return [person for person in people if person.channels()]


def _reach(known: _Directory, role: Role, at: datetime, page: int) -> Reach:
    on_call = _on_call(known, at, page)
    if role is Role.ops_team:
        if on_call.recipients:
            return on_call
        missing = str(on_call.gap)
    else:
        if team := known.of(role):
            return Reach(tuple(team), None)
        missing = f"There is no contact for {_said(role)} who can be reached."
    instead = {
        "those on call are": list(on_call.recipients),
        "everybody of the operations team is": known.of(Role.ops_team),
        "the system administrators are": known.of(Role.system_admin),
        "all contacts are": list(known.people.values()),
    }
    for who, people in instead.items():
        if people:
            return Reach(tuple(people), f"{missing} Instead {who} told.")
    return Reach((), f"{missing} There is nobody else: no contact can be reached.")


def _on_call(known: _Directory, at: datetime, page: int) -> Reach:
    primary, secondary = (who_is_on_call(known.plan, at, level) for level in Level)
    first, second = known.people.get(primary or ""), known.people.get(secondary or "")
    gap = None
    if first is None:
        gap = "There is no primary on call." if primary is None else "The primary on call cannot be reached."
    wanted = [first] if first is not None and page < 2 else [first, second]
    return Reach(tuple(dict.fromkeys(person for person in wanted if person is not None)), gap)


def _said(role: Role) -> str:
    return role.value.replace("_", " ")


# --- what is shown ----------------------------------------------------------------------------------------------------


def overview(db: Db, at: datetime | None = None) -> OnCallNow:
    """Everything about an instant (the present one unless said otherwise), and what is wrong from then on."""
    at = at or clock.now()
    known, plan, names = _directory(db, at), duty.plan(db, at - _AHEAD), contacts.names(db)
    return OnCallNow(
        at=at,
        primary=_shift_at(plan, at, Level.primary, names),
        secondary=_shift_at(plan, at, Level.secondary, names),
        hours=duty.hours_view(db, at),
        matrix=[_row(known, kind, at) for kind in Kind],
        problems=problems(db, at),
    )


def _shift_at(plan: Plan, at: datetime, level: Level, names: dict[str, ContactRef]) -> OnCallShift:
    """The shift an instant lies in, from its true beginning to its true end as far as the plan goes."""
    around = shifts(plan, at - _AHEAD, at + _AHEAD, level)
    return _shift_view(next(shift for shift in around if shift.starts <= at < shift.ends), names)


def _shift_view(shift: Shift, names: dict[str, ContactRef]) -> OnCallShift:
    return OnCallShift(
        level=shift.level,
        contact=names[shift.person] if shift.person else None,
        starts_at=shift.starts,
        ends_at=shift.ends,
        override_id=shift.override,
    )


def _row(known: _Directory, kind: Kind, at: datetime) -> EscalationRow:
    levels = []
    for level, role in enumerate(MATRIX[kind], 1):
        reach = _reach(known, role, at, page=1)
        told = [person.name for person in reach.recipients]
        levels.append(EscalationLevel(level=level, role=role, tells=told, gap=reach.gap))
    return EscalationRow(kind=kind, levels=levels)


def calendar(db: Db, since: datetime, until: datetime) -> OnCallCalendar:
    """Shifts of both levels, and the spans without a primary."""
    plan, names = duty.plan(db, since), contacts.names(db)
    found = [*shifts(plan, since, until), *shifts(plan, since, until, Level.secondary)]
    return OnCallCalendar(
        since=since,
        until=until,
        shifts=[_shift_view(shift, names) for shift in found],
        gaps=[OnCallGap(starts_at=starts, ends_at=ends) for starts, ends in gaps(plan, since, until)],
        overrides=[duty.override_view(row, names) for row in duty.overrides(db, since) if row.starts_at < until],
        rotas=[duty.rota_view(row, names) for row in duty.rotas(db)],
    )


def problems(db: Db, at: datetime) -> list[OnCallProblem]:
    """What is wrong with the duty plan of the next four weeks, with the roles of the matrix, and with the contacts."""
    names = {id_: contact.name for id_, contact in contacts.names(db).items()}
    plan = duty.plan(db, at - _AHEAD)
    return [*_plan_problems(plan, at, at + _AHEAD, names), *_contact_problems(contacts.all_contacts(db))]


def _plan_problems(plan: Plan, at: datetime, until: datetime, names: dict[str, str]) -> list[OnCallProblem]:
    zone = plan.rotas[-1].zone if plan.rotas else get_settings().time_zone
    span = partial(_span, ZoneInfo(zone))
    found = [_error("no_primary", f"Nobody is on call {span(*gap)}.") for gap in gaps(plan, at, until)]
    for gap in gaps(plan, at, until, Level.secondary):
        found.append(_warning("no_secondary", f"There is no secondary {span(*gap)}."))
    for backup in shifts(plan, at, until, Level.secondary):
        for shift in shifts(plan, backup.starts, backup.ends):
            if shift.person is not None and shift.person == backup.person:
                who = f"{names[shift.person]} is both primary and secondary"
                found.append(_warning("same_person", f"{who} {span(shift.starts, shift.ends)}."))
    for long in long_duties(plan, at - _AHEAD, until):
        who = f"{names[long.person]} is primary for more than {MOST_WEEKS_IN_A_ROW} weeks without a break"
        found.append(_warning("long_duty", f"{who}, {span(long.starts, long.ends)}."))
    return found


def _contact_problems(known: list[Contact]) -> list[OnCallProblem]:
    reachable = [contact for contact in known if contacts.recipient(contact).channels()]
    roles = {role for contact in reachable for role in contact.roles}
    found = [
        _error("missing_role", f"No contact who can be reached is {_said(role)}, which the escalation matrix needs.")
        for role in Role
        if role.value not in roles
    ]
    for contact in known:
        if contact not in reachable:
            found.append(_error("unreachable", f"{contact.name} cannot be reached in any way."))
        elif contacts.is_unverified(contact):
            found.append(_warning("unverified", f"{contact.name}: {contacts.warnings(contact)[0]}"))
    return found


def _error(code: ProblemCode, text: str) -> OnCallProblem:
    return OnCallProblem(severity="error", code=code, text=text)


def _warning(code: ProblemCode, text: str) -> OnCallProblem:
    return OnCallProblem(severity="warning", code=code, text=text)


def _span(zone: ZoneInfo, starts: datetime, ends: datetime) -> str:
    """In the rota's own time, in which people agree on their turns."""
    begin, end = starts.astimezone(zone), ends.astimezone(zone)
    return f"from {begin:%a %d %b %Y %H:%M} to {end:%a %d %b %Y %H:%M} ({zone.key})"
