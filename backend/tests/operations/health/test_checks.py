"""Each check says ok when all is well, and something else, by name, when it is not."""

import shutil
import sqlite3
import threading
from collections import namedtuple
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from filelock import FileLock

from app.accounts import service as accounts
from app.accounts.keys import get_envelope
from app.accounts.models import User
from app.config import get_settings
from app.connection.breaker import breakers
from app.database import Database, get_operations_database
from app.kit import clock
from app.kit.clock import VirtualClock
from app.operations.alerts.models import Watcher
from app.operations.health import checks
from app.operations.health.service import Check, Keeper
from app.operations.health.tree import Finding, State
from app.sync.models import SyncRun
from app.telemetry import heartbeat, logs
from backend.tests.stack import PASSWORD

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


def test_a_database_that_can_be_read_and_written_is_ok(database: Database) -> None:
    assert checks.database().state is State.ok
    assert checks.operations_database().state is State.ok


def test_a_missing_database_has_failed(sqlite: Database, home: Path) -> None:
    with sqlite.read():
        pass  # connections that are open already see the old file
    (home / "app.db").unlink()
    assert checks.database().state is State.failed
    assert checks.operations_database().state is State.ok


def test_a_file_that_is_no_database_has_failed(sqlite: Database, home: Path) -> None:
    (home / "app.db").write_bytes(b"no database any more" * 500)
    assert checks.database().state is State.failed


