"""Errors by what they have in common."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from app.operations.logs.analyzer.analysis import Question
from app.operations.logs.analyzer.errors import Errors
from app.operations.logs.analyzer.reading import answer
from app.operations.logs.fingerprint import identifier, key_of
from app.operations.logs.groups import OTHERS, grouped, said_in
from app.operations.logs.layout import Kind
from app.operations.logs.search import search
from app.operations.logs.wanted import Wanted
from backend.tests.operations.logs.analyzer.written import NOON, own, write
from backend.tests.operations.logs.files import bring


def _error(message: str, ts: str = "2026-06-10T00:00:00.000Z", **other: Any) -> dict[str, Any]:
    record = {"ts": ts, "category": "automation", "component": "sync", "event": "sync.failed", "message": message}
    return {**record, "request_id": "r", "error": {"type": "timeout", "message": message}, **other}


def fingerprint(record: dict[str, Any]) -> str:
    return identifier(key_of(said_in(record)))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Visit 128719 took 30.5 s", "Visit 4 took 31 s"),
        ("Job 0198c0de-1234-7abc-8def-0123456789ab failed", "Job 0198c0de-9999-7abc-8def-0123456789ff failed"),
        ("No “Wawa 5127” here", "No “Costco” here"),
        ("KeyError: 'a'", "KeyError: 'something else'"),
        ("cannot read /home/a/b.db", "cannot read /srv/c/d.db"),
        ("digest 9f86d081884c7d65", "digest 0a1b2c3d4e5f6789"),
    ],
)
def test_numbers_ids_names_and_places_make_no_difference(one: str, other: str) -> None:
    assert fingerprint(_error(one)) == fingerprint(_error(other))


@pytest.mark.parametrize(
    "other",
    [
        _error("said otherwise"),
        _error("said", event="sync.ended"),
        _error("said", component="forms"),
        _error("said", error=None),
    ],
)
def test_another_place_event_kind_or_message_does(other: dict[str, Any]) -> None:
    assert fingerprint(_error("said")) != fingerprint(other)


def test_groups_tell_how_often_and_when_and_the_newest_words() -> None:
    records = [
        _error(f"Visit {number} failed", f"2026-06-10T00:00:0{number}.000Z", request_id=f"r{number}")
        for number in (3, 2, 1)
    ]
    rare = _error("Else", "2026-06-10T00:00:09.000Z")
    many, few = grouped([rare, *records])
    assert (many.count, many.first_seen[-5:], many.last_seen[-5:]) == (3, ".000Z", ".000Z")
    assert (many.first_seen, many.last_seen) == (records[2]["ts"], records[0]["ts"])
    assert (many.message, many.request_id, many.error_type) == ("Visit 3 failed", "r3", "timeout")
    assert few.count == 1


def test_memory_is_bounded_however_different_errors_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.operations.logs.groups._MOST", 10)
    groups = grouped(_error("x" * (number + 1)) for number in range(50))
    assert len(groups) == 11
    assert (groups[0].fingerprint, groups[0].count) == (OTHERS, 40)


@pytest.mark.parametrize("kind", Kind)
def test_the_page_and_the_tool_name_an_error_alike_in_every_form(tmp_path: Path, kind: Kind) -> None:
    lines = [
        own(NOON, "error", component="work", event="x", message="order 7 failed", error={"type": "E", "message": "no 5"}),
        own(NOON, "error", message="same", error={"type": "E", "message": "same"}, request_id="r", component="c", event="e"),
        b'{"timestamp":"2026-03-01T11:00:00Z","severity":"EMERG","type":"boom","exception":"KeyError: 1"}\n',
        b'{"time":"2026-03-01T11:00:00Z","severity":"Emergency","logger":"x","msg":"down","exception":"it broke"}\n',
        b'{"ts":"2026-03-01T11:00:00Z","level":"error"}\n',
    ]  # fmt: skip
    write(tmp_path, "backend/2026-03-01.jsonl", lines)
    told = answer(tmp_path, Question(sections=frozenset({"errors"}))).analysis.now["errors"]
    assert isinstance(told, Errors)
    bring(tmp_path, date(2026, 3, 1), kind, "backend")
    page = grouped(search(tmp_path, Wanted(levels=frozenset({"error", "critical"})), 100).records)
    assert len(page) == 4
    assert {group.fingerprint for group in page} == {group.fingerprint for group in told.groups.values()}
    later = answer(tmp_path, Question(sections=frozenset({"errors"}))).analysis.now["errors"]
    assert isinstance(later, Errors)
    assert {group.fingerprint for group in later.groups.values()} == {group.fingerprint for group in page}
