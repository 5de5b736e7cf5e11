"""Preparing forms in a real browser against the sandbox, through every trouble the portal may make."""

import pytest

from app.forms.models import RunForm
from app.forms.schemas import RunState, Verdict
from app.work.models import Visit
from backend.tests.stack import Stack

SIZE = 4  # dispensers: enough for everything, quick enough for many cases


@pytest.fixture
def visit(stack: Stack) -> int:
    return stack.bring_home("2861", dispensers=SIZE)


def _bound(stack: Stack, visit: int) -> list[str]:
    return sorted(str(form["equipment"]) for form in stack.portal_forms(visit))


def _expected(stack: Stack, visit: int) -> list[str]:
    return sorted(form.dispenser for form in stack.plan(visit).forms)


def test_every_dispenser_gets_its_form_once_filled_as_planned_and_proven(stack: Stack, visit: int) -> None:
    plan = stack.plan(visit)
    run = stack.run(plan)
    assert run.state is RunState.finished
    assert [form.verdict for form in run.forms] == [Verdict.verified] * SIZE
    stored = {form["equipment"]: form for form in stack.portal_forms(visit)}
    assert sorted(stored) == sorted(form.dispenser for form in plan.forms)
    assert stack.created() == SIZE
    for form in plan.forms:
        there = stored[form.dispenser]
        assert there["prover_size"] == "1"
        found = {grade["grade"]: (grade["has_meter"], grade["fill"], grade["prover"]) for grade in there["grades"]}
        wanted = {grade.grade: ("1" if grade.metered else "2", "1", grade.prover_id) for grade in form.grades}
        assert {name: (meter, fill) for name, (meter, fill, _) in found.items()} == {
            name: (meter, fill) for name, (meter, fill, _) in wanted.items()
        }
        for name, (_, _, prover) in wanted.items():
            assert prover is not None
            assert prover in str(found[name][2])
    for view in run.forms:
        assert view.evidence is not None
        assert view.evidence.prover_size == "5 Gallon"
        assert {step.state for step in view.steps} == {"verified"}
    with stack.database.read() as db:
        progress = db.query(Visit).filter_by(visit_id=visit).one()
        assert (progress.forms_wanted, progress.forms_verified, progress.forms_need_person) == (SIZE, SIZE, 0)


def test_a_second_run_writes_nothing(stack: Stack, visit: int) -> None:
    stack.run(stack.plan(visit))
    writes = stack.portal.control.counts()["writes"]
    proven = stack.plan(visit)
    assert ({form.action for form in proven.forms}, proven.can_run) == ({"done"}, False)
    with stack.database.write() as db:
        db.query(RunForm).update({"verdict": Verdict.not_done})  # as if the proof had been lost
    plan = stack.plan(visit)
    assert {form.action for form in plan.forms} == {"resume"}
    run = stack.run(plan)
    assert [form.verdict for form in run.forms] == [Verdict.already_done] * SIZE
    assert stack.portal.control.counts()["writes"] == writes


@pytest.mark.parametrize(
    ("fault", "times", "match"),
    [
        ("save_fails", 1, {}),
        ("save_answer_lost", 1, {}),
        ("create_fails", 1, {}),
        ("create_answer_lost", 1, {}),
        ("dropped_clicks", 3, {"count": 1}),
        ("http_500", 1, {"kind": "section"}),
        ("session_expired", 1, {"kind": "save", "after": 4}),
        ("session_expired", 1, {"kind": "create_form", "after": 1}),
    ],
)
def test_passing_trouble_ends_with_each_dispenser_bound_exactly_once(
    stack: Stack, visit: int, fault: str, times: int, match: dict[str, object]
) -> None:
    plan = stack.plan(visit)
    stack.portal.control.fault(fault, times, match)
    run = stack.run(plan)
    assert [(form.verdict, form.reason) for form in run.forms if form.verdict != Verdict.verified] == []
    assert _bound(stack, visit) == sorted(form.dispenser for form in plan.forms)
    assert stack.created() == SIZE


