"""What readings hold against their template: nobody's value is ever taken for something that may be written."""

from dataclasses import fields, replace
from decimal import Decimal, InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.forms.compare import Match
from app.forms.plan import make_plan
from app.forms.plan_records import KnownDispenser, PlanInput
from app.forms.readings import (
    groups_differ,
    match_group,
    match_reading,
    names_of,
    of_group,
    open_work,
    strange_readings,
    values_of,
    values_text,
)
from app.forms.schemas import FormPlan
from app.forms.templates import BUILT_IN, Procedure, ReadingGroup, StationType, TemplateReading, reading_groups
from app.portal.records import Reading, ReadingsPage, ReadingValues

BLANK = ReadingValues()
FIGURES = ("temperature", "gpm", "start", "meniscus", "end")
(METERED, BLENDED) = reading_groups((9,), [("Regular", True), ("Plus", False)], BUILT_IN[StationType.wawa])


def _held(group: ReadingGroup, *values: ReadingValues) -> list[Reading]:
    return [Reading(group.group, number, None, held, None) for number, held in enumerate(values)]


def _as_prescribed(group: ReadingGroup) -> list[ReadingValues]:
    return [values_of(reading) for reading in group.readings]


# --- one reading ------------------------------------------------------------------------------------------------------

WET, FULL = METERED.readings[0], BLENDED.readings[0]
WET_DONE = ReadingValues("Wet Down", "fast", start="0")
FULL_DONE = ReadingValues("Wet Down", "fast", "0", "3", "0", "0", ".0001")


@pytest.mark.parametrize(
    ("template", "found", "match"),
    [
        (WET, BLANK, Match.blank),
        (WET, ReadingValues("Wet Down"), Match.blank),
        (WET, ReadingValues(start="0"), Match.blank),
        (WET, ReadingValues(flow="fast", start="0.000"), Match.blank),
        (WET, WET_DONE, Match.same),
        (WET, replace(WET_DONE, start="0.0"), Match.same),
        # Carried on by the technician: procedure and flow stand, the figures are theirs.
        (WET, replace(WET_DONE, temperature="71.2", gpm="8.9", end="5.013"), Match.same),
        (WET, replace(WET_DONE, start="12.5"), Match.same),
        (WET, ReadingValues("First Run", "fast", start="0"), Match.other),
        (WET, ReadingValues("First Run"), Match.other),
        (WET, ReadingValues(flow="slow"), Match.other),
        (WET, ReadingValues(temperature="71.2"), Match.other),
        (WET, ReadingValues("Wet Down", "fast", start=None, end="5.013"), Match.other),
        (WET, ReadingValues("Wet Down", start="1"), Match.other),
        (WET, ReadingValues(start="about 0"), Match.other),
        (FULL, FULL_DONE, Match.same),
        (FULL, replace(FULL_DONE, end="0.0001"), Match.same),
        (FULL, replace(FULL_DONE, gpm=None), Match.blank),
        (FULL, replace(FULL_DONE, gpm=None, end="5"), Match.other),
    ],
)
def test_a_reading_is_blank_as_prescribed_or_somebodys(
    template: TemplateReading, found: ReadingValues, match: Match
) -> None:
    assert match_reading(found, template) is match


def test_a_reading_is_told_in_words() -> None:
    assert values_text(BLANK) == "no procedure · no flow"
    assert values_text(ReadingValues("Retest", "slow", temperature="71", end="5")) == (
        "Retest · slow · temperature 71 · end 5"
    )


# --- a group ----------------------------------------------------------------------------------------------------------


def test_an_untouched_group_of_four_needs_a_fifth_and_all_of_its_values() -> None:
    found = _held(METERED, *[BLANK] * 4)
    assert match_group(found, METERED) is Match.blank
    assert open_work(found, METERED) == (True, [0, 1, 2, 3, 4])
    assert strange_readings(found, METERED) == []


