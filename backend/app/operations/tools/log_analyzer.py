"""``tools/operations/log-analyzer.py``: what the logs tell, for people, cron and the alert engine.

Only what an answer needs is imported, and only when it is needed: a small answer takes a tenth of a second.
"""

import argparse
import gc
import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from app.operations.tools.log_output import exit_code, give
from app.operations.tools.options import ROOT_HELP, CannotAnswer, Parser, UsageError, ended, is_home

if TYPE_CHECKING:
    from app.operations.logs.analyzer.analysis import Question
    from app.operations.logs.analyzer.reading import Outcome
    from app.operations.logs.analyzer.report import Report, TablePart
    from app.operations.logs.instants import Period

ROOT = Path(__file__).resolve().parents[4]
LAST = {
    "5min": timedelta(minutes=5),
    "hour": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "week": timedelta(weeks=1),
}
_LINES = 200
_DESCRIPTION = "What the logs tell: errors by family, slow and failed requests, attacks, single lines, or any SQL."
_EPILOG = """\
exit codes
  0   nothing found
  1   warnings
  2   critical: more than 10 errors of one family, any line of level critical, p95 above 5 s, more than 5 % server errors,
      more than 5 failed sign-ins of one source, more than 10 attempts of one kind
  3   not (all) readable, or nothing was logged in the period
  64  wrong usage

Times without an offset are UTC. Errors that are also in the folder errors/ are counted once. Without a period everything is
read; with one that has a beginning, counts are compared with the equally long period before.

examples
  log-analyzer.py --errors --last-hour
  log-analyzer.py --request-id 1e2f414c343c
  log-analyzer.py --group-by route --quantiles --last-24h
  log-analyzer.py --sql "SELECT route, count(*) FROM logs WHERE status >= 500 GROUP BY 1" --last-week
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Answers and returns the exit code. ``argv`` is what follows the tool's name; by default the process's own."""
    parser = _parser()
    options = parser.parse_args(argv)
    return ended(parser, lambda: _run(options))


