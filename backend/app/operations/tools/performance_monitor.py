"""``tools/operations/performance-monitor.py``: how fast is FossaWork, and is that getting worse?

It samples this machine, times the server's open routes and three read-only queries, and reads what the server has measured of
itself. Exit code: 0 nothing crossed · 1 warnings (P3, trends, baseline, something could not be measured) · 2 P1 or P2 · 3 the
server does not answer · 64 wrong use.
"""

import argparse
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import orjson
import psutil
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings, get_settings
from app.database import get_database, get_operations_database
from app.kit import clock
from app.kit.asking import NoAnswer, ask
from app.kit.files import write_atomically
from app.operations import thresholds as t
from app.operations.slo import sources
from app.operations.terms import Priority
from app.operations.tools import performance_rules as rules
from app.operations.tools.common import Exit, address, keep_line, mark, settings_of, sqlite_file, write, write_json
from app.operations.tools.health_check import recorded
from app.operations.tools.options import ROOT_HELP, Parser, UsageError, ended, patience, pause
from app.operations.tools.performance_rules import Measure
from app.telemetry.frames import Frame, labels_of, name_of
from app.telemetry.lines import instant
from app.telemetry.store import read_window

SCHEMA = "fossawork.performance-monitor/1"
_WINDOW_SECONDS = 900
_LOOK_SECONDS = 0.5
_ROUTES = {"health": "/api/health", "setup": "/api/setup"}
_QUERIES = {
    "query_users": "SELECT count(*) FROM users",
    "query_work_orders": "SELECT count(*) FROM work_orders",
    "query_runs": "SELECT state, count(*) FROM form_runs GROUP BY state",
}
_FIGURES = "query_figures"  # reading what the server has measured of itself
# Without a value something is amiss. The others may have none: a machine without a network, too few requests for a figure.
_EXPECTED = (*_ROUTES, *_QUERIES, _FIGURES)


def parser() -> Parser:
    made = Parser(prog="performance-monitor.py", description=__doc__)
    made.add_argument("--alerts", action="store_true", help="print only what crosses a threshold, deviates or rises")
    made.add_argument("--check-thresholds", action="store_true", help="the same as --alerts")
    made.add_argument(
        "--baseline", choices=("save", "compare"), help="keep today's figures, or compare with the kept ones"
    )
    made.add_argument(
        "--log-only", action="store_true", help="print nothing; only write the log files and end with the code"
    )
    made.add_argument("--samples", type=int, default=1, metavar="N", help="how many samples to take (default 1)")
    made.add_argument("--interval", type=pause, default=10.0, metavar="SECONDS", help="between two samples")
    made.add_argument("--base-url", type=address, metavar="URL", help="the server (default: where it said it runs)")
    made.add_argument("--timeout", type=patience, default=10.0, metavar="SECONDS")
    made.add_argument("--root", type=Path, metavar="DIR", help=ROOT_HELP)
    made.add_argument("--json", action="store_true", help="print one JSON document")
    made.add_argument("--quiet", action="store_true", help="print only what is not as it should be")
    return made


def main(argv: list[str] | None = None) -> int:
    options = parser()
    given = options.parse_args(argv)
    return ended(options, lambda: _run(given))


