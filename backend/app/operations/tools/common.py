"""What the operations tools share: how they read options, answer, and end. Exit codes are those of the operations spec."""

import os
import sys
from enum import IntEnum
from typing import Any

import orjson


class Exit(IntEnum):
    """0 ok · 1 warnings or degraded · 2 critical or failed · 3 could not run or reach. (64, wrong use, is the parser's.)"""

    ok = 0
    warning = 1
    critical = 2
    unreachable = 3


def write(text: str) -> None:
    sys.stdout.write(text + "\n")


def write_json(document: Any) -> None:
    """Exactly one document on standard output."""
    sys.stdout.buffer.write(orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    sys.stdout.buffer.flush()


_COLOURS = {"ok": 32, "degraded": 33, "failed": 31, "unknown": 35, "p1": 31, "p2": 31, "p3": 33}


def mark(word: str) -> str:
    """A state as a word of fixed width, coloured on a terminal."""
    padded = f"{word:<9}"
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ and word in _COLOURS
    return f"\033[{_COLOURS[word]}m{padded}\033[0m" if coloured else padded
