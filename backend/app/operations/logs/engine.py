"""How DuckDB is opened for logs: with bounded memory, and without reaching out for anything."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

MEMORY, THREADS = "112MB", 2


@contextmanager
def connection(
    threads: int = THREADS, memory: str = MEMORY, *, in_order: bool = False
) -> Iterator[duckdb.DuckDBPyConnection]:
    """An engine that spills into a temporary folder. ``in_order``: rows stay in the order of their source."""
    folder = tempfile.mkdtemp(prefix="fossawork-logs-")
    connected = duckdb.connect(
        config={
            "memory_limit": memory,
            "threads": threads,
            "temp_directory": folder,
            "preserve_insertion_order": in_order,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
        }
    )
    try:
        # One answer asks a file several times.
        connected.execute("SET TimeZone = 'UTC'; SET parquet_metadata_cache = true")
        yield connected
    finally:
        connected.close()
        shutil.rmtree(folder, ignore_errors=True)


def quoted(text: object) -> str:
    """A text as SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"
