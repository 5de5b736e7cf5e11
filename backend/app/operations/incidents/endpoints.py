"""Routes of incidents. Operators only."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from app.accounts.current import OPERATORS_ONLY, Operator
from app.database import OperationsReadSession, OperationsWriteSession, get_operations_database
from app.kit import clock
from app.kit.problems import Conflict, Invalid, NotFound, problem_responses
from app.operations.incidents import evidence, postmortem, schemas, service, views
from app.operations.incidents.templates import TEMPLATES

router = APIRouter(prefix="/api/operations", tags=["incidents"])
_ONE = OPERATORS_ONLY | problem_responses(NotFound, Conflict, Invalid)


@router.get("/incidents", responses=OPERATORS_ONLY | problem_responses(Invalid))
def read_incidents(
    _: Operator,
    db: OperationsReadSession,
    only_open: bool = False,
    cursor: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> schemas.IncidentPage:
    """Incidents, newest first, and how fast they were detected, acknowledged and recovered in the last 90 days."""
    return views.page(db, clock.now(), only_open=only_open, cursor=cursor, limit=limit)


@router.post("/incidents", status_code=201, responses=_ONE)
def open_incident(body: schemas.NewIncident, user: Operator, db: OperationsWriteSession) -> schemas.Incident:
    return views.whole(db, service.create(db, body, user.email), clock.now())


@router.get("/incident-templates", responses=OPERATORS_ONLY)
def read_incident_templates(_: Operator) -> list[schemas.MessageTemplate]:
    return [views.template(template) for template in TEMPLATES]


@router.get("/incidents/{incident_id}", responses=_ONE)
def read_incident(incident_id: str, _: Operator, db: OperationsReadSession) -> schemas.Incident:
    return views.whole(db, service.find(db, incident_id, lock=False), clock.now())


@router.patch("/incidents/{incident_id}", responses=_ONE)
def change_incident(
    incident_id: str, body: schemas.IncidentChange, user: Operator, db: OperationsWriteSession
) -> schemas.Incident:
    incident = service.find(db, incident_id)
    service.change(db, incident, body, user.email)
    return views.whole(db, incident, clock.now())


@router.post("/incidents/{incident_id}/status", responses=_ONE)
def move_incident(
    incident_id: str, body: schemas.IncidentMove, user: Operator, db: OperationsWriteSession
) -> schemas.Incident:
    """Moves it on. Closing a P1 or P2 wants recovery, impact, root cause, review, and what became of the procedures."""
    incident = service.find(db, incident_id)
    service.move(db, incident, body, user.email)
    return views.whole(db, incident, clock.now())


@router.post("/incidents/{incident_id}/notes", status_code=201, responses=_ONE)
def add_incident_note(
    incident_id: str, body: schemas.IncidentNote, user: Operator, db: OperationsWriteSession
) -> schemas.Incident:
    incident = service.find(db, incident_id)
    service.note(db, incident, "note", user.email, body.text)
    return views.whole(db, incident, clock.now())


@router.post("/incidents/{incident_id}/updates", status_code=201, responses=_ONE)
def add_incident_update(
    incident_id: str, body: schemas.IncidentUpdate, user: Operator, db: OperationsWriteSession
) -> schemas.Incident:
    """A message by template: refused while a field is missing."""
    incident = service.find(db, incident_id)
    service.send_update(db, incident, body, user.email)
    return views.whole(db, incident, clock.now())


@router.post("/incidents/{incident_id}/actions", status_code=201, responses=_ONE)
def add_incident_action(
    incident_id: str, body: schemas.NewAction, user: Operator, db: OperationsWriteSession
) -> schemas.Incident:
    incident = service.find(db, incident_id)
    service.add_action(db, incident, body, user.email)
    return views.whole(db, incident, clock.now())


@router.post("/incidents/{incident_id}/actions/{action_id}/done", responses=_ONE)
def finish_incident_action(
    incident_id: str, action_id: str, user: Operator, db: OperationsWriteSession
) -> schemas.Incident:
    incident = service.find(db, incident_id)
    service.finish_action(db, incident, action_id, user.email)
    return views.whole(db, incident, clock.now())


@router.post("/incidents/{incident_id}/evidence", status_code=201, responses=_ONE)
def take_incident_evidence(incident_id: str, user: Operator) -> schemas.Incident:
    """Collects the evidence pack: health, processes, files, measurements and logs of this moment."""
    with get_operations_database().read() as db:
        incident = service.find(db, incident_id, lock=False)
    kept = evidence.take(incident, user.email)  # it takes a while: nobody waits for a lock meanwhile
    with get_operations_database().write() as db:
        incident = service.find(db, incident_id)
        service.add_evidence(db, incident, kept, user.email)
        return views.whole(db, incident, clock.now())


@router.get("/incidents/{incident_id}/evidence/altered", responses=_ONE)
def check_incident_evidence(incident_id: str, _: Operator, db: OperationsReadSession) -> list[str]:
    """The files of its evidence that are gone or are not what they were; empty when all is as it was."""
    service.find(db, incident_id, lock=False)
    return evidence.altered(incident_id, service.evidence_of(db, incident_id))


@router.get(
    "/incidents/{incident_id}/post-mortem",
    responses=_ONE | {200: {"content": {"text/markdown": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
def read_post_mortem(incident_id: str, _: Operator, db: OperationsReadSession) -> Response:
    """The post-mortem document as it stands."""
    incident = service.find(db, incident_id, lock=False)
    text = postmortem.document(
        incident,
        service.timeline_of(db, incident_id),
        service.actions_of(db, incident_id),
        service.evidence_of(db, incident_id),
        clock.now(),
    )
    return Response(
        text,
        media_type="text/markdown; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{incident_id}.md"'},
    )
