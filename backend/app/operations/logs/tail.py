"""The live tail: lines as they are written, by whatever process, to any number of followers.

One look at the files every half second serves all followers, and nobody looks while nobody follows. A follower that does not
keep up is told how many lines it missed; the writers never wait for one.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from app.kit import clock
from app.kit.files import open_regular
from app.kit.problems import TooManyRequests
from app.operations.logs.layout import Kind, path_of
from app.operations.logs.records import Record, record_of
from app.operations.logs.wanted import Wanted
from app.telemetry.logs import CATEGORIES

MOST_FOLLOWERS = 10
LOOK_SECONDS = 0.5
QUIET_SECONDS = 5.0
_MOST_WAITING = 2000
_MOST_READ = 4 << 20
Line = tuple[Record, str]


@dataclass(frozen=True, slots=True)
class Missed:
    """So many lines came faster than the follower took them."""

    count: int


@dataclass(slots=True)
class _Follower:
    wanted: Wanted
    lines: deque[Record] = field(default_factory=deque)
    missed: int = 0
    signal: asyncio.Event = field(default_factory=asyncio.Event)

    def offer(self, lines: list[Line]) -> None:
        for record, folder in lines:
            if not self.wanted.fits(record, folder):
                continue
            self.lines.append(record)
            if len(self.lines) > _MOST_WAITING:
                self.lines.popleft()
                self.missed += 1
        if self.lines:
            self.signal.set()


class NewLines:
    """Reads what was appended to the files of today (and, around midnight, of yesterday) since the last look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[Path, int] = {path: path.stat().st_size for path in self._paths() if path.exists()}

    def look(self) -> list[Line]:
        """The new lines with the folder each stands in, in the order of their times."""
        found: list[Line] = []
        paths = self._paths()
        for path in paths:
            found += self._appended(path)
        self._read = {path: position for path, position in self._read.items() if path in paths}
        return sorted(found, key=lambda line: line[0]["ts"])

    def _paths(self) -> list[Path]:
        today = clock.now().date()
        days = (today - timedelta(days=1), today)
        return [path_of(self._folder, category, day, Kind.plain) for day in days for category in CATEGORIES]

    def _appended(self, path: Path) -> list[Line]:
        position = self._read.get(path, 0)
        try:
            with open_regular(path) as file:
                file.seek(position)
                data = file.read(_MOST_READ)
        except OSError:
            return []  # not there yet, or not any more
        whole = data[: data.rfind(b"\n") + 1]
        self._read[path] = position + len(whole)
        category = path.parent.name
        records = (record_of(line, category) for line in whole.splitlines() if line)
        return [(record, category) for record in records if record is not None]


class LogTail:
    """Followers of one application."""

    def __init__(self) -> None:
        self._followers: list[_Follower] = []
        self._task: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    def require_place(self) -> None:
        """:class:`TooManyRequests` when as many follow as may."""
        if len(self._followers) >= MOST_FOLLOWERS:
            raise TooManyRequests(
                f"{MOST_FOLLOWERS} people follow the logs already.", "Close one of the live views, then try again."
            )

    async def follow(self, folder: Path, wanted: Wanted) -> AsyncGenerator[Record | Missed | None, None]:
        """Wanted lines from now on; ``None`` once it has begun and then about every five seconds, whether there are lines or
        not. It ends only when the files cannot be looked at any more."""
        self.require_place()
        follower = _Follower(wanted)
        self._followers.append(follower)
        now = asyncio.get_running_loop().time
        try:
            if self._task is None or self._task.done():
                self._ready = asyncio.Event()
                self._task = asyncio.create_task(self._watch(folder, self._ready))
            task = self._task
            await self._ready.wait()
            yield None
            said = now()
            while not task.done():
                with suppress(TimeoutError):
                    await asyncio.wait_for(follower.signal.wait(), QUIET_SECONDS)
                follower.signal.clear()
                if follower.missed:
                    count, follower.missed = follower.missed, 0
                    yield Missed(count)
                while follower.lines:
                    yield follower.lines.popleft()
                if now() - said > 0.9 * QUIET_SECONDS:
                    said = now()
                    yield None
        finally:
            self._followers.remove(follower)

    async def _watch(self, folder: Path, ready: asyncio.Event) -> None:
        try:
            new = await asyncio.to_thread(NewLines, folder)
        finally:
            ready.set()
        while self._followers:
            lines = await asyncio.to_thread(new.look)
            for follower in self._followers:
                follower.offer(lines)
            await asyncio.sleep(LOOK_SECONDS)
