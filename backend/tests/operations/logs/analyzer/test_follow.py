"""No line is lost or told twice while files rotate, whenever one looks."""

import shutil
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.logs.analyzer.files import NoLogs
from app.operations.logs.analyzer.follow import Follower
from backend.tests.operations.logs.analyzer.written import NOON, own, write


def _append(path: Path, *lines: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(b"".join(lines))


def _new(follower: Follower) -> list[str]:
    chunks = list(follower.new_chunks())
    assert all(chunk.endswith(b"\n") for chunk, _ in chunks)
    return [msgspec.json.decode(line)["message"] for chunk, _ in chunks for line in chunk.splitlines()]


def test_only_what_is_written_from_now_on_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "backend/2026-03-01.jsonl", [own(message="old")])
    with Follower(tmp_path) as follower:
        assert _new(follower) == []
        _append(path, own(message="a"), own(message="b"))
        _append(tmp_path / "automation/2026-03-01.jsonl", own(message="c"))
        assert sorted(_new(follower)) == ["a", "b", "c"]
        assert _new(follower) == []


def test_a_line_is_told_when_it_is_whole(tmp_path: Path) -> None:
    line = own(message="a")
    path = write(tmp_path, "backend/2026-03-01.jsonl", [own(message="old"), line[:10]])
    with Follower(tmp_path) as follower:
        assert _new(follower) == []
        _append(path, line[10:30])
        assert _new(follower) == []
        _append(path, line[30:], own(message="b"))
        assert _new(follower) == ["a", "b"]


def test_midnight(tmp_path: Path) -> None:
    today, tomorrow = tmp_path / "backend/2026-03-01.jsonl", tmp_path / "backend/2026-03-02.jsonl"
    _append(today, own(message="old"))
    with Follower(tmp_path) as follower:
        _append(today, own(message="last of the day"))
        _append(tomorrow, own(NOON + timedelta(days=1), message="first of the day"))
        # The old file is packed and removed before anybody looked.
        write(tmp_path, "backend/2026-03-01.jsonl.zst", [today.read_bytes()])
        today.unlink()
        assert sorted(_new(follower)) == ["first of the day", "last of the day"]
        _append(tomorrow, own(message="second"))
        assert _new(follower) == ["second"]
        assert [file.name for file in follower.files] == ["backend/2026-03-02.jsonl"]


def test_a_file_that_is_renamed_or_emptied_is_followed(tmp_path: Path) -> None:
    path = write(tmp_path, "backend/2026-03-01.jsonl", [own(message="old")] * 9)
    with Follower(tmp_path) as follower:
        _append(path, own(message="a"))
        shutil.move(path, path.with_name("2026-03-01.jsonl.1"))
        _append(path, own(message="b"))
        assert sorted(_new(follower)) == ["a", "b"]
        path.write_bytes(b"")
        assert _new(follower) == []
        _append(path, own(message="c"))
        assert _new(follower) == ["c"]


def test_categories_and_second_copies(tmp_path: Path) -> None:
    error = own(level="error", message="a")
    with Follower(
        write(tmp_path, "backend/2026-03-01.jsonl", []).parents[1], frozenset({"backend", "errors"})
    ) as follower:
        _append(tmp_path / "frontend/2026-03-01.jsonl", own(message="not asked for"))
        _append(tmp_path / "backend/2026-03-01.jsonl", error)
        _append(tmp_path / "errors/2026-03-01.jsonl", error)
        origins = {origin.category: origin.copied for _, origin in follower.new_chunks()}
    assert origins == {"backend": frozenset(), "errors": frozenset({"backend"})}


@given(st.lists(st.sampled_from(["write", "torn", "look", "rotate", "pack"]), max_size=30))
def test_whatever_happens_between_two_looks(tmp_path_factory: pytest.TempPathFactory, steps: list[str]) -> None:
    root = tmp_path_factory.mktemp("logs")
    day, number, rest = 1, 0, b""
    seen: list[str] = []
    path = root / "backend/2026-03-01.jsonl"
    _append(path, own(message="old"))
    with Follower(root) as follower:
        for step in [*steps, "write", "look"]:
            if step == "write":
                _append(path, rest or own(message=str(number)))
                number, rest = number + 1, b""
            elif step == "torn" and not rest:
                line = own(message=str(number))
                _append(path, line[:20])
                rest = line[20:]
            elif step == "rotate" and not rest:
                day += 1
                path = root / f"backend/2026-03-{day:02}.jsonl"
            elif step == "pack" and day > 1:
                (root / f"backend/2026-03-{day - 1:02}.jsonl").unlink(missing_ok=True)
            elif step == "look":
                seen += _new(follower)
    assert sorted(seen, key=int) == [str(known) for known in range(number)]


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NoLogs):
        Follower(tmp_path / "nowhere")
