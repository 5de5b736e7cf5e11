"""Use cases of connecting a user to the portal."""

from sqlalchemy.orm import Session as Db

from app.accounts import links
from app.accounts.models import PortalLink, User
from app.accounts.schemas import LinkState, PortalKind
from app.accounts.service import SANDBOX_EMAIL
from app.activity.service import note_request
from app.connection.failures import Failure
from app.kit.ids import new_id
from app.kit.problems import Conflict


class SandboxAccount(Conflict):
    code = "sandbox_account"
    title = "This is the sandbox account"


def request_check(
    db: Db, user_id: str, portal: PortalKind, username: str, password: str, *, base_url: str | None = None
) -> PortalLink:
    """Stores credentials to be checked. The caller commits, then hands ``check_id`` to the engine."""
    user = db.get_one(User, user_id)
    if user.email == SANDBOX_EMAIL and portal is not PortalKind.sandbox:
        raise SandboxAccount(
            "The account for trying the sandbox cannot be connected to WorkFossa.",
            "Sign out, create your own account on the first screen, and connect it there.",
        )
    check_id = new_id()
    note_request(db, check_id)
    return links.store(db, user_id, portal, username, password, check_id=check_id, base_url=base_url)


def note_refusal(db: Db, user_id: str, failure: Failure | None) -> None:
    """When the portal refused the credentials in the middle of a job, they are not tried again: a portal may lock the
    account after some attempts."""
    if failure is not None and failure.code == "credentials_rejected":
        links.settle(
            db,
            user_id,
            LinkState.rejected,
            kind=failure.kind,
            code=failure.code,
            detail=failure.detail,
            action=failure.action,
        )
