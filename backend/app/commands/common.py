"""What commands with a database share: preparing it, whom it is for, and how the errors of the slices are told."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session as Db

from app.accounts.keys import KeyUnusable, get_envelope
from app.accounts.models import User
from app.accounts.rules import normalise_email
from app.accounts.service import find_user
from app.commands.output import fail
from app.config import get_settings
from app.database import EngineUnsupported, check_engine, database_problem, get_database, get_operations_database
from app.kit.problems import ProblemError
from app.telemetry import logs
from app.telemetry.origin import begin_run

For = Annotated[
    str | None,
    typer.Option("--user", envvar="FOSSAWORK_USER", help="E-mail of the user; needed when there are several."),
]

_Model = TypeVar("_Model", bound=BaseModel)


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
