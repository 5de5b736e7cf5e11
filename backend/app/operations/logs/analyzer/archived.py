"""Adds archived days to an analysis. What the engine can count itself (levels, groups, quantiles, equal errors) it counts;
otherwise only the rows and columns that a tally needs come into Python, and are tallied there as rows of any other file.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import cache, lru_cache, partial
from itertools import groupby
from typing import Any, NamedTuple

import duckdb
import msgspec

from app.operations.logs.analyzer.analysis import Analysis, Origin, Question
from app.operations.logs.analyzer.errors import Errors
from app.operations.logs.analyzer.files import LogFile, Skipped
from app.operations.logs.analyzer.histogram import CELL_SQL, Histogram
from app.operations.logs.analyzer.lines import Kept
from app.operations.logs.analyzer.parquet import Archive
from app.operations.logs.analyzer.tallies import Batch, Groups, Tally
from app.operations.logs.engine import connection, quoted
from app.operations.logs.fields import LOUD, NAMES, Row, error_texts, level_of, number, row_type, text_of
from app.operations.logs.fingerprint import Said, normalised
from app.operations.logs.instants import EPOCH, WELL, Period

_FETCHED_AT_ONCE = 4_000
Day = tuple[date | None, str]  # and a category


class Counted(NamedTuple):
    """Rows of one level and category: all ``lines``, those ``inside`` the period, well after it, and without a time."""

    level: str
    category: str
    lines: int
    inside: int
    later: int
    undated: int


def add_archived(analysis: Analysis, files: Sequence[tuple[LogFile, Origin]]) -> list[Skipped]:
    """Adds archived files; which could not be read.

    When only errors are asked for, a day's copies in ``errors`` are read instead of its category's large file, if they are as
    many as that file has errors.
    """
    skipped: list[Skipped] = []
    only_errors = analysis.question.sections == {"errors"}
    copies: Counter[Day] = Counter()
    told_by_copies: set[Day] = set()
    with connection() as db:
        archive_of = cache(partial(Archive, db))  # its columns are asked for once

        @cache
        def counted(file: LogFile) -> list[Counted]:
            return _counted(archive_of(file.path), analysis.question.period, by_category=file.category == "errors")

        def count_copies(file: LogFile, _: Origin) -> None:
            for count in counted(file):
                if count.level in LOUD:
                    copies[file.day, count.category] += count.lines

        def add(file: LogFile, origin: Origin) -> None:
            day = (file.day, file.category)
            own = [count for count in counted(file) if count.category not in origin.copied]
            _count(analysis, counted(file), own, origin)
            errors = sum(count.lines for count in own if count.level in LOUD)
            if only_errors and file.category != "errors" and errors == copies[day]:
                told_by_copies.add(day)  # perhaps there is nothing to tell
                return
            needed = frozenset(category for category in origin.copied if (file.day, category) not in told_by_copies)
            _tally(analysis, archive_of(file.path), Origin(origin.category, needed))

        second = [item for item in files if item[0].category == "errors"]
        first = [item for item in files if item[0].category != "errors"]
        steps = [(count_copies, second if only_errors else []), (add, first), (add, second)]
        for step, items in steps:
            for file, origin in items:
                try:
                    step(file, origin)
                except duckdb.Error as error:
                    skipped.append(Skipped(file.name, str(error).splitlines()[0], harmless=False))
                except Exception as error:  # whatever somebody else's file does to us, the others are still read
                    reason = f"it cannot be understood ({type(error).__name__}: {error})"
                    skipped.append(Skipped(file.name, reason, harmless=False))
    return list({file.name: file for file in skipped}.values())


def _own(archive: Archive, origin: Origin) -> str:
    """The condition that a row is no second copy."""
    if not origin.copied:
        return "TRUE"
    return f"coalesce({archive.field('category')}, '') NOT IN ({', '.join(map(quoted, sorted(origin.copied)))})"


def _within(archive: Archive, period: Period) -> str:
    conditions = []
    if period.since is not None:
        conditions.append(archive.compare(">=", period.since))
    if period.until is not None:
        conditions.append(archive.compare("<", period.until))
    return " AND ".join(conditions) or "TRUE"


def _counted(archive: Archive, period: Period, *, by_category: bool) -> list[Counted]:
    """Counts a file's rows by their level, and ``by_category`` also by what they say of it (else it is empty)."""
    within = _within(archive, period)
    inside = "count(*)" if within == "TRUE" else f"count(*) FILTER (WHERE {within})"
    later = f"count(*) FILTER (WHERE {archive.compare('>=', period.until + WELL)})" if period.until is not None else "0"
    category = f"coalesce({archive.field('category')}, '')" if by_category else "''"
    # Counting what has a time costs nothing where the file's statistics say that all have; asking what has none does.
    select = f"{archive.field('level')}, {category}, count(*), {inside}, {later}, count(*) - count({archive.time})"
    rows = archive.ask(select, rest=f"GROUP BY {'1, 2' if by_category else '1'}").fetchall()
    return [Counted(level_of(level), *rest) for level, *rest in rows]


