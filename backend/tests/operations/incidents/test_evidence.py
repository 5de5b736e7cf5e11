"""The evidence pack must not harm what it tells of."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson

from app.database import Database, get_operations_database
from app.operations.incidents import service
from app.operations.incidents.evidence import collect
from app.operations.incidents.models import Incident
from app.operations.incidents.schemas import NewIncident
from app.operations.terms import Kind, Priority


def _declared() -> Incident:
    wish = NewIncident(title="Slow", priority=Priority.p3, kind=Kind.performance, started_at=datetime.now(UTC))
    with get_operations_database().write() as db:
        return service.create(db, wish, "sam")


def test_taking_it_keeps_the_locks_of_the_databases_that_are_open(sqlite: Database, home: Path) -> None:
    """SQLite knows by them that somebody has the database open: who comes and goes would otherwise take the log along."""
    incident = _declared()
    files = dict(collect(incident))
    known = {item["file"]: item for item in orjson.loads(files["files.json"])}
    assert known.keys() >= {"app.db", "operations.db", "operations.db-wal"}
    visit = f"import sqlite3; db = sqlite3.connect({str(home / 'operations.db')!r}); db.execute('SELECT count(*) FROM alerts').fetchall(); db.close()"
    subprocess.run([sys.executable, "-c", visit], check=True)
    assert (home / "operations.db-wal").exists(), "the visitor was not the last one"


def test_it_has_digests_of_other_files_and_the_shape_of_the_databases(sqlite: Database, home: Path) -> None:
    (home / "server.out").write_text("started\n")
    files = dict(collect(_declared()))
    known = {item["file"]: item for item in orjson.loads(files["files.json"])}
    assert len(known["server.out"]["sha256"]) == 64
    assert "sha256" not in known["app.db"]
    databases = orjson.loads(files["databases.json"])
    assert databases["operations"]["rows"]["incidents"] == 1
    assert "title" in databases["operations"]["columns"]["incidents"]
