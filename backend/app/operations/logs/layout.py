"""Where lines stand: ``<category>/<date>.jsonl`` while they are written, ``.jsonl.zst`` beside it once the day is closed, and
``archive/<category>/<date>.parquet`` later. The date is UTC, and the lines' own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from app.telemetry.logs import CATEGORIES

ARCHIVE = "archive"
MANIFEST = "manifest.jsonl"
_NAME = re.compile(r"(\d{4}-\d{2}-\d{2})\.(jsonl|jsonl\.zst|parquet)")


class Kind(StrEnum):
    plain = "jsonl"
    packed = "jsonl.zst"
    archived = "parquet"


@dataclass(frozen=True, slots=True, order=True)
class LogFile:
    """A file of logs. ``bytes``: its size on the disk."""

    day: date
    category: str
    kind: Kind
    bytes: int


def path_of(folder: Path, category: str, day: date, kind: Kind) -> Path:
    parent = folder / ARCHIVE / category if kind is Kind.archived else folder / category
    return parent / f"{day.isoformat()}.{kind.value}"


def find_files(folder: Path, categories: Iterable[str] = CATEGORIES) -> list[LogFile]:
    """The files of these categories, oldest day first. Files that are named otherwise are not ours."""
    found = []
    for category in categories:
        for parent, kinds in (
            (folder / category, (Kind.plain, Kind.packed)),
            (folder / ARCHIVE / category, (Kind.archived,)),
        ):
            for path in parent.iterdir() if parent.is_dir() else ():
                named = _NAME.fullmatch(path.name)
                if named is None or named[2] not in kinds:
                    continue
                try:
                    found.append(LogFile(date.fromisoformat(named[1]), category, Kind(named[2]), path.stat().st_size))
                except (ValueError, FileNotFoundError):
                    continue  # no day of the calendar; or it was moved just now
    return sorted(found)
