"""Reads log files piece by piece: whole lines, in constant memory, from plain, gzip and Zstandard files."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from app.kit.files import open_regular
from app.operations.logs.analyzer.files import LogFile

CHUNK = 131_072  # small enough for the processor's cache and for the allocator to use again
LINE_AT_MOST = 16_000_000  # our own lines are at most 16 KiB
_TOO_LONG = b"!\n"  # stands for a line that is not kept; it is no JSON, so it counts as malformed
_UTF8_MARK = b"\xef\xbb\xbf"


class Unreadable(Exception):
    """A file cannot be read (on); the text says why."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a file for one process to read: bytes ``start`` to ``end`` of a plain file, or (``end`` None) all of it."""

    file: LogFile
    start: int = 0
    end: int | None = None


def pieces_of(file: LogFile, size: int) -> list[Piece]:
    """A plain file in pieces of about ``size`` bytes that begin and end between two lines; another file as one piece.

    What is appended to the file later belongs to no piece.
    """
    if file.kind != "plain":
        return [Piece(file)]
    pieces, start = [], file.start
    try:
        with open_regular(file.path) as opened:
            total = opened.seek(0, 2)
            while start < total:
                opened.seek(min(start + size, total) - 1)
                while (part := opened.readline(CHUNK)) and not part.endswith(b"\n"):
                    pass  # a very long line
                end = min(opened.tell(), total)
                pieces.append(Piece(file, start, end))
                start = end
    except OSError as error:
        raise Unreadable(_reason(error)) from error
    return pieces


def chunks_of(piece: Piece) -> Iterator[bytes]:
    """Runs of whole lines. Each ends with a line feed, except perhaps the file's last.

    Raises :class:`Unreadable`, also in the middle; what came before is good.
    """
    try:
        with open_regular(piece.file.path) as opened:
            if piece.file.kind == "plain":
                opened.seek(piece.start)
                blocks = _plain(opened, None if piece.end is None else piece.end - piece.start)
            else:
                blocks = _gzip(opened) if piece.file.kind == "gzip" else _zstandard(opened)
            chunks = whole_lines(blocks)
            if piece.start == 0 and (chunk := next(chunks, None)) is not None:
                yield chunk.removeprefix(_UTF8_MARK)
            yield from chunks
    except (OSError, EOFError) as error:
        raise Unreadable(_reason(error)) from error


def first_line(file: LogFile) -> bytes:
    """The first line, without white space around it; empty when there is none. Raises :class:`Unreadable`."""
    return next(chunks_of(Piece(file)), b"").split(b"\n", 1)[0].strip()


def _reason(error: OSError | EOFError) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__


def _plain(opened: BinaryIO, size: int | None) -> Iterator[bytes]:
    """Blocks that nearly always end with a line: ``whole_lines`` then has nothing to put together."""
    left = size if size is not None else sys.maxsize
    while left > 0 and (data := opened.read(min(CHUNK, left))):
        if len(data) < left:
            data += opened.readline(min(CHUNK, left - len(data)))
        yield data
        left -= len(data)


def _gzip(opened: BinaryIO) -> Iterator[bytes]:
    import gzip
    import zlib

    try:
        with gzip.GzipFile(fileobj=opened) as unpacked:
            while data := unpacked.read(CHUNK):
                yield data
    except zlib.error as error:
        raise EOFError(f"the compressed file is damaged ({error})") from error


def _zstandard(opened: BinaryIO) -> Iterator[bytes]:
    import zstandard

    from app.operations.logs.packed import unpacked

    try:
        yield from unpacked(opened)
    except zstandard.ZstdError as error:
        raise EOFError(f"the compressed file is damaged ({error})") from error


def whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Blocks of any size, cut anew at line feeds. A line longer than ``LINE_AT_MOST`` bytes is replaced by one that is no JSON."""
    rest: list[bytes] = []
    length, dropping = 0, False
    for block in blocks:
        cut = block.rfind(b"\n") + 1
        if cut == len(block) and not rest and not dropping:
            yield block
        elif cut:
            head = block[:cut]
            if dropping:
                head = _TOO_LONG + head[head.index(b"\n") + 1 :]
                dropping = False
            yield b"".join((*rest, head))
            rest, length = [], 0
        if cut < len(block) and not dropping:
            rest.append(block[cut:])
            length += len(block) - cut
            if length > LINE_AT_MOST:
                rest, length, dropping = [], 0, True
    if dropping:
        yield _TOO_LONG
    elif rest:
        yield b"".join(rest)
