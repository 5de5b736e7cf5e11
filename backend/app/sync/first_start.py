"""The one click that lets a newcomer try everything."""

from fastapi import APIRouter, Response

from app.accounts import links
from app.accounts import service as accounts
from app.accounts.endpoints import session_answer
from app.accounts.models import PortalLink
from app.accounts.schemas import LinkState, PortalKind, Session
from app.activity.queue import enqueue
from app.connection.sandbox import SANDBOX_PASSWORD, SANDBOX_USERNAME
from app.connection.service import request_check
from app.database import get_database
from app.kit.problems import Conflict, TooManyRequests, Unavailable, problem_responses
from app.sync import service

router = APIRouter(prefix="/api", tags=["setup"])


@router.post("/setup/sandbox", status_code=201, responses=problem_responses(Conflict, TooManyRequests, Unavailable))
def start_with_sandbox(response: Response) -> Session:
    """One click to try everything: an account, the sandbox portal, a link to it, and the first sync under way.

    Asked again while the installation has no owner, it continues where the sandbox was left.
    """
    with get_database().write() as db:
        user = accounts.sandbox_user(db)
        run = None
        if db.get(PortalLink, user.id) is None:
            request_check(db, user.id, PortalKind.sandbox, SANDBOX_USERNAME, SANDBOX_PASSWORD)
            # These credentials are ours: no check is needed, the first sync is the proof.
            links.settle(db, user.id, LinkState.linked)
            run = service.request_sync(db, user.id, "first start")
        answer = session_answer(db, response, accounts.open_session(db, user))
    if run is not None:
        enqueue(service.WORKFLOW, run.id, user.id)
    return answer
