"""``fossawork sandbox``: the stand-in of the portal, on its own."""

from pathlib import Path
from typing import Annotated

import typer

from app.commands.output import Json
from sandbox.cli import run


def sandbox(
    port: Annotated[int, typer.Option(help="Loopback port; 0 = any free one.")] = 8765,
    seed: Annotated[int, typer.Option(help="Seed of the synthetic world.")] = 7,
    latency: Annotated[str, typer.Option(help="none or typical: how slowly the portal answers.")] = "none",
    control: Annotated[bool, typer.Option("--control", help="Serve the control API below /_control.")] = False,
    json: Json = False,
    state: Annotated[Path | None, typer.Option(help="Keep the world in this file.")] = None,
) -> None:
    """Runs the sandbox portal until it is interrupted. It is synthetic from end to end and listens on loopback only."""
    if latency not in ("none", "typical"):
        raise typer.BadParameter("Use none or typical.", param_hint="--latency")
    raise typer.Exit(run(port=port, seed=seed, latency=latency, control=control, state=state, json=json))
