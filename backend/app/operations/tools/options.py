"""What all operating tools have in common on the command line: stable exit codes and how usage errors are told."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable
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
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception:
        traceback.print_exc()
        return UNREADABLE
