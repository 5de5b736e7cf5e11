"""Use cases of alerts: evaluate and store, acknowledge, resolve, silence, plan maintenance."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.kit import clock
from app.kit.ids import new_id
from app.kit.pagination import make_cursor, read_cursor
from app.kit.problems import Conflict, Invalid, NotFound
from app.operations.alerts import engine
from app.operations.alerts.engine import ACTIVE, REOPEN, Change, Mute, Phase, Sample, State
from app.operations.alerts.models import Alert, AlertEvent, MaintenanceWindow, Silence
from app.operations.alerts.rules import BY_ID
from app.operations.alerts.schemas import NewMaintenance, NewSilence
from app.operations.incidents import alerted
from app.operations.incidents import service as incidents
from app.operations.oncall.duty import business_hours
from app.operations.oncall.escalation import acknowledge_by
from app.operations.terms import Priority
from app.telemetry import metrics
from app.telemetry.logs import get_logger
from app.telemetry.redaction import redact

ENGINE = "fossawork"
LONGEST_SILENCE = timedelta(days=7)
LONGEST_MAINTENANCE = timedelta(hours=12)
_COLUMNS = (
    *("priority", "phase", "pending_at", "fired_at", "acknowledged_at", "acknowledged_by", "resolved_at"),
    *("resolved_by", "silenced", "inhibited", "bad_samples", "good_samples", "good_since", "last_sample_at"),
    *("last_value", "flaps"),
)
# The keys of calls that can be due once more when an alert comes back.
_LEVELS = ("L1", "L2", "L3", "L1-reminder")
log = get_logger("backend")


class NotFiring(Conflict):
    code = "not_firing"
    title = "This alert does not fire"


# --- evaluation -------------------------------------------------------------------------------------------------------


def evaluate(
    db: Db, samples: Iterable[Sample], *, now: datetime | None = None, rule: str | None = None
) -> list[Change]:
    """One round: what the samples change is stored, told in the log and in incidents. The caller commits, then calls people.
    ``now``: the instant of a round in the past (the watcher tells of a time when nobody listened); ``rule``: the only one it
    is about, as what was muted then says nothing of the others now."""
    past, now = now, now or clock.now()
    open_rows = list(db.scalars(select(Alert).where(Alert.phase != Phase.resolved.value)))
    ended = db.scalars(select(Alert).where(Alert.phase == Phase.resolved.value, Alert.resolved_at >= now - REOPEN))
    rows = {row.id: row for row in open_rows}
    recent_rows = {(row.rule, row.component): row for row in ended}
    states, changes = engine.evaluate(
        now,
        samples,
        [state_of(row) for row in open_rows],
        recent={key: state_of(row) for key, row in recent_rows.items()},
        mutes=mutes(db, now),
        new_id=new_id,
    )
    kept = {state.id for state in states}
    for row in open_rows:
        if row.id not in kept and rule in (
            None,
            row.rule,
        ):  # it was over before it counted, or goes on as it was before
            db.delete(row)
    db.flush()
    rows |= {row.id: row for row in recent_rows.values()}
    ends = {row.id: state_of(row) for row in recent_rows.values()}
    changes = [change for change in changes if rule in (None, change.state.rule)]
    for state in states:
        if rule in (None, state.rule):
            _store(db, rows.get(state.id), state)
    for change in changes:
        _settle(db, change, ends.get(change.state.id), now, past)
    db.flush()
    _count(states)
    return changes


def state_of(row: Alert) -> State:
    known = {name: getattr(row, name) for name in _COLUMNS}
    return State(
        id=row.id,
        rule=row.rule,
        component=row.component,
        evidence=row.evidence,
        **{**known, "phase": Phase(row.phase), "priority": Priority(row.priority)},
    )


def _store(db: Db, row: Alert | None, state: State) -> Alert:
    if row is None:
        rule = BY_ID[state.rule]
        row = Alert(id=state.id, rule=state.rule, component=state.component, kind=rule.kind.value, title=rule.title)
        row.levels = {}
        db.add(row)
    for name in _COLUMNS:
        setattr(row, name, getattr(state, name))
    row.priority, row.phase = state.priority.value, state.phase.value
    row.evidence = redact(dict(state.evidence))
    db.flush()
    return row


def _settle(db: Db, change: Change, ended: State | None, now: datetime, past: datetime | None) -> None:
    """What follows from a change, but for calling people: its event, its log line, its incident. ``ended``: the alert as it was
    over, of one that is back; ``past``: when it was."""
    state = change.state
    row = db.get(Alert, state.id)
    if row is None or change.what in ("pending", "dropped"):
        return
    tell(db, row, change.what, ENGINE, change.words, past)
    if change.what == "unsilenced":
        row.evidence = {**row.evidence, "was_silenced": change.words}
    if change.what in ("fired", "raised"):
        row.levels = {}  # it calls people from the first level on
        _call_from(db, row, now)
    if change.what == "again":
        _call_back(db, row, ended, now)
    if change.what in ("unsilenced", "uninhibited"):
        _call_from(db, row, now)  # nobody was told meanwhile: nobody can have failed to answer
    if change.what in ("fired", "again", "raised", "uninhibited") and state.inhibited is None:
        # What another alert explains is part of that one's trouble, and does not keep it open either.
        incident = alerted.link_alert(
            db, row, detected_at=(state.fired_at or now) if change.what != "uninhibited" else now
        )
        if incident is not None:
            words = f"{row.title} ({row.component}): {change.words}"
            incidents.note(db, incident, "alert", ENGINE, words, past, alert=row.id)
    if change.what == "resolved":
        # It has worked again since the first of the good samples, not since there were enough of them.
        _incident_of_resolved(db, row, state.good_since or state.resolved_at or now)


def _call_back(db: Db, row: Alert, ended: State | None, now: datetime) -> None:
    """It is back. The first return calls people from the first level on, as does one that is worse, or of which nobody was told.
    Of the later ones only that which makes it a flapping one tells the first level once more; the clock of those who were called
    goes on. Where somebody had answered or ended it, they take it for mended: people are told, and the time to answer begins anew."""
    if ended is None or not row.levels or row.flaps == 1 or row.priority < ended.priority:
        row.levels = {}
        _call_from(db, row, now)
        return
    due = {"L1"} if row.flaps == engine.FLAPS else set()
    if ended.acknowledged_at is not None or ended.resolved_by != engine.BY_ITSELF:
        _call_from(db, row, now)
        due |= row.levels.keys()
    # Under another key it is known who was called, and the level can be called again.
    row.levels = {
        f"{key}-{row.flaps}" if key in due and key in _LEVELS else key: call for key, call in row.levels.items()
    }


def _call_from(db: Db, row: Alert, now: datetime) -> None:
    """People are called from now on. By when they have to answer is settled by the business hours of this moment."""
    rule = BY_ID[row.rule]
    row.callable_since = now
    row.answer_by = acknowledge_by(
        Priority(row.priority), rule.kind, now, business_hours(db), customer_facing=rule.customer_facing
    )


def _incident_of_resolved(db: Db, row: Alert, at: datetime) -> None:
    if row.incident_id is None:
        return
    incident = incidents.find(db, row.incident_id)
    incidents.note(db, incident, "alert", row.resolved_by or ENGINE, f"Over: {row.title} ({row.component})")
    alerted.alerts_over(db, incident, at)


def tell(db: Db, row: Alert, what: str, by: str, words: str, at: datetime | None = None) -> None:
    """Appends to the alert's story, and writes the log line that every change has (R59). ``at``: when it was, if not now."""
    db.add(AlertEvent(alert_id=row.id, at=at or clock.now(), what=what, by=by, text=words))
    urgent = what in ("fired", "again", "raised") and row.priority == Priority.p1.value
    (log.error if urgent else log.info)(
        f"alert.{what}",
        alert_id=row.id,
        rule=row.rule,
        part=row.component,
        priority=row.priority,
        by=by,
        message=f"{row.title} ({row.component}), {what}: {words}",
    )


