"""Routes of work: read-only."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.accounts.current import PROTECTED, CurrentUser
from app.database import ReadSession
from app.kit.problems import Invalid, NotFound, problem_responses
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
