"""Routes of the watcher: it reports with a token of its own; operators see which watchers there are."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from app.accounts.current import OPERATORS_ONLY, Operator
from app.database import OperationsReadSession, OperationsWriteSession
from app.kit.problems import Invalid, TooManyRequests, Unauthorized, Unavailable, problem_responses
from app.operations.watcher import service
from app.operations.watcher.schemas import WatcherAnswer, WatcherReport, WatcherView

router = APIRouter(prefix="/api/operations/watchers", tags=["watcher"])
_ANSWERS = problem_responses(Unauthorized, TooManyRequests, Unavailable, Invalid)


def _watcher(token: Annotated[str, Header(alias="X-Watcher-Token")] = "") -> None:
    service.check_token(token)


@router.post("/reports", responses=_ANSWERS, dependencies=[Depends(_watcher)])
def take_watcher_report(body: WatcherReport, db: OperationsWriteSession) -> WatcherAnswer:
    """Probes and outages that the server has not heard of yet. Works also while the application's database is down."""
    return service.take_over(db, body)


@router.get("", responses=OPERATORS_ONLY)
def read_watchers(_: Operator, db: OperationsReadSession) -> list[WatcherView]:
    return [WatcherView.model_validate(row) for row in service.seen(db)]