def _count(states: Sequence[State]) -> None:
    for priority in Priority:
        count = sum(state.phase in ACTIVE and state.priority is priority for state in states)
        metrics.ALERTS.labels(priority.value).set(count)


def mutes(db: Db, now: datetime) -> list[Mute]:
    """The silences and maintenance windows that are in force."""
    found = [
        Mute(
            frozenset({silence.rule}),
            silence.component,
            f"silenced until {silence.ends_at:%d %b %H:%M} UTC by {silence.made_by}: {silence.comment}",
        )
        for silence in db.scalars(select(Silence).where(Silence.starts_at <= now, Silence.ends_at > now))
    ]
    return found + [
        Mute(frozenset(window.rules), None, f"maintenance until {window.ends_at:%H:%M} UTC: {window.reason}")
        for window in windows_in_force(db, now)
    ]


# --- what people do ---------------------------------------------------------------------------------------------------


def find(db: Db, alert_id: str, *, lock: bool = True) -> Alert:
    """``lock``: it is going to be changed, and nobody else changes it meanwhile."""
    row = db.get(Alert, alert_id, with_for_update=lock, populate_existing=True)
    if row is None:
        raise NotFound("There is no such alert.", "Look at the list of alerts.")
    return row


def acknowledge(db: Db, alert_id: str, by: str, at: datetime | None = None) -> Alert:
    """Somebody looks after it. A second person's word changes nothing; :class:`NotFiring` when it is over."""
    row = find(db, alert_id)
    when = at or clock.now()
    if row.phase == Phase.acknowledged.value:
        return row
    state, change = engine.acknowledge(state_of(row), when, by)
    if change is None:
        raise NotFiring("The alert is over, or does not count yet.", "Nothing has to be done.")
    _store(db, row, state)
    tell(db, row, "acknowledged", by, change.words)
    if row.incident_id is not None:
        incidents.acknowledged(db, incidents.find(db, row.incident_id), when, by)
    return row


