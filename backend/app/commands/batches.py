"""``fossawork batch …``: prepare several visits, steer what runs, look at what ran."""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.activity.queue import enqueue
from app.activity.schemas import Event
from app.activity.service import last_event
from app.batches import history, service
from app.batches.models import Batch
from app.batches.schemas import Batch as BatchView
from app.batches.schemas import BatchState, NewBatch, RetryWhat, Scope, VisitState
from app.batches.views import batch_views
from app.commands.common import For, prepared_user, told_errors
from app.commands.engine import engine, follow
from app.commands.output import EXIT_FAILED, Json, fail, out, print_json
from app.database import get_database

batch = typer.Typer(help="Prepare the forms of several visits, one after the other.", no_args_is_help=True)
BatchArg = Annotated[str | None, typer.Argument(help="Id of the batch; without it the newest.")]
_WHO = "command line"
_COLOURS = {
    VisitState.done: "green",
    VisitState.needs_person: "yellow",
    VisitState.failed: "red",
    VisitState.running: "cyan",
}


@batch.command("start")
def start(
    visits: Annotated[list[int] | None, typer.Argument(help="Visit numbers, in this order.")] = None,
    today: Annotated[bool, typer.Option("--today", help="All open visits of today.")] = False,
    week: Annotated[bool, typer.Option("--week", help="All open visits of a week (see --of).")] = False,
    of: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="A day of the week that is meant.")] = None,
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    user: For = None,
    json: Json = False,
) -> None:
    """Prepares the forms of several visits; exit code 0 only when every visit is done."""
    who = prepared_user(user, json=json)
    if today + week + bool(visits) != 1:
        fail("Say which visits: their numbers, --today or --week.", "Exactly one of them.", code="invalid", json=json)
    scope = Scope.today if today else Scope.week if week else None
    try:
        wanted = NewBatch(visits=visits or [], scope=scope, week_of=of.date() if of else None)
    except ValidationError as error:
        fail(error.errors()[0]["msg"], "Name at most 100 visits.", code="invalid", json=json)
    _run(who, lambda db: service.start(db, who, wanted, _WHO), wait=wait, json=json)


