"""Keeps the folder of logs: compresses, archives and deletes what the plan says, and tells how much space is used."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb
import zstandard
from filelock import FileLock, Timeout

from app.config import get_settings
from app.kit import clock
from app.operations.logs.archive import UnknownArchive, archive_day, delete_day, settle_day
from app.operations.logs.closing import StillWritten, close_day
from app.operations.logs.layout import ARCHIVE, find_files
from app.operations.logs.retention import Action, Pressure, Verb, plan
from app.telemetry.logs import CATEGORIES, get_logger

ROUND_SECONDS = 3600.0
_LOCK = ".housekeeping.lock"
_MEGABYTE = 1 << 20
_DO: dict[Verb, Callable[[Path, str, date], None]] = {
    Verb.settle: settle_day,
    Verb.compress: close_day,
    Verb.archive: archive_day,
    Verb.delete: delete_day,
}
log = get_logger("backend")


@dataclass(frozen=True, slots=True)
class Usage:
    """Space of all files below the folder of logs, the archive included. ``share``: of the quota; more than 1 is too much."""

    bytes: int
    quota_bytes: int
    share: float
    categories: dict[str, int]


@dataclass(slots=True)
class Tidied:
    """What a round did, and what could not be done (it is tried again in the next one)."""

    done: list[Action] = field(default_factory=list)
    failed: list[Action] = field(default_factory=list)


def usage(folder: Path | None = None) -> Usage:
    """How much space the logs take, and how much they may. Raises ``OSError`` when the folder cannot be read."""
    root = folder or get_settings().logs
    categories: dict[str, int] = dict.fromkeys(CATEGORIES, 0)
    total = 0
    for path in root.rglob("*") if root.is_dir() else ():
        try:
            size = path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue  # moved just now
        total += size
        parts = path.relative_to(root).parts
        category = parts[1] if parts[0] == ARCHIVE and len(parts) > 2 else parts[0]
        if category in categories:
            categories[category] += size
    quota = get_settings().logs_quota_mb * _MEGABYTE
    return Usage(total, quota, total / quota, categories)


def tidy(folder: Path | None = None) -> Tidied | None:
    """One round; ``None`` when another process is at it. Closed days are compressed and archived early only as long as the
    logs need more space than they may."""
    root = folder or get_settings().logs
    if not root.is_dir():
        return Tidied()
    try:
        with FileLock(root / _LOCK, timeout=0):
            return _tidy(root)
    except Timeout:
        return None


def _tidy(root: Path) -> Tidied:
    tidied = Tidied()
    for pattern in ("*/.*.tmp", "*/.*.rows", f"{ARCHIVE}/*/.*.tmp", f"{ARCHIVE}/*/.*.rows"):
        for left in root.glob(pattern):
            left.unlink(missing_ok=True)  # half a file of a round that was cut off
    for pressure in Pressure:
        for action in plan(clock.now(), find_files(root), get_settings().logs_long_days, pressure):
            if not any((failed.category, failed.day) == (action.category, action.day) for failed in tidied.failed):
                _do(root, action, tidied)
        used = usage(root)
        if used.share <= 1:
            break
        if pressure is Pressure.none:
            log.warning("logs.over_quota", share=round(used.share, 3), bytes=used.bytes, quota_bytes=used.quota_bytes)
    if tidied.done:
        counts = {verb.value: sum(action.verb is verb for action in tidied.done) for verb in Verb}
        log.info("logs.tidied", failed=len(tidied.failed), **counts)
    return tidied


def _do(root: Path, action: Action, tidied: Tidied) -> None:
    try:
        _DO[action.verb](root, action.category, action.day)
        tidied.done.append(action)
    except (OSError, duckdb.Error, zstandard.ZstdError, UnknownArchive, StillWritten) as error:
        tidied.failed.append(action)
        log.error(
            "logs.not_tidied",
            message=f"Logs of {action.day} ({action.category}) could not be taken care of; they stay as they are.",
            verb=action.verb.value,
            exc_info=error,
        )
