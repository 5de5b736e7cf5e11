"""The writer: callers leave what they say in a queue, one thread makes lines of it and appends them in batches.

A line costs its caller some microseconds; redaction, JSON and the disk are the thread's. What that means for losing lines:

- Lines of level error and critical, and all of security and audit, are on their way to the disk before the caller goes on,
  and with them everything that was said before.
- Other lines wait at most ``GATHER_SECONDS``. A process that ends by itself, by an exception or by a signal that Python
  handles writes them at its end. ``kill -9``, a crash of the interpreter or of the machine loses them: at most the last
  twentieth of a second of messages of which none was an error.
- When more wait than ``MOST_WAITING``, the caller writes them itself: slow, but nothing is lost. Only when even that is not
  possible (the disk hangs) the oldest are dropped, and counted.
- When the disk is full lines are dropped, counted, and it is said on the standard error output: once, until every category
  can be written again. No caller fails or waits because of it.
"""

import atexit
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from app.telemetry.lines import Said, line_of
from app.telemetry.log_files import LogFiles

GATHER_SECONDS = 0.05
MOST_WAITING = 5000
_MOST_EVER = 4 * MOST_WAITING
# Whoever holds the pen for longer is stuck at the disk.
_PATIENCE_SECONDS = 2.0
_AT_ONCE = 500
URGENT_LEVELS = frozenset({"error", "critical"})
URGENT_CATEGORIES = frozenset({"security", "audit"})


@dataclass(frozen=True, slots=True)
class LogStats:
    """Of this process since its start. A line that stands in two files counts once. ``dropped``: lines that could not be
    written. ``bytes``: what was appended."""

    lines: int
    dropped: int
    bytes: int
    last_line_at: datetime | None


class Writer:
    """One per process. ``files`` is where lines go; ``None``: nowhere, until logging is set up."""

    def __init__(self) -> None:
        self._waiting: deque[Said] = deque()
        self._pen = threading.Lock()
        self._bell = threading.Event()
        self._rung = False
        self._thread: threading.Thread | None = None
        self._ending = False
        self._failing: set[str] = set()
        self.files: LogFiles | None = None
        self._lines, self._dropped, self._bytes = 0, 0, 0
        self._last: datetime | None = None

    def move(self, folder: Path) -> None:
        """Writes what waits where it belongs, and everything from now on to ``folder``."""
        self.flush()
        with self._pen:
            if self.files is not None:
                self.files.close()
            self.files = LogFiles(folder)
            self._failing.clear()

    def put(self, said: Said) -> None:
        """Takes a line. See above when it is written."""
        waiting = self._waiting
        waiting.append(said)
        if (
            said.level in URGENT_LEVELS
            or said.fields["category"] in URGENT_CATEGORIES
            or len(waiting) > MOST_WAITING
            or self._ending
        ):
            self.flush()
        elif not self._rung:
            self._rung = True
            if self._thread is None:
                self._start()
            self._bell.set()

    def flush(self) -> None:
        """Writes everything that waits."""
        if not self._pen.acquire(timeout=_PATIENCE_SECONDS):
            while len(self._waiting) > _MOST_EVER:
                self._waiting.popleft()
                self._dropped += 1
            return
        try:
            while self._waiting:
                self._write(min(len(self._waiting), _AT_ONCE))
        finally:
            self._pen.release()

    def stats(self) -> LogStats:
        return LogStats(self._lines, self._dropped, self._bytes, self._last)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._work, name="log-writer", daemon=True)
        self._thread.start()
        atexit.register(self._end)

    def _work(self) -> None:
        while True:
            self._bell.wait()
            self._bell.clear()
            time.sleep(GATHER_SECONDS)  # what is said meanwhile goes with it, in one write
            self._rung = False
            self.flush()

    def _end(self) -> None:
        self._ending = True
        self.flush()

    def _write(self, count: int) -> None:
        batches: dict[tuple[str, date], list[bytes]] = {}
        files = self.files
        for _ in range(count):
            said = self._waiting.popleft()
            if files is None:
                continue
            category = said.fields["category"]
            line = line_of(said)
            batches.setdefault((category, said.at.date()), []).append(line)
            if said.level in URGENT_LEVELS and category != "errors":
                batches.setdefault(("errors", said.at.date()), []).append(line)
            self._lines += 1
            self._last = said.at
        if files is None:
            return
        for (category, day), lines in batches.items():
            data = b"".join(lines)
            whole, error = files.append(category, day, data)
            self._bytes += whole
            if error is not None:
                self._failed(category, error, lost=len(lines) - data.count(b"\n", 0, whole))
            else:
                self._failing.discard(category)

    def _failed(self, category: str, error: OSError, *, lost: int) -> None:
        if category != "errors":  # of those in errors, all but a few stand elsewhere and were counted there
            self._lines -= lost
            self._dropped += lost
        if not self._failing and self.files is not None:
            sys.stderr.write(f"Logs cannot be written to {self.files.folder / category}: {error}. Free some space.\n")
        self._failing.add(category)
