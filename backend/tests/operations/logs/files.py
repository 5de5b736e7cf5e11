"""Log files for tests: lines that can be told apart, and everything that is in a folder again."""

import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import duckdb
import orjson

from app.operations.logs.archive import archive_day
from app.operations.logs.closing import close_day
from app.operations.logs.layout import Kind, find_files, path_of
from app.operations.logs.packed import read_packed
from app.telemetry.lines import Said, line_of

TODAY = date(2026, 6, 15)
NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)


def line(number: int, day: date = TODAY, category: str = "automation", level: str = "info", **fields: Any) -> bytes:
    """A line of the schema; ``number`` is in its data and sets its time: a second after the line before."""
    at = datetime.combine(day, time(), UTC) + timedelta(seconds=number % 86400)
    said = {"category": category, "component": "test", "event": "line.said", "number": number, **fields}
    return line_of(Said(at, level, said, None))


def write(folder: Path, day: date, lines: list[bytes], category: str = "automation") -> Path:
    """Appends lines to a day's plain file."""
    path = path_of(folder, category, day, Kind.plain)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"".join(lines))
    return path


def bring(folder: Path, day: date, kind: Kind, category: str = "automation") -> None:
    """Into this form, from the plain one."""
    if kind is not Kind.plain:
        close_day(folder, category, day)
    if kind is Kind.archived:
        archive_day(folder, category, day)


def forms(folder: Path, category: str = "automation") -> dict[date, list[str]]:
    """In which kinds of files each day of a category stands."""
    found: dict[date, list[str]] = {}
    for file in find_files(folder, [category]):
        found.setdefault(file.day, []).append(file.kind.value)
    return found


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The rows of a Parquet file."""
    with duckdb.connect() as connection:
        result = connection.execute("SELECT * FROM read_parquet(?)", [str(path)])
        names = [column[0] for column in result.description or ()]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def numbers(folder: Path, category: str = "automation") -> Counter[int]:
    """How often each numbered line stands in the files of a category, in whatever form."""
    found: Counter[int] = Counter()
    for file in find_files(folder, [category]):
        path = path_of(folder, category, file.day, file.kind)
        if file.kind is Kind.archived:
            found.update(orjson.loads(row["data"])["number"] for row in rows_of(path))
        else:
            content = path.read_bytes() if file.kind is Kind.plain else b"".join(read_packed(path))
            found.update(int(number) for number in re.findall(rb'"number":(\d+)', content))
    return found
