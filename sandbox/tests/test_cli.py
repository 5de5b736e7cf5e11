"""Starting the sandbox as a program and as a server object."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

import httpx2 as httpx
import pytest

from sandbox.cli import run
from sandbox.server import SandboxServer

from .helpers import TECH1, TODAY


def test_run_serves_until_stopped(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stop = threading.Event()
    stop.set()
    assert run(port=0, seed=7, control=True, state=tmp_path / "s.json", stop=stop) == 0
    printed = capsys.readouterr().out
    assert "Sandbox portal: http://127.0.0.1:" in printed and TECH1 in printed and "/_control" in printed
    assert (tmp_path / "s.json").exists()


def test_a_taken_port_is_an_error_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert run(port=taken.getsockname()[1], stop=threading.Event()) == 1
    assert "could not start" in capsys.readouterr().err


def test_a_restart_on_the_same_file_keeps_sessions_and_address(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    server = SandboxServer(seed=7, today=TODAY, state_file=file).start()
    port = int(server.url.rsplit(":", 1)[1])
    session = server.world.sign_in(TECH1, "sandbox-1", remember=True)
    server.stop()
    server.stop()
    assert session is not None
    with SandboxServer(port=port, state_file=file) as again:
        answer = httpx.get(f"{again.url}/app/work/list", headers={"Cookie": f"workfossa_session={session.token}"})
        assert again.url == server.url and "app-footer" in answer.text
