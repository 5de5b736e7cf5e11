"""A visit's forms: reading them, and adding one (Portal spec §4).

A form that was created cannot be taken back, so adding one is the most careful click of all: what came of it is read
from the visit page before anything is tried again.
"""

from __future__ import annotations

from typing import Any

from app.portal.errors import EffectUnknown, NotSignedIn, PortalError, PortalRefused, PortalTimeout
from app.portal.net import error_of
from app.portal.parse.dom import changed
from app.portal.parse.identify import NAMES, PageKind
from app.portal.parse.visit import parse_visit
from app.portal.records import VisitPage
from app.portal.session import PortalSession
from app.portal.waits import Outcome

PAGE = NAMES[PageKind.VISIT]
_KIND = PageKind.VISIT
_READY = "f.visitReady(arg)"
_TRIES = 3


async def read_visit(session: PortalSession, url: str) -> VisitPage:
    """The visit's suggested and attached forms, on a fresh load. ``url`` is the link of the work-list row.

    Raises PortalChanged (counts that disagree …) and the errors of ``PortalSession.load``.
    """
    return await session.run(PAGE, lambda: _load(session, url))


async def create_form(session: PortalSession, url: str, form_type: str) -> int:
    """Add one form of exactly this type and return its entry id.

    The visit page is loaded unless it is the one shown. Raises PortalRefused when the visit does not offer the type,
    EffectUnknown when it cannot be said whether a form was added (no answer; more than one new form; one of another
    type), and transient errors only when a fresh look at the page proved that nothing was added.
    """

    async def begin() -> VisitPage:
        if session.at(url):
            outcome = await session.wait(_READY, _settle(session), mark=session.net.mark())
            if outcome.state == "done":
                return await _parse(session)
        return await _load(session, url)

    before = await session.run(PAGE, begin)
    async with session.guard(PAGE):
        last: PortalError | None = None
        for _ in range(_TRIES):
            outcome = await _click(session, form_type, before)
            if outcome.state == "done":
                return _fresh(before, await _parse(session), form_type)[0]
            last = _error(outcome, form_type)
            after = await _look_again(session, url, form_type)
            if new := _fresh(before, after, form_type, allow_none=True):
                return new[0]
            if outcome.state == "timeout":
                # The request may still be under way in the portal: a second click could make a second form.
                raise EffectUnknown(
                    f"The portal did not answer the request for a new form {form_type}, and shows none so far.",
                    page=PAGE,
                    form_type=form_type,
                )
            if isinstance(last, PortalRefused) or last.code == "portal_busy":
                raise last  # nothing was added; a portal that asks for a pause gets it
            before = after
        assert last is not None
        raise last


def _settle(session: PortalSession) -> dict[str, Any]:
    return {"settle": session.settings.settle_seconds * 1000}


async def _load(session: PortalSession, url: str) -> VisitPage:
    await session.load(url, _KIND, _READY, _settle(session), "suggested forms and the attached forms they count")
    return await _parse(session)


async def _parse(session: PortalSession) -> VisitPage:
    return parse_visit(await session.html(), session.page.url)


async def _click(session: PortalSession, form_type: str, before: VisitPage) -> Outcome:
    """Click the type's own link and wait for one more row and one more in the header's number."""
    position = next((i for i, kind in enumerate(before.suggested) if kind.form_type == form_type), None)
    if position is None:
        raise PortalRefused(
            f"The visit does not offer forms of the type {form_type}.",
            page=PAGE,
            code="form_type_not_offered",
            offered=[kind.form_type for kind in before.suggested],
        )
    header = session.page.locator('[dusk="suggested_forms"] .plain-header').nth(position)
    if before.suggested[position].action is None:
        raise changed(PAGE, f"link 'Attach' or 'New' of {form_type}")
    # "Attach" may be told by its title alone; "New" stands with a plus sign.
    link = (
        header.locator('a[title*="Attach"]') if before.suggested[position].action == "attach" else header.locator("a")
    )
    if await link.count() == 0:
        link = header.locator("a")
    elif before.suggested[position].action == "new":
        link = header.locator("a", has_text="New")
    await session.pace()
    mark = await session.click(link.first, f"new form {form_type}", _KIND)
    arg = {"type": form_type, "before": [str(form.entry_id) for form in before.forms]}
    return await session.wait(
        "f.visitGrown(arg)",
        arg,
        mark=mark,
        seconds=session.settings.save_seconds,
        drop_seconds=session.settings.drop_seconds,
    )


def _error(outcome: Outcome, form_type: str) -> PortalError:
    if outcome.state == "failed" and outcome.call is not None:
        return error_of(outcome.call, PAGE)
    if outcome.state == "login":
        return NotSignedIn("The portal asks for a sign-in.", page=PAGE)
    # No request went out, and the page stayed as it was: the portal ignored the clicks. That may pass.
    awaited = f"a new form {form_type} after {_TRIES} clicks"
    return PortalTimeout(f"Waited in vain for: {awaited}.", page=PAGE, code="clicks_ignored", awaited=awaited)


async def _look_again(session: PortalSession, url: str, form_type: str) -> VisitPage:
    """The visit as the portal has it now. When even that cannot be read, nobody knows what came of the click."""
    try:
        return await session.run(PAGE, lambda: _load(session, url))
    except PortalError as error:
        raise EffectUnknown(
            f"It is not known whether the form {form_type} was added: the visit could not be read again "
            f"({error.message})",
            page=PAGE,
            snapshot=error.snapshot,
            form_type=form_type,
            cause=error.code,
        ) from error


def _fresh(before: VisitPage, after: VisitPage, form_type: str, *, allow_none: bool = False) -> list[int]:
    known = {form.entry_id for form in before.forms}
    new = [form for form in after.forms if form.entry_id not in known]
    if allow_none and not new:
        return []
    if len(new) != 1 or new[0].form_type != form_type:
        raise EffectUnknown(
            f"One new form {form_type} was awaited, the visit shows {len(new)}: "
            f"{', '.join(f'{form.form_type} {form.entry_id}' for form in new) or 'none'}.",
            page=PAGE,
            entries=[form.entry_id for form in new],
        )
    return [new[0].entry_id]
