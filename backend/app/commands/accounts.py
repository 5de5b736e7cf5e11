"""``fossawork user add`` and ``fossawork link``."""

import sys
from typing import Annotated, get_args

import typer

from app.accounts import links, service
from app.accounts.models import PortalLink
from app.accounts.rules import normalise_email
from app.accounts.schemas import PortalKind, Role
from app.activity.queue import enqueue
from app.commands.common import For, prepare, prepared_user, told_errors
from app.commands.engine import engine, follow
from app.commands.output import Json, fail, out, print_json
from app.connection.sandbox import SANDBOX_PASSWORD, SANDBOX_USERNAME
from app.connection.service import request_check
from app.connection.workflows import WORKFLOW
from app.database import get_database

users = typer.Typer(help="People who use this installation.", no_args_is_help=True)
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]
_SHORTEST = 12


def _read_password(from_stdin: bool, prompt: str, *, confirm: bool = False) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt=confirm))


def _check_role(role: str, *, json: bool) -> None:
    if role not in get_args(Role):
        fail(f"There is no role {role}.", f"There are {', '.join(get_args(Role))}.", code="invalid", json=json)


@users.command("add")
def add_user(
    email: str,
    role: Annotated[str, typer.Option(help="technician, operator or admin")] = "technician",
    password_stdin: FromStdin = False,
    json: Json = False,
) -> None:
    """Adds a user. The first one becomes the owner."""
    with told_errors(json):
        prepare()
    try:
        address = normalise_email(email)
    except ValueError as error:
        fail(str(error), code="invalid", json=json)
    _check_role(role, json=json)
    password = _read_password(password_stdin, f"Password for {address} (at least {_SHORTEST} characters)", confirm=True)
    if len(password) < _SHORTEST:
        fail(f"The password has fewer than {_SHORTEST} characters.", "Choose a longer one.", code="invalid", json=json)
    with told_errors(json), get_database().write() as db:
        user = service.add_user(db, address, password, role)
        result = {"id": user.id, "email": user.email, "role": user.role, "is_owner": user.is_owner}
    if json:
        print_json(result)
    else:
        out.print(f"Added {user.email} ({user.role}{', owner' if user.is_owner else ''}).")


@users.command("role")
def change_role(email: str, role: str, json: Json = False) -> None:
    """Gives a user another role: technician, operator or admin."""
    _check_role(role, json=json)
    who = prepared_user(email, json=json)
    with told_errors(json), get_database().write() as db:
        changed = service.change_role(db, who.id, role, "command line")
        result = {"id": changed.id, "email": changed.email, "role": changed.role}
    if json:
        print_json(result)
    else:
        out.print(f"{changed.email} is {changed.role} now.")


def link(
    username: Annotated[str | None, typer.Option(help="User name of the WorkFossa account.")] = None,
    password_stdin: FromStdin = False,
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Connect to the sandbox portal.")] = False,
    portal_url: Annotated[
        str | None, typer.Option(help="Another address of the portal (a sandbox of your own).")
    ] = None,
    user: For = None,
    json: Json = False,
) -> None:
    """Connects a user to WorkFossa: checks the credentials live, then keeps them encrypted."""
    who = prepared_user(user, json=json)
    kind = PortalKind.sandbox if sandbox or portal_url else PortalKind.workfossa
    own_sandbox = sandbox and portal_url is None and username is None
    name = SANDBOX_USERNAME if own_sandbox else username or typer.prompt("WorkFossa e-mail")
    password = SANDBOX_PASSWORD if own_sandbox else _read_password(password_stdin, "WorkFossa password")
    with told_errors(json), engine():
        with get_database().write() as db:
            check_id = str(request_check(db, who.id, kind, name, password, base_url=portal_url).check_id)
        enqueue(WORKFLOW, check_id, who.id)
        last = follow(check_id, "Checking the account", quiet=json)
    with get_database().read() as db:
        status = links.status(db.get(PortalLink, who.id))
    if last.type == "failed":
        fail(last.message, last.data["action"], code=last.data["code"], kind=last.data["kind"], json=json)
    if json:
        print_json(status)
    else:
        out.print(f"Connected as {status.username_hint}.")
