"""A signed-in browser session with the portal: one browser context of one account. ``launch`` opens it.

Whether somebody is signed in is always told from the content of the page, never from its address (Portal spec §1.3).
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urljoin, urlsplit

from playwright.async_api import BrowserContext, Locator, Page, Response
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from app.portal.errors import (
    BrowserFailed,
    ErrorPage,
    ForeignPage,
    LocationGone,
    NotSignedIn,
    PortalChanged,
    PortalError,
    PortalTimeout,
)
from app.portal.net import NetMonitor, error_of, unreachable
from app.portal.pages.login import sign_in
from app.portal.parse.dom import changed, loading, parse
from app.portal.parse.identify import NAMES, PageKind, identify_document, require
from app.portal.settings import Credentials, CredentialsSource, Gate, PortalSettings
from app.portal.shape import kind_of_page, shape_report, tell_shape
from app.portal.snapshots import redact, save_shape, save_snapshot
from app.portal.waits import Outcome, press, translate, watch
from app.portal.watchdog import Watchdog, wait_closed

if TYPE_CHECKING:
    from app.portal.launch import PortalBrowser

T = TypeVar("T")
StorageState = dict[str, Any]
Progress = Callable[[str], Awaitable[None] | None]
_CLICK_TRIES = 4
_GOTO_TRIES = 6
_SNAPSHOT_SECONDS = 3.0


class PortalSession:
    """One account's pages. Not for concurrent use: one action at a time (Portal spec §10 rule 10)."""

    def __init__(
        self,
        context: BrowserContext,
        page: Page,
        settings: PortalSettings,
        credentials: CredentialsSource | None = None,
        before_load: Gate | None = None,
        browser: PortalBrowser | None = None,
    ) -> None:
        self._context = context
        self._browser = browser
        self._watchdog = Watchdog(context, settings.watchdog_seconds)
        self._credentials = credentials
        self._before_load = before_load
        self.page = page
        self.settings = settings
        self.net = NetMonitor(page, settings.origin)
        self.resigned = 0
        # The address whose shown content is known to be what the portal holds: just loaded, or just changed by an action
        # of ours that was seen to succeed. Whatever may change the page by another way forgets it.
        self.proven: str | None = None
        page.set_default_timeout(settings.action_seconds * 1000)

    # ---- signing in ------------------------------------------------------------------------------------------------

    async def sign_in(self, username: str, password: str, on_progress: Progress | None = None) -> None:
        """Sign in with this account; a session of another account in this context is dropped.

        ``on_progress`` gets "opening", "entering", "checking", "signed_in". Raises CredentialsRejected,
        PortalUnreachable, PortalTimeout, PortalChanged, ForeignPage, ErrorPage.
        """

        async def tell(stage: str) -> None:
            if on_progress is not None and inspect.isawaitable(answer := on_progress(stage)):
                await answer

        async with self.guard("sign-in page"), self._watchdog.watch("sign-in page"):
            await sign_in(self, Credentials(username, password), tell)

    async def is_signed_in(self) -> bool:
        """Whether the portal answers this session with its own pages. Raises PortalUnreachable, PortalTimeout …"""
        async with self.guard("dashboard"):
            try:
                await self.load("/app/dashboard", PageKind.DASHBOARD, "f.inShell() && f.idle() ? true : null", None, "")
            except NotSignedIn:
                return False
            return True

    async def storage_state(self) -> StorageState:
        """The session's cookies and storage, to be kept encrypted."""
        return cast("StorageState", await self._context.storage_state())

    async def restore(self, state: StorageState) -> None:
        """Take over the cookies of an earlier session of the same account, instead of the present ones."""
        await self._context.clear_cookies()
        await self._context.add_cookies(state.get("cookies", []))

    async def forget(self) -> None:
        """Drop the session in this context; the portal is not told."""
        await self._context.clear_cookies()

    async def another_page(self) -> PortalSession:
        """A second tab of the same account, for looking at one page while another one is worked on. It closes with this
        session; the two must not act at the same time."""
        try:
            page = await self._context.new_page()
        except PlaywrightError as error:
            raise translate(error, "browser", "another page") from error
        return PortalSession(self._context, page, self.settings, self._credentials, self._before_load, self._browser)

    @asynccontextmanager
    async def guest(self) -> AsyncIterator[PortalSession]:
        """A session of nobody in the same browser: no cookies, no credentials."""
        if self._browser is None:
            raise BrowserFailed("There is no browser for another session.", code="browser_closed")
        async with self._browser.open_session(before_load=self._before_load) as session:
            yield session

    @property
    def alive(self) -> bool:
        """Whether the page can still be worked with: not closed, and not given up by the watchdog."""
        return not self._watchdog.expired and not self.page.is_closed()

    async def cookies(self) -> StorageState:
        """The session's cookies alone, in the form of :meth:`storage_state`; asking does not touch any page."""
        return {"cookies": await self._context.cookies(), "origins": []}

    async def wait_closed(self, on_load: Callable[[], Awaitable[None]]) -> None:
        """Wait until a person has closed every page of this session, or the whole browser. After each page that was
        loaded meanwhile ``on_load`` is awaited."""
        await wait_closed(self._context, on_load)

    # ---- the frame of every action ---------------------------------------------------------------------------------

    async def run(self, page: str, action: Callable[[], Awaitable[T]]) -> T:
        """Do a repeatable action; when the portal wants a sign-in in the middle of it, sign in once and do it again.

        ``page`` names the page for errors. Errors carry the path of a saved, redacted snapshot where that helps. An
        action that takes longer than ``watchdog_seconds`` ends with BrowserFailed (code ``watchdog``), its browser
        context closed.
        """
        async with self.guard(page), self._watchdog.watch(page):
            try:
                return await action()
            except NotSignedIn:
                if not await self.sign_in_again():
                    raise
                return await action()

    async def sign_in_again(self) -> bool:
        """Sign in with the credentials of the callback; ``False`` when there are none."""
        credentials = await self._credentials() if self._credentials is not None else None
        if credentials is None:
            return False
        self.resigned += 1
        await self.forget()
        await self.sign_in(credentials.username, credentials.password)
        return True

    @asynccontextmanager
    async def guard(self, page: str) -> AsyncIterator[None]:
        """Turns driver errors into the portal's and gives page errors a snapshot."""
        try:
            yield
        except PortalError as error:
            error.page = error.page or page
            if error.snapshot is None and isinstance(error, PortalChanged | ForeignPage | ErrorPage | PortalTimeout):
                error.snapshot = await self.snapshot(page, error)
            raise
        except PlaywrightError as error:
            raise translate(error, page, "the page") from error

    async def snapshot(self, page: str, error: PortalError | None = None) -> str | None:
        """Save the present page, redacted; its path, or ``None`` (the reason is then in the error's details)."""
        try:
            async with asyncio.timeout(_SNAPSHOT_SECONDS):
                html, url = await self.page.content(), self.page.url
        except (PlaywrightError, TimeoutError) as gone:
            if error is not None:
                error.details["snapshot_failed"] = (str(gone) or "the page does not answer").splitlines()[0]
            return None
        saved = save_snapshot(html, page, self.settings.snapshot_dir, url=url)
        if saved.path is None and error is not None and self.settings.snapshot_dir is not None:
            error.details["snapshot_failed"] = saved.reason
        if isinstance(error, PortalChanged):
            report = shape_report(redact(html), kind_of_page(page))
            tell_shape(error, report)
            if saved.path is not None and (why := save_shape(report, saved.path)) is not None:
                error.details["shape_failed"] = why
        return str(saved.path) if saved.path else None

    def keep(self, html: str, page: str, url: str) -> Path | None:
        """Save this text of a page, redacted; where, or ``None`` when it cannot be saved."""
        return save_snapshot(html, page, self.settings.snapshot_dir, url=url).path

    async def screenshot(self, path: Path, selector: str = ".content") -> bool:
        """A picture of a part of the page as evidence; ``False`` when it could not be taken or written."""
        try:
            await self.page.locator(selector).first.screenshot(path=path)
        except (PlaywrightError, OSError):
            return False
        return True

    async def html(self) -> str:
        """The page as it stands. Raises PortalTimeout when it does not answer (a page being loaded, or stuck)."""
        seconds = self.settings.action_seconds
        try:
            async with asyncio.timeout(seconds):
                return await self.page.content()
        except TimeoutError as error:
            raise PortalTimeout(
                "The page does not answer.", awaited="the content of the page", seconds=seconds
            ) from error

    # ---- pages and waits -------------------------------------------------------------------------------------------

    def resolve(self, url: str) -> str:
        """The absolute address of one of the portal's links. Raises PortalChanged for a link to another site."""
        absolute = urljoin(self.settings.origin + "/", url)
        if not absolute.startswith(self.settings.origin + "/") and absolute != self.settings.origin:
            raise PortalChanged(f"A link leads out of the portal: {urlsplit(absolute).netloc}.", code="foreign_link")
        return absolute

    def at(self, url: str) -> bool:
        """Whether the page shown has this address, apart from query and a closing slash."""
        wanted, now = urlsplit(self.resolve(url)), urlsplit(self.page.url)
        return (wanted.netloc, wanted.path.rstrip("/")) == (now.netloc, now.path.rstrip("/"))

    async def load(
        self, url: str, kind: PageKind, ready: str, arg: Any, awaited: str, *, seconds: float | None = None
    ) -> Any:
        """Load an address and wait until ``ready`` (JavaScript over ``f`` and ``arg``) gives a value; that value.

        Raises NotSignedIn, LocationGone, ErrorPage, ForeignPage, PortalChanged, PortalTimeout, PortalUnreachable.
        """
        mark = self.net.mark()
        await self.goto(url)
        outcome = await self.wait(ready, arg, mark=mark, seconds=seconds or self.settings.page_seconds)
        if outcome.state == "done":
            return outcome.value
        raise await self.explain(outcome, kind, awaited)

    async def goto(self, url: str) -> None:
        """Load an address up to its first bytes; an answer of 429 or 5xx is raised as PortalUnreachable."""
        self.proven = None
        await self.pace()
        response = None
        for left in reversed(range(_GOTO_TRIES)):
            try:
                response = await self._goto(url)
            except PlaywrightError as error:
                # A portal page that reloads itself (after its session ended) gets in the way of the load.
                if left and any(word in error.message for word in ("interrupted by another", "ERR_ABORTED")):
                    await self._let_load()
                    continue
                raise translate(error, "portal", "an answer") from error
            break
        if response is not None and (response.status >= 500 or response.status == 429):
            after = response.headers.get("retry-after", "")
            raise unreachable("portal", response.status, float(after) if after.isdigit() else None)

    async def pace(self) -> None:
        """Wait until the account may ask the portal for something again; page loads do so by themselves, whoever is
        about to make the page save or create something asks for it just before the click."""
        if self._before_load is not None:
            await self._before_load()

    async def _let_load(self) -> None:
        """Let the page end the load it has begun by itself; how it ends does not matter."""
        with suppress(PlaywrightTimeout):
            await self.page.wait_for_load_state("load", timeout=self.settings.page_seconds * 1000)

    async def _goto(self, url: str) -> Response | None:
        seconds = self.settings.page_seconds
        try:
            return await self.page.goto(self.resolve(url), wait_until="commit", timeout=seconds * 1000)
        except PlaywrightTimeout as error:
            raise PortalTimeout(
                f"The portal did not answer within {seconds:g} s.", awaited="an answer", seconds=seconds
            ) from error

    async def wait(
        self,
        check: str,
        arg: Any = None,
        *,
        mark: int,
        seconds: float | None = None,
        drop_seconds: float | None = None,
        writes: bool = False,
        guest: bool = False,
    ) -> Outcome:
        """Watch the page for a condition (see ``waits.watch``)."""
        return await watch(
            self.page,
            self.net,
            check,
            arg,
            seconds=seconds or self.settings.action_seconds,
            mark=mark,
            drop_seconds=drop_seconds,
            writes=writes,
            guest=guest,
        )

    async def expect(self, check: str, arg: Any, kind: PageKind, awaited: str, *, mark: int | None = None) -> Any:
        """The value of a condition that must come. Raises what ``explain`` says."""
        outcome = await self.wait(check, arg, mark=self.net.mark() if mark is None else mark)
        if outcome.state == "done":
            return outcome.value
        raise await self.explain(outcome, kind, awaited)

    async def click(self, target: Locator, awaited: str, kind: PageKind, *, rested: bool = False) -> int:
        """Click once nothing is loading any more (the portal ignores clicks before, Portal spec §1.5).

        ``rested``: the wait just before has seen that, and nothing was done since. Returns the mark from which the
        effect's requests count.
        """
        if not rested:
            await self.expect("f.idle() ? true : null", None, kind, f"the page at rest before: {awaited}")
        mark = self.net.mark()
        try:
            await press(self.page, target)
        except PlaywrightTimeout as error:
            raise (await self.explain(Outcome("timeout"), kind, awaited)) from error
        return mark

    async def click_until(
        self,
        target: Locator,
        effect: str,
        arg: Any,
        kind: PageKind,
        awaited: str,
        *,
        seconds: float | None = None,
        rested: bool = False,
    ) -> Any:
        """Click until the effect has come: again only when the click was dropped, so only for effects that bear it."""
        outcome = Outcome("timeout")
        for attempt in range(_CLICK_TRIES):
            mark = await self.click(target, awaited, kind, rested=rested and attempt == 0)
            outcome = await self.wait(effect, arg, mark=mark, seconds=seconds, drop_seconds=self.settings.drop_seconds)
            if outcome.state != "dropped":
                break
        if outcome.state == "done":
            return outcome.value
        raise await self.explain(outcome, kind, awaited)

    async def explain(self, outcome: Outcome, kind: PageKind, awaited: str) -> PortalError:
        """Why a wait had no value, told from the page as it stands."""
        page = NAMES[kind]
        if outcome.state == "login":
            return NotSignedIn("The portal asks for a sign-in.", page=page)
        if outcome.state == "failed" and outcome.call is not None:
            return error_of(outcome.call, page)
        if outcome.state == "dropped":
            return PortalTimeout(
                f"The portal ignored every click for: {awaited}.", page=page, code="clicks_ignored", awaited=awaited
            )
        doc = parse(await self.html())
        found = identify_document(doc)
        if found in {PageKind.LOGIN, PageKind.LOCATION_DELETED, PageKind.ERROR, PageKind.FOREIGN}:
            try:
                require(doc, kind)
            except (NotSignedIn, LocationGone, ErrorPage, ForeignPage) as error:
                return error
        waiting = loading(doc) or any(not call.finished for call in self.net.since(0))
        if outcome.state == "timeout" and waiting:
            return PortalTimeout(f"Waited in vain for: {awaited}.", page=page, awaited=awaited)
        return changed(page, awaited)
