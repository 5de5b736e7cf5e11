"""The durable workflows of forms: reading a visit, and preparing its forms one by one.

A step that is repeated after a crash finds out from the portal what the former attempt achieved: forms that were added
but not bound are used before another one is added, and what stands in a form already is not written again.
"""

import asyncio
import time
from typing import Any

from dbos import DBOS
from sqlalchemy import select

from app.activity.queue import engine_gave_up, enqueue, interruptible
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.connection.failures import INTERRUPTED, Failure, failure_of
from app.connection.service import note_refusal
from app.connection.sessions import sessions
from app.database import get_database
from app.forms import service
from app.forms.ledger import FormLedger
from app.forms.models import FormRun, LedgerEntry, RunForm, VisitCheckJob
from app.forms.plan import COMPLETE
from app.forms.run_browser import RunBrowser, run_browsers
from app.forms.schemas import FormPlan, RunState, StepState, Verdict
from app.forms.writer import Outcome, fill_form
from app.kit import clock
from app.kit.problems import FailureKind
from app.portal.errors import PortalError
from app.portal.pages.visit import read_visit
from app.portal.records import VisitForm
from app.telemetry.logs import get_logger
from app.work.service import find_visit

_TRIES = 3
log = get_logger("automation")


# --- reading a visit --------------------------------------------------------------------------------------------------


@DBOS.workflow(name=service.CHECK_WORKFLOW)
async def visit_check(check_id: str) -> str:
    """Reads which forms a visit has; writes nothing to the portal."""
    with interruptible():
        try:
            return await read_visit_forms(check_id)
        finally:
            await sessions.close(check_id)


@DBOS.step()
async def read_visit_forms(check_id: str) -> str:
    def begin() -> tuple[str, int, str] | None:
        with get_database().read() as db:
            job = db.get(VisitCheckJob, check_id)
            if job is None or job.state != "queued":
                return None
            return job.user_id, job.visit_id, find_visit(db, job.user_id, job.visit_id)[1].url

    begun = await asyncio.to_thread(begin)
    if begun is None:
        return "over"
    user_id, visit_id, url = begun
    report = Reporter(user_id, JobKind.visit_check, check_id)
    failure = page = None
    try:
        session = await sessions.get(check_id, user_id, report)
        await report.atell("phase", "Reading the visit's forms", phase="reading_visit")
        page = await read_visit(session, url)
    except Exception as error:
        failure = _log_failure("forms.check_failed", error, check_id)

    def settle() -> str:
        with get_database().write() as db:
            job = db.get_one(VisitCheckJob, check_id)
            job.state, job.finished_at = ("done" if failure is None else "failed"), clock.now()
            service.forget_old_checks(db, user_id, visit_id, keep=check_id)
            if page is not None:
                service.store_snapshot(db, user_id, visit_id, page)
                report.tell_in(db, "finished", f"{len(page.forms)} forms read", state="done", forms=len(page.forms))
            elif failure is not None:
                report.tell_in(db, "failed", failure.detail, state="failed", **failure.as_dict())
            return job.state

    return await asyncio.to_thread(settle)


# --- preparing forms --------------------------------------------------------------------------------------------------


@DBOS.workflow(name=service.RUN_WORKFLOW)
async def form_run(run_id: str) -> str:
    """Prepares the forms of one visit, in order, each proven before the next."""
    with interruptible():
        try:
            begun = await begin_run(run_id)
            if begun is None:
                return "over"
            failure = None
            for position in begun["positions"]:
                outcome = await prepare_form(run_id, position)
                failure = outcome.get("failure")
                if outcome.get("stop") or failure is not None:
                    break
            if failure is None:
                failure = (await confirm_visit(run_id)).get("failure")
            return await settle_run(run_id, failure)
        except Exception as error:
            return await settle_run(run_id, _log_failure("forms.run_failed", error, run_id).as_dict())
        finally:
            run_browsers.forget(run_id)
            await sessions.close(run_id)


