"""Follows logs while they are written, across the rotation at midnight.

A file that is rotated away (renamed, packed, removed) is read to its end through the handle that is already open; the next
one is read from its beginning. So no line is lost between two looks, whenever they happen.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from app.kit.files import open_regular
from app.operations.logs.analyzer.analysis import Origin
from app.operations.logs.analyzer.chunks import CHUNK, LINE_AT_MOST
from app.operations.logs.analyzer.files import LogFile, find_files
from app.operations.logs.instants import Period


class _Tail:
    """One open file, and the beginning of a line that is not finished."""

    def __init__(self, file: LogFile, opened: BinaryIO, *, from_end: bool) -> None:
        self.file = file
        self.opened = opened
        self.rest = b""
        if from_end:
            self._skip_to_last_line()

    def _skip_to_last_line(self) -> None:
        end = self.opened.seek(0, os.SEEK_END)
        start = max(0, end - CHUNK)
        self.opened.seek(start)
        self.rest = self.opened.read(end - start).rpartition(b"\n")[2]

    def new_lines(self) -> Iterator[bytes]:
        """Whole lines that came since the last look."""
        if self.opened.tell() > os.fstat(self.opened.fileno()).st_size:
            self.opened.seek(0)  # somebody emptied the file
            self.rest = b""
        while data := self.opened.read(CHUNK):
            whole, found, rest = (self.rest + data).rpartition(b"\n")
            self.rest = rest[-LINE_AT_MOST:]
            if found:
                yield whole + found


class Follower:
    """Looks again and again. Use it as a context: it keeps files open.

    What is in the files already is not new. Raises ``NoLogs`` when there is no folder of logs.
    """

    def __init__(self, root: Path, categories: frozenset[str] = frozenset()) -> None:
        self._root = root
        self._categories = categories
        self._tails: dict[tuple[int, int], _Tail] = {}
        self._find(from_end=True)

    def __enter__(self) -> "Follower":
        return self

    def __exit__(self, *_: object) -> None:
        for tail in self._tails.values():
            tail.opened.close()
        self._tails.clear()

    @property
    def files(self) -> list[LogFile]:
        """The files that are followed."""
        return [tail.file for tail in self._tails.values()]

    def new_chunks(self) -> Iterator[tuple[bytes, Origin]]:
        """Runs of whole lines that were written since the last look, with where they come from."""
        present = self._find(from_end=False)
        others = frozenset(tail.file.category for tail in self._tails.values()) - {"errors"}
        for key, tail in list(self._tails.items()):
            category = tail.file.category
            origin = Origin(category, others if category == "errors" else frozenset())
            for chunk in tail.new_lines():
                yield chunk, origin
            if key not in present:
                tail.opened.close()
                del self._tails[key]

    def _find(self, *, from_end: bool) -> set[tuple[int, int]]:
        """Opens files that were not there before; which are there now."""
        present = set()
        for file in find_files(self._root, Period(), self._categories).files:
            if file.kind != "plain":
                continue
            with suppress(OSError):
                opened = open_regular(file.path)
                status = os.fstat(opened.fileno())
                key = (status.st_dev, status.st_ino)
                present.add(key)
                if key in self._tails:
                    opened.close()
                else:
                    self._tails[key] = _Tail(file, opened, from_end=from_end)
        return present
