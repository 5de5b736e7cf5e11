"""Fixtures of all server tests: a home of its own per test, a real database, a client, and people."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.accounts import keys, limits
from app.activity import queue
from app.config import Settings, get_settings
from app.database import Database, History, get_database, get_operations_database
from app.operations.health import service as health
from app.operations.logs.analyzer import findings
from app.operations.slo import service as slo
from app.telemetry import logs, origin
from backend.tests.postgres_server import fresh_database, postgres_server
from backend.tests.stack import PASSWORD, Stack, running_stack
from sandbox.server import SandboxServer

HISTORIES: tuple[History, ...] = ("app", "operations")


def forget_everything() -> None:
    """Drops what is made once per process, so that the next use follows the environment."""
    queue.disconnect()
    for known in (get_database, get_operations_database):
        if known.cache_info().currsize:
            known().close()
    for cached in (get_settings, get_database, get_operations_database, keys.get_envelope):
        cached.cache_clear()
    limits.forget_all()
    health.keeper.forget()
    origin.begin_nothing()
    slo.forget()
    findings.forget()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh installation's folder; settings point to it."""
    folder = tmp_path / "home"
    monkeypatch.setenv("FOSSAWORK_HOME", str(folder))
    monkeypatch.setenv("FOSSAWORK_LOGS", str(tmp_path / "logs"))
    monkeypatch.setenv("FOSSAWORK_KEY_SOURCE", "file")
    monkeypatch.setenv("FOSSAWORK_DESKTOP_NOTIFIER", "off")
    for name in ("DATABASE_URL", "FOSSAWORK_KEY", "FOSSAWORK_SANDBOX_URL", "FOSSAWORK_USER"):
        monkeypatch.delenv(name, raising=False)
    forget_everything()
    logs.set_up(tmp_path / "logs")
    yield folder
    forget_everything()
    logs.set_up(tmp_path / "logs")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with SQLite files of the newest schemas, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    for history in HISTORIES:
        database = Database(f"sqlite:///{folder / history}.db", history)
        database.migrate()
        with database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        database.close()
    return folder


@pytest.fixture
def sqlite(home: Path, migrated_sqlite: Path) -> Database:
    """The application database of this test, on SQLite; the operations database stands beside it."""
    home.mkdir(parents=True, exist_ok=True)
    for history in HISTORIES:
        shutil.copy(migrated_sqlite / f"{history}.db", home)
    return get_database()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="session")
def migrated_postgres(postgres: str) -> Iterator[str]:
    """The name of a PostgreSQL database with the newest schemas, to be copied."""
    with fresh_database(postgres) as url:
        for history in HISTORIES:
            database = Database(Settings(database_url=url).sqlalchemy_url, history)
            database.migrate()
            database.close()
        yield url.rpartition("/")[2]


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """The application database of this test, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    server, newest = request.getfixturevalue("postgres"), request.getfixturevalue("migrated_postgres")
    with fresh_database(server, newest) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        forget_everything()
        yield get_database()
        forget_everything()


@pytest.fixture
def operations(database: Database) -> Database:
    """The operations database of this test, once on SQLite and once on PostgreSQL."""
    return get_operations_database()


@pytest.fixture
def client(sqlite: Database) -> Iterator[TestClient]:
    """The API without its engine: for everything that needs no browser."""
    from app.activity.service import EventFeed
    from app.main import create_app

    app = create_app()
    app.state.feed = EventFeed()
    yield TestClient(app, raise_server_exceptions=False, base_url="http://127.0.0.1")
    app.state.feed.close()


@dataclass(frozen=True)
class Person:
    """A signed-in user."""

    id: str
    email: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def add_person(sqlite: Database) -> Callable[..., Person]:
    """Makes users; the first one is the owner."""
    from app.accounts import service

    def add(email: str = "tech@example.com") -> Person:
        with sqlite.write() as db:
            user = service.add_user(db, email, PASSWORD)
            grant = service.open_session(db, user)
            return Person(user.id, user.email, grant.access_token)

    return add


@pytest.fixture
def person(add_person: Callable[..., Person]) -> Person:
    return add_person()


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=7, control=True) as server:
        yield server


@pytest.fixture
def portal(sandbox_server: SandboxServer) -> SandboxServer:
    """The sandbox portal with a fresh world, no faults, no delays."""
    sandbox_server.control.reset()
    return sandbox_server


@pytest.fixture
def stack(sqlite: Database, portal: SandboxServer) -> Iterator[Stack]:
    """A linked user, the sandbox, and a working engine."""
    with running_stack(sqlite, portal) as running:
        yield running
