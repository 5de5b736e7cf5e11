"""One line: whatever is said, it is one valid line of at most 16 KiB."""

import enum
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.telemetry import logs
from app.telemetry.lines import LONGEST_LINE, Said, line_of
from app.telemetry.origin import Origin
from app.telemetry.snapshot import snapshot
from backend.tests.log_lines import check_line, logged

AT = datetime(2026, 3, 6, 12, tzinfo=UTC)


def _line(level: str = "info", origin: Origin | None = None, **fields: Any) -> dict[str, Any]:
    named = {"category": "backend", "component": "test", "event": "test.said", **snapshot(fields)}
    return check_line(line_of(Said(AT, level, named, origin)), "backend", "2026-03-06")


class Colour(enum.Enum):
    red = "red"


class Rude:
    def __str__(self) -> str:
        raise RuntimeError


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.datetimes()
    | st.just(Rude()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)
_NAMES = st.sampled_from(
    ["message", "error", "status", "duration_ms", "user_id", "route", "data", "request_id", "ip", "session_id", "other"]
)


@given(fields=st.dictionaries(_NAMES | st.text(min_size=1), _ANYTHING, max_size=6), event=st.text(), who=st.text())
def test_whatever_is_said_is_a_line_of_the_schema(fields: dict[str, Any], event: str, who: str) -> None:
    fields = {name: value for name, value in fields.items() if name not in ("category", "component", "event")}
    taken = {**snapshot(fields), "event": event, "category": "backend", "component": who}
    check_line(line_of(Said(AT, "info", taken, Origin(who, who[:64] or None))), "backend", "2026-03-06")


@given(
    size=st.integers(0, 40_000),
    character=st.sampled_from(["a", "é", "€", "😀", "\0", '"', "\\", "\n", "\ud800"]),
    place=st.sampled_from(["message", "text", "list", "deep", "keys", "error"]),
)
def test_long_things_are_cut_with_a_mark_and_the_line_stays_whole(size: int, character: str, place: str) -> None:
    text = character * size
    kinds: dict[str, dict[str, Any]] = {
        "message": {"message": text},
        "text": {"said": text, "kept": 1},
        "list": {"said": [text[:50]] * (size // 40)},
        "deep": {"said": {"a": {"b": [{"c": text}]}}},
        "keys": {"said": {f"{text[:300]}{number}": number for number in range(size // 40)}},
        "error": {"error": {"type": "X", "message": text, "stack": f"first line\n{text[:16_000]}\nthe end"}},
    }
    line = _line(**kinds[place])
    if size * len(orjson.dumps(character.encode("utf-8", "replace").decode())) > LONGEST_LINE * 4:
        assert "cut" in orjson.dumps(line).decode()
    if place == "error" and size > 3 and "stack" in line["error"]:
        assert line["error"]["stack"].endswith("the end")


def test_a_structure_that_holds_itself_is_cut() -> None:
    loop: dict[str, Any] = {"name": "loop"}
    loop["again"] = [loop, loop]
    assert "[cut]" in orjson.dumps(_line(loop=loop)).decode()


def test_values_that_json_does_not_know_are_texts(home: Path, tmp_path: Path) -> None:
    odd = {
        "path": Path("/x"),
        "colour": Colour.red,
        "when": AT,
        "raw": b"\xff ok",
        "huge": 2**70,
        "nan": math.nan,
        "rude": Rude(),
        "set": {1},
        "half": "a\ud800b",
        "error_class": ValueError("no"),
    }
    logs.get_logger("backend").info("odd.values", **odd)
    assert logged(tmp_path / "logs", "backend")[0]["data"] == {
        "path": "/x",
        "colour": "red",
        "when": "2026-03-06T12:00:00+00:00",
        "raw": "\ufffd ok",
        "huge": str(2**70),
        "nan": None,
        "rude": "[Rude]",
        "set": [1],
        "half": "a?b",
        "error_class": "no",
    }


def test_known_fields_of_another_kind_are_kept_as_data() -> None:
    line = _line(status="fine", duration_ms=-1, user_id=5, ip="", request_id="not well formed!")
    assert line["data"] == {"status": "fine", "duration_ms": -1, "user_id": 5, "ip": ""}
    assert line["request_id"] == "-"
    assert not {"status", "duration_ms", "user_id", "ip"} & line.keys() - {"data"}


@pytest.mark.parametrize(
    ("event", "code", "words"),
    [
        ("sync.finished", "sync.finished", "Sync finished"),
        ("sign_in.refresh_token_reused", "sign_in.refresh_token_reused", "Sign in refresh token reused"),
        ("Something went wrong", "something_went_wrong", "Something went wrong"),
        ("", "log", "Log"),
        ("…", "log", "…"),
    ],
)
def test_an_event_is_a_code_and_says_itself_in_words(event: str, code: str, words: str) -> None:
    line = _line(event=event)
    assert (line["event"], line["message"]) == (code, words)


def test_a_given_message_and_given_data_are_used() -> None:
    line = _line(message="Said so.", data={"a": 1}, b=2)
    assert (line["message"], line["data"]) == ("Said so.", {"a": 1, "b": 2})
    assert _line(data=[1])["data"] == {"data": [1]}
