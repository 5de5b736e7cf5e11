"""Archived days: Parquet files with one column for each field of our lines, read with DuckDB.

What the engine can count itself (groups, quantiles, levels) it counts; otherwise only the rows and columns that a tally
needs come into Python, and are tallied there as rows of any other file.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from app.operations.logs.analysis import Analysis, Origin, Question
from app.operations.logs.errors import Errors, Said
from app.operations.logs.fields import NAMES, Row, error_texts, level_of, row_type
from app.operations.logs.files import LogFile, Skipped
from app.operations.logs.histogram import CELL_SQL, Histogram
from app.operations.logs.instants import EPOCH, WELL, Period, instant
from app.operations.logs.lines import Kept
from app.operations.logs.tallies import Batch, Groups, Tally

MEMORY, THREADS = "112MB", 2
_FETCHED_AT_ONCE = 4_000
_TIME_SQL = {"day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H", "minute": "%Y-%m-%dT%H:%M"}


@contextmanager
def connection(threads: int = THREADS) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine with bounded memory that spills into a temporary folder."""
    folder = tempfile.mkdtemp(prefix="fossawork-logs-")
    connected = duckdb.connect(
        config={
            "memory_limit": MEMORY,
            "threads": threads,
            "temp_directory": folder,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    try:
        connected.execute("SET TimeZone = 'UTC'")
        yield connected
    finally:
        connected.close()
        shutil.rmtree(folder, ignore_errors=True)


def quoted(text: str) -> str:
    """A text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def add_archived(analysis: Analysis, archived: Sequence[tuple[LogFile, Origin]]) -> list[Skipped]:
    """Adds archived files to an analysis; those that could not be read."""
    skipped = []
    with connection() as db:
        for file, origin in archived:
            try:
                _add(analysis, _Archive(db, file.path), origin)
            except duckdb.Error as error:
                skipped.append(Skipped(file.name, str(error).splitlines()[0], harmless=False))
    return skipped


def has_line(path: Path, line: bytes) -> bool:
    """Whether an archived file holds a line that was read elsewhere (the same instant, event and message)."""
    try:
        said = msgspec.json.decode(line, type=dict[str, Any])
        at = instant(said.get("ts"))
        with connection() as db:
            archive = _Archive(db, path)
            condition = f"{archive.micros} = ? AND event IS NOT DISTINCT FROM ? AND message IS NOT DISTINCT FROM ?"
            values = [at and _microseconds(at), said.get("event"), said.get("message")]
            return bool(db.execute(f"SELECT 1 FROM {archive.source} WHERE {condition} LIMIT 1", values).fetchall())  # noqa: S608
    except (msgspec.DecodeError, UnicodeError, duckdb.Error):
        return False


class _Archive:
    """One file, and how to ask it: SQL expressions for instants (microseconds since 1970) and fields."""

    def __init__(self, db: duckdb.DuckDBPyConnection, path: Path) -> None:
        self.db = db
        self.source = f"read_parquet({quoted(str(path))})"
        described = db.execute(f"DESCRIBE SELECT * FROM {self.source}").fetchall()  # noqa: S608
        self.columns = {name: kind for name, kind, *_ in described}
        is_text = self.columns.get("ts") == "VARCHAR"
        self.micros = "epoch_us(TRY_CAST(ts AS TIMESTAMPTZ))" if is_text else "epoch_us(ts)"

    def field(self, field: str) -> str:
        """A field's value: its column, else what the line's other data have, else NULL."""
        if field == "ts":
            return self.micros
        for name in NAMES[field]:
            if name in self.columns:
                return f'"{name}"'
        return f"(data ->> {quoted('$.' + NAMES[field][0])})" if "data" in self.columns else "NULL"

    def __getitem__(self, field: str) -> str:
        """For ``str.format_map``."""
        if field == "data":
            return "data" if "data" in self.columns else "NULL"
        return self.field(field)

    def key(self, field: str, origin: Origin) -> str:
        """A field's value as the text by which it is grouped."""
        if field in _TIME_SQL:
            return f"coalesce(strftime(make_timestamp({self.micros}), {quoted(_TIME_SQL[field])}), '')"
        if field == "status":
            return f"CASE WHEN {self.field(field)} BETWEEN 100 AND 599 THEN CAST({self.field(field)} AS VARCHAR) ELSE '' END"
        default = origin.category if field == "category" else ""
        return f"coalesce(nullif(CAST({self.field(field)} AS VARCHAR), ''), {quoted(default)})"


@dataclass(frozen=True, slots=True)
class _Asked:
    """The rows of one period that pass the filters, as far as the engine can tell."""

    archive: _Archive
    origin: Origin
    condition: str
    values: Sequence[Any]

    def rows(self, select: str, rest: str, wanted: str = "TRUE") -> duckdb.DuckDBPyConnection:
        """``SELECT select … WHERE wanted rest``."""
        source, condition = self.archive.source, f"{self.condition} AND {wanted}"
        return self.archive.db.execute(f"SELECT {select} FROM {source} WHERE {condition} {rest}", self.values)  # noqa: S608


def _add(analysis: Analysis, archive: _Archive, origin: Origin) -> None:
    question = analysis.question
    own, values = "TRUE", []
    if origin.copied:
        own = f"coalesce({archive.field('category')}, '') NOT IN ({', '.join('?' * len(origin.copied))})"
        values = sorted(origin.copied)
    _count(analysis, archive, origin, own, values)
    for period, tallies in ((question.period, analysis.now), (question.period.before, analysis.before)):
        if period is None or not tallies:
            continue
        within, bounds = _within(archive, period)
        condition, arguments = f"{own} AND {within}", [*values, *bounds]
        for field in ("component", "request_id"):
            if wanted := getattr(question, field):
                condition += f" AND CAST({archive.field(field)} AS VARCHAR) = ?"
                arguments.append(wanted)
        if question.grep:
            said = ", ".join(map(archive.field, sorted(question.filter_fields())))
            condition += f" AND (regexp_matches(concat_ws(chr(10), {said}), ?, 'i') OR contains({archive.field('error')}, chr(92)))"
            arguments.append(re.escape(question.grep))
        for tally in tallies.values():
            asked = _Asked(archive, origin, condition, arguments)
            if isinstance(tally, Groups) and not question.grep and "error_type" not in tally.by:
                _add_groups(tally, asked)
            elif isinstance(tally, Errors) and not question.filters:
                _add_errors(tally, asked)
            elif isinstance(tally, Kept) and not question.grep:
                _add_kept(tally, asked)
            else:
                _add_rows(question, tally, asked)


def _within(archive: _Archive, period: Period) -> tuple[str, list[int]]:
    condition, values = "TRUE", []
    for bound, sign in ((period.since, ">="), (period.until, "<")):
        if bound is not None:
            condition += f" AND {archive.micros} {sign} ?"
            values.append(_microseconds(bound))
    return condition, values


def _count(analysis: Analysis, archive: _Archive, origin: Origin, own: str, values: Sequence[str]) -> None:
    read, period = analysis.read, analysis.question.period
    within, bounds = _within(archive, period)
    total = archive.db.execute(f"SELECT count(*) FROM {archive.source}").fetchall()[0][0]  # noqa: S608
    later = "FALSE"
    if period.until is not None:
        later = f"{archive.micros} >= {_microseconds(period.until + WELL)}"
    select = f"level, count(*), count(*) FILTER ({within}), count(*) FILTER ({archive.micros} IS NULL), count(*) FILTER ({later})"
    counted = f"SELECT {select} FROM {archive.source} WHERE {own} GROUP BY level"  # noqa: S608
    rows = archive.db.execute(counted, [*bounds, *values]).fetchall()
    read.lines += total
    read.copies += total - sum(count for _, count, *_ in rows)
    for level, _, inside, undated, after in rows:
        read.levels[level_of(level)] += inside
        read.categories[origin.category] += inside
        read.in_period += inside
        read.undated += undated
        read.later += after


def _add_groups(tally: Groups, asked: _Asked) -> None:
    """Lets the engine count lines and cells of durations."""
    archive, width = asked.archive, len(tally.by)
    keys = ", ".join(archive.key(field, asked.origin) for field in tally.by)
    places = ", ".join(str(place + 1) for place in range(width))
    for *key, lines in asked.rows(f"{keys}, count(*)", f"GROUP BY {places}").fetchall():
        tally.add_counted(_known(tally, key), lines, None)
    if not tally.timed:
        return
    duration = f"CAST({archive.field('duration')} AS DOUBLE)"
    select = f"{keys}, {CELL_SQL.format(duration)} AS cell, count(*), sum({duration}), max({duration})"
    for row in asked.rows(select, f"GROUP BY {places}, cell", f"isfinite({duration})").fetchall():
        cell, count, total, most = row[width:]
        durations = Histogram()
        durations.add_counted([(cell, count)], total, most)
        tally.add_counted(_known(tally, row[:width]), 0, durations)


def _add_errors(tally: Errors, asked: _Asked) -> None:
    """Lets the engine put lines together that say the very same."""
    archive = asked.archive
    fields = ("level", "category", "component", "event", "message", "error", "error_type")
    select = ", ".join(f"{archive.field(field)} AS {field}_" for field in fields)
    at = archive.micros
    select += f", min({at}), max({at}), arg_max({archive.field('request_id')}, {at}), count(*)"
    answer = asked.rows(select, "GROUP BY ALL", tally.wanted_sql.format_map(archive))
    while fetched := answer.fetchmany(_FETCHED_AT_ONCE):
        for level, category, component, event, message, error, error_type, first, last, request_id, count in fetched:
            kind, detail = error_texts(_json(error), error_type)
            said = Said(category or asked.origin.category, component or "", event or "", kind, detail, message or "")
            tally.take(said, level_of(level), _instant(first), _instant(last), request_id or "", count)


def _add_kept(tally: Kept, asked: _Asked) -> None:
    """Lets the engine choose the lines of highest rank."""
    archive = asked.archive
    wanted = tally.wanted_sql.format_map(archive) or "TRUE"
    seen = asked.rows("count(*)", "", wanted).fetchall()[0][0]
    ordered = sorted(tally.fields)
    rest = f"ORDER BY {archive.field(tally.rank_field)} DESC NULLS LAST LIMIT {tally.limit}"
    fetched = asked.rows(", ".join(map(archive.field, ordered)), rest, wanted).fetchall()
    tally.add(Batch([_row(ordered, values) for values in reversed(fetched)], asked.origin.category))
    tally.seen += seen - len(fetched)


def _add_rows(question: Question, tally: Tally, asked: _Asked) -> None:
    """Brings the rows that a tally needs into Python."""
    archive = asked.archive
    ordered = sorted({*tally.fields, *question.filter_fields(), "level", "category"})
    wanted = tally.wanted_sql.format_map(archive) or "TRUE"
    answer = asked.rows(", ".join(map(archive.field, ordered)), "", wanted)
    while fetched := answer.fetchmany(_FETCHED_AT_ONCE):
        rows: list[Row] = [_row(ordered, values) for values in fetched]
        if question.filters:
            rows = list(filter(question.matches, rows))
        if rows:
            tally.add(Batch(rows, asked.origin.category))


def _known(tally: Groups, key: Sequence[str]) -> tuple[str, ...]:
    """A key with levels by their one name."""
    return tuple(level_of(value) if field == "level" else value for field, value in zip(tally.by, key, strict=True))


def _row(fields: Sequence[str], values: Sequence[Any]) -> Row:
    row: Row = row_type(frozenset(fields))()
    for field, value in zip(fields, values, strict=True):
        if value is None:
            continue
        if field == "ts":
            value = _instant(value)
        elif field == "error":
            value = _json(value)
        setattr(row, NAMES[field][0], value)
    return row


def _microseconds(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1)


def _instant(microseconds: int | None) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds or 0)


@lru_cache(maxsize=1024)
def _json(text: str | None) -> Any:
    try:
        return None if text is None else msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return text
