"""What all operating tools have in common on the command line: stable exit codes and how usage errors are told."""

import argparse
import math
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

UNREADABLE, USAGE, INTERRUPTED = 3, 64, 130


class UsageError(Exception):
    """What was asked for does not go together, or cannot be; the text says why."""


class CannotAnswer(Exception):
    """There is no answer, or nowhere to put it; the text says why."""


class Parser(argparse.ArgumentParser):
    """An argument parser that ends with 64 (``EX_USAGE``) when it is used wrongly, as no result of a tool does."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


_LONGEST = 86_400.0  # seconds: more than the system's own waiting can be told
ROOT_HELP = "the installation (the folder with backend and logs), or its home folder (the one with the databases)"


def patience(text: str) -> float:
    """For a parser: a time to wait for something."""
    value = pause(text)
    if value == 0:
        raise argparse.ArgumentTypeError(f"{text} s is no time to wait for anything")
    return value


def pause(text: str) -> float:
    """For a parser: a time between two things, perhaps none."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 <= value <= _LONGEST:  # nor is what is no number
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0 to {_LONGEST:.0f}")
    return value


def is_installation(folder: Path) -> bool:
    """Whether a folder is where the program is, and by default its logs."""
    return (folder / "backend" / "app").is_dir()


def is_home(folder: Path) -> bool:
    """Whether a folder is where the program keeps its data."""
    return any((folder / name).exists() for name in ("app.db", "operations.db", "keys", "server.json"))


def ended(parser: Parser, work: Callable[[], int]) -> int:
    """The exit code of a tool's work. Whatever breaks it is no answer, and must not look like one: Python itself would end
    with 1, which means warnings."""
    try:
        return work()
    except UsageError as error:
        parser.error(str(error))
    except CannotAnswer as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has seen enough
        nobody_reads()
        return 0
    except Exception:
        traceback.print_exc()
        return UNREADABLE


def say(answer: str | bytes) -> None:
    """Writes (a part of) the answer on standard output. When nobody reads it any more, the exit code still tells; where it cannot
    be written there is no answer: raises :class:`CannotAnswer`."""
    try:
        if isinstance(answer, bytes):
            sys.stdout.buffer.write(answer)
        else:
            sys.stdout.write(answer)
        sys.stdout.flush()
    except BrokenPipeError:
        nobody_reads()
    except OSError as error:
        nobody_reads()
        raise CannotAnswer(f"The answer cannot be written: {error.strerror or error}.") from None


def nobody_reads() -> None:
    """From now on what is written on standard output goes nowhere: Python itself would complain at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
