"""Instants, fields, families, fingerprints, histograms: each by its own table."""

import math
import random
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.logs.analyzer.histogram import Histogram
from app.operations.logs.families import family_of
from app.operations.logs.fields import LEVELS, duration_of, error_of, first, level_of, row_type, status_of
from app.operations.logs.fingerprint import identifier, normalised
from app.operations.logs.instants import EVERYTHING, BadInstant, Period, instant, parse_bound, place
from backend.tests.operations.logs.analyzer.written import NOON, at

ALL = frozenset(
    {"ts", "level", "component", "message", "user", "ip", "route", "status", "duration", "error", "error_type"}
)


def _row(**values: Any) -> Any:
    return row_type(ALL)(**values)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("2026-03-01T12:00:00Z", NOON),
        ("2026-03-01T12:00:00.000000Z", NOON),
        ("2026-03-01T12:00:00", NOON),
        ("2026-03-01 12:00:00", NOON),
        ("2026-03-01T14:00:00+02:00", NOON),
        ("2026-03-01T07:00:00-0500", NOON),
        ("2026-03-01t12:00:00z", NOON),
        (" 2026-03-01 12:00:00 UTC", NOON),
        ("2026-03-01 12:00:00 +0000", NOON),
        ("2026-03-01T12:00:00,000Z", NOON),
        (NOON, NOON),
        (NOON.replace(tzinfo=None), NOON),
        (NOON.astimezone(timezone(timedelta(hours=9))), NOON),
        (NOON.timestamp(), NOON),
        (int(NOON.timestamp() * 1_000), NOON),
        (int(NOON.timestamp() * 1_000_000), NOON),
        (int(NOON.timestamp()) * 1_000_000_000, NOON),
        ("yesterday", None),
        ("", None),
        (None, None),
        (True, None),
        (1e300, None),
        ("0001-01-01T00:00:00+14:00", None),
        ([], None),
    ],
)
def test_instants(said: object, expected: datetime | None) -> None:
    assert instant(said) == expected


@pytest.mark.parametrize(
    ("text", "end", "expected"),
    [
        ("90m", False, at(minutes=90)),
        ("1.5 h", False, at(minutes=90)),
        ("7d", False, at(days=7)),
        ("2026-03-01", False, datetime(2026, 3, 1, tzinfo=UTC)),
        ("2026-03-01", True, datetime(2026, 3, 2, tzinfo=UTC)),
        ("2026-03-01T12:00", True, NOON),
    ],
)
def test_bounds_of_a_period(text: str, end: bool, expected: datetime) -> None:
    assert parse_bound(text, NOON, end=end) == expected


@pytest.mark.parametrize("text", ["soon", "12", "99999999999d", "2026-13-01"])
def test_bounds_that_cannot_be_read(text: str) -> None:
    with pytest.raises(BadInstant):
        parse_bound(text, NOON)


def test_rows_are_placed_by_their_instants() -> None:
    rows = [_row(ts=said) for said in (
        at(hours=1), at(hours=1, microseconds=1), NOON, NOON + timedelta(seconds=30), NOON + timedelta(hours=1), "?",
    )]  # fmt: skip
    placed = place(rows, Period.up_to(NOON, timedelta(hours=1)))
    assert placed.now == [rows[0], rows[2]]
    assert placed.before == [rows[1]]
    assert (placed.of, placed.undated, placed.later) == (6, 1, 1)
    assert place(rows, EVERYTHING).now == rows
    assert place(rows, Period(until=NOON)).before == ()


def test_levels() -> None:
    said = ["trace", "INFO", "Notice", "warn", "ERROR ", "err", "Fatal", "emergency", "loud", 40, None]
    expected = ["debug", "info", "info", "warning", "error", "error", "critical", "critical", *["unknown"] * 3]
    assert [level_of(value) for value in said] == expected
    assert set(expected) == set(LEVELS)


def test_a_field_has_the_first_of_its_names_that_says_something() -> None:
    assert first(_row(ip="", client_ip="192.0.2.1"), "ip") == "192.0.2.1"
    assert first(_row(user_id="u1", username="somebody"), "user") == "u1"
    assert first(_row(), "component") is None


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"duration_ms": 12}, 12.0),
        ({"ms": "12.5"}, 12.5),
        ({"response_time": 1.5}, 1_500.0),
        ({"duration_ms": "fast", "response_time": 2}, 2_000.0),
        ({"duration_ms": True}, None),
        ({"duration_ms": 10**400}, None),
        ({"duration_ms": "nan"}, None),
        ({}, None),
    ],
)
def test_durations(values: dict[str, Any], expected: float | None) -> None:
    assert duration_of(_row(**values)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"status": 404}, 404), ({"status": "ok", "status_code": "503"}, 503), ({"status": 7}, None), ({}, None)],
)
def test_statuses(values: dict[str, Any], expected: int | None) -> None:
    assert status_of(_row(**values)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"error": {"type": "KeyError", "message": "'x'", "stack": "…"}}, ("KeyError", "'x'")),
        ({"error": "sqlite3.OperationalError('locked')"}, ("sqlite3.OperationalError", "sqlite3.OperationalError('locked')")),
        ({"error": "it broke", "error_type": "Odd"}, ("Odd", "it broke")),
        ({"exception": "ValueError: no"}, ("ValueError", "ValueError: no")),
        ({"error": ["a"]}, ("", '["a"]')),
        ({}, ("", "")),
    ],
)  # fmt: skip
def test_errors(values: dict[str, Any], expected: tuple[str, str]) -> None:
    assert error_of(_row(**values)) == expected


