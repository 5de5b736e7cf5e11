"""File helpers: a file is either its old self or its new self, never half of it."""

import os
import tempfile
from pathlib import Path


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
