"""Structured logs: JSON lines in ``logs/<category>/<date>.jsonl``, one category per reader.

``backend`` is the server's own story, ``automation`` everything done in the portal, ``frontend`` what browsers report,
``performance`` durations, ``security`` what concerns attackers, ``audit`` a copy of the audit trail, and ``errors`` a second
copy of every line of level error, so that one file tells what broke. What a line looks like: ``log_line.schema.json``; when it
is on the disk: ``writer``.

    log = get_logger("automation")
    log.info("sync.finished", work_orders=60, duration_ms=1840)
    log.error("sync.failed", message="The portal did not answer.", exc_info=error)

Fields that the schema knows stand at the top of the line, all others in ``data``. Without a ``message`` the event says it in
words. ``error=`` takes an exception (its type and text), ``exc_info=`` one with its stack.
"""

import logging
import sys
from collections.abc import MutableMapping
from pathlib import Path
from types import FrameType
from typing import Any, Literal

import structlog

from app.kit import clock
from app.telemetry.lines import Said
from app.telemetry.origin import origin
from app.telemetry.snapshot import LONGEST_TEXT, error_fields, snapshot
from app.telemetry.writer import LogStats, Writer

Category = Literal["frontend", "backend", "automation", "errors", "performance", "security", "audit"]
Level = Literal["debug", "info", "warning", "error", "critical"]
CATEGORIES: tuple[Category, ...] = (
    "frontend",
    "backend",
    "automation",
    "errors",
    "performance",
    "security",
    "audit",
)
_UNCHANGING = frozenset({int, float, bool, type(None)})
_writer = Writer()


def _write(_: Any, level: str, fields: MutableMapping[str, Any]) -> str:
    say(level, dict(fields))
    raise structlog.DropEvent


def say(level: str, fields: dict[str, Any]) -> None:
    """Hands a line to the writer. ``fields`` has ``category``, ``component`` and ``event``, and belongs to the line now."""
    for name, value in fields.items():
        kind = type(value)
        if kind is str:
            if len(value) > LONGEST_TEXT:
                fields[name] = snapshot(value)
        elif kind not in _UNCHANGING:
            fields[name] = _error(name, value) or snapshot(value)
    if "exc_info" in fields:
        _add_error(fields)
    _writer.put(Said(clock.now(), level, fields, origin()))


def _error(name: str, value: Any) -> dict[str, str] | None:
    if name in ("error", "exc_info") and isinstance(value, BaseException):
        return error_fields(value, stack=name == "exc_info")
    if name == "exc_info" and isinstance(value, tuple) and len(value) == 3 and isinstance(value[1], BaseException):
        return error_fields(value[1], stack=True)
    return None


def _add_error(fields: dict[str, Any]) -> None:
    found = fields.pop("exc_info")
    if found is True:
        present = sys.exc_info()[1]
        found = error_fields(present, stack=True) if present is not None else None
    if isinstance(found, dict):
        told = fields.get("error")
        fields["error"] = {**found, **told} if isinstance(told, dict) else found


# Set once, so that a logger is ready when it is made and costs nothing to find later; set_up only says where lines go.
structlog.configure(
    processors=[_write],
    wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    cache_logger_on_first_use=True,
)


class _Bridge(logging.Handler):
    """Brings lines of libraries (uvicorn, the workflow engine) into the same files."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            message = record.getMessage()
        except Exception:
            message = str(record.msg)
        fields: dict[str, Any] = {
            "category": "backend",
            "component": record.name.split(".")[0],
            "event": f"{record.name}.{record.levelname}".lower(),
            "message": message,
            "logger": record.name,
        }
        if record.exc_info:
            fields["exc_info"] = record.exc_info[1]
        say(_level(record.levelno), fields)


def _level(number: int) -> Level:
    if number >= logging.CRITICAL:
        return "critical"
    if number >= logging.ERROR:
        return "error"
    if number >= logging.WARNING:
        return "warning"
    return "info" if number >= logging.INFO else "debug"


def set_up(folder: Path) -> None:
    """Starts (or moves) logging to ``folder``. Safe to call again."""
    _writer.move(folder)
    root = logging.getLogger()
    root.handlers = [handler for handler in root.handlers if not isinstance(handler, _Bridge)] + [_Bridge()]
    root.setLevel(logging.WARNING)


def get_logger(category: Category = "backend", component: str | None = None) -> structlog.stdlib.BoundLogger:
    """A logger of one category: ``log.info("sync.finished", work_orders=60)``. ``component``: the caller's package below
    ``app`` (``sync``, ``operations.logs``) unless another one is named."""
    name = component or _component(sys._getframe(1))
    logger: structlog.stdlib.BoundLogger = structlog.get_logger().bind(category=category, component=name)
    return logger


def _component(frame: FrameType) -> str:
    module: str = frame.f_globals.get("__name__") or "app"
    package: str = frame.f_globals.get("__package__") or ""
    return package.removeprefix("app.") if "." in package else module.removeprefix("app.")


def flush() -> None:
    """Writes everything that was said until now."""
    _writer.flush()


def stats() -> LogStats:
    """What this process has logged: lines, bytes, lines that could not be written, and when it last logged."""
    return _writer.stats()