@DBOS.step()
async def begin_run(run_id: str) -> dict[str, Any] | None:
    def work() -> dict[str, Any] | None:
        with get_database().write() as db:
            run = db.get(FormRun, run_id, with_for_update=True)
            if run is None or run.state not in service.ACTIVE:
                return None
            if run.state == RunState.queued.value:
                run.state = RunState.running.value
            run.started_at = run.started_at or clock.now()
            positions = [form.position for form in service.forms_of(db, run_id) if form.verdict is None]
            service.run_reporter(run).tell_in(db, "phase", "Starting", phase="starting", total=len(positions))
            return {"positions": positions}

    return await asyncio.to_thread(work)


@DBOS.step()
async def prepare_form(run_id: str, position: int) -> dict[str, Any]:
    """One form from its intent to its verdict. Answers ``stop`` when the person asked for it, ``failure`` when going on
    would be wrong (the portal has changed, the account is refused)."""
    started = time.monotonic()
    loaded = await asyncio.to_thread(_load, run_id, position)
    if loaded is None:
        return {"stop": True}
    run, form, wrote_before = loaded
    if form.verdict is not None:
        return {}
    report = service.run_reporter(run)
    ledger = FormLedger(report, form.id, position)
    await ledger.begin()
    failure = None
    try:
        outcome = await _attempt(run, form, ledger, report, wrote_before=wrote_before)
    except Exception as error:
        found = _log_failure("forms.form_failed", error, run_id, position=position, dispenser=form.dispenser)
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


def _outcome_of(failure: Failure) -> Outcome:
    """A failure as a verdict: what a person must decide, and what simply was not done."""
    asks = failure.kind in (FailureKind.business, FailureKind.unknown_effect)
    return Outcome(Verdict.needs_human if asks else Verdict.not_done, failure.detail, failure.action)


def _load(run_id: str, position: int) -> tuple[FormRun, RunForm, bool] | None:
    """The run, its form and whether the ledger knows of earlier writing; ``None`` when the run is to stop."""
    with get_database().read() as db:
        run = db.get_one(FormRun, run_id)
        if run.state != RunState.running.value:
            return None
        form = db.scalars(select(RunForm).where(RunForm.run_id == run_id, RunForm.position == position)).one()
        entries = db.scalars(select(LedgerEntry.state).where(LedgerEntry.run_form_id == form.id))
        return run, form, any(state != StepState.waiting.value for state in entries)


async def _attempt(run: FormRun, form: RunForm, ledger: FormLedger, report: Reporter, *, wrote_before: bool) -> Outcome:
    """Finds or adds the dispenser's form, then fills it; tried again after passing trouble."""
    plan = FormPlan.model_validate(form.plan)
    for number in range(1, _TRIES + 1):
        try:
            session = await sessions.get(run.id, run.user_id, report)
            browser = await run_browsers.get(run, session)
            target = await _target(browser, run, form, ledger)
            if isinstance(target, Outcome):
                return target
            url, is_new = target
            return await fill_form(session, ledger, url, plan, is_new=is_new, wrote_before=wrote_before or number > 1)
        except PortalError as error:
            if error.kind != "transient" or number == _TRIES:
                raise
            log.warning("forms.trying_again", job_id=run.id, dispenser=form.dispenser, code=error.code, tried=number)
            run_browsers.forget(run.id)
            if error.code == "browser_failed":
                await sessions.close(run.id)
    raise AssertionError("unreachable: the last try returns or raises")


async def _target(browser: RunBrowser, run: FormRun, form: RunForm, ledger: FormLedger) -> tuple[str, bool] | Outcome:
    """The address of the form to fill and whether it is brand new; or why there is none."""
    claimed = await asyncio.to_thread(_claimed, run.id, form.position)
    forms = [entry for entry in (await browser.visit()).forms_of(run.form_type) if entry.entry_id not in claimed]
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
    entry = await browser.add_form()
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
    return Outcome(
        Verdict.already_done, f"Form {entry.entry_id} is complete in the portal; it was left alone.", None, None
    )


def _claimed(run_id: str, position: int) -> set[int]:
    """Forms that belong to other dispensers of this run."""
    with get_database().read() as db:
        query = select(RunForm.entry_id).where(RunForm.run_id == run_id, RunForm.position != position)
        return {entry_id for entry_id in db.scalars(query) if entry_id is not None}


def _refresh_progress(run_id: str) -> None:
    with get_database().write() as db:
        service.update_progress(db, db.get_one(FormRun, run_id))


