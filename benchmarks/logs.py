"""Reading logs: a million lines (250 MB) by the tool, beside jq, grep and the bare SQL engine on the same file.

Every figure of the tool is that of the whole command, from its start to its exit code; what is archived is compared with what is
not by the time from question to answer, because there the start of Python would hide the difference.
"""

import gc
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import orjson
import psutil

from app.operations.logs.analyzer.analysis import Question
from app.operations.logs.analyzer.reading import answer
from app.operations.logs.archive import archive_day
from app.operations.logs.closing import close_day
from app.operations.logs.layout import Kind, path_of
from benchmarks.portal import ROOT
from benchmarks.result import Row, against, spread

LINES, QUICK_LINES = 1_000_000, 200_000
ERRORS_MBS, GROUPS_MBS, JQ_TIMES, ARCHIVE_TIMES, MEMORY_MB, START_MS = 400.0, 250.0, 5.0, 10.0, 200.0, 200.0
TOOL = ROOT / "tools" / "operations" / "log-analyzer.py"
_DAY = date(2026, 3, 1)
_LOOK_SECONDS = 0.005
_ROUTES = (
    "/api/week",
    "/api/work-orders",
    "/api/work-orders/{id}",
    "/api/batches/{id}",
    "/api/syncs",
    "/api/sync-status",
)
# Half of the errors tell what happened in constant words, as the product's own do; the others with a figure in them.
_LOUD = (
    "the database could not be reached",
    "the portal did not answer",
    "the browser was closed",
    "database is locked after {} ms",
    "form {} of the visit was not kept by the portal",
    "refused the password of session {}",
)
_ASKED = ["--errors"]
_GROUPED = ["--group-by", "route"]
_TIMED = ["--group-by", "route", "--quantiles"]


