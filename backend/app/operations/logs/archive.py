"""The archive: closed days as Parquet files, with a manifest of what each holds. A crash at any point loses no line and
doubles none.

Before a Parquet file gets its name, the manifest says which content it was made of (the digest of the uncompressed lines), how
many rows it has and its own digest; only then the source is removed. So what is found after a crash tells what was done: a file
that the manifest knows, made of the source that is still there, has it already.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from app.kit import clock
from app.kit.files import sync_folder
from app.operations.logs.closing import Step, no_step, temporary_of
from app.operations.logs.engine import connection, quoted
from app.operations.logs.layout import ARCHIVE, MANIFEST, Kind, path_of
from app.operations.logs.packed import read_packed
from app.operations.logs.records import FIELDS, malformed, record_of
from app.telemetry.lines import instant

_MEMORY = "256MB"
# Instants (UTC) are kept as such: their statistics tell a reader which parts of a file it need not look at.
_TYPES = {"ts": "TIMESTAMP", "status": "INTEGER", "duration_ms": "DOUBLE", "pid": "BIGINT"}
COLUMNS = {name: _TYPES.get(name, "VARCHAR") for name in FIELDS}
# Files of earlier versions have them as texts.
INSTANT = "TRY_CAST(ts AS TIMESTAMP)"
_JSON_TEXT = ("error", "data")


class UnknownArchive(Exception):
    """A Parquet file that the manifest does not know, or of another content: it was altered or comes from elsewhere."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the manifest says of a file. ``sources``: digests of the lines it was made of."""

    category: str
    day: date
    rows: int
    sha256: str
    sources: tuple[str, ...]


def archive_day(folder: Path, category: str, day: date, step: Step = no_step) -> None:
    """Moves the compressed lines of a day into the archive. Raises ``OSError``, ``duckdb.Error``, ``zstandard.ZstdError`` and
    :class:`UnknownArchive`; all lines are then where they were."""
    source, target = (path_of(folder, category, day, kind) for kind in (Kind.packed, Kind.archived))
    if not source.exists():
        return
    known = entry_of(folder, category, day, target) if target.exists() else None
    digest = content_digest(source)
    if known is None or digest not in known.sources:
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = temporary_of(target)
        lines = _write_parquet(temporary, source, target if known is not None else None, category, day)
        rows = lines + (known.rows if known is not None else 0)
        if count_rows(temporary) != rows:
            raise UnknownArchive(f"{temporary} has not the {rows} rows of its sources.")
        step("written")
        sources = (*(known.sources if known is not None else ()), digest)
        _note(folder, "archived", category, day, rows=rows, sha256=file_digest(temporary), sources=sources)
        step("noted")
        temporary.replace(target)
        sync_folder(target.parent)
        step("renamed")
    source.unlink()
    sync_folder(source.parent)
    step("removed")


def settle_day(folder: Path, category: str, day: date, step: Step = no_step) -> None:
    """Removes compressed lines that the archive has already: a crash left them. Late lines can be added after that."""
    source, target = (path_of(folder, category, day, kind) for kind in (Kind.packed, Kind.archived))
    if not source.exists() or not target.exists():
        return
    if content_digest(source) in entry_of(folder, category, day, target).sources:
        source.unlink()
        sync_folder(source.parent)
        step("removed")


def delete_day(folder: Path, category: str, day: date) -> None:
    """Removes all files of a day, and notes it in the manifest."""
    paths = [path_of(folder, category, day, kind) for kind in Kind]
    freed = sum(path.stat().st_size for path in paths if path.exists())
    for path in paths:
        path.unlink(missing_ok=True)
    _note(folder, "deleted", category, day, freed=freed)


def entry_of(folder: Path, category: str, day: date, target: Path) -> Entry:
    """What the manifest says of this very file; :class:`UnknownArchive` when it says nothing."""
    digest = file_digest(target)
    for entry in read_manifest(folder):
        if (entry.category, entry.day, entry.sha256) == (category, day, digest):
            return entry
    raise UnknownArchive(f"{target} is not what the manifest says of it; look at it before it is touched.")


def read_manifest(folder: Path) -> list[Entry]:
    """All entries of archived files, oldest first; a line that a crash cut is skipped."""
    entries = []
    path = folder / ARCHIVE / MANIFEST
    for line in path.read_bytes().splitlines() if path.exists() else ():
        try:
            said = orjson.loads(line)
        except orjson.JSONDecodeError:
            continue
        if said["action"] == "archived":
            day, sources = date.fromisoformat(said["day"]), tuple(said["sources"])
            entries.append(Entry(said["category"], day, said["rows"], said["sha256"], sources))
    return entries


def _note(folder: Path, action: str, category: str, day: date, **more: Any) -> None:
    path = folder / ARCHIVE / MANIFEST
    path.parent.mkdir(parents=True, exist_ok=True)
    said = {"ts": instant(clock.now()), "action": action, "category": category, "day": day.isoformat(), **more}
    with path.open("ab+") as file:
        if file.tell() > 0:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                file.write(b"\n")
        file.write(orjson.dumps(said, option=orjson.OPT_APPEND_NEWLINE))
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def content_digest(packed: Path) -> str:
    digest = hashlib.sha256()
    for block in read_packed(packed):
        digest.update(block)
    return digest.hexdigest()


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- Parquet -------------------------------------------------------------------------------------------------------------


def count_rows(path: Path) -> int:
    with connection(1, _MEMORY, in_order=True) as db:
        found = db.execute("SELECT count(*) FROM read_parquet(?)", [str(path)]).fetchone()
    assert found is not None
    return int(found[0])


def lines_in(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a content that comes in blocks, without their ends; empty ones are none."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        yield from filter(None, lines)
    if rest:
        yield rest


def _write_parquet(target: Path, source: Path, before: Path | None, category: str, day: date) -> int:
    """Writes the rows of an older Parquet file, if there is one, and the lines of the source; answers how many lines."""
    rows = target.with_suffix(".rows")
    count = 0
    with rows.open("wb") as file:
        for line in lines_in(read_packed(source)):
            file.write(orjson.dumps(_row(line, category, day), option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    columns = ", ".join(f"{quoted(name)}: {quoted(kind)}" for name, kind in COLUMNS.items())
    new = f"SELECT * FROM read_json({quoted(rows)}, format = 'newline_delimited', columns = {{{columns}}})"  # noqa: S608  # paths of ours
    kept = f"{INSTANT} AS ts, {', '.join(list(COLUMNS)[1:])}"
    old = f"SELECT {kept} FROM read_parquet({quoted(before)}) UNION ALL " if before is not None else ""  # noqa: S608
    with connection(1, _MEMORY, in_order=True) as db:
        db.execute(f"COPY ({old}{new}) TO {quoted(target)} (FORMAT parquet, COMPRESSION zstd)")
    rows.unlink()
    with target.open("rb+") as file:
        os.fsync(file.fileno())
    target.chmod(0o640)
    return count


def _row(line: bytes, category: str, day: date) -> dict[str, Any]:
    record = record_of(line, category) or malformed(line, category, day)
    return {**record, **{name: orjson.dumps(record[name]).decode() for name in _JSON_TEXT if name in record}}
