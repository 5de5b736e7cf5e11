"""The last resort against a browser that hangs, and the end of a window that a person closes.

A page that ran out of memory, or runs an endless loop, answers nothing any more, and no deadline inside it can end.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from playwright.async_api import Browser, BrowserContext, Page
from playwright.async_api import Error as PlaywrightError

from app.portal.errors import BrowserFailed

_CLOSE_SECONDS = 10.0


async def close_hard(what: BrowserContext | Browser, seconds: float = _CLOSE_SECONDS) -> bool:
    """Close it, but wait for that no longer than this; ``False`` when it did not answer (its process ends with the
    driver). It may be gone already."""
    closing = asyncio.ensure_future(what.close())
    try:
        await asyncio.wait({closing}, timeout=seconds)
    finally:
        if not closing.done():
            closing.cancel()
    if not closing.done():
        await asyncio.gather(closing, return_exceptions=True)
        return False
    if (
        not closing.cancelled()
        and (error := closing.exception()) is not None
        and not isinstance(error, PlaywrightError)
    ):
        raise error
    return True


class Watchdog:
    """The outer limit of one session's actions. Once it has expired, the session is over."""

    def __init__(self, context: BrowserContext, seconds: float) -> None:
        self._context = context
        self._seconds = seconds
        self.expired = False

    @asynccontextmanager
    async def watch(self, page: str) -> AsyncIterator[None]:
        """Raises BrowserFailed (code ``watchdog``) when the block takes longer; the context is closed hard then."""
        try:
            async with asyncio.timeout(self._seconds) as limit:
                yield
        except TimeoutError as error:
            if not limit.expired():
                raise
            self.expired = True
            closed = await close_hard(self._context)
            raise BrowserFailed(
                f"The browser did not finish within {self._seconds:g} s and was closed.",
                page=page,
                code="watchdog",
                action="Try again. When it happens again, close other programs: the computer may be out of memory.",
                seconds=self._seconds,
                closed=closed,
            ) from error


async def wait_closed(context: BrowserContext, on_load: Callable[[], Awaitable[None]]) -> None:
    """Wait until the context has no page any more, or is gone with its browser; ``on_load`` after each loaded page."""
    stirred, gone = asyncio.Event(), asyncio.Event()

    def closed(*_: object) -> None:
        if not context.pages:
            gone.set()
        stirred.set()

    def opened(page: Page) -> None:
        page.on("close", closed)
        page.on("load", lambda _: stirred.set())

    def ended(*_: object) -> None:
        gone.set()
        stirred.set()

    for page in context.pages:
        opened(page)
    context.on("page", opened)
    context.on("close", ended)
    if context.browser is not None:
        context.browser.on("disconnected", ended)
    closed()
    while not gone.is_set():
        await stirred.wait()
        stirred.clear()
        try:
            await on_load()
        except PlaywrightError:
            if not gone.is_set() and context.pages:
                raise