def _write(path: Path, count: int) -> None:
    """Lines as the product writes them: one per cent errors, one in a thousand critical."""
    rng = random.Random(1)
    at = datetime(2026, 3, 1, tzinfo=UTC)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        for number in range(count):
            at += timedelta(milliseconds=rng.randrange(2 * 86_000_000 // count))
            share = rng.random()
            level = "info" if share < 0.95 else "warning" if share < 0.989 else "error" if share < 0.999 else "critical"
            line: dict[str, object] = {
                "ts": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "level": level,
                "category": "backend",
                "component": "api",
                "event": "request",
                "message": f"answer {number}",
                "request_id": f"{rng.getrandbits(48):012x}",
                "user_id": f"u{rng.randrange(500):05}",
                "ip": f"192.0.2.{rng.randrange(255)}",
                "method": "GET",
                "route": rng.choice(_ROUTES),
                "status": 200,
                "duration_ms": round(rng.lognormvariate(3, 1), 2),
            }
            if level in ("error", "critical"):
                line["message"] = rng.choice(_LOUD).format(rng.randrange(10_000))
                line["error"] = {"type": "OperationalError", "message": "database is locked"}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _archive(plain: Path, folder: Path) -> None:
    """The day as it is archived: its lines, and the second copies of its errors."""
    for category in ("backend", "errors"):
        lines = path_of(folder, category, _DAY, Kind.plain)
        lines.parent.mkdir(parents=True)
        with plain.open("rb") as read, lines.open("wb") as written:
            loud = (b'"level":"error"', b'"level":"critical"') if category == "errors" else (b"",)
            written.writelines(line for line in read if any(level in line for level in loud))
        close_day(folder, category, _DAY)
        archive_day(folder, category, _DAY)


@contextmanager
def _logs(count: int) -> Iterator[tuple[Path, Path, Path]]:
    """Two folders of logs with the same day, as it was written and archived; and the written file."""
    folder = Path(tempfile.mkdtemp(prefix="fossawork-bench-logs-"))
    try:
        plain = folder / "plain" / "backend" / f"{_DAY}.jsonl"
        _write(plain, count)
        _archive(plain, folder / "archived")
        yield folder / "plain", folder / "archived", plain
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _seconds(command: Sequence[str | Path], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        result = subprocess.run(
            list(map(str, command)), stdout=subprocess.PIPE, check=False
        )  # grep stops early before /dev/null
        times.append(time.perf_counter() - started)
        if result.returncode > 2:
            raise RuntimeError(f"{' '.join(map(str, command))} ended with {result.returncode}")
    return times


def _tool(folder: Path, options: Sequence[str]) -> list[str | Path]:
    return [sys.executable, TOOL, *options, "--logs-dir", folder]


def _peak(command: Sequence[str | Path]) -> float:
    """The most memory (MB, shared pages divided among those who share them) of a command with its processes."""
    most = 0.0
    with subprocess.Popen(list(map(str, command)), stdout=subprocess.DEVNULL) as running:
        watched = psutil.Process(running.pid)
        while running.poll() is None:
            try:
                family = [watched, *watched.children(recursive=True)]
                most = max(most, sum(process.memory_full_info().pss for process in family) / 1e6)
            except psutil.Error:
                continue  # one of them has just ended
            time.sleep(_LOOK_SECONDS)
    return most


def _sql(plain: Path, select: str) -> list[str]:
    columns = "{'level': 'VARCHAR', 'route': 'VARCHAR', 'duration_ms': 'DOUBLE'}"
    source = f"read_json('{plain}', format = 'newline_delimited', columns = {columns})"
    return [sys.executable, "-c", f'import duckdb; duckdb.execute("""{select.format(source)}""").fetchall()']


def _least(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)


def _faster(name: str, ours: float, limit: float, note: str, *, unit: str = "MB/s") -> Row:
    return Row(name, ours, limit, ours / limit, unit, 1.0, note, higher_is_better=True)


def logs(quick: bool) -> list[Row]:
    """The tool on a day of logs, and on the same day archived."""
    rounds = 3 if quick else 5
    with _logs(QUICK_LINES if quick else LINES) as (plain, archived, file):
        size = file.stat().st_size / 1e6
        rows = _plain_rows(plain, file, size, rounds)
        rows += _archived_rows(plain, archived, rounds)
        peaks = {
            " ".join(options): _peak(_tool(plain, options))
            for options in (_ASKED, _TIMED, ["--summary"], ["--sql", "SELECT route, count(*) FROM logs GROUP BY 1"])
        }
        peaks["archived --summary"] = _peak(_tool(archived, ["--summary"]))
        note = f"{size:.0f} MB of logs; all processes together; {', '.join(f'{name} {peak:.0f}' for name, peak in peaks.items())}"
        rows.append(against("logs-memory", max(peaks.values()), MEMORY_MB, "MB", note=note))
        file.write_bytes(file.read_bytes()[:10_000].rpartition(b"\n")[0] + b"\n")
        start = _seconds(_tool(plain, _ASKED), 2 * rounds)
        bare = min(_seconds([sys.executable, "-c", "pass"], rounds))
        note = f"--errors over 10 kB, the whole command; Python alone {bare * 1000:.0f} ms"
        rows.append(against("logs-start", min(start) * 1000, START_MS, "ms", note=note))
    return rows


def _plain_rows(plain: Path, file: Path, size: float, rounds: int) -> list[Row]:
    load = f"{os.getloadavg()[0]:.1f} before" if hasattr(os, "getloadavg") else "unknown"
    ours = _seconds(_tool(plain, _ASKED), rounds)
    grep = min(_seconds(["grep", "-cE", '"level":"(error|critical)"', file], rounds))
    engine = min(
        _seconds(_sql(file, "SELECT level, count(*) FROM {0} WHERE level IN ('error', 'critical') GROUP BY 1"), rounds)
    )
    note = f"{size:.0f} MB in {spread(ours)} s, every line parsed; grep -c {size / grep:.0f}, DuckDB counting alone {size / engine:.0f} MB/s; noise: load {load}"
    rows = [_faster("logs-errors", size / min(ours), ERRORS_MBS, note)]
    if jq := shutil.which("jq"):
        others = _seconds([jq, "-c", 'select(.level == "error" or .level == "critical")', file], 2)
        text = f"jq selects the same lines in {spread(others)} s ({size / min(others):.0f} MB/s), without grouping them"
        rows.append(
            Row(
                "logs-errors-vs-jq",
                min(ours),
                min(others),
                min(others) / min(ours),
                "s",
                JQ_TIMES,
                text,
                higher_is_better=True,
            )
        )
    else:
        print("  jq is not on the PATH: not compared with it", file=sys.stderr)
    for name, options, select in (
        ("logs-group-by", _GROUPED, "SELECT route, count(*) FROM {0} GROUP BY 1"),
        ("logs-quantiles", _TIMED, "SELECT route, quantile_cont(duration_ms, [0.5, 0.95, 0.99]) FROM {0} GROUP BY 1"),
    ):
        times = _seconds(_tool(plain, options), rounds)
        engine = min(_seconds(_sql(file, select), rounds))
        rows.append(
            _faster(name, size / min(times), GROUPS_MBS, f"{spread(times)} s; DuckDB alone {size / engine:.0f} MB/s")
        )
    return rows


def _archived_rows(plain: Path, archived: Path, rounds: int) -> list[Row]:
    rows = []
    gc.disable()  # as the tool does
    questions = {
        "logs-archived-errors": (Question(), _ASKED),
        "logs-archived-group-by": (Question(sections=frozenset({"groups"}), group_by="route"), _GROUPED),
        "logs-archived-quantiles": (Question(sections=frozenset({"groups"}), group_by="route", quantiles=True), _TIMED),
    }
    for name, (question, options) in questions.items():
        slow, fast = (_least(partial(answer, folder, question), rounds) for folder in (plain, archived))
        command = min(_seconds(_tool(archived, options), rounds))
        note = f"archived {fast * 1000:.0f} ms, as written {slow * 1000:.0f} ms from question to answer; the whole command {command * 1000:.0f} ms"
        # An error is normalised in Python wherever it comes from; with many different ones that is most of the work.
        is_aim = name == "logs-archived-errors"
        rows.append(Row(name, fast, slow, slow / fast, "s", ARCHIVE_TIMES, note, higher_is_better=True, aim=is_aim))
    gc.enable()
    return rows
