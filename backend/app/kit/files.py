"""File helpers: a file is either its old self or its new self, never half of it."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

try:
    import fcntl
except ImportError:  # Windows: there, an open file cannot be removed anyway
    fcntl = None  # type: ignore[assignment]


NOT_REGULAR = "it is no regular file"


def write_atomically(path: Path, data: bytes, *, private: bool = False) -> None:
    """Writes beside ``path``, flushes to disk, then renames over it. ``private`` makes it readable by the owner only.

    Raises ``OSError`` (for instance a full disk) and then leaves the old file untouched. A device or a pipe
    (``/dev/null``) is written to: something else must not take its place.
    """
    if path.exists() and not path.is_file():
        path.write_bytes(data)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o600 if private else 0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def open_regular(path: Path) -> BinaryIO:
    """Opens a file for reading that has to be one: a pipe would hold whoever reads it until somebody writes, perhaps for ever.

    Raises ``OSError``, also for what is no regular file.
    """
    # Without waiting, because already opening a pipe waits for its writer.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    handle = os.open(path, flags)
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.EINVAL, NOT_REGULAR, str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def sync_folder(folder: Path) -> None:
    """Makes new names in a folder survive a power cut (where the system knows such a thing)."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def locked(handle: int, *, shared: bool = False, wait: bool = True) -> Iterator[bool]:
    """Holds the system's lock of an open file, which other processes of ours respect; answers whether it is held. Without
    ``wait`` it is not when somebody else has it; it never is where the system or the disk has no such locks."""
    held = False
    if fcntl is not None:
        kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(handle, kind if wait else kind | fcntl.LOCK_NB)
            held = True
        except OSError:
            held = False
    try:
        yield held
    finally:
        if held:
            fcntl.flock(handle, fcntl.LOCK_UN)
