"""One SQL query over the logs: a view ``logs`` with the archive's columns, whatever form a file has.

The query reads and nothing else: a single SELECT, in an engine that may open the files of the view and no other, and
whose settings cannot be changed any more.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb

from app.operations.logs.analyzer.analysis import Origin
from app.operations.logs.analyzer.files import LogFile
from app.operations.logs.analyzer.parquet import Archive
from app.operations.logs.analyzer.report import TablePart, Value
from app.operations.logs.engine import MEMORY, THREADS, connection, quoted
from app.operations.logs.fields import LEVEL_NAMES, NAMES
from app.operations.logs.instants import Period, rfc3339

ROWS_AT_MOST = 10_000
_LINE_AT_MOST = 1_000_000  # bytes
_COLUMNS = {
    "category": "VARCHAR",
    "component": "VARCHAR",
    "event": "VARCHAR",
    "message": "VARCHAR",
    "request_id": "VARCHAR",
    "user": "VARCHAR",
    "session_id": "VARCHAR",
    "ip": "VARCHAR",
    "method": "VARCHAR",
    "route": "VARCHAR",
    "status": "SMALLINT",
    "error": "JSON",
    "pid": "INTEGER",
    "host": "VARCHAR",
    "version": "VARCHAR",
}  # fmt: skip
_COLUMN_NAMES = {"user": "user_id"}
_OWN_NAMES = frozenset({"ts", "level", "duration_ms", "data", *(_COLUMN_NAMES.get(field, field) for field in _COLUMNS)})
_PACKING = {"plain": "none", "gzip": "gzip", "zstandard": "zstd"}


class BadQuery(Exception):
    """The query is refused or wrong; the text says why."""


class TooLarge(Exception):
    """Answering takes more memory than a tool may take."""


def run_query(
    sql: str, files: Sequence[tuple[LogFile, Origin]], period: Period, limit: int = ROWS_AT_MOST
) -> TablePart:
    """Asks the given files. Raises :class:`BadQuery` and :class:`TooLarge`."""
    # Each thread that reads JSON lines needs a buffer of 32 MB, whatever it reads.
    threads = THREADS if all(file.kind == "parquet" for file, _ in files) else 1
    with connection(threads) as db:
        try:
            statements = db.extract_statements(sql)
            if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
                raise BadQuery("Only one SELECT is allowed.")
            db.execute(f"CREATE VIEW logs AS {_view(db, files, period)}")
            _close_doors(db, [file.path for file, _ in files])
            answer = db.execute(statements[0])
            columns = [name for name, *_ in answer.description or ()]
            rows = answer.fetchmany(limit + 1)
        except duckdb.OutOfMemoryException as error:
            advice = "Ask for a shorter period, or for fewer different values."
            raise TooLarge(f"The query needs more than the {MEMORY} that it may take. {advice}") from error
        except duckdb.Error as error:
            raise BadQuery(str(error)) from error
    plain = [[_plain(value) for value in row] for row in rows[:limit]]
    return TablePart(columns=columns, rows=plain, complete=len(rows) <= limit)


def _close_doors(db: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    listed = ", ".join(quoted(str(path)) for path in paths)
    db.execute(f"SET allowed_paths = [{listed}]")
    db.execute("SET enable_external_access = false")
    db.execute("SET lock_configuration = true")


def _view(db: duckdb.DuckDBPyConnection, files: Sequence[tuple[LogFile, Origin]], period: Period) -> str:
    """One SELECT for each kind of file and place, all with the same columns."""
    together: dict[tuple[str, Origin], list[str]] = {}
    others: list[tuple[str, Origin]] = []
    for file, origin in files:
        archive = Archive(db, file.path) if file.kind == "parquet" else None
        if archive is not None and not archive.names >= _OWN_NAMES:
            others.append((_archived_by_others(archive, file.path), origin))
        else:
            together.setdefault((file.kind, origin), []).append(quoted(str(file.path)))
    bounds = [
        f"ts {sign} TIMESTAMP {quoted(rfc3339(bound)[:-1])}"
        for bound, sign in ((period.since, ">="), (period.until, "<"))
        if bound is not None
    ]
    sources = list(others)
    for (kind, origin), paths in together.items():
        listed = f"[{', '.join(paths)}]"
        sources.append((_archived(listed) if kind == "parquet" else _lines(listed, _PACKING[kind]), origin))
    parts = []
    for source, origin in sources:
        wanted = (
            [f"coalesce(category, {quoted(origin.category)}) NOT IN ({', '.join(map(quoted, sorted(origin.copied)))})"]
            if origin.copied
            else []
        )
        condition = " AND ".join([*bounds, *wanted]) or "TRUE"
        own = f"* REPLACE (coalesce(category, {quoted(origin.category)}) AS category)"
        parts.append(f"SELECT {own} FROM ({source}) WHERE {condition}")  # noqa: S608
    return " UNION ALL ".join(parts)


def _lines(files: str, packing: str) -> str:
    names = {name for field in NAMES for name in NAMES[field]}
    types = ", ".join(
        f"{quoted(name)}: {quoted('JSON' if name in ('error', 'exception') else 'VARCHAR')}" for name in sorted(names)
    )
    source = (
        f"read_json({files}, format = 'newline_delimited', columns = {{{types}, 'data': 'JSON'}}, ignore_errors = true, "
        f"compression = {quoted(packing)}, maximum_object_size = {_LINE_AT_MOST}, filename = true)"
    )
    time = _first("ts")
    columns = [
        f"coalesce(TRY_CAST({time} AS TIMESTAMPTZ), to_timestamp(TRY_CAST({time} AS DOUBLE))) AT TIME ZONE 'UTC' AS ts",
        f"{_level(_first('level'))} AS level",
        *(
            f"TRY_CAST({_first(field)} AS {kind}) AS {_COLUMN_NAMES.get(field, field)}"
            for field, kind in _COLUMNS.items()
        ),
        'coalesce(TRY_CAST(duration_ms AS DOUBLE), TRY_CAST("ms" AS DOUBLE), TRY_CAST(response_time AS DOUBLE) * 1000) AS duration_ms',
        "data",
        "filename AS file",
    ]
    anything = ", ".join(f'CAST("{name}" AS VARCHAR)' for name in sorted(names))
    # A line that is no JSON object comes as a row without any value.
    is_line = f"coalesce({anything}) IS NOT NULL"
    return f"SELECT {', '.join(columns)} FROM {source} WHERE {is_line}"  # noqa: S608


def _archived(files: str) -> str:
    columns = [
        "CAST(ts AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS ts",
        f"{_level('level')} AS level",
        *(
            f"CAST({_COLUMN_NAMES.get(field, field)} AS {kind}) AS {_COLUMN_NAMES.get(field, field)}"
            for field, kind in _COLUMNS.items()
        ),
        "duration_ms",
        "CAST(data AS JSON) AS data",
        "filename AS file",
    ]
    return f"SELECT {', '.join(columns)} FROM read_parquet({files}, filename = true, union_by_name = true)"  # noqa: S608


def _archived_by_others(archive: Archive, path: Path) -> str:
    """An archived file whose columns are not ours, by the names that lines of others have."""
    said = {field: f"TRY_CAST({archive.field(field)} AS {kind})" for field, kind in _COLUMNS.items()}
    said["error"] = _json_of(archive.field("error"))
    columns = [
        f"CAST({archive.time} AS TIMESTAMPTZ) AT TIME ZONE 'UTC' AS ts",
        f"{_level(archive.field('level'))} AS level",
        *(f"{value} AS {_COLUMN_NAMES.get(field, field)}" for field, value in said.items()),
        f"TRY_CAST({archive.field('duration')} AS DOUBLE) AS duration_ms",
        f"{_json_of(archive.data())} AS data",
        "filename AS file",
    ]
    return f"SELECT {', '.join(columns)} FROM read_parquet({quoted(path)}, filename = true)"  # noqa: S608


def _json_of(value: str) -> str:
    """A value as JSON: what it is already, else a text."""
    text = f"CAST({value} AS VARCHAR)"
    return f"CASE WHEN json_valid({text}) THEN CAST({text} AS JSON) ELSE to_json({text}) END"


def _first(field: str) -> str:
    if field == "error":
        return f"coalesce({', '.join(NAMES[field])})"
    return "coalesce(" + ", ".join(f"nullif(\"{name}\", '')" for name in NAMES[field]) + ")"


def _level(said: str) -> str:
    known = "".join(
        f" WHEN {quoted(name)} THEN {quoted(level)}" for level, names in LEVEL_NAMES.items() for name in names
    )
    return f"CASE lower(trim({said})){known} ELSE 'unknown' END"


def _plain(value: Any) -> Value:
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):  # instants of the view are in UTC
        return value.replace(tzinfo=value.tzinfo or UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value) if isinstance(value, timedelta | UUID) else repr(value)
