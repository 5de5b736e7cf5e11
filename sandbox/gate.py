"""The way in for every request: session, counters, faults and delays, before any page is made."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Receive, Scope, Send

from . import faults
from .faults import Facts
from .model import Session
from .world import World

COOKIE = "workfossa_session"
GENERIC_FAULTS = ("http_500", "http_429", "hang", "slow", "session_expired")
STALE_LOAD_SECONDS = 60.0


class CutResponse(Response):
    """An answer whose connection is closed in the middle of the body."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Promise 64 bytes, send two, and leave: the server then closes the connection."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"64")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b'{"', "more_body": True})


@dataclass
class Statistics:
    """What was asked, since the start or the last reset."""

    kinds: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    running: Counter[str] = field(default_factory=Counter)
    peak_requests: dict[str, int] = field(default_factory=dict)
    peak_page_loads: dict[str, int] = field(default_factory=dict)
    peak_sessions: dict[str, int] = field(default_factory=dict)
    loads: dict[str, dict[str, float]] = field(default_factory=dict)

    def clear(self) -> None:
        """Forget everything, as after a restart."""
        for counters in (self.kinds, self.pages, self.running):
            counters.clear()
        for peaks in (self.peak_requests, self.peak_page_loads, self.peak_sessions):
            peaks.clear()
        self.loads.clear()

    def as_dict(self) -> dict[str, Any]:
        """The counters as JSON: by request kind, by page, and the peaks by account."""
        return {
            "kinds": dict(self.kinds),
            "pages": dict(self.pages),
            "total": sum(self.kinds.values()),
            "peak_requests": self.peak_requests,
            "peak_page_loads": self.peak_page_loads,
            "peak_sessions": self.peak_sessions,
        }

    def load_started(self, user: str, load: str) -> None:
        """A page of `user` starts to load; it counts as loading until its first content answer."""
        now = time.monotonic()
        loads = self.loads.setdefault(user, {})
        for key in [key for key, started in loads.items() if now - started > STALE_LOAD_SECONDS]:
            del loads[key]
        loads[load] = now
        self.peak_page_loads[user] = max(self.peak_page_loads.get(user, 0), len(loads))

    def load_finished(self, user: str, load: str) -> None:
        """The first content answer of a page was sent."""
        self.loads.get(user, {}).pop(load, None)


@dataclass(frozen=True)
class Entered:
    """A request that came through: its session and what is known of it."""

    session: Session
    facts: Facts
    new_session: bool

    @property
    def user(self) -> str:
        """E-mail of the signed-in technician; only valid when `signed_in`."""
        return self.session.user or ""

    @property
    def signed_in(self) -> bool:
        """Whether the session belongs to a technician."""
        return self.session.user is not None


@dataclass(frozen=True)
class Moment:
    """A place in the life of a request that came through: right `before` its work (nothing is read or stored yet), or
    right `after` it (everything is, the answer has not left)."""

    when: Literal["before", "after"]
    facts: Facts


Observer = Callable[[Moment], bool]


class Gate:
    """Decides for each request whether it is answered as usual."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.statistics = Statistics()
        self.observer: Observer | None = None

    def lost(self, when: Literal["before", "after"], facts: Facts) -> bool:
        """Tells the observer; whether the request (`before`) or its answer (`after`) gets lost on its way."""
        return self.observer is not None and self.observer(Moment(when, facts))

    @asynccontextmanager
    async def enter(self, request: Request, facts: Facts) -> AsyncIterator[Entered | Response]:
        """Yield the session of the request, or the answer that a fault prescribes; delays are spent before.

        Half of a save's delay is spent after the work: a client that dies while it waits may or may not have saved.
        """
        world, statistics = self.world, self.statistics
        session = world.session(request.cookies.get(COOKIE))
        facts = replace(facts, user=session.user if session else None)
        statistics.kinds[facts.kind] += 1
        if facts.page and facts.kind == "shell":
            statistics.pages[facts.page] += 1
        user = facts.user or "guest"
        statistics.running[user] += 1
        statistics.peak_requests[user] = max(statistics.peak_requests.get(user, 0), statistics.running[user])
        try:
            answer = await self._fault(request, facts, session)
            if answer is not None:
                yield answer
                return
            if facts.user:
                live = sum(1 for s in world.state.sessions.values() if s.user == facts.user)
                statistics.peak_sessions[facts.user] = max(statistics.peak_sessions.get(facts.user, 0), live)
            # A fault may have ended the session meanwhile.
            session = world.state.sessions.get(session.token) if session else None
            new = session is None
            delay = world.delay_seconds(facts.kind)
            before = delay / 2 if facts.kind in ("save", "create_form") else delay
            if before:
                await asyncio.sleep(before)
            yield Entered(session or self._guest(), facts, new)
            if delay - before:
                await asyncio.sleep(delay - before)
        finally:
            statistics.running[user] -= 1
            load = request.headers.get("x-page")
            if load:
                statistics.load_finished(user, load)

    def _guest(self) -> Session:
        sessions = self.world.state.sessions
        guests = [token for token, session in sessions.items() if session.user is None]
        # Guests are cheap but must not fill the state: keep the newest two hundred.
        for token in guests[:-200]:
            del sessions[token]
        return self.world.start_session()

    async def _fault(self, request: Request, facts: Facts, session: Session | None) -> Response | None:
        """Carry out the generic faults; the answer when the request ends here."""
        names = [name for name in GENERIC_FAULTS if name != "session_expired" or facts.user]
        for fault in faults.take_all(self.world, facts, *names):
            if fault.fault == "http_500":
                return failure(facts, 500, "Server Error")
            if fault.fault == "http_429":
                answer = failure(facts, 429, "Too Many Requests")
                answer.headers["Retry-After"] = str(fault.match.get("retry_after", 1))
                return answer
            if fault.fault == "hang":
                await gone(request)
                return Response(status_code=499)
            if fault.fault == "slow":
                await asyncio.sleep(float(fault.match.get("ms", 1000)) / 1000)
            elif fault.fault == "session_expired" and session is not None:
                self.world.end_session(session.token)
                return None
        return None


async def gone(request: Request) -> None:
    """Wait until the client has given up."""
    while True:
        message = await request.receive()
        if message["type"] == "http.disconnect":
            return


def failure(facts: Facts, status: int, text: str) -> Response:
    """The portal's own error answer: JSON for a script, a plain page for a document."""
    if facts.kind == "shell" or facts.kind == "login":
        page = f'<!DOCTYPE html><html lang="en"><head><title>{text}</title></head><body class="error-page">'
        return HTMLResponse(
            f'{page}<div class="code">{status}</div><div class="message">{text}</div></body></html>', status
        )
    return JSONResponse({"message": text}, status)


def with_cookie(answer: Response, session: Session, remember_days: int) -> Response:
    """Set the session cookie; a remembered one outlives the browser."""
    age = remember_days * 86_400 if session.remember else None
    answer.set_cookie(COOKIE, session.token, max_age=age, httponly=True, samesite="lax", path="/")
    return answer