def _run(given: argparse.Namespace) -> int:
    if given.samples < 1:
        raise UsageError("--samples must be at least 1")
    settings = settings_of(given.root)
    base_url = (given.base_url or recorded(settings.home).facts.get("url") or "http://127.0.0.1:8000").rstrip("/")
    history = Kept(settings.home / "performance")
    taken = []
    for number in range(given.samples):
        if number:
            time.sleep(given.interval)
        taken.append(sample(settings, base_url, given.timeout))
    history.add(taken)
    latest = taken[-1]
    crossed = rules.breaches(latest)
    trends = [
        found
        for measure in latest
        if (found := rules.trend(measure.name, measure.unit, history.values(measure.name))) is not None
    ]
    rising = [found for found in trends if found.rising and found.name in rules.LIMITS]
    baseline = history.baseline()
    if given.baseline == "save":
        baseline = rules.baseline_of(history.samples())
        history.save_baseline(baseline)
    compared = rules.deviations(latest, baseline) if given.baseline == "compare" and baseline else []
    missing = [measure.name for measure in latest if measure.value is None and measure.name in _EXPECTED]
    code = _code(missing, crossed, bool(rising or compared))
    if given.baseline == "compare" and not baseline:
        raise UsageError("there is no baseline yet: --baseline save makes one")
    document = {
        "schema": SCHEMA,
        "timestamp": instant(clock.now()),
        "samples": len(taken),
        "measures": [asdict(measure) for measure in latest],
        "unmeasured": [measure.name for measure in latest if measure.value is None],
        "breaches": [asdict(breach) for breach in crossed],
        "trends": [asdict(found) for found in trends],
        "deviations": [asdict(found) for found in compared],
        "baseline": baseline or None,
        "exit_code": int(code),
    }
    _log(settings.logs, document, alerts=bool(crossed or compared))
    if given.log_only:
        return code
    if given.json:
        write_json(document)
    else:
        _print(
            missing,
            code,
            latest,
            crossed,
            rising,
            compared,
            brief=given.alerts or given.check_thresholds or given.quiet,
        )
    return code


def _code(missing: list[str], crossed: list[rules.Breach], noticed: bool) -> Exit:
    if missing and set(_ROUTES).issubset(missing):
        return Exit.unreachable
    if any(breach.priority is not Priority.p3 for breach in crossed):
        return Exit.critical
    return Exit.warning if crossed or noticed or missing else Exit.ok


# --- samples ----------------------------------------------------------------------------------------------------------


def sample(settings: Settings, base_url: str, timeout: float) -> list[Measure]:
    """Everything measured once. What cannot be measured has no value."""
    home = settings.home if settings.home.exists() else Path.cwd()
    before, started = psutil.net_io_counters(), time.perf_counter()
    cpu = psutil.cpu_percent(interval=_LOOK_SECONDS) / 100
    after, seconds = psutil.net_io_counters(), time.perf_counter() - started
    both = before is not None and after is not None
    measures = [
        Measure("cpu", "share", cpu),
        Measure("memory", "share", psutil.virtual_memory().percent / 100),
        Measure("disk", "share", psutil.disk_usage(str(home)).percent / 100),
        Measure("load", "count", psutil.getloadavg()[0]),
        Measure("processes", "count", float(len(psutil.pids()))),
        # Bytes per second: the system's own counters only grow, and say nothing about now.
        Measure("network_sending", "count", (after.bytes_sent - before.bytes_sent) / seconds if both else None),
        Measure("network_receiving", "count", (after.bytes_recv - before.bytes_recv) / seconds if both else None),
    ]
    measures += [Measure(name, "seconds", _time_route(base_url + path, timeout)) for name, path in _ROUTES.items()]
    measures += [Measure(name, "seconds", took) for name, took in _time_queries().items()]
    return measures + _own_figures()


def _time_route(url: str, timeout: float) -> float | None:
    """Seconds until the whole answer is here; ``None`` when there is none, or another one than was asked for: how fast a server
    fails says nothing of how fast it is."""
    try:
        answer = ask(url, timeout)
    except NoAnswer:
        return None
    return answer.seconds if answer.ok and answer.body else None


def _time_queries() -> dict[str, float | None]:
    """Three questions of the UI's kind, reading only."""
    found: dict[str, float | None] = dict.fromkeys(_QUERIES)
    file = sqlite_file(get_settings().sqlalchemy_url)
    try:
        if file is not None and not file.exists():
            return found  # opening it would make one
        with get_database().read() as db:
            for name, query in _QUERIES.items():
                started = time.perf_counter()
                db.execute(text(query)).all()
                found[name] = time.perf_counter() - started
    except (SQLAlchemyError, OSError):
        return found
    return found


def _own_figures() -> list[Measure]:
    """What the server has measured of itself in the last quarter of an hour, and how long reading that took."""
    file = sqlite_file(get_settings().operations_url)
    frame: Frame = {}
    seconds = None
    try:
        if file is None or file.exists():
            now, started = time.time(), time.perf_counter()
            with get_operations_database().read() as db:
                frame = read_window(db, now - _WINDOW_SECONDS, now, now, lambda key: key[0] in "ch")
            seconds = time.perf_counter() - started
    except (SQLAlchemyError, OSError):
        frame = {}
    return [Measure(_FIGURES, "seconds", seconds), *own_figures(frame)]