def test_a_database_busy_with_a_long_write_is_degraded_not_down(
    sqlite: Database, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_SQLITE_WAIT_SECONDS", 0.05)
    with closing(sqlite3.connect(home / "app.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert checks.database().state is State.degraded


def test_an_older_schema_has_failed(sqlite: Database) -> None:
    with sqlite.write() as db:
        db.connection().exec_driver_sql("UPDATE alembic_version SET version_num = '0001_first'")
    found = checks.database()
    assert (found.state, found.data["schema"]) == (State.failed, "0001_first")


def test_damage_is_found_page_by_page(sqlite: Database, home: Path) -> None:
    with sqlite.write() as db:
        for number in range(200):
            accounts.add_user(db, f"{number}@example.com", PASSWORD) if number == 0 else db.add(_copy(db, number))
    sound = checks.integrity()
    assert sound is not None
    assert sound.state is State.ok
    with sqlite.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    sqlite.close()
    data = bytearray((home / "app.db").read_bytes())
    where = data.index(b"150@example.com") - 200
    data[where : where + 2000] = b"\xff" * 2000
    (home / "app.db").write_bytes(bytes(data))
    damaged = checks.integrity()
    assert damaged is not None
    assert damaged.state is State.failed


def _copy(db: object, number: int) -> User:
    return User(
        id=f"id-{number}",
        email=f"{number}@example.com",
        password_hash="x" * 100,
        role="technician",
        is_owner=False,
        time_zone="UTC",
        work_days=[1],
        week_end_hour=17,
        created_at=NOW,
    )


def test_rows_that_point_nowhere_are_damage(sqlite: Database, home: Path) -> None:
    with closing(sqlite3.connect(home / "app.db")) as other:
        other.execute("INSERT INTO form_settings VALUES ('nobody', 1, 1, 30, 12)")
        other.commit()
    found = checks.integrity()
    assert found is not None
    assert found.state is State.failed
    assert "form_settings" in found.words


def test_tokens_that_can_be_made_and_read_are_ok(sqlite: Database) -> None:
    assert checks.auth().state is State.ok


def test_a_master_key_that_cannot_be_read_has_failed(sqlite: Database, home: Path) -> None:
    get_envelope.cache_clear()
    (home / "keys").mkdir(parents=True, exist_ok=True)
    (home / "keys" / "master.key").write_text("not base64!")
    finding = checks.auth()
    assert finding.state is State.failed
    assert "master.key" in finding.words


def test_the_scheduler_is_ok_while_it_beats(sqlite: Database) -> None:
    with VirtualClock(NOW) as time:
        heartbeat.beat("engine")
        assert checks.scheduler().state is State.ok
        time.advance(seconds=46)
        assert checks.scheduler().state is State.failed
    heartbeat.stop("engine")
    assert checks.scheduler().state is State.failed, "nobody takes up jobs"
    with FileLock(get_settings().home / "engine.lock", is_singleton=False):
        assert checks.scheduler().state is State.ok, "another process does"


def test_a_browser_that_is_gone_has_failed(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    get_settings().browser = "/nowhere/chrome"
    assert checks.automation().state is State.failed
    get_settings().browser = shutil.which("sh")
    assert checks.automation().state is State.ok


def test_a_portal_in_trouble_is_degraded_and_none_yet_is_nothing_to_say(home: Path) -> None:
    breakers.forget()
    assert checks.portal() is None
    breaker = breakers.of("http://portal.invalid")
    breaker.succeeded(clock.now())
    found = checks.portal()
    assert found is not None
    assert found.state is State.ok
    for _ in range(5):
        breaker.failed("portal_unreachable", clock.now())
    troubled = checks.portal()
    assert troubled is not None
    assert troubled.state is State.degraded
    breakers.forget()


def test_syncs_late_failed_fine_and_none_yet(sqlite: Database) -> None:
    assert checks.sync() is None
    with sqlite.write() as db:
        user = accounts.add_user(db, "a@example.com", PASSWORD)
        run = _sync(user.id, "succeeded", asked=NOW - timedelta(hours=1))
        db.add(run)
    with VirtualClock(NOW) as time:
        assert (found := checks.sync()) is not None
        assert found.state is State.ok
        with sqlite.write() as db:
            db.add(_sync(user.id, "running", asked=NOW))
        time.advance(seconds=300)
        assert (found := checks.sync()) is not None
        assert found.state is State.ok
        time.advance(seconds=1)
        assert (found := checks.sync()) is not None
        assert found.state is State.degraded
    with sqlite.write() as db:
        db.query(SyncRun).filter_by(state="running").update({"state": "failed", "error_detail": "It broke."})
    assert (found := checks.sync()) is not None
    assert found.words == "The last sync failed: It broke."


def _sync(user_id: str, state: str, *, asked: datetime) -> SyncRun:
    return SyncRun(
        id=f"{asked:%H%M%S}-{state}",
        user_id=user_id,
        state=state,
        asked_by="test",
        asked_at=asked,
        refresh_locations=False,
        accept_empty=False,
    )


_Usage = namedtuple("_Usage", "percent")


@pytest.mark.parametrize(("percent", "state"), [(79, State.ok), (80, State.degraded), (90, State.failed)])
def test_a_full_disk(sqlite: Database, percent: float, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "disk_usage", lambda _: _Usage(percent))
    assert checks.disk().state is state
    assert checks.filesystem().state is State.ok, "as long as it can be written"


def test_a_folder_that_cannot_be_written_has_failed(sqlite: Database, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("no folder")
    get_settings().logs = blocked / "logs"
    assert checks.filesystem().state is State.failed


@pytest.mark.parametrize(("percent", "state"), [(80, State.ok), (81, State.degraded), (91, State.failed)])
def test_memory(percent: float, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: _Usage(percent))
    assert checks.memory().state is state


@pytest.mark.parametrize(("load", "state"), [(2.0, State.ok), (9.0, State.degraded)])
def test_load(load: float, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "getloadavg", lambda: (load, 0, 0))
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert checks.cpu().state is state


@pytest.mark.parametrize(
    ("days", "state"), [(31, State.ok), (29, State.degraded), (3, State.failed), (-1, State.failed)]
)
def test_a_certificate_is_told_by_its_days(home: Path, tmp_path: Path, days: int, state: State) -> None:
    assert checks.certificate() is None, "none is named"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "fossawork.invalid")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "cert.pem"
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    get_settings().certificate = path
    with VirtualClock(NOW):
        assert (found := checks.certificate()) is not None
        assert found.state is state


def test_a_certificate_that_cannot_be_read_is_unknown(home: Path, tmp_path: Path) -> None:
    get_settings().certificate = tmp_path / "none.pem"
    report = Keeper((Check("certificate", "machine", False, checks.certificate, 10),)).report()
    assert report.components[0].finding.state is State.unknown


def test_a_watcher_that_speaks_is_ok_one_that_does_not_is_missed(
    sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> State | None:
        found = checks.watcher()
        return found.state if found else None

    with VirtualClock(NOW) as time:
        monkeypatch.setattr(checks, "_STARTED", NOW)
        assert state() is None, "it is just being started"
        time.advance(minutes=4)
        assert state() is State.degraded, "nobody has come"
    with get_operations_database().write() as db:
        db.add(Watcher(name="w", last_seen_at=NOW, last_probe=1, last_report=0, version="1"))
    with VirtualClock(NOW) as time:
        assert state() is State.ok
        time.advance(minutes=3, seconds=1)
        assert state() is State.degraded


def test_logs_that_cannot_be_written_or_fill_their_space_are_told(home: Path, tmp_path: Path) -> None:
    assert checks.log_pipeline().state is State.ok
    (get_settings().logs / "backend").mkdir(parents=True, exist_ok=True)
    (get_settings().logs / "backend" / "2026-01-01.jsonl").write_bytes(b"x" * 900_000)
    get_settings().logs_quota_mb = 1
    assert checks.log_pipeline().state is State.degraded
    get_settings().logs_quota_mb = 2000
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    logs.set_up(blocked / "logs")
    logs.get_logger().error("lost")
    logs.flush()
    assert checks.log_pipeline().state is State.degraded


def test_a_check_that_breaks_or_hangs_is_never_ok(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> Finding:
        raise RuntimeError("inside")

    assert Keeper((Check("x", "server", True, broken),)).report().status is State.unknown
    monkeypatch.setattr("app.operations.health.service._PATIENCE_SECONDS", 0.02)
    forever = threading.Event()

    def hanging() -> Finding | None:
        forever.wait(20)
        return None

    try:
        found = Keeper((Check("x", "server", True, hanging),)).report()
        assert found.status is State.failed
    finally:
        forever.set()


def test_answers_are_kept_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = 0

    def count() -> Finding:
        nonlocal asked
        asked += 1
        return Finding(State.ok, "")

    keeper = Keeper((Check("x", "server", True, count),))
    for _ in range(100):
        keeper.report()
    assert asked == 1
    keeper.forget()
    keeper.report()
    assert asked == 2