def _count(analysis: Analysis, counts: Sequence[Counted], own: Sequence[Counted], origin: Origin) -> None:
    """Adds what was read; ``own``: without second copies."""
    read = analysis.read
    read.lines += sum(count.lines for count in counts)
    read.copies += sum(count.lines for count in counts) - sum(count.lines for count in own)
    for count in own:
        read.levels[count.level] += count.inside
        read.categories[origin.category] += count.inside
        read.in_period += count.inside
        read.later += count.later
        read.undated += count.undated


def _tally(analysis: Analysis, archive: Archive, origin: Origin) -> None:
    question = analysis.question
    for period, tallies in ((question.period, analysis.now), (question.period.before, analysis.before)):
        if period is None or not tallies:
            continue
        condition = f"{_own(archive, origin)} AND {_within(archive, period)}{_filters(question, archive)}"
        for tally in tallies.values():
            if isinstance(tally, Groups) and not question.grep and "error_type" not in tally.by:
                _add_groups(tally, archive, condition, origin.category)
            elif isinstance(tally, Errors) and not question.filters:
                _add_errors(tally, archive, condition, origin.category)
            elif isinstance(tally, Kept) and not question.grep:
                _add_kept(tally, archive, condition, origin.category)
            else:
                _add_rows(question, tally, archive, condition, origin.category)


def _filters(question: Question, archive: Archive) -> str:
    """The filters as far as SQL can tell; for a text it lets some rows too many pass."""
    condition = ""
    for field, wanted in (("component", question.component), ("request_id", question.request_id)):
        if wanted:
            condition += f" AND CAST({archive.field(field)} AS VARCHAR) = {quoted(wanted)}"
    if question.grep:
        said = ", ".join(map(archive.field, sorted(question.filter_fields())))
        found = f"regexp_matches(concat_ws(chr(10), {said}), {quoted(re.escape(question.grep))}, 'i')"
        condition += (
            f" AND ({found} OR contains({archive.field('error')}, chr(92)))"  # the error is JSON and may have escapes
        )
    return condition


def _fetched(answer: duckdb.DuckDBPyConnection) -> Iterator[tuple[Any, ...]]:
    while rows := answer.fetchmany(_FETCHED_AT_ONCE):
        yield from rows


def _add_groups(tally: Groups, archive: Archive, condition: str, category: str) -> None:
    """Lets the engine count lines and cells of durations; a row without a duration has no cell."""
    width = len(tally.by)
    keys, places = ", ".join(map(archive.key, tally.by)), ", ".join(str(place + 1) for place in range(width))
    counted = "NULL, count(*), 0, 0"
    if tally.timed:
        duration = f"CAST({archive.field('duration')} AS DOUBLE)"
        duration = f"CASE WHEN isfinite({duration}) THEN {duration} END"
        cell = f"CASE WHEN {duration} IS NOT NULL THEN {CELL_SQL.format(duration)} END"
        counted = f"{cell}, count(*), sum({duration}), max({duration})"
        places += f", {width + 1} ORDER BY {places}"
    rows = _fetched(archive.ask(f"{keys}, {counted}", condition, f"GROUP BY {places}"))
    for key, group in groupby(rows, key=lambda row: row[:width]):
        lines, cells, total, most = 0, [], 0.0, 0.0
        for cell, count, their_total, their_most in (row[width:] for row in group):
            lines += count
            if cell is not None:
                cells.append((cell, count))
                total, most = total + their_total, max(most, their_most)
        durations = Histogram()
        durations.add_counted(cells, total, most)
        known = tuple(_text(field, said, category) for field, said in zip(tally.by, key, strict=True))
        tally.add_counted(known, lines, durations)


