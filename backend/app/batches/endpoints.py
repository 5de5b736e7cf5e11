"""Routes of batches: start, steer, look, export; and the run of a single visit's plan."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import StreamingResponse

from app.accounts.current import PROTECTED, CurrentUser
from app.accounts.models import User
from app.activity.queue import enqueue
from app.batches import history, service
from app.batches.models import Batch as BatchRow
from app.batches.schemas import Batch, BatchPage, BatchState, NewBatch, Retry, SkipVisit
from app.batches.views import batch_views
from app.database import ReadSession, get_database
from app.forms import runs
from app.forms.schemas import FormRun, NewRun
from app.forms.views import run_views
from app.kit.problems import Conflict, Invalid, NotFound, problem_responses
from app.work.endpoints import PortalId

router = APIRouter(prefix="/api", tags=["batches"])
BatchId = Annotated[str, Path(max_length=36)]
_ERRORS = PROTECTED | problem_responses(NotFound, Conflict, Invalid)
_YOU = "you"


def _wanted(
    state: Annotated[list[BatchState] | None, Query()] = None,
    since: date | None = None,
    until: date | None = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
) -> history.Wanted:
    return history.Wanted(tuple(state or ()), since, until, search)


@router.post("/visits/{visit_id}/forms/runs", status_code=202, responses=_ERRORS)
def start_run(visit_id: PortalId, body: NewRun, user: CurrentUser) -> FormRun:
    """Starts the plan named by ``digest``. Follow the events of job ``form_run``; steer it as the batch it is part of."""
    with get_database().write() as db:
        run = service.start_single(db, user, visit_id, body.digest, body.choices, _YOU)
        answer = run_views(db, [run])[0]
        turn = service.turn_of(service.find(db, user.id, str(run.batch_id)))
    enqueue(service.WORKFLOW, turn, user.id)
    return answer


@router.post("/form-runs/{run_id}/stop", status_code=202, responses=_ERRORS)
def stop_run(run_id: Annotated[str, Path(max_length=36)], user: CurrentUser) -> FormRun:
    """Stops the batch that the run is part of; a run that is over stays as it is."""
    with get_database().write() as db:
        run = runs.find_run(db, user.id, run_id)
        if run.state in runs.ACTIVE and run.batch_id is not None:
            service.stop(db, user.id, run.batch_id, _YOU)
        db.flush()
        return run_views(db, [run])[0]


@router.post("/batches", status_code=202, responses=_ERRORS)
def start_batch(body: NewBatch, user: CurrentUser) -> Batch:
    """Prepares several visits, one after the other. Follow the events of job ``batch``."""
    with get_database().write() as db:
        batch = service.start(db, user, body, _YOU)
        answer, turn = _answer(db, batch), service.turn_of(batch)
    enqueue(service.WORKFLOW, turn, user.id)
    return answer


@router.get("/batches", responses=_ERRORS)
def list_batches(
    user: CurrentUser,
    db: ReadSession,
    state: Annotated[list[BatchState] | None, Query()] = None,
    since: date | None = None,
    until: date | None = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
    cursor: Annotated[str | None, Query(max_length=36)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> BatchPage:
    """Newest first."""
    found, following = history.page(db, user, _wanted(state, since, until, search), cursor, limit)
    return BatchPage(items=batch_views(db, found), next_cursor=following)


@router.get("/batches/export", responses=_ERRORS, response_class=StreamingResponse)
def export_batches(
    user: CurrentUser,
    state: Annotated[list[BatchState] | None, Query()] = None,
    since: date | None = None,
    until: date | None = None,
    search: Annotated[str | None, Query(max_length=100)] = None,
) -> StreamingResponse:
    """What came of every form, as CSV; the same filters as the list."""
    wanted = _wanted(state, since, until, search)

    def lines() -> Iterator[str]:
        with get_database().read() as db:
            yield from history.export(db, user, wanted)

    headers = {"Content-Disposition": 'attachment; filename="fossawork-forms.csv"'}
    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/batches/{batch_id}", responses=_ERRORS)
def read_batch(batch_id: BatchId, user: CurrentUser, db: ReadSession) -> Batch:
    return _answer(db, service.find(db, user.id, batch_id))


@router.post("/batches/{batch_id}/pause", status_code=202, responses=_ERRORS)
def pause_batch(batch_id: BatchId, user: CurrentUser) -> Batch:
    """Pauses before the next write. Once the state is ``paused`` nothing is written any more."""
    with get_database().write() as db:
        return _answer(db, service.pause(db, user.id, batch_id, _YOU))


@router.post("/batches/{batch_id}/resume", status_code=202, responses=_ERRORS)
def resume_batch(batch_id: BatchId, user: CurrentUser) -> Batch:
    with get_database().write() as db:
        batch = service.resume(db, user.id, batch_id, _YOU)
        answer = _answer(db, batch)
    return _enqueued(batch, user, answer)


@router.post("/batches/{batch_id}/skip", status_code=202, responses=_ERRORS)
def skip_visit(batch_id: BatchId, body: SkipVisit, user: CurrentUser) -> Batch:
    with get_database().write() as db:
        return _answer(db, service.skip(db, user.id, batch_id, body.visit_id, _YOU))


@router.post("/batches/{batch_id}/stop", status_code=202, responses=_ERRORS)
def stop_batch(batch_id: BatchId, user: CurrentUser) -> Batch:
    """Ends the batch before its next write; what was saved stays and is told."""
    with get_database().write() as db:
        return _answer(db, service.stop(db, user.id, batch_id, _YOU))


@router.post("/batches/{batch_id}/retry", status_code=202, responses=_ERRORS)
def retry_batch(batch_id: BatchId, body: Retry, user: CurrentUser) -> Batch:
    """A new batch of what is not done, or of everything from the start with today's plan."""
    with get_database().write() as db:
        batch = service.retry(db, user, batch_id, body.what, _YOU)
        answer = _answer(db, batch)
    return _enqueued(batch, user, answer)


def _answer(db: ReadSession, batch: BatchRow) -> Batch:
    db.flush()
    return batch_views(db, [batch])[0]


def _enqueued(batch: BatchRow, user: User, answer: Batch) -> Batch:
    if batch.state == BatchState.queued.value:
        enqueue(service.WORKFLOW, service.turn_of(batch), user.id)
    return answer
