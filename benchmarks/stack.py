"""The product's side: an installation in a temporary folder, and its real way through engine, workflow and database."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS
from sqlalchemy import select

from app.accounts import links, service
from app.accounts.keys import get_envelope
from app.accounts.models import User
from app.accounts.schemas import LinkState, PortalKind
from app.activity.queue import disconnect, enqueue
from app.batches import service as batches
from app.batches.models import Batch
from app.batches.schemas import NewBatch, RetryWhat, VisitState
from app.commands.engine import engine
from app.config import get_settings
from app.connection.service import request_check
from app.database import Database, get_database
from app.forms import runs
from app.forms import service as forms
from app.forms.models import FormSettings, RunForm
from app.forms.schemas import PlanChoices, StationChoice, VisitPlan
from app.forms.templates import StationType
from app.sync import service as sync
from app.sync.models import SyncRun
from app.telemetry import logs
from app.work.models import Visit
from benchmarks.portal import PASSWORD, TECHNICIAN

_POLL_SECONDS = 0.05
GENEROUS = {"FOSSAWORK_REQUESTS_PER_MINUTE": "10000000", "FOSSAWORK_SIGN_IN_PER_MINUTE": "10000000"}


@contextmanager
def temporary_home() -> Iterator[Path]:
    """An installation of its own: folder, key, database with the newest schema, rate limits that do not count."""
    folder = Path(tempfile.mkdtemp(prefix="fossawork-bench-"))
    wanted = {
        "FOSSAWORK_HOME": str(folder / "home"),
        "FOSSAWORK_LOGS": str(folder / "logs"),
        "FOSSAWORK_KEY_SOURCE": "file",
        **GENEROUS,
    }
    unwanted = ("DATABASE_URL", "FOSSAWORK_KEY", "FOSSAWORK_SANDBOX_URL", "FOSSAWORK_USER", "FOSSAWORK_SHOW_BROWSER")
    before = {name: os.environ.get(name) for name in (*wanted, *unwanted)}
    try:
        for name in unwanted:
            os.environ.pop(name, None)
        os.environ.update(wanted)
        _forget()
        logs.set_up(folder / "logs")
        get_database().migrate()
        yield folder / "home"
    finally:
        _forget()
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        shutil.rmtree(folder, ignore_errors=True)


def _forget() -> None:
    """Drops what is made once per process, so that the next use follows the environment."""
    disconnect()
    if get_database.cache_info().currsize:
        get_database().close()
    for cached in (get_settings, get_database, get_envelope):
        cached.cache_clear()


@dataclass(frozen=True, slots=True)
class Linked:
    """A user whose portal link works."""

    database: Database
    user_id: str

    def sync(self) -> tuple[float, SyncRun]:
        """Seconds from asking until the workflow is over, its browser closed; and the run. Raises when it failed."""
        with self.database.write() as db:
            job = sync.request_sync(db, self.user_id, "benchmark")
        seconds = _timed(sync.WORKFLOW, job.id, self.user_id)
        with self.database.read() as db:
            run = db.get_one(SyncRun, job.id)
        if run.state != "succeeded":
            raise RuntimeError(f"the sync of the benchmark ended as {run.state}: {run.error_detail}")
        return seconds, run

    def plan_forms(self) -> VisitPlan:
        """The plan of the only visit, from a fresh look at its forms."""
        with self.database.read() as db:
            visit_id = db.scalars(select(Visit.visit_id).where(Visit.user_id == self.user_id)).one()
        with self.database.write() as db:
            check = forms.request_check(db, self.user_id, visit_id)
        _timed(forms.CHECK_WORKFLOW, check.id, self.user_id)
        with self.database.read() as db:
            return forms.read_plan(db, db.get_one(User, self.user_id), visit_id)[0]

    def run_forms(self, plan: VisitPlan, *, readings: bool = False) -> tuple[float, list[RunForm]]:
        """Seconds from asking for the run until its workflow is over, its browser closed; and its forms."""
        with self.database.write() as db:
            user = db.get_one(User, self.user_id)
            stations = [StationChoice(dispenser=form.dispenser, station=StationType.wawa) for form in plan.forms]
            choices = PlanChoices(readings=readings, stations=stations if readings else [])
            run = batches.start_single(db, user, plan.visit_id, plan.digest, choices, "benchmark")
            turn = batches.turn_of(batches.find(db, user.id, str(run.batch_id)))
        seconds = _timed(batches.WORKFLOW, turn, self.user_id)
        with self.database.read() as db:
            return seconds, runs.forms_of(db, run.id)

    def run_batch(self) -> str:
        """Prepares every visit there is, without readings; the batch's id."""
        with self.database.write() as db:
            user = db.get_one(User, self.user_id)
            db.merge(
                FormSettings(
                    user_id=user.id, readings=False, pictures=True, keep_picture_days=30, keep_record_months=12
                )
            )
            visits = list(db.scalars(select(Visit.visit_id).where(Visit.user_id == user.id).order_by(Visit.visit_id)))
            batch = batches.start(db, user, NewBatch(visits=visits), "benchmark")
            turn = batches.turn_of(batch)
        _timed(batches.WORKFLOW, turn, self.user_id)
        self._until_over(batch.id)
        return batch.id

    def _until_over(self, batch_id: str) -> None:
        """A batch may wait for the portal and go on by itself."""
        while True:
            with self.database.read() as db:
                if db.get_one(Batch, batch_id).state in batches.OVER:
                    return
            time.sleep(_POLL_SECONDS)

    def verdicts(self, batch_id: str) -> list[tuple[str | None, str | None]]:
        """The verdict and the reason of every form of a batch."""
        with self.database.read() as db:
            visits = batches.visits_of(db, [batch_id])[batch_id]
            return [(form.verdict, form.reason) for visit in visits for form in runs.forms_of(db, visit.run_id)]

    def run_again(self, batch_id: str) -> str:
        """Looks into every form of a batch once more."""
        with self.database.write() as db:
            batch = batches.retry(db, db.get_one(User, self.user_id), batch_id, RetryWhat.all, "benchmark")
            turn = batches.turn_of(batch)
        _timed(batches.WORKFLOW, turn, self.user_id)
        return batch.id

    def done_visits(self, batch_id: str) -> int:
        with self.database.read() as db:
            return sum(visit.state == VisitState.done.value for visit in batches.visits_of(db, [batch_id])[batch_id])


def _timed(workflow: str, job_id: str, user_id: str) -> float:
    started = time.perf_counter()
    enqueue(workflow, job_id, user_id)
    DBOS.retrieve_workflow(job_id).get_result(polling_interval_sec=_POLL_SECONDS)
    return time.perf_counter() - started


@contextmanager
def running_product(portal_url: str) -> Iterator[Iterator[Linked]]:
    """An installation whose engine works; each ``next`` gives another linked user."""
    with temporary_home(), engine():
        yield _users(portal_url)


def _users(portal_url: str) -> Iterator[Linked]:
    number = 0
    while True:
        number += 1
        with get_database().write() as db:
            user = service.add_user(db, f"tech{number}@example.com", "a long enough password")
            request_check(db, user.id, PortalKind.sandbox, TECHNICIAN, PASSWORD, base_url=portal_url)
            links.settle(db, user.id, LinkState.linked)
        yield Linked(get_database(), user.id)
