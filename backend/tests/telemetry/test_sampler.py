"""What is measured is kept, once, also when the store was away for a moment."""

from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from app.database import Database, get_operations_database
from app.kit.clock import VirtualClock
from app.telemetry import metrics, store
from app.telemetry.queries import observe
from app.telemetry.sampler import Sampler
from app.telemetry.store import read_window

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
_KEY = "c:fossawork_security_anomalies_total{kind=sampler_test}"


def _kept(now: datetime, key: str) -> object:
    stamp = now.timestamp()
    with get_operations_database().read() as db:
        return read_window(db, stamp - 3600, stamp, stamp, lambda found: found == key).get(key)


def test_an_increase_is_kept_once(operations: Database) -> None:
    with VirtualClock(NOW) as clock:
        mine = Sampler()
        metrics.ANOMALIES.labels("sampler_test").inc()
        mine.keep()
        before = _kept(clock.at, _KEY)
        metrics.ANOMALIES.labels("sampler_test").inc(2)
        clock.advance(seconds=10)
        mine.keep()
        clock.advance(seconds=10)
        mine.keep()
        after = _kept(clock.at, _KEY)
    assert isinstance(before, float)
    assert after == before + 2


def test_what_could_not_be_kept_is_in_the_next_frame(operations: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("disk is full"))

    with VirtualClock(NOW) as clock:
        mine = Sampler()
        mine.keep()
        before = _kept(clock.at, _KEY) or 0.0
        metrics.ANOMALIES.labels("sampler_test").inc()
        clock.advance(seconds=10)
        with monkeypatch.context() as patch:
            patch.setattr(store, "write_frame", away)
            with pytest.raises(OperationalError):
                mine.keep()
        clock.advance(seconds=10)
        mine.keep()
        assert isinstance(before, float)
        assert _kept(clock.at, _KEY) == before + 1


def test_the_last_frame_waits_for_the_one_under_way(operations: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A task that is cancelled at the end does not end its thread."""
    write, begun, go_on = store.write_frame, Event(), Event()

    def slow(*given: Any) -> None:
        begun.set()
        go_on.wait(10)
        write(*given)

    mine = Sampler()
    with VirtualClock(NOW):
        mine.keep()
        before = _kept(NOW, _KEY) or 0.0
    metrics.ANOMALIES.labels("sampler_test").inc()
    monkeypatch.setattr(store, "write_frame", slow)
    with VirtualClock(NOW + timedelta(seconds=10)) as clock:
        threads = [Thread(target=mine.keep) for _ in range(2)]
        threads[0].start()
        assert begun.wait(10)
        threads[1].start()
        go_on.set()
        for thread in threads:
            thread.join()
        assert isinstance(before, float)
        assert _kept(clock.at + timedelta(seconds=10), _KEY) == before + 1


def test_the_machine_is_measured(operations: Database) -> None:
    with VirtualClock(NOW) as clock:
        Sampler().keep()
        for name in ("system_cpu_ratio", "system_memory_ratio", "system_disk_ratio", "process_memory_bytes"):
            assert _kept(clock.at, f"g:fossawork_{name}") is not None, name


def test_statements_are_timed_by_kind(sqlite: Database) -> None:
    observe(sqlite)
    observe(sqlite)  # asked twice: counted once

    def counted() -> float:
        found = metrics.REGISTRY.get_sample_value(
            "fossawork_database_query_duration_seconds_count", {"database": "app", "kind": "select"}
        )
        return found or 0.0

    before = counted()
    with sqlite.read() as db:
        db.connection().exec_driver_sql("SELECT 1")
    with sqlite.write() as db:
        db.connection().exec_driver_sql("SELECT 1")
    assert counted() == before + 2
