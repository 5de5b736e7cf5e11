"""Routes of service levels. Operators only."""

from fastapi import APIRouter

from app.accounts.current import OPERATORS_ONLY, Operator
from app.kit import clock
from app.kit.problems import NotFound, problem_responses
from app.operations.slo import service
from app.operations.slo.schemas import SloHistory, SloReport

router = APIRouter(prefix="/api/operations/slo", tags=["slo"])


@router.get("", responses=OPERATORS_ONLY)
def read_slo(_: Operator) -> SloReport:
    """All objectives: target, what was measured, the error budget, and how fast it burns."""
    return service.latest(clock.now())


@router.get("/{slo_id}/history", responses=OPERATORS_ONLY | problem_responses(NotFound))
def read_slo_history(slo_id: str, _: Operator) -> SloHistory:
    """The last 30 days, day by day, with the budget that was left."""
    return service.history(slo_id, clock.now())
