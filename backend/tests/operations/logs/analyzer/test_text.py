"""The answer for people: nothing in a log can steer the terminal, and everything stands in its column."""

from pathlib import Path

import pytest

from app.operations.logs.analyzer.analysis import Question
from app.operations.logs.analyzer.text import Paper, grid, printable, render, render_alerts
from app.operations.logs.analyzer.wording import milliseconds
from backend.tests.operations.logs.analyzer.test_answers import HOUR, ask
from backend.tests.operations.logs.analyzer.written import at, own, write


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a·[31mb"),
        ("a\nb\tc", "a ⏎ b c"),
        ("a\x9bb\x07\u202eb", "a·b··b"),
        ("déjà vu … ×", "déjà vu … ×"),
    ],
)
def test_nothing_that_a_terminal_would_obey(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_a_hostile_log_stays_text_everywhere(tmp_path: Path) -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e"
    fields = dict.fromkeys(("component", "event", "message", "route", "request_id", "user_id", "ip", "error"), evil)
    lines = [own(at(minutes=number), "error", status=500, duration_ms=9_000.0, **fields) for number in range(3)]
    refused = [own(event="sign_in.refused", ip=evil, message="<script>" + evil)] * 7
    write(tmp_path, "backend/2026-03-01.jsonl", [*lines, *refused, b"\x1b[2J\n"])
    sections = frozenset({"errors", "performance", "security", "groups", "lines"})
    report = ask(tmp_path, Question(period=HOUR, sections=sections, group_by="ip", grep="\x1b"))  # type: ignore[arg-type]
    for text in (render(report, Paper()), render_alerts(report, Paper())):
        assert text
        assert not [character for character in text if ord(character) < 32 and character != "\n"]
        assert "\u202e" not in text


def test_columns(tmp_path: Path) -> None:
    table = grid([">count", "empty", "what"], [["1", "", "a"], ["1,000", "", "b" * 30]], Paper(width=20))
    assert table.splitlines() == ["  count  what", "      1  a", "  1,000  bbbbbbbbbb…"]


def test_colour_only_where_it_is_seen(tmp_path: Path) -> None:
    write(tmp_path, "backend/2026-03-01.jsonl", [own(level="critical", message="down")])
    report = ask(tmp_path, Question(period=HOUR))
    assert "\x1b" not in render(report, Paper())
    assert "\x1b[1;31mCritical" in render(report, Paper(colour=True))


def test_an_answer_in_full(tmp_path: Path) -> None:
    lines = [
        own(at(minutes=70), "error", component="work", message="database is locked after 5 ms"),
        *[own(at(minutes=30), "error", component="work", message="database is locked after 7 ms", request_id="r1")] * 2,
        own(at(minutes=20), route="/api/week", duration_ms=2_500.0, status=200, method="GET"),
        b"broken\n",
    ]
    write(tmp_path, "backend/2026-03-01.jsonl", lines)
    report = ask(tmp_path, Question(period=HOUR, sections=frozenset({"errors", "performance"})))
    assert render(report, Paper()) == (
        """\
Logs, 2026-03-01 11:00 to 2026-03-01 12:00 UTC
logs: 3 lines in 1 file; 0.0 s
info 1, error 2

Errors: 2 (1 in the period before)

  family    errors  before
  database       2       1

  count  before  last seen         what
      2       1  2026-03-01 11:30  database is locked after 7 ms
                                   (backend work, database, FINGERPRINT)  --request-id r1

Performance: p95 2.50 s; 1 slower than 2.00 s; server errors 0 of 1 answer

  count    mean     p50     p95     p99     max  route
      1  2.50 s  2.50 s  2.50 s  2.50 s  2.50 s  /api/week

    took  at                   status  slowest
  2.50 s  2026-03-01 11:40:00     200  GET /api/week 200

Warnings:
  - 2 database errors (1 in the period before).
  - 1 line is no JSON object, the first at backend/2026-03-01.jsonl:5.
  - 1 line took longer than 2.00 s.
""".replace("FINGERPRINT", report.errors.entries[0].fingerprint if report.errors else "")
    )
    assert render_alerts(report, Paper()).splitlines()[0] == (
        "P3  log_errors:database  2 database errors (1 in the period before)."
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0.26, "0.3 ms"), (87.4, "87 ms"), (1_240, "1.24 s"), (210_000, "3.5 min")]
)
def test_milliseconds(value: float, text: str) -> None:
    assert milliseconds(value) == text
