"""What alerts do to incidents: open them, make them worse, take them up again, and end them."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session as Db

from app.kit import clock
from app.operations.alerts.engine import REOPEN
from app.operations.alerts.models import Alert
from app.operations.incidents.lifecycle import CADENCE, REVIEW_WITHIN, Status
from app.operations.incidents.models import Incident, TimelineEntry
from app.operations.incidents.service import OPEN, SYSTEM, called_no_more, find, note, open_incident, reweigh
from app.operations.terms import Kind, Priority
from app.telemetry.logs import get_logger

log = get_logger("backend")


def link_alert(db: Db, alert: Alert, *, detected_at: datetime) -> Incident | None:
    """Puts a firing P1 or P2 alert into the open incident of its kind, or into its own that was over just now, or opens one; a
    worse alert makes it worse."""
    if alert.priority not in ("p1", "p2"):
        return None
    of_kind = select(Incident).where(Incident.kind == alert.kind, Incident.status.in_(OPEN))
    its_own = Incident.id == (alert.incident_id or "")  # before a newer one of its kind
    query = of_kind.order_by(its_own.desc(), Incident.id.desc())
    incident = db.scalars(query.limit(1).with_for_update()).first() or _taken_up_again(db, alert)
    if incident is None:
        incident = open_incident(
            db,
            title=alert.title,
            priority=Priority(alert.priority),
            kind=Kind(alert.kind),
            by=SYSTEM,
            started_at=alert.pending_at,
            detected_at=detected_at,
        )
    elif alert.priority < incident.priority:
        note(db, incident, "event", SYSTEM, f"Priority: {incident.priority} → {alert.priority}")
        incident.priority = alert.priority
        reweigh(db, incident, None)
    alert.incident_id = incident.id
    if alert.component not in incident.services:
        incident.services = [*incident.services, alert.component]
    return incident


def _taken_up_again(db: Db, alert: Alert) -> Incident | None:
    """The alert's own incident, which was over within :data:`REOPEN` and is not any more; ``None``: there is no such one. What was
    closed, or was no incident, stays so."""
    incident = find(db, alert.incident_id) if alert.incident_id is not None else None
    if incident is None or incident.status not in (Status.resolved, Status.reviewed):
        return None
    moved = select(func.max(TimelineEntry.at)).where(
        TimelineEntry.incident_id == incident.id, TimelineEntry.kind == "status"
    )
    over_at = db.scalar(moved) or incident.recovered_at
    now = clock.now()
    if over_at is None or now - over_at > REOPEN:
        return None
    status = Status.declared if incident.acknowledged_at is None else Status.acknowledged
    incident.status = status.value
    incident.recovered_at = incident.review_due_at = incident.reviewed_at = None
    incident.next_update_at = now + CADENCE[incident.priority]
    note(db, incident, "status", SYSTEM, f"It is back: {alert.title} ({alert.component})")
    log.warning("incident.taken_up", incident_id=incident.id, alert_id=alert.id)
    return incident


def alerts_over(db: Db, incident: Incident, at: datetime) -> bool:
    """When the last alert of an incident is over, it has recovered; answers whether that is so now. What a person opened may be
    about more than alerts see, so that a person says when it is over."""
    still = db.scalar(
        select(func.count())
        .select_from(Alert)
        .where(Alert.incident_id == incident.id, Alert.phase.in_(("firing", "acknowledged")))
    )
    if still or incident.status not in OPEN:
        return False
    if incident.opened_by != SYSTEM:
        note(db, incident, "alert", SYSTEM, "All its alerts are over. Is the incident?")
        return False
    incident.recovered_at = incident.recovered_at or at
    incident.status = Status.resolved.value
    incident.review_due_at = incident.recovered_at + REVIEW_WITHIN
    incident.next_update_at = None
    called_no_more(db, incident)
    note(db, incident, "status", SYSTEM, "All its alerts are over: recovered.")
    log.info("incident.recovered", incident_id=incident.id)
    return True
