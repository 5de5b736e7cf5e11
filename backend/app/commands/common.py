"""What all commands share: who it is for, how results and errors are printed, and an engine to run jobs on."""

import asyncio
import getpass
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Annotated, Any, NoReturn, TypeVar

import orjson
import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Db

from app.accounts.keys import KeyUnusable, get_envelope
from app.accounts.models import User
from app.accounts.rules import normalise_email
from app.accounts.service import find_user
from app.activity.queue import let_finish
from app.activity.schemas import Event
from app.activity.service import follow_job
from app.config import get_settings
from app.database import database_problem, get_database, get_operations_database
from app.kit.problems import ProblemError
from app.telemetry import logs
from app.telemetry.origin import begin_run
from app.workflows import EngineElsewhere, EngineUnsupported, check_engine, running_engine

out = Console()
err = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]
For = Annotated[
    str | None,
    typer.Option("--user", envvar="FOSSAWORK_USER", help="E-mail of the user; needed when there are several."),
]

EXIT_FAILED, EXIT_USAGE = 1, 2
_CLOSING_SECONDS = 20
_Model = TypeVar("_Model", bound=BaseModel)


def print_json(data: Any) -> None:
    """One JSON document on standard output, nothing else."""
    plain = data.model_dump(mode="json") if isinstance(data, BaseModel) else data
    typer.echo(orjson.dumps(plain, option=orjson.OPT_INDENT_2).decode())


def fail(
    detail: str, action: str = "", *, code: str = "failed", kind: str = "business", json: bool = False
) -> NoReturn:
    """Says what happened and what to do, and ends with exit code 1."""
    if json:
        print_json({"error": {"kind": kind, "code": code, "detail": detail, "action": action}})
    else:
        err.print(f"[red]{escape(detail)}[/red]" + (f"\n{escape(action)}" if action else ""), highlight=False)
    raise typer.Exit(EXIT_FAILED)


@contextmanager
def told_errors(json: bool) -> Iterator[None]:
    """Turns errors of the slices into a sentence (or a JSON document) and an exit code."""
    try:
        yield
    except ProblemError as error:
        fail(error.detail, error.action, code=error.code, kind=error.kind.value, json=json)
    except (KeyUnusable, EngineUnsupported) as error:
        fail(str(error), code="cannot_start", json=json)
    except OperationalError as error:
        problem = database_problem(error)
        fail(problem.detail, problem.action, code="database_unavailable", kind="transient", json=json)


def prepare() -> None:
    """What every command needs: an id for its lines in the logs, up-to-date databases, the master key. Raises what
    :func:`told_errors` tells."""
    _prepare_operations()
    get_database().migrate()
    check_engine()


def _prepare_operations() -> None:
    """What commands of the operations side need: not the application's database, which may be what is broken."""
    begin_run()
    logs.set_up(get_settings().logs)
    get_operations_database().migrate()
    get_envelope()


@contextmanager
def reading_operations(json: bool) -> Iterator[Db]:
    """The operations database, prepared, to look at; what goes wrong is told."""
    with told_errors(json):
        _prepare_operations()
        with get_operations_database().read() as db:
            yield db


@contextmanager
def writing_operations(json: bool) -> Iterator[Db]:
    """The operations database, prepared, to change; what goes wrong is told, and changes nothing."""
    with told_errors(json):
        _prepare_operations()
        with get_operations_database().write() as db:
            yield db


def operator() -> str:
    """Who sits at the command line, for the stories of alerts, incidents and the rota."""
    return f"{getpass.getuser()} (command line)"


def valid(model: type[_Model], json: bool, **fields: Any) -> _Model:
    """What was typed, as the slices want it; what is wrong with it is told."""
    try:
        return model(**fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        words = f"{where}: {first['msg']}" if where else first["msg"]
        fail(words, "Correct it and try again.", code="invalid", json=json)


def choose_user(email: str | None, *, json: bool = False) -> User:
    """The named user, or the only one there is."""
    with get_database().read() as db:
        if email is not None:
            user = find_user(db, normalise_email(email))
            if user is None:
                fail(f"There is no user {email}.", "fossawork user add EMAIL makes one.", code="no_user", json=json)
            return user
        users = list(db.scalars(select(User).limit(2)))
    if not users:
        fail("There is no user yet.", "fossawork user add EMAIL makes one.", code="no_user", json=json)
    if len(users) > 1:
        fail("There are several users.", "Say whose work is meant: --user EMAIL.", code="which_user", json=json)
    return users[0]


def prepared_user(email: str | None, *, json: bool) -> User:
    """:func:`prepare`, then :func:`choose_user`; what goes wrong is told."""
    with told_errors(json):
        prepare()
        return choose_user(email, json=json)


@contextmanager
def engine() -> Iterator[None]:
    """An engine that works on what is enqueued meanwhile: the server's when it runs, else one of our own for this time."""
    ready: Future[None] = Future()
    loop = asyncio.new_event_loop()
    done = asyncio.Event()
    finished = False

    async def serve() -> None:
        try:
            async with running_engine():
                ready.set_result(None)
                await done.wait()
                if finished:
                    await let_finish(_CLOSING_SECONDS)
        except EngineElsewhere:
            ready.set_result(None)  # the server has the engine; it does the work
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=work, name="engine")
    thread.start()
    try:
        ready.result()
        yield
        finished = True
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(done.set)
        thread.join()


def follow(
    job_id: str,
    title: str,
    *,
    quiet: bool,
    on_event: Callable[[Event], None] | None = None,
    until: Callable[[Event], bool] | None = None,
    after: int = 0,
) -> Event:
    """Follows a job with a progress bar until it ends, or until an event says so; answers the last event. ``after``: the id of
    the last event that is known already."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        disable=quiet,
        transient=True,
    ) as progress:
        task = progress.add_task(title, total=None)
        for event in follow_job(job_id, after):
            if on_event is not None:
                on_event(event)
            total = event.data.get("total")
            progress.update(task, description=event.message[:70], total=total, completed=event.data.get("done") or 0)
            if event.type in ("finished", "failed") or (until is not None and until(event)):
                return event
    raise AssertionError("unreachable: following ends with a last event")
