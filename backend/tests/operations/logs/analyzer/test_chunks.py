"""Files are read in whole lines, from every form, and damage is told."""

import gzip
from datetime import date
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from app.operations.logs.analyzer import chunks
from app.operations.logs.analyzer.chunks import Piece, Unreadable, chunks_of, first_line, pieces_of, whole_lines
from app.operations.logs.analyzer.files import Kind, LogFile
from backend.tests.operations.logs.analyzer.written import own, write

LINES = [own(message=f"line {number}") for number in range(2_000)]


def _file(path: Path, kind: Kind = "plain") -> LogFile:
    return LogFile(path, path.name, "backend", path.name, date(2026, 3, 1), kind, path.stat().st_size)


@given(
    st.lists(st.binary(max_size=9).map(lambda line: line.replace(b"\n", b"") + b"\n"), max_size=9), st.integers(1, 12)
)
def test_blocks_of_any_size_become_whole_lines(lines: list[bytes], size: int) -> None:
    data = b"".join(lines)
    cut = list(whole_lines(data[start : start + size] for start in range(0, len(data), size)))
    assert b"".join(cut) == data
    assert all(chunk.endswith(b"\n") for chunk in cut)


def test_a_line_that_is_too_long_is_replaced_by_one_that_is_no_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "LINE_AT_MOST", 100)
    long = b"x" * 1_000
    data = b"{}\n" + long + b"\n{}\n" + long
    cut = b"".join(whole_lines(data[start : start + 64] for start in range(0, len(data), 64)))
    assert cut == b"{}\n!\n{}\n!\n"


@pytest.mark.parametrize("size", [1, 1_000, 10_000_000])
def test_a_plain_file_is_cut_between_lines(tmp_path: Path, size: int) -> None:
    lines = LINES[:20] if size == 1 else LINES
    file = _file(write(tmp_path, "a.jsonl", lines))
    pieces = pieces_of(file, size)
    assert [pieces[0].start, pieces[-1].end] == [0, file.size]
    assert [piece.end for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]
    assert [b"".join(chunks_of(piece)) for piece in pieces].count(b"") == 0
    assert b"".join(chunk for piece in pieces for chunk in chunks_of(piece)) == b"".join(lines)
    assert len(pieces) == {1: 20, 1_000: pytest.approx(len(b"".join(LINES)) / 1_040, rel=0.1), 10_000_000: 1}[size]


def test_what_is_appended_while_one_reads_belongs_to_no_piece(tmp_path: Path) -> None:
    path = write(tmp_path, "a.jsonl", LINES[:10])
    (piece,) = pieces_of(_file(path), 10_000_000)
    with path.open("ab") as file:
        file.write(LINES[10])
    assert b"".join(chunks_of(piece)) == b"".join(LINES[:10])


@pytest.mark.parametrize(("name", "kind"), [("a.jsonl", "plain"), ("a.jsonl.gz", "gzip"), ("a.jsonl.zst", "zstandard")])
def test_every_form_has_the_same_lines(tmp_path: Path, name: str, kind: Kind) -> None:
    file = _file(write(tmp_path, name, LINES), kind)
    assert b"".join(chunks_of(Piece(file))) == b"".join(LINES)
    assert first_line(file) == LINES[0].rstrip()


def test_a_mark_at_the_beginning_of_a_file_is_no_part_of_its_first_line(tmp_path: Path) -> None:
    file = _file(write(tmp_path, "a.jsonl", [b"\xef\xbb\xbf", *LINES[:2]]))
    assert b"".join(chunks_of(Piece(file))) == b"".join(LINES[:2])


def test_packed_files_may_have_several_parts(tmp_path: Path) -> None:
    halves = b"".join(LINES[:1_000]), b"".join(LINES[1_000:])
    one = tmp_path / "a.jsonl.gz"
    one.write_bytes(b"".join(map(gzip.compress, halves)))
    other = tmp_path / "a.jsonl.zst"
    other.write_bytes(b"".join(zstandard.ZstdCompressor().compress(half) for half in halves))
    assert b"".join(chunks_of(Piece(_file(one, "gzip")))) == b"".join(LINES)
    assert b"".join(chunks_of(Piece(_file(other, "zstandard")))) == b"".join(LINES)


@pytest.mark.parametrize(("name", "kind"), [("a.jsonl.gz", "gzip"), ("a.jsonl.zst", "zstandard")])
@pytest.mark.parametrize("damage", ["cut", "bytes", "not packed"])
def test_a_damaged_file_is_told(tmp_path: Path, name: str, kind: Kind, damage: str) -> None:
    path = write(tmp_path, name, LINES)
    data = bytearray(path.read_bytes())
    if damage == "cut":
        del data[len(data) // 2 :]
    elif damage == "bytes":
        data[len(data) // 2 : len(data) // 2 + 50] = b"\x00" * 50
    else:
        data = bytearray(b"plain text")
    path.write_bytes(data)
    with pytest.raises(Unreadable):
        list(chunks_of(Piece(_file(path, kind))))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    file = _file(write(tmp_path, "a.jsonl", LINES[:1]))
    file.path.unlink()
    with pytest.raises(Unreadable, match="No such file"):
        pieces_of(file, 1_000)
    with pytest.raises(Unreadable, match="No such file"):
        first_line(file)
