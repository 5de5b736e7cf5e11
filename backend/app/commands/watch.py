"""``fossawork watch``: the watcher, and how it is started beside the server."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from app.commands.output import Json, fail, out, print_json
from app.commands.processes import end, record, recorded
from app.config import get_settings
from app.watch.memory import Memory

WATCHER = "watcher"
# A server that is just starting does not answer yet.
_FIRST_LOOK_SECONDS = 15
# Windows starts another process instead, whose number nobody would know.
_CAN_BE_REPLACED = os.name != "nt"


def watch(
    url: Annotated[str | None, typer.Option(help="The server; else where it said it runs.")] = None,
    every: Annotated[float, typer.Option(min=1, help="Seconds between two looks.")] = 30.0,
    acknowledge: Annotated[
        str | None, typer.Option(metavar="NAME", help="Say that you look after the outage: nobody else is called.")
    ] = None,
    json: Json = False,
) -> None:
    """Looks after the server from outside, and calls people when it does not answer. Runs until it is ended."""
    if acknowledge is not None:
        if not _outage_known():
            fail(
                "The watcher knows of no outage.",
                "Say it again once the watcher has called.",
                code="no_outage",
                json=json,
            )
        _folder().joinpath("acknowledged").write_text(acknowledge)
        if json:
            print_json({"acknowledged": acknowledge})
        else:
            out.print(f"Noted: {acknowledge} looks after it.", highlight=False)
        return
    running = recorded(WATCHER)
    if running is not None:
        fail(
            f"A watcher runs already (process {running['pid']}).",
            "fossawork stop ends it together with the server.",
            code="already_running",
            json=json,
        )
    command = _command(url, every)
    if not _CAN_BE_REPLACED:
        process = subprocess.Popen(command, env=_environment())  # noqa: S603  # our own program
        record(WATCHER, process.pid)
        raise typer.Exit(process.wait())
    record(WATCHER, os.getpid())
    # The watcher is a small program: it takes our place instead of carrying all of us along.
    os.execve(command[0], command, _environment())  # noqa: S606  # our own program


def _outage_known() -> bool:
    memory = Memory(_folder() / "watch.db")
    try:
        return memory.judge().outage is not None
    finally:
        memory.close()


def _folder() -> Path:
    folder = get_settings().home / "watch"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _command(url: str | None, every: float) -> list[str]:
    command = [sys.executable, "-m", "app.watch", "--home", str(get_settings().home), "--every", str(every)]
    return [*command, "--url", url] if url else command


def _environment() -> dict[str, str]:
    settings = get_settings()
    return {**os.environ, "FOSSAWORK_HOME": str(settings.home), "FOSSAWORK_LOGS": str(settings.logs)}


def start_beside() -> None:
    """Starts a watcher unless one runs. It outlives a server that crashes: that is when it is needed."""
    if recorded(WATCHER) is not None:
        return
    with (_folder() / "watch.out").open("ab") as file:
        process = subprocess.Popen(  # noqa: S603  # our own program with our own options
            [*_command(None, 30.0), "--wait", str(_FIRST_LOOK_SECONDS)],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env=_environment(),
        )
    record(WATCHER, process.pid)


def end_beside() -> None:
    """Ends the watcher of a server that was ended on purpose."""
    if not _mark().exists():  # else somebody has said already why
        rest("ended")
    end(WATCHER)


def rest(why: str) -> None:
    """From now on the watcher looks at nothing: the server is down on purpose. The server takes the mark away when it starts."""
    _mark().write_text(why)


def expect() -> None:
    """A server that was down on purpose is awaited again: when it does not come up in time, people are called."""
    if _mark().exists():
        rest("restarting")


def _mark() -> Path:
    return _folder() / "resting"
