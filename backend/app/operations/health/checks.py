"""The checks. Each answers a :class:`Finding`, or ``None`` when there is nothing to check here; what it raises is ``unknown``."""

import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import psutil
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from cryptography import x509
from filelock import FileLock, Timeout
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.tokens import make_access_token, read_access_token
from app.config import get_settings
from app.connection.breaker import BreakerState, breakers
from app.database import Database, History, alembic_config, get_database, get_operations_database
from app.kit import clock
from app.notifications.settings import channels_configured
from app.operations import thresholds as t
from app.operations.alerts.models import Watcher
from app.operations.health.tree import Finding, State
from app.operations.logs.housekeeping import usage
from app.operations.oncall import contacts
from app.portal.browser import find_browser
from app.portal.errors import BrowserFailed
from app.sync.models import SyncRun
from app.sync.service import ACTIVE
from app.telemetry import heartbeat, logs, metrics
from app.telemetry.sampler import nearest_folder

_SQLITE_WAIT_SECONDS = 1.0
_STARTED = clock.now()


def database() -> Finding:
    """Reads, writes (and takes it back), and compares the schema with this version's."""
    return _database(get_database(), "users")


def operations_database() -> Finding:
    return _database(get_operations_database(), "alerts")


def _database(database: Database, table: str) -> Finding:
    try:
        if database.is_sqlite:
            _touch_sqlite(Path(str(database.url.database)), table)
        else:
            with database.engine.connect() as connection:
                connection.execute(text(f"SELECT count(*) FROM {table} WHERE false"))  # noqa: S608  # our own names
                connection.execute(text("CREATE TEMPORARY TABLE health_probe (n int) ON COMMIT DROP"))
                connection.rollback()
    except (sqlite3.Error, SQLAlchemyError) as error:
        reason = str(getattr(error, "orig", None) or error)
        if "locked" in reason or "busy" in reason:
            return Finding(State.degraded, "The database is busy with another write.", {"reason": reason})
        return Finding(State.failed, f"The database does not answer: {reason}.", {"reason": reason})
    pending = _pending_migrations(database)
    if pending:
        return Finding(State.failed, "The database has an older schema than this version. Restart the server.", pending)
    return Finding(State.ok, "The database can be read and written.")


def _touch_sqlite(path: Path, table: str) -> None:
    # A connection of its own: an old one goes on reading a file that was removed or replaced meanwhile.
    uri = f"file:{quote(str(path))}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, timeout=_SQLITE_WAIT_SECONDS, isolation_level=None)) as connection:
        connection.execute(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT 1)").fetchone()  # noqa: S608
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("PRAGMA user_version")
        connection.execute("CREATE TABLE health_probe (n)")
        connection.execute("ROLLBACK")


@lru_cache
def _newest_schema(history: History) -> str | None:
    """The schema of this version: reading the migrations takes longer than all the other checks."""
    return ScriptDirectory.from_config(alembic_config(history=history)).get_current_head()


def _pending_migrations(database: Database) -> dict[str, str]:
    wanted = _newest_schema(database.history)
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return {} if found == wanted else {"schema": str(found), "wanted": str(wanted)}


