"""The live check of a portal link: signs in once with a real browser and tells each step as it happens."""

import asyncio
from typing import Any

from dbos import DBOS
from sqlalchemy import select

from app.accounts import links
from app.accounts.models import PortalLink
from app.accounts.schemas import LinkState
from app.activity.queue import engine_gave_up, enqueue, interruptible
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.connection import doctor, window
from app.connection.failures import INTERRUPTED, Failure, log_failure
from app.connection.sessions import sessions
from app.database import get_database

WORKFLOW = "link_check"
_REJECTED = ("credentials_rejected",)


@DBOS.workflow(name=WORKFLOW)
async def link_check(check_id: str) -> str:
    """Checks the stored credentials; answers the link's state afterwards."""
    async with interruptible():
        try:
            user_id = await find_user_of_check(check_id)
            if user_id is None:
                return "over"
            outcome = await check_sign_in(check_id, user_id)
            return await settle_check(check_id, user_id, outcome.get("failure"))
        finally:
            await sessions.close(check_id)


@DBOS.step()
async def find_user_of_check(check_id: str) -> str | None:
    def work() -> str | None:
        with get_database().read() as db:
            query = select(PortalLink.user_id).where(
                PortalLink.check_id == check_id, PortalLink.state == LinkState.checking.value
            )
            return db.scalar(query)

    return await asyncio.to_thread(work)


@DBOS.step()
async def check_sign_in(check_id: str, user_id: str) -> dict[str, Any]:
    try:
        await sessions.get(check_id, user_id, Reporter(user_id, JobKind.link, check_id))
    except Exception as error:
        failure = log_failure("link.check_failed", error, check_id)
        return {"failure": failure.as_dict()}
    return {}


@DBOS.step()
async def settle_check(check_id: str, user_id: str, failure: dict[str, Any] | None) -> str:
    found = Failure.from_dict(failure) if failure is not None else None
    return await asyncio.to_thread(_settle, check_id, user_id, found)


def _settle(check_id: str, user_id: str, failure: Failure | None) -> str:
    report = Reporter(user_id, JobKind.link, check_id)
    with get_database().write() as db:
        link = db.get(PortalLink, user_id)
        if link is None or link.check_id != check_id:
            return "over"  # meanwhile other credentials were entered: theirs is another check
        if failure is None:
            links.settle(db, user_id, LinkState.linked)
            report.tell_in(db, "finished", "Connected", state=LinkState.linked.value)
            return LinkState.linked.value
        state = LinkState.rejected if failure.code in _REJECTED else LinkState.failed
        links.settle(
            db, user_id, state, kind=failure.kind, code=failure.code, detail=failure.detail, action=failure.action
        )
        report.tell_in(db, "failed", failure.detail, state=state.value, **failure.as_dict())
        return state.value


def take_up() -> None:
    """Hands jobs of this slice to the engine that never reached it."""
    doctor.take_up()
    window.take_up()
    with get_database().read() as db:
        query = select(PortalLink).where(PortalLink.state == LinkState.checking.value)
        waiting = [(link.check_id, link.user_id) for link in db.scalars(query) if link.check_id]
    for check_id, user_id in waiting:
        if engine_gave_up(check_id):
            _settle(check_id, user_id, INTERRUPTED)
        else:
            enqueue(WORKFLOW, check_id, user_id)
