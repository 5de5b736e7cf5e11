"""Errors by what they have in common."""

from typing import Any

import pytest

from app.operations.logs.groups import OTHERS, fingerprint, grouped


def _error(message: str, ts: str = "2026-06-10T00:00:00.000Z", **other: Any) -> dict[str, Any]:
    record = {"ts": ts, "category": "automation", "component": "sync", "event": "sync.failed", "message": message}
    return {**record, "request_id": "r", "error": {"type": "timeout", "message": message}, **other}


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
    groups = grouped(_error("x" * number) for number in range(50))
    assert len(groups) == 11
    assert (groups[0].fingerprint, groups[0].count) == (OTHERS, 40)
