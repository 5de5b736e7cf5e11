"""Fills one form and proves it: look at what the portal holds, write what is blank, look again.

The same few lines serve the first attempt, a retry and the repetition after a crash, because nothing is remembered:
every round starts from what a fresh read of the form says. Somebody else's answers are never overwritten.
"""

from dataclasses import dataclass, field
from typing import Any

from app.forms.compare import (
    PROVER_SIZE,
    Match,
    found_text,
    grades_differ,
    match_equipment,
    match_grade,
    match_prover_size,
    panel_of,
)
from app.forms.ledger import FormLedger
from app.forms.schemas import FormPlan, Verdict
from app.kit import clock
from app.portal.errors import PortalError, PortalRefused
from app.portal.pages.form import GradeIntent, fill_grade, fill_section_one, open_grades
from app.portal.pages.form_read import read_form
from app.portal.records import FormSections
from app.portal.session import PortalSession
from app.work.grades import plain_name

_ROUNDS = 4
_LOOK = "Open the form in the portal and decide."


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    reason: str
    what_to_do: str | None = None
    evidence: dict[str, Any] | None = None
    read_back: dict[str, tuple[Match, str]] = field(default_factory=dict)


async def fill_form(
    session: PortalSession, ledger: FormLedger, url: str, plan: FormPlan, *, is_new: bool, wrote_before: bool
) -> Outcome:
    """Fills sections 1 and 536 of the form at ``url`` as planned, and reads them back.

    ``is_new``: we have just added it, so there is nothing in it to look at first. ``wrote_before``: the ledger says that
    an earlier attempt of this run wrote to it. Raises :class:`PortalError` for what only the caller can judge.
    """
    found = None if is_new else await read_form(session, url)
    wrote = wrote_before
    for round_ in range(_ROUNDS):
        if found is not None:
            answer = _look(found, plan, wrote=wrote)
            if answer is not None:
                return answer
        wrote = True
        try:
            refused = await _write(session, ledger, url, plan, found)
        except PortalError as error:
            if error.kind != "transient" or round_ == _ROUNDS - 1:
                raise
            refused = None
        found = await read_form(session, url)
        if refused is not None:
            return Outcome(Verdict.needs_human, refused, _LOOK, _evidence(found), _read_back(found, plan))
    assert found is not None
    answer = _look(found, plan, wrote=True)
    if answer is not None:
        return answer
    missing = ", ".join(key for key, (match, _) in _read_back(found, plan).items() if match is not Match.same)
    return Outcome(
        Verdict.not_done,
        f"After {_ROUNDS} attempts the portal still does not hold what was saved ({missing}).",
        "Try again later; if it stays, fill this form by hand.",
        _evidence(found),
        _read_back(found, plan),
    )


def _look(found: FormSections, plan: FormPlan, *, wrote: bool) -> Outcome | None:
    """What can be said of a form from reading it alone; ``None`` when something is left to write."""
    read_back = _read_back(found, plan)
    strange = [f"{words}" for match, words in read_back.values() if match is Match.other]
    if strange:
        reason = f"The form holds other answers than planned: {'; '.join(strange)}. They are left as they are."
        return Outcome(Verdict.needs_human, reason, _LOOK, _evidence(found), read_back)
    if any(match is Match.blank for match, _ in read_back.values()):
        return None
    verdict = Verdict.verified if wrote else Verdict.already_done
    reason = (
        "Read back from the portal as planned." if wrote else "The portal held all of it before; nothing was written."
    )
    return Outcome(verdict, reason, None, _evidence(found), read_back)


def _read_back(found: FormSections, plan: FormPlan) -> dict[str, tuple[Match, str]]:
    """Each step of the plan against what was read."""
    equipment, size = match_equipment(found, plan.numbers), match_prover_size(found)
    both = (
        Match.other
        if Match.other in (equipment, size)
        else Match.same
        if equipment == size == Match.same
        else Match.blank
    )
    result = {"equipment": (both, f"{found.equipment or 'no dispenser'} · {found.prover_size or 'no prover size'}")}
    if found.grades and (other := grades_differ([panel.grade for panel in found.grades], plan.grades)) is not None:
        result["equipment"] = (Match.other, other)
    asks_fill = any(panel.fill is not None for panel in found.grades)
    for index, grade in enumerate(plan.grades):
        panel = panel_of(found, grade.grade)
        match = Match.blank
        if panel is not None:
            match = match_grade(panel, grade, section_saved=bool(found.grade_section_saved), asks_fill=asks_fill)
        result[f"grade:{index}"] = (match, f"{grade.grade}: {found_text(panel)}" if found.grades else "nothing yet")
    return result


async def _write(
    session: PortalSession, ledger: FormLedger, url: str, plan: FormPlan, found: FormSections | None
) -> str | None:
    """Writes what ``found`` (``None`` = everything) leaves blank, each intent recorded first. Answers why it must not go
    on, when the form turns out to ask for other grades than the dispenser's card has."""
    state = _read_back(found, plan) if found is not None else {}
    before: str | None = None
    if found is None or state["equipment"][0] is not Match.same:
        await ledger.intend("equipment")
        await fill_section_one(session, url, tuple(plan.numbers), PROVER_SIZE)
        before = "equipment"
    section = await open_grades(session, url)
    other = grades_differ([panel.grade for panel in section.panels], plan.grades)
    if other is not None:
        if before is not None:
            await ledger.wrote(before)
        return other
    index_of = {plain_name(panel.grade): panel.index for panel in section.panels}
    for number, grade in enumerate(plan.grades):
        key = f"grade:{number}"
        if key in state and state[key][0] is Match.same:
            continue
        await ledger.intend(key, done=before)
        intent = GradeIntent(grade=plain_name(grade.grade), has_meter=grade.metered, prover_id=grade.prover_id or "")
        try:
            await fill_grade(session, url, section.section_id, index_of[plain_name(grade.grade)], intent)
        except PortalRefused as error:
            if not _only_misses_blend_ratios(error):
                raise
        before = key
    if before is not None:
        await ledger.wrote(before)
    return None


def _only_misses_blend_ratios(error: PortalRefused) -> bool:
    """An incomplete save is stored and its gaps are marked (Portal spec §5.1). Blend ratios are such a gap on purpose: which
    values belong there nobody has said (§11.1), so they are the technician's."""
    messages = error.details.get("messages") or []
    return bool(messages) and all(str(message).startswith("Blend Ratio") for message in messages)


def _evidence(found: FormSections) -> dict[str, Any]:
    return {
        "read_at": clock.now().isoformat(),
        "equipment": found.equipment,
        "prover_size": found.prover_size,
        "badge": None,
        "grades": [
            {
                "grade": panel.grade,
                "has_meter": {"yes": True, "no": False, None: None}[panel.has_meter],
                "fill": panel.fill,
                "prover": panel.prover,
            }
            for panel in found.grades
        ],
    }
