"""``fossawork forms plan`` and ``forms run``."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from app.accounts.models import User
from app.activity.queue import enqueue
from app.activity.schemas import Event
from app.batches import service as batches
from app.commands.common import For, prepared_user, told_errors
from app.commands.engine import engine, follow
from app.commands.named import named
from app.commands.output import EXIT_FAILED, Json, fail, out, print_json
from app.database import get_database
from app.forms import service
from app.forms.models import FormRun
from app.forms.report import visit_report
from app.forms.schemas import PROVEN, PlanChoices, StationChoice, Verdict, VisitPlan
from app.forms.schemas import FormRun as FormRunView
from app.forms.templates import StationType
from app.forms.views import run_views

forms = typer.Typer(help="Plan and prepare the test forms of a visit.", no_args_is_help=True)
Readings = Annotated[
    bool | None, typer.Option("--readings/--no-readings", help="Prepare readings, too; else as your settings say.")
]
Only = Annotated[str | None, typer.Option(help="Exactly these dispensers, e.g. 1/2,5/6: your answer to a question.")]
StationFor = Annotated[StationType | None, typer.Option("--station", help="Station type of all dispensers.")]


def check_visit(who: User, visit_id: int, *, quiet: bool, json: bool) -> VisitPlan:
    """Reads the visit's forms from the portal and makes the plan. Needs a running :func:`engine`."""
    with get_database().write() as db:
        job = service.request_check(db, who.id, visit_id)
    enqueue(service.CHECK_WORKFLOW, job.id, who.id)
    last = follow(job.id, "Reading the visit", quiet=quiet)
    if last.type == "failed":
        fail(last.message, last.data["action"], code=last.data["code"], kind=last.data["kind"], json=json)
    with get_database().read() as db:
        return service.read_plan(db, who, visit_id)[0]


def run_plan(
    who: User, plan: VisitPlan, *, quiet: bool, choices: PlanChoices | None = None, on_event: Any = None
) -> FormRunView:
    """Runs a plan to its end. Needs a running :func:`engine`."""
    with get_database().write() as db:
        run = batches.start_single(db, who, plan.visit_id, plan.digest, choices or PlanChoices(), "command line")
        turn = batches.turn_of(batches.find(db, who.id, str(run.batch_id)))
    enqueue(batches.WORKFLOW, turn, who.id)
    follow(run.id, "Preparing forms", quiet=quiet, on_event=on_event)
    with get_database().read() as db:
        return run_views(db, [db.get_one(FormRun, run.id)])[0]


def _chosen_plan(
    who: User, visit: int, readings: bool | None, only: str | None, station: StationType | None, *, json: bool
) -> tuple[VisitPlan, PlanChoices]:
    """The plan with the choices of the command line, and these as a run takes them."""
    plan = check_visit(who, visit, quiet=json, json=json)
    labels = [label.strip() for label in only.split(",")] if only is not None else None
    unknown = [label for label in labels or () if label not in plan.dispensers]
    if unknown:
        known = ", ".join(plan.dispensers) or "none"
        fail(f"The location has no dispenser {', '.join(unknown)}.", f"It has: {known}.", code="invalid", json=json)
    stations = [StationChoice(dispenser=label, station=station) for label in plan.dispensers] if station else []
    choices = PlanChoices(readings=readings, dispensers=labels, stations=stations)
    with get_database().read() as db:
        return service.read_plan(db, who, visit, choices)[0], choices


@forms.command("plan")
def show_plan(
    visit: int,
    readings: Readings = None,
    only: Only = None,
    station: StationFor = None,
    user: For = None,
    json: Json = False,
) -> None:
    """Shows what a run would do; writes nothing to the portal."""
    who = prepared_user(user, json=json)
    with told_errors(json), engine():
        plan, _ = _chosen_plan(who, visit, readings, only, station, json=json)
    if json:
        print_json(plan)
    else:
        print_plan(plan)


