"""The evidence pack: what was so at the time, in files that nobody changes afterwards, each with its digest.

It reads only what is ours: our processes, logs, databases and files. Contents of work orders or credentials are not copied.
"""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psutil
from sqlalchemy import func, inspect, select, table
from sqlalchemy.exc import SQLAlchemyError

from app import __version__
from app.config import get_settings
from app.database import Database, get_database, get_operations_database
from app.kit import clock
from app.kit.files import write_atomically
from app.kit.ids import new_id
from app.operations.health.service import keeper
from app.operations.incidents.models import Evidence, Incident
from app.operations.logs.search import Page, walk
from app.operations.logs.wanted import Wanted
from app.operations.slo import sources
from app.telemetry.redaction import redact
from app.telemetry.store import MINUTE, read_steps

_BEFORE = timedelta(hours=2)
_LONGEST_LOG = 20_000_000
# Of what lasts longer, so much of the beginning and of the end: the time of the trouble matters, not all since.
_SPAN = timedelta(hours=12)
_READING_SECONDS = 30.0
_DATABASES, _COMPANIONS = (".db", ".sqlite", ".sqlite3"), ("-wal", "-shm", "-journal")
_CATEGORIES = ("errors", "security", "backend", "automation")


def folder_of(incident_id: str) -> Path:
    return get_settings().home / "incidents" / incident_id


def collect(incident: Incident) -> list[tuple[str, bytes]]:
    """The pack's files. A part that cannot be read becomes a file that says so: a pack is made while things are broken."""
    parts: tuple[tuple[str, Callable[[Incident], bytes]], ...] = (
        ("health.json", lambda _: _json(_health())),
        ("machine.json", lambda _: _json(_machine())),
        ("databases.json", lambda _: _json(_databases())),
        ("files.json", lambda _: _json(list(_files()))),
        ("measurements.json", lambda found: _json(_measurements(found))),
        *((f"logs-{category}.jsonl", _log_reader(category)) for category in _CATEGORIES),
    )
    files = []
    for name, make in parts:
        try:
            files.append((name, make(incident)))
        except Exception as error:
            files.append((f"{name}.failed.txt", f"This could not be collected: {error!r}\n".encode()))
    return files


def take(incident: Incident, by: str) -> list[Evidence]:
    """Collects the files and writes them read-only into a folder of this moment, with a manifest of their digests. It takes a
    while and needs no database: the rows are still to be added."""
    now = clock.now()
    folder = folder_of(incident.id) / f"{now:%Y%m%dT%H%M%S%f}"
    found = collect(incident)
    listed = [{"file": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)} for name, data in found]
    manifest = {"incident": incident.id, "taken_at": now.isoformat(), "taken_by": by, "version": __version__}
    found.append(("manifest.json", _json({**manifest, "files": listed})))
    kept = []
    for name, data in found:
        path = folder / name
        write_atomically(path, data, private=True)
        path.chmod(stat.S_IRUSR)
        kept.append(
            Evidence(
                id=new_id(),
                incident_id=incident.id,
                path=f"{folder.name}/{name}",
                sha256=hashlib.sha256(data).hexdigest(),
                size=len(data),
                taken_at=now,
                taken_by=by,
            )
        )
    return kept


def altered(incident_id: str, evidence: Iterable[Evidence]) -> list[str]:
    """The files that are gone or are not what they were."""
    folder = folder_of(incident_id)
    wrong = []
    for item in evidence:
        path = folder / item.path
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != item.sha256:
            wrong.append(item.path)
    return wrong


def _json(value: Any) -> bytes:
    return orjson.dumps(redact(value), default=str, option=orjson.OPT_INDENT_2)


def _health() -> list[dict[str, Any]]:
    return [
        {"part": part.name, "state": part.finding.state, "words": part.finding.words, "data": part.finding.data}
        for part in keeper.report().components
    ]


def _machine() -> dict[str, Any]:
    me = psutil.Process()
    ours = [me, *me.children(recursive=True)]
    return {
        "cpu": psutil.cpu_percent(),
        "memory": psutil.virtual_memory()._asdict(),
        "disk": psutil.disk_usage(str(get_settings().home))._asdict(),
        "load": psutil.getloadavg(),
        "processes": [_process(process) for process in ours],
    }


