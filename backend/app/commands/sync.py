"""``fossawork sync``."""

from typing import Annotated

import typer

from app.activity.queue import enqueue
from app.commands.common import For, prepared_user, told_errors
from app.commands.engine import engine, follow
from app.commands.output import EXIT_FAILED, Json, fail, out, print_json
from app.database import get_database
from app.sync import service
from app.sync.models import SyncRun


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
            run = service.request_sync(
                db, who.id, "command line", refresh_locations=refresh_locations, accept_empty=accept_empty
            )
        enqueue(service.WORKFLOW, run.id, who.id)
        follow(run.id, "Synchronising", quiet=json)
    with get_database().read() as db:
        result = service.view(db, db.get_one(SyncRun, run.id))
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
