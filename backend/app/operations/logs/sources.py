"""Reading a day's lines of one category, newest first, from whatever form they stand in, piece by piece.

A source can be left at any line and gone on with later: ``position`` counts from the file's beginning (bytes of the
uncompressed lines, rows of the archive), so lines that are appended meanwhile change nothing.
"""

import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson

from app.kit.files import open_regular
from app.operations.logs.archive import COLUMNS, INSTANT, UnknownArchive, content_digest, entry_of
from app.operations.logs.closing import overlap
from app.operations.logs.engine import connection
from app.operations.logs.layout import Kind, path_of
from app.operations.logs.packed import read_packed
from app.operations.logs.records import Record, record_of
from app.operations.logs.wanted import QuickLook, Wanted, condition

BLOCK = 1 << 18
MOST_UNPACKED = 512 << 20
_ROWS_AT_ONCE = 500
_RFC3339 = "%Y-%m-%dT%H:%M:%S.%gZ"


class TimeUp(Exception):
    """The time for a search is over; it can go on from the positions."""


class TooLarge(Exception):
    """More than is unpacked for a search."""


class Deadline:
    def __init__(self, seconds: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._end = monotonic() + seconds

    def over(self) -> bool:
        return self._monotonic() >= self._end


class Found(NamedTuple):
    """A wanted line and where it stands: it begins at ``start``, the next one at ``end``."""

    start: int
    end: int
    record: Record


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source's lines stand. ``floor``: what is before it was read elsewhere."""

    category: str
    day: date
    kind: Kind
    floor: int = 0

    @property
    def key(self) -> str:
        return f"{self.category}.{self.kind.value}"


def places(folder: Path, category: str, day: date) -> list[Place]:
    """Where the lines of a day stand, each line once: also while a day is being closed or archived, or after a crash in
    the middle of that."""
    there = {kind: path for kind in Kind if (path := path_of(folder, category, day, kind)).exists()}
    found = []
    if Kind.archived in there:
        found.append(Place(category, day, Kind.archived))
        if Kind.packed in there and _has(folder, category, day, there[Kind.archived], there[Kind.packed]):
            del there[Kind.packed]
    if Kind.packed in there:
        found.append(Place(category, day, Kind.packed))
    if Kind.plain in there:
        plain = there[Kind.plain]
        done = overlap(there[Kind.packed], plain, plain.stat().st_size) if Kind.packed in there else 0
        found.append(Place(category, day, Kind.plain, done))
    return found


def _has(folder: Path, category: str, day: date, archived: Path, packed: Path) -> bool:
    try:
        return content_digest(packed) in entry_of(folder, category, day, archived).sources
    except UnknownArchive:
        return False


class Source(ABC):
    """The wanted lines of one place. ``position``: everything from there on has been looked at."""

    def __init__(self, place: Place, wanted: Wanted, deadline: Deadline) -> None:
        self.place = place
        self.wanted = wanted
        self.deadline = deadline
        self.position = 0
        self.malformed = 0

    @abstractmethod
    def newest(self) -> Iterator[Found]:
        """Raises :class:`TimeUp`, and what reading a file raises."""

    @abstractmethod
    def close(self) -> None:
        """Lets go of what it holds."""


class TextSource(Source):
    """Lines of a plain file, or of a compressed one that was unpacked into a temporary file."""

    def __init__(self, place: Place, file: BinaryIO, wanted: Wanted, deadline: Deadline, position: int | None) -> None:
        super().__init__(place, wanted, deadline)
        self._file = file
        self._look = QuickLook(wanted)
        end = _end_of_lines(file)
        self.position = end if position is None else min(position, end)

    def newest(self) -> Iterator[Found]:
        for base, body in _blocks(self._file, self.place.floor, self.position):
            first = body[:64]
            if self._look.may_fit(body) and not self._look.after(first):
                yield from self._wanted_in(base, body)
            self.position = base
            if self._look.before(first):
                self.position = self.place.floor
                return
            if self.deadline.over():
                raise TimeUp
        self.position = self.place.floor

    def _wanted_in(self, base: int, body: bytes) -> Iterator[Found]:
        end = len(body)
        while end > 0:
            start = body.rfind(b"\n", 0, end - 1) + 1
            line = body[start : end - 1]
            if line and self._look.may_fit(line) and self._look.in_time(line):
                record = record_of(line, self.place.category)
                if record is None:
                    self.malformed += 1
                elif self.wanted.fits(record, self.place.category):
                    yield Found(base + start, base + end, record)
            end = start

    def close(self) -> None:
        self._file.close()


def _end_of_lines(file: BinaryIO) -> int:
    """The end of the last whole line: the one behind it may be under way."""
    end = file.seek(0, 2)
    while end > 0:
        size = min(BLOCK, end)
        file.seek(end - size)
        found = file.read(size).rfind(b"\n")
        if found >= 0:
            return end - size + found + 1
        end -= size
    return 0


def _blocks(file: BinaryIO, floor: int, end: int) -> Iterator[tuple[int, bytes]]:
    """Whole lines between ``floor`` and ``end``, in blocks from the end on, each with where it begins."""
    tail = b""
    while end > floor:
        size = min(BLOCK, end - floor)
        end -= size
        file.seek(end)
        block = file.read(size) + tail
        cut = 0 if end == floor else block.find(b"\n") + 1
        if cut == len(block) or (cut == 0 and end > floor):
            tail = block  # one line so far, and not all of it
            continue
        tail = block[:cut]
        yield end + cut, block[cut:]
        # What is left of the block is the end of a line that begins further up.


class RowSource(Source):
    """Rows of the archive."""

    def __init__(self, place: Place, path: Path, wanted: Wanted, deadline: Deadline, position: int | None) -> None:
        super().__init__(place, wanted, deadline)
        self._path = path
        self.position = (1 << 62) if position is None else position

    def newest(self) -> Iterator[Found]:
        where, given = condition(self.wanted, self.place.category)
        ts = f"coalesce(strftime({INSTANT}, '{_RFC3339}'), '{self.place.day}T00:00:00.000Z')"
        columns = ", ".join([ts, *list(COLUMNS)[1:]])
        query = (
            f"SELECT file_row_number, {columns} FROM read_parquet(?, file_row_number = true) "  # noqa: S608
            f"WHERE file_row_number < ? AND {where} ORDER BY file_row_number DESC LIMIT {_ROWS_AT_ONCE}"
        )
        with connection(1) as db:
            while True:
                rows = db.execute(query, [str(self._path), self.position, *given]).fetchall()
                for number, *values in rows:
                    record = {name: value for name, value in zip(COLUMNS, values, strict=True) if value is not None}
                    for name in ("error", "data"):
                        if name in record:
                            record[name] = orjson.loads(record[name])
                    yield Found(number, number + 1, record)
                    self.position = number
                if len(rows) < _ROWS_AT_ONCE:
                    break
                if self.deadline.over():
                    raise TimeUp
        self.position = 0

    def close(self) -> None:
        """Each reading opens and closes the file itself."""


def open_source(folder: Path, place: Place, wanted: Wanted, deadline: Deadline, position: int | None) -> Source:
    """The source of a place, from ``position`` on (``None``: from its end). Raises ``OSError``, :class:`TooLarge`, and what a
    damaged file raises."""
    path = path_of(folder, place.category, place.day, place.kind)
    if place.kind is Kind.archived:
        return RowSource(place, path, wanted, deadline, position)
    if place.kind is Kind.plain:
        return TextSource(place, open_regular(path), wanted, deadline, position)
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the source closes it
    try:
        size = 0
        for block in read_packed(path):
            size += file.write(block)
            if size > MOST_UNPACKED:
                raise TooLarge(f"It has more than {MOST_UNPACKED >> 20} MB; tools/operations/log-analyzer.py reads it.")
        return TextSource(place, file, wanted, deadline, position)
    except BaseException:
        file.close()
        raise
