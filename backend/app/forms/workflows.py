"""The durable workflow that reads which forms a visit has. (Preparing forms is the work of ``batches``.)"""

import asyncio

from dbos import DBOS

from app.activity.queue import engine_gave_up, enqueue, interruptible
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.connection.failures import INTERRUPTED, log_failure
from app.connection.sessions import sessions
from app.database import get_database
from app.forms import service
from app.forms.models import VisitCheckJob
from app.kit import clock
from app.portal.pages.visit import read_visit
from app.work.service import find_visit


@DBOS.workflow(name=service.CHECK_WORKFLOW)
async def visit_check(check_id: str) -> str:
    """Reads which forms a visit has; writes nothing to the portal."""
    async with interruptible():
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
        failure = log_failure("forms.check_failed", error, check_id)

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


def take_up() -> None:
    """Hands stored checks to the engine that never reached it; the ones it has already are left alone."""
    with get_database().read() as db:
        checks = service.pending_checks(db)
    for check in checks:
        if engine_gave_up(check.id):
            with get_database().write() as db:
                db.get_one(VisitCheckJob, check.id).state = "failed"
                service.check_reporter(check).tell_in(db, "failed", INTERRUPTED.detail, **INTERRUPTED.as_dict())
        else:
            enqueue(service.CHECK_WORKFLOW, check.id, check.user_id)
