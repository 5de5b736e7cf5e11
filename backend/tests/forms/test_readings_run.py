"""Readings in a real browser against the sandbox: exactly what the template says, and nobody's values touched."""

from typing import Any

import pytest

from app.forms.schemas import PlanChoices, Verdict, VisitPlan
from app.forms.templates import TemplateReading
from backend.tests.stack import Stack

SIZE = 2
WITH = PlanChoices(readings=True)


@pytest.fixture
def visit(stack: Stack) -> int:
    return stack.bring_home("2861", dispensers=SIZE)


def _typed(reading: TemplateReading) -> dict[str, str | None]:
    """What the sandbox stores for a reading of the template."""
    figures = {name: getattr(reading, name) or "" for name in ("temperature", "gpm", "start", "meniscus", "end")}
    return {"procedure": reading.procedure.value, "flow": {"fast": "1", "slow": "2"}[reading.flow.value], **figures}


def _stored(form: dict[str, Any]) -> list[dict[str, Any]]:
    keys = ("procedure", "flow", "temperature", "gpm", "start", "meniscus", "end")
    return [{key: reading[key] for key in keys} for reading in form["readings"]]


def _planned(stack: Stack, plan: VisitPlan, dispenser: str) -> list[dict[str, str | None]]:
    form = next(form for form in plan.forms if form.dispenser == dispenser)
    return [_typed(reading) for group in form.readings for reading in group.readings]


def test_every_reading_is_prepared_as_the_template_says_and_read_back(stack: Stack, visit: int) -> None:
    plan = stack.plan(visit, WITH)
    assert plan.readings and all(form.readings for form in plan.forms)
    run = stack.run(plan, WITH)
    assert [(form.verdict, form.reason) for form in run.forms if form.verdict is not Verdict.verified] == []
    for stored in stack.portal_forms(visit):
        assert _stored(stored) == _planned(stack, plan, stored["equipment"])
    for form in run.forms:
        assert {step.state for step in form.steps} == {"verified"}
        assert form.evidence is not None
        assert len(form.evidence.readings) == len(_planned(stack, plan, form.dispenser))
        assert [shot.name for shot in form.evidence.shots if shot.kept] == ["section-1", "grades", "readings"]
    writes = stack.portal.control.counts()["writes"]
    again = stack.run(_prove_again(stack, visit), WITH)
    assert {form.verdict for form in again.forms} == {Verdict.already_done}
    assert stack.portal.control.counts()["writes"] == writes


def _prove_again(stack: Stack, visit: int) -> VisitPlan:
    """A plan for which no earlier proof counts."""
    from app.forms.models import RunForm

    with stack.database.write() as db:
        db.query(RunForm).update({"verdict": Verdict.not_done})
    return stack.plan(visit, WITH)


def test_a_half_filled_form_is_completed_and_a_technicians_reading_is_never_touched(stack: Stack, visit: int) -> None:
    first = stack.plan(visit, WITH).forms[0].dispenser
    stack.run(stack.plan(visit))  # sections 1 and 536 only
    world = stack.portal.world
    entry = next(f for f in world.state.forms.values() if f.visit_id == visit and world.card(f).numbers == first)  # type: ignore[union-attr]
    theirs = entry.readings[1]
    theirs.temperature, theirs.end, theirs.procedure = "71.2", "5.013", "First Run"
    before = theirs.model_dump()
    run = stack.run(stack.plan(visit, WITH), WITH)
    assert [form.verdict for form in run.forms] == [Verdict.needs_human, Verdict.verified]
    assert "reading 2 holds First Run · no flow · temperature 71.2 · end 5.013" in str(run.forms[0].reason)
    assert entry.readings[1].model_dump() == before
    planned = _planned(stack, stack.plan(visit, WITH), first)
    stored = _stored(next(f for f in stack.portal_forms(visit) if f["equipment"] == first))
    assert [reading for i, reading in enumerate(stored) if i != 1] == [r for i, r in enumerate(planned) if i != 1]


def test_lost_answers_and_failing_saves_leave_no_reading_too_many(stack: Stack, visit: int) -> None:
    plan = stack.plan(visit, WITH)
    for after in (2, 9, 15, 23):
        stack.portal.control.fault("save_answer_lost", 1, {"section": "537", "after": after})
        stack.portal.control.fault("save_fails", 1, {"section": "537", "after": after + 3})
    run = stack.run(plan, WITH)
    assert [(form.verdict, form.reason) for form in run.forms if form.verdict is not Verdict.verified] == []
    for stored in stack.portal_forms(visit):
        assert _stored(stored) == _planned(stack, plan, stored["equipment"])
