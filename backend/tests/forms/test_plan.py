"""The plan: which form for which dispenser, and never a guess."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.forms.plan import answers_of, make_plan
from app.forms.plan_records import ACCUMEASURE, OPEN_NECK, ExistingForm, KnownDispenser, PlanInput
from app.forms.schemas import FormAction, GradeChoice, PlanChoices, StationChoice
from app.forms.templates import StationType
from app.provers.choice import PROPOSED, ProverSetting

PROVERS = tuple(ProverSetting(f"21-6543{n}-0{n}", n, PROPOSED[n - 1]) for n in (1, 2, 3))
MBM = ("Regular", "Plus", "Premium")


def _dispensers(count: int, grades: tuple[str, ...] = MBM) -> tuple[KnownDispenser, ...]:
    return tuple(KnownDispenser(f"{n}/{n + 1}", (n, n + 1), grades, "Gilbarco", "NN1") for n in range(1, 2 * count, 2))


def _given(code: str = "2861", quantity: int = 4, **values: object) -> PlanInput:
    base = PlanInput(
        services=(("CAL-SERV", 1), (code, quantity)),
        instructions=None,
        dispensers=_dispensers(4),
        existing=(),
        provers=PROVERS,
    )
    return replace(base, **values)  # type: ignore[arg-type]


def _form(
    entry_id: int, *numbers: int, status: str | None = "In Progress", form_type: str = ACCUMEASURE
) -> ExistingForm:
    return ExistingForm(entry_id, form_type, numbers, status)


def _actions(plan_input: PlanInput) -> list[tuple[str, str, int | None]]:
    return [(form.dispenser, form.action.value, form.entry_id) for form in make_plan(plan_input).forms]


def _codes(plan_input: PlanInput) -> list[str]:
    return [warning.code for warning in make_plan(plan_input).warnings]


@pytest.mark.parametrize("code", ["2861", "3002"])
def test_all_dispensers_get_a_form(code: str) -> None:
    plan = make_plan(_given(code))
    assert (plan.form_type, plan.code, plan.wanted, plan.can_run) == (ACCUMEASURE, code, 4, True)
    assert _actions(_given(code)) == [(f"{n}/{n + 1}", "create", None) for n in (1, 3, 5, 7)]
    assert plan.warnings == []


def test_def_and_high_flow_count_for_accumeasure_but_not_for_open_neck() -> None:
    dispensers = (*_dispensers(2), KnownDispenser("9", (9,), ("DEF", "Diesel High Flow")))
    assert len(make_plan(_given(quantity=3, dispensers=dispensers)).forms) == 3
    plan = make_plan(_given("3146", 3, dispensers=dispensers))
    assert plan.form_type == OPEN_NECK
    assert [form.dispenser for form in plan.forms] == ["1/2", "3/4"]
    assert "left_out" in [warning.code for warning in plan.warnings]


def test_specific_dispensers_come_from_the_instructions_with_their_restrictions() -> None:
    plan = make_plan(_given("2862", 1, instructions="#3 Plus and Premium only"))
    assert [(f.dispenser, f.sides, f.only_grades) for f in plan.forms] == [("3/4", [3], ["Plus", "Premium"])]
    assert [grade.grade for grade in plan.forms[0].grades] == ["Regular", "Plus", "Premium"]


def test_a_dispenser_that_does_not_exist_is_reported_not_invented() -> None:
    plan = make_plan(_given("2862", 1, instructions="#3 and #15"))
    assert [form.dispenser for form in plan.forms] == ["3/4"]
    assert [item.text for item in plan.unresolved] == ["#15"]


def test_specific_dispensers_without_any_named_cannot_run() -> None:
    plan = make_plan(_given("2862", 1, instructions="See the manager."))
    assert (plan.forms, plan.can_run) == ([], False)
    assert [question.code for question in plan.questions] == ["nothing_named"]
    answered = make_plan(_given("2862", 1, instructions="See the manager."), PlanChoices(dispensers=["3/4"]))
    assert ([form.dispenser for form in answered.forms], answered.questions, answered.can_run) == (["3/4"], [], True)


def test_what_only_a_person_can_decide_stops_the_run_until_it_is_answered() -> None:
    given = _given("2862", 1, instructions="#3 Super Premium only")
    plan = make_plan(given)
    assert ([question.code for question in plan.questions], plan.can_run) == (["unclear_grade"], False)
    assert make_plan(given, PlanChoices(dispensers=["3/4"])).can_run


def test_the_words_that_order_a_dispenser_are_marked() -> None:
    text = "Please look at #3 and #15."
    plan = make_plan(_given("2862", 1, instructions=text))
    assert [(mark.dispenser, text[mark.start : mark.end]) for mark in plan.marks] == [("3/4", "#3")]
    assert [text[item.start or 0 : item.end] for item in plan.unresolved] == ["#15"]


def test_readings_follow_the_station_type_and_the_order() -> None:
    plan = make_plan(_given())
    form = plan.forms[0]
    assert form.station is not None and form.station.key is StationType.gilbarco_500_700
    assert [(g.group, g.side, g.grade, len(g.readings)) for g in form.readings] == [
        (0, 1, "Regular", 5),
        (1, 1, "Plus", 3),
        (2, 1, "Premium", 5),
        (3, 2, "Regular", 5),
        (4, 2, "Plus", 3),
        (5, 2, "Premium", 5),
    ]
    ordered = make_plan(_given("2862", 1, instructions="#3 Plus and Premium only")).forms[0]
    assert [(g.group, g.side, g.grade) for g in ordered.readings] == [(1, 3, "Plus"), (2, 3, "Premium")]
    assert ordered.reading_groups == 6


def test_a_person_may_choose_another_station_type_or_no_readings_at_all() -> None:
    choices = PlanChoices(stations=[StationChoice(dispenser="1/2", station=StationType.gilbarco_300_wayne)])
    forms = make_plan(_given(), choices).forms
    assert [len(group.readings) for group in forms[0].readings] == [6, 3, 6, 6, 3, 6]
    assert [len(group.readings) for group in forms[1].readings] == [5, 3, 5, 5, 3, 5]
    none = make_plan(_given(), PlanChoices(readings=False))
    assert {len(form.readings) for form in none.forms} == {0}
    assert none.digest() != make_plan(_given()).digest()


def test_an_unknown_make_gets_no_readings_and_says_so() -> None:
    strange = (replace(_dispensers(1)[0], make="Tokheim"),)
    plan = make_plan(_given(dispensers=strange, quantity=1))
    assert (plan.forms[0].readings, [warning.code for warning in plan.warnings]) == ([], ["station_unknown"])
    assert plan.can_run


def test_premium_is_seen_as_a_blend_on_specific_orders_too() -> None:
    wawa = _dispensers(2, ("Regular", "Plus", "Premium", "Diesel", "Super"))
    plan = make_plan(_given("2862", 1, dispensers=wawa, instructions="#1 all grades"))
    metered = {grade.grade: grade.metered for grade in plan.forms[0].grades}
    assert metered == {"Regular": True, "Super": True, "Plus": False, "Premium": False, "Diesel": True}


def test_a_bound_form_is_resumed_a_complete_one_left_alone_an_unbound_one_used() -> None:
    existing = (_form(10), _form(11, 1, 2, status="Complete"), _form(12, 3, 4))
    assert _actions(_given(existing=existing)) == [
        ("1/2", "done", 11),
        ("3/4", "resume", 12),
        ("5/6", "fill", 10),
        ("7/8", "create", None),
    ]


def test_numbers_are_compared_as_numbers_not_as_text() -> None:
    existing = (_form(11, 11, 12, status="Complete"),)
    assert ("1/2", "create", None) in _actions(_given(existing=existing))


def test_two_forms_on_one_dispenser_are_a_question() -> None:
    existing = (_form(11, 1, 2), _form(12, 1, 2))
    plan = make_plan(_given(existing=existing))
    assert plan.forms[0].action is FormAction.ask
    assert "11, 12" in plan.forms[0].reasons[0]


def test_a_form_we_have_proven_is_done_until_the_plan_wants_other_answers() -> None:
    first = make_plan(_given()).forms[0]
    wanted = answers_of(first.grades, first.readings)
    proven = replace(_form(11, 1, 2), proven=wanted)
    assert _actions(_given(existing=(proven,)))[0] == ("1/2", "done", 11)
    choice = GradeChoice(dispenser="1/2", grade="Plus", metered=True)
    assert make_plan(_given(existing=(proven,)), PlanChoices(grades=[choice])).forms[0].action is FormAction.resume
    assert make_plan(_given(existing=(proven,), provers=PROVERS[:1])).forms[0].action is FormAction.resume


def test_forms_of_the_other_type_do_not_count() -> None:
    existing = (_form(10, 1, 2, form_type=OPEN_NECK),)
    assert _actions(_given(existing=existing))[0] == ("1/2", "create", None)


def test_a_complete_form_without_dispenser_is_not_used() -> None:
    existing = (_form(10, status="Complete"),)
    plan = make_plan(_given(existing=existing, dispensers=_dispensers(2), quantity=2))
    assert 10 not in [form.entry_id for form in plan.forms]
    assert "spare_forms" in [warning.code for warning in plan.warnings]


def test_never_more_forms_than_dispensers() -> None:
    existing = (_form(10, 21, 22), _form(11, 23, 24), _form(12, 25, 26))
    plan = make_plan(_given(existing=existing))
    assert plan.count(FormAction.create) == 1
    assert plan.count(FormAction.ask) == 3
    assert "other_forms" in [warning.code for warning in plan.warnings]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"quantity": 6}, "quantity_differs"),
        ({"quantity": 0, "instructions": "Day 2 of 2"}, "day_of"),
        ({"dispensers": None}, "dispensers_unknown"),
        ({"dispensers": ()}, "no_dispensers"),
        ({"provers": ()}, "no_provers"),
        ({"provers_confirmed": False}, "provers_proposed"),
        ({"code": "3006"}, "no_form_ordered"),
    ],
)
def test_what_a_person_should_look_at_is_said(values: dict[str, object], code: str) -> None:
    assert _codes(_given(**values)) == [code]  # type: ignore[arg-type]


@pytest.mark.parametrize("values", [{"dispensers": None}, {"dispensers": ()}, {"provers": ()}, {"code": "3006"}])
def test_without_the_facts_nothing_runs(values: dict[str, object]) -> None:
    assert not make_plan(_given(**values)).can_run  # type: ignore[arg-type]


def test_dispensers_that_cannot_be_told_apart_are_a_question() -> None:
    dispensers = (
        KnownDispenser("Spare", (), MBM),
        KnownDispenser("1/2", (1, 2), MBM),
        KnownDispenser("1/2 (2)", (1, 2), MBM),
    )
    plan = make_plan(_given(dispensers=dispensers, quantity=3))
    assert [form.action for form in plan.forms] == [FormAction.ask] * 3


def test_a_dispenser_without_grades_is_a_question() -> None:
    plan = make_plan(_given(dispensers=(KnownDispenser("1/2", (1, 2), ()),), quantity=1))
    assert plan.forms[0].action is FormAction.ask


def test_a_persons_choice_wins_and_is_marked_and_does_not_change_the_digest_shown() -> None:
    choice = GradeChoice(dispenser="1/2", grade="Plus", metered=True, prover_id=PROVERS[2].prover_id)
    plan = make_plan(_given(), PlanChoices(grades=[choice]))
    plus = next(grade for grade in plan.forms[0].grades if grade.grade == "Plus")
    assert (plus.metered, plus.prover_id, plus.metered_why) == (True, PROVERS[2].prover_id, "Chosen by you.")
    other = next(grade for grade in plan.forms[1].grades if grade.grade == "Plus")
    assert other.metered is False


def test_the_digest_names_the_plan() -> None:
    assert make_plan(_given()).digest() == make_plan(_given()).digest()
    assert make_plan(_given()).digest() != make_plan(_given(existing=(_form(1, 1, 2),))).digest()
    assert make_plan(_given()).digest() != make_plan(_given(provers=PROVERS[:1])).digest()


_numbers = st.sampled_from([(1, 2), (3, 4), (5, 6), (7, 8), (9, 10), ()])
_existing = st.lists(st.tuples(_numbers, st.sampled_from(["In Progress", "Complete", None])), max_size=10)


@given(_existing, st.integers(1, 4))
def test_whatever_exists_no_form_is_used_twice_and_none_too_many_is_made(
    existing: list[tuple[tuple[int, ...], str | None]], dispensers: int
) -> None:
    forms = tuple(ExistingForm(100 + i, ACCUMEASURE, numbers, status) for i, (numbers, status) in enumerate(existing))
    plan = make_plan(_given(existing=forms, dispensers=_dispensers(dispensers), quantity=dispensers))
    used = [form.entry_id for form in plan.forms if form.entry_id is not None]
    assert len(used) == len(set(used))
    assert plan.count(FormAction.create) + len(forms) <= max(dispensers, len(forms))
    by_id = {form.entry_id: form for form in forms}
    for form in plan.forms:
        if form.action in (FormAction.fill, FormAction.resume):
            assert by_id[form.entry_id or 0].status != "Complete"
        if form.action is FormAction.resume:
            assert set(by_id[form.entry_id or 0].numbers) == set(form.numbers)
