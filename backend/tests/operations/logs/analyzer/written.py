"""Logs as they are written: by the product, and by others."""

import gzip
import shutil
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import orjson
import zstandard

from app.operations.logs.archive import archive_day
from app.operations.logs.closing import close_day

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(**earlier: float) -> datetime:
    """An instant before noon: ``at(minutes=5)``."""
    return NOON - timedelta(**earlier)


def stamp(instant: datetime) -> str:
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def own(instant: datetime = NOON, level: str = "info", category: str = "backend", **fields: Any) -> bytes:
    """A line as the product writes it."""
    line = {"ts": stamp(instant), "level": level, "category": category, **fields}
    return orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE)


def whole(line: bytes) -> bytes:
    """A line with all that every line of the product says."""
    said = {"component": "work", "event": "said", "message": "said", "request_id": "-", **orjson.loads(line)}
    return orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE)


def write(folder: Path, name: str, lines: Iterable[bytes]) -> Path:
    """A file of a folder of logs, packed as its name says."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    data = b"".join(lines)
    if name.endswith(".gz"):
        data = gzip.compress(data)
    elif name.endswith(".zst"):
        data = zstandard.ZstdCompressor().compress(data)
    path.write_bytes(data)
    return path


def write_today(folder: Path, *lines: bytes) -> Path:
    """The server's file of the day of :data:`NOON`."""
    return write(folder, f"backend/{NOON:%Y-%m-%d}.jsonl", lines)


_COLUMNS = {
    **dict.fromkeys(("level", "category", "component", "event", "message", "request_id", "user_id", "session_id"), "VARCHAR"),
    **dict.fromkeys(("ip", "method", "route"), "VARCHAR"),
    "status": "SMALLINT",
    "duration_ms": "DOUBLE",
    **dict.fromkeys(("error", "data"), "JSON"),
    "pid": "INTEGER",
    "host": "VARCHAR",
    "version": "VARCHAR",
}  # fmt: skip


def archive(folder: Path, name: str, lines: Iterable[bytes]) -> Path:
    """An archived file (``archive/<category>/<date>.parquet``) with these lines, as the product makes it."""
    path = folder / name
    category, day = path.parent.name, date.fromisoformat(path.stem)
    with TemporaryDirectory() as elsewhere:
        made = Path(elsewhere)
        write(made, f"{category}/{path.stem}.jsonl", lines)
        close_day(made, category, day)
        archive_day(made, category, day)
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(made / name, path)
    return path


def archive_of_others(folder: Path, name: str, columns: str, lines: Iterable[bytes]) -> Path:
    """An archived file of somebody else: its columns and their types as DuckDB finds them in lines, or as ``columns`` (SQL) says."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = path.with_suffix(".raw")
    raw.write_bytes(b"".join(lines))
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        source = f"read_json('{raw}', format = 'newline_delimited', sample_size = -1)"
        db.execute(f"COPY (SELECT {columns} FROM {source}) TO '{path}' (FORMAT parquet)")
    raw.unlink()
    return path


def archive_as(folder: Path, name: str, lines: Iterable[bytes], time: str) -> Path:
    """An archived file of an earlier version or of another tool, with the fields as the lines have them and this type of
    instants."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = path.with_suffix(".raw")
    raw.write_bytes(b"".join(lines))
    types = ", ".join(f"'{column}': '{kind}'" for column, kind in {"ts": "VARCHAR", **_COLUMNS}.items())
    instant = {"TIMESTAMP": "ts::TIMESTAMPTZ AT TIME ZONE 'UTC'", "TIMESTAMPTZ": "ts::TIMESTAMPTZ", "VARCHAR": "ts"}
    with duckdb.connect() as db:
        db.execute("SET TimeZone = 'UTC'")
        db.execute(
            f"COPY (SELECT {instant[time]} AS ts, {', '.join(_COLUMNS)} FROM read_json('{raw}', "
            f"format = 'newline_delimited', columns = {{{types}}})) TO '{path}' (FORMAT parquet, COMPRESSION zstd)"
        )
    raw.unlink()
    return path
