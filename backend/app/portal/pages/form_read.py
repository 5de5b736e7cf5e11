"""Reading a form entry as the portal holds it: the evidence after filling (Portal spec §5, §10 rule 3)."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from app.portal.parse.dom import FORM_PATH, changed, leading_numbers, path_of
from app.portal.parse.form import (
    FILL_FIELDS,
    HAS_METER_FIELDS,
    PROVER_SIZE_FIELDS,
    grade_name,
)
from app.portal.parse.form_parts import selection_value
from app.portal.parse.identify import NAMES, PageKind
from app.portal.records import FormSections, GradePanel, YesNo
from app.portal.session import PortalSession

PAGE = NAMES[PageKind.FORM]
_KIND = PageKind.FORM
NAMES_ARG = {"sizeNames": list(PROVER_SIZE_FIELDS), "meter": list(HAS_METER_FIELDS), "fill": list(FILL_FIELDS)}


async def read_form(session: PortalSession, url: str) -> FormSections:
    """Section 1 and every grade with its values, on a fresh load (nothing that the page remembers is believed).

    Without a saved section 1 there are no grades yet. Raises PortalChanged and the errors of ``PortalSession.load``.
    """
    return await session.run(PAGE, lambda: _read(session, url))


async def _read(session: PortalSession, url: str) -> FormSections:
    one = await session.load(url, _KIND, "f.sectionOneReady(arg)", NAMES_ARG, "equipment selection")
    match = FORM_PATH.match(path_of(session.resolve(url)))
    if match is None:
        raise changed(PAGE, f"address of a form entry ({path_of(url)})")
    panels: tuple[GradePanel, ...] = ()
    section_id: int | None = None
    saved: bool | None = None
    if one["next"]:
        section_id = int((await go_next(session))["section"])
        mark = session.net.mark()
        seconds = session.settings.action_seconds
        arg = {"names": NAMES_ARG, "ms": seconds * 1000, "drop": session.settings.drop_seconds * 1000}
        try:
            async with asyncio.timeout(session.settings.page_seconds + seconds):
                answer = await session.page.evaluate("(arg) => window.__fossawork.readGrades(arg)", arg)
        except TimeoutError:
            answer = {"state": "timeout"}
        if answer["state"] != "done":
            awaited = f"values of the grade in panel {answer.get('index')}"
            outcome = await session.wait("f.idle() ? true : null", mark=mark)
            raise await session.explain(outcome, _KIND, awaited)
        panels = tuple(grade_panel(panel) for panel in answer["value"]["panels"])
        saved = answer["value"]["next"]
    equipment = selection_value(one["equipment"] or None)
    return FormSections(
        entry_id=int(match.group(3)),
        url=url,
        equipment=equipment,
        equipment_numbers=leading_numbers(equipment),
        prover_size=next((str(size["label"]) for size in one["sizes"] if size["active"]), None),
        section_one_saved=bool(one["next"]),
        grade_section_id=section_id,
        grades=panels,
        grade_section_saved=saved,
    )


async def go_next(session: PortalSession) -> dict[str, Any]:
    """Click Next in section 1 and wait for the grades; the section's id comes from the address."""
    link = session.page.locator("a.next-section:not(.disabled)").locator("visible=true").first
    value = await session.click_until(
        link,
        "f.gradesReady(arg)",
        NAMES_ARG,
        _KIND,
        "grades of the form",
        seconds=session.settings.page_seconds,
        rested=True,
    )
    return dict(value)


def grade_panel(panel: dict[str, Any]) -> GradePanel:
    """The record of a panel as the page script reads it. Raises PortalChanged for a choice that is neither Yes nor No."""
    index, grade = int(panel["index"]), grade_name(panel["header"])
    if not grade:
        raise changed(PAGE, f"iteration {index}: name of the grade")
    if not panel["expanded"]:
        return GradePanel(index, grade, False, None, None, None, None)
    provers = [text for box in panel["provers"] if (text := selection_value(box["text"] or None))]
    if len(provers) > 1:
        raise changed(PAGE, f"iteration {index}: several provers")
    return GradePanel(
        index=index,
        grade=grade,
        expanded=True,
        has_meter=_yes_no(_active(panel["meter"], index), index),
        fill=_active(panel["fill"], index),
        prover=provers[0] if provers else None,
        fuel_price=panel["price"] or None,
        blend_ratios=tuple(str(value) for value in panel["blends"]),
    )


def _active(options: list[dict[str, Any]], index: int) -> str | None:
    active = [str(option["label"]) for option in options if option["active"]]
    if len(active) > 1:
        raise changed(PAGE, f"iteration {index}: several choices of one field are active: {active}")
    return active[0] if active else None


def _yes_no(label: str | None, index: int) -> YesNo | None:
    if label is None:
        return None
    if label.casefold() == "yes":
        return "yes"
    if label.casefold() == "no":
        return "no"
    raise changed(PAGE, f"iteration {index}: 'Has Meter' is {label!r}")


def prover_in(text: str | None, prover_id: str) -> bool:
    """Whether a label names exactly this prover: the id as a whole word, not as a part of a longer one."""
    return re.search(rf"(?<![\w-]){re.escape(prover_id)}(?![\w-])", text or "") is not None
