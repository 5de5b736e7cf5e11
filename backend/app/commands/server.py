"""``fossawork start``, ``stop`` and ``status``: they act on the recorded process only, never on a process by its name."""

import os
import socket
import subprocess
import sys
import time
import webbrowser
from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import Annotated, Any

import httpx2 as httpx
import orjson
import psutil
import typer
import uvicorn

from app.commands.common import EXIT_FAILED, Json, fail, out, prepare, print_json, told_errors
from app.config import get_settings
from app.kit.files import write_atomically

_START_SECONDS = 60
_LOOK_SECONDS = 0.1
_STOP_SECONDS = 30


def _record_file() -> Path:
    return get_settings().home / "server.json"


def recorded_server() -> dict[str, Any] | None:
    """What the running server wrote about itself; ``None`` when it is not running (a process that merely got its number
    again does not count)."""
    try:
        record: dict[str, Any] = orjson.loads(_record_file().read_bytes())
        process = psutil.Process(record["pid"])
        alive = abs(process.create_time() - record["created"]) < 1 and process.status() != psutil.STATUS_ZOMBIE
    except (OSError, ValueError, KeyError, psutil.Error):
        return None
    return record if alive else None


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
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for other devices too.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="API and UI.")] = 8000,
    ui_port: Annotated[int, typer.Option(help="The UI once more; 0 = not.")] = 5173,
    background: Annotated[bool, typer.Option("--background", help="Return once it answers.")] = False,
    open_: Annotated[bool, typer.Option("--open/--no-open", help="Open the UI in the browser.")] = False,
    json: Json = False,
) -> None:
    """Serves the API and the UI."""
    running = recorded_server()
    if running is not None:
        fail(
            f"FossaWork runs already: {running['url']} (process {running['pid']}).",
            "fossawork stop ends it.",
            code="already_running",
            json=json,
        )
    if background:
        _start_in_background(host, port, ui_port, json=json)
        return
    with told_errors(json):
        prepare()
    listeners = [_listen(host, each) for each in dict.fromkeys((port, ui_port)) if each or each == port]
    url = f"http://127.0.0.1:{listeners[0].getsockname()[1]}"
    record = {"pid": os.getpid(), "created": psutil.Process().create_time(), "url": url, "started": time.time()}
    write_atomically(_record_file(), orjson.dumps(record), private=True)
    if json:
        print_json(record)
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
    try:
        uvicorn.Server(config).run(sockets=listeners)
    finally:
        _record_file().unlink(missing_ok=True)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/health", timeout=2, trust_env=False).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def _open_when_up(url: str) -> None:
    if _until(lambda: _answers(url), _START_SECONDS):
        webbrowser.open(url)


def _until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time. Another process cannot wake us, so it is looked at again and again."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return met


def _start_in_background(host: str, port: int, ui_port: int, *, json: bool) -> None:
    arguments = ["start", "--host", host, "--port", str(port), "--ui-port", str(ui_port), "--no-open"]
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
        record = recorded_server()
        return record is not None and record["pid"] == process.pid and _answers(record["url"])

    _until(lambda: up() or process.poll() is not None, _START_SECONDS)
    record = recorded_server()
    if record is None or record["pid"] != process.pid or not up():
        process.terminate()
        fail("The server did not start.", f"Its last words are in {log}.", code="start_failed", json=json)
    if json:
        print_json(record)
    else:
        out.print(f"FossaWork runs: {record['url']} (process {record['pid']}).", highlight=False)


def stop(json: Json = False) -> None:
    """Ends the recorded server: what is under way is taken up at the next start."""
    record = recorded_server()
    if record is None:
        if json:
            print_json({"stopped": False, "running": False})
        else:
            out.print("FossaWork is not running.")
        return
    process = psutil.Process(record["pid"])
    process.terminate()
    if not _ended(process):
        process.kill()
        _ended(process)
    _record_file().unlink(missing_ok=True)
    if json:
        print_json({"stopped": True, "running": False, "pid": record["pid"]})
    else:
        out.print(f"Stopped (process {record['pid']}).", highlight=False)


def _ended(process: psutil.Process) -> bool:
    """Waits for a process that is not our child; one that only its parent has not noticed to be dead counts as ended."""

    def gone() -> bool:
        try:
            return bool(process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True

    return _until(gone, _STOP_SECONDS)


def status(json: Json = False) -> None:
    """Says whether the server runs and answers; exit code 1 when it does not."""
    record = recorded_server()
    answers = record is not None and _answers(record["url"])
    if json:
        print_json({"running": record is not None, "answers": answers, **(record or {})})
    elif record is None:
        out.print("FossaWork is not running. fossawork start starts it.")
    else:
        out.print(
            f"FossaWork runs: {record['url']} (process {record['pid']}), health {'ok' if answers else 'FAILED'}.",
            highlight=False,
        )
    raise typer.Exit(0 if answers else EXIT_FAILED)
