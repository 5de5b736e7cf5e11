"""Preparing the readings of a form (Portal spec §5.4, §5.5, §5.9): the section after the grades, 537 or 571.

What a technician has typed is never changed: a reading that holds anything else than it shall is left alone and named.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from playwright.async_api import Locator

from app.portal.errors import PortalRefused
from app.portal.pages.form_save import PAGE, SAVE, TRIES, messages_of, save
from app.portal.pages.readings_count import add_reading, delete_last_reading
from app.portal.pages.readings_look import (
    FIELDS_ARG,
    KIND,
    READY,
    ReadingsShape,
    checked,
    load_section,
    open_reading,
    open_readings,
    other_readings,
    read_readings,
    section_url,
    shape_of,
    values_of,
)
from app.portal.parse.dom import changed
from app.portal.parse.form_readings import TEXT_FIELDS, flow_speed
from app.portal.records import ReadingValues
from app.portal.session import PortalSession

__all__ = [
    "FilledReadings",
    "ReadingIntent",
    "ReadingsShape",
    "add_reading",
    "delete_last_reading",
    "fill_readings",
    "open_readings",
    "read_readings",
    "same_value",
]


@dataclass(frozen=True, slots=True)
class ReadingIntent:
    """What one reading shall hold. ``group`` counts in page order from 0, ``number`` inside the group from 0; a ``None``
    field is left alone."""

    group: int
    number: int
    values: ReadingValues


@dataclass(frozen=True, slots=True)
class FilledReadings:
    """What came of filling: the portal's messages after the save ("Variance field is required." is normal, Portal spec
    §5.1), and the readings (group, number) that were left alone because they held other values."""

    messages: tuple[str, ...]
    left_alone: tuple[tuple[int, int], ...]


async def fill_readings(
    session: PortalSession,
    url: str,
    section_id: int,
    groups: tuple[int, ...],
    intents: Sequence[ReadingIntent],
    on_reading: Callable[[ReadingIntent], Awaitable[None]] | None = None,
) -> FilledReadings:
    """Type what is still blank into the readings of ``intents``, read each back, and save the section once.

    ``groups``: the readings per group that the form must have. ``on_reading`` is told of each intent that was dealt
    with (filled or left alone); when the portal wants a sign-in in between, what was typed is lost and all is done and
    told again. Nothing is saved when every reading was left alone.

    Raises PortalRefused (code ``other_readings``; the portal's refusal to save), PortalChanged (a field that is not
    there or is labelled as another one, a procedure that is not offered), ValueError for an intent outside the groups,
    and transient errors; all of it can be repeated.
    """
    for intent in intents:
        if not (0 <= intent.group < len(groups) and 0 <= intent.number < groups[intent.group]):
            raise ValueError(f"there is no reading {intent.number} in group {intent.group} of {groups}")
    return await session.run(PAGE, lambda: _fill(session, url, section_id, groups, intents, on_reading))


def same_value(one: str | None, other: str | None) -> bool:
    """Whether two entries mean the same: the same text, or the same number (".0001" and "0.0001")."""
    if one == other or one is None or other is None:
        return one == other
    try:
        return Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


async def _fill(
    session: PortalSession,
    url: str,
    section_id: int,
    groups: tuple[int, ...],
    intents: Sequence[ReadingIntent],
    on_reading: Callable[[ReadingIntent], Awaitable[None]] | None,
) -> FilledReadings:
    state = await _at_section(session, url, section_id)
    shape = shape_of(state)
    if shape.groups != groups:
        raise other_readings(shape.groups, str(list(groups)))
    now_open = int(state["open"])
    session.proven = None
    left_alone: list[tuple[int, int]] = []
    for intent in intents:
        index = sum(groups[: intent.group]) + intent.number
        reading = await open_reading(session, index, now_open=now_open, touch=True)
        now_open = index
        if _strange(values_of(reading), intent.values):
            left_alone.append((intent.group, intent.number))
        else:
            await _enter(session, index, reading, intent.values)
        if on_reading is not None:
            await on_reading(intent)
    if len(left_alone) == len(intents):
        return FilledReadings((), tuple(left_alone))
    answer = await save(session, session.page.locator(SAVE).locator("visible=true").first, None, "the readings")
    return FilledReadings(tuple(messages_of(answer)), tuple(left_alone))


async def _at_section(session: PortalSession, url: str, section_id: int) -> dict[str, Any]:
    """The section as it stands, unless something was typed into this document before: that may be half of something."""
    if session.at(section_url(url, section_id)):
        here = await session.wait(READY, {"after": None}, mark=session.net.mark())
        if here.state == "done" and not here.value["touched"]:
            return dict(here.value)
    return await load_section(session, url, section_id)


def _strange(held: ReadingValues, wanted: ReadingValues) -> bool:
    """Whether the reading holds a value that is not the wanted one."""
    pairs = [(getattr(held, field.name), getattr(wanted, field.name)) for field in fields(ReadingValues)]
    return any(have is not None and not same_value(have, want) for have, want in pairs)


def _unset(held: ReadingValues, wanted: ReadingValues) -> list[str]:
    """What of the wanted values the reading does not hold."""
    names = [field.name for field in fields(ReadingValues)]
    return [
        name
        for name in names
        if (want := getattr(wanted, name)) is not None and not same_value(getattr(held, name), want)
    ]


async def _enter(session: PortalSession, index: int, reading: dict[str, Any], wanted: ReadingValues) -> None:
    """Enter what is missing and read it back; again when a click was dropped."""
    arg = {"index": index, "names": FIELDS_ARG, "touch": True}
    for _ in range(TRIES):
        unset = _unset(values_of(reading), wanted)
        if not unset:
            return
        scope = session.page.locator(f"#iteration-{index}")
        for name in unset:
            if name in TEXT_FIELDS:
                await _type(scope, reading, name, getattr(wanted, name))
        if "flow" in unset:
            await _choose_flow(session, scope, reading, str(wanted.flow))
        if "procedure" in unset:
            await _choose_procedure(session, scope, reading, str(wanted.procedure))
        awaited = f"reading {index} with its values"
        reading = checked(await session.expect("f.readingOpen(arg)", arg, KIND, awaited))
    if unset := _unset(values_of(reading), wanted):
        raise changed(PAGE, f"the values typed into reading {index}: {', '.join(unset)}")


async def _type(scope: Locator, reading: dict[str, Any], name: str, value: str) -> None:
    field = reading["fields"][name]
    if field is None:
        raise changed(PAGE, f"reading {reading['index']}: the field of the {name}")
    await scope.locator("input, textarea").nth(int(field["position"])).fill(value)


async def _choose_flow(session: PortalSession, scope: Locator, reading: dict[str, Any], flow: str) -> None:
    fitting = [option for option in reading["flow"] if flow_speed(option["label"], option["value"]) == flow]
    if len(fitting) != 1:
        said = [option["label"] or option["value"] for option in reading["flow"]]
        raise changed(PAGE, f"reading {reading['index']}: flow {flow!r} among {said}")
    radio = f'input[type="radio"][name="{fitting[0]["name"]}"][value="{fitting[0]["value"]}"]'
    await session.click(scope.locator(f"label:has({radio})").first, f"flow {flow}", KIND, rested=True)


async def _choose_procedure(session: PortalSession, scope: Locator, reading: dict[str, Any], procedure: str) -> None:
    if reading["procedure"] is None:
        raise changed(PAGE, f"reading {reading['index']}: the selection of the procedure")
    box = scope.locator(".ks-select").nth(int(reading["procedure"]["position"]))
    arg = {
        "index": reading["index"],
        "names": FIELDS_ARG,
        "wanted": procedure,
        "settle": session.settings.settle_seconds * 1000,
    }
    selection = box.locator(".ks-select-selection")
    awaited = "list of the procedures"
    labels = await session.click_until(selection, "f.procedureOffered(arg)", arg, KIND, awaited, rested=True)
    fitting = [position for position, label in enumerate(labels) if label == procedure]
    if len(fitting) != 1:
        count = "no" if not fitting else "more than one"
        raise PortalRefused(
            f"The form offers {count} procedure {procedure}.", page=PAGE, code="procedure_not_offered", offered=labels
        )
    await session.click(
        box.locator(".autocomplete-list li").nth(fitting[0]), f"procedure {procedure}", KIND, rested=True
    )
