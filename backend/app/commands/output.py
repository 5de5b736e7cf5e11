"""How commands say what they found and what went wrong. Imports little: a command that asks no database is to be quick."""

import getpass
from typing import Annotated, Any, NoReturn

import orjson
import typer
from pydantic import BaseModel
from rich.console import Console
from rich.markup import escape

out = Console()
err = Console(stderr=True)
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]

EXIT_FAILED, EXIT_USAGE = 1, 2


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


def operator() -> str:
    """Who sits at the command line, for the stories of alerts, incidents and the rota."""
    return f"{getpass.getuser()} (command line)"
