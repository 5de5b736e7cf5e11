"""``fossawork start``, ``stop``, ``restart`` and ``status``: they act on recorded processes only, never on one by its name."""

import os
import signal
import socket
import subprocess
import sys
import webbrowser
from threading import Thread
from typing import Annotated, Any

import typer

from app.commands import watch
from app.commands.output import EXIT_FAILED, Json, fail, out, print_json
from app.commands.processes import SERVER, end, forget, is_damaged, left, record, record_of, recorded, until
from app.config import get_settings
from app.kit.asking import NoAnswer, ask

_START_SECONDS = 60
Host = Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for other devices too.")]
Port = Annotated[int, typer.Option(help="API and UI.")]
UiPort = Annotated[int, typer.Option(help="The UI once more; 0 = not.")]
Watch = Annotated[bool, typer.Option("--watch/--no-watch", help="Let a watcher look after the server.")]


def _listen(host: str, port: int, *, json: bool = False) -> socket.socket:
    # The protocol is named, because asyncio switches Nagle's algorithm off only on sockets that say TCP.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        fail(
            f"Port {port} cannot be used: {error.strerror}.",
            "Stop what uses it, or choose another port.",
            code="port_in_use",
            json=json,
        )
    return listener


def start(
    host: Host = "127.0.0.1",
    port: Port = 8000,
    ui_port: UiPort = 5173,
    background: Annotated[bool, typer.Option("--background", help="Return once it answers.")] = False,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the UI in the browser.")] = False,
    watch_: Watch = True,
    json: Json = False,
) -> None:
    """Serves the API and the UI, and starts a watcher that notices when the server goes down."""
    running = recorded(SERVER)
    if running is not None:
        fail(
            f"FossaWork runs already: {running['url']} (process {running['pid']}).",
            "fossawork stop ends it.",
            code="already_running",
            json=json,
        )
    if background:
        _start_in_background(host, port, ui_port, watch_=watch_, json=json)
        return
    import uvicorn  # here, because the other commands are to be quick

    from app.commands.common import prepare, told_errors

    watch.expect()
    with told_errors(json):
        prepare()
    listeners = [_listen(host, each) for each in dict.fromkeys((port, ui_port)) if each or each == port]
    url, ui_url = (f"http://127.0.0.1:{one.getsockname()[1]}" for one in (listeners[0], listeners[-1]))
    facts = {"host": host, "port": port, "ui_port": ui_port, "watch": watch_, "systemd": _by_systemd()}
    made = record(SERVER, os.getpid(), url=url, ui_url=ui_url, **facts)
    if watch_:
        watch.start_beside()
    if json:
        print_json(made)
    else:
        out.print(f"FossaWork: [bold]{url}[/bold]  (end with Ctrl+C)", highlight=False)
    if open_ and sys.stdout.isatty():
        Thread(target=_open_when_up, args=(url,), daemon=True).start()
    config = uvicorn.Config(
        "app.main:app",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,  # a person reads for a minute and clicks again: no new connection for that
    )
    server = uvicorn.Server(config)
    # uvicorn shuts down first and then raises the signal anew: it is to end in what follows here, as Ctrl+C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        server.run(sockets=listeners)
    finally:
        forget(SERVER)
        if watch_ and server.started and server.should_exit:
            watch.end_beside()  # ended on purpose: nobody is to be called about that


def _by_systemd() -> bool:
    """Whether systemd started this very process, not a shell that was started below one of its units."""
    return os.environ.get("SYSTEMD_EXEC_PID") == str(os.getpid())


def _answers(url: str) -> bool:
    try:
        return ask(url, 2).ok
    except NoAnswer:
        return False


def _lives(url: str) -> bool:
    """Whether a server answers at all: one that finds something amiss has started all the same."""
    return _answers(f"{url}/api/health/live")


def _open_when_up(url: str) -> None:
    if until(lambda: _lives(url), _START_SECONDS):
        webbrowser.open(url)


def _start_in_background(host: str, port: int, ui_port: int, *, watch_: bool, json: bool) -> dict[str, Any]:
    arguments = ["start", "--host", host, "--port", str(port), "--ui-port", str(ui_port), "--no-open"]
    arguments.append("--watch" if watch_ else "--no-watch")
    log = get_settings().home / "server.out"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        process = subprocess.Popen(  # noqa: S603  # our own program with our own options
            [sys.executable, "-m", "app.cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
        )

    def up() -> bool:
        known = recorded(SERVER)
        return known is not None and known["pid"] == process.pid and _lives(known["url"])

    until(lambda: up() or process.poll() is not None, _START_SECONDS)
    known = recorded(SERVER)
    if known is None or known["pid"] != process.pid or not up():
        process.terminate()
        fail("The server did not start.", f"Its last words are in {log}.", code="start_failed", json=json)
    if json:
        print_json(known)
    else:
        out.print(f"FossaWork runs: {known['url']} (process {known['pid']}).", highlight=False)
    return known


def _must_be_readable(json: bool) -> None:
    """Which process is the server stands in its record; where that is damaged, none is taken for it."""
    if is_damaged(SERVER):
        fail(
            f"{record_of(SERVER)} is damaged: whether the server runs, and as which process, cannot be told.",
            "End the server by hand if it runs; fossawork start writes a new one.",
            code="record_damaged",
            json=json,
        )


def stop(json: Json = False) -> None:
    """Ends the recorded server and its watcher: what is under way is taken up at the next start."""
    _must_be_readable(json)
    watch.rest("stopped")
    watcher, ended = end(watch.WATCHER), end(SERVER)
    if json:
        print_json({"stopped": ended is not None, "running": False, "pid": ended, "watcher": watcher})
    else:
        out.print(f"Stopped (process {ended})." if ended else "FossaWork is not running.", highlight=False)


def restart(json: Json = False) -> None:
    """Stops the recorded server and starts it again as it was, also after a crash; returns once it answers."""
    _must_be_readable(json)
    known = left(SERVER)
    if known.get("systemd"):
        fail(
            "systemd runs the server, and would take another one for none of its own.",
            "systemctl restart fossawork restarts it.",
            code="systemd",
            json=json,
        )
    watch.rest("restarting")
    end(watch.WATCHER)
    end(SERVER)
    _start_in_background(
        known.get("host", "127.0.0.1"),
        known.get("port", 8000),
        known.get("ui_port", 5173),
        watch_=known.get("watch", True),
        json=json,
    )


def status(json: Json = False) -> None:
    """Says whether the server runs and answers, and whether a watcher looks after it; exit code 1 when it does not answer."""
    _must_be_readable(json)
    known, watcher = recorded(SERVER), recorded(watch.WATCHER)
    answers = known is not None and _answers(f"{known['url']}/api/health")
    if json:
        print_json({"running": known is not None, "answers": answers, **(known or {}), "watcher": watcher})
    elif known is None:
        out.print("FossaWork is not running. fossawork start starts it.")
    else:
        health = "ok" if answers else "FAILED"
        out.print(f"FossaWork runs: {known['url']} (process {known['pid']}), health {health}.", highlight=False)
        out.print(f"Watcher: process {watcher['pid']}." if watcher else "No watcher looks after it.", highlight=False)
    raise typer.Exit(0 if answers else EXIT_FAILED)
