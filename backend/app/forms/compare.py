"""What a form holds against what was planned. Pure: this decides what may be written and what counts as proof."""

from collections.abc import Sequence
from enum import StrEnum

from app.forms.schemas import GradePlan
from app.portal.pages.form_read import prover_in
from app.portal.records import FormSections, GradePanel
from app.work.grades import plain_name

PROVER_SIZE = "5 Gallon"
FILL = "Top"


class Match(StrEnum):
    """``blank``: may be written; ``same``: nothing to do; ``other``: somebody answered differently, never overwritten."""

    blank = "blank"
    same = "same"
    other = "other"


def match_equipment(found: FormSections, numbers: Sequence[int]) -> Match:
    if found.equipment is None or not found.equipment_numbers:
        return Match.blank
    return Match.same if set(found.equipment_numbers) == set(numbers) else Match.other


def match_prover_size(found: FormSections) -> Match:
    if found.prover_size is None or not found.section_one_saved:
        return Match.blank
    return Match.same if found.prover_size == PROVER_SIZE else Match.other


def match_grade(panel: GradePanel, plan: GradePlan, *, section_saved: bool, asks_fill: bool = True) -> Match:
    """``asks_fill``: whether the form has a type of fill at all (Open Neck Prover forms have none). Before a section was saved for the first time, what stands in it are the portal's defaults, nobody's answers."""
    checks = [
        (panel.has_meter, panel.has_meter == ("yes" if plan.metered else "no")),
        (panel.prover, plan.prover_id is not None and prover_in(panel.prover, plan.prover_id)),
    ]
    answered = [fits for value, fits in checks if value is not None]
    fill_fits = panel.fill in (None, FILL)
    if len(answered) == len(checks) and all(answered) and (panel.fill == FILL or not asks_fill):
        return Match.same
    if section_saved and (not all(answered) or not fill_fits):
        return Match.other
    return Match.blank


def wanted_text(plan: GradePlan) -> str:
    return f"{'meter' if plan.metered else 'no meter'} · {FILL} · {plan.prover_id or 'no prover'}"


def found_text(panel: GradePanel | None) -> str:
    if panel is None:
        return "not in the form"
    meter = {"yes": "meter", "no": "no meter", None: "meter not answered"}[panel.has_meter]
    return f"{meter} · {panel.fill or 'no fill'} · {panel.prover or 'no prover'}"


def panel_of(found: FormSections, grade: str) -> GradePanel | None:
    return next((panel for panel in found.grades if plain_name(panel.grade) == plain_name(grade)), None)


def grades_differ(grades: Sequence[str], plans: Sequence[GradePlan]) -> str | None:
    """Why the form's grades are not the dispenser's grades, in words; ``None`` when they are."""
    in_form = sorted(plain_name(grade) for grade in grades)
    on_card = sorted(plain_name(plan.grade) for plan in plans)
    if in_form == on_card:
        return None
    return f"The form asks for {', '.join(in_form) or 'no grades'}, the dispenser's card has {', '.join(on_card)}."
