"""Looking at the readings of a form: which groups there are, and what each reading holds (Portal spec §5.4)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Error as PlaywrightError

from app.portal.errors import PortalError, PortalRefused, PortalUnreachable
from app.portal.net import error_of
from app.portal.pages.form_read import NAMES_ARG
from app.portal.pages.form_save import PAGE, TRIES
from app.portal.parse.dom import changed
from app.portal.parse.form_parts import selection_value
from app.portal.parse.form_readings import (
    PROCEDURES,
    READING_FIELDS,
    READING_LABELS,
    TEXT_FIELDS,
    flow_speed,
)
from app.portal.parse.identify import PageKind
from app.portal.records import Flow, Reading, ReadingsPage, ReadingValues
from app.portal.session import PortalSession
from app.portal.waits import Outcome, navigated

KIND = PageKind.FORM
FIELDS_ARG = {"fields": READING_FIELDS, "labels": READING_LABELS, "procedures": PROCEDURES}
READY = "f.readingsReady(arg)"
_CHUNK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class ReadingsShape:
    """The readings section, opened: its id (537, 571 …, told by the address), how many readings each group has, and the
    headers as (group, title), whatever they say."""

    section_id: int
    groups: tuple[int, ...]
    titles: tuple[tuple[int, str | None], ...] = field(default=(), compare=False)


async def open_readings(session: PortalSession, url: str, grade_section_id: int) -> ReadingsShape:
    """Go on from the form's saved grades to the readings.

    Raises PortalRefused (code ``section_not_saved``) when Next is disabled there, PortalChanged, and transient errors.
    """
    return await session.run(PAGE, lambda: _open_section(session, url, grade_section_id))


async def read_readings(session: PortalSession, url: str, section_id: int) -> ReadingsPage:
    """Every reading with its values as the portal holds them, on a fresh load. Nothing is typed.

    Raises PortalChanged (a group without its "+ Add Reading", a field labelled as another one …) and the errors of
    ``PortalSession.load``.
    """
    return await session.run(PAGE, lambda: _read(session, url, section_id))


async def _open_section(session: PortalSession, url: str, grade_section_id: int) -> ReadingsShape:
    address = section_url(url, grade_section_id)
    if session.at(address):
        state = await session.expect("f.gradesReady(arg)", NAMES_ARG, KIND, "grades of the form")
    else:
        state = await session.load(address, KIND, "f.gradesReady(arg)", NAMES_ARG, "grades of the form")
    if not state["next"]:
        raise PortalRefused("The grades are not saved yet: Next is disabled.", page=PAGE, code="section_not_saved")
    link = session.page.locator("a.next-section:not(.disabled)").locator("visible=true").first
    seconds = session.settings.page_seconds
    arg = {"after": grade_section_id}
    shape = shape_of(
        await session.click_until(link, READY, arg, KIND, "readings of the form", seconds=seconds, rested=True)
    )
    session.proven = section_url(url, shape.section_id)
    return shape


async def load_section(session: PortalSession, url: str, section_id: int) -> dict[str, Any]:
    """The readings section on a fresh load, as the page script tells it."""
    arg = {"after": None}
    address = section_url(url, section_id)
    state = dict(await session.load(address, KIND, READY, arg, "readings of the form"))
    shape_of(state)
    session.proven = address
    return state


async def known_section(session: PortalSession, url: str, section_id: int) -> dict[str, Any]:
    """The readings section as it stands, when what it shows is known to be what the portal holds; else a fresh load."""
    address = section_url(url, section_id)
    if session.proven == address and session.at(address):
        here = await session.wait(READY, {"after": None}, mark=session.net.mark())
        if here.state == "done" and not here.value["touched"]:
            shape_of(here.value)
            return dict(here.value)
    return await load_section(session, url, section_id)


def section_url(url: str, section_id: int) -> str:
    """The address of a section of a form."""
    return f"{url.rstrip('/')}/sections/{section_id}"


def shape_of(state: dict[str, Any]) -> ReadingsShape:
    """The groups. Raises PortalChanged unless every reading stands before the "+ Add Reading" of its group."""
    if list(state["ids"]) != list(range(len(state["ids"]))):
        raise changed(PAGE, f"iterations are not numbered from 0: {state['ids']}")
    if not state["groups"] or state["behind"]:
        raise changed(PAGE, "'+ Add Reading' at the end of each group of readings")
    titles = tuple((int(group), str(title) or None) for group, title in state["titles"])
    return ReadingsShape(int(state["section"]), tuple(int(count) for count in state["groups"]), titles)


def other_readings(groups: Sequence[int], wanted: str) -> PortalRefused:
    """The error for groups that are not those the caller planned for."""
    return PortalRefused(
        f"The form has other readings than expected: {list(groups)} per group instead of {wanted}.",
        page=PAGE,
        code="other_readings",
        action="Look at the readings of the form in the portal; somebody may be working on it.",
        groups=list(groups),
    )


async def open_reading(
    session: PortalSession, index: int, *, now_open: int, touch: bool = False, rested: bool = True
) -> dict[str, Any]:
    """Open a reading unless it is the one open, and tell all about it. Opening is harmless, so it is tried again when
    the click was dropped or the portal failed. ``touch``: something is going to be typed into it."""
    arg = {"index": index, "names": FIELDS_ARG, "touch": touch}
    awaited = f"reading {index} opened"
    if now_open == index:
        return checked(await session.expect("f.readingOpen(arg)", arg, KIND, awaited))
    header = session.page.locator(f"#iteration-{index} .panel-header").first
    last: PortalError | None = None
    for _ in range(TRIES + 1):
        mark = await session.click(header, awaited, KIND, rested=rested)
        outcome = await session.wait("f.readingOpen(arg)", arg, mark=mark, drop_seconds=session.settings.drop_seconds)
        if outcome.state == "done":
            return checked(outcome.value)
        last = await session.explain(outcome, KIND, awaited)
        failed = outcome.state == "failed" and isinstance(last, PortalUnreachable) and last.code != "portal_busy"
        if not failed and outcome.state != "dropped":
            raise last
        rested = False
    assert last is not None
    raise last


def checked(state: dict[str, Any]) -> dict[str, Any]:
    """The open reading. Raises PortalChanged when its fields contradict what is known of them."""
    if state["problems"]:
        raise changed(PAGE, f"reading {state['index']}: {'; '.join(state['problems'])}")
    return dict(state)


def values_of(state: dict[str, Any]) -> ReadingValues:
    """What the open reading holds; a field that it does not have is blank. Raises PortalChanged for an unknown flow."""
    texts = {key: (state["fields"][key] or {}).get("value") or None for key in TEXT_FIELDS}
    active = [option for option in state["flow"] if option["active"]]
    if len(active) > 1:
        raise changed(PAGE, f"reading {state['index']}: several flows are active")
    flow: Flow | None = flow_speed(active[0]["label"], active[0]["value"]) if active else None
    procedure = selection_value(state["procedure"]["text"] or None) if state["procedure"] else None
    return ReadingValues(procedure=procedure, flow=flow, **texts)


async def _read(session: PortalSession, url: str, section_id: int) -> ReadingsPage:
    state = await load_section(session, url, section_id)
    shape = shape_of(state)
    total = sum(shape.groups)
    found: list[dict[str, Any]] = []
    while len(found) < total:
        found += await _read_some(session, len(found))
    if [one["index"] for one in found] != list(range(total)):
        raise changed(PAGE, f"{total} readings that can be opened one after the other")
    places = [(group, number) for group, count in enumerate(shape.groups) for number in range(count)]
    return ReadingsPage(
        section_id=shape.section_id,
        groups=shape.groups,
        readings=tuple(
            Reading(group, number, one["title"] or None, values_of(checked(one)), one["variance"] or None)
            for (group, number), one in zip(places, found, strict=True)
        ),
        errors=tuple(dict.fromkeys(str(message) for one in found for message in one["errors"])),
    )


async def _read_some(session: PortalSession, start: int) -> list[dict[str, Any]]:
    """The readings from ``start`` on, as many as can be opened in a while; at least one."""
    settings = session.settings
    seconds = max(settings.action_seconds, _CHUNK_SECONDS)
    mark = session.net.mark()
    arg = {"from": start, "names": FIELDS_ARG, "ms": seconds * 1000, "drop": settings.drop_seconds * 1000}
    answer: dict[str, Any] = {"state": "timeout", "found": []}
    try:
        async with asyncio.timeout(seconds + settings.action_seconds):
            answer = await session.page.evaluate("(arg) => window.__fossawork.readReadings(arg)", arg)
    except TimeoutError:
        answer["state"] = "stuck"
    except PlaywrightError as error:
        if not navigated(error):
            raise
    if answer["state"] != "login" and answer["found"]:
        return list(answer["found"])
    awaited = f"values of reading {start}"
    call = session.net.failure(mark)
    if call is not None and not call.signed_out:
        raise error_of(call, PAGE)
    outcome = await session.wait("f.idle() ? true : null", mark=session.net.mark())
    raise await session.explain(outcome if outcome.state == "login" else Outcome("timeout"), KIND, awaited)