def note_acknowledged(db: Db, row: Alert, at: datetime, by: str) -> None:
    """Somebody had acknowledged it at an instant in the past, perhaps before it was over."""
    row.acknowledged_at, row.acknowledged_by = at, by
    if row.phase == Phase.firing.value:
        row.phase = Phase.acknowledged.value
    tell(db, row, "acknowledged", by, f"{by} looks after it.", at)
    if row.incident_id is not None:
        incidents.acknowledged(db, incidents.find(db, row.incident_id), at, by)


def resolve(db: Db, alert_id: str, by: str, words: str) -> Alert:
    """A person says that it is over. If it is not, the next bad sample fires it again."""
    row = find(db, alert_id)
    if Phase(row.phase) not in ACTIVE:
        raise NotFiring("The alert is over, or does not count yet.", "Nothing has to be done.")
    state, change = engine.resolve(state_of(row), clock.now(), by, words)
    _store(db, row, state)
    tell(db, row, "resolved", by, words or change.what)
    _incident_of_resolved(db, row, clock.now())
    return row


def silence(db: Db, wish: NewSilence, by: str) -> Silence:
    now = clock.now()
    if wish.rule not in BY_ID:
        raise Invalid(f"There is no rule {wish.rule}.", f"The rules are {', '.join(BY_ID)}.")
    if not now < wish.ends_at <= now + LONGEST_SILENCE:
        raise Invalid("A silence ends within seven days from now.", "Choose an earlier end; it can be made anew.")
    made = Silence(
        id=new_id(),
        rule=wish.rule,
        component=wish.component,
        starts_at=now,
        ends_at=wish.ends_at,
        comment=wish.comment,
        made_by=by,
        made_at=now,
    )
    db.add(made)
    db.flush()
    log.warning("alert.silence_made", rule=made.rule, part=made.component, until=made.ends_at.isoformat(), by=by)
    return made


def end_silence(db: Db, silence_id: str, by: str) -> None:
    known = db.get(Silence, silence_id)
    if known is None:
        raise NotFound("There is no such silence.", "Look at the list of silences.")
    known.ends_at = min(known.ends_at, clock.now())
    log.warning("alert.silence_ended", rule=known.rule, by=by)


