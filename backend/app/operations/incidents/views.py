"""Incidents as people see them."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session as Db

from app.operations.incidents import schemas, service
from app.operations.incidents.lifecycle import Status, figures, may_move, means, missing_to_close
from app.operations.incidents.models import ActionItem, Incident
from app.operations.incidents.templates import Template
from app.operations.terms import Kind, Priority

_MEANS_OVER = timedelta(days=90)


def item(incident: Incident, now: datetime) -> schemas.IncidentItem:
    return schemas.IncidentItem(**_fields(incident, now))


def _fields(incident: Incident, now: datetime) -> dict[str, object]:
    measured = figures(incident, now)
    return {
        "id": incident.id,
        "title": incident.title,
        "priority": Priority(incident.priority),
        "kind": Kind(incident.kind),
        "status": Status(incident.status),
        "detected_at": incident.detected_at,
        "recovered_at": incident.recovered_at,
        "closed_at": incident.closed_at,
        "commander": incident.commander,
        "review_due_at": incident.review_due_at,
        "next_update_at": incident.next_update_at,
        "figures": schemas.FiguresView.model_validate(measured),
    }


def whole(db: Db, incident: Incident, now: datetime) -> schemas.Incident:
    actions = service.actions_of(db, incident.id)
    old, recovered = Status(incident.status), incident.recovered_at is not None
    return schemas.Incident(
        **_fields(incident, now),
        opened_by=incident.opened_by,
        started_at=incident.started_at,
        declared_at=incident.declared_at,
        acknowledged_at=incident.acknowledged_at,
        contained_at=incident.contained_at,
        reviewed_at=incident.reviewed_at,
        responders=incident.responders,
        services=incident.services,
        user_impact=incident.user_impact,
        business_impact=incident.business_impact,
        root_cause=incident.root_cause,
        contributing=incident.contributing,
        whys=incident.whys,
        went_well=incident.went_well,
        went_badly=incident.went_badly,
        lessons=incident.lessons,
        procedures_updated=incident.procedures_updated,
        merged_into=incident.merged_into,
        timeline=[schemas.TimelineView.model_validate(entry) for entry in service.timeline_of(db, incident.id)],
        alerts=[schemas.LinkedAlert.model_validate(alert) for alert in service.alerts_of(db, incident.id)],
        actions=[action_view(action, now) for action in actions],
        evidence=[schemas.EvidenceView.model_validate(found) for found in service.evidence_of(db, incident.id)],
        missing_to_close=missing_to_close(incident, [(action.owner, action.due) for action in actions]),
        next_statuses=[status for status in Status if may_move(old, status, recovered=recovered)],
        message_fields=service.known_fields(incident),
    )


def action_view(action: ActionItem, now: datetime) -> schemas.ActionView:
    return schemas.ActionView(
        id=action.id,
        text=action.text,
        owner=action.owner,
        due=action.due,
        done_at=action.done_at,
        overdue=action.done_at is None and action.due < now,
    )


def page(db: Db, now: datetime, *, only_open: bool, cursor: str | None, limit: int) -> schemas.IncidentPage:
    rows, next_cursor = service.page(db, only_open=only_open, cursor=cursor, limit=limit)
    recent = service.detected_since(db, now - _MEANS_OVER)
    recovered = [incident.recovered_at for incident in recent if incident.recovered_at is not None]
    reviews, actions = service.overdue(db, now)
    return schemas.IncidentPage(
        items=[item(row, now) for row in rows],
        next_cursor=next_cursor,
        means=schemas.MeansView.model_validate(means([figures(incident, now) for incident in recent])),
        last_recovered_at=max(recovered, default=None),
        reviews_overdue=reviews,
        actions_overdue=actions,
    )


def template(of: Template) -> schemas.MessageTemplate:
    return schemas.MessageTemplate(
        id=of.id, title=of.title, audience=of.audience, subject=of.subject, body=of.body, fields=list(of.fields)
    )
