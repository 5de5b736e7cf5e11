"""Routes of alerts, silences and maintenance windows. Operators only."""

from typing import Annotated

from fastapi import APIRouter, Query

from app.accounts.current import OPERATORS_ONLY, Operator
from app.database import OperationsReadSession, OperationsWriteSession
from app.kit import clock
from app.kit.problems import Conflict, Invalid, NotFound, problem_responses
from app.operations.alerts import calls, service, views
from app.operations.alerts.rules import RULES
from app.operations.alerts.schemas import (
    AlertBoard,
    AlertDetail,
    AlertHistory,
    MaintenanceView,
    NewMaintenance,
    NewSilence,
    Resolution,
    RuleView,
    SilenceView,
)
from app.operations.duty import evaluated_at

router = APIRouter(prefix="/api/operations", tags=["alerts"])
_ONE = OPERATORS_ONLY | problem_responses(NotFound, Conflict, Invalid)
Limit = Annotated[int, Query(ge=1, le=100)]


@router.get("/alerts", responses=OPERATORS_ONLY)
def read_alerts(_: Operator, db: OperationsReadSession) -> AlertBoard:
    """What fires now, what may fire soon, and how fast people answered in the last 30 days."""
    return AlertBoard(
        firing=views.items(service.firing(db)),
        pending=views.items(service.pending(db)),
        evaluated_at=evaluated_at(db),
        responses=views.response_figures(db, clock.now()),
    )


@router.get("/alerts/history", responses=OPERATORS_ONLY | problem_responses(Invalid))
def read_alert_history(
    _: Operator, db: OperationsReadSession, cursor: str | None = None, limit: Limit = 50
) -> AlertHistory:
    """Alerts that are over, newest first."""
    rows, next_cursor = service.over(db, cursor, limit)
    return AlertHistory(items=views.items(rows), next_cursor=next_cursor)


@router.get("/alerts/rules", responses=OPERATORS_ONLY)
def read_alert_rules(_: Operator) -> list[RuleView]:
    return [views.rule_view(rule) for rule in RULES]


@router.get("/alerts/{alert_id}", responses=_ONE)
def read_alert(alert_id: str, _: Operator, db: OperationsReadSession) -> AlertDetail:
    return views.detail(db, service.find(db, alert_id, lock=False))


@router.post("/alerts/{alert_id}/acknowledge", responses=_ONE)
def acknowledge_alert(alert_id: str, user: Operator, db: OperationsWriteSession) -> AlertDetail:
    """Takes it on: nobody else is called. Saying it twice changes nothing."""
    row = service.acknowledge(db, alert_id, user.email)
    calls.acknowledged(db, row)
    return views.detail(db, row)


@router.post("/alerts/{alert_id}/resolve", responses=_ONE)
def resolve_alert(alert_id: str, body: Resolution, user: Operator, db: OperationsWriteSession) -> AlertDetail:
    """Says that it is over. If it is not, the next look fires it again."""
    row = service.resolve(db, alert_id, user.email, body.words)
    calls.ended(db, row)
    return views.detail(db, row)


@router.get("/silences", responses=OPERATORS_ONLY)
def read_silences(_: Operator, db: OperationsReadSession) -> list[SilenceView]:
    return [SilenceView.model_validate(row) for row in service.silences(db, clock.now())]


@router.post("/silences", status_code=201, responses=_ONE)
def add_silence(body: NewSilence, user: Operator, db: OperationsWriteSession) -> SilenceView:
    return SilenceView.model_validate(service.silence(db, body, user.email))


@router.delete("/silences/{silence_id}", status_code=204, responses=_ONE)
def end_silence(silence_id: str, user: Operator, db: OperationsWriteSession) -> None:
    service.end_silence(db, silence_id, user.email)


@router.get("/maintenance", responses=OPERATORS_ONLY)
def read_maintenance(_: Operator, db: OperationsReadSession) -> list[MaintenanceView]:
    now = clock.now()
    return [views.window_view(row, now) for row in service.windows(db, now)]


@router.post("/maintenance", status_code=201, responses=_ONE)
def add_maintenance(body: NewMaintenance, user: Operator, db: OperationsWriteSession) -> MaintenanceView:
    """Declares planned work ahead: left out of availability, and silent for the listed rules."""
    return views.window_view(service.plan_maintenance(db, body, user.email), clock.now())


@router.delete("/maintenance/{window_id}", status_code=204, responses=_ONE)
def end_maintenance(window_id: str, user: Operator, db: OperationsWriteSession) -> None:
    service.end_maintenance(db, window_id, user.email)
