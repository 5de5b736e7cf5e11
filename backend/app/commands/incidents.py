"""``fossawork incident …``: an incident from its opening to its closing."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from app.commands.common import reading_operations, told_errors, valid, writing_operations
from app.commands.output import Json, fail, operator, out, print_json
from app.kit import clock
from app.operations.incidents import evidence, postmortem
from app.operations.incidents import service as incidents
from app.operations.incidents import views as incident_views
from app.operations.incidents.lifecycle import Status
from app.operations.incidents.schemas import IncidentChange, IncidentMove, IncidentUpdate, NewAction, NewIncident
from app.operations.terms import Kind, Priority

incident = typer.Typer(help="Incidents from their opening to their closing.", no_args_is_help=True)
Id = Annotated[str, typer.Argument(metavar="ID")]


@incident.command("list")
def list_incidents(
    all_: Annotated[bool, typer.Option("--all", help="Also the closed ones.")] = False, json: Json = False
) -> None:
    """Open incidents, newest first."""
    with reading_operations(json) as db:
        page = incident_views.page(db, clock.now(), only_open=not all_, cursor=None, limit=100)
    if json:
        print_json(page)
        return
    for item in page.items:
        line = f"{item.id}  {item.priority.upper()}  {item.status.value:<14} {item.title}"
        out.print(line, highlight=False)
    if not page.items:
        out.print("No incident is open.")


@incident.command("show")
def show_incident(incident_id: Id, json: Json = False) -> None:
    """One incident with its story."""
    with reading_operations(json) as db:
        found = incident_views.whole(db, incidents.find(db, incident_id, lock=False), clock.now())
    if json:
        print_json(found)
        return
    out.print(f"[bold]{found.id}[/bold] {found.title}\n{found.priority.upper()} {found.status.value}", highlight=False)
    for entry in found.timeline:
        out.print(f"  {entry.at:%Y-%m-%d %H:%M:%S}  {entry.actor}: {entry.text}", highlight=False)
    if found.missing_to_close:
        out.print(f"To close it: {', '.join(found.missing_to_close)}.", highlight=False)


@incident.command("open")
def open_incident(
    title: str,
    priority: Annotated[Priority, typer.Option(help="p1, p2 or p3")] = Priority.p2,
    kind: Annotated[Kind, typer.Option(help="row of the escalation matrix")] = Kind.system_down,
    impact: Annotated[str, typer.Option(help="What users notice.")] = "",
    json: Json = False,
) -> None:
    """Opens an incident by hand."""
    wish = valid(NewIncident, json, title=title, priority=priority, kind=kind, user_impact=impact)
    with writing_operations(json) as db:
        made = incidents.create(db, wish, operator())
        result = incident_views.whole(db, made, clock.now())
    if json:
        print_json(result)
    else:
        out.print(f"Opened {result.id}.", highlight=False)


@incident.command("note")
def note(incident_id: Id, text: str, json: Json = False) -> None:
    """Adds a line to its story."""
    with writing_operations(json) as db:
        incidents.note(db, incidents.find(db, incident_id), "note", operator(), text)
    if json:
        print_json({"noted": True})


@incident.command("set")
def set_fields(
    incident_id: Id,
    field: Annotated[list[str], typer.Argument(metavar="NAME=TEXT", help="e.g. root_cause='The disk was full.'")],
    json: Json = False,
) -> None:
    """Fills in its impact, cause, lessons …"""
    wish = valid(IncidentChange, json, **_named_texts(field, json))
    with writing_operations(json) as db:
        found = incidents.find(db, incident_id)
        incidents.change(db, found, wish, operator())
        result = incident_views.whole(db, found, clock.now())
    if json:
        print_json(result)


@incident.command("move")
def move(
    incident_id: Id,
    status: Annotated[Status, typer.Argument(help="where it stands now")],
    note_: Annotated[str, typer.Option("--note", help="What is to be said of it.")] = "",
    into: Annotated[str | None, typer.Option(help="With merged: the other incident.")] = None,
    json: Json = False,
) -> None:
    """Moves it on; a P1 or P2 is closed only when all that it needs is filled in."""
    wish = valid(IncidentMove, json, status=status, note=note_, into=into)
    with writing_operations(json) as db:
        found = incidents.find(db, incident_id)
        incidents.move(db, found, wish, operator())
        result = incident_views.whole(db, found, clock.now())
    if json:
        print_json(result)
    else:
        out.print(f"{result.id} is {result.status.value}.", highlight=False)


@incident.command("update")
def update(
    incident_id: Id,
    template: str,
    field: Annotated[list[str] | None, typer.Argument(metavar="NAME=TEXT")] = None,
    send: Annotated[bool, typer.Option("--send", help="Also to whoever is called for its kind.")] = False,
    json: Json = False,
) -> None:
    """Writes a message by template; refused while a field is missing."""
    wish = valid(IncidentUpdate, json, template=template, fields=_named_texts(field or [], json), send=send)
    with writing_operations(json) as db:
        message = incidents.send_update(db, incidents.find(db, incident_id), wish, operator())
    if json:
        print_json({"subject": message.subject, "body": message.body})
    else:
        out.print(f"{message.subject}\n\n{message.body}", highlight=False, markup=False)


@incident.command("action")
def action(
    incident_id: Id,
    text: str,
    owner: Annotated[str, typer.Option(help="Who does it.")],
    days: Annotated[int, typer.Option(min=0, help="In how many days it is due.")] = 30,
    json: Json = False,
) -> None:
    """Adds something to be done so that it does not happen again."""
    wish = valid(NewAction, json, text=text, owner=owner, due=clock.now() + timedelta(days=days))
    with writing_operations(json) as db:
        made = incidents.add_action(db, incidents.find(db, incident_id), wish, operator())
        result = {"id": made.id, "due": made.due}
    if json:
        print_json(result)


@incident.command("evidence")
def take_evidence(incident_id: Id, json: Json = False) -> None:
    """Collects the evidence pack of this moment, read-only and with digests."""
    with reading_operations(json) as db:
        found = incidents.find(db, incident_id, lock=False)
    with told_errors(json):
        kept = evidence.take(found, operator())
    with writing_operations(json) as db:
        incidents.add_evidence(db, incidents.find(db, incident_id), kept, operator())
    paths = [item.path for item in kept]
    if json:
        print_json({"folder": str(evidence.folder_of(incident_id)), "files": paths})
    else:
        out.print(f"{len(paths)} files in {evidence.folder_of(incident_id)}", highlight=False)


@incident.command("post-mortem")
def write_post_mortem(
    incident_id: Id, output: Annotated[Path | None, typer.Option(help="A file instead of the screen.")] = None
) -> None:
    """The post-mortem document as it stands, in Markdown."""
    with reading_operations(False) as db:
        text = postmortem.document(
            incidents.find(db, incident_id, lock=False),
            incidents.timeline_of(db, incident_id),
            incidents.actions_of(db, incident_id),
            incidents.evidence_of(db, incident_id),
            clock.now(),
        )
    if output is None:
        typer.echo(text)
    else:
        output.write_text(text)


def _named_texts(pairs: list[str], json: bool) -> dict[str, str]:
    """``NAME=TEXT`` as given on the command line."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        fail(f"“{wrong[0]}” has no name.", "A field is given as NAME=TEXT.", code="invalid", json=json)
    return dict(pair.split("=", 1) for pair in pairs)
