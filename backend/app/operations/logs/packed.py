"""Compressed lines: files of one or more Zstandard frames."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

from app.kit.files import open_regular

_BLOCK = 16_384  # a small block in, so that what comes out stays small even of very uniform lines


def unpacked(opened: BinaryIO) -> Iterator[bytes]:
    """The content in blocks; raises ``zstandard.ZstdError`` when it is damaged or cut off."""
    unpacking = zstandard.ZstdDecompressor().decompressobj()
    while packed := opened.read(_BLOCK):
        while packed:
            if unpacking.eof:  # another frame behind the first
                unpacking = zstandard.ZstdDecompressor().decompressobj()
            if block := unpacking.decompress(packed):
                yield block
            packed = unpacking.unused_data if unpacking.eof else b""
    if not unpacking.eof:
        raise zstandard.ZstdError("it ends too early")


def read_packed(path: Path) -> Iterator[bytes]:
    """As :func:`unpacked`, of a file by its path."""
    with open_regular(path) as opened:
        yield from unpacked(opened)