def test_what_the_template_does_not_prescribe_is_removed_only_when_it_is_blank() -> None:
    done = _as_prescribed(BLENDED)
    spare = _held(BLENDED, *done, BLANK, BLANK)
    assert (match_group(spare, BLENDED), open_work(spare, BLENDED)) == (Match.blank, (True, []))
    held = _held(BLENDED, *done, BLANK, ReadingValues(temperature="71"))
    assert (match_group(held, BLENDED), open_work(held, BLENDED)) == (Match.other, (False, []))
    assert strange_readings(held, BLENDED) == ["reading 4 is one more than the template has"]


def test_a_finished_group_has_no_work() -> None:
    found = _held(METERED, *_as_prescribed(METERED))
    assert (match_group(found, METERED), open_work(found, METERED)) == (Match.same, (False, []))


def test_somebodys_reading_is_left_and_the_others_are_completed() -> None:
    theirs = ReadingValues("First Run", temperature="71.2", end="5.013")
    found = _held(METERED, BLANK, theirs, BLANK, BLANK)
    assert match_group(found, METERED) is Match.other
    assert open_work(found, METERED) == (True, [0, 2, 3, 4])
    assert strange_readings(found, METERED) == ["reading 2 holds First Run · no flow · temperature 71.2 · end 5.013"]


def test_another_order_of_procedures_is_somebodys_and_nothing_is_written_at_all() -> None:
    found = _held(METERED, BLANK, ReadingValues("Retest", "fast"), BLANK, BLANK)
    assert open_work(found, METERED) == (False, [])
    assert strange_readings(found, METERED) == ["reading 2 holds Retest · fast"]


def test_readings_of_other_groups_do_not_count() -> None:
    readings = tuple(Reading(group, number, None, BLANK, None) for group in (0, 1) for number in (0, 1))
    page = ReadingsPage(537, (2, 2), readings, ())
    assert of_group(page, 1) == list(readings[2:])


FIGURE = st.none() | st.sampled_from(["0", "0.0", ".0001", "0.0001", "3", "3.0", "71.2", "5.013", "odd"])
VALUES = st.just(BLANK) | st.builds(
    ReadingValues,
    procedure=st.none() | st.sampled_from([procedure.value for procedure in Procedure]),
    flow=st.none() | st.sampled_from(["fast", "slow"]),
    temperature=FIGURE,
    gpm=FIGURE,
    start=FIGURE,
    meniscus=FIGURE,
    end=FIGURE,
)
GROUPS = st.sampled_from(
    [
        group
        for template in BUILT_IN.values()
        for group in reading_groups((9,), [("Regular", True), ("Plus", False), ("Premium", False)], template)
    ]
)


@st.composite
def _cases(draw: st.DrawFn) -> tuple[ReadingGroup, list[Reading]]:
    """A group, and readings that are blank, (partly) prescribed, carried on, or anything at all."""
    group = draw(GROUPS)
    held = []
    for number in range(draw(st.integers(0, len(group.readings) + 3))):
        values = draw(VALUES)
        if number < len(group.readings) and draw(st.booleans()):
            prescribed = values_of(group.readings[number])
            blanked = draw(st.sets(st.sampled_from([field.name for field in fields(ReadingValues)])))
            values = replace(prescribed, **dict.fromkeys(blanked))
        held.append(values)
    return group, _held(group, *held)


def _equal(found: str, wanted: str | None) -> bool:
    if wanted is None:
        return False
    try:
        return found == wanted or Decimal(found) == Decimal(wanted)
    except InvalidOperation:
        return False


def _beyond(found: ReadingValues, template: TemplateReading) -> bool:
    """Whether a reading holds anything that its template does not prescribe."""
    wanted = values_of(template)
    if found.procedure not in (None, wanted.procedure) or found.flow not in (None, wanted.flow):
        return True
    return any(
        value is not None and not _equal(value, getattr(wanted, name))
        for name in FIGURES
        for value in (getattr(found, name),)
    )


def _do(found: list[Reading], group: ReadingGroup) -> list[Reading]:
    """The portal after the open work was done, as the writer does it: readings added or removed at the end, then the blank
    fields of the named ones filled."""
    reshape, numbers = open_work(found, group)
    held = [reading.values for reading in found]
    if reshape:
        held += [BLANK] * (len(group.readings) - len(held))
        while len(held) > len(group.readings):
            assert held.pop().blank, "a reading that holds a value would be removed"
    for number in numbers:
        wanted = values_of(group.readings[number])
        blank = {
            f.name: getattr(wanted, f.name) for f in fields(ReadingValues) if getattr(held[number], f.name) is None
        }
        held[number] = replace(held[number], **blank)
    return _held(group, *held)


