"""Signed-in browser sessions of jobs: one per job, opened when the first step needs it, closed with the job.

A step that is repeated after a crash finds no session here and opens a new one, from the cookies kept sealed.
"""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import dataclass

from app.accounts import links
from app.accounts.models import PortalLink
from app.accounts.schemas import PortalKind
from app.activity.service import Reporter
from app.config import get_settings
from app.connection.pacing import pacer
from app.connection.politeness import Rates, rates_of
from app.connection.sandbox import ensure_sandbox
from app.database import get_database
from app.portal.launch import open_browser
from app.portal.session import PortalSession
from app.portal.settings import Credentials, PortalSettings

_STAGES = {
    "opening": ("opening", "Opening the portal"),
    "entering": ("signing_in", "Signing in"),
    "checking": ("signing_in", "Waiting for the portal's answer"),
    "signed_in": ("reading_account", "Signed in"),
}


@dataclass(slots=True)
class _Open:
    session: PortalSession
    stack: AsyncExitStack
    user_id: str


class PortalSessions:
    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    async def get(self, job_id: str, user_id: str, report: Reporter) -> PortalSession:
        """The session of a job. Without kept cookies it is signed in first, telling each step; with them the portal adapter
        signs in again only when the portal asks for it. Raises what the portal adapter raises."""
        known = self._open.get(job_id)
        if known is not None and known.session.alive:
            return known.session
        await self.close(job_id)
        link, rates = await asyncio.to_thread(open_link, user_id)
        stack = AsyncExitStack()
        try:
            await report.atell("phase", "Starting the browser", phase="starting_browser")
            browser = await stack.enter_async_context(open_browser(portal_settings(link.base_url)))
            session = await stack.enter_async_context(
                browser.open_session(
                    credentials=lambda: credentials_of(user_id),
                    storage_state=json.loads(link.browser_state) if link.browser_state else None,
                    before_load=pacer.gate(user_id, rates.account, rates.total),
                )
            )
            if link.browser_state is None:

                async def tell(stage: str) -> None:
                    phase, message = _STAGES.get(stage, (stage, stage))
                    await report.atell("phase", message, phase=phase)

                await session.sign_in(link.username, link.password, tell)
        except BaseException:
            await stack.aclose()
            raise
        self._open[job_id] = _Open(session, stack, user_id)
        return session

    async def close(self, job_id: str) -> None:
        """Closes a job's browser and keeps the portal's cookies for the next job."""
        known = self._open.pop(job_id, None)
        if known is None:
            return
        try:
            if known.session.alive:
                state = json.dumps(await known.session.storage_state())
                await asyncio.to_thread(keep_state, known.user_id, state)
        finally:
            await known.stack.aclose()

    async def portal_of(self, user_id: str) -> str:
        """The address of the portal that the user's account belongs to (one circuit breaker stands for each). Raises NoLink,
        SandboxNotRunning."""
        return await asyncio.to_thread(base_url_of, user_id)


def portal_settings(base_url: str) -> PortalSettings:
    """What the portal adapter is told for this installation."""
    settings = get_settings()
    return PortalSettings(
        base_url=base_url,
        browser_executable=settings.browser,
        headless=not settings.show_browser,
        page_seconds=settings.portal_seconds,
        save_seconds=settings.portal_seconds,
        sign_in_seconds=settings.portal_seconds,
        watchdog_seconds=settings.watchdog_seconds,
        snapshot_dir=settings.snapshots,
    )


def base_url_of(user_id: str) -> str:
    """See :meth:`PortalSessions.portal_of`; for threads."""
    with get_database().read() as db:
        link = db.get(PortalLink, user_id)
        if link is None:
            raise links.NoLink(
                "There is no portal account to work with.", "Connect your WorkFossa account in Settings."
            )
        if link.portal == PortalKind.sandbox and link.base_url is None:
            ensure_sandbox()
        return links.base_url(link)


def open_link(user_id: str) -> tuple[links.OpenLink, Rates]:
    """What is needed to sign in, and how gently to go about it; for threads. Raises NoLink, CannotDecrypt."""
    with get_database().read() as db:
        link = db.get(PortalLink, user_id)
        if link is not None and link.portal == PortalKind.sandbox and link.base_url is None:
            ensure_sandbox()
        return links.unseal(db, user_id), rates_of(db, user_id)


async def credentials_of(user_id: str) -> Credentials:
    """What the portal adapter signs in with when the portal asks for it. Raises NoLink, CannotDecrypt."""
    link, _ = await asyncio.to_thread(open_link, user_id)
    return Credentials(link.username, link.password)


def keep_state(user_id: str, state: str) -> None:
    """Keeps the portal's cookies (JSON), sealed, for the next job."""
    with get_database().write() as db:
        links.remember_browser_state(db, user_id, state)


sessions = PortalSessions()
