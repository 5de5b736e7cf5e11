"""What a user may set about politeness, and what counts for their sessions."""

from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.accounts.schemas import PortalKind
from app.config import get_settings
from app.connection import politeness
from app.connection.pacing import Rate
from app.connection.schemas import NewPoliteness
from app.connection.service import request_check
from app.database import Database
from app.kit.clock import VirtualClock
from backend.tests.conftest import Person

NIGHT = {"start": "21:00", "end": "06:00"}


def test_what_counts_before_anything_is_set(client: TestClient, person: Person) -> None:
    answer = client.get("/api/politeness", headers=person.headers)
    assert answer.status_code == 200
    assert answer.json() == {
        "loads_per_minute": 120,
        "loads_per_minute_total": 240,
        "sessions_per_account": 1,
        "quiet_hours": None,
        "quiet_now": False,
        "quiet_until": None,
    }


def test_what_is_set_counts(client: TestClient, person: Person) -> None:
    # 02:00 in New York.
    with VirtualClock(datetime(2026, 6, 10, 6, tzinfo=UTC)) as clock:
        body = {"loads_per_minute": 30, "quiet_hours": NIGHT}
        stored = client.put("/api/politeness", headers=person.headers, json=body).json()
        assert (stored["loads_per_minute"], stored["quiet_hours"]) == (30, NIGHT)
        assert stored["quiet_now"] is True
        assert datetime.fromisoformat(stored["quiet_until"]) == datetime(2026, 6, 10, 10, tzinfo=UTC)
        assert client.get("/api/politeness", headers=person.headers).json() == stored
        clock.advance(hours=4)
        later = client.get("/api/politeness", headers=person.headers).json()
        assert (later["quiet_now"], later["quiet_until"]) == (False, None)
    body = {"loads_per_minute": 30, "quiet_hours": None}
    assert client.put("/api/politeness", headers=person.headers, json=body).json()["quiet_hours"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"loads_per_minute": 0, "quiet_hours": None},
        {"loads_per_minute": 60},
        {"loads_per_minute": 60, "quiet_hours": {"start": "21:00", "end": "21:00"}},
        {"loads_per_minute": 60, "quiet_hours": {"start": "9:00", "end": "21:00"}},
        {"loads_per_minute": 60, "quiet_hours": {"start": "21:00", "end": "24:00"}},
    ],
)
def test_what_does_not_fit_is_refused(client: TestClient, person: Person, body: dict[str, object]) -> None:
    assert client.put("/api/politeness", headers=person.headers, json=body).status_code == 422


def test_nobody_sets_it_for_somebody_else(client: TestClient) -> None:
    assert client.get("/api/politeness").status_code == 401


def _linked(database: Database, person: Person, kind: PortalKind) -> None:
    with database.write() as db:
        request_check(db, person.id, kind, "tech@example.com", "a password", base_url="http://127.0.0.1:9")


def test_the_real_portal_is_always_spared(sqlite: Database, person: Person) -> None:
    _linked(sqlite, person, PortalKind.workfossa)
    with sqlite.read() as db:
        assert politeness.rates_of(db, person.id) == politeness.Rates(Rate(120, 40), Rate(240, 80))


def test_the_sandbox_is_spared_as_far_as_somebody_said_so(
    sqlite: Database, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    _linked(sqlite, person, PortalKind.sandbox)
    with sqlite.write() as db:
        assert politeness.rates_of(db, person.id) == politeness.Rates(None, None)
        wanted = NewPoliteness(loads_per_minute=30, quiet_hours=None)
        politeness.store(db, db.get_one(User, person.id), wanted)
        db.flush()
        assert politeness.rates_of(db, person.id) == politeness.Rates(Rate(30, 10), None)
        monkeypatch.setenv("FOSSAWORK_LOADS_PER_MINUTE_TOTAL", "60")
        get_settings.cache_clear()
        assert politeness.rates_of(db, person.id).total == Rate(60, 20)
