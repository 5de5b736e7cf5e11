"""Routes of synchronisation."""

from typing import Annotated

from fastapi import APIRouter, Path, Query

from app.accounts.current import PROTECTED, CurrentUser
from app.activity.queue import enqueue
from app.database import ReadSession, get_database
from app.kit.problems import Conflict, Invalid, NotFound, problem_responses
from app.sync import service
from app.sync.schemas import NewSync, SyncPage, SyncRun, SyncStatus

router = APIRouter(prefix="/api", tags=["sync"])


@router.post("/syncs", status_code=202, responses=PROTECTED | problem_responses(Conflict, Invalid))
def start_sync(body: NewSync, user: CurrentUser) -> SyncRun:
    """Starts bringing the open work orders home. Follow the events of job ``sync``."""
    with get_database().write() as db:
        run = service.request_sync(
            db, user.id, "you", refresh_locations=body.refresh_locations, accept_empty=body.accept_empty
        )
        answer = service.view(db, run)
    enqueue(service.WORKFLOW, run.id, user.id)
    return answer


@router.get("/syncs", responses=PROTECTED | problem_responses(Invalid))
def list_syncs(
    user: CurrentUser,
    db: ReadSession,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SyncPage:
    return service.history(db, user.id, cursor, limit)


@router.get("/syncs/{sync_id}", responses=PROTECTED | problem_responses(NotFound, Invalid))
def read_sync(sync_id: Annotated[str, Path(max_length=36)], user: CurrentUser, db: ReadSession) -> SyncRun:
    return service.view(db, service.find_run(db, user.id, sync_id))


@router.get("/sync-status", responses=PROTECTED)
def read_sync_status(user: CurrentUser, db: ReadSession) -> SyncStatus:
    return service.sync_status(db, user.id)
