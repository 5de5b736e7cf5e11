"""The product as it is served: ``fossawork start`` in its own process and temporary installation, on loopback."""

import asyncio
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from benchmarks.portal import ROOT, child_environment
from benchmarks.stack import temporary_home

_START_SECONDS, _STOP_SECONDS = 60, 30


@contextmanager
def running_server() -> Iterator[str]:
    """The address of a server over a fresh installation; that installation is this process's own for the time of the
    block, so that its database can be filled."""
    with temporary_home() as home, (home.parent / "server.out").open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "start", "--port", "0", "--ui-port", "0", "--no-open", "--no-watch"],
            cwd=ROOT,
            env=child_environment(),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            yield _wait_until_up(process, home)
        finally:
            process.terminate()
            try:
                process.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(_STOP_SECONDS)


def _wait_until_up(process: "subprocess.Popen[bytes]", home: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    record = home / "server.json"
    while time.monotonic() < deadline and process.poll() is None:
        if record.exists():
            url = str(orjson.loads(record.read_bytes())["url"])
            try:
                with urllib.request.urlopen(f"{url}/api/health", timeout=5):
                    return url
            except (urllib.error.URLError, OSError):
                pass  # it listens before it answers
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {(home.parent / 'server.out').read_text()[-2000:]}")


@dataclass(slots=True)
class Connection:
    """One kept-alive HTTP/1.1 connection that does little else than wait, so that the client's own work hardly counts."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    host: str

    @classmethod
    async def open(cls, url: str) -> "Connection":
        host, _, port = url.removeprefix("http://").partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        return cls(reader, writer, f"{host}:{port}")

    async def ask(self, path: str, *, token: str = "", body: bytes | None = None) -> tuple[float, int, bytes]:
        """Seconds until the whole answer was there, its status, and its body."""
        lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: {self.host}"]
        if token:
            lines.append(f"Authorization: Bearer {token}")
        if body is not None:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        started = time.perf_counter()
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b""))
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        answer = await self.reader.readexactly(length)
        return time.perf_counter() - started, int(head.split(" ", 2)[1]), answer

    async def close(self) -> None:
        self.writer.close()
        await self.writer.wait_closed()
