"""Preparing the forms of one visit, step by step. Every step can be repeated.

A step that is repeated after a crash finds out from the portal what the former attempt achieved: forms that were added
but not bound are used before another one is added, and what stands in a form already is not written again.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select

from app.activity.service import Reporter
from app.config import get_settings
from app.connection.failures import Failure, log_failure
from app.database import get_database
from app.forms import runs, service
from app.forms.evidence import Album
from app.forms.ledger import FormLedger, Interrupted
from app.forms.models import FormRun, LedgerEntry, RunForm
from app.forms.patience import LONGEST_WAIT, PatientPortal
from app.forms.plan_records import COMPLETE
from app.forms.portal import FormPortal, Portals
from app.forms.retries import SETTLING, breaks_browser, may_try_again, next_try
from app.forms.schemas import PROVEN, FormPlan, RunState, StepState, Verdict
from app.forms.writer import FormWriter, Outcome
from app.kit import clock
from app.kit.problems import FailureKind
from app.portal.errors import PortalError
from app.portal.records import VisitForm, VisitPage
from app.telemetry.logs import get_logger

log = get_logger("automation")
T = TypeVar("T")


class PortalDown(Exception):
    """The portal is in trouble for everybody: nothing is tried before ``until``."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until

    def as_dict(self) -> dict[str, Any]:
        return {"wait_until": self.until.isoformat()}


@dataclass(slots=True)
class Runner:
    """The steps of a run. Each answers plain data: ``{}`` when it is done; ``interrupted`` when a person wants something
    else; ``wait_until`` (an instant) when the portal is in trouble; ``failure`` when going on would be wrong."""

    portals: Portals
    rng: random.Random = field(default_factory=random.Random)

    async def look(self, job_id: str, user_id: str, url: str, report: Reporter) -> VisitPage:
        """The visit as the portal shows it now. Raises :class:`PortalDown` and what the portal adapter raises."""
        tried = 0

        def count() -> int:
            nonlocal tried
            tried += 1
            return tried

        return await self._patiently(job_id, user_id, lambda: self.portals.look(job_id, user_id, url, report), count)

    async def prepare_form(self, run_id: str, position: int) -> dict[str, Any]:
        """One form from its intent to its verdict."""
        started = time.monotonic()
        loaded = await asyncio.to_thread(_load, run_id, position)
        if loaded is None:
            return {"interrupted": True}
        run, form, wrote_before, pictures = loaded
        if form.verdict is not None:
            return {}
        report = runs.run_reporter(run)
        ledger = FormLedger(report, form.id, position)
        album = Album(run_id, position, wanted=pictures)
        failure = None
        try:
            await ledger.begin()
            outcome = await self._attempt(run, form, ledger, album, report, wrote_before=wrote_before)
        except Interrupted:
            await ledger.leave()
            return {"interrupted": True}
        except PortalDown as down:
            await ledger.leave()
            return down.as_dict()
        except Exception as error:
            found = log_failure("forms.form_failed", error, run_id, position=position, dispenser=form.dispenser)
            outcome = _outcome_of(found)
            failure = found if found.stops_everything else None
        await ledger.settle(
            outcome.verdict,
            reason=outcome.reason,
            what_to_do=outcome.what_to_do,
            seconds=time.monotonic() - started,
            evidence=outcome.evidence,
            read_back=outcome.read_back,
        )
        await asyncio.to_thread(_refresh_progress, run_id)
        return {"failure": failure.as_dict()} if failure is not None else {}

    async def _attempt(
        self, run: FormRun, form: RunForm, ledger: FormLedger, album: Album, report: Reporter, *, wrote_before: bool
    ) -> Outcome:
        """Finds or adds the dispenser's form, then fills it; tried again after passing trouble."""
        plan = FormPlan.model_validate(form.plan)
        breaker = await self.portals.breaker(run.user_id)
        repeated = wrote_before

        async def once() -> Outcome:
            nonlocal repeated
            wrote, repeated = repeated, True
            portal = PatientPortal(await self.portals.of(run, report), breaker, get_settings().retry_seconds, self.rng)
            target = await _target(portal, run, form, ledger)
            if isinstance(target, Outcome):
                return target
            url, is_new = target
            return await FormWriter(portal, ledger, album, url, plan).fill(is_new=is_new, wrote_before=wrote)

        return await self._patiently(run.id, run.user_id, once, lambda: _count_try(form.id))

    async def confirm_visit(self, run_id: str) -> dict[str, Any]:
        """Looks at the visit once more: each dispenser that was proven must be bound to exactly its one form."""

        def load() -> FormRun:
            with get_database().read() as db:
                return db.get_one(FormRun, run_id)

        run = await asyncio.to_thread(load)
        try:
            page = await self.look(run.id, run.user_id, run.visit_url, runs.run_reporter(run))
        except PortalDown as down:
            return down.as_dict()
        except Exception as error:
            return {"failure": log_failure("forms.confirm_failed", error, run_id).as_dict()}
        await asyncio.to_thread(_compare_bindings, run, page)
        return {}

    async def _patiently(
        self, job_id: str, user_id: str, action: Callable[[], Awaitable[T]], count: Callable[[], int]
    ) -> T:
        """Does it, again after passing trouble. ``count`` notes an attempt that failed and answers how many have."""
        breaker = await self.portals.breaker(user_id)
        base = get_settings().retry_seconds
        while True:
            held = breaker.admit(clock.now())
            if held is not None:
                raise PortalDown(held)
            try:
                result = await action()
            except PortalError as error:
                if error.kind in ("business", "auth"):
                    breaker.succeeded(clock.now())  # the portal works: it has said no
                if error.kind not in ("transient", "unknown_effect"):
                    raise
                tried = await asyncio.to_thread(count)
                log.warning("forms.trying_again", job_id=job_id, code=error.code, tried=tried)
                breaker.failed(error.code, clock.now())
                await self.portals.renew(job_id, broken=breaks_browser(error))
                if not may_try_again(error, tried):
                    raise
                if error.kind == "unknown_effect":
                    # What was asked for may still come: it is looked for later, before anything is asked for again.
                    raise PortalDown(clock.now() + SETTLING) from error
                again = next_try(error, tried, clock.now(), base_seconds=base, rng=self.rng)
                if again - clock.now() > LONGEST_WAIT:
                    raise PortalDown(again) from error
                await clock.wait_until(again)
            else:
                breaker.succeeded(clock.now())
                return result


