"""The look at the portal's pages as a job: it stands in the account's queue, never beside another one."""

import asyncio
from typing import Any

from dbos import DBOS
from sqlalchemy.orm import Session as Db

from app.activity.queue import engine_gave_up, enqueue, interruptible
from app.activity.schemas import JobKind
from app.connection import jobs
from app.connection.failures import INTERRUPTED, Failure, log_failure
from app.connection.models import PortalJob
from app.connection.service import note_refusal
from app.connection.sessions import sessions
from app.database import get_database
from app.portal.doctor import PageCheck, examine
from app.portal.shape import WORDS

WORKFLOW = "portal_doctor"
_PAGES = 9


def request_doctor(db: Db, user_id: str) -> PortalJob:
    """Stores the wish to look at every page. The caller commits, then hands its id to the engine."""
    return jobs.request_job(db, user_id, JobKind.portal_check)


@DBOS.workflow(name=WORKFLOW)
async def portal_doctor(job_id: str) -> str:
    """Looks at every kind of page; the last event carries the report."""
    async with interruptible():
        try:
            outcome = await look_at_pages(job_id)
            return await settle_doctor(job_id, outcome)
        finally:
            await sessions.close(job_id)


@DBOS.step()
async def look_at_pages(job_id: str) -> dict[str, Any]:
    job = await asyncio.to_thread(lambda: jobs.begin(job_id, again=True))
    if job is None:
        return {}
    report = jobs.reporter(job)
    done = 0

    async def on_page(check: PageCheck) -> None:
        nonlocal done
        done += 1
        words = {"ok": "as expected", "failed": "has another shape", "not_seen": "not seen"}[check.state]
        await report.atell(
            "page", f"{WORDS[check.page].capitalize()}: {words}", done=done, total=_PAGES, check=check.as_dict()
        )

    try:
        session = await sessions.get(job_id, job.user_id, report)
        return {"report": (await examine(session, on_page)).as_dict()}
    except Exception as error:
        failure = log_failure("doctor.failed", error, job_id)
        await asyncio.to_thread(_note, job.user_id, failure)
        return {"failure": failure.as_dict()}


def _note(user_id: str, failure: Failure) -> None:
    with get_database().write() as db:
        note_refusal(db, user_id, failure)


@DBOS.step()
async def settle_doctor(job_id: str, outcome: dict[str, Any]) -> str:
    failure = Failure.from_dict(outcome["failure"]) if "failure" in outcome else None
    found = outcome.get("report")
    words = {True: "All pages are as expected", False: "Pages have another shape", None: "Some pages were not seen"}
    message = words[found["ok"]] if found else ""
    return await asyncio.to_thread(lambda: jobs.settle(job_id, message, found, failure))


def take_up() -> None:
    """Hands looks to the engine that never reached it."""
    for job in jobs.active(JobKind.portal_check):
        if engine_gave_up(job.id):
            jobs.settle(job.id, "", None, INTERRUPTED)
        else:
            enqueue(WORKFLOW, job.id, job.user_id)
