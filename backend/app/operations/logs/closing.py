"""Closing a day: its plain file becomes a compressed one. A crash at any point loses no line and doubles none.

The compressed file is written beside the plain one, flushed to the disk and renamed; only then the plain one is removed, with
its lock held, and only when it is exactly what was compressed. After a crash the two files tell by themselves how far it
came: what is compressed already is the end of the one and the beginning of the other (:func:`overlap`).
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import zstandard

from app.kit.files import locked, open_regular, sync_folder
from app.operations.logs.layout import Kind, path_of
from app.operations.logs.packed import read_packed

_BLOCK = 1 << 20
_LEVEL = 9
_TRIES = 10
Step = Callable[[str], None]


def no_step(_: str) -> None:
    """Called between two effects; tests end the program there."""


class StillWritten(Exception):
    """Somebody goes on writing to a day that is long over. Tried again at the next round."""


def close_day(folder: Path, category: str, day: date, step: Step = no_step) -> None:
    """Compresses what there is of a day, with what was compressed before. Raises ``OSError`` and :class:`StillWritten`; all lines
    are then where they were."""
    plain, packed = (path_of(folder, category, day, kind) for kind in (Kind.plain, Kind.packed))
    for _ in range(_TRIES):
        if not plain.exists():
            return
        size = plain.stat().st_size
        done = overlap(packed, plain, size) if packed.exists() else 0
        if done < size:
            parts = [read_packed(packed)] if packed.exists() else []
            parts.append(_skipping(read_plain(plain, size), done))
            temporary = temporary_of(packed)
            _write_packed(temporary, parts)
            step("written")
            temporary.replace(packed)
            sync_folder(packed.parent)
            step("renamed")
        if _remove(plain, size):
            step("removed")
            return
    raise StillWritten(f"{plain} is still being written to.")


def overlap(packed: Path, plain: Path, size: int) -> int:
    """How many of the first ``size`` bytes of a plain file stand at the end of the compressed one: whole lines, as many as
    can be. (Lines differ, by their time at least, so none is taken for another.)"""
    with open_regular(plain) as file:
        first = file.readline()
    starts, length = [], 0
    for line in _lines(read_packed(packed)):
        if line == first:
            starts.append(length)
        length += len(line)
    for start in starts:
        same = length - start
        if same <= size and _same(_skipping(read_packed(packed), start), read_plain(plain, same), same):
            return same
    return 0


def _lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Lines with their ends, of a content that comes in blocks."""
    rest = b""
    for block in blocks:
        *lines, rest = (rest + block).split(b"\n")
        for line in lines:
            yield line + b"\n"
    if rest:
        yield rest


def temporary_of(path: Path) -> Path:
    return path.with_name(f".{path.name}.tmp")


def read_plain(path: Path, size: int) -> Iterator[bytes]:
    with open_regular(path) as file:
        left = size
        while left > 0 and (block := file.read(min(_BLOCK, left))):
            left -= len(block)
            yield block


def _write_packed(path: Path, parts: list[Iterator[bytes]]) -> None:
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with path.open("wb") as file:
        path.chmod(0o640)
        with compressor.stream_writer(file, closefd=False) as writer:
            for part in parts:
                for block in part:
                    writer.write(block)
        file.flush()
        os.fsync(file.fileno())


def _remove(plain: Path, size: int) -> bool:
    """Removes the plain file, unless it has grown meanwhile. Its writers notice (``telemetry/log_files``)."""
    with open_regular(plain) as file, locked(file.fileno()) as held:
        if os.fstat(file.fileno()).st_size != size:
            return False
        if held:
            plain.unlink()
    if not held:  # a system on which a file that somebody has open cannot be removed
        plain.unlink()
    sync_folder(plain.parent)
    return True


def _skipping(blocks: Iterator[bytes], count: int) -> Iterator[bytes]:
    for block in blocks:
        if count >= len(block):
            count -= len(block)
            continue
        yield block[count:]
        count = 0


def _same(one: Iterator[bytes], other: Iterator[bytes], length: int) -> bool:
    """Whether the next ``length`` bytes of both are the same."""
    return _digest(one, length) == _digest(other, length)


def _digest(blocks: Iterator[bytes], length: int) -> bytes:
    digest = hashlib.sha256()
    for block in blocks:
        digest.update(block[:length])
        length -= min(length, len(block))
        if length == 0:
            break
    return digest.digest()
