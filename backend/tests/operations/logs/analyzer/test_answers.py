"""Whole questions to a folder of logs."""

import os
import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest

from app.operations.logs.analyzer import reading
from app.operations.logs.analyzer.analysis import Question, Section
from app.operations.logs.analyzer.build import build_report
from app.operations.logs.analyzer.files import Found
from app.operations.logs.analyzer.reading import answer
from app.operations.logs.analyzer.report import ErrorsPart, Report
from app.operations.logs.analyzer.selection import select
from app.operations.logs.instants import Period
from backend.tests.operations.logs.analyzer.written import (
    NOON,
    archive,
    archive_as,
    archive_of_others,
    at,
    own,
    stamp,
    whole,
    write,
)

EVERY: frozenset[Section] = frozenset({"errors", "performance", "security", "groups", "lines"})
HOUR = Period.up_to(NOON, timedelta(hours=1))


def ask(root: Path, question: Question, *categories: str) -> Report:
    outcome = answer(root, question, frozenset(categories))
    return build_report(outcome, folder="logs", categories=frozenset(categories), now=NOON, seconds=0)


def errors_of(report: Report) -> ErrorsPart:
    assert report.errors is not None
    return report.errors


def _day(count: int = 600) -> list[bytes]:
    """Lines of every kind, two seconds apart, the last at noon; no two at the same instant."""
    rng = random.Random(7)
    lines = []
    for number in range(count):
        instant = at(seconds=2 * (count - 1 - number))
        request_id = f"{rng.getrandbits(48):012x}"
        kind = rng.choice(["request", "request", "error", "sign_in", "attack", "quiet"])
        if kind == "error":
            text = rng.choice(["database is locked after {} ms", "form {} failed", "disk full on volume {}"])
            error = (
                {"type": "OperationalError", "message": f"code {rng.randrange(9)}"}
                if rng.random() < 0.5
                else "ValueError: no"
            )
            level = rng.choice(["error", "error", "critical"])
            lines.append(
                own(
                    instant,
                    level,
                    component=rng.choice("ab"),
                    event="failed",
                    message=text.format(number),
                    error=error,
                    request_id=request_id,
                )
            )
        elif kind == "request":
            lines.append(
                own(
                    instant,
                    component="api",
                    event="request",
                    route=rng.choice(["/api/week", "/api/syncs"]),
                    method="GET",
                    status=rng.choice([200, 200, 404, 500]),
                    duration_ms=round(rng.lognormvariate(5, 2), 2),
                    request_id=request_id,
                )
            )
        elif kind == "sign_in":
            lines.append(
                own(
                    instant,
                    "warning",
                    event="sign_in.refused",
                    message="wrong password",
                    ip=f"192.0.2.{rng.randrange(4)}",
                    user_id=f"u{rng.randrange(3)}",
                    request_id=request_id,
                )
            )
        elif kind == "attack":
            lines.append(
                own(
                    instant,
                    message=rng.choice(["q=1' OR '1'='1", "<script>alert(1)</script>", "GET /../../etc/passwd"]),
                    ip="198.51.100.7",
                    request_id=request_id,
                )
            )
        else:
            lines.append(own(instant, "debug", event="tick", message="nothing of interest"))
    return lines  # fmt: skip


def _question(period: Period, **filters: str) -> Question:
    question = Question(period, EVERY, group_by="hour", quantiles=True, top=50, lines=1_000, slow_ms=500.0)
    return replace(question, **filters)  # type: ignore[arg-type]


def _without_how(report: Report) -> object:
    """The document without what tells in which form the lines were."""
    plain = msgspec.to_builtins(report)
    for name in ("files", "skipped", "seconds"):
        del plain["reading"][name]
    return plain


