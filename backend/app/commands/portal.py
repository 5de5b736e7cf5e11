"""``fossawork portal doctor`` and ``fossawork open``."""

from typing import Any

import typer
from rich.table import Table

from app.activity.queue import enqueue
from app.activity.schemas import Event
from app.commands.common import For, prepared_user, told_errors
from app.commands.engine import engine, follow
from app.commands.output import EXIT_FAILED, Json, fail, out, print_json
from app.connection import doctor, window
from app.database import get_database
from app.portal import cli
from app.portal.shape import WORDS, ShapeKind
from app.work.service import find_visit

portal = cli.app
EXIT_NOT_SEEN = 3
_STATES = {"ok": "[green]ok[/green]", "failed": "[red]changed[/red]", "not_seen": "[yellow]not seen[/yellow]"}


@portal.command("doctor")
def portal_doctor(user: For = None, json: Json = False) -> None:
    """Checks that the portal's pages still have the shape that FossaWork reads; writes nothing.

    Exit code 0: all pages are as expected. 1: something on a page is not (it is named). 3: nothing is wrong, but something
    could not be seen, such as a form while no visit has one.
    """
    who = prepared_user(user, json=json)
    with told_errors(json), engine():
        with get_database().write() as db:
            job = doctor.request_doctor(db, who.id)
        enqueue(doctor.WORKFLOW, job.id, who.id)
        last = follow(job.id, "Looking at the portal", quiet=json)
    if last.type == "failed":
        fail(last.message, last.data["action"], code=last.data["code"], kind=last.data["kind"], json=json)
    found = {"pages": last.data["pages"], "ok": last.data["ok"]}
    if json:
        print_json(found)
    else:
        _print(found)
    raise typer.Exit({True: 0, False: EXIT_FAILED, None: EXIT_NOT_SEEN}[found["ok"]])


def _print(found: dict[str, Any]) -> None:
    table = Table(show_edge=False, pad_edge=False)
    for column in ("Page", "State", "What"):
        table.add_column(column)
    for page in found["pages"]:
        names = page["failed"] if page["state"] == "failed" else [page["reason"] or ""]
        if page["state"] == "not_seen" and not page["reason"]:
            names = page["not_seen"]
        table.add_row(WORDS[ShapeKind(page["page"])], _STATES[page["state"]], "\n".join(names))
        if page["snapshot"]:
            table.add_row("", "", f"saved: {page['snapshot']}")
    out.print(table, highlight=False)


def open_(visit: int, user: For = None, json: Json = False) -> None:
    """Opens a visit in a browser window that is signed in to the portal; ends when the window is closed."""
    who = prepared_user(user, json=json)
    with told_errors(json), engine():
        with get_database().write() as db:
            _, found = find_visit(db, who.id, visit)
            job = window.request_window(db, who.id, found.url)
        enqueue(window.WORKFLOW, job.id, who.id)
        last: Event = follow(job.id, "Opening the visit", quiet=json)
    if last.type == "failed":
        fail(last.message, last.data["action"], code=last.data["code"], kind=last.data["kind"], json=json)
    if json:
        print_json({"visit_id": visit, "state": last.data["state"]})
    else:
        out.print("The window was closed.")
