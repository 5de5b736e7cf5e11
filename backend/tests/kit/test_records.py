"""What stands in a process' record is believed only when all of it is what it has to be."""

import json
import os
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.kit.records import Kind, read_record

OWN = {"pid": os.getpid(), "created": psutil.Process().create_time(), "url": "http://127.0.0.1:8000"}
DAMAGED: list[Any] = [
    [1],
    "x",
    None,
    {},
    OWN | {"pid": "17"},
    OWN | {"pid": -17},
    OWN | {"pid": 0},
    OWN | {"pid": None},
    OWN | {"pid": True},
    OWN | {"pid": 2**70},
    OWN | {"pid": 1.5},
    OWN | {"created": "then"},
    OWN | {"url": 7},
    OWN | {"url": "http://[::1"},
    OWN | {"ui_url": "x"},
    OWN | {"port": 99999},
    {name: value for name, value in OWN.items() if name != "url"},
]


def _written(folder: Path, content: Any) -> Path:
    path = folder / "server.json"
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


@pytest.mark.parametrize("content", [*DAMAGED, b"", b"{", b"\xff", b"[" * 200_000], ids=lambda _: "case")
def test_a_damaged_record_says_nothing(tmp_path: Path, content: Any) -> None:
    found = read_record(_written(tmp_path, content), server=True)
    assert (found.kind, found.facts, found.runs()) == (Kind.damaged, {}, False)


def test_a_sound_one_tells_its_process(tmp_path: Path) -> None:
    found = read_record(_written(tmp_path, OWN | {"more": 1}), server=True)
    assert (found.kind, found.facts["more"], found.runs()) == (Kind.sound, 1, True)
    assert read_record(_written(tmp_path, OWN | {"pid": 2**31 - 1}), server=True).runs() is False
    assert read_record(_written(tmp_path, OWN | {"created": 1}), server=True).runs() is False, "a number used again"
    del (watcher := dict(OWN))["url"]
    assert read_record(_written(tmp_path, watcher), server=False).runs() is True
    assert read_record(tmp_path / "none.json", server=True).kind is Kind.absent
