"""Searching: every wanted line once, newest first, whatever form its day stands in, also while that changes."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.problems import Invalid
from app.operations.logs import archive, sources
from app.operations.logs.archive import archive_day
from app.operations.logs.closing import close_day
from app.operations.logs.layout import Kind, path_of
from app.operations.logs.records import Record, record_of
from app.operations.logs.schemas import line_view
from app.operations.logs.search import FilesMoved, Page, search, walk
from app.operations.logs.wanted import QuickLook, Wanted
from app.telemetry.lines import Said, line_of
from app.telemetry.origin import Origin
from backend.tests.operations.logs.files import TODAY, bring, line, rows_of, write
from backend.tests.operations.logs.test_retention import Killed, _Reaper

DAY = date(2026, 6, 10)
KINDS = [Kind.plain, Kind.packed, Kind.archived]


def _number(record: Record) -> int:
    return int(record["data"]["number"])


def _pages(folder: Path, wanted: Wanted, limit: int, seconds: float = 60) -> list[Page]:
    pages = [search(folder, wanted, limit, None, seconds)]
    while pages[-1].next_cursor is not None:
        assert len(pages) < 2000
        pages.append(search(folder, wanted, limit, pages[-1].next_cursor, seconds))
    return pages


def _all(folder: Path, wanted: Wanted, limit: int = 500, seconds: float = 60) -> list[Record]:
    return [record for page in _pages(folder, wanted, limit, seconds) for record in page.records]


def _said(at: datetime, level: str = "info", origin: Origin | None = None, **fields: Any) -> bytes:
    named = {"category": "automation", "component": "sync", "event": "sync.said", **fields}
    return line_of(Said(at, level, named, origin))


@pytest.mark.parametrize("limit", [1, 3, 7, 500])
def test_pages_hold_every_line_once_newest_first_over_days_categories_and_forms(tmp_path: Path, limit: int) -> None:
    said = 0
    for age, kind in ((0, Kind.plain), (1, Kind.plain), (3, Kind.packed), (40, Kind.archived)):
        day = TODAY - timedelta(days=age)
        for category in ("automation", "backend", "performance"):
            write(tmp_path, day, [line(said + i, day, category) for i in range(5)], category)
            said += 5
            bring(tmp_path, day, kind, category)
    found = _all(tmp_path, Wanted(), limit)
    assert Counter(map(_number, found)) == Counter(range(said))
    assert [record["ts"] for record in found] == sorted((record["ts"] for record in found), reverse=True)


@pytest.mark.parametrize("kind", KINDS)
def test_filters_mean_the_same_in_every_form(tmp_path: Path, kind: Kind) -> None:
    at = datetime(2026, 6, 10, 12, tzinfo=UTC)
    lines = [
        _said(at + timedelta(minutes=0), number=0),
        _said(at + timedelta(minutes=1), "error", number=1, error={"type": "KeyError", "message": "Wawa 5127"}),
        _said(at + timedelta(minutes=2), number=2, event="sync", origin=Origin("req-1", "user-1")),
        _said(at + timedelta(minutes=3), number=3, event="synchronised"),
        _said(at + timedelta(minutes=4), "warning", number=4, component="operations.logs", message='Said "Größe" so'),
        _said(at + timedelta(minutes=5), number=5, component="operations", note="a\\b", origin=Origin("req-1")),
    ]
    write(tmp_path, DAY, lines)
    bring(tmp_path, DAY, kind)
    for wanted, numbers in (
        (Wanted(), [5, 4, 3, 2, 1, 0]),
        (Wanted(levels=frozenset({"error"})), [1]),
        (Wanted(levels=frozenset({"error", "warning"})), [4, 1]),
        (Wanted(event="sync"), [5, 4, 2, 1, 0]),
        (Wanted(event="sync.said"), [5, 4, 1, 0]),
        (Wanted(component="operations"), [5, 4]),
        (Wanted(component="operations.logs"), [4]),
        (Wanted(request_id="req-1"), [5, 2]),
        (Wanted(request_id="req-1", user_id="user-1"), [2]),
        (Wanted(request_id="-"), [4, 3, 1, 0]),
        (Wanted(text="wawa 51"), [1]),
        (Wanted(text="GRÖSSE".replace("SS", "ß")), [4]),
        (Wanted(text="größe"), [4]),
        (Wanted(text='said "gr'), [4]),
        (Wanted(text="a\\\\b"), [5]),
        (Wanted(text="%"), []),
        (Wanted(since=at + timedelta(minutes=4)), [5, 4]),
        (Wanted(until=at + timedelta(minutes=1)), [1, 0]),
        (Wanted(since=at + timedelta(minutes=1), until=at + timedelta(minutes=2)), [2, 1]),
        (Wanted(until=at - timedelta(days=1)), []),
        (Wanted(categories=frozenset({"backend"})), []),
        (Wanted(categories=frozenset({"automation", "backend"}), event="synchronised"), [3]),
    ):
        assert list(map(_number, _all(tmp_path, wanted))) == numbers, wanted


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_and_its_copy_are_found_once_or_where_they_are_looked_for(tmp_path: Path, kind: Kind) -> None:
    copied, own = line(1, DAY, level="error"), line(2, DAY, "errors", level="error")
    write(tmp_path, DAY, [copied])
    write(tmp_path, DAY, [copied, own], "errors")
    for category in ("automation", "errors"):
        bring(tmp_path, DAY, kind, category)
    for categories, numbers in (((), [2, 1]), (("errors",), [2, 1]), (("automation",), [1])):
        assert list(map(_number, _all(tmp_path, Wanted(categories=frozenset(categories))))) == numbers
    assert list(map(_number, _all(tmp_path, Wanted(categories=frozenset({"errors", "automation"}))))) == [2, 1]


def test_lines_that_come_between_two_pages_change_nothing(tmp_path: Path) -> None:
    write(tmp_path, TODAY, [line(i) for i in range(10)])
    first = search(tmp_path, Wanted(), 4)
    write(tmp_path, TODAY, [line(i) for i in range(10, 20)])
    write(tmp_path, TODAY, [line(i, TODAY, "backend") for i in range(20, 25)], "backend")
    rest = search(tmp_path, Wanted(), 500, first.next_cursor)
    assert list(map(_number, first.records + rest.records)) == list(range(9, -1, -1))


def test_a_day_that_is_compressed_between_two_pages_is_read_on(tmp_path: Path) -> None:
    write(tmp_path, DAY, [line(i, DAY) for i in range(10)])
    first = search(tmp_path, Wanted(), 4)
    close_day(tmp_path, "automation", DAY)
    rest = search(tmp_path, Wanted(), 500, first.next_cursor)
    assert list(map(_number, first.records + rest.records)) == list(range(9, -1, -1))
    archive_day(tmp_path, "automation", DAY)
    with pytest.raises(FilesMoved):
        search(tmp_path, Wanted(), 500, first.next_cursor)


def test_a_cursor_of_another_list_is_refused(tmp_path: Path) -> None:
    for cursor in ("x", "WyJhIiwiYiJd", "WyIyMDI2LTA2LTEwIiwiYTpiIl0", "é"):
        with pytest.raises(Invalid):
            search(tmp_path, Wanted(), 5, cursor)


def test_what_cannot_be_read_is_said_and_everything_else_is_found(tmp_path: Path) -> None:
    for age in range(1, 5):
        day = TODAY - timedelta(days=age)
        write(tmp_path, day, [line(age, day), b"no record\n", b"\n", b'{"ts":"never"}\n'])
    packed = path_of(tmp_path, "automation", TODAY - timedelta(days=2), Kind.packed)
    close_day(tmp_path, "automation", TODAY - timedelta(days=2))
    packed.write_bytes(packed.read_bytes()[:40])
    bring(tmp_path, TODAY - timedelta(days=3), Kind.archived)
    path_of(tmp_path, "automation", TODAY - timedelta(days=3), Kind.archived).write_bytes(b"PAR1 but nothing else")
    page = search(tmp_path, Wanted(), 500)
    assert list(map(_number, page.records)) == [1, 4]
    assert sorted((one.day, one.kind) for one in page.unread) == [
        (TODAY - timedelta(days=3), Kind.archived),
        (TODAY - timedelta(days=2), Kind.packed),
    ]
    assert page.malformed == 4
    assert page.next_cursor is None


def test_a_compressed_file_that_is_too_large_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "MOST_UNPACKED", 1000)
    write(tmp_path, DAY, [line(i, DAY) for i in range(10)])
    close_day(tmp_path, "automation", DAY)
    (unread,) = search(tmp_path, Wanted(), 500).unread
    assert "log-analyzer" in unread.why


def test_the_half_line_that_is_just_being_written_is_left_for_later(tmp_path: Path) -> None:
    write(tmp_path, TODAY, [line(1), line(2)[:50]])
    page = search(tmp_path, Wanted(), 500)
    assert (list(map(_number, page.records)), page.malformed) == ([1], 0)


@pytest.mark.parametrize("kind", KINDS)
def test_time_that_is_over_ends_a_page_and_the_next_one_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind
) -> None:
    monkeypatch.setattr(sources, "BLOCK", 2000)
    monkeypatch.setattr(sources, "_ROWS_AT_ONCE", 7)
    for age in range(3):
        day = TODAY - timedelta(days=age)
        for category in ("automation", "backend"):
            write(tmp_path, day, [line(age * 1000 + i, day, category) for i in range(60)], category)
            bring(tmp_path, day, kind, category)
    pages = _pages(tmp_path, Wanted(), 500, seconds=0)
    assert any(page.out_of_time for page in pages)
    assert len(pages) > 3
    found = Counter(_number(record) for page in pages for record in page.records)
    assert found == Counter({age * 1000 + i: 2 for age in range(3) for i in range(60)})


def test_a_search_that_finds_nothing_ends_in_time_too(tmp_path: Path) -> None:
    for age in range(5):
        day = TODAY - timedelta(days=age)
        write(tmp_path, day, [line(i, day) for i in range(10)])
    page = search(tmp_path, Wanted(text="nowhere"), 500, None, seconds=0)
    assert (page.records, page.out_of_time) == ([], True)
    assert _all(tmp_path, Wanted(text="nowhere"), seconds=0) == []


def test_old_days_are_not_even_opened(tmp_path: Path) -> None:
    for age in range(3):
        day = TODAY - timedelta(days=age)
        write(tmp_path, day, [line(age, day)])
    close_day(tmp_path, "automation", TODAY - timedelta(days=2))
    path_of(tmp_path, "automation", TODAY - timedelta(days=2), Kind.packed).write_bytes(b"damaged")
    since = datetime(2026, 6, 14, tzinfo=UTC)
    assert search(tmp_path, Wanted(since=since), 500).unread == []


@pytest.mark.parametrize("steps", range(7))
def test_after_a_crash_in_the_middle_every_line_still_is_found_once(tmp_path: Path, steps: int) -> None:
    write(tmp_path, DAY, [line(i, DAY) for i in range(5)])
    close_day(tmp_path, "automation", DAY)
    archive_day(tmp_path, "automation", DAY)
    write(tmp_path, DAY, [line(i, DAY) for i in range(5, 9)])
    reaper = _Reaper(steps)
    try:
        close_day(tmp_path, "automation", DAY, reaper)
        archive_day(tmp_path, "automation", DAY, reaper)
    except Killed:
        write(tmp_path, DAY, [line(9, DAY)])
    else:
        raise AssertionError("It was to end in the middle.")
    assert list(map(_number, _all(tmp_path, Wanted()))) == list(range(9, -1, -1))


_LINES = st.lists(st.tuples(st.integers(0, 600), st.integers(0, 5000)), max_size=40)


@settings(max_examples=60, deadline=None)
@given(lines=_LINES, kind=st.sampled_from(KINDS), limit=st.integers(1, 9), block=st.integers(200, 9000))
def test_any_file_is_read_backwards_without_losing_or_doubling_a_line(
    lines: list[tuple[int, int]], kind: Kind, limit: int, block: int
) -> None:
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr(sources, "BLOCK", block)
        patch.setattr(sources, "_ROWS_AT_ONCE", 3)
        folder = Path(name)
        order = sorted(lines)
        write(folder, DAY, [line(second, DAY, text="x" * size, place=at) for at, (second, size) in enumerate(order)])
        bring(folder, DAY, kind)
        found = _all(folder, Wanted(), limit)
        assert [record["data"]["place"] for record in found] == list(range(len(order) - 1, -1, -1))


@given(
    line_=st.sampled_from(
        [
            line(5, DAY),
            line(5, DAY, level="error", user_id="u-1", note="Größe 5%"),
            b'{"ts":1}\n',
            b'{"time":"2026-06-10T00:00:05Z","severity":"ERR","logger":"te.st","type":"line","username":"u-1"}\n',
            b'{"timestamp": "2026-06-10T00:00:05Z", "level": "Fatal", "logger": "test", "type": "line.said"}\n',
        ]
    ),
    wanted=st.builds(
        Wanted,
        since=st.none() | st.just(datetime(2026, 6, 10, tzinfo=UTC)),
        until=st.none() | st.just(datetime(2026, 6, 10, 0, 0, 5, tzinfo=UTC)),
        levels=st.sampled_from(
            [
                frozenset[str](),
                *(frozenset({level}) for level in ("error", "info", "critical")),
                frozenset({"info", "error"}),
            ]
        ),
        component=st.sampled_from(["", "test", "te", "unknown"]),
        event=st.sampled_from(["", "line", "line.said", "li", "log"]),
        text=st.sampled_from(["", "größe", "number", "5%", 'number":5', "x"]),
        user_id=st.sampled_from(["", "u-1", "u"]),
    ),
)
def test_the_quick_look_lets_everything_pass_that_is_wanted(line_: bytes, wanted: Wanted) -> None:
    record, look = record_of(line_, "automation"), QuickLook(wanted)
    if record is not None and wanted.fits(record, "automation"):
        assert look.may_fit(line_)
        assert look.in_time(line_)


def test_the_copies_of_errors_are_read_only_when_they_are_asked_for(tmp_path: Path) -> None:
    assert Wanted(categories=frozenset({"automation"})).folders() == ["automation"]
    assert "errors" in Wanted().folders()
    write(tmp_path, DAY, [line(1, DAY, level="error")])
    write(tmp_path, DAY, [line(1, DAY, level="error"), line(2, DAY, level="error", category="errors")], "errors")
    assert list(map(_number, _all(tmp_path, Wanted()))) == [2, 1]
    assert list(map(_number, _all(tmp_path, Wanted(categories=frozenset({"automation"}))))) == [1]
    assert list(map(_number, _all(tmp_path, Wanted(categories=frozenset({"errors"}))))) == [2, 1]


def test_walking_through_everything_says_what_was_left_out(tmp_path: Path) -> None:
    for age in range(3):
        day = TODAY - timedelta(days=age)
        write(tmp_path, day, [line(age, day)])
    page = Page()
    assert [_number(record) for record in walk(tmp_path, Wanted(), page)] == [0, 1, 2]
    assert not page.out_of_time
    assert [_number(record) for record in walk(tmp_path, Wanted(), page, seconds=0)] == [0]
    assert page.out_of_time


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"ts": "2026-03-06T23:59:00.000+00:00", "level": "info", "event": "sync.started", "work_orders": 60},
            {"level": "info", "event": "sync.started", "message": "sync.started", "data": {"work_orders": 60}},
        ),
        (
            {
                "timestamp": "2026-03-06T23:59:00",
                "severity": "WARN",
                "msg": "said",
                "logger": "x",
                "ms": 5,
                "path": "/a",
            },
            {"level": "warning", "message": "said", "component": "x", "duration_ms": 5, "route": "/a"},
        ),
        (
            {"time": "2026-03-07T01:59:00+02:00", "error": "broken", "trace": "stack", "status_code": "x"},
            {"error": {"type": "Error", "message": "broken", "stack": "stack"}, "data": {"status_code": "x"}},
        ),
    ],
)
def test_older_lines_are_read_in_todays_shape(old: dict[str, Any], new: dict[str, Any]) -> None:
    record = record_of(orjson.dumps(old), "backend")
    assert record is not None
    assert record["ts"] == "2026-03-06T23:59:00.000Z"
    assert {name: record[name] for name in new} == new


@pytest.mark.parametrize(
    ("odd", "new"),
    [
        ({"status": "ok"}, {"status": None, "data": {"status": "ok"}}),
        ({"status": 10**12, "pid": -1}, {"status": None, "pid": None, "data": {"status": 10**12, "pid": -1}}),
        ({"status": "ok", "status_code": "404"}, {"status": 404, "data": {"status": "ok"}}),
        ({"duration_ms": "fast"}, {"duration_ms": None, "data": {"duration_ms": "fast"}}),
        ({"response_time": 1.5}, {"duration_ms": 1500.0}),
        ({"data": "text"}, {"data": {"data": "text"}}),
        ({"error": "KeyError: x"}, {"error": {"type": "KeyError", "message": "KeyError: x"}}),
        ({"error": {"type": 5}}, {"error": {"type": "5", "message": ""}}),
        ({"error": None, "exception": "broken"}, {"error": {"type": "Error", "message": "broken"}}),
        ({"component": 7, "user_id": 3, "request_id": None}, {"component": "7", "user_id": "3", "request_id": "-"}),
        ({"level": "EMERGENCY"}, {"level": "critical"}),
        ({"ts": "2026-06-10T02:00:00+02:00"}, {"ts": "2026-06-10T00:00:00.000Z"}),
        ({"ts": 1781049600}, {"ts": "2026-06-10T00:00:00.000Z"}),
        ({"ts": "2026-06-10"}, {"ts": "2026-06-10T00:00:00.000Z"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", KINDS)
def test_an_odd_line_ends_no_search_and_keeps_no_day_from_the_archive(
    tmp_path: Path, kind: Kind, odd: dict[str, Any], new: dict[str, Any]
) -> None:
    write(tmp_path, DAY, [orjson.dumps({**orjson.loads(line(1, DAY)), "data": {}, **odd}) + b"\n", line(2, DAY)])
    bring(tmp_path, DAY, kind)
    newest, found = _all(tmp_path, Wanted(since=datetime(2026, 6, 10, tzinfo=UTC)))
    assert newest["data"]["number"] == 2
    said = line_view(found).model_dump()
    for name, value in new.items():
        assert found.get(name) == value
    assert said["ts"] == found["ts"]


@pytest.mark.parametrize("ts", ["0001-01-01T00:00:00+14:00", "9999-99-99T00:00:00.000Z", "", None, True])
def test_a_line_without_a_time_is_malformed(ts: object) -> None:
    assert record_of(orjson.dumps({**orjson.loads(line(1, DAY)), "ts": ts}), "backend") is None


@pytest.mark.parametrize("wanted", [Wanted(), Wanted(since=datetime(2026, 6, 10, 0, 0, 2, tzinfo=UTC))])
def test_archives_of_earlier_versions_are_searched_and_added_to(tmp_path: Path, wanted: Wanted) -> None:
    write(tmp_path, DAY, [line(number, DAY) for number in range(4)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(archive.COLUMNS, "ts", "VARCHAR")
        bring(tmp_path, DAY, Kind.archived)
    path = path_of(tmp_path, "automation", DAY, Kind.archived)
    assert rows_of(path)[0]["ts"] == "2026-06-10T00:00:00.000Z"
    expected = [3, 2] if wanted.since else [3, 2, 1, 0]
    assert list(map(_number, _all(tmp_path, wanted))) == expected
    write(tmp_path, DAY, [line(4, DAY)])
    bring(tmp_path, DAY, Kind.archived)
    assert rows_of(path)[0]["ts"].isoformat() == "2026-06-10T00:00:00"
    assert list(map(_number, _all(tmp_path, wanted))) == [4, *expected]


@pytest.mark.parametrize("broken", [b"", b"x", b"[]", b'{"a":1}', b'{"ts":"soon"}', b'{"ts":null}'])
def test_what_is_no_record_is_none(broken: bytes) -> None:
    assert record_of(broken, "backend") is None
