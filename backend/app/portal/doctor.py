"""A walk through the portal's pages that only looks: does each one still have the shape that the readers rely on?

Nothing is clicked that could write. The sections of a form are opened by the address of its Next link, never by the link.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from app.portal.errors import BrowserFailed, NotSignedIn, PortalChanged, PortalError
from app.portal.pages.fleet import read_provers
from app.portal.pages.location import read_location
from app.portal.parse.dom import FORM_PATH, LOCATION_PATH, VISIT_PATH, attribute, classes, parse, path_of, text_of
from app.portal.parse.identify import NAMES
from app.portal.session import PortalSession
from app.portal.shape import WORDS, ShapeKind, ShapeReport, shape_report
from app.portal.shape_terms import PAGE_OF, Checked, State
from app.portal.snapshots import redact, save_shape

_VISITS = 5
_LOCATIONS = 3
_LIST = (
    "/app/work/list?work_visit_completion=none%7C%7CNo%20visits%20completed%7C%7CWork%20Visits%20Completed"
    "&order_direction=asc"
)
# Loaded and at rest, whatever is on it: a page of another shape is to be looked at, too.
_AT_REST = """(f.inShell() || arg.guest) && f.idle() && document.readyState === "complete"
  && f.steady(`doctor ${document.getElementsByTagName("*").length}`, arg.settle) ? true : null"""


@dataclass(frozen=True, slots=True)
class PageCheck:
    """What came of one page. ``not_seen``: neither proven nor disproven; ``reason`` says why when it is not in the names."""

    page: ShapeKind
    state: State
    url: str | None
    failed: tuple[str, ...]
    not_seen: tuple[str, ...]
    snapshot: str | None
    reason: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """The check as JSON-ready data."""
        return {
            "page": self.page.value,
            "state": self.state,
            "url": self.url,
            "failed": list(self.failed),
            "not_seen": list(self.not_seen),
            "snapshot": self.snapshot,
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class DoctorReport:
    """All pages. ``ok`` is ``None`` when nothing failed, but something could not be seen."""

    pages: tuple[PageCheck, ...]

    @property
    def ok(self) -> bool | None:
        states = {check.state for check in self.pages}
        return False if "failed" in states else (True if states == {"ok"} else None)

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        return {"pages": [check.as_dict() for check in self.pages], "ok": self.ok}


Told = Callable[[PageCheck], Awaitable[None] | None]


async def examine(session: PortalSession, on_page: Told | None = None) -> DoctorReport:
    """Look at every kind of page with a signed-in session; ``on_page`` gets each check as it is made.

    Raises what ends the whole walk: refused credentials, a browser that is gone. Everything else is in the report.
    """
    walk = _Walk(session, on_page)
    await walk.sign_in_page()
    await walk.page(ShapeKind.DASHBOARD, "/app/dashboard")
    listed = await walk.page(ShapeKind.WORK_LIST, _LIST)
    await walk.location(_addresses(listed, LOCATION_PATH))
    form = await walk.visit(_addresses(listed, VISIT_PATH))
    await walk.form(form)
    await walk.fleet()
    return DoctorReport(tuple(walk.checks))


class _Walk:
    def __init__(self, session: PortalSession, on_page: Told | None) -> None:
        self.session = session
        self.on_page = on_page
        self.checks: list[PageCheck] = []

    # ---- the pages -------------------------------------------------------------------------------------------------

    async def sign_in_page(self) -> None:
        async with self.session.guest() as guest:
            await self.page(ShapeKind.SIGN_IN, "/", guest)

    async def page(self, kind: ShapeKind, url: str, session: PortalSession | None = None) -> str:
        """Load a page and look at its shape; its HTML, empty when it could not be loaded."""
        html, report, reason = await self._look(kind, url, session or self.session)
        await self._note(kind, url, html, report, reason, session or self.session)
        return html

    async def location(self, urls: list[str]) -> None:
        """One location, its Equipment tab and its dispenser group opened by the reader."""
        for url in urls[:_LOCATIONS]:
            found = LOCATION_PATH.match(path_of(url))
            reading = read_location(self.session, int(found.group(1)) if found else 0, url)
            html, report, reason, gone = await self._after(ShapeKind.LOCATION, reading)
            if not gone:
                await self._note(ShapeKind.LOCATION, url, html, report, reason, self.session)
                return
        await self._unseen(ShapeKind.LOCATION, "the work list shows no location that can be opened")

    async def visit(self, urls: list[str]) -> str | None:
        """The first visit that has forms, among the first few; the address of one of its forms."""
        first: tuple[str, str, ShapeReport | None, str | None] | None = None
        for url in urls[:_VISITS]:
            html, report, reason = await self._look(ShapeKind.VISIT, url, self.session)
            forms = _forms(html)
            first = first or (url, html, report, reason)
            if forms or (report is not None and report.ok is False):
                await self._note(ShapeKind.VISIT, url, html, report, reason, self.session)
                return forms[0] if forms else None
        if first is None:
            await self._unseen(ShapeKind.VISIT, "the work list shows no visit")
        else:
            url, html, report, reason = first
            none = reason or f"none of the first {min(len(urls), _VISITS)} visits has a form"
            await self._note(ShapeKind.VISIT, url, html, report, none, self.session)
        return None

    async def form(self, url: str | None) -> None:
        """One form entry, section by section, as far as its Next link is enabled and says where it leads."""
        left = [ShapeKind.FORM_FIRST, ShapeKind.FORM_GRADES, ShapeKind.FORM_READINGS]
        why = "no visit with a form was seen"
        while left and url is not None:
            kind = left.pop(0)
            html = await self.page(kind, url)
            url, why = _next_section(html, url)
        for kind in left:
            await self._unseen(kind, why)

    async def fleet(self) -> None:
        """The fleet page with its Equipment tab, opened by the reader."""
        url = "/app/fleet-inventory"
        html, report, reason, _ = await self._after(ShapeKind.FLEET, read_provers(self.session))
        await self._note(ShapeKind.FLEET, url, html, report, reason, self.session)

    # ---- one look --------------------------------------------------------------------------------------------------

    async def _look(
        self, kind: ShapeKind, url: str, session: PortalSession
    ) -> tuple[str, ShapeReport | None, str | None]:
        """The page once it is at rest; when its shape is wrong it is given one more rest, for it may come late."""
        guest = session is not self.session
        arg = {"guest": guest, "settle": session.settings.settle_seconds * 1000}

        async def look() -> tuple[str, ShapeReport]:
            mark = session.net.mark()
            await session.goto(url)
            html, report = "", ShapeReport(kind, ())
            for _ in range(2):
                outcome = await session.wait(
                    _AT_REST, arg, mark=mark, seconds=session.settings.page_seconds, guest=guest
                )
                if outcome.state == "login":
                    raise NotSignedIn("The portal asks for a sign-in.", page=WORDS[kind])
                html = await session.html()
                report = shape_report(html, kind)
                if report.ok is not False:
                    break
                arg["settle"] *= 2
            return html, report

        try:
            html, report = await session.run(WORDS[kind], look)
        except PortalError as error:
            _stop_for(error)
            return "", None, error.message
        return html, report, None

    async def _after(
        self, kind: ShapeKind, reading: Awaitable[Any]
    ) -> tuple[str, ShapeReport | None, str | None, bool]:
        """The page as a reader left it, whether it understood the page or not; whether the page is gone for good."""
        reason = None
        understood = False
        try:
            await reading
            understood = True
        except PortalError as error:
            _stop_for(error)
            if error.kind == "business":
                return "", None, error.message, True
            reason = error.message
            if error.kind == "transient" and error.code not in {"portal_timeout", "clicks_ignored"}:
                return "", None, reason, False
            if isinstance(error, PortalChanged) and (names := error.details.get("shape")):
                reason = f"The reader misses: {'; '.join(names)}."
        try:
            html = await self.session.html()
        except PortalError as error:
            _stop_for(error)
            return "", None, error.message, False
        report = shape_report(html, kind)
        if not understood and report.ok:
            # Every part is there, and yet the reader could not read it: that is no good page.
            unread = Checked(f"the {NAMES[PAGE_OF[kind]]} can be read", "failed", reason or "", True)
            report = ShapeReport(kind, (*report.expectations, unread))
        return html, report, reason, False

    async def _note(
        self,
        kind: ShapeKind,
        url: str,
        html: str,
        report: ShapeReport | None,
        reason: str | None,
        session: PortalSession,
    ) -> None:
        if report is None:
            await self._unseen(kind, reason or "the page could not be loaded", url)
            return
        state: State = "failed" if report.ok is False else ("ok" if report.ok else "not_seen")
        snapshot = None
        if state == "failed":
            saved = session.keep(html, WORDS[kind], session.resolve(url))
            if saved is not None:
                save_shape(shape_report(redact(html), kind), saved)
                snapshot = str(saved)
        unseen = tuple(item.name for item in report.expectations if item.state == "not_seen")
        await self._add(
            PageCheck(kind, state, path_of(url), report.failed, unseen, snapshot, reason if state != "ok" else None)
        )

    async def _unseen(self, kind: ShapeKind, why: str, url: str | None = None) -> None:
        await self._add(PageCheck(kind, "not_seen", path_of(url) if url else None, (), (), None, why))

    async def _add(self, check: PageCheck) -> None:
        self.checks.append(check)
        if self.on_page is not None and inspect.isawaitable(told := self.on_page(check)):
            await told


def _stop_for(error: PortalError) -> None:
    """Errors after which no other page can be seen either."""
    if error.kind == "auth" or isinstance(error, BrowserFailed):
        raise error


def _links(html: str) -> Iterable[tuple[str, str]]:
    """Address and path of every link, in the page's order."""
    for link in parse(html).css("a[href]"):
        href = attribute(link, "href") or ""
        yield href, path_of(href)


