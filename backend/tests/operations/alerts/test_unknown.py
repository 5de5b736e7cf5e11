"""Signals that used to answer and do not any more, over restarts and by people's word."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from app.database import Database
from app.kit.clock import VirtualClock
from app.operations.alerts import service, unknown
from app.operations.alerts.engine import Sample
from app.operations.alerts.models import Alert

START = datetime(2026, 3, 2, 14, tzinfo=UTC)


class Rounds:
    """Rounds of which nothing is kept but the database: each could be the first one after a restart."""

    def __init__(self, database: Database, clock: VirtualClock) -> None:
        self.database, self.clock = database, clock
        self.last: datetime | None = None

    def look(self, *cpu: float | None, seconds: int = 15) -> dict[str, float | None]:
        """One round, in which the signal ``cpu`` says this; without any, it is not even asked."""
        self.clock.advance(seconds=seconds)
        now = self.clock.at
        with self.database.write() as db:
            found = unknown.watch(db, [Sample("cpu", "machine", value, now) for value in cpu], now, self.last)
            service.evaluate(db, found)
        self.last = now
        return {sample.component: sample.value for sample in found}

    def firing(self) -> list[Alert]:
        with self.database.read() as db:
            return service.firing(db)


@pytest.fixture
def rounds(operations: Database) -> Iterator[Rounds]:
    with VirtualClock(START) as clock:
        yield Rounds(operations, clock)


def test_a_signal_that_used_to_answer_is_missed(rounds: Rounds) -> None:
    assert rounds.look(None) == {}, "it never answered"
    assert rounds.look(0.1) == {"cpu:machine": 0.0}
    assert rounds.look(None) == {"cpu:machine": 15.0}
    assert rounds.look() == {"cpu:machine": 30.0}, "not even asked"
    for _ in range(38):
        rounds.look(None)
    assert rounds.firing() == []
    rounds.look(None)
    (alert,) = rounds.firing()
    assert alert.component == "cpu:machine"
    assert alert.evidence["words"] == "cpu of machine has not been known for 10 min."
    assert rounds.look(0.2) == {"cpu:machine": 0.0}
    assert rounds.firing() == []


def test_the_time_in_which_nobody_looked_does_not_count(rounds: Rounds) -> None:
    rounds.look(0.1)
    rounds.look(None)
    assert rounds.look(None, seconds=8 * 3600) == {"cpu:machine": 75.0}, "the laptop slept"


def test_what_a_person_gives_up_is_not_missed_until_it_answers_again(rounds: Rounds) -> None:
    rounds.look(0.1)
    for _ in range(41):
        rounds.look(None)
    (alert,) = rounds.firing()
    with rounds.database.write() as db:
        service.resolve(db, alert.id, "sam", "this machine has no such figure any more")
    assert rounds.look(None) == {}
    assert rounds.look() == {}
    assert rounds.firing() == []
    assert rounds.look(0.1) == {"cpu:machine": 0.0}


def test_what_has_ended_by_itself_is_still_watched(rounds: Rounds) -> None:
    rounds.look(0.1)
    for _ in range(41):
        rounds.look(None)
    rounds.look(0.1)
    assert rounds.look(None) == {"cpu:machine": 15.0}
