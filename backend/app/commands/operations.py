"""``fossawork slo``, ``alert``, ``incident`` and ``maintenance``: operations from the command line, also while the application's
database is down."""

import getpass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from app.accounts.keys import get_envelope
from app.commands.common import EXIT_FAILED, Json, fail, out, print_json, told_errors
from app.config import get_settings
from app.database import get_operations_database
from app.kit import clock
from app.operations.alerts import calls
from app.operations.alerts import service as alerts
from app.operations.alerts import views as alert_views
from app.operations.alerts.rules import BY_ID
from app.operations.alerts.schemas import NewMaintenance
from app.operations.incidents import evidence, postmortem
from app.operations.incidents import service as incidents
from app.operations.incidents import views as incident_views
from app.operations.incidents.lifecycle import Status
from app.operations.incidents.schemas import IncidentChange, IncidentMove, IncidentUpdate, NewAction, NewIncident
from app.operations.slo import service as slo_service
from app.operations.slo.budget import SloVerdict
from app.operations.slo.schemas import Slo
from app.operations.terms import Kind, Priority
from app.telemetry import logs, store

alert = typer.Typer(help="What fires, who looks after it.", no_args_is_help=True)
incident = typer.Typer(help="Incidents from their opening to their closing.", no_args_is_help=True)
maintenance = typer.Typer(
    help="Planned work: left out of availability, silent for the listed rules.", no_args_is_help=True
)
_COLOURS = {
    SloVerdict.met: "green",
    SloVerdict.at_risk: "yellow",
    SloVerdict.breached: "red",
    SloVerdict.no_data: "dim",
}
Id = Annotated[str, typer.Argument(metavar="ID")]


def _prepare() -> None:
    """What operations need: not the application's database, which may be what is broken."""
    logs.set_up(get_settings().logs)
    get_operations_database().migrate()
    get_envelope()


def _who() -> str:
    """Who sits at the command line, for the stories of alerts and incidents."""
    return f"{getpass.getuser()} (command line)"


# --- objectives -------------------------------------------------------------------------------------------------------


def slo(json: Json = False) -> None:
    """The service level objectives: target, measured, error budget. Exit code 1 when one is breached."""
    with told_errors(json):
        _prepare()
        now = clock.now()
        with get_operations_database().write() as db:
            store.roll_up(db, now.timestamp())
        report = slo_service.measure(now)
    if json:
        print_json(report)
    else:
        table = Table(box=None, pad_edge=False)
        for column in ("Objective", "Promise", "Measured", "Budget left", "Burns", "Verdict"):
            table.add_column(column)
        for item in report.items:
            colour, unjudged = _COLOURS[item.verdict], item.verdict is SloVerdict.no_data
            rates = [rate.long_rate for rate in item.burn if rate.long_rate is not None]
            table.add_row(
                item.title,
                item.promise,
                _measured(item),
                "–" if unjudged or item.budget.left is None else f"{item.budget.left:.0%}",
                "–" if unjudged or not rates else f"{rates[0]:.1f}×",
                f"[{colour}]{item.verdict.value.replace('_', ' ')}[/{colour}]",
            )
        out.print(table)
    raise typer.Exit(EXIT_FAILED if any(item.verdict is SloVerdict.breached for item in report.items) else 0)


def _measured(item: Slo) -> str:
    if item.verdict is SloVerdict.no_data:
        return item.why
    words = f"{item.ratio:.2%}" if item.ratio is not None else "–"
    slowest = max((part.p95_seconds for part in item.parts if part.p95_seconds is not None), default=None)
    return words if slowest is None else f"{words} (p95 {slowest:.2f} s)"


# --- alerts -----------------------------------------------------------------------------------------------------------


@alert.command("list")
def list_alerts(json: Json = False) -> None:
    """What fires now. Exit code 1 when a P1 or P2 fires."""
    with told_errors(json):
        _prepare()
        with get_operations_database().read() as db:
            items = [alert_views.item(row) for row in alerts.firing(db)]
    if json:
        print_json({"items": [item.model_dump(mode="json") for item in items]})
    elif not items:
        out.print("Nothing fires.")
    for item in [] if json else items:
        owner = f", {item.acknowledged_by} looks after it" if item.acknowledged_by else ""
        muted = f" ({item.silenced or item.inhibited})" if item.silenced or item.inhibited else ""
        out.print(
            f"[bold]{item.priority.upper()}[/bold] {item.title} ({item.component}){owner}{muted}", highlight=False
        )
        out.print(f"   {item.words}\n   {item.what_to_do}\n   {item.id}", style="dim", highlight=False)
    raise typer.Exit(EXIT_FAILED if any(item.priority is not Priority.p3 for item in items) else 0)


@alert.command("acknowledge")
def acknowledge(alert_id: Id, json: Json = False) -> None:
    """Says that you look after it: nobody else is called."""
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            row = alerts.acknowledge(db, alert_id, _who())
            calls.acknowledged(db, row)
            result = alert_views.item(row)
    if json:
        print_json(result)
    else:
        out.print(f"{result.acknowledged_by} looks after it.", highlight=False)


@alert.command("resolve")
def resolve(alert_id: Id, why: Annotated[str, typer.Option(help="Why it is over.")], json: Json = False) -> None:
    """Says that it is over; some alerts end only this way."""
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            row = alerts.resolve(db, alert_id, _who(), why)
            calls.ended(db, row)
            result = alert_views.item(row)
    if json:
        print_json(result)
    else:
        out.print("It is over.")


