"""Routes of forms: check, plan, runs as they went, pictures, settings and reading templates."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path
from fastapi.responses import FileResponse, Response

from app.accounts.current import PROTECTED, CurrentUser
from app.activity.queue import enqueue
from app.database import ReadSession, WriteSession, get_database
from app.forms import runs, service
from app.forms.evidence import shot_path
from app.forms.report import visit_report
from app.forms.schemas import (
    FormRun,
    FormRunList,
    FormSettings,
    PlanChoices,
    ReadingTemplates,
    TemplateChange,
    VisitCheck,
    VisitPlan,
)
from app.forms.templates import StationType
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


@router.post("/visits/{visit_id}/forms/plan", responses=_ERRORS)
def plan_with_choices(visit_id: PortalId, body: PlanChoices, user: CurrentUser, db: ReadSession) -> VisitPlan:
    """The plan with a person's own answers in it. Stores nothing: a run is started with the same choices."""
    return service.read_plan(db, user, visit_id, body)[0]


@router.get("/visits/{visit_id}/forms/runs", responses=_ERRORS)
def list_runs(visit_id: PortalId, user: CurrentUser, db: ReadSession) -> FormRunList:
    """The newest runs of a visit, newest first, at most 20."""
    return FormRunList(items=run_views(db, runs.runs_of_visit(db, user.id, visit_id)))


@router.get("/visits/{visit_id}/forms/report.pdf", responses=_ERRORS, response_class=Response)
def report(visit_id: PortalId, user: CurrentUser, db: ReadSession) -> Response:
    """The evidence of a visit: every form's newest verdict, read-back values and pictures, as PDF."""
    pdf = visit_report(db, user, visit_id)
    headers = {"Content-Disposition": f'inline; filename="visit-{visit_id}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


@router.get("/form-runs/{run_id}", responses=_ERRORS)
def read_run(run_id: RunId, user: CurrentUser, db: ReadSession) -> FormRun:
    return run_views(db, [runs.find_run(db, user.id, run_id)])[0]


@router.get("/form-runs/{run_id}/forms/{position}/shots/{name}", responses=_ERRORS, response_class=FileResponse)
def shot(
    run_id: RunId,
    position: Annotated[int, Path(ge=0, le=200)],
    name: Literal["section-1", "grades", "readings"],
    user: CurrentUser,
    db: ReadSession,
) -> FileResponse:
    """A picture of a section as it was saved."""
    run = runs.find_run(db, user.id, run_id)
    path = shot_path(run.id, position, name)
    if not path.exists():
        raise NotFound(
            "This picture was never taken, or its time of keeping is over.", "The read-back values are kept."
        )
    return FileResponse(path, media_type="image/png", headers={"Cache-Control": "private, max-age=86400"})


@router.get("/form-settings", responses=PROTECTED)
def read_settings(user: CurrentUser, db: ReadSession) -> FormSettings:
    return FormSettings.model_validate(service.form_settings(db, user.id))


@router.put("/form-settings", responses=_ERRORS)
def change_settings(body: FormSettings, user: CurrentUser, db: WriteSession) -> FormSettings:
    return FormSettings.model_validate(service.change_form_settings(db, user.id, body))


@router.get("/reading-templates", responses=PROTECTED)
def read_templates(user: CurrentUser, db: ReadSession) -> ReadingTemplates:
    return service.template_views(db, user.id)


@router.put("/reading-templates/{station}", responses=_ERRORS)
def change_template(
    station: StationType, body: TemplateChange, user: CurrentUser, db: WriteSession
) -> ReadingTemplates:
    """The user's own readings for a station type, from the next plan on."""
    service.change_template(db, user.id, station, body)
    db.flush()
    return service.template_views(db, user.id)


@router.delete("/reading-templates/{station}", responses=_ERRORS)
def reset_template(station: StationType, user: CurrentUser, db: WriteSession) -> ReadingTemplates:
    """Back to the built-in readings."""
    service.reset_template(db, user.id, station)
    db.flush()
    return service.template_views(db, user.id)