@pytest.mark.parametrize(
    "filters",
    [{}, {"component": "a"}, {"grep": "LOCKED after 4"}, {"request_id": "set below"}, {"component": "api", "grep": "week"}],
    ids=str,
)  # fmt: skip
def test_packed_and_archived_lines_give_the_same_answer(tmp_path: Path, filters: dict[str, str]) -> None:
    lines = [whole(line) for line in _day()]
    if "request_id" in filters:
        filters = {
            "request_id": msgspec.json.decode(next(line for line in reversed(lines) if b"locked" in line))["request_id"]
        }
    write(tmp_path / "plain", "backend/2026-03-01.jsonl", lines)
    write(tmp_path / "gzip", "backend/2026-03-01.jsonl.gz", lines)
    write(tmp_path / "zstandard", "backend/2026-03-01.jsonl.zst", lines)
    for time in ("TIMESTAMP", "TIMESTAMPTZ", "VARCHAR"):
        archive_as(tmp_path / time, "archive/backend/2026-03-01.parquet", lines, time)
    archive(tmp_path / "archived", "archive/backend/2026-03-01.parquet", lines)
    question = _question(Period.up_to(NOON, timedelta(minutes=9)), **filters)
    answers = {folder.name: _without_how(ask(folder, question)) for folder in sorted(tmp_path.iterdir())}
    assert len(answers) == 7
    for name, document in answers.items():
        assert document == answers["plain"], name
    report = ask(tmp_path / "plain", question)
    assert report.lines is not None
    assert report.lines.lines
    if not filters:
        assert report.errors is not None
        assert report.performance is not None
        assert report.security is not None
        assert report.errors.before
        assert report.performance.slowest
        assert len(report.security.attacks) == 3
        assert report.security.suspicious


