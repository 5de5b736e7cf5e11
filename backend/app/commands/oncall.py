"""``fossawork oncall …``: who is on call, who can be told, and what was agreed differently."""

import sys
from datetime import UTC, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from pydantic import SecretStr
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session as Db

from app.commands.common import reading_operations, valid, writing_operations
from app.commands.output import Json, fail, operator, out, print_json
from app.config import get_settings
from app.kit import clock
from app.operations import handover
from app.operations.oncall import contacts, duty, service
from app.operations.oncall.escalation import Role
from app.operations.oncall.rota import Level
from app.operations.oncall.schemas import NewContact, NewOverride, NewRota, OnCallNow, OnCallShift, OverrideKind

oncall = typer.Typer(help="Who is on call, who can be told, and what was agreed differently.", no_args_is_help=True)
override = typer.Typer(help="What was agreed differently from the rota.", no_args_is_help=True)
oncall.add_typer(override, name="override")

_MINUTE = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
Zone = Annotated[str | None, typer.Option("--zone", help="Time zone of the times; the installation's unless set.")]


@oncall.command("show")
def show(
    at: Annotated[datetime | None, typer.Option(formats=_MINUTE, help="Another moment than now.")] = None,
    zone: Zone = None,
    json: Json = False,
) -> None:
    """Who is on call, whom each level of the matrix tells, and what is wrong with the plan."""
    place = _place(zone, json)
    with reading_operations(json) as db:
        found = service.overview(db, _instant(at, place) if at else None)
    if json:
        print_json(found)
        return
    for shift in (found.primary, found.secondary):
        out.print(f"{shift.level.value.capitalize():10} {_duty(shift, place)}", highlight=False)
    out.print(_matrix(found))
    for problem in found.problems:
        colour = "red" if problem.severity == "error" else "yellow"
        out.print(f"[{colour}]{problem.severity}[/{colour}] {escape(problem.text)}", highlight=False)


@oncall.command("contacts")
def list_contacts(json: Json = False) -> None:
    """Who can be told, and what somebody should see to. Addresses are not shown."""
    with reading_operations(json) as db:
        found = [contacts.view(contact) for contact in contacts.all_contacts(db)]
    if json:
        print_json([contact.model_dump(mode="json") for contact in found])
        return
    table = Table("Name", "Roles", "E-mail", "Pushover", "Confirmed", "To see to")
    for contact in found:
        table.add_row(
            escape(contact.name),
            ", ".join(contact.roles),
            escape(contact.email_hint or "–"),
            escape(contact.pushover_hint or "–"),
            str(contact.verified_on or "never"),
            escape(" ".join(contact.warnings)),
        )
    out.print(table)


@oncall.command("add-contact")
def add_contact(
    name: str,
    role: Annotated[list[Role] | None, typer.Option(help="May be given several times.")] = None,
    email: str | None = None,
    pushover_key_stdin: Annotated[
        bool, typer.Option("--pushover-key-stdin", help="Read the Pushover key from standard input.")
    ] = False,
    desktop: Annotated[bool, typer.Option("--desktop", help="Show messages on this machine's desktop too.")] = False,
    zone: Annotated[str | None, typer.Option(help="The contact's time zone.")] = None,
    json: Json = False,
) -> None:
    """Adds somebody who can be told."""
    key = SecretStr(sys.stdin.readline().strip()) if pushover_key_stdin else None
    fields = {"name": name, "roles": role or [], "email": email, "desktop": desktop, "time_zone": zone}
    new = valid(NewContact, json, pushover_key=key, **fields)
    with writing_operations(json) as db:
        added = contacts.view(contacts.add(db, new, operator()))
    _told(f"Added {added.name}.", added, json)


@oncall.command("verify-contact")
def verify_contact(name: str, json: Json = False) -> None:
    """Confirms that everything about a contact is right today."""
    with writing_operations(json) as db:
        done = contacts.view(contacts.verify(db, _named(db, name, json), operator()))
    _told(f"{done.name} is confirmed.", done, json)


@oncall.command("remove-contact")
def remove_contact(name: str, json: Json = False) -> None:
    """Removes a contact that has no duties from now on."""
    with writing_operations(json) as db:
        duty.remove_contact(db, _named(db, name, json), operator())
    _told(f"Removed {name}.", {"removed": name}, json)


@oncall.command("hand-over")
def hand_over(json: Json = False) -> None:
    """The hand-over note for whoever takes over the duty."""
    with reading_operations(json) as db:
        text = handover.hand_over(db, clock.now())
    if json:
        print_json({"text": text})
    else:
        typer.echo(text)