def _add_errors(tally: Errors, archive: Archive, condition: str, category: str) -> None:
    """Lets the engine put lines together that say the very same, and then those that differ only in what :func:`normalised`
    replaces: of ten thousand distinct errors few are left to be taken one by one."""
    fields = ("level", "category", "component", "event", "error", "error_type", "message")
    said = ", ".join(f"{archive.field(field)} AS {field}_" for field in fields)
    at = archive.micros
    told = f"{said}, coalesce(min({at}), 0), coalesce(max({at}), 0), arg_max({archive.field('request_id')}, {at}), count(*)"
    answer = archive.ask(told, f"{condition} AND {tally.wanted_sql.format_map(archive)}", "GROUP BY ALL")
    texts: dict[tuple[Any, ...], tuple[str, str]] = {}
    while rows := answer.fetchmany(_FETCHED_AT_ONCE):
        alike: dict[tuple[Any, ...], list[Any]] = {}
        for *same, message, first, last, request_id, count in rows:
            failure = tuple(same)
            known = texts.get(failure)
            if known is None:
                known = texts[failure] = error_texts(_json(failure[4]), failure[5])
            key = (failure, normalised(message or ""), message == known[1])
            group = alike.get(key)
            if group is None:
                alike[key] = [message, first, last, request_id, count]
                continue
            group[1] = min(group[1], first)
            group[4] += count
            if last > group[2]:
                group[0], group[2], group[3] = message, last, request_id
        for (failure, *_), (message, first, last, request_id, count) in alike.items():
            level, own, component, event, *_ = failure
            line = Said(own or category, component or "", event or "", *texts[failure], message or "")
            tally.take(line, level_of(level), _instant(first), _instant(last), request_id or "", count)


def _add_kept(tally: Kept, archive: Archive, condition: str, category: str) -> None:
    """Lets the engine choose the lines of highest rank."""
    condition += f" AND {tally.wanted_sql.format_map(archive) or 'TRUE'}"
    (seen,) = archive.ask("count(*)", condition).fetchall()[0]
    fields = sorted(tally.fields)
    rest = f"ORDER BY {archive.field(tally.rank_field)} DESC NULLS LAST LIMIT {tally.limit}"
    rows = archive.ask(", ".join(map(archive.field, fields)), condition, rest).fetchall()
    tally.add(Batch([_row(fields, values) for values in reversed(rows)], category))
    tally.seen += seen - len(rows)


def _add_rows(question: Question, tally: Tally, archive: Archive, condition: str, category: str) -> None:
    """Brings the rows that a tally needs into Python."""
    condition += f" AND {tally.wanted_sql.format_map(archive) or 'TRUE'}"
    fields = sorted({*tally.fields, *question.filter_fields(), "level", "category"})
    answer = archive.ask(", ".join(map(archive.field, fields)), condition)
    while fetched := answer.fetchmany(_FETCHED_AT_ONCE):
        rows: list[Row] = [_row(fields, values) for values in fetched]
        if question.filters:
            rows = list(filter(question.matches, rows))
        if rows:
            tally.add(Batch(rows, category))


def _text(field: str, said: Any, category: str) -> str:
    """The key of a group, as rows of other files have it."""
    if field == "level":
        return level_of(said)
    if field == "status":
        status = number(said)
        return str(int(status)) if status is not None and 100 <= status < 600 else ""
    return text_of(said) or (category if field == "category" else "")


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


def _instant(microseconds: int | None) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds or 0)


@lru_cache(maxsize=1024)
def _json(text: str | None) -> Any:
    try:
        return None if text is None else msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError):
        return text
