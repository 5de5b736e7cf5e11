"""The files that lines are appended to: ``logs/<category>/<date>.jsonl``, by any number of processes at once.

A batch of whole lines is one write to a file that is open for appending, so lines of several processes never mix. The date
in the name is the line's own (UTC): nothing is ever renamed or cut while somebody may write to it. Whoever removes a closed
file (``operations/logs/closing``) holds its lock exclusively for that; a writer holds it shared, and opens a new file when it
finds that its own was removed.
"""

import os
from contextlib import nullcontext
from datetime import date
from pathlib import Path
from typing import Any

from filelock import FileLock

from app.kit.files import locked

_APPENDING = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
_FILE_MODE, _FOLDER_MODE = 0o640, 0o750


class LogFiles:
    """Not for several threads at once: its caller sees to that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[str, tuple[date, int]] = {}
        # Windows has no atomic append: there, processes take turns.
        self._turn: Any = FileLock(folder / ".turn") if os.name == "nt" else nullcontext()

    def append(self, category: str, day: date, data: bytes) -> tuple[int, OSError | None]:
        """Appends whole lines. Answers how many bytes of whole lines stand in the file now, and why not all of them."""
        try:
            while True:
                handle = self._handle(category, day)
                with locked(handle, shared=True), self._turn:
                    if os.fstat(handle).st_nlink > 0:
                        return self._write(handle, data)
                self._forget(category)
        except OSError as error:
            self._forget(category)
            return 0, error

    def _write(self, handle: int, data: bytes) -> tuple[int, OSError | None]:
        written = 0
        try:
            while written < len(data):
                written += os.write(handle, data[written:])
        except OSError as error:
            whole = data.rfind(b"\n", 0, written) + 1
            if written > whole:
                _take_back(handle, written - whole)
            return whole, error
        return written, None

    def _handle(self, category: str, day: date) -> int:
        known = self._open.get(category)
        if known is not None and known[0] == day:
            return known[1]
        self._forget(category)
        path = log_file(self.folder, category, day)
        path.parent.mkdir(mode=_FOLDER_MODE, parents=True, exist_ok=True)
        handle = os.open(path, _APPENDING, _FILE_MODE)
        self._open[category] = (day, handle)
        _end_torn_line(path, handle)
        return handle

    def _forget(self, category: str) -> None:
        known = self._open.pop(category, None)
        if known is not None:
            os.close(known[1])

    def close(self) -> None:
        for category in list(self._open):
            self._forget(category)


def log_file(folder: Path, category: str, day: date) -> Path:
    return folder / category / f"{day.isoformat()}.jsonl"


def _take_back(handle: int, count: int) -> None:
    """Takes back the half line that a full disk left, unless somebody has written behind it."""
    end = os.lseek(handle, 0, os.SEEK_CUR)
    with locked(handle, wait=False) as held:
        if held and os.fstat(handle).st_size == end:
            os.ftruncate(handle, end - count)


def _end_torn_line(path: Path, handle: int) -> None:
    """Ends the half line of a writer that was killed while it wrote, so that the next line is not lost with it."""
    with locked(handle, wait=False) as alone:
        if not alone or os.fstat(handle).st_size == 0:
            return
        with path.open("rb") as file:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                os.write(handle, b"\n")
