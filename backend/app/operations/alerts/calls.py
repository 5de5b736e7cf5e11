"""Calling people about alerts: who is due to be told now, in which words, and never twice.

The escalation clock is ``oncall/escalation.py``; messages go into the outbox in the transaction that notes that they do.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session as Db

from app.database import get_operations_database
from app.kit import clock
from app.notifications import service as notifications
from app.notifications.message import Urgency
from app.operations.alerts import service
from app.operations.alerts.engine import BY_ITSELF, FLAPS, REOPEN, Change, Phase
from app.operations.alerts.models import Alert
from app.operations.alerts.rules import BY_ID
from app.operations.incidents import service as incidents
from app.operations.oncall.duty import business_hours
from app.operations.oncall.escalation import Role, Step, outlook
from app.operations.oncall.service import Reach, recipients, recipients_named
from app.operations.terms import Kind, Priority
from app.telemetry.logs import get_logger

# P2 and P3 wait so long for others of their kind, to be told in one message. P1 waits for nobody.
GROUP_WAIT = timedelta(seconds=30)
# More messages than this within the window become a digest (operations spec §4.5). Never for P1.
STORM, STORM_WINDOW = 20, timedelta(minutes=10)
log = get_logger("backend")
_Due = tuple[Alert, Step]


def about(alert: Alert) -> str:
    return f"alert:{alert.id}"


def call(db: Db, changes: Sequence[Change]) -> int:
    """Asks for every message that is due now; answers how many steps were taken. ``changes``: of the evaluation before."""
    now = clock.now()
    for change in changes:
        if change.what == "resolved":
            ended(db, db.get_one(Alert, change.state.id))
        if change.what == "again":
            back(db, db.get_one(Alert, change.state.id))
    hours = business_hours(db)
    due: list[_Due] = []
    for alert in service.firing(db):
        if alert.silenced is not None or alert.inhibited is not None or alert.fired_at is None:
            continue
        rule = BY_ID.get(alert.rule)
        priority = Priority(alert.priority)
        if priority is not Priority.p1 and now - alert.fired_at < GROUP_WAIT:
            continue
        found = outlook(
            now,
            priority,
            Kind(alert.kind),
            alert.callable_since or alert.fired_at,
            alert.acknowledged_at,
            alert.resolved_at,
            alert.levels.keys(),
            hours,
            customer_facing=rule is not None and rule.customer_facing,
        )
        due += [(alert, step) for step in found.due]
    for group in _groups(due):
        _send(db, group, now)
    return len(due)


def _groups(due: Sequence[_Due]) -> list[list[_Due]]:
    """What is told in one message: P1 each alone; of the others what has the same priority, kind and level."""
    groups: dict[tuple[str, ...], list[_Due]] = defaultdict(list)
    for alert, step in due:
        alone = (alert.id,) if alert.priority == Priority.p1.value else ()
        groups[alert.priority, alert.kind, step.key, *alone].append((alert, step))
    return [groups[key] for key in sorted(groups)]


def _send(db: Db, group: Sequence[_Due], now: datetime) -> None:
    first, step = group[0]
    urgent = first.priority == Priority.p1.value
    reach = recipients(db, step.role, now, page=_page(step.key))
    storm = not urgent and notifications.asked_since(db, "alert", now - STORM_WINDOW) >= STORM
    if storm:
        window = int(now.timestamp()) // int(STORM_WINDOW.total_seconds())
        key = f"storm:{window}:{step.role.value}:{first.priority}"  # what is more urgent is told on its own
        subject = "Many alerts at once"
        body = (
            "More than 20 messages about alerts were due within 10 minutes. Look at Operations, Alerts for all of them."
        )
    else:
        fired = max((alert.fired_at or now).isoformat() for alert, _ in group)
        names = ",".join(sorted(alert.id for alert, _ in group)) if len(group) == 1 else _digest(group)
        key = f"alert:{names}:{fired}:{step.key}"
        subject, body = words(group, now)
    notifications.enqueue(
        db,
        dedup_key=key[:200],
        urgency=Urgency(first.priority),
        subject=subject,
        body=body + (f"\n\nNote: {reach.gap}" if reach.gap else ""),
        recipients=reach.recipients,
        about=about(first) if len(group) == 1 and not storm else f"alerts:{first.kind}",
    )
    who = ", ".join(recipient.name for recipient in reach.recipients) or "nobody can be reached"
    for alert, taken in group:
        alert.levels = {**alert.levels, taken.key: called(now, taken.role, reach)}
        text = f"{taken.key}, {taken.role.value.replace('_', ' ')}: {who}. {taken.why}"
        service.tell(db, alert, "called", service.ENGINE, text + (f" {reach.gap}" if reach.gap else ""))
        if alert.incident_id is not None:
            incidents.note(db, incidents.find(db, alert.incident_id), "alert", service.ENGINE, f"Called {text}")


def called(at: datetime, role: Role, reach: Reach | None) -> dict[str, Any]:
    """A call as an alert keeps it, so that it stays known whatever becomes of matrix and rota. ``reach`` ``None``: not known here."""
    told = [recipient.name for recipient in reach.recipients] if reach else None
    return {"at": at.isoformat(), "role": role.value, "told": told, "gap": reach.gap if reach else None}


def _page(key: str) -> int:
    """From the second call on, the secondary is called too."""
    return 1 if key == "L1" else 2


def _digest(group: Sequence[_Due]) -> str:
    return "+".join(sorted(alert.id[-12:] for alert, _ in group))[:120]


def words(group: Sequence[_Due], now: datetime) -> tuple[str, str]:
    """Subject and body. One alert: what, since when, evidence, what to do, the runbook. Several: one line each."""
    first, step = group[0]
    prefix = f"[{first.priority.upper()}]" if step.key == "L1" else f"[ESCALATION] [{first.priority.upper()}]"
    if len(group) > 1:
        lines = [
            f"- {_back(alert)}{alert.title} ({alert.component}): {alert.evidence.get('words', '')}"
            for alert, _ in group
        ]
        return f"{prefix} {len(group)} alerts: {first.title} and others", "\n".join(lines)
    rule = BY_ID.get(first.rule)
    since = first.pending_at
    parts = [
        f"{_back(first)}{first.title} ({first.component}).",
        str(first.evidence.get("words", "")),
        f"Since {since:%Y-%m-%d %H:%M:%S} UTC ({_age(now - since)}). {step.why}",
        f"Incident: {first.incident_id}" if first.incident_id else "",
        f"What to do: {rule.what_to_do}" if rule else "",
        f"Runbook: {rule.runbook}" if rule else "",
        f"It {first.evidence['was_silenced']}." if "was_silenced" in first.evidence else "",
    ]
    return f"{prefix} {_back(first)}{first.title} ({first.component})", "\n\n".join(part for part in parts if part)


def _back(alert: Alert) -> str:
    """What is said first of an alert that was over."""
    if alert.flaps >= FLAPS:
        return f"It keeps coming back ({alert.flaps} times): "
    return "It is back: " if alert.flaps else ""


def _age(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    return f"for {minutes} min" if minutes else "just now"


def back(db: Db, alert: Alert) -> None:
    """It is not over after all: who was to be told so is not."""
    notifications.withdraw(db, about(alert), clock.now())


def ended(db: Db, alert: Alert) -> None:
    """Nothing more is sent about it, and whoever was called is told that it is over, also who has handed the duty over since. Of
    what has come back before they are told when it stays away."""
    now = clock.now()
    notifications.withdraw(db, about(alert), now)
    told = recipients_named(db, {name for call in alert.levels.values() for name in call["told"] or ()})
    if not told:
        return
    lasted = (alert.resolved_at or now) - alert.pending_at
    doubtful = alert.flaps > 0 and alert.resolved_by == BY_ITSELF
    notifications.enqueue(
        db,
        dedup_key=f"alert:{alert.id}:{(alert.resolved_at or now).isoformat()}:over"[:200],
        urgency=Urgency.info,
        subject=f"[OVER] {alert.title} ({alert.component})",
        body=f"{alert.title} ({alert.component}) is over after {lasted.total_seconds() / 60:.0f} min.",
        recipients=told,
        about=about(alert),
        not_before=now + REOPEN if doubtful else None,
    )


def acknowledged(db: Db, alert: Alert) -> None:
    """Telephones stop ringing."""
    notifications.withdraw(db, about(alert), clock.now())


def hear_receipts(now: datetime) -> None:
    """Somebody has acknowledged an alert or an incident on their telephone: that counts as here."""
    for found in notifications.poll_receipts(now):
        kind, _, id_ = found.about.partition(":")
        if kind not in ("alert", incidents.CALL):
            continue
        with get_operations_database().write() as db:
            if kind == incidents.CALL:
                incidents.acknowledged(db, incidents.find(db, id_), found.at, found.by)
                continue
            alert = db.get(Alert, id_)
            if alert is not None and alert.phase == Phase.firing.value:
                service.acknowledge(db, id_, found.by, found.at)
                acknowledged(db, alert)