def silences(db: Db, now: datetime) -> list[Silence]:
    return list(db.scalars(select(Silence).where(Silence.ends_at > now).order_by(Silence.ends_at)))


def plan_maintenance(db: Db, wish: NewMaintenance, by: str) -> MaintenanceWindow:
    """Declares planned work. It must lie ahead and be bounded: an outage cannot be called planned afterwards."""
    now = clock.now()
    if wish.starts_at < now - timedelta(minutes=1):
        raise Invalid("Planned work is declared before it begins.", "Choose a beginning from now on.")
    if not timedelta() < wish.ends_at - wish.starts_at <= LONGEST_MAINTENANCE:
        raise Invalid("Planned work takes at most 12 hours.", "Choose a shorter time; plan the rest apart.")
    unknown = [rule for rule in wish.rules if rule not in BY_ID]
    if unknown:
        raise Invalid(f"There is no rule {unknown[0]}.", f"The rules are {', '.join(BY_ID)}.")
    window = MaintenanceWindow(
        id=new_id(),
        starts_at=max(wish.starts_at, now),
        ends_at=wish.ends_at,
        rules=wish.rules,
        reason=wish.reason,
        made_by=by,
        made_at=now,
        ended_by=None,
    )
    db.add(window)
    db.flush()
    log.warning(
        "maintenance.planned",
        starts=window.starts_at.isoformat(),
        ends=window.ends_at.isoformat(),
        rules=window.rules,
        reason=window.reason,
        by=by,
    )
    return window


def end_maintenance(db: Db, window_id: str, by: str) -> None:
    """Ends it early, or calls it off before it began."""
    window = db.get(MaintenanceWindow, window_id)
    if window is None:
        raise NotFound("There is no such maintenance window.", "Look at the list.")
    now = clock.now()
    if window.ends_at <= now:
        raise Conflict("This maintenance is over.", "Nothing has to be done.")
    window.ends_at, window.ended_by = max(now, window.starts_at), by
    log.warning("maintenance.ended", window_id=window.id, by=by)


def windows_in_force(db: Db, at: datetime) -> list[MaintenanceWindow]:
    query = select(MaintenanceWindow).where(MaintenanceWindow.starts_at <= at, MaintenanceWindow.ends_at > at)
    return list(db.scalars(query))


def windows(db: Db, now: datetime) -> list[MaintenanceWindow]:
    """Those that are in force or to come, and those of the last 30 days."""
    query = select(MaintenanceWindow).where(MaintenanceWindow.ends_at > now - timedelta(days=30))
    return list(db.scalars(query.order_by(MaintenanceWindow.starts_at.desc())))


# --- lists ------------------------------------------------------------------------------------------------------------


def firing(db: Db) -> list[Alert]:
    query = select(Alert).where(Alert.phase.in_([phase.value for phase in ACTIVE]))
    places = {rule_id: place for place, rule_id in enumerate(BY_ID)}
    return sorted(
        db.scalars(query),
        key=lambda row: (row.priority, row.fired_at or row.pending_at, places.get(row.rule, 0), row.id),
    )


def pending(db: Db) -> list[Alert]:
    return list(db.scalars(select(Alert).where(Alert.phase == Phase.pending.value).order_by(Alert.pending_at)))


def over(db: Db, cursor: str | None, limit: int) -> tuple[list[Alert], str | None]:
    query = select(Alert).where(Alert.phase == Phase.resolved.value).order_by(Alert.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Alert.id < read_cursor(cursor, str)[0])
    rows = list(db.scalars(query))
    return rows[:limit], make_cursor(rows[limit - 1].id) if len(rows) > limit else None


def events_of(db: Db, alert_id: str) -> list[AlertEvent]:
    query = select(AlertEvent).where(AlertEvent.alert_id == alert_id)
    return list(db.scalars(query.order_by(AlertEvent.at, AlertEvent.id)))
