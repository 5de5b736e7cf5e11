"""From bytes to rows: every line is parsed, at the speed of a search.

What counts as malformed: a line that is not exactly one JSON object in UTF-8 and nothing else but white space around it.
So a torn line, two objects in one line, one object over two lines, an array, ``NaN``, a lone surrogate escape, a byte
that is no UTF-8, and a nesting deeper than Python's recursion limit. Of equal keys the last counts. An empty line is no
line; a carriage return before the line feed is white space.

How it is fast: the decoder takes a whole chunk of lines at once, keeps the asked fields and checks the grammar of all the
rest. It would also accept objects that share a line or span two, so the chunk must hold as many ``}⏎{`` as it has
boundaries and as many line feeds as rows: in valid JSON a ``}`` is followed by a ``{`` only between two objects, so then
every line feed is such a boundary. Strings that were not kept are checked to be UTF-8 with the whole chunk. A chunk that
fails any of this is read line by line, which finds out which lines are at fault.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from typing import Any

import msgspec

from app.operations.logs.fields import Row, own_row_type, row_type

_BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_HEAD = 20  # a longer needle is found faster; most lines begin like the chunk's first


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a chunk holds: ``rows``, and their ``texts`` when these were asked for. ``lines`` counts all lines, ``malformed``
    has the numbers (from 0) of those that are no rows."""

    rows: Sequence[Row]
    texts: Sequence[bytes]
    lines: int
    malformed: Sequence[int] = ()


@lru_cache
def _own_decoder(fields: frozenset[str]) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(own_row_type(fields))


@lru_cache
def _decoder(fields: frozenset[str]) -> "msgspec.json.Decoder[Any]":
    return msgspec.json.Decoder(row_type(fields))


def scan(chunk: bytes, fields: frozenset[str], *, texts: bool = False) -> Scanned:
    """The rows of a run of whole lines; the last one may lack its line feed. ``fields`` has at least ``ts`` and ``level``."""
    if b"\r" in chunk:
        chunk = chunk.replace(b"\r\n", b"\n")
    if chunk.startswith(b"{") and chunk.endswith(b"}\n"):
        try:
            rows = _all_at_once(chunk, fields)
        except _BROKEN:
            return _line_by_line(chunk, fields)
        parts = chunk.split(b"\n") if texts else []
        lines = len(parts) - 1 if texts else chunk.count(b"\n")
        if len(rows) == lines and _one_object_a_line(chunk, lines) and _is_utf8(chunk):
            return Scanned(rows, parts[:lines], lines)
    return _line_by_line(chunk, fields)


def _all_at_once(chunk: bytes, fields: frozenset[str]) -> list[Row]:
    try:
        return _own_decoder(fields).decode_lines(chunk)
    except msgspec.ValidationError:
        return _decoder(fields).decode_lines(chunk)


def _one_object_a_line(chunk: bytes, lines: int) -> bool:
    return chunk.count(b"}\n" + chunk[:_HEAD]) == lines - 1 or chunk.count(b"}\n{") == lines - 1


def _is_utf8(data: bytes) -> bool:
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _line_by_line(chunk: bytes, fields: frozenset[str]) -> Scanned:
    lines = chunk.split(b"\n")
    if not lines[-1]:
        lines.pop()
    rows, texts, malformed = [], [], []
    for number, line in enumerate(lines):
        if not (text := line.strip(b" \t\r")):
            continue
        if (row := _decoded(text, fields)) is None:
            malformed.append(number)
        else:
            rows.append(row)
            texts.append(text)
    return Scanned(rows, texts, len(lines), malformed)


def _decoded(text: bytes, fields: frozenset[str]) -> Row | None:
    if not _is_utf8(text):
        return None
    try:
        row: Row = _decoder(fields).decode(text)
    except msgspec.ValidationError:  # no object, or a number too large for the decoder in one of the fields
        return _leniently(text, fields)
    except _BROKEN:
        return None
    return row


def _leniently(text: bytes, fields: frozenset[str]) -> Row | None:
    """A line with a number that is too large for the decoder: such a value is infinite, as for other readers."""
    try:
        values = _OBJECT.decode(text)
    except _BROKEN:
        return None
    row: Row = row_type(fields)()
    for name in row_type(fields).__struct_fields__:
        if name in values:
            try:
                value = msgspec.json.decode(values[name])
            except _BROKEN:
                value = inf
            setattr(row, name, value)
    return row
