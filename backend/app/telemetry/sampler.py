"""Reads all instruments every ten seconds and keeps what moved. One per process that does work."""

import asyncio
import os
import platform
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from app.config import get_settings
from app.database import get_database, get_operations_database
from app.kit import clock
from app.kit.ids import new_secret
from app.telemetry import metrics, store
from app.telemetry.frames import Totals, increase, read_totals
from app.telemetry.logs import get_logger

_FORGET_EVERY = 3600
# What came later than that is rolled up before something is forgotten, or by whoever brought it.
_LOOK_BACK = 2 * store.HOUR
log = get_logger("backend")


def process_name() -> str:
    """Names this process among all that write to the same store; another one after each start."""
    return _NAME


def nearest_folder(path: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(folder for folder in (path, *path.parents) if folder.exists())


_NAME = f"{platform.node()[:30]}:{os.getpid()}:{new_secret()[:6]}"


class Sampler:
    """What one process measured since its last frame."""

    def __init__(self) -> None:
        self._kept: Totals = {}
        self._last_forgotten = 0.0
        self._keeping = threading.Lock()
        self._process = psutil.Process()
        self._process.cpu_percent()
        psutil.cpu_percent()

    def look_around(self) -> None:
        """Brings the system's gauges up to date."""
        memory, disk = psutil.virtual_memory(), psutil.disk_usage(str(nearest_folder(get_settings().home)))
        network = psutil.net_io_counters()
        metrics.CPU.set(psutil.cpu_percent() / 100)
        metrics.MEMORY.set(memory.percent / 100)
        metrics.MEMORY_FREE.set(memory.available)
        metrics.DISK.set(disk.percent / 100)
        metrics.DISK_FREE.set(disk.free)
        metrics.LOAD.set(psutil.getloadavg()[0])
        if network is not None:
            metrics.NETWORK.labels("sent").set(network.bytes_sent)
            metrics.NETWORK.labels("received").set(network.bytes_recv)
        with self._process.oneshot():
            metrics.PROCESS_MEMORY.set(self._process.memory_info().rss)
            metrics.PROCESS_CPU.set(self._process.cpu_percent() / 100)
            metrics.PROCESS_THREADS.set(self._process.num_threads())
            if os.name == "posix":
                metrics.PROCESS_FILES.set(self._process.num_fds())
        for name, database in (("app", get_database()), ("operations", get_operations_database())):
            metrics.CONNECTIONS.labels(name).set(database.lent())

    def keep(self) -> None:
        """Stores what moved since the last frame that was stored, rolls up what is complete, and now and then forgets what is
        old. When storing fails nothing is lost: the next frame holds it as well."""
        with self._keeping:  # a cancelled task does not end its thread: the last frame waits for the one before
            self._keep()

    def _keep(self) -> None:
        self.look_around()
        totals, gauges = read_totals(metrics.REGISTRY)
        now = clock.now().timestamp()
        with get_operations_database().write() as db:
            at = int(now) // store.RAW * store.RAW - store.RAW
            store.write_frame(db, _NAME, at, gauges | increase(self._kept, totals))
            if int(now) % store.MINUTE < store.RAW:
                store.roll_up(db, now, since=now - _LOOK_BACK)
            if now - self._last_forgotten > _FORGET_EVERY:
                store.forget_old(db, now)
                self._last_forgotten = now
        self._kept = totals


@asynccontextmanager
async def sampling(refresh: Callable[[], None] | None = None) -> AsyncIterator[None]:
    """Samples every ten seconds for the time of the block, and once more at its end. ``refresh`` sets gauges first."""
    sampler = Sampler()
    metrics.STARTED.set(time.time())

    def work() -> None:
        if refresh is not None:
            refresh()
        sampler.keep()

    async def loop() -> None:
        while True:
            await asyncio.sleep(store.RAW - clock.now().timestamp() % store.RAW)
            await _tolerant(work)

    await _tolerant(_catch_up)
    task = asyncio.create_task(loop())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await _tolerant(work)


def _catch_up() -> None:
    """Rolls up what a process that died has left behind: windows are read from minutes and hours."""
    with get_operations_database().write() as db:
        store.roll_up(db, clock.now().timestamp())


async def _tolerant(work: Callable[[], None]) -> None:
    try:
        await asyncio.to_thread(work)
    except Exception as error:  # the store may be away for a moment; what moved meanwhile is in the next frame
        log.error("telemetry.sample_failed", error=error)
