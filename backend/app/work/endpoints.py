"""Routes of work: read-only."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request

from app.accounts.current import PROTECTED, CurrentUser
from app.activity.queue import enqueue
from app.connection import window
from app.connection.schemas import WindowOpening
from app.database import ReadSession, get_database
from app.kit.problems import Conflict, Invalid, NotFound, problem_responses
from app.work import service
from app.work.schemas import WeekPair, WorkOrder, WorkOrderPage

router = APIRouter(prefix="/api", tags=["work"])
PortalId = Annotated[int, Path(ge=1, le=2_147_483_647)]
_ONE = PROTECTED | problem_responses(NotFound, Invalid)


def _plausible(start: date | None) -> date | None:
    if start is not None and not date(2000, 1, 1) <= start <= date(2100, 1, 1):
        raise Invalid("There are no visits in that year.", "Ask for a week between 2000 and 2100.")
    return start


@router.get("/week", responses=PROTECTED | problem_responses(Invalid))
def read_week(
    user: CurrentUser,
    db: ReadSession,
    start: Annotated[
        date | None, Query(description="any day of the week wanted; absent = the week that matters now")
    ] = None,
) -> WeekPair:
    """The work week and the one after it, by day."""
    return service.read_weeks(db, user, _plausible(start))


@router.get("/work-orders", responses=PROTECTED | problem_responses(Invalid))
def search_work_orders(
    user: CurrentUser,
    db: ReadSession,
    search: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> WorkOrderPage:
    return service.search_work_orders(db, user, search, cursor, limit)


@router.get("/work-orders/{work_id}", responses=_ONE)
def read_work_order(work_id: PortalId, user: CurrentUser, db: ReadSession) -> WorkOrder:
    return service.read_work_order(db, user, work_id)


@router.get("/visits/{visit_id}", responses=_ONE)
def read_visit(visit_id: PortalId, user: CurrentUser, db: ReadSession) -> WorkOrder:
    """The work order that a visit belongs to, seen from that visit."""
    return service.read_visit(db, user, visit_id)


@router.post(
    "/visits/{visit_id}/window", status_code=202, responses=_ONE | problem_responses(window.NotLocal, Conflict)
)
def open_window(visit_id: PortalId, request: Request, user: CurrentUser) -> WindowOpening:
    """Opens a browser window at the visit, signed in to the portal. Only on the server's own computer, and only while no job
    of the account is queued or running. Follow the events of job ``window``; it ends when the window is closed."""
    window.require_local(request.client.host if request.client else None, request.headers)
    with get_database().write() as db:
        _, visit = service.find_visit(db, user.id, visit_id)
        job = window.request_window(db, user.id, visit.url)
    enqueue(window.WORKFLOW, job.id, user.id)
    return WindowOpening(job_id=job.id)
