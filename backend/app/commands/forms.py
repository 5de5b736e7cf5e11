"""``fossawork forms plan`` and ``forms run``."""

from typing import Annotated, Any

import typer
from rich.table import Table

from app.accounts.models import User
from app.activity.queue import enqueue
from app.activity.schemas import Event
from app.commands.common import (
    EXIT_FAILED,
    For,
    Json,
    engine,
    fail,
    follow,
    out,
    prepared_user,
    print_json,
    told_errors,
)
from app.database import get_database
from app.forms import service
from app.forms.models import FormRun
from app.forms.schemas import FormRun as FormRunView
from app.forms.schemas import Verdict, VisitPlan
from app.forms.views import run_views
from app.work.named import resolve

forms = typer.Typer(help="Plan and prepare the test forms of a visit.", no_args_is_help=True)
_PROVEN = (Verdict.verified, Verdict.already_done)


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


def run_plan(who: User, plan: VisitPlan, *, quiet: bool, on_event: Any = None) -> FormRunView:
    """Runs a plan to its end. Needs a running :func:`engine`."""
    with get_database().write() as db:
        run = service.request_run(db, who, plan.visit_id, plan.digest, [], "command line")
    enqueue(service.RUN_WORKFLOW, run.id, who.id)
    follow(run.id, "Preparing forms", quiet=quiet, on_event=on_event)
    with get_database().read() as db:
        return run_views(db, [db.get_one(FormRun, run.id)])[0]


@forms.command("plan")
def show_plan(visit: int, user: For = None, json: Json = False) -> None:
    """Shows what a run would do; writes nothing to the portal."""
    who = prepared_user(user, json=json)
    with told_errors(json), engine():
        plan = check_visit(who, visit, quiet=json, json=json)
    if json:
        print_json(plan)
    else:
        print_plan(plan)


@forms.command("run")
def run_forms(visit: int, user: For = None, json: Json = False) -> None:
    """Prepares the forms of a visit; exit code 0 only when every form is verified."""
    who = prepared_user(user, json=json)
    with told_errors(json), engine():
        plan = check_visit(who, visit, quiet=json, json=json)
        if not plan.can_run and plan.forms and plan.already_done == len(plan.forms):
            result = None
        else:
            result = run_plan(who, plan, quiet=json)
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
    proven = result.state == "finished" and all(form.verdict in _PROVEN for form in result.forms)
    raise typer.Exit(0 if proven else EXIT_FAILED)


@forms.command("named")
def named(
    text: Annotated[str, typer.Option(help="Instructions of a work order.")],
    cards: Annotated[str, typer.Option(help="Dispensers of the location, e.g. 1/2,3/4,9")],
    json: Json = False,
) -> None:
    """Shows which dispensers an instruction text orders, and what in it fits no dispenser."""
    try:
        known = [tuple(int(number) for number in card.split("/")) for card in cards.replace(" ", "").split(",") if card]
    except ValueError:
        fail(f"“{cards}” is no list of dispensers.", "Write them like 1/2,3/4,9.", code="invalid", json=json)
    result = resolve(text, known)
    if json:
        print_json(
            {
                "dispensers": [
                    {"numbers": item.numbers, "sides": item.sides, "grades": item.grades, "span": item.span}
                    for item in result.dispensers
                ],
                "unresolved": [{"text": item.text, "why": item.why} for item in result.unresolved],
                "everything": result.everything,
            }
        )
        return
    for item in result.dispensers:
        sides = f" side {', '.join(map(str, item.sides))}" if item.sides else ""
        out.print(
            f"{'/'.join(map(str, item.numbers))}{sides}: {', '.join(item.grades or ('all grades',))}", highlight=False
        )
    for missing in result.unresolved:
        out.print(f"[yellow]?[/yellow] “{missing.text}”: {missing.why}", highlight=False)
    if result.everything:
        out.print("All dispensers.")


def print_plan(plan: VisitPlan) -> None:
    out.print(
        f"[bold]{plan.form_type}[/bold] · {plan.store} · visit {plan.visit_id} · {plan.to_write} to prepare, {plan.already_done} complete, {plan.to_ask} to ask",
        highlight=False,
    )
    for warning in plan.warnings:
        out.print(f"[yellow]![/yellow] {warning.message} {warning.action}", highlight=False)
    for item in plan.unresolved:
        out.print(f"[yellow]?[/yellow] “{item.text}”: {item.why}", highlight=False)
    table = Table(show_edge=False, pad_edge=False)
    for column in ("Dispenser", "Action", "Form", "Grades", "Why"):
        table.add_column(column)
    for form in plan.forms:
        grades = ", ".join(f"{g.grade} {'M' if g.metered else 'B'}{g.prover_position or '?'}" for g in form.grades)
        table.add_row(form.dispenser, form.action.value, str(form.entry_id or "new"), grades, " ".join(form.reasons))
    out.print(table, highlight=False)


def print_run(run: FormRunView) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("Dispenser", "Form", "Verdict", "Seconds", "Read back"):
        table.add_column(column, justify="right" if column == "Seconds" else "left")
    for form in run.forms:
        verdict = form.verdict.value if form.verdict else "–"
        colour = "green" if form.verdict in _PROVEN else "red" if form.verdict is Verdict.not_done else "yellow"
        seen = form.evidence.equipment if form.evidence else None
        told = form.reason if form.verdict not in (Verdict.verified, None) else seen
        table.add_row(
            form.dispenser,
            str(form.entry_id or ""),
            f"[{colour}]{verdict}[/{colour}]",
            str(form.seconds or ""),
            told or "",
        )
    out.print(table, highlight=False)
    if run.error_detail:
        out.print(f"[red]{run.error_detail}[/red] {run.error_action or ''}", highlight=False)


def tell_forms(event: Event) -> None:
    """Prints each form's outcome as it comes."""
    if event.type == "form" and event.data.get("verdict"):
        out.print(event.message, highlight=False)
