"""The hand-over note names everything that is open, and says where nothing is."""

from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient

from app.database import get_operations_database
from app.kit.clock import VirtualClock
from app.operations.alerts import service as alerts
from app.operations.alerts.engine import Sample
from app.operations.alerts.schemas import NewMaintenance, NewSilence
from backend.tests.conftest import Person

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


def test_a_quiet_time_is_said_to_be_quiet(client: TestClient, person: Person) -> None:
    text = client.get("/api/operations/on-call/hand-over", headers=person.headers).json()["text"]
    assert text.count("None.") == 5
    assert "primary: nobody" in text


def test_what_is_open_muted_and_planned_is_in_it(client: TestClient, person: Person) -> None:
    with VirtualClock(NOW) as clock:
        with get_operations_database().write() as db:
            ends = clock.at + timedelta(hours=3)
            alerts.silence(db, NewSilence(rule="slow_api", ends_at=ends, comment="known slow disk"), "sam")
            wish = NewMaintenance(starts_at=clock.at + timedelta(hours=1), ends_at=ends, rules=[], reason="new disk")
            alerts.plan_maintenance(db, wish, "sam")
            for signal in ("response_p95", "integrity"):
                alerts.evaluate(db, [Sample(signal, "x", 9.0, clock.at, "seen")])
        note = client.get("/api/operations/on-call/hand-over", headers=person.headers).json()
    assert note["at"] == "2026-03-02T14:00:00Z"
    text = note["text"]
    for part in (
        "P1 The database is damaged (x), nobody looks after it",
        "Answers take more than 5 s (x): silenced until",
        "known slow disk",
        "02 Mar 15:00 to 17:00 UTC: new disk",
        "INC-20260302-",
    ):
        assert part in text
