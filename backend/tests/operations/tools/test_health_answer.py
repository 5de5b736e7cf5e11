"""Only an answer that is ours in every respect is believed."""

import json
from typing import Any

import pytest

from app.operations.health.service import CHECKS
from app.operations.tools.health_answer import ALWAYS, parts_of
from backend.tests.operations.tools.answering import health


def _parts(status: int, said: Any) -> list[str] | None:
    found = parts_of(status, json.dumps(said).encode())
    return None if found is None else [part.name for part in found]


def test_the_critical_parts_are_those_of_the_server() -> None:
    assert {check.name for check in CHECKS if check.critical} == ALWAYS


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (200, health()),
        (200, health("degraded", cpu="degraded")),
        (503, health("failed", database="failed", cpu="unknown")),
        (503, health("unknown", auth="unknown")),
    ],
)
def test_an_answer_of_ours_is_believed(status: int, said: Any) -> None:
    found = _parts(status, said)
    assert found is not None
    assert set(found) >= ALWAYS
    assert _parts(500, said) is None
    assert _parts(503 if status == 200 else 200, said) is None
    assert _parts(status, said | {"components": said["components"][1:]}) is None, "a critical part is missing"


@pytest.mark.parametrize(
    "said",
    [
        {"components": []},
        {"status": "ok", "components": []},
        {"status": "UP", "components": {"db": {}}},
        [{"id": 1}],
        "abc",
        None,
        17,
        health("failed"),
        health("degraded"),
        health("ok", cpu="degraded"),
        health("ok", cpu="splendid"),
        health() | {"components": [1]},
        health() | {"components": [part | {"critical": False} for part in health()["components"]]},
    ],
    ids=str,
)
def test_anything_else_is_not(said: Any) -> None:
    assert _parts(200, said) is None
    assert _parts(503, said) is None


def test_what_is_no_text_or_no_end_of_brackets_is_not() -> None:
    for body in (b"", b"\xff\xfe", b"<html>", b"[" * 200_000, b'{"a":' * 200_000):
        assert parts_of(200, body) is None
