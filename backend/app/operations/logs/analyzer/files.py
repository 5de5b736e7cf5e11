"""Which files hold a period's lines: ``logs/<category>/<date>.jsonl``, packed (``.gz``, ``.zst``) or archived (Parquet).

A file is dated by its name; names of earlier tools (``backend-errors-2026-03-01.jsonl``) and rotated ones
(``2026-03-01.jsonl.1``) are known too. A file without a date may hold any.
"""

import os
import re
import stat
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal

from app.kit.files import NOT_REGULAR
from app.operations.logs.instants import Period

Kind = Literal["plain", "gzip", "zstandard", "parquet"]
# Of two files with the same lines the one whose kind comes first is read.
KINDS: tuple[Kind, ...] = ("plain", "zstandard", "gzip", "parquet")
_NAME = re.compile(r"(?P<base>.+?)(?:(?P<lines>\.jsonl(?:\.\d+)?)(?P<packed>\.gz|\.zst)?|(?P<parquet>\.parquet))")
_DAY = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
_ARCHIVES = frozenset({"archive", "archives"})
_COMPANIONS = (".sha256", ".json", ".tmp", ".lock")  # checksums and the like, of whoever keeps the files
# What stands beside the lines and is none: the archive's manifest, results of the other tools.
_RESULTS = ("health-checks", "performance-metrics", "performance-alerts")
_NO_LINES = frozenset(
    {"archive/manifest.jsonl", *(f"{name}{form}.jsonl" for name in _RESULTS for form in ("", ".before"))}
)
_MARGIN = timedelta(days=1)  # a file may be named for a local day, or hold a line from just before its midnight


@dataclass(frozen=True, slots=True)
class LogFile:
    """``name`` is the path inside the folder of logs, with slashes; ``base`` what two forms of the same file share; what stands
    before ``start`` (bytes) is read elsewhere."""

    path: Path
    name: str
    category: str
    base: str
    day: date | None
    kind: Kind
    size: int
    start: int = 0


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not read, and why. ``harmless``: it was not needed; else its lines are missing."""

    name: str
    reason: str
    harmless: bool


@dataclass(slots=True)
class Found:
    """Files that may hold lines of a period, oldest first. ``outside``: how many others hold none."""

    files: list[LogFile] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    outside: int = 0


class NoLogs(Exception):
    """There is no folder of logs; the text says where it was looked for."""


def find_files(root: Path, period: Period, categories: frozenset[str] = frozenset()) -> Found:
    """Looks through the folder of logs by names only. No categories: all of them. Raises :class:`NoLogs`."""
    if not root.is_dir():
        raise NoLogs(f"There is no folder {root}.")
    found = Found()
    problems: list[OSError] = []
    for folder, folders, names in os.walk(root, onerror=problems.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and not name.endswith(_COMPANIONS):
                _take(found, root, Path(folder, name), period, categories)
    for problem in problems:
        name = Path(problem.filename or root).relative_to(root).as_posix()
        found.skipped.append(Skipped(name, problem.strerror or str(problem), harmless=False))
    found.files.sort(key=lambda file: (file.day or date.min, file.category, file.base, KINDS.index(file.kind)))
    return found


def _take(found: Found, root: Path, path: Path, period: Period, categories: frozenset[str]) -> None:
    parts = path.relative_to(root).parts
    name = "/".join(parts).encode(errors="replace").decode()
    if name in _NO_LINES:
        return
    folders = [part for part in parts[:-1] if part not in _ARCHIVES]
    form = _NAME.fullmatch(parts[-1])
    if form is None or not folders:
        reason = "not in the folder of a category" if form else "not a log file by its name"
        found.skipped.append(Skipped(name, reason, harmless=True))
        return
    if categories and folders[0] not in categories:
        return
    day = _day_of(parts[-1])
    if not _may_hold(day, period):
        found.outside += 1
        return
    kind: Kind = "parquet"
    if form["lines"]:
        kind = {None: "plain", ".gz": "gzip", ".zst": "zstandard"}[form["packed"]]  # type: ignore[assignment]
    try:
        status = path.stat()
    except OSError as error:
        found.skipped.append(Skipped(name, error.strerror or str(error), harmless=False))
        return
    if not stat.S_ISREG(status.st_mode):  # a pipe would hold whoever reads it
        found.skipped.append(Skipped(name, NOT_REGULAR, harmless=False))
        return
    if not os.access(path, os.R_OK):
        found.skipped.append(Skipped(name, "no permission to read it", harmless=False))
        return
    base = "/".join([*folders, form["base"] + (form["lines"] or ".jsonl")])
    found.files.append(LogFile(path, name, folders[0], base, day, kind, status.st_size))


def _day_of(name: str) -> date | None:
    for text in _DAY.findall(name):
        try:
            return date.fromisoformat(text)
        except ValueError:
            continue
    return None


def span_of(day: date) -> tuple[datetime, datetime]:
    """The instants at which a UTC day begins and ends."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return start, start + timedelta(days=1)


def _may_hold(day: date | None, period: Period) -> bool:
    if day is None or not date(1970, 1, 2) <= day <= date(9990, 1, 1):
        return True
    start, end = span_of(day)
    earliest = (period.before or period).since
    return (earliest is None or end + _MARGIN > earliest) and (period.until is None or start - _MARGIN < period.until)
