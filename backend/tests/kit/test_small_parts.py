"""Clock, ids, cursors, files."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit import clock
from app.kit.files import open_regular, write_atomically
from app.kit.ids import new_id
from app.kit.pagination import make_cursor, read_cursor
from app.kit.problems import Invalid


def test_a_virtual_clock_stands_still_until_it_is_moved() -> None:
    with clock.VirtualClock(datetime(2026, 3, 6, 12, tzinfo=UTC)) as virtual:
        assert clock.now() == clock.now() == datetime(2026, 3, 6, 12, tzinfo=UTC)
        virtual.advance(hours=2)
        assert clock.now().hour == 14
    assert clock.now().year >= 2026


def test_today_is_the_users_day_not_the_servers() -> None:
    with clock.VirtualClock(datetime(2026, 3, 7, 2, tzinfo=UTC)):
        assert clock.today("America/New_York") == date(2026, 3, 6)
        assert clock.today("Europe/Berlin") == date(2026, 3, 7)


def test_a_virtual_clock_needs_a_zone() -> None:
    with pytest.raises(ValueError, match="time zone"):
        clock.VirtualClock(datetime(2026, 3, 6))  # noqa: DTZ001  # the point of this test


def test_ids_are_unique_and_sort_by_time() -> None:
    with clock.VirtualClock(datetime(2026, 3, 6, tzinfo=UTC)) as virtual:
        first = [new_id() for _ in range(50)]
        virtual.advance(seconds=1)
        second = [new_id() for _ in range(50)]
    assert len({*first, *second}) == 100
    assert max(first) < min(second)


@given(st.integers(), st.text())
def test_a_cursor_gives_back_its_keys(number: int, text: str) -> None:
    number %= 2**53
    assert read_cursor(make_cursor(number, text), int, str) == [number, text]


@pytest.mark.parametrize("cursor", ["", "x", "!!!", make_cursor("text"), make_cursor(1, 2), "AAAA", "é"])
def test_a_cursor_of_somebody_else_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        read_cursor(cursor, int)


def test_a_file_is_replaced_as_a_whole_and_private_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "file"
    write_atomically(path, b"one", private=True)
    assert path.read_bytes() == b"one"
    assert path.stat().st_mode & 0o777 == 0o600
    write_atomically(path, b"two")
    assert path.read_bytes() == b"two"
    assert [item.name for item in path.parent.iterdir()] == ["file"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    write_atomically(path, b"old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="Windows has no named pipes in folders")
def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write_atomically(pipe, b"through")
        assert os.read(reader, 100) == b"through"
        assert pipe.is_fifo()
    finally:
        os.close(reader)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
def test_only_a_regular_file_is_opened_and_nothing_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").write_bytes(b"said")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    for name in ("file", "link"):
        with open_regular(tmp_path / name) as file:
            assert file.read() == b"said"
    for path in (tmp_path / "pipe", tmp_path, Path(os.devnull), tmp_path / "none"):
        with pytest.raises(OSError, match=r"regular|No such"):
            open_regular(path)
