"""``log-analyzer.py --follow``: lines as they are written, or a whole answer every so many seconds."""

import argparse
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from app.kit import clock
from app.operations.logs.analyzer.analysis import Analysis, Question, Section
from app.operations.logs.analyzer.build import build_report
from app.operations.logs.analyzer.files import NoLogs
from app.operations.logs.analyzer.follow import Follower
from app.operations.logs.analyzer.lines import Newest
from app.operations.logs.analyzer.reading import Outcome
from app.operations.logs.analyzer.text import line_text
from app.operations.logs.instants import Period
from app.operations.tools.log_output import exit_code, give, json_of, terminal
from app.operations.tools.options import UNREADABLE

LOOK_SECONDS = 0.5
_LINES_A_LOOK = 10_000
_SEVERITY = (0, 1, 3, 2)  # exit codes, the worst last
Wait = Callable[[float], None]


def follow(
    root: Path,
    categories: frozenset[str],
    question: Question,
    options: argparse.Namespace,
    wait: Wait = time.sleep,
) -> int:
    """Goes on until it is interrupted. With ``--interval`` the exit code is that of the worst interval."""
    try:
        with Follower(root, categories) as follower:
            if options.interval:
                return _answers(follower, root, categories, question, options, wait)
            return _lines(follower, question, options, wait)
    except NoLogs as error:
        sys.stderr.write(f"{error}\n")
        return UNREADABLE


def _lines(follower: Follower, question: Question, options: argparse.Namespace, wait: Wait) -> int:
    """Errors; with a filter, every line that passes it."""
    sections: frozenset[Section] = frozenset({"lines"})
    question = replace(
        question, sections=sections, lines=_LINES_A_LOOK, only_errors=options.errors or not question.filters
    )
    paper = terminal()
    try:
        while True:
            analysis = Analysis(question)
            for chunk, origin in follower.new_chunks():
                analysis.add_chunk(chunk, origin)
            analysis.settle()
            newest = analysis.now["lines"]
            assert isinstance(newest, Newest)
            for line in newest.lines:
                sys.stdout.write(json_of(line) if options.json else f"{line_text(line, paper)}\n")
            if analysis.read.malformed:
                sys.stderr.write(f"{analysis.read.malformed} new lines are no JSON objects.\n")
            sys.stdout.flush()
            wait(LOOK_SECONDS)
    except KeyboardInterrupt:
        return 0


def _answers(
    follower: Follower,
    root: Path,
    categories: frozenset[str],
    question: Question,
    options: argparse.Namespace,
    wait: Wait,
) -> int:
    """A report on what was written in each interval, compared with the one before."""
    worst, previous = 0, None
    start = clock.now()
    try:
        while True:
            analysis = Analysis(question)
            end = start + timedelta(seconds=options.interval)
            while (left := (end - clock.now()).total_seconds()) > 0:
                wait(min(LOOK_SECONDS, left))
                for chunk, origin in follower.new_chunks():
                    analysis.add_chunk(chunk, origin)
            analysis.settle()
            # Whatever was written in the interval counts; only the report says from when to when that was.
            analysis.question = replace(question, period=Period(start, end))
            if previous is not None:
                analysis.before = previous.now
            outcome = Outcome(analysis, files=follower.files)
            report = build_report(
                outcome, folder=str(root), categories=categories, now=end, seconds=float(options.interval)
            )
            give(report, options)
            worst = max(worst, exit_code(report, options), key=_SEVERITY.index)
            start, previous = end, analysis
    except KeyboardInterrupt:
        return worst
