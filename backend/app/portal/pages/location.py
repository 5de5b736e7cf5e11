"""Reading a location's dispensers (Portal spec §3): the Equipment tab, the collapsed group, the counted cards."""

from __future__ import annotations

import time

from app.portal.errors import LocationGone, PortalChanged
from app.portal.net import Call, error_of
from app.portal.parse.identify import NAMES, PageKind
from app.portal.parse.location import parse_location
from app.portal.records import LocationPage
from app.portal.session import PortalSession
from app.portal.waits import press

PAGE = NAMES[PageKind.LOCATION]
_KIND = PageKind.LOCATION
_STEP = "f.locationStep(arg)"
_FIND = {"modal": "f.modalCancel()", "tab": "f.equipmentTab()", "expand": "f.dispenserToggle()"}
_WORDS = {
    "modal": "the dialog that lies over the page closed",
    "tab": "the Equipment tab",
    "expand": "the dispenser cards",
}


async def read_location(session: PortalSession, location_id: int, url: str | None = None) -> LocationPage:
    """The dispensers of a location, as many as the group's heading says.

    ``url``: the link of a work-list row, if at hand. Raises LocationGone, PortalChanged (no dispenser group, other
    counts) and the errors of ``PortalSession.load``.
    """
    address = url or f"/app/customers/locations/{location_id}/"
    return await session.run(PAGE, lambda: _read(session, location_id, address))


async def _read(session: PortalSession, location_id: int, address: str) -> LocationPage:
    arg = {"settle": session.settings.settle_seconds * 1000}
    step = await session.load(address, _KIND, _STEP, arg, "Equipment tab or dispenser group")
    deadline = time.monotonic() + session.settings.page_seconds
    failed: Call | None = None
    try:
        while step not in {"done", "deleted"}:
            failed = failed or session.net.failure(0)
            step = await _act(session, step, arg, deadline)
        if step == "deleted":
            raise LocationGone("The portal says that this location was deleted.", page=PAGE, location_id=location_id)
        return parse_location(await session.html(), session.page.url)
    except PortalChanged as error:
        # A group without its cards is no other page when the request for them has failed.
        failed = failed or session.net.failure(0)
        if failed is None:
            raise
        raise error_of(failed, PAGE) from error


async def _act(session: PortalSession, step: str, arg: dict[str, float], deadline: float) -> str:
    """Do the step the page needs and wait until it needs another one. A dropped click is tried again: the page is
    looked at first, so that an opened group is not closed by a second click."""
    awaited = _WORDS[step]
    other = {**arg, "step": step}
    changed_step = f"(() => {{ const s = {_STEP}; return s && s !== arg.step ? s : null; }})()"
    handle = await session.page.evaluate_handle(
        f"() => {{ const f = window.__fossawork; return {_FIND[step]} || null; }}"
    )
    target = handle.as_element()
    mark = session.net.mark()
    if target is not None:
        await press(session.page, target)
    outcome = await session.wait(
        changed_step,
        other,
        mark=mark,
        seconds=max(deadline - time.monotonic(), 0.1),
        drop_seconds=session.settings.drop_seconds,
    )
    if outcome.state == "done":
        return str(outcome.value)
    if outcome.state == "dropped" and time.monotonic() < deadline:
        return step
    raise await session.explain(outcome, _KIND, awaited)