def own_figures(frame: Frame) -> list[Measure]:
    """With few requests one alone would be a p95, or a fifth of them all: then there is no figure."""
    seen = sources.traffic(frame)
    sign_ins = {k: v for k, v in frame.items() if name_of(k) == sources.AUTH and labels_of(k).get("kind") == "sign_in"}
    return [
        Measure("requests_p95", "seconds", seen.p95 if seen.timed >= t.REQUESTS_FOR_TIME else None),
        Measure("requests_failed", "share", seen.failed / seen.total if seen.total >= t.REQUESTS_FOR_ERRORS else None),
        Measure("sign_in_p95", "seconds", sources.p_quantile(sign_ins, 0.95)),
    ]


# --- what is kept -----------------------------------------------------------------------------------------------------


class Kept:
    """The last hundred samples and the baseline, as files in the home folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._samples: list[list[Measure]] = []
        for line in self._read("samples.jsonl").splitlines():
            try:
                self._samples.append(msgspec.json.decode(line, type=list[Measure]))
            except (msgspec.DecodeError, UnicodeError, RecursionError):
                continue  # a line that was torn by a full disk

    def _read(self, name: str) -> bytes:
        try:
            return (self._folder / name).read_bytes()
        except OSError:  # nothing is kept yet, or not for this user
            return b""

    def add(self, taken: list[list[Measure]]) -> None:
        """Keeps these too. Who cannot write here (an unprivileged look, a full disk) still gets an answer."""
        self._samples = [*self._samples, *taken][-rules.KEPT :]
        lines = b"".join(
            orjson.dumps([asdict(measure) for measure in each], option=orjson.OPT_APPEND_NEWLINE)
            for each in self._samples
        )
        self._write("samples.jsonl", lines)

    def _write(self, name: str, data: bytes) -> None:
        try:
            write_atomically(self._folder / name, data)
        except OSError:
            return

    def samples(self) -> list[list[Measure]]:
        return self._samples

    def values(self, name: str) -> list[float]:
        return [m.value for each in self._samples for m in each if m.name == name and m.value is not None]

    def baseline(self) -> dict[str, float]:
        """The kept one; nothing when there is none. A damaged one is said to be that, and not compared with."""
        data = self._read("baseline.json")
        try:
            return msgspec.json.decode(data, type=dict[str, float]) if data else {}
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            words = f"{self._folder / 'baseline.json'} is damaged and not used; --baseline save makes a new one."
            sys.stderr.write(f"{words}\n")
            return {}

    def save_baseline(self, baseline: dict[str, float]) -> None:
        self._write("baseline.json", orjson.dumps(baseline, option=orjson.OPT_INDENT_2))


def _log(folder: Path, document: dict[str, Any], *, alerts: bool) -> None:
    """Appends to the log folder's files of this tool (spec §3.1)."""
    for name in ("performance-metrics.jsonl", *(("performance-alerts.jsonl",) if alerts else ())):
        keep_line(folder / name, document)


def _print(
    missing: list[str],
    code: Exit,
    latest: list[Measure],
    crossed: list[rules.Breach],
    rising: list[rules.Trend],
    compared: list[rules.Deviation],
    *,
    brief: bool,
) -> None:
    if not brief:
        width = max(len(measure.name) for measure in latest)
        for measure in latest:
            value = "not measured" if measure.value is None else rules.amount(measure.value, measure.unit)
            write(f"  {measure.name:<{width}}  {value:>14}")
        write("")
    for breach in crossed:
        write(f"  {mark(breach.priority.value)} {breach.name}: {breach.words}")
    for found in compared:
        write(f"  {mark('p3')} {found.name}: {found.share:.0%} above its baseline")
    for one in rising:
        write(f"  {mark('p3')} {one.name}: rising over the last {one.samples} samples")
    if missing:
        words = "The server does not answer, and could not be measured" if code is Exit.unreachable else "Not measured"
        write(f"  {mark('unknown')} {words}: {', '.join(missing)}.")
    elif not (crossed or compared or rising):
        write("No threshold is crossed.")