def _parser() -> Parser:
    parser = Parser(
        prog="log-analyzer.py",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    what = parser.add_argument_group("what (default: --summary)")
    what.add_argument("--errors", action="store_true", help="errors by family and by what they tell")
    what.add_argument("--performance", action="store_true", help="durations by route and component, server errors")
    what.add_argument("--security", action="store_true", help="attack patterns and sources of failed sign-ins")
    what.add_argument("--suspicious", action="store_true", help="the same as --security")
    what.add_argument("--summary", "--report", action="store_true", help="all of these")
    what.add_argument("--slow", metavar="MS", help="what took longer than this (2000, 2000ms, 2s), worst first")
    what.add_argument("--group-by", metavar="FIELD", help="lines by the value of a field")
    what.add_argument(
        "--quantiles", action="store_true", help="with --group-by: p50, p95, p99 of the durations as well"
    )
    what.add_argument("--grep", metavar="TEXT", help="lines that contain a text; ASCII letters in either case")
    what.add_argument("--request-id", metavar="ID", help="the story of one request, over all categories")
    what.add_argument("--sql", metavar="QUERY", help="one SELECT over the view `logs`, read-only")
    what.add_argument("--alerts", action="store_true", help="only what somebody should be told, one line each")
    when = parser.add_argument_group("when (default: everything)")
    last = when.add_mutually_exclusive_group()
    for name in LAST:
        last.add_argument(f"--last-{name}", dest="last", action="store_const", const=name)
    when.add_argument("--since", metavar="TIME", help="2026-03-01T09:30:00Z, 2026-03-01, or 90m (ago)")
    when.add_argument("--until", metavar="TIME", help="the same; a date includes its day")
    where = parser.add_argument_group("where")
    where.add_argument(
        "--category", action="append", default=[], metavar="NAME", help="backend, automation, …; may be repeated"
    )
    where.add_argument("--component", metavar="NAME", help="only lines of this component")
    where.add_argument(
        "--logs-dir", type=Path, metavar="DIR", help="the folder of logs (default: FOSSAWORK_LOGS, else logs/)"
    )
    where.add_argument("--root", type=Path, metavar="DIR", help=f"{ROOT_HELP}, whose logs are read")
    how = parser.add_argument_group("how")
    how.add_argument("--top", type=_count, metavar="N", help="entries of each list (default 10; 200 lines)")
    how.add_argument("--threshold", metavar="MS", help="from when on a duration is slow (default 2000)")
    how.add_argument("--fail-on", choices=("warn", "error"), default="warn", help="error: warnings end with 0 as well")
    how.add_argument("--json", action="store_true", help="one JSON document")
    how.add_argument("--output", type=Path, metavar="FILE", help="write the answer there instead")
    how.add_argument(
        "--quiet", action="store_true", help="say nothing when nothing is found (--json: one document all the same)"
    )
    how.add_argument(
        "--follow", "--monitor", action="store_true", help="show errors, or lines that match, as they are written"
    )
    how.add_argument("--interval", type=_count, metavar="SECONDS", help="with --follow: a whole answer every so often")
    return parser


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def _run(options: argparse.Namespace) -> int:
    from app.kit import clock

    now = clock.now()
    _check(options)
    question = _question(options, now)
    root, categories = _folder(options), frozenset(options.category)
    if options.follow:
        from app.operations.tools.log_following import follow

        return follow(root, categories, question, options)
    report = _answer(root, categories, question, options.sql, now)
    give(report, options)
    return exit_code(report, options)


def _check(options: argparse.Namespace) -> None:
    asked = [
        name
        for name in ("errors", "performance", "security", "suspicious", "summary", "slow", "group_by")
        if getattr(options, name)
    ]
    if options.sql and (asked or options.grep or options.request_id or options.component):
        raise UsageError("--sql asks for itself: only a period and categories go with it.")
    if options.quantiles and not options.group_by:
        raise UsageError("--quantiles needs --group-by FIELD.")
    if options.interval and not options.follow:
        raise UsageError("--interval needs --follow.")
    if options.follow and (options.last or options.since or options.until or options.sql or options.output):
        raise UsageError("--follow shows what is written from now on: no period, --sql or --output goes with it.")
    if options.last and (options.since or options.until):
        raise UsageError(f"--last-{options.last} is a period already: leave out --since and --until.")
    if options.slow and options.threshold:
        raise UsageError("--slow is a threshold already.")
    if options.logs_dir and options.root:
        raise UsageError("Say either --logs-dir or --root.")


def _question(options: argparse.Namespace, now: datetime) -> "Question":
    from app.operations.logs.analyzer.analysis import Question, Section
    from app.operations.logs.analyzer.tallies import GROUP_FIELDS
    from app.operations.thresholds import RESPONSE_SECONDS

    sections: set[Section] = set()
    if options.errors:
        sections.add("errors")
    if options.performance or options.slow:
        sections.add("performance")
    if options.security or options.suspicious:
        sections.add("security")
    if options.group_by:
        if options.group_by not in GROUP_FIELDS:
            raise UsageError(f"--group-by knows {', '.join(GROUP_FIELDS)}.")
        sections.add("groups")
    if not sections and (options.grep or options.request_id):
        sections.add("lines")
    if options.summary or not (sections or options.sql):
        sections.update(("errors", "performance", "security"))
    limit = options.slow or options.threshold
    return Question(
        period=_period(options, now),
        sections=frozenset(sections),
        component=options.component or "",
        grep=options.grep or "",
        request_id=options.request_id or "",
        group_by=options.group_by or "",
        quantiles=options.quantiles,
        slow_ms=_milliseconds(limit) if limit else RESPONSE_SECONDS * 1000,
        top=options.top or 10,
        lines=options.top or _LINES,
    )


def _period(options: argparse.Namespace, now: datetime) -> "Period":
    from app.operations.logs.instants import MOMENT, BadInstant, Period, parse_bound

    if options.last:
        return Period.up_to(now, LAST[options.last])
    try:
        since = parse_bound(options.since, now) if options.since else None
        until = parse_bound(options.until, now, end=True) if options.until else None
    except BadInstant as error:
        raise UsageError(str(error)) from None
    if since is not None and until is None:
        until = now + MOMENT
    if since is not None and until is not None and since >= until:
        raise UsageError("The period ends before it begins.")
    return Period(since, until)


def _milliseconds(text: str) -> float:
    number, factor = text.strip().lower(), 1.0
    if number.endswith("ms"):
        number = number[:-2]
    elif number.endswith("s"):
        number, factor = number[:-1], 1000.0
    try:
        value = float(number) * factor
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise UsageError(f"{text!r} is no duration. Say 2000, 2000ms or 2s.")
    return value


def _folder(options: argparse.Namespace) -> Path:
    if options.logs_dir:
        return Path(options.logs_dir).expanduser().absolute()
    if options.root:
        root = Path(options.root).expanduser().absolute()
        if (root / "logs").is_dir() or not is_home(root):
            return root / "logs"
    return Path(os.environ.get("FOSSAWORK_LOGS") or ROOT / "logs").expanduser().absolute()


def _answer(root: Path, categories: frozenset[str], question: "Question", sql: str | None, now: datetime) -> "Report":
    from app.operations.logs.analyzer.build import build_report
    from app.operations.logs.analyzer.reading import answer, nothing

    started = time.perf_counter()
    table = None
    gc.disable()  # there are no cycles in what is counted, but very many small objects to look through for some
    try:
        outcome = answer(root, question, categories) if root.is_dir() else nothing(root, question)
        if sql and outcome.files:
            table = _ask(sql, outcome, question)
    finally:
        gc.enable()
    seconds = time.perf_counter() - started
    return build_report(outcome, folder=str(root), categories=categories, now=now, seconds=seconds, table=table)


def _ask(sql: str, outcome: "Outcome", question: "Question") -> "TablePart":
    from app.operations.logs.analyzer.query import BadQuery, TooLarge, run_query
    from app.operations.logs.analyzer.reading import origins_of

    sources = list(zip(outcome.files, origins_of(outcome.files), strict=True))
    try:
        return run_query(sql, sources, question.period)
    except BadQuery as error:
        raise UsageError(f"The query cannot be answered. {error}") from None
    except TooLarge as error:
        raise CannotAnswer(str(error)) from None
