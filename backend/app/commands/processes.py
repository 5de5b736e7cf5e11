"""Recorded processes: what was started wrote down who it is, and only that is ever ended, never a process by its name."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import psutil

from app.config import get_settings
from app.kit.files import write_atomically
from app.kit.records import Kind, Record, read_record

_LOOK_SECONDS = 0.1
_STOP_SECONDS = 30


def record_of(name: str) -> Path:
    return get_settings().home / f"{name}.json"


SERVER = "server"


def _read(name: str) -> Record:
    return read_record(record_of(name), server=name == SERVER)


def left(name: str) -> dict[str, Any]:
    """What a process wrote about itself and did not take back: it runs, or it crashed. Empty when there is nothing."""
    return _read(name).facts


def is_damaged(name: str) -> bool:
    """Whether there is a record that nothing can be told from: the process may run, and nobody knows which it is."""
    return _read(name).kind is Kind.damaged


def recorded(name: str) -> dict[str, Any] | None:
    """What a running process wrote about itself; ``None`` when it is not running (a process that merely got its number again
    does not count)."""
    known = _read(name)
    return known.facts if known.runs() else None


def record(name: str, pid: int, **facts: Any) -> dict[str, Any]:
    """Writes down a process that has just been started."""
    made = {"pid": pid, "created": psutil.Process(pid).create_time(), "started": time.time(), **facts}
    write_atomically(record_of(name), orjson.dumps(made), private=True)
    return made


def forget(name: str) -> None:
    record_of(name).unlink(missing_ok=True)


def end(name: str) -> int | None:
    """Ends the recorded process, hard if it does not end by itself; its number, or ``None`` when there was none."""
    known = recorded(name)
    if known is None:
        if not is_damaged(name):
            forget(name)
        return None
    process = psutil.Process(known["pid"])
    process.terminate()
    if not _ended(process):
        process.kill()
        _ended(process)
    forget(name)
    return int(known["pid"])


def _ended(process: psutil.Process) -> bool:
    """Waits for a process that is not our child; one that only its parent has not noticed to be dead counts as ended."""

    def gone() -> bool:
        try:
            return bool(process.status() == psutil.STATUS_ZOMBIE)
        except psutil.NoSuchProcess:
            return True

    return until(gone, _STOP_SECONDS)


def until(condition: Callable[[], bool], seconds: float) -> bool:
    """Whether the condition came true in time. Another process cannot wake us, so it is looked at again and again."""
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(_LOOK_SECONDS)
    return met