def test_a_complete_form_and_a_form_of_a_colleague_are_left_as_they_are(stack: Stack, visit: int) -> None:
    work_id = stack.plan(visit).work_id
    labels = [form.dispenser for form in stack.plan(visit).forms]
    done = stack.portal.control.prepare_form(work_id, labels[0], complete=True)
    colleague = stack.portal.control.prepare_form(work_id, labels[1])
    for grade in stack.portal.world.state.forms[colleague.id].grades:
        grade.has_meter = "2"  # whatever our plan says, somebody answered "no" for all of them
    unbound = stack.portal.control.prepare_form(work_id)
    before = stack.portal.control.state()["forms"]
    plan = stack.plan(visit)
    assert [form.action for form in plan.forms] == ["done", "resume", "fill", "create"]
    run = stack.run(plan)
    assert [form.verdict for form in run.forms] == ["already_done", "needs_human", "verified", "verified"]
    assert "other answers" in (run.forms[1].reason or "")
    after = stack.portal.control.state()["forms"]
    for entry in (done.id, colleague.id):
        assert after[str(entry)] == before[str(entry)]
    assert run.forms[2].entry_id == unbound.id
    assert stack.created() == 1


def test_two_forms_on_one_dispenser_stop_that_dispenser_only(stack: Stack, visit: int) -> None:
    plan = stack.plan(visit)
    for _ in range(2):
        stack.portal.control.prepare_form(plan.work_id, plan.forms[0].dispenser)
    run = stack.run(stack.plan(visit))
    assert run.forms[0].verdict is Verdict.needs_human
    # Two of four possible forms stand on one dispenser, so there is room for two more and the last one is a question.
    assert [form.verdict for form in run.forms[1:]] == ["verified", "verified", "needs_human"]
    assert len(stack.portal_forms(visit)) == SIZE


def test_equipment_that_the_form_does_not_offer_is_never_replaced_by_another(stack: Stack, visit: int) -> None:
    plan = stack.plan(visit)
    world = stack.portal.world
    order = world.state.work_orders[plan.work_id]
    del world.state.locations[order.location_id].dispensers[1]
    run = stack.run(plan)
    assert [form.verdict for form in run.forms] == ["verified", "needs_human", "verified", "verified"]
    assert "offers no equipment" in (run.forms[1].reason or "")
    assert plan.forms[1].dispenser not in _bound(stack, visit)


def test_when_the_portal_has_changed_nothing_more_is_written(stack: Stack, visit: int) -> None:
    plan = stack.plan(visit)
    stack.portal.control.fault("rename", None, {"what": "iteration_ids"})
    run = stack.run(plan)
    assert (run.state, run.error_kind) == (RunState.failed, "portal_changed")
    assert {form.verdict for form in run.forms} == {Verdict.not_done}
    assert stack.created() == 1


def test_a_run_is_refused_while_another_works_or_when_the_plan_is_old(stack: Stack, visit: int) -> None:
    plan = stack.plan(visit)
    run_id = stack.ask_run(plan)
    with pytest.raises(Exception, match="works on this visit"):
        stack.ask_run(plan)
    stack.follow(run_id)
    with pytest.raises(Exception, match="have changed"):
        stack.ask_run(plan.model_copy(update={"digest": "0" * 16}))


@pytest.mark.parametrize(
    ("code", "form_type"), [("2862", "AccuMeasure"), ("3002", "AccuMeasure"), ("3146", "Open Neck Prover")]
)
def test_the_other_service_codes(stack: Stack, code: str, form_type: str) -> None:
    visit = stack.bring_home(code)
    plan = stack.plan(visit)
    assert (plan.code, plan.form_type) == (code, form_type)
    run = stack.run(plan)
    assert {form.verdict for form in run.forms} == {Verdict.verified}, [form.reason for form in run.forms]
    assert _bound(stack, visit) == sorted(form.dispenser for form in plan.forms)
