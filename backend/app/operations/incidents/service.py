"""Use cases of incidents."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session as Db

from app.database import Only, hold
from app.kit import clock
from app.kit.ids import new_id
from app.kit.pagination import make_cursor, read_cursor
from app.kit.problems import Conflict, Invalid, NotFound
from app.notifications import service as notifications
from app.notifications.message import Urgency
from app.operations.alerts.models import Alert
from app.operations.incidents.lifecycle import (
    CADENCE,
    OVER,
    REVIEW_WITHIN,
    STAMPS,
    Status,
    may_move,
    missing_to_close,
    next_id,
)
from app.operations.incidents.models import ActionItem, Evidence, Incident, TimelineEntry
from app.operations.incidents.schemas import IncidentChange, IncidentMove, IncidentUpdate, NewAction, NewIncident
from app.operations.incidents.templates import BY_ID, Rendered, render
from app.operations.oncall.escalation import MATRIX
from app.operations.oncall.service import recipients_for
from app.operations.terms import Kind, Priority
from app.telemetry.logs import get_logger
from app.telemetry.redaction import redact_text

SYSTEM = "fossawork"
# What a message is about that calls people to an incident, before the incident's id: apart from its updates, which an
# acknowledgement does not make unnecessary.
CALL = "incident-call"
OPEN = [status.value for status in Status if status not in (*OVER, Status.resolved, Status.reviewed)]
_TEXTS = ("user_impact", "business_impact", "root_cause", "contributing", "went_well", "went_badly", "lessons")
log = get_logger("backend")


class NotClosable(Conflict):
    code = "not_closable"
    title = "This incident cannot be closed yet"


class NoSuchMove(Conflict):
    code = "no_such_move"
    title = "An incident only moves forward"


class NotRecovered(Conflict):
    code = "not_recovered"
    title = "This incident is not over yet"


def open_incident(
    db: Db,
    *,
    title: str,
    priority: Priority,
    kind: Kind,
    by: str,
    started_at: datetime | None = None,
    detected_at: datetime | None = None,
    user_impact: str = "",
) -> Incident:
    """Opens an incident; ``detected_at`` may lie in the past when somebody else (the watcher) saw it first."""
    now = clock.now()
    detected = detected_at or now
    hold(db, Only.incident_number)  # two of one moment get two numbers
    taken = db.scalars(select(Incident.id).where(Incident.id.like(f"INC-{detected:%Y%m%d}-%"))).all()
    incident = Incident(
        id=next_id(detected, taken),
        title=redact_text(title),
        priority=priority.value,
        worst_priority=priority.value,
        kind=kind.value,
        status=Status.declared.value,
        opened_by=by,
        started_at=min(started_at or detected, detected),
        detected_at=detected,
        declared_at=now,
        responders=[],
        services=[],
        user_impact=redact_text(user_impact),
        business_impact="",
        root_cause="",
        contributing="",
        whys=[],
        went_well="",
        went_badly="",
        lessons="",
        procedures_updated="",
        next_update_at=now + CADENCE[priority],
    )
    db.add(incident)
    db.flush()
    note(db, incident, "event", by, f"Declared as {priority.upper()}: {incident.title}")
    log.warning("incident.opened", incident_id=incident.id, priority=priority.value, kind=kind.value)
    return incident


def create(db: Db, wish: NewIncident, by: str) -> Incident:
    """A person opens an incident. What an alert opens calls nobody by itself: the alert does."""
    if wish.started_at is not None and wish.started_at > clock.now():
        raise Invalid("The trouble cannot have begun in the future.", "Correct the time and try again.")
    incident = open_incident(
        db,
        title=wish.title,
        priority=wish.priority,
        kind=wish.kind,
        by=by,
        started_at=wish.started_at,
        user_impact=wish.user_impact,
    )
    _call(db, incident, by)
    return incident


def _call(db: Db, incident: Incident, by: str) -> None:
    """Calls the first level of its kind, once for each priority; a P3 can be looked at in the list."""
    if incident.priority == Priority.p3.value:
        return
    reach = recipients_for(db, Kind(incident.kind), 1, clock.now())
    lines = [
        f"{incident.title}.",
        f"{by} declared it as {incident.priority.upper()}, {incident.kind.replace('_', ' ')}.",
        f"Since {incident.started_at:%Y-%m-%d %H:%M} UTC.",
        f"Impact on users: {incident.user_impact}" if incident.user_impact else "",
        f"What to do: open incident {incident.id} in Operations, Incidents, and acknowledge it.",
        f"Note: {reach.gap}" if reach.gap else "",
    ]
    notifications.enqueue(
        db,
        dedup_key=f"incident:{incident.id}:declared:{incident.priority}",
        urgency=Urgency(incident.priority),
        subject=f"[{incident.priority.upper()}] Incident {incident.id}: {incident.title}",
        body="\n\n".join(line for line in lines if line),
        recipients=reach.recipients,
        about=f"{CALL}:{incident.id}",
    )
    role = MATRIX[Kind(incident.kind)][0].value.replace("_", " ")
    who = ", ".join(recipient.name for recipient in reach.recipients) or "nobody can be reached"
    note(db, incident, "event", SYSTEM, f"Called L1, {role}: {who}." + (f" {reach.gap}" if reach.gap else ""))


def called_no_more(db: Db, incident: Incident) -> None:
    """Somebody looks after it, or it is over: telephones stop ringing."""
    notifications.withdraw(db, f"{CALL}:{incident.id}", clock.now())


def note(
    db: Db, incident: Incident, kind: str, actor: str, words: str, at: datetime | None = None, **data: object
) -> TimelineEntry:
    """Adds a line to the story, of now or of when it was. Secrets are taken out: stories are sent to many."""
    entry = TimelineEntry(
        incident_id=incident.id, at=at or clock.now(), kind=kind, actor=actor, text=redact_text(words), data=data
    )
    db.add(entry)
    db.flush()
    return entry


def find(db: Db, incident_id: str, *, lock: bool = True) -> Incident:
    """``lock``: it is going to be changed, and nobody else changes it meanwhile."""
    incident = db.get(Incident, incident_id, with_for_update=lock, populate_existing=True)
    if incident is None:
        raise NotFound(f"There is no incident {incident_id}.", "Look at the list of incidents.")
    return incident


def change(db: Db, incident: Incident, wish: IncidentChange, by: str) -> None:
    """Changes what is given, and tells it in the story."""
    if incident.status in OVER:
        raise Conflict("A closed incident is not changed any more.", "Open another one that refers to it.")
    was = incident.priority
    given = wish.model_dump(exclude_unset=True, exclude_none=True, mode="json")
    if given.get("commander") == "":
        given["commander"] = None
    for name, value in given.items():
        old = getattr(incident, name)
        if old == value:
            continue
        setattr(incident, name, redact_text(value) if name in _TEXTS else value)
        if name in ("priority", "kind", "commander", "title"):
            note(db, incident, "event", by, f"{name.capitalize()}: {old or 'nobody'} → {value or 'nobody'}")
    if incident.priority != was:
        reweigh(db, incident, by)


def reweigh(db: Db, incident: Incident, by: str | None) -> None:
    """It has another priority. ``by``: the person who says so; one that is worse than ever before calls people, as a
    declaration of it would have. What an alert makes worse, the alert calls about."""
    incident.next_update_at = clock.now() + CADENCE[incident.priority]
    if incident.priority < incident.worst_priority:  # "p1" sorts before "p2"
        incident.worst_priority = incident.priority
        if by is not None:
            _call(db, incident, by)


def move(db: Db, incident: Incident, wish: IncidentMove, by: str) -> None:
    """Moves an incident on; the times it passes are noted once and stay. :class:`NotClosable` says all that is missing."""
    old, new = Status(incident.status), wish.status
    if not may_move(old, new, recovered=incident.recovered_at is not None):
        if new is Status.reviewed and old not in (*OVER, Status.reviewed):
            raise NotRecovered(
                f"{incident.id} is {old.value} and its recovery is not noted: a review looks back at what is over.",
                "Move it to resolved as soon as it works again, and review it then.",
            )
        raise NoSuchMove(f"{incident.id} is {old.value}; it cannot become {new.value}.", "Look at its present state.")
    if new is Status.merged:
        if not wish.into:
            raise Invalid("It is not said into which incident this one is merged.", "Name the other one.")
        other = find(db, wish.into)
        if other.id == incident.id:
            raise Invalid("An incident cannot be merged into itself.", "Name another one.")
        if other.status in OVER:
            raise Conflict(f"{other.id} is {other.status}: nothing can be merged into it.", "Name one that is open.")
        incident.merged_into = other.id
        db.execute(update(Alert).where(Alert.incident_id == incident.id).values(incident_id=other.id))
        other.worst_priority = min(other.worst_priority, incident.worst_priority)
        other.services = [*other.services, *(part for part in incident.services if part not in other.services)]
        note(db, other, "event", by, f"{incident.id} ({incident.title}) was merged into this one.")
    if new is Status.closed:
        actions = db.scalars(select(ActionItem).where(ActionItem.incident_id == incident.id))
        missing = missing_to_close(incident, [(action.owner, action.due) for action in actions])
        if missing:
            lighter = incident.worst_priority != incident.priority
            was = f" was {incident.worst_priority.upper()} and" if lighter else ""
            raise NotClosable(f"{incident.id}{was} still lacks {', '.join(missing)}.", "Fill these in, then close it.")
    now = clock.now()
    stamp = STAMPS.get(new)
    if stamp is not None and getattr(incident, stamp) is None:
        setattr(incident, stamp, now)
    if new is Status.resolved:
        incident.review_due_at = (incident.recovered_at or now) + REVIEW_WITHIN
    if new in OVER or new in (Status.resolved, Status.reviewed):
        incident.next_update_at = None
    incident.status = new.value
    called_no_more(db, incident)
    words = f"{old.value} → {new.value}" + (f": {wish.note}" if wish.note else "")
    note(db, incident, "status", by, words)
    log.info("incident.moved", incident_id=incident.id, state=new.value, was=old.value)


def send_update(db: Db, incident: Incident, wish: IncidentUpdate, by: str) -> Rendered:
    """Renders a message with what the incident knows, and keeps it in the story; the next one is due after the cadence."""
    message = render(wish.template, {**known_fields(incident), **wish.fields})
    told = _send(db, incident, message) if wish.send else []
    note(
        db,
        incident,
        "update",
        by,
        f"{BY_ID[wish.template].title}: {message.subject}" + (f" (to {', '.join(told)})" if told else ""),
        template=wish.template,
        subject=message.subject,
        body=message.body,
        sent_to=told,
    )
    if incident.next_update_at is not None:
        incident.next_update_at = clock.now() + CADENCE[incident.priority]
    return message


def _send(db: Db, incident: Incident, message: Rendered) -> list[str]:
    """To whoever is called first for incidents of this kind; answers their names. It rings nobody out of bed: the call has."""
    reach = recipients_for(db, Kind(incident.kind), 1, clock.now())
    notifications.enqueue(
        db,
        dedup_key=f"incident:{incident.id}:{new_id()}",
        urgency=Urgency.p2 if incident.priority == Priority.p1.value else Urgency.info,
        subject=message.subject,
        body=message.body,
        recipients=reach.recipients,
        about=f"incident:{incident.id}",
    )
    return [recipient.name for recipient in reach.recipients] or [reach.gap or "nobody can be reached"]


def known_fields(incident: Incident) -> dict[str, str]:
    """The fields of a message that the incident can fill in itself."""
    now = clock.now()
    until = incident.recovered_at or now
    duration = until - incident.started_at
    fields = {
        "incident": incident.id,
        "title": incident.title,
        "priority": incident.priority.upper(),
        "status": incident.status,
        "time": f"{until if incident.recovered_at else now:%Y-%m-%d %H:%M} UTC",
        "started": f"{incident.started_at:%Y-%m-%d %H:%M} UTC",
        "detected": f"{incident.detected_at:%Y-%m-%d %H:%M} UTC",
        "duration": _duration(duration),
        "services": ", ".join(incident.services),
        "user_impact": incident.user_impact,
        "business_impact": incident.business_impact,
        "root_cause": incident.root_cause,
        "commander": incident.commander or "",
        "next_update": f"{now + CADENCE[incident.priority]:%H:%M} UTC",
        "review": f"{incident.review_due_at:%Y-%m-%d}" if incident.review_due_at else "",
    }
    return {name: value for name, value in fields.items() if value}


def _duration(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"


def add_action(db: Db, incident: Incident, wish: NewAction, by: str) -> ActionItem:
    action = ActionItem(
        id=new_id(), incident_id=incident.id, text=redact_text(wish.text), owner=wish.owner, due=wish.due
    )
    db.add(action)
    db.flush()
    note(db, incident, "event", by, f"To be done by {wish.owner}: {wish.text}")
    return action


def finish_action(db: Db, incident: Incident, action_id: str, by: str) -> None:
    action = db.get(ActionItem, action_id)
    if action is None or action.incident_id != incident.id:
        raise NotFound("There is no such action in this incident.", "Look at its actions.")
    if action.done_at is None:
        action.done_at = clock.now()
        note(db, incident, "event", by, f"Done: {action.text}")


def add_evidence(db: Db, incident: Incident, files: Sequence[Evidence], by: str) -> None:
    """Records the files of an evidence pack, and tells it in the story."""
    db.add_all(files)
    note(db, incident, "evidence", by, f"Evidence taken: {len(files)} files")


def acknowledged(db: Db, incident: Incident, at: datetime, by: str) -> None:
    """Somebody looks after it, or after an alert of it: it is acknowledged, and has somebody in charge."""
    called_no_more(db, incident)
    if incident.acknowledged_at is None:
        incident.acknowledged_at = at
    incident.commander = incident.commander or by
    if Status(incident.status) in (Status.detected, Status.declared):
        incident.status = Status.acknowledged.value
        note(db, incident, "status", by, "Acknowledged", at)


# --- lists ------------------------------------------------------------------------------------------------------------


def page(db: Db, *, only_open: bool, cursor: str | None, limit: int) -> tuple[list[Incident], str | None]:
    query = select(Incident).order_by(Incident.id.desc()).limit(limit + 1)
    if only_open:
        query = query.where(Incident.status.not_in([status.value for status in OVER]))
    if cursor is not None:
        query = query.where(Incident.id < read_cursor(cursor, str)[0])
    rows = list(db.scalars(query))
    shown = rows[:limit]
    return shown, make_cursor(shown[-1].id) if len(rows) > limit else None


def count_open(db: Db) -> int:
    query = select(func.count()).select_from(Incident).where(Incident.status.in_(OPEN))
    return db.scalar(query) or 0


def detected_since(db: Db, since: datetime) -> Sequence[Incident]:
    query = select(Incident).where(
        Incident.detected_at >= since, Incident.status.not_in((Status.false_positive.value, Status.merged.value))
    )
    return db.scalars(query).all()


def overdue(db: Db, now: datetime) -> tuple[int, int]:
    """How many reviews and actions should have been done by now."""
    reviews = db.scalar(
        select(func.count())
        .select_from(Incident)
        .where(
            Incident.review_due_at < now,
            Incident.reviewed_at.is_(None),
            Incident.worst_priority.in_(("p1", "p2")),
            Incident.status == Status.resolved.value,
        )
    )
    actions = db.scalar(
        select(func.count()).select_from(ActionItem).where(ActionItem.due < now, ActionItem.done_at.is_(None))
    )
    return reviews or 0, actions or 0


def timeline_of(db: Db, incident_id: str) -> list[TimelineEntry]:
    query = select(TimelineEntry).where(TimelineEntry.incident_id == incident_id)
    return list(db.scalars(query.order_by(TimelineEntry.at, TimelineEntry.id)))


def actions_of(db: Db, incident_id: str) -> list[ActionItem]:
    return list(db.scalars(select(ActionItem).where(ActionItem.incident_id == incident_id).order_by(ActionItem.due)))


def evidence_of(db: Db, incident_id: str) -> list[Evidence]:
    return list(db.scalars(select(Evidence).where(Evidence.incident_id == incident_id).order_by(Evidence.id)))


def alerts_of(db: Db, incident_id: str) -> list[Alert]:
    return list(db.scalars(select(Alert).where(Alert.incident_id == incident_id).order_by(Alert.id)))
