"""The link to the portal: stored sealed, opened only where the portal is signed in to, never returned by any route."""

from dataclasses import dataclass

from sqlalchemy.orm import Session as Db

from app.accounts.keys import get_envelope
from app.accounts.models import PortalLink
from app.accounts.rules import username_hint
from app.accounts.schemas import LinkState, LinkStatus, PortalKind
from app.config import get_settings
from app.kit import clock
from app.kit.envelope import Place
from app.kit.problems import Conflict, FailureKind

_TABLE = "portal_links"


class NoLink(Conflict):
    code = "no_link"
    title = "No WorkFossa account is connected"


class SandboxNotRunning(Conflict):
    code = "sandbox_not_running"
    title = "The sandbox portal is not running"


@dataclass(frozen=True, slots=True, repr=False)
class OpenLink:
    """What is needed to sign in. It has no readable ``repr``, so that it cannot slip into a log."""

    base_url: str
    username: str
    password: str
    browser_state: str | None


def status(link: PortalLink | None) -> LinkStatus:
    if link is None:
        return LinkStatus(
            state=LinkState.none,
            portal=None,
            username_hint=None,
            checked_at=None,
            error_code=None,
            error_detail=None,
            error_action=None,
        )
    return LinkStatus(
        state=LinkState(link.state),
        portal=PortalKind(link.portal),
        username_hint=link.username_hint,
        checked_at=link.checked_at,
        error_code=link.error_code,
        error_detail=link.error_detail,
        error_action=link.error_action,
    )


def store(
    db: Db,
    user_id: str,
    portal: PortalKind,
    username: str,
    password: str,
    *,
    check_id: str,
    base_url: str | None = None,
) -> PortalLink:
    """Keeps new credentials as ``checking``; the live check settles what they are worth."""
    link = db.get(PortalLink, user_id) or PortalLink(user_id=user_id)
    seal = get_envelope().seal
    link.portal, link.base_url, link.state, link.check_id = portal.value, base_url, LinkState.checking.value, check_id
    link.username_hint = username_hint(username)
    link.username_sealed = seal(username, Place(_TABLE, "username", user_id))
    link.password_sealed = seal(password, Place(_TABLE, "password", user_id))
    link.browser_state_sealed = None  # a session of the former account must not be used for the new one
    link.error_kind = link.error_code = link.error_detail = link.error_action = None
    db.add(link)
    db.flush()
    return link


def unseal(db: Db, user_id: str) -> OpenLink:
    """:class:`NoLink` when there is none; ``CannotDecrypt`` when the master key is another one."""
    link = db.get(PortalLink, user_id)
    if link is None:
        raise NoLink("There is no portal account to work with.", "Connect your WorkFossa account in Settings.")
    open_ = get_envelope().open
    return OpenLink(
        base_url=base_url(link),
        username=open_(link.username_sealed, Place(_TABLE, "username", user_id)),
        password=open_(link.password_sealed, Place(_TABLE, "password", user_id)),
        browser_state=open_(link.browser_state_sealed, Place(_TABLE, "browser_state", user_id))
        if link.browser_state_sealed
        else None,
    )


def base_url(link: PortalLink) -> str:
    """Where this account lives. The sandbox's address is known to the running process only: its port may change."""
    if link.base_url is not None:
        return link.base_url
    settings = get_settings()
    if link.portal == PortalKind.workfossa:
        return settings.portal_url
    if settings.sandbox_url is None:
        raise SandboxNotRunning("The sandbox portal of this installation is not running.", "Start it: fossawork start.")
    return settings.sandbox_url


def remember_browser_state(db: Db, user_id: str, state: str) -> None:
    """Keeps the portal's cookies sealed, so that the next job need not sign in again."""
    link = db.get(PortalLink, user_id)
    if link is not None:
        link.browser_state_sealed = get_envelope().seal(state, Place(_TABLE, "browser_state", user_id))


def settle(
    db: Db,
    user_id: str,
    state: LinkState,
    *,
    kind: FailureKind | None = None,
    code: str | None = None,
    detail: str | None = None,
    action: str | None = None,
) -> None:
    """Records what the portal said about the credentials."""
    link = db.get(PortalLink, user_id)
    if link is None:
        return
    link.state, link.checked_at = state.value, clock.now()
    link.error_kind = kind.value if kind else None
    link.error_code, link.error_detail, link.error_action = code, detail, action
    if state is LinkState.rejected:
        link.browser_state_sealed = None


def remove(db: Db, user_id: str) -> None:
    link = db.get(PortalLink, user_id)
    if link is not None:
        db.delete(link)