def integrity() -> Finding | None:
    """Whether every page of the database is sound (SQLite's own full check). PostgreSQL keeps checksums itself."""
    database = get_database()
    if not database.is_sqlite:
        return None
    path = Path(str(database.url.database))
    try:
        with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, timeout=10)) as connection:
            found = [row[0] for row in connection.execute("PRAGMA integrity_check(5)")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchmany(5)
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise  # locked, no such file, a disk that does not answer: that tells nothing of its pages
        return Finding(State.failed, f"The database is damaged: {error}.", {"reason": str(error)})
    if found != ["ok"] or orphans:
        named = [*(found if found != ["ok"] else []), *(f"{row[0]} row {row[1]} points nowhere" for row in orphans)]
        return Finding(State.failed, f"The database is damaged: {named[0]}.", {"found": named})
    return Finding(State.ok, "Every page of the database is sound.")


def auth() -> Finding:
    """Makes a token and reads it again, within the time a sign-in may take."""
    started = clock.now()
    try:
        claims = read_access_token(make_access_token("health", "health"))
    except Exception as error:  # whatever it is: nobody can sign in
        reason = f"{type(error).__name__}: {error}"
        return Finding(State.failed, f"Tokens cannot be made or read ({reason}).", {"reason": reason})
    seconds = (clock.now() - started).total_seconds()
    if claims.user_id != "health":
        return Finding(State.failed, "A token that was just made says something else.")
    if seconds > t.SIGN_IN_SECONDS:
        return Finding(State.degraded, f"Checking a token takes {seconds:.2f} s.", {"seconds": seconds})
    return Finding(State.ok, "Tokens are made and accepted.", {"seconds": seconds})


def scheduler() -> Finding:
    """Whether somebody takes up jobs: this process, or another one of this installation."""
    age = heartbeat.age_seconds("engine")
    if age is not None:
        if age > t.SCHEDULER_STALE.total_seconds():
            return Finding(State.failed, f"Jobs have not been looked at for {age:.0f} s.", {"age_seconds": age})
        return Finding(State.ok, "Jobs are taken up.", {"age_seconds": age})
    lock = FileLock(get_settings().home / "engine.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return Finding(State.ok, "Another process of this installation takes up the jobs.", {"age_seconds": 0.0})
    lock.release()
    return Finding(State.failed, "Nobody takes up jobs. Restart the server.")


def automation() -> Finding:
    """Whether there is a browser to work with."""
    settings = get_settings()
    try:
        found = find_browser(settings.browser, headless=not settings.show_browser, bundled=_downloaded())
    except BrowserFailed as error:
        return Finding(State.failed, error.message)
    if found.path is None:
        return Finding(State.ok, "Playwright's own browser is used.")
    return Finding(State.ok, "A browser is there.", {"path": Path(found.path).name})


def _downloaded() -> str | None:
    """A browser that Playwright has downloaded. (Its driver knows exactly which, but starting it for that takes a second.)"""
    caches = {"darwin": "Library/Caches/ms-playwright", "win32": "AppData/Local/ms-playwright"}
    cache = Path(
        os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / caches.get(sys.platform, ".cache/ms-playwright")
    )
    return next((str(folder) for folder in sorted(cache.glob("chromium*")) if folder.is_dir()), None)


def portal() -> Finding | None:
    """What the circuit breakers say of the portals that were worked with since the start."""
    now, known = clock.now(), breakers.states(clock.now())
    if not known:
        return None
    if all(state is BreakerState.closed for state in known.values()):
        return Finding(State.ok, "The portal answers.")
    later = [at for at in (breakers.of(url).retry_at(now) for url in known) if at is not None]
    when = f" It is asked again at {min(later):%H:%M:%S} UTC." if later else ""
    return Finding(State.degraded, f"The portal is in trouble and left alone for a while.{when}")


def sync() -> Finding | None:
    """Whether syncs come home in time, and how the last one ended."""
    with get_database().read() as db:
        oldest = db.scalar(select(func.min(SyncRun.asked_at)).where(SyncRun.state.in_(ACTIVE)))
        last = db.execute(
            select(SyncRun.state, SyncRun.error_detail)
            .where(SyncRun.state.not_in(ACTIVE))
            .order_by(SyncRun.id.desc())
            .limit(1)
        ).first()
    lag = 0.0 if oldest is None else (clock.now() - oldest).total_seconds()
    metrics.SYNC_LAG.set(lag)
    if lag > t.SYNC_SECONDS:
        return Finding(State.degraded, f"A sync is {lag / 60:.0f} min old and not done.", {"lag_seconds": lag})
    if last is None:
        return None if oldest is None else Finding(State.ok, "The first sync is under way.", {"lag_seconds": lag})
    if last.state == "failed":
        return Finding(State.degraded, f"The last sync failed: {last.error_detail}", {"lag_seconds": lag})
    return Finding(State.ok, "Syncs come home in time.", {"lag_seconds": lag})


def filesystem() -> Finding:
    """Whether home and logs can be written."""
    for name, folder in _folders():
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"health")
        except OSError as error:
            return Finding(State.failed, f"The {name} folder cannot be written: {error.strerror}.", {"folder": name})
    return Finding(State.ok, "Folders can be written.")


def disk() -> Finding:
    """How full the disks of home and logs are. A full one that can still be written stops nobody yet."""
    fullest = max(psutil.disk_usage(str(nearest_folder(folder))).percent / 100 for _, folder in _folders())
    state = State.failed if fullest >= t.DISK_HIGH else State.degraded if fullest >= t.DISK_WARN else State.ok
    return Finding(state, f"The disk is {fullest:.0%} full.", {"disk": fullest})


def _folders() -> tuple[tuple[str, Path], ...]:
    settings = get_settings()
    return ("home", settings.home), ("logs", settings.logs)


def memory() -> Finding:
    used = psutil.virtual_memory().percent / 100
    state = State.failed if used > t.MEMORY_HIGH else State.degraded if used > t.MEMORY_WARN else State.ok
    return Finding(state, f"{used:.0%} of the memory is in use.", {"used": used})


def cpu() -> Finding:
    """Processes that want a processor, against how many there are (a mean of a minute: a short burst is no trouble)."""
    wanted, there = psutil.getloadavg()[0], os.cpu_count() or 1
    state = State.degraded if wanted > t.PROCESSES_PER_PROCESSOR * there else State.ok
    return Finding(state, f"{wanted:.1f} processes want {there} processors.", {"load": wanted, "processors": there})


def certificate() -> Finding | None:
    """Days left of the certificate that is named in the settings."""
    path = get_settings().certificate
    if path is None:
        return None
    found = x509.load_pem_x509_certificate(path.read_bytes())
    days = (found.not_valid_after_utc - clock.now()).total_seconds() / 86400
    data = {"days": days}
    metrics.CERTIFICATE.labels(path.name).set(days)
    if days <= t.CERTIFICATE_LAST_DAYS:
        return Finding(State.failed, f"The certificate has {max(days, 0):.0f} days left.", data)
    if days <= t.CERTIFICATE_WARN_DAYS:
        return Finding(State.degraded, f"The certificate has {days:.0f} days left.", data)
    return Finding(State.ok, f"The certificate has {days:.0f} days left.", data)


def log_pipeline() -> Finding:
    """Whether what this process says reaches its files, and how much of their space the logs take."""
    said, used = logs.stats(), usage()
    for category, size in used.categories.items():
        metrics.LOG_BYTES.labels(category).set(size)
    data = {"lines": said.lines, "dropped": said.dropped, "share": used.share}
    if said.dropped:
        return Finding(State.degraded, f"{said.dropped} lines could not be written. Is the disk full?", data)
    if used.share >= t.DISK_WARN:
        return Finding(State.degraded, f"Logs take {used.share:.0%} of their space.", data)
    return Finding(State.ok, f"Logs are written; they take {used.share:.0%} of their space.", data)


def notifications() -> Finding | None:
    """Whether the channels that somebody entered can be used. Before anybody is entered there is nothing to check."""
    with get_operations_database().read() as db:
        people = [contacts.recipient(contact) for contact in contacts.all_contacts(db)]
        states = {state.channel: state for state in channels_configured(db)}
    wanted = {channel for person in people for channel in person.channels()}
    if not wanted:
        return None
    broken = [states[channel] for channel in wanted if channel in states and not states[channel].ready]
    if len(broken) == len(wanted):
        return Finding(State.failed, f"Alerts reach nobody: {broken[0].detail}")
    if broken:
        names = ", ".join(sorted(state.channel.value for state in broken))
        return Finding(State.degraded, f"Not every channel can be used ({names}): {broken[0].detail}")
    return Finding(State.ok, "The channels are set up.")


def watcher() -> Finding | None:
    """Whether somebody outside would notice if this server went down. A watcher that is being started beside the server has not
    spoken yet: in the first minutes there is nothing to say."""
    with get_operations_database().read() as db:
        seen = db.scalar(select(func.max(Watcher.last_seen_at)))
    if seen is None and (clock.now() - _STARTED) < t.WATCHER_SILENT:
        return None
    if seen is None:
        return Finding(State.degraded, "No watcher looks after this server. Start one: fossawork watch.")
    age = (clock.now() - seen).total_seconds()
    if age > t.WATCHER_SILENT.total_seconds():
        return Finding(State.degraded, f"The watcher has been silent for {age / 60:.0f} min.", {"age_seconds": age})
    return Finding(State.ok, "The watcher looks after this server.", {"age_seconds": age})