async def _target(portal: FormPortal, run: FormRun, form: RunForm, ledger: FormLedger) -> tuple[str, bool] | Outcome:
    """The address of the form to fill and whether it is brand new; or why there is none."""
    claimed = await asyncio.to_thread(_claimed, run.id, form.position)
    forms = [entry for entry in (await portal.visit()).forms_of(run.form_type) if entry.entry_id not in claimed]
    bound = [entry for entry in forms if entry.numbers and set(entry.numbers) == set(form.numbers)]
    if len(bound) > 1:
        ids = ", ".join(str(entry.entry_id) for entry in bound)
        return Outcome(
            Verdict.needs_human,
            f"{len(bound)} forms are bound to {form.dispenser} ({ids}).",
            "Decide in the portal which one counts.",
        )
    if bound:
        return await _use(bound[0], ledger) if bound[0].status != COMPLETE else _complete(bound[0])
    unbound = [entry for entry in forms if not entry.numbers and entry.status != COMPLETE]
    own = next((entry for entry in unbound if entry.entry_id == form.entry_id), None)
    if own is not None or unbound:
        return await _use(own or min(unbound, key=lambda entry: entry.entry_id), ledger)
    await ledger.check()
    entry = await portal.add_form()
    if entry is None:
        return Outcome(
            Verdict.needs_human,
            f"The visit has as many forms as the location has dispensers ({run.dispensers_known}), but none for "
            f"{form.dispenser}.",
            "Look at the visit in the portal: one of the forms may be bound to a wrong dispenser.",
        )
    await ledger.claim(entry.entry_id, entry.url)
    return entry.url, True


async def _use(entry: VisitForm, ledger: FormLedger) -> tuple[str, bool]:
    await ledger.claim(entry.entry_id, entry.url)
    return entry.url, False


def _complete(entry: VisitForm) -> Outcome:
    return Outcome(Verdict.already_done, f"Form {entry.entry_id} is complete in the portal; it was left alone.")


def _outcome_of(failure: Failure) -> Outcome:
    """A failure as a verdict: what a person must decide, and what simply was not done."""
    asks = failure.kind in (FailureKind.business, FailureKind.unknown_effect)
    return Outcome(Verdict.needs_human if asks else Verdict.not_done, failure.detail, failure.action)


def _load(run_id: str, position: int) -> tuple[FormRun, RunForm, bool, bool] | None:
    """The run, its form, whether the ledger knows of earlier writing, and whether pictures are wanted; ``None`` when the
    run is to do something else."""
    with get_database().read() as db:
        run = db.get_one(FormRun, run_id)
        if run.state != RunState.running.value:
            return None
        form = db.scalars(select(RunForm).where(RunForm.run_id == run_id, RunForm.position == position)).one()
        entries = db.scalars(select(LedgerEntry.state).where(LedgerEntry.run_form_id == form.id))
        wrote_before = any(state != StepState.waiting.value for state in entries)
        return run, form, wrote_before, service.form_settings(db, run.user_id).pictures


def _claimed(run_id: str, position: int) -> set[int]:
    """Forms that belong to other dispensers of this run."""
    with get_database().read() as db:
        query = select(RunForm.entry_id).where(RunForm.run_id == run_id, RunForm.position != position)
        return {entry_id for entry_id in db.scalars(query) if entry_id is not None}


def _count_try(form_id: str) -> int:
    """Notes an attempt at a form that failed; answers how many did in a row without anything more being written."""
    with get_database().write() as db:
        form = db.get_one(RunForm, form_id)
        written = (StepState.written.value, StepState.verified.value)
        entries = db.scalars(select(LedgerEntry.state).where(LedgerEntry.run_form_id == form_id))
        done = sum(state in written for state in entries) + (form.entry_id is not None)
        form.tries = 1 if done > form.progress else form.tries + 1
        form.progress = max(form.progress, done)
        return form.tries


def _refresh_progress(run_id: str) -> None:
    with get_database().write() as db:
        runs.update_progress(db, db.get_one(FormRun, run_id))


def _compare_bindings(run: FormRun, page: VisitPage) -> None:
    with get_database().write() as db:
        service.store_snapshot(db, run.user_id, run.visit_id, page)
        for form in runs.forms_of(db, run.id):
            if form.verdict not in PROVEN:
                continue
            bound = [e for e in page.forms_of(run.form_type) if e.numbers and set(e.numbers) == set(form.numbers)]
            if [entry.entry_id for entry in bound] != [form.entry_id]:
                shown = ", ".join(str(entry.entry_id) for entry in bound) or "none"
                form.verdict = Verdict.needs_human.value
                form.reason = f"The visit shows for {form.dispenser}: form {shown}; form {form.entry_id} was expected."
                form.what_to_do = "Look at the visit in the portal."
            elif form.evidence is not None:
                form.evidence = {**form.evidence, "badge": bound[0].status}
        runs.update_progress(db, db.get_one(FormRun, run.id))
