"""What the watcher has seen, in a small SQLite file of its own: it is told to the server as soon as the server listens."""

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from app.watch.judge import Judge, Outage, Probe

_KEPT_SECONDS = 7 * 86400
_TABLES = """
CREATE TABLE IF NOT EXISTS probes (id INTEGER PRIMARY KEY, at REAL NOT NULL, result TEXT NOT NULL, reason TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS reports (id INTEGER PRIMARY KEY, at REAL NOT NULL, what TEXT NOT NULL, story TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS known (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Memory:
    """One per watcher. Everything written is on disk before the next thing happens: a killed watcher goes on where it was."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        self._db.close()

    def keep_probe(self, probe: Probe) -> None:
        self._db.execute(
            "INSERT INTO probes (at, result, reason) VALUES (?, ?, ?)", (probe.at, probe.result.value, probe.reason)
        )

    def keep_report(self, what: str, at: float, **story: Any) -> None:
        """Something the server has to know: ``outage``, ``called``, ``call_failed``, ``acknowledged``, ``over``."""
        self._db.execute("INSERT INTO reports (at, what, story) VALUES (?, ?, ?)", (at, what, json.dumps(story)))

    def undelivered(self, limit: int = 500) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """The oldest probes and reports that the server has not taken over."""
        probes = self._db.execute(
            "SELECT id, at, result FROM probes WHERE id > ? ORDER BY id LIMIT ?", (self._number("probe"), limit)
        )
        reports = self._db.execute(
            "SELECT id, at, what, story FROM reports WHERE id > ? ORDER BY id LIMIT ?", (self._number("report"), limit)
        )
        return (
            [{"id": number, "at": at, "result": result} for number, at, result in probes],
            [{"id": number, "at": at, "what": what, "story": json.loads(story)} for number, at, what, story in reports],
        )

    def delivered(self, probe: int, report: int) -> None:
        """The server has everything up to these."""
        self.put("probe", max(probe, self._number("probe")))
        self.put("report", max(report, self._number("report")))

    def _number(self, name: str) -> int:
        return int(self.get(name) or 0)

    def get(self, name: str) -> Any:
        row = self._db.execute("SELECT value FROM known WHERE name = ?", (name,)).fetchone()
        return None if row is None else json.loads(row[0])

    def put(self, name: str, value: Any) -> None:
        self._db.execute(
            "INSERT INTO known (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            (name, json.dumps(value)),
        )

    def judge(self) -> Judge:
        """What was known when the watcher last ran: an outage survives its restart."""
        known = self.get("judge")
        if known is None:
            return Judge()
        outage = known.pop("outage")
        return Judge(**known, outage=Outage(**outage) if outage else None)

    def put_judge(self, judge: Judge) -> None:
        self.put("judge", asdict(judge))

    def forget(self, now: float) -> None:
        """Lets go of what is old, delivered or not: a server that was away for a week has other troubles."""
        self._db.execute("DELETE FROM probes WHERE at < ?", (now - _KEPT_SECONDS,))
        self._db.execute("DELETE FROM reports WHERE at < ?", (now - 12 * _KEPT_SECONDS,))
