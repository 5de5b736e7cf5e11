"""Operations with something to see: alerts that fire and that are over, an incident, contacts, measurements of a day."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from app.database import Database
from app.operations.alerts.models import Alert, AlertEvent
from app.operations.alerts.rules import BY_ID
from app.telemetry.frames import Frame, series_key
from app.telemetry.models import FrameRow
from app.telemetry.store import MINUTE, RAW, write_frame
from tests.e2e.server import Server

# A component that nothing measures: what is made up about it is left alone by the server.
ELSEWHERE = "elsewhere"


def operations_world(server: Server) -> str:
    """Fills the operations of a running server (its token is an administrator's); answers the incident's id."""
    now = datetime.now(UTC)
    wish = {"title": "Nobody can sync", "priority": "p2", "kind": "performance", "user_impact": "Weeks are old."}
    opened = server.call("POST", "/api/operations/incidents", wish)
    path = f"/api/operations/incidents/{opened['id']}"
    server.call("POST", f"{path}/notes", {"text": "The portal is slow since noon."})
    due = (now + timedelta(days=3)).isoformat()
    server.call("POST", f"{path}/actions", {"text": "Ask the contractor", "owner": "Ada", "due": due})
    until = (now + timedelta(hours=4)).isoformat()
    server.call("POST", "/api/operations/silences", {"rule": "sync_lag", "ends_at": until, "comment": "Known."})
    window = {"starts_at": (now + timedelta(hours=1)).isoformat(), "ends_at": until, "rules": ["system_down"]}
    server.call("POST", "/api/operations/maintenance", {**window, "reason": "A new disk"})
    for name, role in (("Ada Example", "ops_team"), ("Grace Example", "system_admin")):
        contact = {"name": name, "roles": [role], "email": f"{name.split()[0].lower()}@example.com"}
        server.call("POST", "/api/operations/on-call/contacts", contact)
    database = Database(f"sqlite:///{server.home / 'operations.db'}", "operations")
    try:
        _alerts(database, now, opened["id"])
        _measurements(database)
    finally:
        database.close()
    return str(opened["id"])


def _alerts(database: Database, now: datetime, incident: str) -> None:
    called = {"at": now.isoformat(), "role": "ops_team", "told": ["Made Up"], "gap": "There is no primary on call."}
    made: list[dict[str, Any]] = [
        {"rule": "db_down", "priority": "p1", "phase": "firing", "levels": {"L1": called}},
        {"rule": "cpu_high", "priority": "p3", "phase": "pending", "fired_at": None},
        {"rule": "error_rate", "priority": "p2", "phase": "resolved", "resolved_at": now, "resolved_by": "fossawork"},
    ]
    with database.write() as db:
        for number, given in enumerate(made):
            rule, fired = BY_ID[given["rule"]], now - timedelta(minutes=3 + number)
            usual = {
                "id": f"made-up-{number}",
                "component": ELSEWHERE,
                "kind": rule.kind.value,
                "title": rule.title,
                "pending_at": fired,
                "fired_at": fired,
                "callable_since": fired,
                "answer_by": fired + timedelta(minutes=5),
                "incident_id": incident,
                "flaps": 0,
                "bad_samples": 2,
                "good_samples": 0,
                "last_sample_at": now,
                "last_value": 1.0,
                "evidence": {"words": "Made up.", "reason": "disk I/O error"},
                "levels": {},
            }
            db.add(Alert(**{**usual, **given}))
            db.add(AlertEvent(alert_id=usual["id"], at=fired, what="fired", by="fossawork", text="Made up."))


def _measurements(database: Database) -> None:
    """Probes of a day with a gap and an outage, and requests of the last hour with a gap."""
    stamp = int(time.time()) // MINUTE * MINUTE
    labels = {"method": "GET", "route": "/api/week"}
    with database.write() as db:
        for back in range(24 * 60, 0, -10):
            if not 600 < back < 700:
                result = "bad" if 300 < back < 320 else "good"
                _put(db, stamp - back * MINUTE, {series_key("c", "fossawork_probes_total", {"result": result}): 2.0})
        for back in range(60, 2, -1):
            if not 20 < back < 30:
                times = [0.3, 0.0, 0.0, 2.0, 4.0, 3.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]
                frame: Frame = {
                    series_key("h", "fossawork_request_duration_seconds", labels): times,
                    series_key("c", "fossawork_requests_total", {**labels, "status": "200"}): 10.0,
                    series_key("g", "fossawork_system_cpu_ratio", {}): [1.0, 0.4, 0.4, 0.4, 0.4],
                }
                _put(db, stamp - back * MINUTE, frame)


def _put(db: Any, at: int, frame: Frame) -> None:
    """As tens of seconds, and as the minute that they would have become (which takes in what comes later by itself)."""
    write_frame(db, "made-up", at, frame)
    if db.get(FrameRow, (MINUTE, at, "made-up")) is None:
        data = db.get_one(FrameRow, (RAW, at, "made-up")).data
        db.add(FrameRow(tier=MINUTE, at=at, process="made-up", data=data))
        db.flush()