@forms.command("run")
def run_forms(
    visit: int,
    readings: Readings = None,
    only: Only = None,
    station: StationFor = None,
    user: For = None,
    json: Json = False,
) -> None:
    """Prepares the forms of a visit; exit code 0 only when every form is verified."""
    who = prepared_user(user, json=json)
    with told_errors(json), engine():
        plan, choices = _chosen_plan(who, visit, readings, only, station, json=json)
        if not plan.can_run and plan.forms and plan.already_done == len(plan.forms):
            result = None
        else:
            result = run_plan(who, plan, quiet=json, choices=choices)
    if result is None:
        if json:
            print_json({"visit_id": visit, "state": "finished", "forms": [], "already_done": plan.already_done})
        else:
            out.print(f"All {plan.already_done} forms are complete already.")
        return
    if json:
        print_json(result)
    else:
        print_run(result)
    proven = result.state == "finished" and all(form.verdict in PROVEN for form in result.forms)
    raise typer.Exit(0 if proven else EXIT_FAILED)


forms.command("named")(named)


@forms.command("report")
def report(
    visit: int,
    to: Annotated[Path | None, typer.Option("--to", help="File to write; else visit-NUMBER.pdf here.")] = None,
    user: For = None,
    json: Json = False,
) -> None:
    """Writes the evidence of a visit's forms as a PDF."""
    who = prepared_user(user, json=json)
    path = to or Path(f"visit-{visit}.pdf")
    with told_errors(json), get_database().read() as db:
        path.write_bytes(visit_report(db, who, visit))
    if json:
        print_json({"visit_id": visit, "path": str(path)})
    else:
        out.print(f"Written: {path}", highlight=False)


def print_plan(plan: VisitPlan) -> None:
    out.print(
        f"[bold]{plan.form_type}[/bold] · {escape(plan.store)} · visit {plan.visit_id} · {plan.to_write} to prepare, {plan.already_done} complete, {plan.to_ask} to ask",
        highlight=False,
    )
    for warning in plan.warnings:
        out.print(f"[yellow]![/yellow] {escape(warning.message)} {escape(warning.action)}", highlight=False)
    for question in plan.questions:
        out.print(f"[red]?[/red] {escape(question.message)} Answer with --only.", highlight=False)
    for item in plan.unresolved:
        out.print(f"[yellow]?[/yellow] “{escape(item.text)}”: {escape(item.why)}", highlight=False)
    table = Table(show_edge=False, pad_edge=False)
    for column in ("Dispenser", "Action", "Form", "Grades", "Readings", "Why"):
        table.add_column(column)
    for form in plan.forms:
        grades = ", ".join(f"{g.grade} {'M' if g.metered else 'B'}{g.prover_position or '?'}" for g in form.grades)
        count = sum(len(group.readings) for group in form.readings)
        sure = "" if form.station is None or form.station.certain else " (check)"
        readings = f"{count} · {form.station.name}{sure}" if form.station else "–"
        dispenser, entry, why = escape(form.dispenser), str(form.entry_id or "new"), escape(" ".join(form.reasons))
        table.add_row(dispenser, form.action.value, entry, escape(grades), readings, why)
    out.print(table, highlight=False)


def print_run(run: FormRunView) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("Dispenser", "Form", "Verdict", "Seconds", "Read back"):
        table.add_column(column, justify="right" if column == "Seconds" else "left")
    for form in run.forms:
        verdict = form.verdict.value if form.verdict else "–"
        colour = "green" if form.verdict in PROVEN else "red" if form.verdict is Verdict.not_done else "yellow"
        seen = form.evidence.equipment if form.evidence else None
        told = form.reason if form.verdict not in (Verdict.verified, None) else seen
        table.add_row(
            escape(form.dispenser),
            str(form.entry_id or ""),
            f"[{colour}]{verdict}[/{colour}]",
            str(form.seconds or ""),
            escape(told or ""),
        )
    out.print(table, highlight=False)
    if run.error_detail:
        told = f"[red]{escape(run.error_detail)}[/red] {escape(run.error_action or '')}"
        out.print(told, highlight=False)


def tell_forms(event: Event) -> None:
    """Prints each form's outcome as it comes."""
    if event.type == "form" and event.data.get("verdict"):
        out.print(event.message, highlight=False, markup=False)
