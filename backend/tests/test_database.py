"""Migrations and sessions on both engines."""

import importlib
import os
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import bindparam, inspect, text

from app.accounts.models import User
from app.accounts.service import add_user
from app.config import ROOT
from app.database import Base, Database, Instant, OperationsBase, alembic_config, get_database, get_operations_database
from app.operations.alerts.models import Alert
from app.operations.incidents.models import Incident, TimelineEntry


@pytest.fixture(params=["app", "operations"])
def either(request: pytest.FixtureRequest, database: Database) -> Database:
    return database if request.param == "app" else get_operations_database()


def test_the_migrations_make_exactly_the_models(either: Database) -> None:
    metadata = Base.metadata if either.history == "app" else OperationsBase.metadata
    with either.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_migrations_can_be_undone_and_done_again(either: Database) -> None:
    tables = set(inspect(either.engine).get_table_names())
    with either.engine.connect() as connection:
        command.downgrade(alembic_config(connection, either.history), "base")
        connection.commit()
    assert inspect(either.engine).get_table_names() == ["alembic_version"]
    either.migrate()
    assert set(inspect(either.engine).get_table_names()) == tables


def test_calls_that_were_kept_by_their_time_alone_are_kept_on(database: Database) -> None:
    operations = get_operations_database()
    old = (
        "INSERT INTO alerts (id, rule, component, priority, kind, title, phase, pending_at, fired_at, callable_since, bad_samples,"
        " good_samples, flaps, evidence, levels) VALUES ('a', 'db_down', 'database', 'p1', 'system_down', 'x', 'firing', :at, :at, :at,"
        """ 1, 0, 0, '{}', '{"L1": "2026-03-02T15:00:30+00:00"}')"""
    )
    fired = datetime(2026, 3, 2, 15, tzinfo=UTC)
    with operations.engine.connect() as connection:
        command.downgrade(alembic_config(connection, "operations"), "0004_calls")
        connection.execute(text(old).bindparams(bindparam("at", type_=Instant)), {"at": fired})
        connection.commit()
    operations.migrate()
    with operations.read() as db:
        alert = db.get_one(Alert, "a")
        assert alert.levels == {"L1": {"at": "2026-03-02T15:00:30+00:00", "role": None, "told": None, "gap": None}}
        assert alert.answer_by == fired + timedelta(minutes=5)


def test_the_worst_priority_of_old_incidents_is_that_of_their_stories(database: Database) -> None:
    operations = get_operations_database()
    texts = ("user_impact", "business_impact", "root_cause", "contributing", "went_well", "went_badly", "lessons")
    names, empty = ", ".join(texts), ", ".join("''" for _ in texts)
    old = (
        f"INSERT INTO incidents (id, title, priority, kind, status, opened_by, started_at, detected_at, declared_at, responders,"
        f" services, whys, procedures_updated, {names}) VALUES (:id, 'x', :priority, 'system_down', 'declared', 'sam',"
        f" :at, :at, :at, '[]', '[]', '[]', '', {empty})"
    )
    told = (
        "INSERT INTO incident_timeline (incident_id, at, kind, actor, text, data)"
        " VALUES (:id, :at, :kind, 'sam', :text, '{}')"
    )
    at = datetime(2026, 3, 2, 15, tzinfo=UTC)
    instant = bindparam("at", type_=Instant)
    with operations.engine.connect() as connection:
        command.downgrade(alembic_config(connection, "operations"), "0005_records")
        for id_, priority in (("A", "p3"), ("B", "p3"), ("C", "p2")):
            connection.execute(text(old).bindparams(instant), {"id": id_, "priority": priority, "at": at})
        for id_, kind, words in (
            ("A", "event", "Priority: p2 → p1"),
            ("A", "event", "Priority: p1 → p3"),
            ("B", "note", "Priority: p2 → p3"),  # what somebody wrote is no change
        ):
            line = {"id": id_, "at": at, "kind": kind, "text": words}
            connection.execute(text(told).bindparams(instant), line)
        connection.commit()
    operations.migrate()
    with operations.read() as db:
        assert {one.id: one.worst_priority for one in db.query(Incident)} == {"A": "p1", "B": "p3", "C": "p2"}
        assert db.query(TimelineEntry).count() == 3