# --- incidents --------------------------------------------------------------------------------------------------------


@incident.command("list")
def list_incidents(
    all_: Annotated[bool, typer.Option("--all", help="Also the closed ones.")] = False, json: Json = False
) -> None:
    """Open incidents, newest first."""
    with told_errors(json):
        _prepare()
        with get_operations_database().read() as db:
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
    with told_errors(json):
        _prepare()
        with get_operations_database().read() as db:
            found = incident_views.whole(db, incidents.find(db, incident_id), clock.now())
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
    wish = NewIncident(title=title, priority=priority, kind=kind, user_impact=impact)
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            made = incidents.create(db, wish, _who())
            result = incident_views.whole(db, made, clock.now())
    if json:
        print_json(result)
    else:
        out.print(f"Opened {result.id}.", highlight=False)


@incident.command("note")
def note(incident_id: Id, text: str, json: Json = False) -> None:
    """Adds a line to its story."""
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            incidents.note(db, incidents.find(db, incident_id), "note", _who(), text)
    if json:
        print_json({"noted": True})


@incident.command("set")
def set_fields(
    incident_id: Id,
    field: Annotated[list[str], typer.Argument(metavar="NAME=TEXT", help="e.g. root_cause='The disk was full.'")],
    json: Json = False,
) -> None:
    """Fills in its impact, cause, lessons …"""
    given = dict(pair.split("=", 1) for pair in field if "=" in pair)
    unknown = [name for name in given if name not in IncidentChange.model_fields]
    if unknown or len(given) != len(field):
        names = ", ".join(IncidentChange.model_fields)
        fail("A field is given as NAME=TEXT.", f"The names are {names}.", code="invalid", json=json)
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            found = incidents.find(db, incident_id)
            incidents.change(db, found, IncidentChange.model_validate(given), _who())
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
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            found = incidents.find(db, incident_id)
            incidents.move(db, found, IncidentMove(status=status, note=note_, into=into), _who())
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
    fields = dict(pair.split("=", 1) for pair in field or [] if "=" in pair)
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            found = incidents.find(db, incident_id)
            wish = IncidentUpdate(template=template, fields=fields, send=send)
            message = incidents.send_update(db, found, wish, _who())
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
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            wish = NewAction(text=text, owner=owner, due=clock.now() + timedelta(days=days))
            made = incidents.add_action(db, incidents.find(db, incident_id), wish, _who())
            result = {"id": made.id, "due": made.due}
    if json:
        print_json(result)


@incident.command("evidence")
def take_evidence(incident_id: Id, json: Json = False) -> None:
    """Collects the evidence pack of this moment, read-only and with digests."""
    with told_errors(json):
        _prepare()
        with get_operations_database().read() as db:
            found = incidents.find(db, incident_id)
        files = evidence.collect(found)
        with get_operations_database().write() as db:
            kept = evidence.take(db, incidents.find(db, incident_id), files, _who())
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
    with told_errors(json=False):
        _prepare()
        with get_operations_database().read() as db:
            text = postmortem.document(
                incidents.find(db, incident_id),
                incidents.timeline_of(db, incident_id),
                incidents.actions_of(db, incident_id),
                incidents.evidence_of(db, incident_id),
                clock.now(),
            )
    if output is None:
        typer.echo(text)
    else:
        output.write_text(text)


# --- maintenance ------------------------------------------------------------------------------------------------------


@maintenance.command("plan")
def plan_maintenance(
    reason: str,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="UTC; default: now.")
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How long it takes.")] = 60,
    rule: Annotated[list[str] | None, typer.Option(help="Rules to be silent; default: all but security.")] = None,
    json: Json = False,
) -> None:
    """Declares planned work ahead."""
    begins = start.replace(tzinfo=clock.now().tzinfo) if start else clock.now()
    rules = rule or [each for each in BY_ID if each not in ("security_breach", "data_corruption")]
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            wish = NewMaintenance(
                starts_at=begins, ends_at=begins + timedelta(minutes=minutes), rules=rules, reason=reason
            )
            result = alert_views.window_view(alerts.plan_maintenance(db, wish, _who()), clock.now())
    if json:
        print_json(result)
    else:
        out.print(
            f"Planned from {result.starts_at:%H:%M} to {result.ends_at:%H:%M} UTC ({result.id}).", highlight=False
        )


@maintenance.command("list")
def list_maintenance(json: Json = False) -> None:
    """Planned work of the last 30 days and to come."""
    with told_errors(json):
        _prepare()
        with get_operations_database().read() as db:
            windows = [alert_views.window_view(row, clock.now()) for row in alerts.windows(db, clock.now())]
    if json:
        print_json({"items": [window.model_dump(mode="json") for window in windows]})
        return
    for window in windows:
        now = "  (now)" if window.in_force else ""
        line = f"{window.starts_at:%Y-%m-%d %H:%M} – {window.ends_at:%H:%M} UTC  {window.reason}{now}  {window.id}"
        out.print(line, highlight=False)


@maintenance.command("end")
def end_maintenance(window_id: Id, json: Json = False) -> None:
    """Ends it early, or calls it off."""
    with told_errors(json):
        _prepare()
        with get_operations_database().write() as db:
            alerts.end_maintenance(db, window_id, _who())
    if json:
        print_json({"ended": True})
