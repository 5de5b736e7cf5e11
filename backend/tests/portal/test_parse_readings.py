"""The reader of readings on pages that are not quite as expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.portal.errors import PortalChanged
from app.portal.parse.form import parse_form
from app.portal.records import ReadingPanel, ReadingValues

from . import rendering


def test_groups_of_readings(saved_page: Callable[[str], str]) -> None:
    html = saved_page("form_readings")
    assert parse_form(html.replace("+ Add Reading", "add reading")).reading_groups == (2,)
    assert parse_form(html.replace("+ Add Reading", "More")).reading_groups == ()
    second = '<div class="form-entry-section inactive"'
    middle = html.replace(second, f"<a>Add Reading</a>{second}")
    assert parse_form(middle).reading_groups == (1, 1)
    with pytest.raises(PortalChanged, match="Add Reading"):
        parse_form(middle.replace("<span>+ Add Reading</span>", ""))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (">Start Reading<", ">End Reading<", "labelled"),
        ('id="field-9"', 'id="field-99" data-x', None),
        ('<div class=label>GPM</div>', "<input type=number value=2>", "several fields of the gpm"),
        ('ks-radio"><input type="radio" name="field[4866]" value="2"', 'ks-radio ks-state-active"><input type="radio" name="field[4866]" value="2"', "several flows"),
        (">Fast<", ">Medium<", None),
        ('value="1"><span class="ks-radio-label-wrapper">Fast', 'value="7"><span class="ks-radio-label-wrapper">Medium', "neither fast nor slow"),
    ],
)  # fmt: skip
def test_odd_readings(old: str, new: str, message: str | None) -> None:
    values = ReadingValues("Retest", "fast", "71", "8.5", "0", "-1", "5.001")
    html = rendering.readings([ReadingPanel(0, None, True, "Retest", values)], (1,))
    assert old in html
    if message is None:
        assert parse_form(html.replace(old, new)).readings[0].values == values
        return
    with pytest.raises(PortalChanged, match=message):
        parse_form(html.replace(old, new))
