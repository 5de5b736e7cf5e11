"""What the page asks the portal for: which requests a click started, which ended, which failed.

The page alone does not tell "the click was ignored" from "the portal is slow" from "the answer was lost"; this does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page, Request, Response

from app.portal.errors import NotSignedIn, PortalError, PortalRefused, PortalUnreachable
from app.portal.parse.identify import PageKind, identify

_CALLS = frozenset({"xhr", "fetch"})
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_SIGNED_OUT = frozenset({401, 419})


@dataclass(slots=True)
class Call:
    """One background request of the page. ``status`` is ``None`` until answered, ``failure`` set when no answer came."""

    number: int
    method: str
    path: str
    status: int | None = None
    failure: str | None = None
    retry_after: float | None = None
    signed_out: bool = False
    finished: bool = False

    @property
    def writes(self) -> bool:
        return self.method not in _READING

    @property
    def failed(self) -> bool:
        return self.signed_out or self.failure is not None or (self.status is not None and self.status >= 400)


class NetMonitor:
    """Watches one page's background requests to the portal's origin. ``mark()`` before a click, then ask what came since."""

    def __init__(self, page: Page, origin: str) -> None:
        self._origin = origin
        self._calls: list[Call] = []
        self._by_request: dict[Request, Call] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0
        self.changed = asyncio.Event()
        page.on("request", self._on_request)
        page.on("response", self._on_response)
        page.on("requestfinished", self._on_finished)
        page.on("requestfailed", self._on_failed)

    def mark(self) -> int:
        """The point in time from which ``since`` counts. Forgets finished requests before it."""
        self._calls = [call for call in self._calls if not call.finished]
        return self._number

    def since(self, mark: int, *, writes: bool = False) -> list[Call]:
        """The requests started after the mark; only those that write when asked so."""
        return [call for call in self._calls if call.number > mark and (call.writes or not writes)]

    def failure(self, mark: int) -> Call | None:
        """The first request since the mark that failed."""
        return next((call for call in self.since(mark) if call.failed), None)

    def _call(self, request: Request) -> Call | None:
        return self._by_request.get(request)

    def _on_request(self, request: Request) -> None:
        if request.resource_type not in _CALLS or not request.url.startswith(self._origin):
            return
        before = request.redirected_from
        known = self._by_request.pop(before, None) if before is not None else None
        if known is None:
            self._number += 1
            known = Call(self._number, request.method, urlsplit(request.url).path)
            self._calls.append(known)
        self._by_request[request] = known
        self.changed.set()

    def _on_response(self, response: Response) -> None:
        call = self._call(response.request)
        if call is None or 300 <= response.status < 400:
            return
        call.status = response.status
        call.retry_after = _seconds(response.headers.get("retry-after"))
        if response.status in _SIGNED_OUT:
            call.signed_out = True
        elif response.status < 400 and "text/html" in response.headers.get("content-type", ""):
            # A guest's request may be answered with the sign-in document and status 200 (Portal spec §1.3).
            self._start(self._look(response, call))
        self.changed.set()

    async def _look(self, response: Response, call: Call) -> None:
        try:
            text = await response.text()
        except PlaywrightError:
            return  # the page went on before the body was there: nothing to learn from it
        if identify(text) is PageKind.LOGIN:
            call.signed_out = True
            self.changed.set()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _on_finished(self, request: Request) -> None:
        self._end(request, None)

    def _on_failed(self, request: Request) -> None:
        self._end(request, request.failure or "no answer")

    def _end(self, request: Request, failure: str | None) -> None:
        call = self._by_request.pop(request, None)
        if call is None:
            return
        call.finished = True
        # A request the page itself gave up (navigation) is no failure of the portal.
        if failure is not None and "ERR_ABORTED" not in failure:
            call.failure = failure
        self.changed.set()


def _seconds(value: str | None) -> float | None:
    try:
        return max(0.0, float(value)) if value else None
    except ValueError:
        return None


def error_of(call: Call, page: str) -> PortalError:
    """The error a failed request stands for."""
    if call.signed_out:
        return NotSignedIn("The portal no longer knows the session.", page=page, status=call.status)
    if call.failure is not None:
        return unreachable(page, None, None, call.failure)
    if call.status is not None and call.status < 500 and call.status != 429:
        return PortalRefused(f"The portal refused the request (status {call.status}).", page=page, status=call.status)
    return unreachable(page, call.status, call.retry_after)


def unreachable(
    page: str, status: int | None, retry_after: float | None = None, failure: str | None = None
) -> PortalUnreachable:
    """The transient error for an overloaded (429), broken (5xx) or unreachable portal."""
    if status == 429:
        return PortalUnreachable(
            "The portal asks for a pause (status 429).",
            page=page,
            code="portal_busy",
            action="Wait a while before the next attempt.",
            status=status,
            retry_after=retry_after,
        )
    if status is not None:
        return PortalUnreachable(
            f"The portal answered with an error (status {status}).",
            page=page,
            code="portal_failing",
            action="The portal has a problem of its own. Try again in a few minutes.",
            status=status,
            retry_after=retry_after,
        )
    return PortalUnreachable(f"The portal could not be reached ({failure or 'no answer'}).", page=page, status=None)