@batch.command("retry")
def retry(
    batch_id: BatchArg = None,
    from_start: Annotated[
        bool, typer.Option("--all", help="Every visit, with today's plan, looked into again.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    user: For = None,
    json: Json = False,
) -> None:
    """Tries again what is not done: a new batch."""
    who = prepared_user(user, json=json)
    what = RetryWhat.all if from_start else RetryWhat.failed
    with told_errors(json):
        old = _named(who, batch_id, json)
    _run(who, lambda db: service.retry(db, who, old, what, _WHO), wait=wait, json=json)


@batch.command("resume")
def resume(
    batch_id: BatchArg = None,
    wait: Annotated[bool, typer.Option(help="Follow it to its end.")] = True,
    user: For = None,
    json: Json = False,
) -> None:
    """Goes on with a paused batch, or with one whose program ended in the middle of it."""
    who = prepared_user(user, json=json)
    with told_errors(json):
        known = _named(who, batch_id, json)

    def go_on(db: Db) -> Batch:
        found = service.find(db, who.id, known)
        # What a program left in the middle needs no wish: an engine takes it up.
        left = found.state in service.TO_THE_ENGINE and found.state != BatchState.pausing.value
        return found if left else service.resume(db, who.id, known, _WHO)

    _run(who, go_on, wait=wait, json=json)


@batch.command("pause")
def pause(batch_id: BatchArg = None, user: For = None, json: Json = False) -> None:
    """Pauses before the next write to the portal."""
    _steer(batch_id, user, json, lambda db, who, known: service.pause(db, who.id, known, _WHO))


@batch.command("skip")
def skip(
    batch_id: BatchArg = None,
    visit: Annotated[int | None, typer.Option(help="The visit to leave out; without it the one under way.")] = None,
    user: For = None,
    json: Json = False,
) -> None:
    """Leaves out a visit."""
    _steer(batch_id, user, json, lambda db, who, known: service.skip(db, who.id, known, visit, _WHO))


@batch.command("stop")
def stop(batch_id: BatchArg = None, user: For = None, json: Json = False) -> None:
    """Ends a batch before its next write; what was saved stays."""
    _steer(batch_id, user, json, lambda db, who, known: service.stop(db, who.id, known, _WHO))


@batch.command("show")
def show(batch_id: BatchArg = None, user: For = None, json: Json = False) -> None:
    """Shows a batch with its visits."""
    who = prepared_user(user, json=json)
    with told_errors(json):
        view = _view(who, _named(who, batch_id, json))
    _print(view, json)


@batch.command("list")
def list_(
    state: Annotated[list[BatchState] | None, typer.Option(help="Only these states.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    until: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])] = None,
    search: Annotated[str | None, typer.Option(help="Store, visit number or name.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Every form as a line of CSV.")] = False,
    user: For = None,
    json: Json = False,
) -> None:
    """Lists batches, newest first."""
    who = prepared_user(user, json=json)
    wanted = history.Wanted(tuple(state or ()), _day(since), _day(until), search)
    with told_errors(json), get_database().read() as db:
        if csv:
            for line in history.export(db, who, wanted):
                typer.echo(line, nl=False)
            return
        views = batch_views(db, history.page(db, who, wanted, None, 50)[0])
    if json:
        print_json([view.model_dump(mode="json") for view in views])
        return
    table = Table(show_edge=False, pad_edge=False)
    for column in ("Batch", "Name", "Asked", "State", "Visits done"):
        table.add_column(column)
    for view in views:
        done = sum(visit.state is VisitState.done for visit in view.visits)
        asked = f"{view.asked_at:%Y-%m-%d %H:%M} UTC"
        table.add_row(view.id, escape(view.name), asked, view.state.value, f"{done} of {len(view.visits)}")
    out.print(table, highlight=False)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _named(who: User, batch_id: str | None, json: bool) -> str:
    with get_database().read() as db:
        if batch_id is not None:
            return service.find(db, who.id, batch_id).id
        newest = history.page(db, who, history.Wanted(), None, 1)[0]
    if not newest:
        fail("There is no batch yet.", "fossawork batch start --today makes one.", code="no_batch", json=json)
    return newest[0].id


def _view(who: User, batch_id: str) -> BatchView:
    with get_database().read() as db:
        return batch_views(db, [service.find(db, who.id, batch_id)])[0]


def _steer(batch_id: str | None, user: str | None, json: bool, change: Callable[[Db, User, str], Batch]) -> None:
    who = prepared_user(user, json=json)
    with told_errors(json):
        known = _named(who, batch_id, json)
        with get_database().write() as db:
            change(db, who, known)
        view = _view(who, known)
    _print(view, json)


def _run(who: User, change: Callable[[Db], Batch], *, wait: bool, json: bool) -> None:
    """Stores a batch, hands it to the engine and follows it; without ``wait`` a running server does the work."""
    with told_errors(json), engine() if wait else nullcontext():
        with get_database().write() as db:
            stored = change(db)
            known = last_event(db, stored.id)
            after = known.id if known is not None else 0
            turn, handed_over = service.turn_of(stored), stored.state == BatchState.queued.value
        if handed_over:
            enqueue(service.WORKFLOW, turn, who.id)
        if wait:
            follow(stored.id, stored.name, quiet=json, on_event=None if json else _tell, until=_is_parked, after=after)
    view = _view(who, stored.id)
    _print(view, json)
    if wait and not all(visit.state is VisitState.done for visit in view.visits):
        raise typer.Exit(EXIT_FAILED)


def _is_parked(event: Event) -> bool:
    return event.type == "state" and event.data.get("state") == BatchState.paused.value


def _tell(event: Event) -> None:
    if event.type in ("visit", "state"):
        out.print(event.message, highlight=False, markup=False)


def _print(view: BatchView, json: bool) -> None:
    if json:
        print_json(view)
        return
    out.print(f"[bold]{escape(view.name)}[/bold] · {view.state.value} · {view.id}", highlight=False)
    if view.wake_at is not None:
        out.print(f"{view.wake_why} Until {view.wake_at:%H:%M} UTC.", highlight=False, markup=False)
    table = Table(show_edge=False, pad_edge=False)
    for column in ("Visit", "Store", "Date", "State", "Forms", "Told"):
        table.add_column(column)
    for visit in view.visits:
        colour = _COLOURS.get(visit.state)
        state: Any = f"[{colour}]{visit.state.value}[/{colour}]" if colour else visit.state.value
        forms = f"{visit.verified} of {visit.forms}" if visit.forms else ""
        day, told = f"{visit.date:%a %d %b}", escape(visit.reason or "")
        table.add_row(str(visit.visit_id), escape(visit.store), day, state, forms, told)
    out.print(table, highlight=False)
    if view.error_detail:
        told = f"[red]{escape(view.error_detail)}[/red] {escape(view.error_action or '')}"
        out.print(told, highlight=False)
