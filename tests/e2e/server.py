"""A FossaWork server in a process of its own, as a person starts it, and a small client for its API."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2

_START_SECONDS = 60
# Set by whoever runs the tests, perhaps; never meant for the installations that the tests make.
_NOT_INHERITED = ("DATABASE_URL", "FOSSAWORK_KEY", "FOSSAWORK_USER", "FOSSAWORK_SANDBOX_URL", "FOSSAWORK_PORTAL_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(condition: Callable[[], Any], what: str, seconds: float = 60) -> Any:
    """The first true value of ``condition``; fails with ``what`` was awaited."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.02)
    raise AssertionError(f"Waited {seconds:g} s in vain for: {what}.")


def healthy(url: str) -> bool:
    """Whether the server at this address answers its health check."""
    try:
        return httpx2.get(f"{url}/api/health", timeout=2, trust_env=False).status_code == 200
    except httpx2.HTTPError:
        return False


@dataclass
class Server:
    home: Path
    logs: Path
    port: int = field(default_factory=free_port)
    extra: dict[str, str] = field(default_factory=dict)
    ui_port: int = 0
    process: "subprocess.Popen[bytes] | None" = None
    token: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        own = {"FOSSAWORK_HOME": str(self.home), "FOSSAWORK_LOGS": str(self.logs), "FOSSAWORK_KEY_SOURCE": "file"}
        inherited = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        return {**inherited, **own, **self.extra}

    def command(self, *arguments: str, given: str = "") -> "subprocess.CompletedProcess[str]":
        """Runs ``fossawork …`` for this installation."""
        return subprocess.run(
            [sys.executable, "-m", "app.cli", *arguments],
            env=self.environment,
            input=given,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )

    def document(self, *arguments: str, given: str = "") -> Any:
        """Runs ``fossawork … --json``, which must succeed, and answers the one document it prints."""
        result = self.command(*arguments, "--json", given=given)
        assert result.returncode == 0, f"{arguments}: {result.returncode}\n{result.stdout}\n{result.stderr}"
        return json.loads(result.stdout)

    def start(self) -> None:
        self.run(
            [
                sys.executable,
                "-m",
                "app.cli",
                "start",
                "--port",
                str(self.port),
                "--ui-port",
                str(self.ui_port),
                "--no-watch",
            ]
        )

    def run(self, command: list[str], folder: Path | None = None) -> None:
        """Runs a command that serves at ``port``, and waits until it does."""
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.output.open("ab") as out:
            self.process = subprocess.Popen(command, cwd=folder, env=self.environment, stdout=out, stderr=out)
        wait_for(self._healthy, "the server's health", _START_SECONDS)

    @property
    def output(self) -> Path:
        return self.logs.parent / "server.out"

    def _healthy(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.output.read_text()
        return healthy(self.url)

    def kill(self) -> None:
        """``kill -9``: no chance to finish anything."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(30)

    def sign_in(self, email: str, password: str) -> None:
        self.token = self.call("POST", "/api/auth/sign-in", {"email": email, "password": password})["access_token"]

    def answer(self, method: str, path: str, body: Any = None) -> httpx2.Response:
        """The API's answer, whatever it is."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx2.request(method, self.url + path, json=body, headers=headers, timeout=20, trust_env=False)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """What the API answers to a request that succeeds."""
        answer = self.answer(method, path, body)
        assert answer.status_code < 400, answer.text
        return json.loads(answer.content) if answer.content else None


@contextmanager
def running_server(folder: Path, *, home: Path | None = None, ui_port: int = 0, **extra: str) -> Iterator[Server]:
    """A server in ``folder``; with ``home`` it begins with a copy of that installation."""
    if home is not None:
        shutil.copytree(home, folder / "home")
    server = Server(folder / "home", folder / "logs", extra=extra, ui_port=ui_port)
    server.start()
    try:
        yield server
    finally:
        server.stop()
