"""Filling a form entry: section 1 (equipment, prover size) and the section of the grades (Portal spec §5.2, §5.3, §5.9).

Every choice is made inside its own container, read back before the section is saved, and made again only when it is
not there; saving the same values twice does no harm. Nothing is ever chosen because it is the first in a list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.async_api import Locator

from app.portal.errors import EquipmentNotOffered, FormBoundElsewhere, PortalRefused, ProverNotOffered
from app.portal.pages.form_read import (
    NAMES_ARG,
    go_next,
    grade_panel,
    prover_in,
)
from app.portal.pages.form_save import SAVE, TRIES, save_whole
from app.portal.parse.dom import changed, leading_numbers
from app.portal.parse.form import grade_name
from app.portal.parse.form_parts import selection_value
from app.portal.parse.identify import NAMES, PageKind
from app.portal.records import GradePanel
from app.portal.session import PortalSession

PAGE = NAMES[PageKind.FORM]
_KIND = PageKind.FORM


@dataclass(frozen=True, slots=True)
class GradeIntent:
    """What one grade of the form shall say. ``prover_id`` like "21-65435-04"; ``blend_ratios`` only for Open Neck Prover
    grades with a meter, and only when somebody gave values."""

    grade: str
    has_meter: bool
    prover_id: str
    fill: str = "Top"
    blend_ratios: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class SectionOne:
    """Section 1 as it was read back after saving."""

    equipment: str
    equipment_numbers: tuple[int, ...]
    prover_size: str | None


@dataclass(frozen=True, slots=True)
class GradeSection:
    """The section of the grades, opened: its id (536, 570 …, told by the address) and its panels."""

    section_id: int
    panels: tuple[GradePanel, ...]


async def fill_section_one(
    session: PortalSession, url: str, numbers: tuple[int, ...], prover_size: str | None = "5 Gallon"
) -> SectionOne:
    """Bind the form to the equipment whose label begins with exactly this number, choose the prover size, and save.

    ``prover_size`` ``None`` leaves the size alone; a form without that field is saved without (``SectionOne`` tells).
    Raises EquipmentNotOffered (none or several fit), FormBoundElsewhere (never rebinds), PortalRefused (the portal's
    messages), PortalChanged, and transient errors; all of it can be repeated.
    """
    return await session.run(PAGE, lambda: _section_one(session, url, numbers, prover_size))


async def open_grades(session: PortalSession, url: str) -> GradeSection:
    """Go on from the form's saved section 1 to the grades. Raises PortalRefused when section 1 is not saved yet."""
    return await session.run(PAGE, lambda: _open_grades(session, url))


async def fill_grade(session: PortalSession, url: str, section_id: int, index: int, intent: GradeIntent) -> GradePanel:
    """Fill and save the panel ``index`` and return it as read back before it was saved.

    Raises PortalRefused (another grade stands there; the portal's messages), ProverNotOffered, PortalChanged, and
    transient errors; all of it can be repeated.
    """
    return await session.run(PAGE, lambda: _grade(session, url, section_id, index, intent))


# ---- section 1 -----------------------------------------------------------------------------------------------------


async def _section_one(
    session: PortalSession, url: str, numbers: tuple[int, ...], prover_size: str | None
) -> SectionOne:
    if not numbers:
        raise EquipmentNotOffered("A dispenser without a number cannot be chosen.", page=PAGE, wanted="", offered=[])
    state = await session.load(url, _KIND, "f.sectionOneReady(arg)", NAMES_ARG, "equipment selection")
    for _ in range(TRIES):
        state = await _choose_section_one(session, state, numbers, prover_size)
        if _section_one_done(state, numbers, prover_size):
            break
    else:
        raise changed(PAGE, f"the chosen equipment {_label(numbers)} and prover size {prover_size} in section 1")
    answer = await save_whole(session, session.page.locator(SAVE).locator("visible=true").first, None, "section 1")
    if answer["next"] is False:
        raise PortalRefused("The portal did not save section 1: Next stays disabled.", page=PAGE, messages=[])
    state = await session.expect("f.sectionOneReady(arg)", NAMES_ARG, _KIND, "section 1 after saving")
    if not _section_one_done(state, numbers, prover_size):
        raise changed(PAGE, "section 1 shows other values after it was saved")
    return SectionOne(str(state["equipment"]), leading_numbers(state["equipment"]), _active_size(state))


