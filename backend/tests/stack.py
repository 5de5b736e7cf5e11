"""A whole stack for workflow tests: sandbox portal, a user linked to it, and the engine in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from app.accounts import links, service
from app.accounts.models import User
from app.accounts.schemas import LinkState, PortalKind
from app.activity.queue import enqueue
from app.activity.schemas import Event
from app.activity.service import follow_job
from app.batches import service as batches
from app.commands.engine import engine
from app.config import get_settings
from app.connection.service import request_check
from app.connection.workflows import WORKFLOW as LINK_WORKFLOW
from app.database import Database
from app.forms import service as forms
from app.forms.models import FormRun
from app.forms.schemas import FormRun as FormRunView
from app.forms.schemas import PlanChoices, VisitPlan
from app.forms.views import run_views
from app.kit import clock
from app.portal.records import ProverRow, ServiceLine
from app.provers.service import store_provers
from app.sync import service as sync
from app.sync.models import SyncRun
from app.sync.schemas import SyncRun as SyncRunView
from app.work import store
from backend.tests.work.records import dispenser, row
from sandbox.server import SandboxServer

PASSWORD = "a long enough password"
TECHNICIAN, TECHNICIAN_PASSWORD = "tech1@sandbox.invalid", "sandbox-1"


@dataclass
class Stack:
    database: Database
    portal: SandboxServer
    user_id: str
    technician: str = TECHNICIAN

    def user(self) -> User:
        with self.database.read() as db:
            return db.get_one(User, self.user_id)

    def follow(self, job_id: str) -> list[Event]:
        return list(follow_job(job_id))

    def link(self, username: str = TECHNICIAN, password: str = TECHNICIAN_PASSWORD) -> list[Event]:
        """Enters credentials and checks them live."""
        with self.database.write() as db:
            link = request_check(db, self.user_id, PortalKind.sandbox, username, password, base_url=self.portal.url)
            check_id = str(link.check_id)
        enqueue(LINK_WORKFLOW, check_id, self.user_id)
        return self.follow(check_id)

    def sync(self, **wishes: bool) -> tuple[SyncRunView, list[Event]]:
        with self.database.write() as db:
            run = sync.request_sync(db, self.user_id, "test", **wishes)
        enqueue(sync.WORKFLOW, run.id, self.user_id)
        events = self.follow(run.id)
        with self.database.read() as db:
            return sync.view(db, db.get_one(SyncRun, run.id)), events

    def plan(self, visit_id: int, choices: PlanChoices | None = None) -> VisitPlan:
        """The plan on a fresh look at the visit; without readings unless the choices say otherwise."""
        with self.database.write() as db:
            job = forms.request_check(db, self.user_id, visit_id)
        enqueue(forms.CHECK_WORKFLOW, job.id, self.user_id)
        last = self.follow(job.id)[-1]
        assert last.type == "finished", last.message
        with self.database.read() as db:
            user = db.get_one(User, self.user_id)
            return forms.read_plan(db, user, visit_id, choices or PlanChoices(readings=False))[0]

    def ask_run(self, plan: VisitPlan, choices: PlanChoices | None = None) -> str:
        with self.database.write() as db:
            user = db.get_one(User, self.user_id)
            run = batches.start_single(
                db, user, plan.visit_id, plan.digest, choices or PlanChoices(readings=False), "test"
            )
            turn = batches.turn_of(batches.find(db, user.id, str(run.batch_id)))
        enqueue(batches.WORKFLOW, turn, self.user_id)
        return run.id

    def run(self, plan: VisitPlan, choices: PlanChoices | None = None) -> FormRunView:
        run_id = self.ask_run(plan, choices)
        self.follow(run_id)
        return self.run_view(run_id)

    def run_view(self, run_id: str) -> FormRunView:
        with self.database.read() as db:
            return run_views(db, [db.get_one(FormRun, run_id)])[0]

    def bring_home(self, code: str = "2861", *, dispensers: int | None = None) -> int:
        """Stores one of the technician's work orders with its dispensers and provers, as a sync would but without a
        browser; answers its visit."""
        state = self.portal.world.state
        order = next(
            order
            for order in state.work_orders.values()
            if order.technician == self.technician
            and order.next_visit is not None
            and code in order.codes
            and (dispensers is None or len(state.locations[order.location_id].dispensers) == dispensers)
        )
        place, visit = state.locations[order.location_id], order.next_visit
        assert visit is not None
        cards = [
            replace(
                dispenser(*map(int, card.numbers.split("/")), grades=tuple(card.grades), title=card.title),
                make=card.make,
                model=card.model,
            )
            for card in place.dispensers
        ]
        lines = tuple(
            ServiceLine(group.category, line.quantity, line.description, line.code)
            for group in order.groups
            for line in group.lines
        )
        provers = next(tech.provers for tech in state.technicians if tech.email == self.technician)
        record = row(
            order.id,
            on=visit.date,
            visit_id=visit.id,
            location_id=order.location_id,
            store=place.store,
            services=lines,
            instructions=order.instructions,
        )
        with self.database.write() as db:
            store.store_work_orders(db, self.user_id, [record], clock.now())
            store.store_location(db, self.user_id, order.location_id, cards, clock.now())
            rows = [ProverRow(p.prover_id, p.serial, p.make, p.size, p.next_calibration) for p in provers]
            store_provers(db, self.user_id, rows, clock.now())
        return visit.id

    def portal_forms(self, visit_id: int) -> list[dict[str, Any]]:
        """The visit's forms as the sandbox stores them."""
        state = self.portal.control.state()
        return [form for form in state["forms"].values() if form["visit_id"] == visit_id]

    def created(self) -> int:
        return int(self.portal.control.counts()["kinds"].get("create_form", 0))


@contextmanager
def running_stack(database: Database, portal: SandboxServer) -> Iterator[Stack]:
    """A user linked to the portal, and an engine that works."""
    get_settings().browsers_at_once = 2
    get_settings().retry_seconds = 0.05
    get_settings().portal_seconds = 8  # the sandbox answers at once; what takes longer hangs on purpose
    with engine():
        yield linked(database, portal, "tech@example.com", TECHNICIAN, TECHNICIAN_PASSWORD)


def linked(database: Database, portal: SandboxServer, email: str, technician: str, password: str) -> Stack:
    """One more user, linked to an account of the portal."""
    with database.write() as db:
        user = service.add_user(db, email, PASSWORD)
        request_check(db, user.id, PortalKind.sandbox, technician, password, base_url=portal.url)
        links.settle(db, user.id, LinkState.linked)
    return Stack(database, portal, user.id, technician)
