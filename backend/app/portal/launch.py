"""A browser that is started for the portal, and the sessions it opens.

async with open_browser(settings) as browser:
    async with browser.open_session(credentials=ask) as session:
        await session.sign_in(username, password)
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as PlaywrightError

from app.portal.browser import HOW_TO_GET_ONE, find_browser, is_root, launch_arguments, own_download
from app.portal.errors import BrowserFailed
from app.portal.session import PortalSession, StorageState
from app.portal.settings import CredentialsSource, Gate, PortalSettings
from app.portal.waits import page_script, translate
from app.portal.watchdog import close_hard


@asynccontextmanager
async def open_browser(settings: PortalSettings) -> AsyncIterator[PortalBrowser]:
    """A started browser; closed at the end. Raises BrowserFailed with what to do when there is none or it does not start."""
    async with async_playwright() as driver:
        bundled = own_download(driver.chromium.executable_path)
        choice = find_browser(settings.browser_executable, headless=settings.headless, bundled=bundled)
        try:
            browser = await driver.chromium.launch(
                executable_path=choice.path or bundled,
                headless=settings.headless,
                args=launch_arguments(settings),
                chromium_sandbox=not is_root(),
                timeout=settings.start_seconds * 1000,
            )
        except PlaywrightError as error:
            raise BrowserFailed(
                f"The browser did not start ({choice.path or 'Playwright'}): {error.message.splitlines()[0]}",
                code="browser_did_not_start",
                action=HOW_TO_GET_ONE,
            ) from error
        try:
            yield PortalBrowser(browser, settings)
        finally:
            await close_hard(browser)


class PortalBrowser:
    """A running browser, from which every job takes a session of its own."""

    def __init__(self, browser: Browser, settings: PortalSettings) -> None:
        self._browser = browser
        self.settings = settings

    @asynccontextmanager
    async def open_session(
        self,
        *,
        credentials: CredentialsSource | None = None,
        storage_state: StorageState | None = None,
        before_load: Gate | None = None,
    ) -> AsyncIterator[PortalSession]:
        """A fresh context. ``storage_state`` (of an earlier session) makes it signed in, if the portal still agrees;
        ``credentials`` is asked when the portal wants a sign-in in the middle of the work."""
        settings = self.settings
        size = settings.viewport
        try:
            context = await self._browser.new_context(
                viewport={"width": size[0], "height": size[1]} if size else None,
                no_viewport=size is None,
                user_agent=settings.user_agent,
                storage_state=cast("Any", storage_state),
                base_url=settings.origin,
            )
            await context.add_init_script(page_script())
            page = await context.new_page()
        except PlaywrightError as error:
            raise translate(error, "browser", "a new page") from error
        try:
            yield PortalSession(context, page, settings, credentials, before_load, self)
        finally:
            await close_hard(context)