def _section_one_done(state: dict[str, Any], numbers: tuple[int, ...], prover_size: str | None) -> bool:
    size_done = prover_size is None or not state["sizes"] or _active_size(state) == prover_size
    return leading_numbers(state["equipment"]) == numbers and size_done


def _active_size(state: dict[str, Any]) -> str | None:
    return next((str(size["label"]) for size in state["sizes"] if size["active"]), None)


async def _choose_section_one(
    session: PortalSession, state: dict[str, Any], numbers: tuple[int, ...], prover_size: str | None
) -> dict[str, Any]:
    if state["boxes"] != 1:
        raise changed(PAGE, "exactly one equipment selection")
    bound = leading_numbers(state["equipment"])
    if bound != numbers:
        if bound or (state["next"] and selection_value(state["equipment"]) is not None):
            raise FormBoundElsewhere(
                f"The form is bound to another dispenser: {state['equipment']}.",
                page=PAGE,
                equipment=state["equipment"],
            )
        await _choose_equipment(session, numbers)
    if prover_size is not None and state["sizes"] and _active_size(state) != prover_size:
        fitting = [size for size in state["sizes"] if size["label"].lower() == prover_size.lower()]
        if len(fitting) != 1:
            raise changed(PAGE, f"prover size {prover_size!r} among {[size['label'] for size in state['sizes']]}")
        await session.click(_radio(session.page.locator("body"), fitting[0]), f"prover size {prover_size}", _KIND)
    state = await session.expect("f.sectionOneReady(arg)", NAMES_ARG, _KIND, "section 1 with its choices")
    return dict(state)


async def _choose_equipment(session: PortalSession, numbers: tuple[int, ...]) -> None:
    selector = ".form-entry-equipment .ks-select"
    box = session.page.locator(selector)
    labels = await _open_list(
        session, box, {"selector": selector, "number": _label(numbers)}, "list of the equipment", rested=True
    )
    fitting = [i for i, label in enumerate(labels) if leading_numbers(label) == numbers]
    if len(fitting) != 1:
        count = "no" if not fitting else "more than one"
        raise EquipmentNotOffered(
            f"The form offers {count} equipment with the number {_label(numbers)}.",
            page=PAGE,
            wanted=_label(numbers),
            offered=labels,
        )
    await session.click(
        box.locator(".autocomplete-list li").nth(fitting[0]), "choice of the equipment", _KIND, rested=True
    )


def _label(numbers: tuple[int, ...]) -> str:
    return "/".join(str(number) for number in numbers)


async def _open_list(
    session: PortalSession, box: Locator, arg: dict[str, Any], awaited: str, *, rested: bool = False
) -> list[str]:
    arg = {"number": None, "contains": None, **arg, "settle": session.settings.settle_seconds * 1000}
    selection = box.locator(".ks-select-selection")
    labels = await session.click_until(selection, "f.offered(arg)", arg, _KIND, awaited, rested=rested)
    return [str(label) for label in labels]


def _radio(scope: Locator, option: dict[str, Any]) -> Locator:
    return scope.locator(f'label:has(input[type="radio"][name="{option["name"]}"][value="{option["value"]}"])').first


# ---- grades --------------------------------------------------------------------------------------------------------


async def _open_grades(session: PortalSession, url: str) -> GradeSection:
    if session.at(url):
        state = await session.expect("f.sectionOneReady(arg)", NAMES_ARG, _KIND, "equipment selection")
    else:
        state = await session.load(url, _KIND, "f.sectionOneReady(arg)", NAMES_ARG, "equipment selection")
    if not state["next"]:
        raise PortalRefused("Section 1 is not saved yet: Next is disabled.", page=PAGE, code="section_not_saved")
    opened = await go_next(session)
    return GradeSection(opened["section"], tuple(grade_panel(panel) for panel in opened["panels"]))


