"""How an answer about logs leaves the tool: as text or JSON, to the terminal or a file, and as exit code."""

import argparse
import os
import shutil
import sys
from typing import TYPE_CHECKING

from app.operations.tools.options import CannotAnswer, say

if TYPE_CHECKING:
    from app.operations.logs.analyzer.report import Report
    from app.operations.logs.analyzer.text import Paper


def exit_code(report: "Report", options: argparse.Namespace) -> int:
    """The verdict's code; warnings are 0 for who only wants to hear of errors."""
    code = report.verdict.code
    return 0 if code == 1 and options.fail_on == "error" else code


def give(report: "Report", options: argparse.Namespace) -> None:
    """Prints the answer, or writes it to the file that was asked for. Raises :class:`CannotAnswer`."""
    one_document = options.json and not options.follow  # whoever reads JSON reads one document (spec §2.5)
    if options.quiet and not one_document and exit_code(report, options) == 0:
        return
    if options.output is None:
        text = text_of_report(report, options, terminal())
        if options.follow:
            sys.stdout.write(text)
            sys.stdout.flush()  # who follows is ended when nobody reads any more
        else:
            say(text.encode() if options.json else text)  # JSON is UTF-8 whatever the terminal has
        return
    from app.kit.files import write_atomically
    from app.operations.logs.analyzer.text import Paper

    try:
        write_atomically(options.output.absolute(), text_of_report(report, options, Paper()).encode())
    except OSError as error:
        raise CannotAnswer(f"{options.output} cannot be written: {error.strerror or error}.") from None


def text_of_report(report: "Report", options: argparse.Namespace, paper: "Paper") -> str:
    """The answer in the form that was asked for."""
    if options.json:
        return json_of(report, indent=-1 if options.follow else 2)
    from app.operations.logs.analyzer.text import render, render_alerts

    return render_alerts(report, paper) if options.alerts else render(report, paper)


def json_of(value: object, indent: int = -1) -> str:
    """One JSON document, on one line or (``indent``) for people."""
    import msgspec

    return msgspec.json.format(msgspec.json.encode(value), indent=indent).decode() + "\n"


def terminal() -> "Paper":
    """The paper that standard output is: with colour and a width only when a person looks at it."""
    from app.operations.logs.analyzer.text import Paper

    if not sys.stdout.isatty():
        return Paper()
    return Paper(shutil.get_terminal_size().columns, "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb")