def _day_of_others() -> list[bytes]:
    """Lines with the names and types of other tools."""
    lines = []
    for number in range(60):
        line: dict[str, Any] = {
            "timestamp": stamp(at(seconds=number * 10)),
            "severity": ("ERROR", "Warning", "info")[number % 3],
            "msg": f"order {number} is locked",
            "logger": "worker",
            "correlation_id": f"{number:04x}",
            "client_ip": "198.51.100.7",
            "path": "/api/week",
            "status_code": str(401 if number % 5 == 0 else 200),
            "response_time": number / 10,
            "error": {"type": "ValueError", "message": f"bad {number}"} if number % 3 == 0 else None,
        }
        lines.append(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return lines


@pytest.mark.parametrize(
    "columns",
    [
        "*",
        "* REPLACE (CAST(timestamp AS VARCHAR) AS timestamp, CAST(error AS JSON) AS error)",
        "* REPLACE (epoch_ms(CAST(timestamp AS TIMESTAMP)) AS timestamp, CAST(response_time AS DECIMAL(9, 3)) AS response_time)",
        "* REPLACE (CAST(timestamp AS TIMESTAMPTZ) AS timestamp), NULL::VARCHAR AS ts, '' AS message, NULL::JSON AS exception",
        "*, [1, 2] AS tags, MAP {'a': 1} AS data",
        "*, 'no JSON' AS data",
        "* EXCLUDE (status_code), status_code AS status, NULL::DOUBLE AS duration_ms",
    ],
)
@pytest.mark.parametrize("filters", [{}, {"component": "worker"}, {"grep": "LOCKED"}, {"request_id": "0009"}], ids=str)
def test_archives_of_others_are_read_by_their_own_names(tmp_path: Path, columns: str, filters: dict[str, str]) -> None:
    lines = _day_of_others()
    write(tmp_path / "plain", "backend/2026-03-01.jsonl", lines)
    archive_of_others(tmp_path / "archived", "archive/backend/2026-03-01.parquet", columns, lines)
    question = _question(Period.up_to(NOON, timedelta(minutes=9)), **filters)
    plain, archived = (ask(tmp_path / name, question) for name in ("plain", "archived"))
    assert archived.reading.unreadable == []
    assert _without_how(archived) == _without_how(plain)
    assert archived.lines is not None
    assert archived.lines.lines


@pytest.mark.parametrize(
    "columns", ["msg", "msg, [1] AS severity, {'a': 1} AS timestamp, {'a': 1} AS status, [2.5] AS ms", "1 AS x"]
)
def test_an_archive_that_says_nothing_we_know_is_no_crash(tmp_path: Path, columns: str) -> None:
    archive_of_others(tmp_path, "archive/backend/2026-03-01.parquet", columns, _day_of_others())
    report = ask(tmp_path, _question(Period()))
    assert (report.reading.unreadable, report.reading.lines, report.reading.undated) == ([], 60, 60)


def test_an_archive_that_breaks_us_is_a_file_that_was_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive(tmp_path, "archive/backend/2026-03-01.parquet", [own(level="error")])
    write(tmp_path, "automation/2026-03-01.jsonl", [own(category="automation")])

    def broken(*_: object) -> Any:
        raise TypeError("unhashable type: 'dict'")

    monkeypatch.setattr("app.operations.logs.analyzer.archived._tally", broken)
    report = ask(tmp_path, Question())
    assert [(file.file, file.reason) for file in report.reading.unreadable] == [
        ("archive/backend/2026-03-01.parquet", "it cannot be understood (TypeError: unhashable type: 'dict')")
    ]
    assert report.reading.files == 2


@pytest.mark.parametrize("field", ["status", "level", "error_type", "category", "component", "minute", "user", "host"])
def test_every_form_is_grouped_alike(tmp_path: Path, field: str) -> None:
    odd = [own(NOON, "ERROR", category="", component="Z"), own(NOON, host="h", status=99)]
    lines = [whole(line) for line in (*_day(300), *odd)]
    write(tmp_path / "plain", "backend/2026-03-01.jsonl", lines)
    archive(tmp_path / "archived", "archive/backend/2026-03-01.parquet", lines)
    question = Question(sections=frozenset({"groups"}), group_by=field, top=1_000)
    documents = [_without_how(ask(tmp_path / name, question)) for name in ("plain", "archived")]
    assert documents[0] == documents[1]


def test_two_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = _day(900)
    lines[100] = lines[500] = lines[899] = b"broken\n"
    lines[300] = b"\n"
    write(tmp_path, "backend/2026-03-01.jsonl", lines[:500])
    write(tmp_path, "backend/2026-03-02.jsonl", lines[500:])
    alone = ask(tmp_path, _question(HOUR))
    monkeypatch.setattr(reading, "PIECE", 10_000)
    monkeypatch.setattr(reading, "_PAYS_FROM", 0)
    monkeypatch.setattr(reading, "_may_fork", lambda: True)
    together = ask(tmp_path, _question(HOUR))
    assert _without_how(together) == _without_how(alone)
    assert together.reading.malformed_examples == [
        "backend/2026-03-01.jsonl:101",
        "backend/2026-03-02.jsonl:1",
        "backend/2026-03-02.jsonl:400",
    ]
    assert together.reading.lines == 900


def test_a_process_with_threads_is_never_forked() -> None:
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    try:
        assert not reading._may_fork()
    finally:
        over.set()
        thread.join()


def test_an_error_that_is_written_twice_counts_once(tmp_path: Path) -> None:
    first, second = own(at(minutes=3), "error", event="a"), own(at(minutes=2), "critical", "automation", event="b")
    only = own(at(minutes=1), "error", "errors", event="c")
    foreign = b'{"timestamp":"2026-03-01 11:59:00","severity":"ERROR","msg":"d"}\n'
    write(tmp_path, "backend/2026-03-01.jsonl", [first, own()])
    write(tmp_path, "automation/2026-03-01.jsonl", [second])
    write(tmp_path, "errors/2026-03-01.jsonl", [first, second, only, foreign])
    report = ask(tmp_path, Question(period=HOUR))
    assert errors_of(report).count == 4
    assert report.reading.copies == 2
    assert report.reading.lines_in_period == 5
    assert report.lines_by_category == {"automation": 1, "backend": 2, "errors": 2}
    # Asked for alone, the copies are all there is.
    assert errors_of(ask(tmp_path, Question(period=HOUR), "errors")).count == 4
    # What was deleted, or cannot be read, is not counted as read.
    (tmp_path / "automation/2026-03-01.jsonl").unlink()
    assert errors_of(ask(tmp_path, Question(period=HOUR))).count == 4


def test_copies_in_the_archive_count_once(tmp_path: Path) -> None:
    lines = [own(at(minutes=3), "error", event="a"), own(at(minutes=2), "error", "errors", event="b"), own(event="c")]
    archive(tmp_path, "archive/backend/2026-03-01.parquet", [lines[0], lines[2]])
    archive(tmp_path, "archive/errors/2026-03-01.parquet", lines[:2])
    report = ask(tmp_path, Question(period=HOUR))
    assert (errors_of(report).count, report.reading.copies, report.reading.lines_in_period) == (2, 1, 3)


def test_the_archives_copies_are_read_instead_only_when_they_are_complete(tmp_path: Path) -> None:
    errors = [own(at(minutes=number), "error", event=f"e{number}") for number in range(1, 4)]
    other = own(at(minutes=9), "critical", "automation", event="e9")
    archive(tmp_path, "archive/backend/2026-03-01.parquet", [*errors, own()])
    archive(tmp_path, "archive/automation/2026-03-01.parquet", [other])
    for copies in ([*errors, other], [*errors[:2], other], [other], [own(category="errors")]):
        archive(tmp_path, "archive/errors/2026-03-01.parquet", copies)
        report = ask(tmp_path, Question(period=HOUR))
        assert {entry.event for entry in errors_of(report).entries} == {"e1", "e2", "e3", "e9"}
        assert errors_of(report).count == 4
        assert report.reading.copies == sum(
            b"critical" in line or b'error"' in line for line in copies[:4] if b"errors" not in line
        )


def test_errors_are_grouped_by_what_they_tell_and_compared_with_the_hour_before(tmp_path: Path) -> None:
    def locked(minutes: float, number: int) -> bytes:
        message = f"database is locked after {number} ms"
        return own(
            at(minutes=minutes),
            "error",
            component="work",
            event="sync.failed",
            message=message,
            request_id=f"r{number}",
        )

    before = [locked(70, 1), locked(65, 2), own(at(minutes=61), "error", message="gone since")]
    now = [locked(50, 3), locked(40, 4), locked(30, 5), own(at(minutes=20), "error", message="new")]
    write(tmp_path, "backend/2026-03-01.jsonl", [*before, *now])
    errors = errors_of(ask(tmp_path, Question(period=HOUR)))
    assert (errors.count, errors.before) == (4, 3)
    assert [(family.family, family.count, family.before) for family in errors.families] == [
        ("database", 3, 2),
        ("uncategorised", 1, 1),
    ]
    worst, new = errors.entries
    assert (worst.count, worst.before, worst.first_seen, worst.last_seen) == (
        3, 2, "2026-03-01T11:10:00.000Z", "2026-03-01T11:30:00.000Z",
    )  # fmt: skip
    assert (worst.text, worst.request_id, worst.component) == ("database is locked after 5 ms", "r5", "work")
    assert (new.text, new.before) == ("new", 0)


def test_only_so_many_entries_are_shown_but_all_are_counted(tmp_path: Path) -> None:
    names = ["north", "south", "east", "west"]
    write(tmp_path, "backend/2026-03-01.jsonl", [own(message=f"{name} failed", level="error") for name in names])
    errors = errors_of(ask(tmp_path, Question(top=3)))
    assert (errors.count, len(errors.entries), errors.entries_not_shown) == (4, 3, 1)


def test_secrets_that_slipped_into_a_log_do_not_get_out(tmp_path: Path) -> None:
    secret = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl"
    lines = [
        own(level="error", message=f"Bearer {secret}", component=secret, request_id=secret, user_id="who@example.com")
    ]
    write(tmp_path, "backend/2026-03-01.jsonl", lines)
    document = msgspec.json.encode(ask(tmp_path, _question(HOUR))).decode()
    assert secret not in document
    assert "who@example.com" not in document


def _malformed(report: Report) -> tuple[int, int, Sequence[str]]:
    return report.reading.malformed, report.reading.unfinished, report.reading.malformed_examples


def test_a_line_that_is_just_being_written_is_not_malformed(tmp_path: Path) -> None:
    torn = own(message="torn")[:-9]
    live = write(tmp_path, "backend/2026-03-01.jsonl", [own(), torn])
    assert _malformed(ask(tmp_path, Question())) == (0, 1, [])
    live.write_bytes(own() + torn + b"\n")
    assert _malformed(ask(tmp_path, Question())) == (1, 0, ["backend/2026-03-01.jsonl:2"])
    live.write_bytes(own().rstrip())  # whole, only its line feed is missing
    assert _malformed(ask(tmp_path, Question())) == (0, 0, [])
    assert ask(tmp_path, Question()).reading.lines_in_period == 1
    live.unlink()
    write(tmp_path, "backend/2026-03-01.jsonl.gz", [own(), torn])  # nobody writes there any more
    assert _malformed(ask(tmp_path, Question())) == (1, 0, ["backend/2026-03-01.jsonl.gz:2"])


def test_malformed_lines_are_all_counted_and_some_named(tmp_path: Path) -> None:
    write(tmp_path, "backend/2026-03-01.jsonl", [own(), *[b"broken\n"] * 25])
    count, _, examples = _malformed(ask(tmp_path, Question()))
    assert count == 25
    assert examples == [f"backend/2026-03-01.jsonl:{number}" for number in range(2, 12)]


def test_a_file_that_breaks_off_counts_up_to_there_and_is_told(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "backend/2026-03-01.jsonl.zst",
        [own(level="error", message=f"{number:060}") for number in range(9_000)],
    )
    path.write_bytes(path.read_bytes()[:-20])
    report = ask(tmp_path, Question())
    assert [file.file for file in report.reading.unreadable] == ["backend/2026-03-01.jsonl.zst"]
    assert "too early" in report.reading.unreadable[0].reason
    archive(tmp_path, "archive/backend/2026-02-01.parquet", [own()]).write_bytes(b"PAR1 no")
    assert len(ask(tmp_path, Question()).reading.unreadable) == 2


def test_a_file_that_is_packed_while_one_reads_is_read_where_it_is_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [own(level="error", message="a"), own(message="b")]
    plain = write(tmp_path, "backend/2026-03-01.jsonl", lines)

    def pack_first(found: Found, period: Period) -> None:
        if plain.exists():
            write(tmp_path, "backend/2026-03-01.jsonl.zst", lines)
            plain.unlink()
        select(found, period)

    monkeypatch.setattr(reading, "select", pack_first)
    report = ask(tmp_path, Question())
    assert (errors_of(report).count, report.reading.lines, report.reading.unreadable) == (1, 2, [])


def test_a_file_that_is_gone_for_good_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "backend/2026-03-01.jsonl", [own()])
    (tmp_path / "backend/2026-03-02.jsonl").symlink_to(tmp_path / "nowhere")
    report = ask(tmp_path, Question())
    assert [file.reason for file in report.reading.unreadable] == ["No such file or directory"]
    assert report.verdict.code == 3


