"""Whatever breaks a tool, or the disk below it: no crash looks like a result, and no result is lost for it."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.config import get_settings
from app.operations.slo.sources import traffic
from app.operations.terms import Priority
from app.operations.tools import common, health_check, performance_monitor, performance_rules
from app.operations.tools.performance_monitor import Kept, own_figures
from app.operations.tools.performance_rules import Measure
from app.telemetry.frames import Frame
from app.telemetry.metrics import SECONDS

Main = Callable[[list[str]], int]


def _broken(*_: object, **__: object) -> Any:
    raise RuntimeError("it broke")


@pytest.mark.parametrize("tool", [health_check, performance_monitor])
def test_a_crash_is_no_warning(home: Path, tool: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool, "settings_of", _broken)
    assert tool.main([]) == 3


def test_a_baseline_that_cannot_be_read_is_no_warning(home: Path) -> None:
    (home / "performance").mkdir(parents=True)
    (home / "performance" / "baseline.json").write_bytes(b"{")
    assert performance_monitor.main(["--base-url", "http://127.0.0.1:9", "--timeout", "0.1"]) == 3


def _full(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_takes_neither_the_answer_nor_what_was_kept(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = Kept(home / "performance")
    kept.add([[Measure("health", "seconds", 0.1)]])
    before = (home / "performance" / "samples.jsonl").read_bytes()
    monkeypatch.setattr("app.kit.files.os.fsync", _full)
    kept.add([[Measure("health", "seconds", 0.2)]])
    assert (home / "performance" / "samples.jsonl").read_bytes() == before
    assert kept.values("health") == [0.1, 0.2]
    monkeypatch.setattr(Path, "open", _full)
    code = health_check.main(["--scheduled", "--json", "--base-url", "http://127.0.0.1:9", "--component", "api"])
    told = capsys.readouterr()
    assert (code, json.loads(told.out)["status"]) == (3, "failed")
    assert "No space left" in told.err


def _answers(route: str, status: int, count: float) -> Frame:
    times = [count * 9.0, *[0.0] * len(SECONDS), count]
    return {
        f"c:fossawork_requests_total{{method=GET,route={route},status={status}}}": count,
        f"h:fossawork_request_duration_seconds{{method=GET,route={route}}}": times,
    }


def test_probes_of_a_sick_server_are_no_failed_requests_of_people() -> None:
    probed = _answers("/api/health", 503, 1000.0)
    figures = {measure.name: measure.value for measure in own_figures(probed)}
    assert (figures["requests_failed"], figures["requests_p95"]) == (None, None)
    few = {measure.name: measure.value for measure in own_figures(probed | _answers("/api/week", 500, 3.0))}
    assert (few["requests_failed"], few["requests_p95"]) == (None, None), "three are too few to say"
    many = own_figures(probed | _answers("/api/week", 500, 200.0))
    assert {breach.name: breach.priority for breach in performance_rules.breaches(many)} == {
        "requests_p95": Priority.p2,
        "requests_failed": Priority.p2,
    }
    assert traffic(probed).total == 0


def test_the_network_is_measured_as_bytes_per_second(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performance_monitor, "_LOOK_SECONDS", 0.01)
    measures = performance_monitor.sample(get_settings(), "http://127.0.0.1:9", 0.1)
    since_boot = psutil.net_io_counters().bytes_recv
    found = next(measure.value for measure in measures if measure.name == "network_receiving")
    assert found is not None
    assert found < max(since_boot, 1)


def test_the_files_of_results_do_not_grow_for_years(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(common, "_LARGEST", 100)
    path = tmp_path / "logs" / "health-checks.jsonl"
    for number in range(200):
        common.keep_line(path, {"number": number})
    kept = [
        json.loads(line)["number"] for file in sorted(path.parent.iterdir()) for line in file.read_text().splitlines()
    ]
    assert kept == sorted(kept) and kept[-1] == 199, "the newest are there, in their order"
    assert [file.name for file in sorted(path.parent.iterdir())] == [
        "health-checks.before.jsonl",
        "health-checks.jsonl",
    ]
    assert all(file.stat().st_size < 200 for file in path.parent.iterdir())
