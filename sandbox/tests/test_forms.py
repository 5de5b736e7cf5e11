"""The form rules without a browser: ids, grade order, readings, what is missing, completeness."""

from __future__ import annotations

import pytest

from sandbox import forms
from sandbox.forms import FormError
from sandbox.generate import generate
from sandbox.model import Dispenser, FormEntry, Options, State

from .helpers import TODAY


@pytest.fixture
def state() -> State:
    """The default world."""
    return generate(7, TODAY)


def make_entry(state: State, template: str = forms.ACCUMEASURE) -> FormEntry:
    """A fresh form of some visit."""
    order = next(order for order in state.work_orders.values() if order.visits)
    return FormEntry(
        id=1,
        work_id=order.id,
        visit_id=order.visits[0].id,
        template=template,
        created_at=order.created_at,
        created_by=order.technician,
    )


def make_card(grades: str, numbers: str = "1/2") -> Dispenser:
    """A dispenser with these grades."""
    return Dispenser(
        id=9,
        numbers=numbers,
        grades=grades.split(", "),
        make="Gilbarco",
        model=None,
        serial="",
        fields={"Grade": grades},
    )


def test_open_neck_ids_are_offset_by_605() -> None:
    one, other = (forms.template_of(name, Options()) for name in (forms.ACCUMEASURE, forms.OPEN_NECK))
    assert one.sections == ("first", "536", "537") and other.sections == ("first", "570", "571")
    assert (one.has_meter, other.has_meter) == ("field[4857]", "field[5462]")
    assert (one.flow, other.flow) == ("field[4866]", "field[5471]")
    assert (one.prover_size, other.prover_size) == ("field[4855]", "field[5460]")
    assert (one.reading_ids["start"], other.reading_ids["start"]) == (7, 5)
    assert forms.template_of(forms.OPEN_NECK, Options(onp_prover_size=False)).prover_size is None
    with pytest.raises(FormError):
        forms.template_of("Site Survey", Options())


def test_readings_follow_the_internal_grade_list_side_by_side(state: State) -> None:
    entry, card = make_entry(state), make_card("Regular, Plus, Premium, Diesel, Super", "3/4")
    forms.bind(state, entry, card, state.options)
    assert [item.grade for item in entry.grades] == card.grades
    assert len(entry.readings) == 2 * 5 * 4
    order = [reading.grade for reading in entry.readings[::4]]
    assert order[:5] == ["Regular", "Super", "Plus", "Premium", "Diesel"] and order[5:] == order[:5]
    assert [reading.side for reading in entry.readings[::20]] == ["3", "4"]
    single = make_entry(state)
    forms.bind(state, single, make_card("DEF, Diesel High Flow", "9"), state.options)
    assert len(single.readings) == 2 * 4


def test_open_neck_has_one_reading_per_group(state: State) -> None:
    entry = make_entry(state, forms.OPEN_NECK)
    forms.bind(state, entry, make_card("Regular, Plus, Premium"), state.options)
    assert len(entry.readings) == 6
    assert {item.fill for item in entry.grades} == {None}


@pytest.mark.parametrize(("rule", "left"), [("reset", []), ("keep", ["536"])])
def test_another_equipment_resets_unless_told_otherwise(state: State, rule: str, left: list[str]) -> None:
    state.options.equipment_change = rule
    entry = make_entry(state)
    forms.bind(state, entry, make_card("Regular, Plus"), state.options)
    forms.save_grade(entry, 0, {"field[4857]": "1"}, state.options)
    other = make_card("Diesel").model_copy(update={"id": 10})
    forms.bind(state, entry, other, state.options)
    assert entry.equipment_id == 10 and [key for key in entry.saved if key == "536"] == left
    assert len(entry.grades) == (1 if rule == "reset" else 2)


def test_incomplete_saves_are_accepted_and_say_what_is_missing(state: State) -> None:
    entry = make_entry(state)
    forms.save_first(state, entry, {}, None, state.options)
    assert entry.saved == ["first"]
    assert set(forms.first_errors(entry, state.options)) == {"equipment", "prover_size"}
    forms.bind(state, entry, make_card("Regular, Plus"), state.options)
    forms.save_grade(entry, 1, {}, state.options)
    template = forms.template_of(entry.template, state.options)
    assert set(forms.grade_errors(entry.grades[1], template)) == {"has_meter", "fill", "prover"}
    forms.save_readings(entry, [], state.options)
    errors = forms.reading_errors(entry)[entry.readings[0].id]
    assert errors["variance"] == "Variance field is required."
    assert not entry.complete


def test_next_may_wait_for_all_grades(state: State) -> None:
    state.options.next_rule = "all_saves"
    entry = make_entry(state)
    forms.bind(state, entry, make_card("Regular, Plus"), state.options)
    forms.save_grade(entry, 0, {}, state.options)
    assert "536" not in entry.saved
    forms.save_grade(entry, 1, {}, state.options)
    assert "536" in entry.saved


def test_adding_and_deleting_renumbers(state: State) -> None:
    entry = make_entry(state)
    forms.bind(state, entry, make_card("Regular, Plus, Premium"), state.options)
    assert forms.add_reading(state, entry, "1", "Regular") == 4
    assert [reading.grade for reading in entry.readings[:6]] == ["Regular"] * 5 + ["Plus"]
    doomed = entry.readings[8]
    assert forms.delete_reading(entry, doomed.id) == 8 and len(entry.readings) == 24
    with pytest.raises(FormError):
        forms.delete_reading(entry, doomed.id)
    with pytest.raises(FormError):
        forms.add_reading(state, entry, "1", "Kerosene")
    for reading in list(entry.readings[5:7]):
        forms.delete_reading(entry, reading.id)
    with pytest.raises(FormError, match="at least one"):
        forms.delete_reading(entry, entry.readings[5].id)


@pytest.mark.parametrize(
    "values", [{"field[4857]": "3"}, {"field[4857]": "1", "field[4858]": "9"}], ids=["has meter", "type of fill"]
)
def test_values_that_do_not_exist_are_refused(state: State, values: dict[str, str]) -> None:
    entry = make_entry(state)
    forms.bind(state, entry, make_card("Regular"), state.options)
    with pytest.raises(FormError):
        forms.save_grade(entry, 0, values, state.options)
    with pytest.raises(FormError):
        forms.save_grade(entry, 1, {}, state.options)
    with pytest.raises(FormError):
        forms.save_first(state, entry, {"field[4855]": "7"}, None, state.options)
    assert not entry.grades[0].saved


def test_a_fully_filled_form_is_complete(state: State) -> None:
    entry, card = make_entry(state), make_card("Regular, Plus")
    forms.fill_completely(state, entry, card, "21-1-1", readings=True, complete=False)
    assert forms.is_complete(entry, state.options)
    entry.readings[3].meniscus = ""
    assert not forms.is_complete(entry, state.options)


def test_blend_ratios_belong_to_metered_open_neck_grades(state: State) -> None:
    entry = make_entry(state, forms.OPEN_NECK)
    forms.bind(state, entry, make_card("Regular, Plus"), state.options)
    forms.save_grade(entry, 0, {"field[5462]": "1", "field_5": "100", "field_6": "100"}, state.options)
    forms.save_grade(entry, 1, {"field[5462]": "2", "field_5": "100"}, state.options)
    assert (entry.grades[0].blend_a, entry.grades[0].blend_b) == ("100", "100")
    assert entry.grades[1].blend_a == ""
