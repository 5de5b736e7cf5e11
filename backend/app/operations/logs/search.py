"""Searching the logs: newest first over all categories and forms, page by page, in bounded time and memory.

The lines of one day are merged from their sources by time; a cursor says where each of them was left. What could not be read is
said, never left out silently.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import zstandard

from app.kit.pagination import make_cursor, read_cursor
from app.kit.problems import Conflict, Invalid
from app.operations.logs.layout import Kind, find_files
from app.operations.logs.records import Record
from app.operations.logs.sources import Deadline, Found, Place, Source, TimeUp, TooLarge, open_source, places
from app.operations.logs.wanted import Wanted

SECONDS = 5.0
UNREADABLE = (OSError, duckdb.Error, zstandard.ZstdError, TooLarge, ValueError)


class FilesMoved(Conflict):
    code = "files_moved"
    title = "The files were moved meanwhile"


class Unread(NamedTuple):
    """A file that was not read, and why."""

    category: str
    day: date
    kind: Kind
    why: str


@dataclass(slots=True)
class Page:
    """``next_cursor``: where older lines may stand; ``None`` when everything was looked at. ``out_of_time``: the page ended
    because the time was over, not because it was full. ``malformed``: lines that are none."""

    records: list[Record] = field(default_factory=list)
    next_cursor: str | None = None
    out_of_time: bool = False
    unread: list[Unread] = field(default_factory=list)
    malformed: int = 0


Positions = dict[str, int]


def search(folder: Path, wanted: Wanted, limit: int, cursor: str | None = None, seconds: float = SECONDS) -> Page:
    """A page of wanted lines. :class:`Invalid` for a cursor of another list, :class:`FilesMoved` when the files that it speaks
    of stand elsewhere now."""
    page, deadline = Page(), Deadline(seconds)
    day, positions = _read_cursor(cursor) if cursor is not None else (None, {})
    for number, each in enumerate(_days(folder, wanted, day)):
        if number and deadline.over():
            page.out_of_time, page.next_cursor = True, _cursor(each, {})
            break
        with _Day(folder, each, wanted, deadline, positions if each == day else {}, page) as merged:
            try:
                for found in merged:
                    page.records.append(found)
                    if len(page.records) >= limit:
                        page.next_cursor = _cursor(each, merged.positions())
                        return page
            except TimeUp:
                page.out_of_time, page.next_cursor = True, _cursor(each, merged.positions())
                return page
    return page


def walk(folder: Path, wanted: Wanted, page: Page, seconds: float = SECONDS) -> Iterator[Record]:
    """All wanted lines, newest first, as far as the time goes; ``page`` then says what was not read."""
    deadline = Deadline(seconds)
    for number, each in enumerate(_days(folder, wanted, None)):
        if number and deadline.over():
            page.out_of_time = True
            return
        with _Day(folder, each, wanted, deadline, {}, page) as merged:
            try:
                yield from merged
            except TimeUp:
                page.out_of_time = True
                return


def _days(folder: Path, wanted: Wanted, newest: date | None) -> list[date]:
    """The days that may have wanted lines, newest first."""
    first, last = wanted.days()
    last = min(last, newest) if newest is not None else last
    return sorted(
        {file.day for file in find_files(folder, wanted.folders()) if first <= file.day <= last}, reverse=True
    )


class _Day:
    """The lines of one day, newest first, from all its sources."""

    def __init__(
        self, folder: Path, day: date, wanted: Wanted, deadline: Deadline, positions: Positions, page: Page
    ) -> None:
        self._page = page
        self._heads: dict[str, Found] = {}
        self._sources: dict[str, Source] = {}
        self._lines: dict[str, Iterator[Found]] = {}
        self._over: Positions = {}
        found = [place for category in wanted.folders() for place in _places(folder, category, day, page)]
        for place, position in _resumed(found, positions):
            try:
                self._sources[place.key] = open_source(folder, place, wanted, deadline, position)
                self._lines[place.key] = self._sources[place.key].newest()
            except UNREADABLE as error:
                self._unread(place, error)

    def __enter__(self) -> "_Day":
        return self

    def __exit__(self, *_: object) -> None:
        for key, source in self._sources.items():
            self._page.malformed += source.malformed
            self._lines[key] = iter(())
            source.close()

    def __iter__(self) -> Iterator[Record]:
        """Raises :class:`TimeUp`; :meth:`positions` then says where to go on."""
        for key in list(self._lines):
            self._advance(key)
        while self._heads:
            key = max(self._heads, key=lambda each: (self._heads[each].record["ts"], each))
            found = self._heads.pop(key)
            self._over[key] = found.start
            yield found.record
            self._advance(key)

    def positions(self) -> Positions:
        """Where each source is to be gone on with: behind the line that was found but not taken."""
        return {
            key: self._heads[key].end
            if key in self._heads
            else min(source.position, self._over.get(key, source.position))
            for key, source in self._sources.items()
        }

    def _advance(self, key: str) -> None:
        source = self._sources[key]
        try:
            found = next(self._lines[key], None)
        except UNREADABLE as error:
            self._unread(source.place, error)
            source.position = 0
            found = None
        if found is not None:
            self._heads[key] = found

    def _unread(self, place: Place, error: Exception) -> None:
        self._page.unread.append(Unread(place.category, place.day, place.kind, f"{type(error).__name__}: {error}"))


def _places(folder: Path, category: str, day: date, page: Page) -> list[Place]:
    try:
        return places(folder, category, day)
    except UNREADABLE as error:  # it cannot even be told which of several files has what
        page.unread.append(Unread(category, day, Kind.packed, f"{type(error).__name__}: {error}"))
        return []


def _resumed(found: Iterable[Place], positions: Positions) -> Iterator[tuple[Place, int | None]]:
    """Each place with the position to go on from."""
    for place in found:
        if not positions:
            yield place, None
            continue
        position = positions.get(place.key)
        if position is None and place.kind is Kind.packed:  # compressed meanwhile: the same lines at the same places
            position = positions.get(f"{place.category}.{Kind.plain.value}")
        if position is None and any(key.startswith(f"{place.category}.") for key in positions):
            raise FilesMoved(
                f"The logs of {place.day} were moved into the archive while you read them.", "Start the search again."
            )
        yield place, position or 0  # a category whose first line came after the first page has newer lines only


def _cursor(day: date, positions: Positions) -> str:
    return make_cursor(day.isoformat(), ",".join(f"{key}:{position}" for key, position in sorted(positions.items())))


def _read_cursor(cursor: str) -> tuple[date, Positions]:
    day, said = read_cursor(cursor, str, str)
    try:
        pairs = [part.rsplit(":", 1) for part in str(said).split(",") if part]
        return date.fromisoformat(str(day)), {key: max(0, int(position)) for key, position in pairs}
    except ValueError as error:
        raise Invalid("This cursor was not made by this list.", "Start from the first page.") from error