@oncall.command("rota")
def set_rota(
    primary: Annotated[list[str], typer.Argument(help="Names in the order of their turns, a week each.")],
    first: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="The day on which the first turn begins.")],
    at: Annotated[str, typer.Option(help="The hour of the hand-over.")] = "09:00",
    secondary: Annotated[
        list[str] | None, typer.Option(help="Several times, in order; else who is primary a week later.")
    ] = None,
    zone: Zone = None,
    json: Json = False,
) -> None:
    """Sets the weekly rota from a day on."""
    with writing_operations(json) as db:
        wish = valid(
            NewRota,
            json,
            zone=zone or get_settings().time_zone,
            first=first.date(),
            at=at,
            primary=[_named(db, name, json) for name in primary],
            secondary=[_named(db, name, json) for name in secondary] if secondary else None,
        )
        made = duty.rota_view(duty.set_rota(db, wish, operator()), contacts.names(db))
    _told(f"The rota begins on {made.first} at {made.at} ({made.zone}).", made, json)


@override.command("add")
def add_override(
    level: Level,
    starts: Annotated[datetime, typer.Option("--from", formats=_MINUTE)],
    ends: Annotated[datetime, typer.Option("--until", formats=_MINUTE)],
    who: Annotated[str | None, typer.Option(help="Name of the contact; without it nobody was found yet.")] = None,
    kind: OverrideKind = OverrideKind.swap,
    note: str = "",
    zone: Zone = None,
    json: Json = False,
) -> None:
    """Somebody else is on call for a time."""
    place = _place(zone, json)
    with writing_operations(json) as db:
        wish = valid(
            NewOverride,
            json,
            level=level,
            kind=kind,
            contact_id=_named(db, who, json) if who else None,
            starts_at=_instant(starts, place),
            ends_at=_instant(ends, place),
            note=note,
        )
        made = duty.override_view(duty.add_override(db, wish, operator()), contacts.names(db))
    person = made.contact.name if made.contact else "nobody yet"
    _told(f"{level.value.capitalize()} for this time: {person} ({made.id}).", made, json)


@override.command("list")
def list_overrides(zone: Zone = None, json: Json = False) -> None:
    """What is not over."""
    place = _place(zone, json)
    with reading_operations(json) as db:
        names = contacts.names(db)
        found = [duty.override_view(row, names) for row in duty.overrides(db, clock.now())]
    if json:
        print_json([row.model_dump(mode="json") for row in found])
        return
    table = Table("From", "Until", "Level", "Who", "Kind", "Note", "Id")
    for row in found:
        person = escape(row.contact.name) if row.contact else "[red]nobody[/red]"
        span = (_local(row.starts_at, place), _local(row.ends_at, place))
        table.add_row(*span, row.level.value, person, row.kind.value, escape(row.note), row.id)
    out.print(table)


@override.command("remove")
def remove_override(override_id: str, json: Json = False) -> None:
    """Takes it back from now on."""
    with writing_operations(json) as db:
        duty.remove_override(db, override_id, operator())
    _told("Removed.", {"removed": override_id}, json)


# --- how it is asked and told -----------------------------------------------------------------------------------------


def _told(text: str, data: Any, json: bool) -> None:
    if json:
        print_json(data)
    else:
        out.print(escape(text), highlight=False)


def _named(db: Db, name: str, json: bool) -> str:
    """The id of the contact of this name."""
    found = [contact.id for contact in contacts.all_contacts(db) if contact.name.casefold() == name.casefold()]
    if not found:
        fail(f"There is no contact named {name}.", "fossawork oncall contacts lists them.", code="not_found", json=json)
    return found[0]


def _place(zone: str | None, json: bool) -> ZoneInfo:
    try:
        return ZoneInfo(zone or get_settings().time_zone)
    except (KeyError, ValueError, OSError):
        fail(f"There is no time zone {zone}.", "Example: America/New_York.", code="invalid", json=json)


def _instant(local: datetime, place: ZoneInfo) -> datetime:
    return clock.wall_instant(local.date(), local.time(), place).astimezone(UTC)


def _local(instant: datetime, place: ZoneInfo) -> str:
    return f"{instant.astimezone(place):%a %d %b %Y %H:%M}"


def _duty(shift: OnCallShift, place: ZoneInfo) -> str:
    who = escape(shift.contact.name) if shift.contact else "[red]nobody[/red]"
    return f"{who} until {_local(shift.ends_at, place)}"


def _matrix(found: OnCallNow) -> Table:
    table = Table("Issue", "L1", "L2", "L3")
    for row in found.matrix:
        cells = []
        for level in row.levels:
            told = escape(", ".join(level.tells) or "nobody")
            cells.append(f"{level.role.value}: {told}" + (" [yellow](instead)[/yellow]" if level.gap else ""))
        table.add_row(row.kind.value, *cells)
    return table
