"""``fossawork start``, ``restart`` and ``watch``, as far as they can be told without processes of their own."""

import json
import os
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import psutil
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.commands import server, watch
from app.commands.processes import SERVER, record, recorded


class _Unhealthy(BaseHTTPRequestHandler):
    """A server that lives, and finds its disk nearly full."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/api/health/live" else 503)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Unhealthy) as served:
        thread = Thread(target=served.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()
        thread.join()


class _Started:
    """Stands for the process that was started; it wrote down that it is the server."""

    pid = os.getpid()
    ended = False

    def poll(self) -> None:
        """It runs."""

    def terminate(self) -> None:
        self.ended = True


def test_a_server_that_started_and_finds_something_amiss_is_not_ended(
    home: Path, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    process, given = _Started(), dict[str, list[str]]()

    def start(arguments: list[str], **_: Any) -> _Started:
        given["arguments"] = arguments
        record(SERVER, process.pid, url=url)
        return process

    monkeypatch.setattr(server, "subprocess", SimpleNamespace(Popen=start, DEVNULL=None))
    monkeypatch.setattr(server, "_START_SECONDS", 1)
    result = CliRunner().invoke(app, ["start", "--background", "--port", "9", "--json"])
    assert (result.exit_code, process.ended) == (0, False), result.output
    assert given["arguments"][-6:] == ["--port", "9", "--ui-port", "5173", "--no-open", "--watch"]
    status = CliRunner().invoke(app, ["status", "--json"])
    assert (status.exit_code, json.loads(status.stdout)["answers"]) == (1, False), "it runs, and is not well"


def _dead() -> int:
    """The number of a process that is over."""
    with psutil.Popen([sys.executable, "-c", ""]) as process:
        pid: int = process.pid
    return pid


def test_restart_starts_a_crashed_server_as_it_was(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home.mkdir()
    crashed = {
        "pid": _dead(),
        "created": 1.0,
        "url": "http://127.0.0.2:9000",
        "host": "127.0.0.2",
        "port": 9000,
        "ui_port": 0,
        "watch": False,
    }
    (home / "server.json").write_text(json.dumps(crashed))
    asked = []
    monkeypatch.setattr(server, "_start_in_background", lambda *given, **more: asked.append((given, more)))
    assert CliRunner().invoke(app, ["restart"]).exit_code == 0
    assert asked == [(("127.0.0.2", 9000, 0), {"watch_": False, "json": False})]


def test_restart_leaves_the_server_of_systemd_to_systemd(home: Path) -> None:
    record(SERVER, os.getpid(), url="http://127.0.0.1:1", systemd=True)
    result = CliRunner().invoke(app, ["restart"])
    assert result.exit_code == 1
    assert "systemctl restart fossawork" in result.output
    assert recorded(SERVER) is not None
    assert not (home / "watch" / "resting").exists(), "the watcher goes on looking"


def test_where_a_program_cannot_take_anothers_place_the_watcher_itself_is_recorded(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "_CAN_BE_REPLACED", False)
    look = "import json, os, sys; sys.exit(json.load(open(sys.argv[1]))['pid'] == os.getpid() and 7)"
    wait = f"import time\nfrom pathlib import Path\nwhile not Path({str(home / 'watcher.json')!r}).exists(): time.sleep(0.01)\n"
    monkeypatch.setattr(watch, "_command", lambda *_: [sys.executable, "-c", wait + look, str(home / "watcher.json")])
    assert CliRunner().invoke(app, ["watch"]).exit_code == 7
    assert recorded(watch.WATCHER) is None, "it is over"


def test_what_was_stopped_is_awaited_once_it_is_started_again(home: Path) -> None:
    mark = home / "watch" / "resting"
    watch.expect()
    assert not mark.exists()
    watch.rest("stopped")
    watch.expect()
    assert mark.read_text() == "restarting", "for ten minutes"
    watch.end_beside()
    assert mark.read_text() == "restarting", "who ends it on purpose has said so before"


@pytest.mark.parametrize("content", ["[1]", '"x"', "{", '{"pid": "1", "created": 1, "url": "http://127.0.0.1:1"}'])
@pytest.mark.parametrize("command", ["status", "stop", "restart"])
def test_a_damaged_record_is_said_and_nobody_is_ended_for_it(home: Path, command: str, content: str) -> None:
    home.mkdir()
    (home / "server.json").write_text(content)
    result = CliRunner().invoke(app, [command, "--json"])
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["code"] == "record_damaged"
    assert (home / "server.json").read_text() == content
    assert not (home / "watch" / "resting").exists(), "the watcher goes on looking"
