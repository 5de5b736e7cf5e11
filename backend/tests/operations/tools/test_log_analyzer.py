"""The tool from its command line: what it counts, how it ends, what it prints."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from app.kit.clock import VirtualClock
from app.operations.logs.analyzer.report import json_schema
from app.operations.tools import log_analyzer
from app.operations.tools.log_analyzer import main
from backend.tests.operations.logs.analyzer.written import NOON, archive, at, own, write, write_today

SCHEMA = Path(log_analyzer.__file__).with_name("log-analysis.v1.schema.json")
Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "logs"


@pytest.fixture
def ask(root: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """Asks at noon for JSON: the exit code and the document, which is always as its schema says."""
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))

    def asked(*options: str) -> tuple[int, Any]:
        with VirtualClock(NOON):
            code = main([*options, "--logs-dir", str(root), "--json"])
        document = json.loads(capsys.readouterr().out)
        validator.validate(document)
        return code, document

    return asked


def test_the_schema_is_the_documents() -> None:
    assert json.loads(SCHEMA.read_text()) == json_schema()


def test_a_document_that_is_not_as_the_schema_says_is_refused(root: Path, ask: Ask) -> None:
    write(root, "backend/2026-03-01.jsonl", [own()])
    document = ask("--summary")[1]
    validator = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text()))
    changes: list[dict[str, Any]] = [
        {"made_at": 3},
        {"more": 1},
        {"verdict": {}},
        {"schema": "fossawork.log-analysis/2"},
    ]
    for change in changes:
        assert not validator.is_valid({**document, **change})


@pytest.mark.parametrize("hour", [12, 0], ids=["at noon", "just after midnight"])
def test_errors_of_the_last_hour_are_counted_exactly(root: Path, capsys: pytest.CaptureFixture[str], hour: int) -> None:
    """Every way to write a time, inside and outside of the hour, over the file of today and of yesterday."""
    now = datetime(2026, 3, 1, hour, 20, tzinfo=UTC)
    files: dict[str, list[bytes]] = {}
    inside = 0
    for minutes in (0, 1, 19, 21, 59, 60, 61, 90, 119, 121, -5):
        instant = now - timedelta(minutes=minutes)
        local = instant + timedelta(hours=-5)
        times: list[object] = [
            instant.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            instant.isoformat(),
            instant.replace(tzinfo=None).isoformat(sep=" "),
            local.isoformat().replace("+00:00", "-05:00"),
            instant.timestamp(),
            int(instant.timestamp() * 1000),
        ]
        for number, time in enumerate(times):
            name = ("ts", "timestamp", "time")[number % 3]
            level = ("error", "ERROR", "Error")[number % 3]
            line = json.dumps(
                {"severity": level, name: time, "msg": "x"}
                if number % 2
                else {name: time, "level": level, "message": "x"}
            )
            # Some files are named for the local day of their lines.
            day = (local if number == 3 else instant).date()
            files.setdefault(f"{'backend' if number < 3 else 'frontend'}/{day}.jsonl", []).append(line.encode() + b"\n")
            inside += 0 <= minutes <= 60
    for name, lines in files.items():
        write(root, name, lines)
    with VirtualClock(now):
        assert main(["--errors", "--last-hour", "--logs-dir", str(root), "--json"]) == 2
    document = json.loads(capsys.readouterr().out)
    assert document["errors"]["count"] == inside == 36
    assert document["errors"]["before"] == 18
    assert document["reading"]["undated"] == 0
    assert document["reading"]["later"] == 6


def test_nothing_found_is_0(root: Path, ask: Ask) -> None:
    write_today(root, own(), own(at(hours=2), "error"))
    assert ask("--errors", "--last-hour")[0] == 0


def test_warnings_are_1_or_0_for_who_asks_for_errors_only(root: Path, ask: Ask) -> None:
    write_today(root, own(level="error"))
    assert ask("--errors", "--last-hour")[0] == 1
    assert ask("--errors", "--last-hour", "--fail-on", "warn")[0] == 1
    assert ask("--errors", "--last-hour", "--fail-on", "error")[0] == 0


def test_critical_is_2_for_everybody(root: Path, ask: Ask) -> None:
    write_today(root, own(level="critical"))
    assert ask("--errors", "--last-hour", "--fail-on", "error")[0] == 2


def test_what_is_not_there_is_3(root: Path, ask: Ask) -> None:
    code, document = ask("--errors")
    assert (code, document["verdict"]["word"]) == (3, "unreadable")
    assert document["reading"]["unreadable"][0]["reason"] == "there is no such folder"
    root.mkdir()
    assert ask("--errors")[0] == 3
    write_today(root, own(at(hours=3)))
    assert ask("--errors", "--last-hour")[0] == 3
    assert ask("--errors", "--last-hour", "--fail-on", "error")[0] == 3
    assert ask("--errors", "--last-24h")[0] == 0
    assert ask("--errors", "--category", "frontend")[0] == 3
    assert ask("--sql", "SELECT 1", "--category", "frontend")[0] == 3


def test_what_nobody_foresaw_is_3_and_not_what_python_would_say(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("nobody foresaw this")

    write_today(root, own())
    monkeypatch.setattr("app.operations.logs.analyzer.reading.find_files", broken)
    assert main(["--errors", "--logs-dir", str(root)]) == 3
    assert "nobody foresaw this" in capsys.readouterr().err


@pytest.mark.parametrize(
    "options",
    [
        ("--no-such-option",),
        ("stray",),
        ("--group-by", "nonsense"),
        ("--quantiles",),
        ("--top", "0"),
        ("--top", "many"),
        ("--slow", "-1"),
        ("--slow", "soon"),
        ("--threshold", "nan"),
        ("--slow", "1s", "--threshold", "2s"),
        ("--since", "whenever"),
        ("--since", "2026-03-02", "--until", "2026-03-01"),
        ("--last-hour", "--last-week"),
        ("--last-hour", "--since", "2h"),
        ("--interval", "5"),
        ("--follow", "--last-hour"),
        ("--follow", "--output", "x"),
        ("--sql", "SELECT 1", "--errors"),
        ("--sql", "DROP TABLE logs"),
        ("--sql", "SELECT"),
        ("--root", "/x"),
        ("--fail-on", "nothing"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_64_and_says_what(
    root: Path, options: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    write_today(root, own())
    with pytest.raises(SystemExit) as ended:
        main([*options, "--logs-dir", str(root)])
    assert ended.value.code == 64
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "log-analyzer.py: " in printed.err


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    for word in ("--errors", "--last-hour", "--sql", "exit codes", "64"):
        assert word in text


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 7),
        (("--last-5min",), 1),
        (("--last-hour",), 2),
        (("--last-24h",), 4),
        (("--last-week",), 6),
        (("--since", "90m"), 3),
        (("--since", "2026-02-28"), 4),
        (("--since", "2026-02-28", "--until", "2026-02-28"), 1),
        (("--until", "2026-02-28T16:00:01+02:00"), 4),
        (("--since", "2026-03-01T10:40:00", "--until", "2026-03-01T11:10:00Z"), 1),
    ],
    ids=str,
)
def test_periods(root: Path, ask: Ask, options: tuple[str, ...], count: int) -> None:
    write(root, "backend/2026-03-01.jsonl", [own(at(minutes=minutes)) for minutes in (4, 40, 80)])
    for instant in (at(hours=22), at(days=2), at(days=6), at(days=20)):
        write(root, f"backend/{instant.date()}.jsonl", [own(instant)])
    assert ask("--summary", *options)[1]["reading"]["lines_in_period"] == count


def test_each_section_is_there_when_it_is_asked_for(root: Path, ask: Ask) -> None:
    write_today(
        root,
        own(level="error", route="/api/week", status=200, duration_ms=700.0, request_id="r1", message="slow DATABASE"),
    )
    sections = ("errors", "performance", "security", "groups", "lines", "table")

    def given(*options: str) -> list[str]:
        document = ask(*options)[1]
        return [name for name in sections if document[name] is not None]

    assert given("--errors") == ["errors"]
    assert given("--performance") == given("--slow", "1s") == ["performance"]
    assert given("--security") == given("--suspicious") == ["security"]
    assert (
        given() == given("--summary") == given("--report") == given("--alerts") == ["errors", "performance", "security"]
    )
    assert given("--group-by", "route") == ["groups"]
    assert given("--grep", "database") == given("--request-id", "r1") == ["lines"]
    assert given("--errors", "--grep", "database") == ["errors"]
    assert given("--sql", "SELECT 1") == ["table"]


def test_what_is_slow_is_for_the_asker_to_say(root: Path, ask: Ask) -> None:
    write_today(root, *[own(route="/api/week", duration_ms=float(value)) for value in (100, 600, 2_500)])
    for options, slow in (
        ([], 1),
        (["--threshold", "500ms"], 2),
        (["--threshold", "3s"], 0),
        (["--threshold", "99"], 3),
    ):
        assert ask("--performance", *options)[1]["performance"]["slow"] == slow
    code, document = ask("--slow", "500", "--top", "1")
    assert (code, [line["duration_ms"] for line in document["performance"]["slowest"]]) == (1, [2_500.0])


def test_groups_and_quantiles(root: Path, ask: Ask) -> None:
    week = [own(route="/api/week", duration_ms=float(value)) for value in range(1, 101)]
    write_today(root, *week, own(route="/api/syncs"), own(at(hours=1.5), route="/api/syncs"))
    entries = ask("--group-by", "route", "--quantiles", "--last-hour")[1]["groups"]["entries"]
    assert [(entry["value"], entry["lines"], entry["before"]) for entry in entries] == [
        ("/api/week", 100, 0),
        ("/api/syncs", 1, 1),
    ]
    durations = entries[0]["durations"]
    assert [durations[name] for name in ("p50", "p95", "p99", "max", "mean")] == pytest.approx(
        [50, 95, 99, 100, 50.5], rel=0.006
    )
    assert entries[1]["durations"] is None


def test_times_stand_in_their_order_and_the_newest_are_shown(root: Path, ask: Ask) -> None:
    write_today(root, own(at(hours=3)), own(at(hours=2)), own(at(hours=2)), own(at(hours=1)))
    groups = ask("--group-by", "hour", "--top", "2")[1]["groups"]
    assert [(entry["value"], entry["lines"]) for entry in groups["entries"]] == [
        ("2026-03-01T10", 2),
        ("2026-03-01T11", 1),
    ]
    assert groups["entries_not_shown"] == 1


def test_the_story_of_a_request_is_told_in_order_over_all_categories(root: Path, ask: Ask) -> None:
    story = {"request_id": "r1"}
    write_today(root, own(at(seconds=9), event="asked", **story), own(at(seconds=5), event="other", request_id="r2"))
    write(root, "automation/2026-03-01.jsonl", [own(at(seconds=7), category="automation", event="opened", **story)])
    write(
        root, "performance/2026-03-01.jsonl.gz", [own(at(seconds=1), category="performance", event="answered", **story)]
    )
    archive(
        root, "archive/frontend/2026-03-01.parquet", [own(at(seconds=8), category="frontend", event="clicked", **story)]
    )
    code, document = ask("--request-id", "r1")
    assert (code, [line["event"] for line in document["lines"]["lines"]]) == (
        0,
        ["asked", "clicked", "opened", "answered"],
    )
    assert [line["event"] for line in ask("--request-id", "r1", "--top", "2")[1]["lines"]["lines"]] == [
        "opened",
        "answered",
    ]


def test_the_answer_can_go_to_a_file(root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_today(root, own(level="error"))
    target = tmp_path / "reports" / "today.json"
    assert main(["--errors", "--logs-dir", str(root), "--json", "--output", str(target)]) == 1
    assert json.loads(target.read_text())["errors"]["count"] == 1
    assert capsys.readouterr().out == ""
    assert main(["--errors", "--logs-dir", str(root), "--output", str(root / "backend/2026-03-01.jsonl/x")]) == 3
    assert "cannot be written" in capsys.readouterr().err


def test_quiet_says_nothing_unless_something_is_found(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_today(root, own(level="error"))
    options = ["--errors", "--quiet", "--logs-dir", str(root)]
    assert main([*options, "--fail-on", "error"]) == 0
    assert capsys.readouterr().out == ""
    assert main(options) == 1
    assert "Errors: 1" in capsys.readouterr().out


def test_alerts_are_one_line_each(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_today(root, *[own(level="error", message="database")] * 11, b"broken\n")
    assert main(["--alerts", "--logs-dir", str(root)]) == 2
    assert capsys.readouterr().out.splitlines() == [
        "P2  log_errors:database  11 database errors.",
        "P3  log_malformed  1 line is no JSON object, the first at backend/2026-03-01.jsonl:12.",
    ]


def test_where_the_logs_are(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_today(root, own())
    assert main(["--errors", "--root", str(tmp_path)]) == 0
    monkeypatch.setenv("FOSSAWORK_LOGS", str(root))
    assert main(["--errors"]) == 0
    monkeypatch.setenv("FOSSAWORK_LOGS", str(tmp_path / "nowhere"))
    assert main(["--errors"]) == 3
    assert main(["--errors", "--root", str(tmp_path)]) == 0
    assert f"{tmp_path}/nowhere" in capsys.readouterr().out
