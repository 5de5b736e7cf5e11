"""The ``fossawork`` command: composition only.

What a command needs is imported when the command is used: ``fossawork status`` is not to wait for the workflow engine and the
browser.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from app import __version__

# The command, or the group of commands, and where it stands in app.commands.
PLACES = {
    "start": "server.start",
    "stop": "server.stop",
    "restart": "server.restart",
    "status": "server.status",
    "watch": "watch.watch",
    "slo": "operations.slo",
    "link": "accounts.link",
    "sync": "sync.sync",
    "week": "work.week",
    "visit": "work.visit",
    "open": "portal.open_",
    "demo": "demo.demo",
    "sandbox": "sandbox.sandbox",
    "user": "accounts.users",
    "forms": "forms.forms",
    "batch": "batches.batch",
    "oncall": "oncall.oncall",
    "alert": "operations.alert",
    "incident": "incidents.incident",
    "maintenance": "operations.maintenance",
    "portal": "portal.portal",
}


class _OnDemand(TyperGroup):
    """Commands that are looked up in ``PLACES``."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        unused: dict[str, Any] = dict.fromkeys(PLACES)
        self.commands = {**unused, **self.commands}

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name in PLACES and self.commands[cmd_name] is None:
            self.commands[cmd_name] = _found(cmd_name)
        return super().get_command(ctx, cmd_name)


def _found(name: str) -> Any:
    module, _, member = PLACES[name].partition(".")
    found = getattr(import_module(f"app.commands.{module}"), member)
    holder = typer.Typer()
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=name)
    else:
        holder.command(name)(found)
    return typer.main.get_group(holder).commands[name]


app = typer.Typer(cls=_OnDemand, no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False)


@app.callback()
def fossawork() -> None:
    """FossaWork: your work orders, your week, your forms."""


@app.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
