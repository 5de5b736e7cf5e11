"""How an archived day is asked: a Parquet file with one column for each field of our lines, by DuckDB.

Fields become SQL expressions here. Texts of people reach SQL only as ``quoted`` literals.
"""

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


class Archive:
    """One archived file."""

    def __init__(self, db: duckdb.DuckDBPyConnection, path: Path) -> None:
        self._db = db
        self._path = path
        self._source = f"read_parquet({quoted(path)})"
        described = self.ask("*", rest="LIMIT 0").description or ()
        self._types = {name: str(kind) for name, kind, *_ in described}
        kind = self._types.get("ts")
        self.time = "TRY_CAST(ts AS TIMESTAMPTZ)" if kind == "VARCHAR" else "ts"
        self._literal = "TIMESTAMPTZ" if kind in ("VARCHAR", _ZONED) else "TIMESTAMP"
        self.micros = f"epoch_us({self.time})"

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
        for name in NAMES[field]:
            if name in self._types:
                return f'"{name}"'
        return f"(data ->> {quoted('$.' + NAMES[field][0])})" if "data" in self._types else "NULL"

    def __getitem__(self, field: str) -> str:
        """For ``str.format_map``: a field, or ``data``, all that has no column of its own."""
        if field == "data":
            return "data" if "data" in self._types else "NULL"
        return self.field(field)

    def key(self, field: str) -> str:
        """What a field is grouped by. The plain column: the engine groups by its dictionary, much faster than by any text."""
        if field in _TIME_SQL:
            return f"strftime(make_timestamp({self.micros}), {quoted(_TIME_SQL[field])})"
        return self.field(field)


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