@DBOS.step()
async def confirm_visit(run_id: str) -> dict[str, Any]:
    """Looks at the visit once more: each dispenser that was proven must be bound to exactly its one form."""

    def load() -> FormRun:
        with get_database().read() as db:
            return db.get_one(FormRun, run_id)

    run = await asyncio.to_thread(load)
    try:
        session = await sessions.get(run_id, run.user_id, service.run_reporter(run))
        browser = await run_browsers.get(run, session)
        page = await browser.visit(fresh=True)
    except Exception as error:
        return {"failure": _log_failure("forms.confirm_failed", error, run_id).as_dict()}

    def compare() -> None:
        with get_database().write() as db:
            service.store_snapshot(db, run.user_id, run.visit_id, page)
            for form in service.forms_of(db, run_id):
                bound = [e for e in page.forms_of(run.form_type) if e.numbers and set(e.numbers) == set(form.numbers)]
                if form.verdict not in (Verdict.verified.value, Verdict.already_done.value):
                    continue
                if [entry.entry_id for entry in bound] != [form.entry_id]:
                    shown = ", ".join(str(entry.entry_id) for entry in bound) or "none"
                    form.verdict = Verdict.needs_human.value
                    form.reason = (
                        f"The visit shows for {form.dispenser}: form {shown}; form {form.entry_id} was expected."
                    )
                    form.what_to_do = "Look at the visit in the portal."
                elif form.evidence is not None:
                    form.evidence = {**form.evidence, "badge": bound[0].status}
            service.update_progress(db, db.get_one(FormRun, run_id))

    await asyncio.to_thread(compare)
    return {}


@DBOS.step()
async def settle_run(run_id: str, failure: dict[str, Any] | None) -> str:
    return await asyncio.to_thread(_settle_run, run_id, Failure.from_dict(failure) if failure is not None else None)


def _settle_run(run_id: str, failure: Failure | None) -> str:
    with get_database().write() as db:
        run = db.get_one(FormRun, run_id, with_for_update=True)
        if run.state not in service.ACTIVE:
            return run.state
        stopped = run.state == RunState.stopping.value
        run.finished_at = clock.now()
        if failure is not None:
            run.state, run.error_kind, run.error_code = RunState.failed.value, failure.kind.value, failure.code
            run.error_detail, run.error_action = failure.detail, failure.action
        else:
            run.state = (RunState.stopped if stopped else RunState.finished).value
        note_refusal(db, run.user_id, failure)
        forms = service.forms_of(db, run_id)
        for form in forms:
            if form.verdict is None:
                form.verdict, form.running = Verdict.not_done.value, False
                form.reason = "The run was stopped before this form." if stopped else "The run ended before this form."
        service.update_progress(db, run)
        proven = sum(form.verdict in (Verdict.verified.value, Verdict.already_done.value) for form in forms)
        service.run_reporter(run).tell_in(
            db,
            "finished" if failure is None else "failed",
            f"{proven} of {len(forms)} forms proven",
            state=run.state,
            **(failure.as_dict() if failure is not None else {}),
        )
        return run.state


def _log_failure(event: str, error: Exception, job_id: str, **data: Any) -> Failure:
    failure = failure_of(error)
    log.error(event, job_id=job_id, kind=failure.kind.value, code=failure.code, detail=failure.detail, **data)
    if failure.code == "unexpected":
        log.error("unexpected", job_id=job_id, exc_info=error)
    return failure


def take_up() -> None:
    """Hands stored jobs to the engine that never reached it; the ones it has already are left alone."""
    with get_database().read() as db:
        runs, checks = service.stored_but_active(db)
    for run in runs:
        if engine_gave_up(run.id):
            _settle_run(run.id, INTERRUPTED)
        else:
            enqueue(service.RUN_WORKFLOW, run.id, run.user_id)
    for check in checks:
        if engine_gave_up(check.id):
            with get_database().write() as db:
                db.get_one(VisitCheckJob, check.id).state = "failed"
                service.check_reporter(check).tell_in(db, "failed", INTERRUPTED.detail, **INTERRUPTED.as_dict())
        else:
            enqueue(service.CHECK_WORKFLOW, check.id, check.user_id)
