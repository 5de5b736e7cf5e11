"""What may be written and what counts as proof."""

from dataclasses import replace

import pytest

from app.forms.compare import Match, grades_differ, match_equipment, match_grade, match_prover_size
from app.forms.schemas import GradePlan
from app.portal.records import FormSections, GradePanel

PROVER = "21-65435-04"
PLAN = GradePlan(grade="Plus", metered=False, metered_why="", prover_id=PROVER, prover_position=1, prover_why="")
PANEL = GradePanel(0, "Plus", True, "no", "Top", f"{PROVER} Seraphin", None)
FORM = FormSections(1, "/f", "1/2 Regular", (1, 2), "5 Gallon", True, 536, (PANEL,), True)


@pytest.mark.parametrize(
    ("values", "saved", "expected"),
    [
        ({}, True, Match.same),
        ({"has_meter": "yes"}, True, Match.other),
        ({"prover": "21-99999-01"}, True, Match.other),
        ({"prover": "121-65435-049"}, True, Match.other),
        ({"fill": "Bottom"}, True, Match.other),
        ({"prover": None}, True, Match.blank),
        ({"has_meter": None, "prover": None}, True, Match.blank),
        ({"has_meter": "yes", "prover": None}, False, Match.blank),
        ({"fill": None}, True, Match.blank),
    ],
)
def test_an_answer_of_somebody_is_told_from_a_blank_and_from_a_default(
    values: dict[str, object], saved: bool, expected: Match
) -> None:
    panel = replace(PANEL, **values)  # type: ignore[arg-type]
    assert match_grade(panel, PLAN, section_saved=saved) is expected


def test_a_form_without_type_of_fill_is_complete_without_it() -> None:
    assert match_grade(replace(PANEL, fill=None), PLAN, section_saved=True, asks_fill=False) is Match.same


def test_equipment_is_the_same_only_with_the_same_numbers() -> None:
    assert match_equipment(FORM, [1, 2]) is Match.same
    assert match_equipment(FORM, [11, 12]) is Match.other
    assert match_equipment(replace(FORM, equipment=None, equipment_numbers=()), [1, 2]) is Match.blank


def test_another_prover_size_that_was_saved_is_somebodys_answer() -> None:
    assert match_prover_size(FORM) is Match.same
    assert match_prover_size(replace(FORM, prover_size="1 Gallon")) is Match.other
    assert match_prover_size(replace(FORM, prover_size="1 Gallon", section_one_saved=False)) is Match.blank


def test_other_grades_than_on_the_card_are_said_in_words() -> None:
    assert grades_differ(["Plus"], [PLAN]) is None
    assert "Regular" in str(grades_differ(["Plus", "Regular"], [PLAN]))
