"""Structured logs: JSON lines in ``logs/<category>/<date>.jsonl``, one category per reader.

``backend`` is the server's own story, ``automation`` everything done in the portal, ``frontend`` what browsers report,
``performance`` durations, and ``errors`` a second copy of every line of level error, so that one file tells what broke.
"""

import logging
import sys
import threading
from collections.abc import MutableMapping
from datetime import date
from pathlib import Path
from typing import Any, BinaryIO, Literal

import orjson
import structlog

from app.kit import clock
from app.telemetry.redaction import redact

Category = Literal["frontend", "backend", "automation", "errors", "performance"]


class _DailyFiles:
    """Appends lines to the file of their category and (UTC) day. A full disk never takes the caller down with it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._open: dict[str, tuple[date, BinaryIO]] = {}
        self._told = False

    def append(self, category: str, line: bytes) -> None:
        day = clock.now().date()
        with self._lock:
            try:
                known = self._open.get(category)
                if known is None or known[0] != day:
                    if known is not None:
                        known[1].close()
                    path = self.folder / category / f"{day.isoformat()}.jsonl"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    known = (day, path.open("ab", buffering=0))
                    self._open[category] = known
                known[1].write(line)
            except OSError as error:
                if not self._told:
                    self._told = True
                    sys.stderr.write(f"Logs cannot be written to {self.folder}: {error}. Free some space.\n")

    def close(self) -> None:
        with self._lock:
            for _, file in self._open.values():
                file.close()
            self._open.clear()


_files: _DailyFiles | None = None


def _write(_: Any, level: str, fields: MutableMapping[str, Any]) -> str:
    category = str(fields.pop("category", "backend"))
    line = {"ts": clock.now().isoformat(timespec="milliseconds"), "level": level, **redact(dict(fields))}
    data = orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)
    if _files is not None:
        _files.append(category, data)
        if level in ("error", "critical") and category != "errors":
            _files.append("errors", data)
    raise structlog.DropEvent


class _Bridge(logging.Handler):
    """Brings lines of libraries (uvicorn, the workflow engine) into the same files."""

    def emit(self, record: logging.LogRecord) -> None:
        fields: dict[str, Any] = {"event": record.getMessage(), "logger": record.name}
        if record.exc_info and record.exc_info[1] is not None:
            fields["error"] = repr(record.exc_info[1])
            fields["trace"] = logging.Formatter().formatException(record.exc_info)
        level = record.levelname.lower()
        try:
            _write(None, level, fields)
        except structlog.DropEvent:
            return


def set_up(folder: Path) -> None:
    """Starts (or moves) logging to ``folder``. Safe to call again."""
    global _files
    if _files is not None:
        _files.close()
    _files = _DailyFiles(folder)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, _write],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Bridge)] + [_Bridge()]
    root.setLevel(logging.WARNING)


def get_logger(category: Category = "backend") -> structlog.stdlib.BoundLogger:
    """A logger of one category: ``log.info("sync.finished", work_orders=60)``."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(category=category)
    return logger
