"""The ``fossawork`` command: composition only."""

import typer

from app import __version__
from app.commands import (
    accounts,
    batches,
    demo,
    forms,
    incidents,
    oncall,
    operations,
    portal,
    sandbox,
    server,
    watch,
    work,
)

app = typer.Typer(
    help="FossaWork: your work orders, your week, your forms.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_show_locals=False,
)
for command in (
    server.start,
    server.stop,
    server.restart,
    server.status,
    watch.watch,
    operations.slo,
    accounts.link,
    work.sync,
    work.week,
    work.visit,
    portal.open_,
    demo.demo,
    sandbox.sandbox,
):
    app.command(command.__name__.rstrip("_"))(command)
app.add_typer(accounts.users, name="user")
app.add_typer(forms.forms, name="forms")
app.add_typer(batches.batch, name="batch")
app.add_typer(oncall.oncall, name="oncall")
app.add_typer(operations.alert, name="alert")
app.add_typer(incidents.incident, name="incident")
app.add_typer(operations.maintenance, name="maintenance")
app.add_typer(portal.portal, name="portal", help="Look at what the portal's pages say.")


@app.command()
def version() -> None:
    """Prints the version."""
    typer.echo(__version__)


def main() -> None:
    app()


if __name__ == "__main__":
    main()