def test_migrating_twice_changes_nothing(database: Database) -> None:
    database.migrate()
    database.migrate()
    with database.read() as db:
        assert db.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_write_block_that_raises_leaves_nothing(database: Database) -> None:
    def half() -> None:
        with database.write() as db:
            add_user(db, "a@example.com", "a long enough password")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        half()
    with database.read() as db:
        assert db.query(User).count() == 0


def test_writers_wait_for_each_other_instead_of_failing(database: Database) -> None:
    with database.write() as db:
        user_id = add_user(db, "a@example.com", "a long enough password").id
    errors: list[Exception] = []

    def work() -> None:
        try:
            for _ in range(10):
                with database.write() as db:
                    user = db.get(User, user_id, with_for_update=True, populate_existing=True)
                    assert user is not None
                    user.week_end_hour = (user.week_end_hour + 1) % 24
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with database.read() as db:
        assert db.get_one(User, user_id).week_end_hour == (17 + 60) % 24


def test_every_query_of_the_ui_has_an_index(sqlite: Database) -> None:
    """The list of columns that screens filter by; a table without the index would be read as a whole."""
    wanted: dict[str, set[tuple[str | None, ...]]] = {
        "work_orders": {("user_id", "work_id"), ("user_id", "location_id")},
        "visits": {("user_id", "visit_id"), ("user_id", "is_next", "date"), ("work_order_id",)},
        "dispensers": {("user_id", "location_id", "label")},
        "events": {("user_id", "id"), ("job_id", "id")},
        "sync_runs": {("user_id", "id")},
        "form_runs": {("user_id", "visit_id", "id")},
    }
    found = inspect(sqlite.engine)
    for table, columns in wanted.items():
        indexed = {tuple(index["column_names"]) for index in found.get_indexes(table)}
        indexed |= {tuple(constraint["column_names"]) for constraint in found.get_unique_constraints(table)}
        assert columns <= indexed, table


def _seed_check(url: str, python: str = sys.executable) -> "subprocess.CompletedProcess[str]":
    code = "from backend.app.database import get_db; next(get_db())"
    environment = {"DATABASE_URL": url, "PATH": "/usr/bin:/bin"}
    return subprocess.run([python, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture
def made(tmp_path: Path) -> str:
    """The address of a database that a server has made."""
    database = Database(f"sqlite:///{tmp_path / 'app.db'}")
    database.migrate()
    database.close()
    return f"sqlite:///{tmp_path / 'app.db'}"


def test_the_seeds_database_check_passes_when_the_database_answers(made: str) -> None:
    result = _seed_check(made)
    assert result.returncode == 0, result.stderr


def test_the_seeds_database_check_works_with_the_systems_python_too(made: str) -> None:
    result = _seed_check(
        made,
        str(Path(sys.base_prefix) / ("python.exe" if os.name == "nt" else "bin/python3")),
    )
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("url", ["postgresql://nobody@127.0.0.1:1/none", "sqlite:////dev/null/none/app.db"])
def test_the_seeds_database_check_fails_when_it_does_not(url: str) -> None:
    assert _seed_check(url).returncode != 0


def test_the_seeds_database_check_makes_the_database_of_a_first_use_and_no_other(tmp_path: Path) -> None:
    result = _seed_check(f"sqlite:///{tmp_path / 'none' / 'app.db'}")
    assert result.returncode != 0
    assert "There is no database" in result.stderr
    assert list(tmp_path.iterdir()) == []
    url = f"sqlite:///{tmp_path / 'app.db'}"
    assert _seed_check(url).returncode == 0, "a folder that nobody has used yet"
    (tmp_path / "app.db").unlink()
    (tmp_path / "operations.db").touch()
    assert _seed_check(url).returncode != 0, "it is lost"
    assert not (tmp_path / "app.db").exists()
    (tmp_path / "app.db").touch()
    assert _seed_check(f"sqlite:///{tmp_path / 'app.db'}").returncode != 0, "a file without tables is none of ours"


def test_the_seeds_database_check_fails_on_a_damaged_file(tmp_path: Path) -> None:
    (tmp_path / "app.db").write_bytes(b"this is no database" * 500)
    assert _seed_check(f"sqlite:///{tmp_path / 'app.db'}").returncode != 0


def test_both_names_of_the_server_package_are_one_module(home: Path) -> None:
    other = importlib.import_module("backend.app.database")
    assert other.get_database is get_database
