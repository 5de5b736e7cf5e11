"""Alerts as people see them."""

import statistics
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session as Db
from sqlalchemy.orm import defer

from app.operations.alerts import service
from app.operations.alerts.engine import Phase
from app.operations.alerts.models import Alert, MaintenanceWindow
from app.operations.alerts.rules import BY_ID, FAILED, SILENT_IN_MAINTENANCE, Rule
from app.operations.alerts.schemas import (
    AlertCall,
    AlertDetail,
    AlertEventView,
    AlertItem,
    MaintenanceView,
    ResponseFigures,
    RuleView,
)
from app.operations.oncall.escalation import ACKNOWLEDGE_WITHIN
from app.operations.terms import Kind, Priority


def items(rows: Sequence[Alert]) -> list[AlertItem]:
    return [AlertItem(**_fields(row)) for row in rows]


def detail(db: Db, row: Alert) -> AlertDetail:
    events = service.events_of(db, row.id)
    told = [AlertEventView(at=event.at, what=event.what, by=event.by, text=event.text) for event in events]
    return AlertDetail(**_fields(row), evidence=row.evidence, events=told)


def _calls(row: Alert) -> list[AlertCall]:
    called = [
        AlertCall(level=int(key[1]), reminder=key.endswith("-reminder"), **call)  # "L2" is the second column
        for key, call in row.levels.items()
    ]
    return sorted(called, key=lambda call: (call.at, call.level))


def _fields(row: Alert) -> dict[str, object]:
    rule = BY_ID.get(row.rule)
    answered = None
    if row.acknowledged_at is not None and row.answer_by is not None:
        answered = row.acknowledged_at <= row.answer_by
    return {
        "id": row.id,
        "rule": row.rule,
        "title": row.title,
        "component": row.component,
        "priority": Priority(row.priority),
        "kind": Kind(row.kind),
        "phase": Phase(row.phase),
        "words": str(row.evidence.get("words", "")),
        "value": row.last_value,
        "unit": rule.unit if rule else "",
        "pending_at": row.pending_at,
        "fired_at": row.fired_at,
        "acknowledged_at": row.acknowledged_at,
        "acknowledged_by": row.acknowledged_by,
        "answer_by": row.answer_by,
        "answered_in_time": answered,
        "resolved_at": row.resolved_at,
        "resolved_by": row.resolved_by,
        "silenced": row.silenced,
        "inhibited": row.inhibited,
        "flaps": row.flaps,
        "incident_id": row.incident_id,
        "calls": _calls(row),
        "what_to_do": rule.what_to_do if rule else "",
        "runbook": rule.runbook if rule else "",
    }


def rule_view(rule: Rule) -> RuleView:
    return RuleView(
        id=rule.id,
        title=rule.title,
        kind=rule.kind,
        priorities=[step.priority for step in rule.steps],
        condition=condition(rule),
        over=over(rule),
        what_to_do=rule.what_to_do,
        runbook=rule.runbook,
        silent_in_maintenance=rule.id in SILENT_IN_MAINTENANCE,
    )


def condition(rule: Rule) -> str:
    """When a rule fires, as a sentence."""
    signal = rule.signal.replace("_", " ")
    if rule.steps[0].limit == FAILED:
        what = f"{rule.steps[0].priority.upper()} when {signal} fails"
    else:
        than = ("≤" if rule.at_limit else "<") if rule.falling else ("≥" if rule.at_limit else ">")
        what = ", ".join(
            f"{step.priority.upper()} when {signal} {than} {_amount(step.limit, rule.unit)}" for step in rule.steps
        )
    often = f", {rule.samples} times in a row" if rule.samples > 1 else ""
    return f"{what}{often}{_for(rule.hold)}."


def over(rule: Rule) -> str:
    """When a rule's alert is over, as a sentence."""
    if rule.manual:
        return "When a person says so."
    if rule.steps[0].limit == FAILED:
        good = "When it works again"
    else:
        good = f"At {_amount(rule.clear, rule.unit)} or {'more' if rule.falling else 'less'}"
    often = f", {rule.clear_samples} times in a row" if rule.clear_samples > 1 else ""
    return f"{good}{often}{_for(rule.clear_hold)}."


def _amount(value: float, unit: str) -> str:
    return f"{value:.0%}" if unit == "share" else f"{value:g} {unit}".strip()


def _for(span: timedelta) -> str:
    return f" for {span.total_seconds() / 60:g} min" if span else ""


def window_view(window: MaintenanceWindow, now: datetime) -> MaintenanceView:
    return MaintenanceView(
        id=window.id,
        starts_at=window.starts_at,
        ends_at=window.ends_at,
        rules=window.rules,
        reason=window.reason,
        made_by=window.made_by,
        ended_by=window.ended_by,
        in_force=window.starts_at <= now < window.ends_at,
    )


def response_figures(db: Db, now: datetime) -> list[ResponseFigures]:
    """How fast people answered in the last 30 days. An alert that ended unanswered within its time counts for nobody."""
    fired = select(Alert).where(Alert.fired_at >= now - timedelta(days=30))
    rows = db.scalars(fired.options(defer(Alert.evidence))).all()
    figures = []
    for priority in Priority:
        limit = ACKNOWLEDGE_WITHIN[priority].total_seconds()
        mine = [row for row in rows if row.priority == priority]
        late = [
            (row.acknowledged_at - row.answer_by).total_seconds()
            for row in mine
            if row.acknowledged_at is not None and row.answer_by is not None
        ]
        waits = [max(0.0, limit + seconds) for seconds in late]
        figures.append(
            ResponseFigures(
                priority=priority,
                limit_seconds=limit,
                fired=len(mine),
                answered=len(waits),
                in_time=sum(wait <= limit for wait in waits),
                median_seconds=statistics.median(waits) if waits else None,
            )
        )
    return figures
