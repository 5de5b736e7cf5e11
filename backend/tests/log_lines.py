"""Reads logs as tests need them, and checks every line of a folder against the schema."""

import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson

from app.telemetry import lines, logs

_SCHEMA = orjson.loads((Path(lines.__file__).parent / "log_line.schema.json").read_bytes())
VALIDATOR = jsonschema_rs.validator_for(_SCHEMA)
_NAME = re.compile(r"\d{4}-\d{2}-\d{2}\.jsonl")


def logged(folder: Path, category: str) -> list[dict[str, Any]]:
    """The whole lines of one category of this process's logs, in order. (Who is killed while writing leaves half a line.)"""
    logs.flush()
    files = sorted((folder / category).glob("*.jsonl"))
    lines = [line for file in files for line in file.read_bytes().splitlines(keepends=True)]
    return [orjson.loads(line) for line in lines if line.endswith(b"\n")]


def everything(folder: Path) -> bytes:
    """All bytes of all files below a folder of logs."""
    logs.flush()
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def check_lines(folder: Path) -> int:
    """Checks every line of every file below a folder of logs; answers how many there are."""
    logs.flush()
    count = 0
    for path in sorted(folder.glob("*/*.jsonl")):
        assert _NAME.fullmatch(path.name), path
        assert path.parent.name in logs.CATEGORIES, path
        data = path.read_bytes()
        assert data.endswith(b"\n"), f"{path} ends in the middle of a line"
        for line in data.splitlines(keepends=True):
            check_line(line, path.parent.name, path.stem)
            count += 1
    return count


def check_line(line: bytes, category: str, day: str) -> dict[str, Any]:
    """One line, of the file of this category and day."""
    assert len(line) <= lines.LONGEST_LINE
    assert line.startswith(b'{"ts":"' + day.encode()), line
    record: dict[str, Any] = orjson.loads(line)
    VALIDATOR.validate(record)
    assert list(record)[:3] == ["ts", "level", "category"], line
    assert line == orjson.dumps(record) + b"\n", "a line has no spaces between its parts"
    if record["category"] != category:
        assert (category, record["level"] in ("error", "critical")) == ("errors", True), line
    return record
