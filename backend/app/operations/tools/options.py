"""What all operating tools have in common on the command line: stable exit codes and how usage errors are told."""

import argparse
import sys
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
