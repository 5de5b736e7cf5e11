"""How an archived day is asked: a Parquet file with one column for each field of our lines, by DuckDB. Somebody else's file may
call its columns as lines of others do (``fields.NAMES``), and have them of any type.

Fields become SQL expressions here. Texts of people reach SQL only as ``quoted`` literals.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from app.operations.logs.engine import connection, quoted
from app.operations.logs.fields import NAMES
from app.operations.logs.instants import instant

_TIME_SQL = {"day": "%Y-%m-%d", "hour": "%Y-%m-%dT%H", "minute": "%Y-%m-%dT%H:%M"}
_ZONED = "TIMESTAMP WITH TIME ZONE"
_NUMBERS = {"status": "BIGINT", "duration": "DOUBLE", "pid": "BIGINT"}
_DECIMAL = re.compile(r"DECIMAL\(\d+,\d+\)$")
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$|FLOAT$|DOUBLE$")
# As ``instants.instant`` tells them: seconds, milliseconds, microseconds, nanoseconds.
_UNITS = (("1e11", "1e0"), ("1e14", "1e3"), ("1e17", "1e6"), ("1e20", "1e9"))


class Archive:
    """One archived file."""

    def __init__(self, db: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._db = db
        self._path = path
        self._source = f"read_parquet({quoted(path)})"
        described = self.ask("*", rest="LIMIT 0").description or ()
        self._types = {name: str(kind) for name, kind, *_ in described}
        self.time, self._literal = self._instant()
        self.micros = f"epoch_us({self.time})"

    @property
    def names(self) -> frozenset[str]:
        """Its columns."""
        return frozenset(self._types)

    def _instant(self) -> tuple[str, str]:
        """The instant of a line, and its type. A plain column stays one, so that the file's statistics are used."""
        names = [name for name in NAMES["ts"] if name in self._types]
        if len(names) == 1 and self._types[names[0]].startswith("TIMESTAMP"):
            kind = self._types[names[0]]
            return f'"{names[0]}"', "TIMESTAMPTZ" if kind == _ZONED else "TIMESTAMP"
        said = [_instant_of(name, self._types[name]) for name in names]
        return f"coalesce({', '.join([*said, 'CAST(NULL AS TIMESTAMPTZ)'])})", "TIMESTAMPTZ"

    def ask(self, select: str, condition: str = "TRUE", rest: str = "") -> duckdb.DuckDBPyConnection:
        """The answer to ``SELECT select FROM this file WHERE condition rest``."""
        return self._db.execute(f"SELECT {select} FROM {self._source} WHERE {condition} {rest}")  # noqa: S608

    def compare(self, sign: str, at: datetime) -> str:
        """A condition on the instant of a line. The engine leaves out parts of the file in which it holds nowhere."""
        text = at.isoformat() if self._literal == "TIMESTAMPTZ" else at.replace(tzinfo=None).isoformat()
        return f"{self.time} {sign} {self._literal} {quoted(text)}"

    def field(self, field: str) -> str:
        """A field's value: its column, else what the line's other data have, else NULL. Instants are microseconds since 1970."""
        if field == "ts":
            return self.micros
        said = [_said(field, name, self._types[name]) for name in NAMES[field] if name in self._types]
        if not said:
            told = f"({self.data()}) ->> {quoted('$.' + NAMES[field][0])}" if "data" in self._types else "NULL"
            # A bare NULL has no type, and is nothing to sort by.
            return f"TRY_CAST({told} AS {_NUMBERS.get(field, 'VARCHAR')})"
        if len(said) > 1 and field not in _NUMBERS:
            said = [f"nullif(CAST({each} AS VARCHAR), '')" for each in said]
        # The first that has a value, as in any other line.
        return said[0] if len(said) == 1 else f"coalesce({', '.join(said)})"

    def data(self) -> str:
        """All that has no column of its own, as JSON."""
        kind = self._types.get("data", "")
        if kind == "VARCHAR":  # of somebody else, who may have written anything there
            return "CASE WHEN json_valid(data) THEN CAST(data AS JSON) END"
        return _as_text("data", kind) if kind else "CAST(NULL AS VARCHAR)"

    def __getitem__(self, field: str) -> str:
        """For ``str.format_map``: a field, or ``data``, all that has no column of its own."""
        return self.data() if field == "data" else self.field(field)

    def key(self, field: str) -> str:
        """What a field is grouped by. The plain column: the engine groups by its dictionary, much faster than by any text."""
        if field in _TIME_SQL:
            return f"strftime(make_timestamp({self.micros}), {quoted(_TIME_SQL[field])})"
        return self.field(field)


def _instant_of(name: str, kind: str) -> str:
    """A column of any type as an instant; NULL where it names none."""
    if kind.startswith(("TIMESTAMP", "DATE")):
        return f'CAST("{name}" AS TIMESTAMPTZ)'
    if _NUMBER.match(kind) or _DECIMAL.match(kind):  # since 1970, in a unit that its size tells
        units = " ".join(f'WHEN abs("{name}") < {size} THEN "{name}" / {unit}' for size, unit in _UNITS)
        return f"to_timestamp(CASE {units} END)"
    return f'TRY_CAST("{name}" AS TIMESTAMPTZ)' if kind == "VARCHAR" else "NULL"


def _said(field: str, name: str, kind: str) -> str:
    """A column as what its field is to be: a number or a text, whatever its type; JSON text where it has parts."""
    if field in _NUMBERS:
        number = f"CAST(NULL AS {_NUMBERS[field]})"
        if kind == "VARCHAR" or _DECIMAL.match(kind):
            number = f'TRY_CAST("{name}" AS {_NUMBERS[field]})'
        elif _NUMBER.match(kind):
            number = f'"{name}"'
        return f"({number} * 1000)" if name == "response_time" else number  # that is in seconds
    return _as_text(name, kind)


def _as_text(name: str, kind: str) -> str:
    if kind in ("VARCHAR", "JSON"):
        return f'"{name}"'
    nested = kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION", "VARIANT"))
    return f'CAST(to_json("{name}") AS VARCHAR)' if nested else f'CAST("{name}" AS VARCHAR)'


def has_line(path: Path, line: bytes) -> bool:
    """Whether an archived file holds a line that was read elsewhere (the same instant, event and message)."""
    try:
        said = msgspec.json.decode(line, type=dict[str, Any])
        at = instant(said.get("ts"))
        if at is None:
            return False
        with connection() as db:
            archive = Archive(db, path)
            conditions = [archive.compare("=", at)]
            for field in ("event", "message"):
                value = said.get(field)
                conditions.append(
                    f"{archive.field(field)} IS NOT DISTINCT FROM {'NULL' if value is None else quoted(str(value))}"
                )
            return bool(archive.ask("1", " AND ".join(conditions), "LIMIT 1").fetchall())
    except (msgspec.DecodeError, UnicodeError, duckdb.Error):
        return False