def test_names_and_lines_of_any_bytes_do_no_harm(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/backend"
    Path(os.fsdecode(folder)).mkdir()
    for name in (b"/\xff2026-03-01.jsonl", b"/\xff.txt"):
        Path(os.fsdecode(folder + name)).write_bytes(b"\xff\n" + own())
    report = ask(tmp_path, Question())
    assert report.reading.malformed_examples == ["backend/?2026-03-01.jsonl:1"]
    assert msgspec.json.encode(report)


def test_memory_does_not_grow_with_different_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.operations.logs.analyzer.tallies.GROUPS_AT_MOST", 100)
    monkeypatch.setattr("app.operations.logs.analyzer.errors.GROUPS_AT_MOST", 100)
    words = ["".join(random.Random(number).choices("abcdefghij", k=9)) for number in range(2_000)]
    often = [own(level="error", message="often", ip="192.0.2.1", route="/", duration_ms=5.0)] * 500
    lines = [
        line
        for pair in zip(
            often * 4,
            (own(level="error", message=word, ip=word, route=word, duration_ms=1.0) for word in words),
            strict=True,
        )
        for line in pair
    ]
    write(tmp_path, "backend/2026-03-01.jsonl", lines)
    report = ask(tmp_path, Question(sections=frozenset({"errors", "groups"}), group_by="ip"))
    assert errors_of(report).count == 4_000
    assert errors_of(report).entries[0].count == 2_000
    assert report.groups is not None
    assert report.groups.entries[0].lines == 2_000
    assert report.groups.lost > 1_000
    timed = ask(tmp_path, Question(sections=frozenset({"performance"})))
    assert timed.performance is not None
    assert timed.performance.durations is not None
    assert timed.performance.durations.count == 4_000
