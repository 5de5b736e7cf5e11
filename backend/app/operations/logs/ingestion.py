"""What browsers report becomes lines of the category frontend: with the server's time, the browser's own beside it."""

import threading
from collections import OrderedDict
from datetime import UTC

from app.operations.logs.schemas import NewLogEntry
from app.telemetry.lines import instant
from app.telemetry.logs import say

_REMEMBERED = 20_000


class Seen:
    """Which entries were written: a browser whose answer got lost sends them again. Of this process, and the newest only."""

    def __init__(self, most: int = _REMEMBERED) -> None:
        self._most = most
        self._seen: OrderedDict[tuple[str, int], None] = OrderedDict()
        self._lock = threading.Lock()

    def is_new(self, session_id: str, number: int) -> bool:
        key = (session_id, number)
        with self._lock:
            if key in self._seen:
                return False
            self._seen[key] = None
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)
            return True


def write_reports(entries: list[NewLogEntry], user_id: str | None, address: str, seen: Seen) -> int:
    """Writes the entries that are new, in their order; answers how many."""
    new = [entry for entry in entries if seen.is_new(entry.session_id, entry.number)]
    for entry in new:
        known = entry.model_dump(exclude_none=True, exclude={"at", "level", "number", "data"})
        about = {"client_ts": instant(entry.at.astimezone(UTC)), "number": entry.number}
        who = {"user_id": user_id} if user_id is not None else {}
        say(
            entry.level,
            {"category": "frontend", "component": "ui", **known, **who, "ip": address, "data": {**entry.data, **about}},
        )
    return len(new)