async def _grade(session: PortalSession, url: str, section_id: int, index: int, intent: GradeIntent) -> GradePanel:
    address = f"{url.rstrip('/')}/sections/{section_id}"
    here = await session.wait("f.gradesReady(arg)", NAMES_ARG, mark=session.net.mark()) if session.at(address) else None
    if here is None or here.state != "done":
        opened = await session.load(address, _KIND, "f.gradesReady(arg)", NAMES_ARG, "grades of the form")
    else:
        opened = here.value
    panels = opened["panels"]
    name = grade_name(panels[index]["header"]) if index < len(panels) else None
    if name is None or name.casefold() != intent.grade.casefold():
        raise PortalRefused(
            f"The form has {name or 'no grade'} where {intent.grade} was expected.",
            page=PAGE,
            code="other_grade",
            grades=[grade_name(panel["header"]) for panel in panels],
        )
    panel = panels[index] if panels[index]["expanded"] else await _expand(session, index)
    for _ in range(TRIES):
        unset = _unset(panel, intent)
        if not unset:
            break
        panel = await _choose(session, index, panel, intent, unset)
    if _unset(panel, intent):
        raise changed(PAGE, f"the chosen values of {intent.grade}: {', '.join(_unset(panel, intent))}")
    button = session.page.locator(f"#iteration-{index} {SAVE}").first
    await save_whole(session, button, index, f"grade {intent.grade}")
    return grade_panel(panel)


async def _expand(session: PortalSession, index: int) -> dict[str, Any]:
    link = session.page.locator(f"#iteration-{index} .panel-header a").first
    arg = {"index": index, "names": NAMES_ARG}
    awaited = f"panel {index} opened"
    return dict(await session.click_until(link, "f.gradeOpen(arg)", arg, _KIND, awaited, rested=True))


def _unset(panel: dict[str, Any], intent: GradeIntent) -> list[str]:
    """What of the intent the panel does not show yet."""
    now = grade_panel(panel)
    unset = []
    if now.has_meter != ("yes" if intent.has_meter else "no"):
        unset.append("meter")
    if panel["fill"] and (now.fill or "").casefold() != intent.fill.casefold():
        unset.append("fill")
    if not prover_in(now.prover, intent.prover_id):
        unset.append("prover")
    if intent.blend_ratios is not None and intent.has_meter and now.blend_ratios != intent.blend_ratios:
        unset.append("blend")
    return unset


async def _choose(
    session: PortalSession, index: int, panel: dict[str, Any], intent: GradeIntent, unset: list[str]
) -> dict[str, Any]:
    scope = session.page.locator(f"#iteration-{index}")
    if "meter" in unset:
        await session.click(
            _radio(scope, _option(panel["meter"], "Yes" if intent.has_meter else "No")), "Has Meter", _KIND, rested=True
        )
    if "fill" in unset:
        await session.click(_radio(scope, _option(panel["fill"], intent.fill)), "Type of fill", _KIND)
    if "blend" in unset and "meter" not in unset:
        await _blend(scope, panel, intent)
    if "prover" in unset:
        await _choose_prover(session, index, panel, intent.prover_id)
    arg = {"index": index, "names": NAMES_ARG}
    return dict(await session.expect("f.gradeOpen(arg)", arg, _KIND, f"panel {index} with its choices"))


def _option(options: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    fitting = [option for option in options if option["label"].casefold() == wanted.casefold()]
    if len(fitting) != 1:
        raise changed(PAGE, f"choice {wanted!r} among {[option['label'] for option in options]}")
    return fitting[0]


async def _blend(scope: Locator, panel: dict[str, Any], intent: GradeIntent) -> None:
    wanted = intent.blend_ratios or ()
    if len(panel["blends"]) != len(wanted):
        raise changed(PAGE, f"{len(wanted)} blend ratio fields (found {len(panel['blends'])})")
    fields = scope.locator(".panel-body input[type=text]:not(.ks-select input)")
    positions = await fields.evaluate_all(
        "(nodes) => { const f = window.__fossawork; return nodes.map((n, i) => f.inputLabel(n, n.closest('.panel-body')).includes('blend') ? i : -1).filter((i) => i >= 0) }"
    )
    for position, value in zip(positions, wanted, strict=True):
        await fields.nth(position).fill(value)


async def _choose_prover(session: PortalSession, index: int, panel: dict[str, Any], prover_id: str) -> None:
    if len(panel["provers"]) != 1:
        raise changed(PAGE, f"exactly one prover selection in panel {index}")
    selector = f"#iteration-{index} .panel-body .ks-select"
    box = session.page.locator(selector).first
    labels = await _open_list(session, box, {"selector": selector, "contains": prover_id}, "list of the provers")
    fitting = [i for i, label in enumerate(labels) if prover_in(label, prover_id)]
    if len(fitting) != 1:
        count = "no" if not fitting else "more than one"
        raise ProverNotOffered(
            f"The form offers {count} prover {prover_id}.", page=PAGE, wanted=prover_id, offered=labels
        )
    await session.click(
        box.locator(".autocomplete-list li").nth(fitting[0]), "choice of the prover", _KIND, rested=True
    )
