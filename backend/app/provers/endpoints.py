"""Routes of provers."""

from fastapi import APIRouter

from app.accounts.current import PROTECTED, CurrentUser
from app.database import ReadSession, WriteSession
from app.kit.problems import Invalid, problem_responses
from app.provers import service
from app.provers.schemas import ProverList, ProversChange

router = APIRouter(prefix="/api", tags=["provers"])


@router.get("/provers", responses=PROTECTED)
def list_provers(user: CurrentUser, db: ReadSession) -> ProverList:
    return service.list_provers(db, user)


@router.put("/provers", responses=PROTECTED | problem_responses(Invalid))
def change_provers(body: ProversChange, user: CurrentUser, db: WriteSession) -> ProverList:
    """Sets positions and preferred grades; what a person has set is not proposed again."""
    mine = db.merge(user)
    service.change_provers(db, mine, body)
    return service.list_provers(db, mine)
