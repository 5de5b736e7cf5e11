"""``fossawork portal parse``: what the readers make of a saved page (for bug reports)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from app.portal.errors import PortalChanged, PortalError
from app.portal.parse.fleet import parse_fleet
from app.portal.parse.form import parse_form
from app.portal.parse.identify import identify
from app.portal.parse.location import parse_location
from app.portal.parse.visit import parse_visit
from app.portal.parse.work_list import parse_work_list
from app.portal.records import WorkListPage, to_json
from app.portal.snapshots import read_page

EXIT_UNREADABLE = 2
EXIT_OTHER_PAGE = 3
EXIT_CHANGED = 4

app = typer.Typer(name="portal", help="Look at what the portal's pages say.", no_args_is_help=True)


class Page(StrEnum):
    """The pages there is a reader for."""

    WORK_LIST = "work-list"
    LOCATION = "location"
    VISIT = "visit"
    FORM = "form"
    FLEET = "fleet"


_READERS: dict[Page, Callable[[str], Any]] = {
    Page.WORK_LIST: parse_work_list,
    Page.LOCATION: parse_location,
    Page.VISIT: parse_visit,
    Page.FORM: parse_form,
    Page.FLEET: parse_fleet,
}


@app.callback()
def portal() -> None:
    """Tools for pages of the WorkFossa portal."""


@app.command("parse")
def parse_command(
    page: Annotated[Page, typer.Argument(help="Which page it is.")],
    file: Annotated[Path, typer.Argument(help="The saved page (.html or .html.gz), or - for standard input.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")] = False,
) -> None:
    """Read a saved page of the portal and show the records in it.

    Exit code 0: read. 2: the file cannot be read. 3: it is another page (sign-in, deleted location, error, foreign).
    4: it is the page, but has not the expected shape.
    """
    try:
        data = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        html = read_page(data)
    except OSError as error:
        reason = error.strerror or str(error)
        _fail(as_json, EXIT_UNREADABLE, {"kind": "unreadable", "page": None, "message": f"{file}: {reason}"})
    try:
        record = _READERS[page](html)
    except PortalError as error:
        code = EXIT_CHANGED if isinstance(error, PortalChanged) else EXIT_OTHER_PAGE
        what = {**error.as_dict(), "page": identify(html).value, "wanted": page.value}
        _fail(as_json, code, what)
    if isinstance(record, WorkListPage):
        _warn_about_missing(record)
    if as_json:
        # The terminal's encoding does not matter: plain ASCII with escapes.
        typer.echo(json.dumps(_shape(record), indent=2))
    else:
        _show(page, _shape(record))


def _shape(record: Any) -> dict[str, Any]:
    document: dict[str, Any] = to_json(record)
    if isinstance(record, WorkListPage):
        return {key: document[key] for key in ("page", "matches", "work_orders")}
    return document


def _warn_about_missing(record: WorkListPage) -> None:
    rows = len(record.work_orders)
    if record.matches is not None and record.page == 1 and not record.has_next and rows != record.matches:
        typer.echo(f"Warning: the page says {record.matches} matches and holds {rows} rows; it is not whole.", err=True)


def _fail(as_json: bool, code: int, error: dict[str, Any]) -> NoReturn:
    if as_json:
        typer.echo(json.dumps({"error": error}, indent=2))
    else:
        typer.echo(f"{error['message']}", err=True)
        if error.get("page"):
            typer.echo(f"The page is: {error['page']}.", err=True)
        if error.get("action"):
            typer.echo(str(error["action"]), err=True)
    raise typer.Exit(code)


_COLUMNS: dict[Page, tuple[str, tuple[str, ...]]] = {
    Page.WORK_LIST: ("work_orders", ("work_id", "store", "customer", "city", "services", "next_visit", "due_date")),
    Page.LOCATION: ("dispensers", ("numbers", "grades", "make", "model", "serial", "nozzles_per_side", "meter_type")),
    Page.VISIT: ("forms", ("entry_id", "form_type", "dispenser_text", "status")),
    Page.FORM: ("grades", ("index", "grade", "has_meter", "fill", "prover")),
    Page.FLEET: ("provers", ("prover_id", "serial", "make", "size", "next_calibration")),
}
_FIGURES = ("temperature", "gpm", "start", "meniscus", "end")
_READING = ("index", "group", "title", "procedure", "flow", "figures")


def _show(page: Page, document: dict[str, Any]) -> None:
    console = Console()
    key, columns = _COLUMNS[page]
    tables = {key: (columns, document[key])}
    if page is Page.FORM and document["readings"]:
        # A form's section shows its grades or its readings, never both.
        tables = {key: (columns, document[key]), "readings": (_READING, _reading_rows(document))}
        tables = {name: table for name, table in tables.items() if table[1]}
    for name, value in document.items():
        if name not in (key, *tables):
            console.print(f"{name}: {_cell(name, value)}", markup=False, highlight=False)
    for columns, rows in tables.values():
        table = Table(*columns)
        for row in rows:
            table.add_row(*(escape(_cell(column, row[column])) for column in columns))
        console.print(table)


def _reading_rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    """Readings as lines of a table: the group, counted from 1, and what the open one holds. What a closed one holds is not
    on the page; that is not the same as blank."""
    groups = [number for number, count in enumerate(document["reading_groups"], 1) for _ in range(count)]
    rows = []
    for place, reading in enumerate(document["readings"]):
        values = reading["values"]
        held: dict[str, Any] = {"flow": "closed", "figures": "closed"}
        if values is not None:
            figures = [f"{name} {values[name]}" for name in _FIGURES if values[name] is not None]
            held = {"flow": values["flow"], "figures": figures}
        rows.append({**reading, **held, "group": groups[place] if place < len(groups) else None})
    return rows


def _cell(column: str, value: Any) -> str:
    if value is None:
        return "–"
    if column == "next_visit":
        return f"{value['date']} ({value['time']})"
    if column == "services":
        return ", ".join(f"{line['quantity']} x {line['code'] or line['description']}" for line in value)
    if column == "numbers":
        return "/".join(str(number) for number in value)
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "–"
    return str(value)
