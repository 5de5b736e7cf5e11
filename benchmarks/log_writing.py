"""A line of the log: what it costs its caller, and what it costs until it stands in its file, beside a bare append of the
same bytes."""

import tempfile
import time
from pathlib import Path

from app.telemetry import logs
from app.telemetry.origin import new_request_id, working_for
from benchmarks.result import Row, against

LIMIT_US = 10.0
_BURST, _BURSTS, _QUICK_BURSTS = 500, 60, 15
_SOMEBODY = "0198c0de-1234-7abc-8def-0123456789ab"


def log_line(quick: bool) -> list[Row]:
    """Bursts of lines like those of a running sync; each burst is written before the next one begins."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        logs.set_up(folder)
        said, written = [], []
        with working_for(new_request_id(), _SOMEBODY):
            for _ in range(_QUICK_BURSTS if quick else _BURSTS):
                spoke, wrote = _burst()
                said.append(spoke)
                written.append(wrote)
        lines = next((folder / "automation").iterdir()).read_bytes().splitlines(keepends=True)
        if len(lines) != len(said) * _BURST:
            raise RuntimeError(f"{len(lines)} of {len(said) * _BURST} lines of the benchmark were written")
        bare = min(_append(folder / "bare", lines[:_BURST]) for _ in said)
        logs.set_up(folder / "elsewhere")
    ours, whole, size = min(said), min(written), len(lines[0])
    return [
        against("log-line", ours, LIMIT_US, "µs", 1.0, f"the caller's time for a line of {size} bytes"),
        against("log-line-vs-append", ours, bare, "µs", 4.0, "the same beside one bare append of its bytes", aim=True),
        against(
            "log-line-on-disk",
            whole,
            bare,
            "µs",
            20.0,
            "with redaction, JSON and the write, all in one thread",
            aim=True,
        ),
    ]


def _burst() -> tuple[float, float]:
    """Microseconds a line for the caller, and until all of them are written."""
    log = logs.get_logger("automation")
    started = time.perf_counter()
    for number in range(_BURST):
        log.info("location.read", job_id=_SOMEBODY, done=number, total=_BURST, duration_ms=812.5)
    said = time.perf_counter()
    logs.flush()
    written = time.perf_counter()
    return (said - started) / _BURST * 1e6, (written - started) / _BURST * 1e6


def _append(path: Path, lines: list[bytes]) -> float:
    """Microseconds a line: open for appending, one write each, nothing else."""
    with path.open("ab", buffering=0) as file:
        started = time.perf_counter()
        for line in lines:
            file.write(line)
        return (time.perf_counter() - started) / len(lines) * 1e6