@pytest.mark.parametrize(
    ("texts", "family"),
    [
        (("backend", "database", "health.database_failed", "database is locked"), "database"),
        (("backend", "", "", "OperationalError", "could not connect to server"), "database"),
        (("backend", "accounts", "sign_in.refused", "wrong password"), "authentication"),
        (("backend", "api", "request", "401 for /api/week"), "authentication"),
        (("automation", "forms", "form.failed", "Timeout 30000ms exceeded"), "automation"),
        (("backend", "", "", "the browser has been closed"), "automation"),
        (("backend", "api", "request", "request timed out"), "performance"),
        (("security", "", "something", "happened"), "security"),
        (("backend", "", "", "SQL injection attempt in query of the database"), "security"),
        (("backend", "", "unexpected", "KeyError", "'x'"), "uncategorised"),
        (("backend", "", "", "more information on the platform"), "uncategorised"),
        (("backend", "", "", "the author of the catalogue"), "uncategorised"),
        (("backend", "", "", "unexpected token < in JSON"), "uncategorised"),
    ],
)
def test_families(texts: tuple[str, ...], family: str) -> None:
    assert family_of(*texts) == family


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("database is locked after 34 ms", "database is locked after 9,120.5 ms"),
        ("work order 4711 of 'North Road' failed", "work order 12 of 'Lakeside' failed"),
        ("cannot open /var/lib/x/app.db", "cannot open /home/somebody/app.db"),
        (r"cannot open C:\data\a.db", r"cannot open D:\b.db"),
        ("job 0b6f3c1e-1111-4222-8333-444455556666 died", "job aaaaaaaa-1111-4222-8333-bbbbbbbbbbbb died"),
        ("request 1e2f414c343c failed", "request 9a9a9a9a9a9a failed"),
        ("mail to a@example.com bounced", "mail to t…@example.org bounced"),
        ("GET https://example.com/a?b=1 failed", "GET https://example.org/ failed"),
        ("a  b\tc", "a b c"),
    ],
)
def test_what_differs_between_occurrences_is_no_part_of_a_fingerprint(one: str, other: str) -> None:
    assert normalised(one) == normalised(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("database is locked", "database is closed"),
        ("north.timed_out", "south.timed_out"),
        ("utf8 broken", "ascii broken"),
    ],
)
def test_what_tells_of_something_else_has_another_fingerprint(one: str, other: str) -> None:
    assert normalised(one) != normalised(other)


@given(st.text(max_size=400))
def test_normalising_is_quick_and_settled(text: str) -> None:
    assert normalised(normalised(text)[:200]) == normalised(normalised(text)[:200])
    assert len(identifier((text,))) == 8


@given(st.lists(st.floats(0.01, 1e7), min_size=1, max_size=300))
def test_quantiles_are_half_a_per_cent_exact(values: list[float]) -> None:
    histogram = Histogram()
    histogram.add(values)
    for share in (0.5, 0.95, 0.99):
        exact = sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
        assert histogram.quantile(share) == pytest.approx(exact, rel=0.0051)
    assert histogram.most == max(values)
    assert histogram.mean == pytest.approx(sum(values) / len(values))


def test_histograms_add_up() -> None:
    rng = random.Random(1)
    values = [rng.lognormvariate(3, 1) for _ in range(5_000)]
    whole, parts = Histogram(), Histogram()
    whole.add(values)
    for start in range(0, 5_000, 700):
        part = Histogram()
        part.add(values[start : start + 700])
        parts.merge(part)
    assert (parts.cells, parts.count, parts.most) == (whole.cells, whole.count, whole.most)


def test_a_wrong_clock_makes_no_negative_durations() -> None:
    histogram = Histogram()
    histogram.add([-5.0, 0.0, 10.0])
    assert histogram.count == 3
    assert 0 <= histogram.quantile(0.5) < 0.01
    assert Histogram().quantile(0.5) == 0
