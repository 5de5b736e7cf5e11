"""How answers are kept: young ones for a moment, what takes long in the background, and what could not be told not for long."""

import sqlite3
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.database import Database
from app.kit.clock import VirtualClock
from app.operations.health import checks, service
from app.operations.health.service import Check, Keeper
from app.operations.health.tree import Finding, State

START = datetime(2026, 3, 2, 14, tzinfo=UTC)


def _check(name: str, run: Callable[[], Finding], every: float = 5.0, *, critical: bool = False) -> Check:
    return Check(name, "server", critical, run, every)


def _state(keeper: Keeper, name: str) -> State | None:
    component = keeper.report(slow=True).of(name)
    return None if component is None else component.finding.state


def test_a_long_check_keeps_nobody_waiting_and_its_answer_is_taken_when_it_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(service, "_PATIENCE_SECONDS", 0.05)
    may_end, ended, runs = threading.Event(), threading.Event(), []

    def long() -> Finding:
        runs.append(1)
        may_end.wait(30)
        ended.set()
        return Finding(State.failed, "found at last")

    keeper = Keeper((_check("long", long, 3600), _check("short", lambda: Finding(State.ok, "well"))))
    with VirtualClock(START) as clock:
        assert (_state(keeper, "long"), _state(keeper, "short")) == (None, State.ok)
        clock.advance(seconds=30)
        assert _state(keeper, "long") is None
        assert len(runs) == 1, "it is under way; nobody begins it again"
        may_end.set()
        assert ended.wait(30)
        monkeypatch.setattr(service, "_PATIENCE_SECONDS", 30)
        clock.advance(seconds=30)
        assert _state(keeper, "long") is State.failed


def test_a_short_one_that_does_not_end_is_failed_or_unknown_until_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_PATIENCE_SECONDS", 0.05)
    may_end = threading.Event()

    def hangs() -> Finding:
        may_end.wait(30)
        return Finding(State.ok, "well")

    keeper = Keeper((_check("vital", hangs, critical=True), _check("other", hangs)))
    with VirtualClock(START) as clock:
        assert (_state(keeper, "vital"), _state(keeper, "other")) == (State.failed, State.unknown)
        may_end.set()
        monkeypatch.setattr(service, "_PATIENCE_SECONDS", 30)
        clock.advance(seconds=30)
        assert (_state(keeper, "vital"), _state(keeper, "other")) == (State.ok, State.ok)


def test_what_could_not_be_told_is_looked_at_again_soon() -> None:
    locked = [sqlite3.OperationalError("database is locked")]

    def integrity() -> Finding:
        if locked:
            raise locked.pop()
        return Finding(State.ok, "sound")

    keeper = Keeper((_check("integrity", integrity, 3600),))
    with VirtualClock(START) as clock:
        assert _state(keeper, "integrity") is State.unknown
        clock.advance(seconds=29)
        assert _state(keeper, "integrity") is State.unknown
        clock.advance(seconds=1)
        assert _state(keeper, "integrity") is State.ok


def test_a_database_that_cannot_be_opened_is_not_called_damaged(sqlite: Database, home: Path) -> None:
    sqlite.close()
    (home / "app.db").unlink()
    (home / "app.db").mkdir()
    with pytest.raises(sqlite3.OperationalError):
        checks.integrity()
