"""``fossawork slo``, ``alert`` and ``maintenance``: operations from the command line, also while the application's database is
down."""

from datetime import datetime, timedelta
from typing import Annotated

import typer
from rich.table import Table

from app.commands.common import reading_operations, told_errors, valid, writing_operations
from app.commands.output import EXIT_FAILED, Json, operator, out, print_json
from app.kit import clock
from app.operations.alerts import calls
from app.operations.alerts import service as alerts
from app.operations.alerts import views as alert_views
from app.operations.alerts.rules import SILENT_IN_MAINTENANCE
from app.operations.alerts.schemas import NewMaintenance
from app.operations.slo import service as slo_service
from app.operations.slo.budget import SloVerdict
from app.operations.slo.schemas import Slo
from app.operations.terms import Priority
from app.telemetry import store

alert = typer.Typer(help="What fires, who looks after it.", no_args_is_help=True)
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


# --- objectives -------------------------------------------------------------------------------------------------------


def slo(json: Json = False) -> None:
    """The service level objectives: target, measured, error budget. Exit code 1 when one is breached."""
    now = clock.now()
    with writing_operations(json) as db:
        store.roll_up(db, now.timestamp())
    with told_errors(json):
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
    with reading_operations(json) as db:
        items = alert_views.items(alerts.firing(db))
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
    with writing_operations(json) as db:
        row = alerts.acknowledge(db, alert_id, operator())
        calls.acknowledged(db, row)
        (result,) = alert_views.items([row])
    if json:
        print_json(result)
    else:
        out.print(f"{result.acknowledged_by} looks after it.", highlight=False)


@alert.command("resolve")
def resolve(alert_id: Id, why: Annotated[str, typer.Option(help="Why it is over.")], json: Json = False) -> None:
    """Says that it is over; some alerts end only this way."""
    with writing_operations(json) as db:
        row = alerts.resolve(db, alert_id, operator(), why)
        calls.ended(db, row)
        (result,) = alert_views.items([row])
    if json:
        print_json(result)
    else:
        out.print("It is over.")


# --- maintenance ------------------------------------------------------------------------------------------------------


@maintenance.command("plan")
def plan_maintenance(
    reason: str,
    start: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], help="UTC; default: now.")
    ] = None,
    minutes: Annotated[int, typer.Option(min=1, help="How long it takes.")] = 60,
    rule: Annotated[
        list[str] | None, typer.Option(help=f"Rules to be silent; default: {', '.join(SILENT_IN_MAINTENANCE)}.")
    ] = None,
    json: Json = False,
) -> None:
    """Declares planned work ahead."""
    begins = start.replace(tzinfo=clock.now().tzinfo) if start else clock.now()
    rules = rule or list(SILENT_IN_MAINTENANCE)
    ends = begins + timedelta(minutes=minutes)
    wish = valid(NewMaintenance, json, starts_at=begins, ends_at=ends, rules=rules, reason=reason)
    with writing_operations(json) as db:
        result = alert_views.window_view(alerts.plan_maintenance(db, wish, operator()), clock.now())
    if json:
        print_json(result)
    else:
        out.print(
            f"Planned from {result.starts_at:%H:%M} to {result.ends_at:%H:%M} UTC ({result.id}).", highlight=False
        )


@maintenance.command("list")
def list_maintenance(json: Json = False) -> None:
    """Planned work of the last 30 days and to come."""
    with reading_operations(json) as db:
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
    with writing_operations(json) as db:
        alerts.end_maintenance(db, window_id, operator())
    if json:
        print_json({"ended": True})
