"""Routes that connect a user to the portal, or to the sandbox that stands for it."""

from fastapi import APIRouter

from app.accounts import links
from app.accounts.current import PROTECTED, CurrentUser
from app.accounts.schemas import LinkCheck, NewLink
from app.activity.queue import enqueue
from app.connection import politeness, service
from app.connection.schemas import NewPoliteness, Politeness
from app.connection.workflows import WORKFLOW
from app.database import ReadSession, WriteSession, get_database
from app.kit.problems import Conflict, Invalid, problem_responses

router = APIRouter(prefix="/api", tags=["connection"])


@router.post("/portal-link", status_code=202, responses=PROTECTED | problem_responses(Conflict, Invalid))
def check_link(body: NewLink, user: CurrentUser) -> LinkCheck:
    """Stores portal credentials encrypted and checks them live. Follow the events of job ``link``."""
    with get_database().write() as db:
        link = service.request_check(db, user.id, body.portal, body.username, body.password.get_secret_value())
        answer = LinkCheck(job_id=str(link.check_id), link=links.status(link))
    enqueue(WORKFLOW, answer.job_id, user.id)
    return answer


@router.get("/politeness", responses=PROTECTED)
def read_politeness(user: CurrentUser, db: ReadSession) -> Politeness:
    """How gently the portal is used for this user, and whether it is quiet now."""
    return politeness.read(db, user)


@router.put("/politeness", responses=PROTECTED | problem_responses(Invalid))
def set_politeness(body: NewPoliteness, user: CurrentUser, db: WriteSession) -> Politeness:
    """Takes effect with the next job. During quiet hours nothing automatic starts; what a person starts does."""
    politeness.store(db, user, body)
    db.flush()
    return politeness.read(db, user)
