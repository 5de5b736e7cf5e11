"""The fast way of reading lines says the same as the obvious one, whatever the bytes are."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.logs.analyzer.analysis import Analysis, Origin, Question
from app.operations.logs.analyzer.chunks import whole_lines
from app.operations.logs.analyzer.errors import Errors
from app.operations.logs.analyzer.lines import Newest
from app.operations.logs.analyzer.scan import scan
from app.operations.logs.instants import Period
from backend.tests.operations.logs.analyzer import naive
from backend.tests.operations.logs.analyzer.written import NOON, own, stamp

FIELDS = frozenset({"ts", "level", "message"})

_texts = st.sampled_from(
    [
        '"level":"error"',
        '{"level":"critical"}',
        "}\n{",
        "déjà vu…",
        "\u2028",
        "a\\u0041",
        "back\\slash",
        "plain",
        "",
        "\x00",
    ]
)
_instants = st.builds(lambda seconds: NOON + timedelta(seconds=seconds), st.integers(-7200, 7200))
_times = st.one_of(
    _instants.map(stamp),
    _instants.map(lambda at: at.replace(tzinfo=None).isoformat(sep=" ")),
    _instants.map(lambda at: at.isoformat(timespec="microseconds")),
    _instants.map(lambda at: (at + timedelta(hours=5)).isoformat().replace("+00:00", "+05:00")),
    _instants.map(lambda at: at.timestamp()),
    st.sampled_from(["yesterday", None, 12.5, [], True]),
)
_levels: st.SearchStrategy[Any] = st.sampled_from(
    ["info", "error", "critical", "warning", "debug", "ERROR", " Fatal", "warn", "loud", None, 3, ["error"], {}]
)
_others = st.dictionaries(
    st.sampled_from(["message", "msg", "component", "logger", "event", "error", "request_id", "data", "x"]),
    st.one_of(_texts, st.none(), st.floats(allow_nan=False), st.integers(-(2**40), 2**40), st.lists(_texts, max_size=2), st.dictionaries(st.sampled_from(["level", "type", "message"]), _texts)),
    max_size=4,
)  # fmt: skip


@st.composite
def _objects(draw: st.DrawFn) -> bytes:
    """A line with a JSON object, in our own form or in any other."""
    at = draw(_instants)
    if draw(st.booleans()):
        return own(at, draw(st.sampled_from(["info", "error", "critical", "debug"])), **draw(_others)).rstrip(b"\n")
    names = draw(st.permutations([("ts", "timestamp", "time"), ("level", "severity"), ("rest",)]))
    line: dict[str, Any] = {}
    for group in names:
        for name in draw(st.lists(st.sampled_from(group), max_size=2, unique=True)):
            line |= (
                draw(_others) if name == "rest" else {name: draw(_levels if name in ("level", "severity") else _times)}
            )
    text = json.dumps(
        line, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from([(",", ":"), (", ", ": ")]))
    )
    if draw(st.booleans()):
        text = (
            text[:-1] + ("," if line else "") + f'"level":{json.dumps(draw(_levels))}}}'
        )  # the last of equal keys counts
    return draw(st.sampled_from(["", " ", "\t"])).encode() + text.encode() + draw(st.sampled_from(["", " "])).encode()


_junk = st.one_of(
    st.sampled_from(
        [
            b"",
            b"   ",
            b"[]",
            b'"level":"error"',
            b"null",
            b"{}",
            b'{"level":NaN}',
            b'{"level":"error"',
            b'{"level":"error"} {"level":"error"}',
            b'{"level":"error"}{"level":"info"}',
            b'{"level":\n"error"}',
            b'{"a":{"b":1}\n,"level":"error"}',
            b'{"a":[{"b":1},\n{"level":"error"}]}',
            b'{"level":"error","message":"\xff"}',
            b'{"level":"error","x":"\xed\xa0\x80"}',
            b'{"level":"error","x":"\\ud800"}',
            b'{"level":"error","x":1e999}',
            b'{"level":1e999,"severity":"error"}',
            b'{"l\\u0065vel":"err\\u006fr"}',
            b'{"level":"error","x":"a\rb"}',
            b'{"level":"error",}',
            b"{'level':'error'}",
            b"\x00\x00\x00",
            b"2026-03-01 | ERROR | old text",
        ]
    ),
    st.binary(max_size=12),
)


@st.composite
def _files(draw: st.DrawFn) -> bytes:
    end = draw(st.sampled_from([b"\n", b"\n", b"\r\n"]))
    lines = draw(st.lists(st.one_of(_objects(), _objects(), _objects(), _junk), max_size=12))
    data = b"".join(line + end for line in lines)
    return data[: len(data) - draw(st.integers(0, 3))] if draw(st.booleans()) else data


def _blocks(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def _analysed(data: bytes, question: Question, size: int) -> tuple[Analysis, list[int]]:
    analysis, malformed = Analysis(question), []
    for chunk in whole_lines(_blocks(data, size)):
        before = analysis.read.lines
        malformed += [before + number for number in analysis.add_chunk(chunk, Origin("backend"))]
    analysis.settle()
    return analysis, malformed


_HOUR = Period.up_to(NOON, timedelta(hours=1))
_QUESTIONS = {
    "errors": Question(),
    "errors of an hour": Question(period=_HOUR),
    "errors and lines": Question(sections=frozenset({"errors", "performance", "security", "lines"})),
    "one request": Question(sections=frozenset({"lines", "errors"}), request_id="plain"),
    "text": Question(sections=frozenset({"errors", "lines"}), grep='"LEVEL":"error"', period=_HOUR),
    "text with letters of others": Question(sections=frozenset({"errors"}), grep="déjà vu…"),
}


@given(_files(), st.sampled_from(list(_QUESTIONS)), st.sampled_from([3, 50, 500, 100_000]))
def test_the_fast_way_and_the_obvious_way_say_the_same(data: bytes, name: str, size: int) -> None:
    question = _QUESTIONS[name]
    analysis, malformed = _analysed(data, question, size)
    expected = naive.read(data)
    assert malformed == expected.malformed
    assert analysis.read.lines == expected.lines
    assert analysis.read.malformed == len(expected.malformed)
    rows = expected.rows
    assert analysis.read.undated == sum(naive.instant(row) is None for row in rows)
    period = question.period
    if period.since is not None and period.until is not None:
        since, until = period.since, period.until
        rows = [row for row in rows if (at := naive.instant(row)) is not None and since <= at < until]
    assert analysis.read.in_period == len(rows)
    assert analysis.read.levels == naive.levels(rows)
    matching = [row for row in rows if _passes(row, question)]
    errors = analysis.now["errors"]
    assert isinstance(errors, Errors)
    loud = [row for row in matching if naive.level(row) in ("error", "critical")]
    assert errors.families.total() == len(loud)
    assert errors.critical.total() == sum(naive.level(row) == "critical" for row in loud)
    assert {key[1:3] for key in errors.groups} == {_named(row) for row in loud}
    if isinstance(newest := analysis.now.get("lines"), Newest):
        assert newest.seen == len(matching)


def _text(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return orjson.dumps(value).decode() if isinstance(value, dict | list) else str(value)


def _named(row: dict[str, Any]) -> tuple[str, str]:
    component, event = _text(naive.said(row, "component", "logger")), _text(naive.said(row, "event", "type"))
    return component or "unknown", event or "log"


def _passes(row: dict[str, Any], question: Question) -> bool:
    if question.request_id and _text(naive.said(row, "request_id", "correlation_id")) != question.request_id:
        return False
    if not question.grep:
        return True
    names = (
        "message",
        "msg",
        "event",
        "type",
        "component",
        "logger",
        "route",
        "endpoint",
        "path",
        "error_type",
        "request_id",
    )
    texts = [row[name] for name in names if isinstance(row.get(name), str)]
    error = naive.said(row, "error", "exception")
    texts += [_text(error.get("type")), _text(error.get("message"))] if isinstance(error, dict) else [_text(error)]
    return any(question.grep.encode().lower() in text.encode().lower() for text in texts)


@pytest.mark.parametrize(
    ("line", "is_line"),
    [
        (b'{"level":"error"}', True),
        (b' {"level":"error"}\t', True),
        (b'{"x":1e999}', True),
        (b'{"x":"\xc3\xa9"}', True),
        (b"[]", False),
        (b'{"x":"\xff"}', False),
        (b'{"\xff":1}', False),
        (b'{"x":NaN}', False),
        (b'{"x":"\\ud800"}', False),
        (b'{"x":1', False),
        (b'{"x":1} {"y":2}', False),
        (b'{"x":01}', False),
        (b'{"x":"\x01"}', False),
        (b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}", False),
    ],
    ids=lambda value: str(value)[:24],
)  # fmt: skip
def test_what_counts_as_malformed(line: bytes, *, is_line: bool) -> None:
    # Alone, and between two lines that are fine: the same.
    for data, number in ((line + b"\n", 0), (own() + line + b"\n" + own(), 1)):
        assert list(scan(data, FIELDS).malformed) == ([] if is_line else [number])


def test_lines_in_our_own_form_are_read_at_once() -> None:
    scanned = scan(own(message="a") + own(message="b"), FIELDS, texts=True)
    assert type(scanned.rows[0]).__name__ == "OwnRow"
    assert [row.message for row in scanned.rows] == ["a", "b"]
    assert list(scanned.texts) == [own(message="a").rstrip(), own(message="b").rstrip()]


def test_one_object_over_two_lines_beside_two_in_one_line_is_found() -> None:
    # As many objects as line feeds, but not one in each line.
    data = b'{"a":1} {"b":2}\n{"c":\n3}\n'
    assert list(scan(data, FIELDS).malformed) == [0, 1, 2]
