"""Routes of forms: check, plan, run."""

from typing import Annotated

from fastapi import APIRouter, Path

from app.accounts.current import PROTECTED, CurrentUser
from app.activity.queue import enqueue
from app.database import ReadSession, WriteSession, get_database
from app.forms import service
from app.forms.schemas import FormRun, FormRunList, NewRun, VisitCheck, VisitPlan
from app.forms.views import run_views
from app.kit.problems import Conflict, Invalid, NotFound, problem_responses
from app.work.endpoints import PortalId

router = APIRouter(prefix="/api", tags=["forms"])
RunId = Annotated[str, Path(max_length=36)]
_ERRORS = PROTECTED | problem_responses(NotFound, Conflict, Invalid)


@router.post("/visits/{visit_id}/forms/check", status_code=202, responses=_ERRORS)
def check_visit(visit_id: PortalId, user: CurrentUser) -> VisitCheck:
    """Reads which forms the visit has on the portal; writes nothing there. Follow the events of job ``visit_check``."""
    with get_database().write() as db:
        job = service.request_check(db, user.id, visit_id)
    enqueue(service.CHECK_WORKFLOW, job.id, user.id)
    return VisitCheck(job_id=job.id)


@router.get("/visits/{visit_id}/forms/plan", responses=_ERRORS)
def read_plan(visit_id: PortalId, user: CurrentUser, db: ReadSession) -> VisitPlan:
    return service.read_plan(db, user, visit_id)[0]


@router.post("/visits/{visit_id}/forms/runs", status_code=202, responses=_ERRORS)
def start_run(visit_id: PortalId, body: NewRun, user: CurrentUser) -> FormRun:
    """Starts the plan named by ``digest``. Follow the events of job ``form_run``."""
    with get_database().write() as db:
        run = service.request_run(db, user, visit_id, body.digest, body.choices, "you")
        answer = run_views(db, [run])[0]
    enqueue(service.RUN_WORKFLOW, run.id, user.id)
    return answer


@router.get("/visits/{visit_id}/forms/runs", responses=_ERRORS)
def list_runs(visit_id: PortalId, user: CurrentUser, db: ReadSession) -> FormRunList:
    """The newest runs of a visit, newest first, at most 20."""
    return FormRunList(items=run_views(db, service.runs_of_visit(db, user.id, visit_id)))


@router.get("/form-runs/{run_id}", responses=_ERRORS)
def read_run(run_id: RunId, user: CurrentUser, db: ReadSession) -> FormRun:
    return run_views(db, [service.find_run(db, user.id, run_id)])[0]


@router.post("/form-runs/{run_id}/stop", status_code=202, responses=_ERRORS)
def stop_run(run_id: RunId, user: CurrentUser, db: WriteSession) -> FormRun:
    """Stops cleanly before the next form; what was written stays and is told."""
    run = service.request_stop(db, user.id, run_id)
    db.flush()
    return run_views(db, [run])[0]
