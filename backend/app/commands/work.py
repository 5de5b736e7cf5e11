"""``fossawork sync``, ``week`` and ``visit``."""

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from app.activity.queue import enqueue
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
from app.sync import service as sync_service
from app.sync.models import SyncRun
from app.work import service
from app.work.schemas import VisitCard, WorkOrder


def sync(
    refresh_locations: Annotated[bool, typer.Option(help="Read every location again.")] = False,
    accept_empty: Annotated[bool, typer.Option(help="Take an empty work list as true.")] = False,
    user: For = None,
    json: Json = False,
) -> None:
    """Brings the open work orders, their locations and your provers home."""
    who = prepared_user(user, json=json)
    with told_errors(json), engine():
        with get_database().write() as db:
            run = sync_service.request_sync(
                db, who.id, "command line", refresh_locations=refresh_locations, accept_empty=accept_empty
            )
        enqueue(sync_service.WORKFLOW, run.id, who.id)
        follow(run.id, "Synchronising", quiet=json)
    with get_database().read() as db:
        result = sync_service.view(db, db.get_one(SyncRun, run.id))
    if json:
        print_json(result)
        raise typer.Exit(0 if result.state == "succeeded" else EXIT_FAILED)
    if result.error_detail:
        fail(result.error_detail, result.error_action or "")
    counts = result.counts
    out.print(
        f"[green]{counts.work_orders} work orders[/green] ({counts.added} new, {counts.changed} changed, "
        f"{counts.missing} missing) · {counts.locations_read} locations, {counts.dispensers} dispensers · "
        f"{counts.provers} provers · {result.seconds} s",
        highlight=False,
    )


def week(
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week.")] = None,
    user: For = None,
    json: Json = False,
) -> None:
    """Shows this week and the next one by day."""
    who = prepared_user(user, json=json)
    with told_errors(json), get_database().read() as db:
        pair = service.read_weeks(db, who, start.date() if start else None)
    if json:
        print_json(pair)
        return
    for shown in (pair.this, pair.next):
        title = f"{_day(shown.start)} – {_day(shown.end)} · {shown.totals.visits} visits, {shown.totals.dispensers} dispensers"
        table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
        for column in ("Day", "Visit", "Store", "City", "Dispensers", "Due", "Facts"):
            table.add_column(column, justify="right" if column == "Dispensers" else "left")
        for day in shown.days:
            name = _day(day.date) + (" ◂ today" if day.is_today else "")
            if not day.visits:
                table.add_row(name, "", "free day", "", "", "", "")
            for item in day.visits:
                table.add_row(name, *_cells(item))
                name = ""
        out.print(table, highlight=False)
        out.print()


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _cells(card: VisitCard) -> tuple[str, ...]:
    return (
        str(card.visit_id or "–"),
        f"{card.chain.name} {card.store}",
        card.city or "",
        str(card.dispensers) if card.dispensers is not None else "?",
        f"{card.due_date.day} {card.due_date:%b}" + (" !" if card.due_state in ("overdue", "before_visit") else "")
        if card.due_date
        else "",
        ", ".join(fact.label for fact in card.facts),
    )


def visit(visit_id: int, user: For = None, json: Json = False) -> None:
    """Shows one visit: address, services, instructions, dispensers."""
    who = prepared_user(user, json=json)
    with told_errors(json), get_database().read() as db:
        order = service.read_visit(db, who, visit_id)
    if json:
        print_json(order)
    else:
        _print_order(order)


def _print_order(order: WorkOrder) -> None:
    card = order.card
    out.print(
        f"[bold]{card.chain.name} {card.store}[/bold] · visit {card.visit_id} · W-{card.work_id} · {card.date or 'no date'}",
        highlight=False,
    )
    for line in (
        order.street,
        order.intersection,
        " ".join(filter(None, (order.city, order.state, order.zip))),
        order.county,
    ):
        if line:
            out.print(line, highlight=False)
    for service_line in order.services:
        out.print(f"{service_line.quantity} x {service_line.description} ({service_line.code})", highlight=False)
    if order.instructions:
        out.print(f"\n{order.instructions}\n", highlight=False, markup=False)
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("Dispenser")
    for column in order.location.columns:
        table.add_column(column)
    table.add_column("Model")
    for dispenser in order.location.dispensers:
        grades = {grade.column: "M" if grade.metered else "B" for grade in dispenser.grades}
        cells = [grades.get(column, "") for column in order.location.columns]
        table.add_row(dispenser.label, *cells, f"{dispenser.make or ''} {dispenser.model or ''}".strip())
    out.print(table)