@given(_cases())
def test_nothing_beyond_the_template_is_ever_named_for_writing(case: tuple[ReadingGroup, list[Reading]]) -> None:
    group, found = case
    reshape, numbers = open_work(found, group)
    assert numbers == sorted(set(numbers))
    for number in numbers:
        assert number < len(group.readings)
        assert number >= len(found) or not _beyond(found[number].values, group.readings[number])
        assert number < len(found) or reshape, "a reading that is not there would be filled without being added"
    if reshape and len(found) > len(group.readings):
        assert all(reading.values.blank for reading in found[len(group.readings) :])


@given(_cases())
def test_after_the_work_a_group_is_as_prescribed_or_says_whose_it_is(case: tuple[ReadingGroup, list[Reading]]) -> None:
    group, found = case
    after = _do(found, group)
    for before, now in zip(found, after, strict=False):
        for field in fields(ReadingValues):
            held = getattr(before.values, field.name)
            assert held is None or getattr(now.values, field.name) == held
    assert open_work(after, group) == (False, []), "the work is done once"
    if match_group(after, group) is not Match.same:
        assert strange_readings(after, group)
    else:
        assert strange_readings(after, group) == []


@given(_cases())
def test_what_is_strange_before_the_work_is_strange_after_it(case: tuple[ReadingGroup, list[Reading]]) -> None:
    group, found = case
    assert strange_readings(_do(found, group), group) == strange_readings(found, group)


# --- the groups of a form ---------------------------------------------------------------------------------------------


def _plan(*grades: str, numbers: tuple[int, ...] = (1, 2)) -> FormPlan:
    label = "/".join(map(str, numbers))
    known = PlanInput((("2861", 1),), None, (KnownDispenser(label, numbers, grades, "Gilbarco", "NN1"),), (), ())
    return make_plan(known).forms[0]


def test_groups_are_sides_times_grades() -> None:
    plan = _plan("Regular", "Plus", "Premium")
    assert names_of(plan) == ["Regular", "Plus", "Premium"] * 2
    assert groups_differ([4] * 6, [], plan) is None
    assert groups_differ([4] * 3, [], plan) == "The form has 3 groups of readings; 6 were expected for 1/2."
    assert groups_differ([4] * 3, [], _plan("Regular", "Plus", "Premium", numbers=(9,))) is None


@pytest.mark.parametrize(
    ("grades", "titles"),
    [
        (("Regular", "Plus"), [(0, "Side 1 – Regular"), (1, "Side 1 – PLUS"), (3, "Plus")]),
        (("Regular", "Plus"), [(0, None), (1, "Reading 5"), (2, "")]),
        (("Super", "Super Premium"), [(0, "1 Super"), (1, "1 Super Premium")]),
        (("Plus", "Ethanol-Free Gasoline Plus"), [(1, "Ethanol-Free Gasoline Plus"), (0, "Plus")]),
        (("Diesel", "Diesel High Flow"), [(0, "Diesel High Flow"), (1, "Diesel")]),
    ],
)
def test_titles_that_name_the_expected_grade_or_none_are_fine(
    grades: tuple[str, ...], titles: list[tuple[int, str | None]]
) -> None:
    assert groups_differ([4] * 4, titles, _plan(*grades)) is None


def test_a_title_of_another_grade_of_the_dispenser_stops_the_work() -> None:
    plan = _plan("Regular", "Plus")
    assert groups_differ([4] * 4, [(0, "Regular"), (1, "Regular")], plan) == (
        "Group 2 of the readings is for Regular; Plus was expected there."
    )
    assert groups_differ([4] * 4, [(0, "Super Premium")], _plan("Super", "Super Premium")) == (
        "Group 1 of the readings is for Super Premium; Super was expected there."
    )
