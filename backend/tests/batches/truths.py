"""What must be true in the end of every simulated story, whatever happened in it."""

from dataclasses import dataclass
from typing import Any

from app.batches.models import Batch, BatchVisit
from app.batches.schemas import VisitState
from app.forms.models import RunForm
from app.forms.readings import match_reading
from app.forms.schemas import FormPlan, Verdict
from backend.tests.batches.model_portal import ModelPortal


@dataclass
class Outcome:
    """What a story came to. ``points``: how many crash points it passed."""

    batch: Batch
    visits: list[BatchVisit]
    forms: list[RunForm]
    portals: list[ModelPortal]
    points: int
    problems: list[str]
    troubled: bool

    @property
    def verdicts(self) -> list[str | None]:
        return [form.verdict for form in self.forms]


def check(outcome: Outcome) -> None:
    """The invariants; what is wrong is added to ``problems``."""
    wrong = outcome.problems
    for visit in outcome.visits:
        if visit.state in (VisitState.waiting.value, VisitState.running.value):
            wrong.append(f"visit {visit.visit_id} ended as {visit.state}")
    for form in outcome.forms:
        if form.verdict is None or form.running:
            wrong.append(f"{form.dispenser} has no verdict")
    for portal in outcome.portals:
        _check_portal(portal, wrong)
    by_id = {form.entry_id: form for portal in outcome.portals for form in portal.forms}
    for form in outcome.forms:
        if form.verdict == Verdict.verified.value or (
            form.verdict == Verdict.already_done.value and not by_id[form.entry_id or 0].complete
        ):
            wrong += _untrue(FormPlan.model_validate(form.plan), by_id.get(form.entry_id or 0))


def _check_portal(portal: ModelPortal, wrong: list[str]) -> None:
    portal.check_theirs()
    wrong += portal.violations
    bound = [form.numbers for form in portal.forms if form.numbers]
    if len(bound) != len(set(bound)):
        wrong.append(f"a dispenser has two forms: {bound}")
    if len(portal.forms) > len(portal.dispensers):
        wrong.append(f"{len(portal.forms)} forms for {len(portal.dispensers)} dispensers")
    binds = [effect for effect in portal.effects if effect.kind == "bind"]
    for effect in binds:
        if portal.find(effect.entry_id).numbers != effect.detail:
            wrong.append(f"form {effect.entry_id} was bound to {effect.detail}")


def _untrue(plan: FormPlan, found: Any) -> list[str]:
    """Why a form that is said to be done is not."""
    if found is None or found.numbers != tuple(plan.numbers):
        return [f"{plan.dispenser} is said to be done, but its form is bound to {found and found.numbers}"]
    wrong = []
    for grade in plan.grades:
        panel = next(panel for panel in found.grades if panel.grade == grade.grade)
        if panel.has_meter != ("yes" if grade.metered else "no") or str(grade.prover_id) not in str(panel.prover):
            wrong.append(f"{plan.dispenser} {grade.grade} is said to be done and holds {panel}")
    for group in plan.readings:
        there = found.readings[group.group]
        matches = [match_reading(values, wanted).value for values, wanted in zip(there, group.readings, strict=False)]
        if len(there) != len(group.readings) or set(matches) != {"same"}:
            wrong.append(f"{plan.dispenser} readings {group.group} are said to be done: {matches} {there}")
    return wrong
