"""What the operations tools share: how they read options, answer, and end. Exit codes are those of the operations spec."""

import argparse
import os
import sys
from enum import IntEnum
from pathlib import Path
from typing import Any

import orjson

from app.config import Settings, get_settings
from app.kit.asking import BadAddress, checked
from app.operations.tools.options import UsageError, is_installation, say


class Exit(IntEnum):
    """0 ok · 1 warnings or degraded · 2 critical or failed · 3 could not run or reach. (64, wrong use, is the parser's.)"""

    ok = 0
    warning = 1
    critical = 2
    unreachable = 3


def address(text: str) -> str:
    """For a parser: the address of a server."""
    try:
        return checked(text)
    except BadAddress as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def settings_of(root: Path | None) -> Settings:
    """The settings; with ``root`` those of another installation, told by the folder of its program or by its home folder."""
    if root is not None:
        if not root.is_dir():
            raise UsageError(f"there is no folder {root}")
        if is_installation(root):
            os.environ["FOSSAWORK_LOGS"] = str(root.absolute() / "logs")
        else:
            os.environ["FOSSAWORK_HOME"] = str(root)
        get_settings.cache_clear()
    return get_settings()


def write(text: str) -> None:
    say(text + "\n")


def write_json(document: Any) -> None:
    """Exactly one document on standard output."""
    say(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def sqlite_file(url: str) -> Path | None:
    """The file of a SQLite database, wherever its address says that it is; ``None`` for another kind of database."""
    from sqlalchemy import make_url  # takes a moment, and is not always needed

    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        return None
    name = parts.database or ""
    return Path(name.removeprefix("file:").partition("?")[0] if name.startswith("file:") else name).absolute()


_LARGEST = 5_000_000  # bytes: weeks of a look each minute


def keep_line(path: Path, document: Any) -> None:
    """Appends a result to a tool's own file in the folder of logs (spec §3.1). A full file takes the place of the one before, so
    that years of looks fill no disk. What cannot be kept (a full disk may be what is asked about) is answered all the same."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and path.stat().st_size > _LARGEST:
            path.replace(path.with_suffix(".before.jsonl"))
        with path.open("ab", buffering=0) as file:
            file.write(orjson.dumps(document, default=str, option=orjson.OPT_APPEND_NEWLINE))
    except OSError as error:
        sys.stderr.write(f"The result could not be kept in {path}: {error.strerror or error}.\n")


_COLOURS = {"ok": 32, "degraded": 33, "failed": 31, "unknown": 35, "p1": 31, "p2": 31, "p3": 33}


def mark(word: str) -> str:
    """A state as a word of fixed width, coloured on a terminal."""
    padded = f"{word:<9}"
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ and word in _COLOURS
    return f"\033[{_COLOURS[word]}m{padded}\033[0m" if coloured else padded
