"""Each finding, and the same just below its limit."""

from pathlib import Path

import pytest

from app.operations.logs.analyzer.analysis import Question
from app.operations.logs.analyzer.report import Report
from backend.tests.operations.logs.analyzer.test_answers import HOUR, ask
from backend.tests.operations.logs.analyzer.written import NOON, at, own, write

ALL = Question(period=HOUR, sections=frozenset({"errors", "performance", "security"}))


def _report(root: Path, *lines: bytes) -> Report:
    write(root, "backend/2026-03-01.jsonl", [own(message="quiet"), *lines])
    return ask(root, ALL)


def _timed(milliseconds: float, count: int, status: int = 200) -> list[bytes]:
    return [own(route="/api/week", status=status, duration_ms=milliseconds)] * count


@pytest.mark.parametrize(
    ("lines", "code", "rules"),
    [
        ([], 0, []),
        ([own(level="warning")] * 50, 0, []),
        ([own(level="error", message="database locked")], 1, [("P3", "log_errors:database")]),
        ([own(level="error", message="database locked")] * 10, 1, [("P3", "log_errors:database")]),
        ([own(level="error", message="database locked")] * 11, 2, [("P2", "log_errors:database")]),
        ([own(level="error", message=text) for text in ("database", "login", "browser") for _ in range(9)], 1,
         [("P3", "log_errors:authentication"), ("P3", "log_errors:automation"), ("P3", "log_errors:database")]),
        ([own(level="critical", message="disk full")], 2, [("P2", "log_critical:performance")]),
        ([own(level="critical", message="attack")], 2, [("P1", "log_critical:security")]),
        (_timed(1_900, 30), 0, []),
        (_timed(2_100, 19), 1, [("P3", "slow_lines")]),
        (_timed(2_100, 20), 1, [("P3", "slow_api_minor"), ("P3", "slow_lines")]),
        (_timed(5_200, 20), 2, [("P2", "slow_api"), ("P3", "slow_lines")]),
        (_timed(10, 49, status=500), 0, []),
        ([*_timed(10, 95), *_timed(10, 5, status=500)], 0, []),
        ([*_timed(10, 94), *_timed(10, 6, status=503)], 2, [("P2", "error_rate")]),
        (_timed(10, 100, status=404), 0, []),
        ([own(message="<script>")] * 10, 1, [("P3", "attack_pattern:xss_attempt")]),
        ([own(message="<script>")] * 11, 2, [("P2", "attack_pattern:xss_attempt")]),
        ([own(event="sign_in.refused", ip="192.0.2.1")] * 5, 0, []),
        ([own(event="sign_in.refused", ip="192.0.2.1")] * 6, 2, [("P2", "suspicious_source:ip:192.0.2.1")]),
        ([b"broken\n"], 1, [("P3", "log_malformed")]),
        ([b'{"level":"info"}\n'], 1, [("P3", "log_undated")]),
        ([own(at(hours=-3))], 1, [("P3", "log_later")]),
        ([own(at(seconds=-30))], 0, []),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
def test_findings(tmp_path: Path, lines: list[bytes], code: int, rules: list[tuple[str, str]]) -> None:
    report = _report(tmp_path, *lines)
    assert [(alert.priority, alert.key) for alert in report.alerts] == rules
    assert report.verdict.code == code
    assert len(report.verdict.reasons) == len(rules)


def test_nothing_at_all_is_no_success(tmp_path: Path) -> None:
    assert ask(tmp_path, ALL).verdict.code == 3
    write(tmp_path, "backend/2026-03-01.jsonl", [own(at(hours=5))])
    report = ask(tmp_path, ALL)
    assert (report.verdict.code, report.verdict.word) == (3, "unreadable")
    assert "Nothing was logged in this period" in report.verdict.reasons[0]


def test_what_cannot_be_read_is_no_success_but_does_not_hide_what_is_critical(tmp_path: Path) -> None:
    broken = write(tmp_path, "automation/2026-03-01.jsonl.gz", [own()])
    broken.write_bytes(b"no gzip")
    write(tmp_path, "backend/2026-03-01.jsonl", [own(NOON, "error")])
    report = ask(tmp_path, ALL)
    assert report.verdict.code == 3
    assert "automation/2026-03-01.jsonl.gz" in " ".join(report.verdict.reasons)
    write(tmp_path, "backend/2026-03-01.jsonl", [own(NOON, "critical")])
    assert ask(tmp_path, ALL).verdict.code == 2