def _addresses(html: str, pattern: re.Pattern[str]) -> list[str]:
    """The links of that kind, each once, whatever holds them: a renamed row still leads somewhere."""
    found = {path.rstrip("/"): href for href, path in _links(html) if pattern.match(path)}
    return list(found.values())


def _forms(html: str) -> list[str]:
    """The attached forms, the complete ones first: all their sections can be opened."""
    doc = parse(html)
    complete: list[str] = []
    others: list[str] = []
    for row in doc.css(".form-entries > div"):
        hrefs = [href for a in row.css("a[href]") if FORM_PATH.match(path_of(href := attribute(a, "href") or ""))]
        if hrefs:
            badge = (text_of(row.css_first(".ks-badge")) or "").casefold()
            (complete if badge == "complete" else others).append(hrefs[0])
    return complete + others or [href for href, path in _links(html) if FORM_PATH.match(path)]


def _next_section(html: str, url: str) -> tuple[str | None, str]:
    """Where the form goes on; else why it does not."""
    if not html:
        return None, "the section before it could not be seen"
    links = parse(html).css("a.next-section")
    if not links:
        return None, "the section before it has no Next link"
    if all("disabled" in classes(link) for link in links):
        return None, "the section before it is not saved yet: Next is disabled"
    here = path_of(url).rstrip("/")
    for link in links:
        href = attribute(link, "href") or ""
        if FORM_PATH.match(path_of(href)) and path_of(href).rstrip("/") != here:
            return href, ""
    return None, "its Next link does not say where it leads"
