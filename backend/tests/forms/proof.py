"""Runs that are over, with what was read back and pictures, as tests of evidence need them."""

import struct
import zlib
from datetime import datetime
from typing import Any

from app.accounts.models import User
from app.database import Database
from app.forms import runs, service
from app.forms.evidence import SHOTS, shot_path
from app.forms.models import FormRun
from app.forms.schemas import PlanChoices, Verdict
from app.kit.clock import VirtualClock
from app.kit.ids import new_id
from backend.tests.conftest import Person
from backend.tests.forms.home import PROVERS, VISIT

READ_AT = "2026-03-04T15:20:00+00:00"


def png(width: int = 40, height: int = 30) -> bytes:
    """A grey picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress((b"\0" + b"\xc0" * width) * height)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def evidence(dispenser: str, shots: tuple[str, ...] = SHOTS) -> dict[str, Any]:
    """What the portal said of a form of two grades, with a reading each."""
    grade = {"has_meter": True, "fill": "Top", "prover": PROVERS[0].prover_id}
    reading = {
        "number": 1,
        "procedure": "Wet Down",
        "flow": "fast",
        "temperature": None,
        "gpm": None,
        "start": "0",
        "meniscus": None,
        "end": None,
        "variance": None,
    }
    return {
        "read_at": READ_AT,
        "equipment": f"{dispenser} Regular, Plus",
        "prover_size": "5 Gallon",
        "badge": "In Progress",
        "grades": [{"grade": "Regular", **grade}, {"grade": "Plus", **grade, "has_meter": False}],
        "readings": [{"side": 1, "grade": name, **reading} for name in ("Regular", "Plus")],
        "shots": [{"name": name, "taken_at": READ_AT} for name in shots],
    }


def add_run(
    database: Database,
    person: Person,
    *,
    at: datetime,
    reasons: tuple[str, ...] = ("Read back from the portal as planned.",) * 2,
    verdict: Verdict = Verdict.verified,
    proven: bool = True,
    pictures: bool = True,
) -> str:
    """A finished run over the visit's plan; answers its id. ``proven``: it read something back."""
    with VirtualClock(at), database.write() as db:
        user = db.get_one(User, person.id)
        view, _ = service.read_plan(db, user, VISIT, prove_again=True)
        run = runs.request_run(db, user, VISIT, view.digest, PlanChoices(), "you", batch_id=new_id())
        for form, reason in zip(runs.forms_of(db, run.id), reasons, strict=True):
            form.verdict, form.reason, form.seconds = verdict.value, reason, 12.5
            form.entry_id = 9000 + form.position
            form.evidence = evidence(form.dispenser) if proven else None
            if pictures:
                for name in SHOTS:
                    path = shot_path(run.id, form.position, name)
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(png())
        run.started_at = at
        db.flush()
        runs.settle_run(db, run.id, None)
        return run.id


def run_of(database: Database, run_id: str) -> FormRun:
    with database.read() as db:
        return db.get_one(FormRun, run_id)