def _process(process: psutil.Process) -> dict[str, Any]:
    try:
        with process.oneshot():
            return {
                "pid": process.pid,
                "name": process.name(),
                "started": process.create_time(),
                "memory": process.memory_info().rss,
                "threads": process.num_threads(),
                "connections": [
                    {"local": list(one.laddr), "remote": list(one.raddr), "state": one.status}
                    for one in process.net_connections(kind="inet")
                ],
            }
    except psutil.Error as error:
        return {"pid": process.pid, "unreadable": repr(error)}


def _databases() -> dict[str, Any]:
    return {
        name: _database(each) for name, each in (("app", get_database()), ("operations", get_operations_database()))
    }


def _database(database: Database) -> dict[str, Any]:
    try:
        found = inspect(database.engine)
        columns = {name: [column["name"] for column in found.get_columns(name)] for name in found.get_table_names()}
        with database.read() as db:
            rows = {name: db.scalar(select(func.count()).select_from(table(name))) for name in columns}
    except SQLAlchemyError as error:
        return {"unreadable": repr(error)}
    return {"rows": rows, "columns": columns}


def _files() -> Iterable[dict[str, Any]]:
    """Names, sizes, times and digests of the installation's own files; keys, databases and evidence are named only."""
    home = get_settings().home
    for path in sorted(home.rglob("*")):
        if not path.is_file() or "incidents" in path.relative_to(home).parts:
            continue
        seen = path.stat()
        item = {"file": str(path.relative_to(home)), "size": seen.st_size, "changed": seen.st_mtime}
        if seen.st_size < _LONGEST_LOG and not _is_left_alone(path) and os.access(path, os.R_OK):
            item["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
        yield item


def _is_left_alone(path: Path) -> bool:
    """Keys; and databases, which are not opened here: closing a file of SQLite's takes away the locks by which this process keeps
    others from the database, and what it has committed since can be lost."""
    name = path.name
    for companion in _COMPANIONS:
        name = name.removesuffix(companion)
    databases = {Path(str(each.url.database)).name for each in (get_database(), get_operations_database())}
    return "keys" in path.parts or name in databases or name.endswith(_DATABASES)


def _measurements(incident: Incident) -> list[dict[str, Any]]:
    until = incident.recovered_at or clock.now()
    since = incident.started_at - _BEFORE
    with get_operations_database().read() as db:
        steps = read_steps(
            db,
            since.timestamp(),
            until.timestamp(),
            MINUTE,
            clock.now().timestamp(),
            lambda key: sources.wanted(key) or key[0] == "g",
        )
    return [{"at": at, "frame": frame} for at, frame in steps if frame]


def _log_reader(category: str) -> Callable[[Incident], bytes]:
    return lambda incident: _log(category, incident)


def _log(category: str, incident: Incident) -> bytes:
    """The lines from two hours before the trouble until its end or now, also of days that are compressed or archived by now."""
    begins, ends = incident.started_at - _BEFORE, incident.recovered_at or clock.now()
    if ends - begins <= 2 * _SPAN:
        return _lines(category, begins, ends)
    return _lines(category, begins, begins + _SPAN) + _lines(category, ends - _SPAN, ends)


def _lines(category: str, since: datetime, until: datetime) -> bytes:
    """The newest 20 MB of a span. What could not be read is said in a line of its own."""
    page, size = Page(), 0
    lines: list[bytes] = []
    for record in walk(
        get_settings().logs, Wanted(since, until, categories=frozenset({category})), page, _READING_SECONDS
    ):
        lines.append(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
        size += len(lines[-1])
        if size > _LONGEST_LOG:
            break
    missing = [f"{one.category}/{one.day}: {one.why}" for one in page.unread]
    if size > _LONGEST_LOG or page.out_of_time:
        missing.append("older lines: there are too many")
    if missing:
        lines.append(orjson.dumps({"not_collected": missing}, option=orjson.OPT_APPEND_NEWLINE))
    return b"".join(reversed(lines))
