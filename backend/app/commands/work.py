"""``fossawork week`` and ``visit``."""

from datetime import date, datetime
from typing import Annotated

import typer
from rich.table import Table

from app.commands.common import For, prepared_user, told_errors
from app.commands.output import Json, out, print_json
from app.database import get_database
from app.work import service
from app.work.schemas import VisitCard, WorkOrder


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
