"""Engines and sessions. A session that writes says so when it is opened; the edge that opened it commits it.

There are two databases. What people work with stands in the application database. What the operations side knows (metrics,
alerts, incidents, what was sent to whom) stands in one of its own, so that it can still tell when the first one is broken.
"""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC
from enum import IntEnum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal

from alembic import command
from alembic.config import Config
from fastapi import Depends
from sqlalchemy import DateTime, Dialect, Engine, MetaData, create_engine, event, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.pool import QueuePool
from sqlalchemy.types import TypeDecorator

from app.config import get_settings
from app.kit.problems import Unavailable

MIGRATIONS = Path(__file__).resolve().parents[1] / "migrations"
BUSY_SECONDS = 10
History = Literal["app", "operations"]


class Instant(TypeDecorator[Any]):
    """A UTC instant. SQLite stores no zone, so it is taken off on the way in and put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        if value is not None and value.tzinfo is None:
            raise ValueError("An instant needs a time zone; use app.kit.clock.now().")
        return (
            None if value is None else value.astimezone(UTC)
        )  # SQLite keeps what its clock shows and forgets the zone

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Only(IntEnum):
    """What one transaction of all processes does at a time; the numbers mean nothing outside."""

    migration = 7204251
    first_user = 7204252
    incident_number = 7204253
    duty_plan = 7204254


def hold(db: Session, only: Only) -> None:
    """Waits until nobody else does it, until the transaction ends. (SQLite's write transactions wait for each other anyway.)"""
    if db.get_bind().dialect.name == "postgresql":
        db.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": only.value})


_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Tables of the application database."""

    metadata = MetaData(naming_convention=_NAMES)


class OperationsBase(DeclarativeBase):
    """Tables of the operations database. They name people by id only: their rows stand in the other one."""

    metadata = MetaData(naming_convention=_NAMES)


class Database:
    """One engine with two ways in: :meth:`read` and :meth:`write`. ``history``: whose migrations make its tables. In
    PostgreSQL each history has a schema of its own."""

    def __init__(self, url: str, history: History = "app") -> None:
        self.url = make_url(url)
        self.history = history
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if self.is_sqlite:
            if self.url.database not in (None, "", ":memory:"):
                Path(str(self.url.database)).parent.mkdir(parents=True, exist_ok=True)
            self.engine = create_engine(
                url, connect_args={"timeout": BUSY_SECONDS}, pool_size=20, max_overflow=40, hide_parameters=True
            )
            _prepare_sqlite(self.engine)
        else:
            arguments: dict[str, Any] = {"connect_timeout": 5}
            if history != "app":
                arguments["options"] = f"-csearch_path={history}"
            self.engine = create_engine(
                url,
                pool_size=10,
                max_overflow=20,
                pool_pre_ping=True,
                connect_args=arguments,
                hide_parameters=True,  # what people typed does not belong in error texts
            )
        self._writer = self.engine.execution_options(writes=True)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session that must not write; it is rolled back at the end."""
        with Session(self.engine, expire_on_commit=False, autoflush=False) as session:
            session.connection()
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction: committed when the block ends, rolled back when it raises.

        On SQLite it takes the write lock at once (``BEGIN IMMEDIATE``): a transaction that reads first and writes later
        fails with "database is locked" under load, this one waits its turn.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            session.connection()
            yield session

    def migrate(self, revision: str = "head") -> None:
        """Brings the schema to ``revision``; on PostgreSQL only one process at a time does so."""
        with self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execute(text(f"SELECT pg_advisory_lock({Only.migration:d})"))
                if self.history != "app":
                    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {self.history}"))
                connection.commit()
            try:
                command.upgrade(alembic_config(connection, self.history), revision)
                connection.commit()
            finally:
                if not self.is_sqlite:
                    connection.execute(text(f"SELECT pg_advisory_unlock({Only.migration:d})"))
                    connection.commit()

    def lent(self) -> int:
        """How many connections are in use now."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    def close(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _: Any) -> None:
        # SQLAlchemy's own begin events below decide when a transaction starts, not the driver's guess.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")  # an intent to write to the portal must survive a power cut
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        immediate = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def alembic_config(connection: Any = None, history: History = "app") -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS / history))
    config.attributes["connection"] = connection
    return config


class EngineUnsupported(Exception):
    """This Python cannot run the engine on SQLite."""


def check_engine() -> None:
    """:class:`EngineUnsupported` when the engine cannot run with this Python and SQLite, with what to do."""
    if get_settings().is_sqlite and sys.version_info >= (3, 12) and sqlite3.sqlite_version_info < (3, 42):
        raise EngineUnsupported(
            f"SQLite {sqlite3.sqlite_version} is too old for Python {sys.version_info.major}.{sys.version_info.minor}: "
            "use Python 3.11, a Python with SQLite 3.42 or newer, or PostgreSQL (DATABASE_URL)."
        )


@lru_cache
def get_database() -> Database:
    return Database(get_settings().sqlalchemy_url)


@lru_cache
def get_operations_database() -> Database:
    return Database(get_settings().operations_url, "operations")


def get_db() -> Iterator[Session]:
    """A session for reading; ``next(get_db())`` fails when the database cannot be reached, or is gone."""
    url = make_url(get_settings().sqlalchemy_url)
    if url.get_backend_name() == "sqlite" and not (path := Path(str(url.database))).is_file():
        _be_the_first_to_use(path)
    with get_database().read() as session:
        session.execute(text("SELECT 1 FROM users LIMIT 1"))
        yield session


_OF_AN_INSTALLATION = ("operations.db", "engine.db", "keys", "server.json")


def _be_the_first_to_use(path: Path) -> None:
    """Makes the database of a folder that was never used, as a first start does. Where an installation was, its database is lost, and
    an empty one would hide that (operations spec §7.7); a folder that is not there is a wrong path."""
    was_used = any((path.parent / name).exists() for name in _OF_AN_INSTALLATION)
    if was_used or not (path.parent.is_dir() or path.parent == get_settings().home):
        raise FileNotFoundError(f"There is no database {path}.")
    get_database().migrate()


def _read_session() -> Iterator[Session]:
    with _clear_errors(), get_database().read() as session:
        yield session


def _write_session() -> Iterator[Session]:
    with _clear_errors(), get_database().write() as session:
        yield session


def _operations_read_session() -> Iterator[Session]:
    with _clear_errors(), get_operations_database().read() as session:
        yield session


def _operations_write_session() -> Iterator[Session]:
    with _clear_errors(), get_operations_database().write() as session:
        yield session


@contextmanager
def _clear_errors() -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        raise database_problem(error) from error


def database_problem(error: OperationalError) -> Unavailable:
    """What a person is told when the database does not answer; nothing was stored then."""
    busy = "locked" in str(error.orig) or "timeout" in str(error.orig)
    if busy:
        return Unavailable("The database is busy with another write, so nothing was changed.", "Try again in a moment.")
    return Unavailable(
        "The database cannot be reached, so nothing was changed.",
        "Check that the disk has space and that DATABASE_URL names a running database, then try again.",
    )


# The transaction ends before the answer is sent: what a client has seen as done is committed.
ReadSession = Annotated[Session, Depends(_read_session, scope="function")]
WriteSession = Annotated[Session, Depends(_write_session, scope="function")]
OperationsReadSession = Annotated[Session, Depends(_operations_read_session, scope="function")]
OperationsWriteSession = Annotated[Session, Depends(_operations_write_session, scope="function")]
