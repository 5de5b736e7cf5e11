"""How long a calibration counts: every state on both sides of its border, and what the plan is told."""

from datetime import UTC, date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.database import Database
from app.kit.clock import VirtualClock
from app.portal.records import ProverRow
from app.provers.expiry import WARN_DAYS, calibration_note, calibration_state
from app.provers.service import calibration_warnings, store_provers
from backend.tests.conftest import Person

DAY = date(2026, 3, 2)
AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days_left", "state", "note"),
    [
        (-400, "overdue", "Calibration was due on 26 Jan 2025, 400 days ago."),
        (-1, "overdue", "Calibration was due on 1 Mar 2026, 1 day ago."),
        (0, "due_soon", "Calibration is due today, 2 Mar 2026."),
        (1, "due_soon", "Calibration is due on 3 Mar 2026, in 1 day."),
        (WARN_DAYS, "due_soon", "Calibration is due on 1 Apr 2026, in 30 days."),
        (WARN_DAYS + 1, "ok", "Calibrated until 2 Apr 2026."),
        (None, "unknown", "The fleet page gives no date of the next calibration."),
    ],
)
def test_the_state_and_its_sentence(days_left: int | None, state: str, note: str) -> None:
    until = None if days_left is None else DAY + timedelta(days=days_left)
    assert calibration_state(until, DAY) == state
    assert calibration_note(until, DAY) == note


def test_how_early_the_warning_comes_can_be_set() -> None:
    assert calibration_state(DAY + timedelta(days=8), DAY, warn_days=7) == "ok"
    assert calibration_state(DAY + timedelta(days=7), DAY, warn_days=7) == "due_soon"
    assert calibration_state(DAY, DAY, warn_days=0) == "due_soon"


def _rows(*dates: date | None) -> list[ProverRow]:
    return [ProverRow(f"P-{n}", f"S{n}", "Seraphin", "5 Gallon", until) for n, until in enumerate(dates, 1)]


def test_the_list_says_how_each_stands_today(client: TestClient, sqlite: Database, person: Person) -> None:
    with sqlite.write() as db:
        store_provers(db, person.id, _rows(DAY - timedelta(days=1), DAY, date(2027, 1, 1), None), AT)
    with VirtualClock(AT):
        items = client.get("/api/provers", headers=person.headers).json()["items"]
    told = {item["prover_id"]: (item["calibration"], item["calibration_note"]) for item in items}
    assert told["P-1"] == ("overdue", "Calibration was due on 1 Mar 2026, 1 day ago.")
    assert told["P-2"] == ("due_soon", "Calibration is due today, 2 Mar 2026.")
    assert told["P-3"] == ("ok", "Calibrated until 1 Jan 2027.")
    assert told["P-4"][0] == "unknown"


def test_today_is_the_users_own_day(client: TestClient, sqlite: Database, person: Person) -> None:
    with sqlite.write() as db:
        store_provers(db, person.id, _rows(DAY), AT)
        db.get_one(User, person.id).time_zone = "America/New_York"
    # 02:00 UTC on the 3rd is still the evening of the 2nd in New York.
    with VirtualClock(datetime(2026, 3, 3, 2, tzinfo=UTC)):
        assert client.get("/api/provers", headers=person.headers).json()["items"][0]["calibration"] == "due_soon"
    with VirtualClock(datetime(2026, 3, 3, 6, tzinfo=UTC)):
        assert client.get("/api/provers", headers=person.headers).json()["items"][0]["calibration"] == "overdue"


def test_a_plan_is_warned_of_all_but_sound_provers(sqlite: Database, person: Person) -> None:
    rows = _rows(DAY - timedelta(days=1), date(2027, 1, 1), None)
    with sqlite.write() as db:
        store_provers(db, person.id, rows, AT)
        assert calibration_warnings(db, person.id, DAY, DAY) == [
            "Prover P-1 (position 1): Calibration was due on 1 Mar 2026, 1 day ago.",
            "Prover P-3 (position 3): The fleet page gives no date of the next calibration.",
        ]
        later = calibration_warnings(db, person.id, date(2027, 6, 1), date(2026, 12, 20))
        assert later[1] == (
            "Prover P-2 (position 2): Calibration is due on 1 Jan 2027, in 12 days. It is over on the day of this visit."
        )
        store_provers(db, person.id, rows[1:2], AT)
        assert calibration_warnings(db, person.id, DAY, DAY) == []
        assert calibration_warnings(db, "somebody else", DAY, DAY) == []
