"""Use cases of connecting a user to the portal."""

from sqlalchemy.orm import Session as Db

from app.accounts import links
from app.accounts.models import PortalLink, User
from app.accounts.schemas import PortalKind
from app.accounts.service import SANDBOX_EMAIL
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
    return links.store(db, user_id, portal, username, password, check_id=new_id(), base_url=base_url)
