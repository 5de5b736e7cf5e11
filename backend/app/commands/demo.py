"""``fossawork demo``: the whole way without a WorkFossa account."""

import os
import secrets
import tempfile
import time
from typing import Annotated, Any

import typer
from sqlalchemy import select

from app.accounts import links, service
from app.accounts.models import User
from app.accounts.schemas import LinkState, PortalKind
from app.activity.queue import disconnect, enqueue
from app.commands.common import prepare, told_errors
from app.commands.engine import engine, follow
from app.commands.forms import check_visit, print_run, run_plan
from app.commands.output import EXIT_FAILED, Json, fail, out, print_json
from app.config import get_settings
from app.connection.sandbox import SANDBOX_PASSWORD, SANDBOX_USERNAME
from app.connection.service import request_check
from app.database import get_database
from app.forms.plan import make_plan
from app.forms.schemas import FormAction, FormRun, PlanChoices, Verdict
from app.forms.service import plan_input
from app.kit import clock
from app.sync import service as sync
from app.sync.models import SyncRun
from app.sync.schemas import SyncRun as SyncRunView
from app.work.models import Visit, WorkOrder


def demo(
    latency: Annotated[
        str, typer.Option(help="none: the sandbox answers at once; typical: as slow as a real portal.")
    ] = "none",
    readings: Annotated[bool, typer.Option(help="Prepare the readings, too: about half a minute more.")] = False,
    json: Json = False,
) -> None:
    """Shows the whole way against the sandbox: sync, plan and fill the next visit, prove it.

    Works in a temporary folder of its own: it touches neither your data nor a real portal. Exit code 0 only when every
    form is verified.
    """
    with tempfile.TemporaryDirectory(prefix="fossawork-demo-") as folder:
        os.environ.update(FOSSAWORK_HOME=folder, FOSSAWORK_SANDBOX_LATENCY=latency, FOSSAWORK_KEY_SOURCE="file")
        for name in ("DATABASE_URL", "FOSSAWORK_SANDBOX_URL"):
            os.environ.pop(name, None)
        get_settings.cache_clear()
        get_database.cache_clear()
        try:
            _demo(readings=readings, json=json)
        finally:
            disconnect()
            get_database().close()


def _demo(*, readings: bool, json: bool) -> None:
    started = time.monotonic()
    prepare()
    with told_errors(json):
        with get_database().write() as db:
            who = service.create_owner(db, "demo@sandbox.invalid", secrets.token_urlsafe(16))
            request_check(db, who.id, PortalKind.sandbox, SANDBOX_USERNAME, SANDBOX_PASSWORD)
            links.settle(db, who.id, LinkState.linked)
            asked = sync.request_sync(db, who.id, "demo")
        with engine():
            enqueue(sync.WORKFLOW, asked.id, who.id)
            follow(asked.id, "Synchronising with the sandbox", quiet=json)
            with get_database().read() as db:
                synced = sync.view(db, db.get_one(SyncRun, asked.id))
            if synced.state != "succeeded":
                fail(synced.error_detail or "The sync did not succeed.", synced.error_action or "", json=json)
            _tell_sync(synced, json=json)
            visit_id = _next_plain_visit(who.id)
            if visit_id is None:
                fail("The sandbox has no visit from today on whose forms can be prepared.", json=json)
            choices = PlanChoices(readings=readings)
            plan = check_visit(who, visit_id, quiet=json, json=json)
            run = run_plan(who, plan, quiet=json, choices=choices)
    seconds = round(time.monotonic() - started, 2)
    if json:
        print_json(_document(synced, run, seconds))
    else:
        out.print(f"\nVisit {run.visit_id}, {run.form_type}, {len(run.forms)} dispensers:", highlight=False)
        print_run(run)
        out.print(f"Whole demo: {seconds} s", highlight=False)
    proven = run.state == "finished" and all(form.verdict is Verdict.verified for form in run.forms)
    raise typer.Exit(0 if proven else EXIT_FAILED)


def _tell_sync(synced: SyncRunView, *, json: bool) -> None:
    if not json:
        counts = synced.counts
        out.print(
            f"{counts.work_orders} work orders, {counts.locations_read} locations, {counts.dispensers} dispensers in {synced.seconds} s",
            highlight=False,
        )


def _next_plain_visit(user_id: str) -> int | None:
    """The first visit from today on that needs no answer from a person (the demo has nobody to ask)."""
    with get_database().read() as db:
        user = db.get_one(User, user_id)
        query = (
            select(WorkOrder, Visit)
            .join(Visit, Visit.work_order_id == WorkOrder.id)
            .where(Visit.user_id == user_id, Visit.is_next, Visit.date >= clock.today(user.time_zone))
            .order_by(Visit.date, WorkOrder.work_id)
        )
        for order, visit in db.execute(query):
            plan = make_plan(plan_input(db, user, order, ()))
            if plan.can_run and plan.count(FormAction.create) == len(plan.forms):
                return int(visit.visit_id)
    return None


def _document(synced: SyncRunView, run: FormRun, seconds: float) -> dict[str, Any]:
    return {
        "sync": {
            "work_orders": synced.counts.work_orders,
            "locations": synced.counts.locations_read,
            "dispensers": synced.counts.dispensers,
            "seconds": synced.seconds,
        },
        "visit": run.visit_id,
        "forms": [
            {
                "dispenser": form.dispenser,
                "form_id": form.entry_id,
                "verdict": form.verdict.value if form.verdict else None,
                "seconds": form.seconds,
                "evidence": form.evidence.model_dump(mode="json") if form.evidence else None,
            }
            for form in run.forms
        ],
        "seconds": seconds,
    }
