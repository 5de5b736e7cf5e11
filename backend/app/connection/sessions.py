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
from app.connection.sandbox import ensure_sandbox
from app.database import get_database
from app.portal.session import PortalSession, open_browser
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
        if known is not None and not known.session.page.is_closed():
            return known.session
        await self.close(job_id)
        link = await asyncio.to_thread(_read_link, user_id)
        settings = get_settings()
        stack = AsyncExitStack()
        try:
            await report.atell("phase", "Starting the browser", phase="starting_browser")
            browser = await stack.enter_async_context(
                open_browser(
                    PortalSettings(
                        base_url=link.base_url,
                        browser_executable=settings.browser,
                        headless=not settings.show_browser,
                        page_seconds=settings.portal_seconds,
                        save_seconds=settings.portal_seconds,
                        sign_in_seconds=settings.portal_seconds,
                        snapshot_dir=settings.snapshots,
                    )
                )
            )
            session = await stack.enter_async_context(
                browser.open_session(
                    credentials=lambda: _credentials(user_id),
                    storage_state=json.loads(link.browser_state) if link.browser_state else None,
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
            if not known.session.page.is_closed():
                state = json.dumps(await known.session.storage_state())
                await asyncio.to_thread(_keep_state, known.user_id, state)
        finally:
            await known.stack.aclose()


def _read_link(user_id: str) -> links.OpenLink:
    with get_database().read() as db:
        link = db.get(PortalLink, user_id)
        if link is not None and link.portal == PortalKind.sandbox and link.base_url is None:
            ensure_sandbox()
        return links.unseal(db, user_id)


async def _credentials(user_id: str) -> Credentials:
    link = await asyncio.to_thread(_read_link, user_id)
    return Credentials(link.username, link.password)


def _keep_state(user_id: str, state: str) -> None:
    with get_database().write() as db:
        links.remember_browser_state(db, user_id, state)


sessions = PortalSessions()
