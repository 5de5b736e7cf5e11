"""Reading templates: every row of the table of station types, the choice of one, and what may be typed at all."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.forms.templates import (
    BUILT_IN,
    STATION_NAMES,
    Flow,
    Procedure,
    ReadingGroup,
    ReadingTemplate,
    StationType,
    TemplateReading,
    choose_station,
    chosen_station,
    group_text,
    reading_groups,
)
from app.work.grades import KNOWN_GRADES, in_portal_order, metering

MBM = ("Regular", "Plus", "Premium")
MBBM = ("Regular", "Plus", "Premium", "Ultra")
MMBBM = ("Regular", "Plus", "Premium", "Diesel", "Super")
MMBMM = ("Regular", "Plus", "Diesel", "Ethanol-Free Gasoline Plus", "Super")
MM = ("Regular", "Diesel")
WET, FIRST, CALIBRATE = Procedure.wet_down, Procedure.first_run, Procedure.calibrate
CAL_RETEST, RETEST, SEALED = Procedure.calibration_retest, Procedure.retest, Procedure.meter_sealed
FIVE = [WET, FIRST, CAL_RETEST, RETEST, SEALED]
SIX = [WET, FIRST, CALIBRATE, CAL_RETEST, RETEST, SEALED]
THREE = [WET, FIRST, RETEST]
EXTRAS = {"temperature": "0", "gpm": "3", "start": "0", "meniscus": "0", "end": ".0001"}
ONLY_START = {"temperature": None, "gpm": None, "start": "0", "meniscus": None, "end": None}


def _grades(names: Sequence[str]) -> list[tuple[str, bool]]:
    return [(name, metering(name, names).metered) for name in in_portal_order(names)]


def _groups(station: StationType, names: Sequence[str], numbers: Sequence[int] = (1, 2)) -> list[ReadingGroup]:
    return reading_groups(numbers, _grades(names), BUILT_IN[station])


def _figures(reading: TemplateReading) -> dict[str, str | None]:
    return {name: getattr(reading, name) for name in EXTRAS}


@pytest.mark.parametrize(
    ("station", "metered", "blended"),
    [
        (StationType.gilbarco_500_700, FIVE, THREE),
        (StationType.gilbarco_300_wayne, SIX, THREE),
        (StationType.wawa, FIVE, [WET, FIRST]),
        (StationType.costco, FIVE, []),
        (StationType.circle_k, FIVE, THREE),
        (StationType.open_neck, THREE, [FIRST]),
    ],
)
def test_each_station_type_has_its_procedures(
    station: StationType, metered: list[Procedure], blended: list[Procedure]
) -> None:
    template = BUILT_IN[station]
    assert [reading.procedure for reading in template.metered] == metered
    assert [reading.procedure for reading in template.blended] == blended
    assert [reading.procedure for reading in template.later_blends] == blended
    for reading in (*template.metered, *template.blended, *template.later_blends):
        assert reading.flow is (Flow.slow if reading.procedure is SEALED else Flow.fast)


def test_every_station_type_has_a_template_and_a_name() -> None:
    assert set(BUILT_IN) == set(STATION_NAMES) == set(StationType)
    assert all(template.station is station for station, template in BUILT_IN.items())


@pytest.mark.parametrize(
    ("station", "names", "total"),
    [
        (StationType.gilbarco_500_700, MBM, 26),
        (StationType.gilbarco_300_wayne, MBM, 30),
        (StationType.wawa, MMBBM, 38),
        (StationType.wawa, MMBMM, 44),
        (StationType.open_neck, MBM, 14),
        (StationType.costco, MM, 20),
    ],
)
def test_the_totals_of_a_dual_dispenser(station: StationType, names: tuple[str, ...], total: int) -> None:
    assert sum(len(group.readings) for group in _groups(station, names)) == total
    assert sum(len(group.readings) for group in _groups(station, names, (9,))) == total // 2


def test_the_groups_are_the_sides_times_the_grades_in_the_portals_order() -> None:
    groups = _groups(StationType.wawa, MMBBM, (7, 8))
    order = [("Regular", True), ("Super", True), ("Plus", False), ("Premium", False), ("Diesel", True)]
    assert [(group.grade, group.metered) for group in groups] == order * 2
    assert [group.side for group in groups] == [7] * 5 + [8] * 5
    assert [group.group for group in groups] == list(range(10))


@pytest.mark.parametrize(
    "station", [StationType.gilbarco_500_700, StationType.gilbarco_300_wayne, StationType.circle_k]
)
def test_only_the_first_reading_of_a_blend_after_a_blend_gets_the_extra_figures(station: StationType) -> None:
    groups = {group.grade: group.readings for group in _groups(station, MBBM, (9,))}
    assert in_portal_order(MBBM) == ["Regular", "Plus", "Premium", "Ultra"]
    assert [_figures(reading) for reading in groups["Plus"]] == [ONLY_START] * 3
    assert [_figures(reading) for reading in groups["Premium"]] == [EXTRAS, ONLY_START, ONLY_START]
    assert [_figures(reading) for reading in groups["Ultra"]] == [ONLY_START] * len(groups["Ultra"])


def test_a_third_blend_in_a_row_is_a_later_one_too_and_a_metered_grade_between_two_ends_the_row() -> None:
    template = BUILT_IN[StationType.gilbarco_500_700]
    row = [("A", False), ("B", False), ("C", False), ("D", True), ("E", False)]
    groups = reading_groups((1,), row, template)
    assert [group.readings[0].gpm for group in groups] == [None, "3", "3", None, None]


def test_a_side_begins_anew() -> None:
    groups = reading_groups((1, 2), [("A", False)], BUILT_IN[StationType.gilbarco_500_700])
    assert [group.readings[0].gpm for group in groups] == [None, None]


def test_wawas_blends_get_the_extra_figures_in_every_reading() -> None:
    for group in _groups(StationType.wawa, MMBBM):
        expected = ONLY_START if group.metered else EXTRAS
        assert [_figures(reading) for reading in group.readings] == [expected] * len(group.readings)


def test_costco_prescribes_nothing_for_a_blend_and_keeps_the_count() -> None:
    groups = _groups(StationType.costco, MBM)
    assert [(group.group, group.grade) for group in groups] == [
        (0, "Regular"),
        (2, "Premium"),
        (3, "Regular"),
        (5, "Premium"),
    ]


def test_open_neck_types_no_figure_but_the_start() -> None:
    for group in _groups(StationType.open_neck, MBBM):
        assert [_figures(reading) for reading in group.readings] == [ONLY_START] * len(group.readings)


@pytest.mark.parametrize(
    ("sides", "only", "left"),
    [
        (None, None, [0, 1, 2, 3, 4, 5]),
        ([2], None, [3, 4, 5]),
        (None, ["Plus", "Premium"], [1, 2, 4, 5]),
        ([1], ["Premium"], [2]),
        ([3], None, []),
    ],
)
def test_restrictions_leave_groups_out_and_keep_the_place_of_the_others(
    sides: list[int] | None, only: list[str] | None, left: list[int]
) -> None:
    template = BUILT_IN[StationType.gilbarco_500_700]
    everything = reading_groups((1, 2), _grades(MBM), template)
    groups = reading_groups((1, 2), _grades(MBM), template, sides=sides, only=only)
    assert groups == [group for group in everything if group.group in left]


def test_a_restriction_does_not_make_a_later_blend_a_first_one() -> None:
    template = BUILT_IN[StationType.gilbarco_500_700]
    (group,) = reading_groups((9,), _grades(MBBM), template, only=["Premium"])
    assert (group.group, _figures(group.readings[0])) == (2, EXTRAS)


@given(
    names=st.lists(st.sampled_from(KNOWN_GRADES), min_size=1, max_size=6, unique=True),
    station=st.sampled_from(StationType),
    numbers=st.sampled_from([(9,), (1, 2), (3, 1)]),
    data=st.data(),
)
def test_every_group_is_one_grade_on_one_side(
    names: list[str], station: StationType, numbers: tuple[int, ...], data: st.DataObject
) -> None:
    grades, template = _grades(names), BUILT_IN[station]
    everything = reading_groups(numbers, grades, template)
    for group in everything:
        side, index = divmod(group.group, len(grades))
        assert (group.side, group.grade, group.metered) == (numbers[side], *grades[index])
        lists = [template.metered] if group.metered else [template.blended, template.later_blends]
        assert group.readings and group.readings in lists
    sides = data.draw(st.none() | st.lists(st.sampled_from(numbers), unique=True))
    only = data.draw(st.none() | st.lists(st.sampled_from(names), unique=True))
    kept = reading_groups(numbers, grades, template, sides=sides, only=only)
    assert kept == [
        group
        for group in everything
        if (sides is None or group.side in sides) and (only is None or group.grade in only)
    ]


@pytest.mark.parametrize(
    ("chain", "make", "model", "key", "certain"),
    [
        ("7-eleven", "Gilbarco", "NN1", StationType.gilbarco_500_700, True),
        ("7-eleven", "Gilbarco", "NL2", StationType.gilbarco_500_700, True),
        ("speedway", "Gilbarco", "Encore 500 S", StationType.gilbarco_500_700, True),
        ("other", "GILBARCO VEEDER-ROOT", "Encore 700", StationType.gilbarco_500_700, True),
        ("other", "Gilbarco", "NA0", StationType.gilbarco_300_wayne, True),
        ("other", "Gilbarco", "nao 12", StationType.gilbarco_300_wayne, True),
        ("other", "Gilbarco", "Encore 300", StationType.gilbarco_300_wayne, True),
        ("other", "Gilbarco", "Encore", StationType.gilbarco_500_700, False),
        ("other", "Gilbarco", "1300", StationType.gilbarco_500_700, False),
        ("other", "Gilbarco", None, StationType.gilbarco_500_700, False),
        ("other", "Wayne", "Ovation", StationType.gilbarco_300_wayne, True),
        ("7-eleven", "Dresser Wayne", None, StationType.gilbarco_300_wayne, True),
        ("other", "Bennett", "700", None, False),
        ("other", None, "700", None, False),
        ("other", "", "", None, False),
        ("wawa", "Wayne", "Ovation", StationType.wawa, True),
        ("costco", "Gilbarco", "Encore 300", StationType.costco, True),
        ("circle-k", None, None, StationType.circle_k, True),
    ],
)
def test_the_station_type_comes_from_chain_make_and_model(
    chain: str, make: str | None, model: str | None, key: StationType | None, certain: bool
) -> None:
    station = choose_station(open_neck=False, chain=chain, make=make, model=model)
    assert (station.key, station.certain) == (key, certain)
    assert station.why
    assert station.name == (STATION_NAMES[key] if key else "Not chosen")
    assert choose_station(open_neck=True, chain=chain, make=make, model=model).key is StationType.open_neck


def test_what_was_assumed_is_said_and_a_persons_choice_is_certain() -> None:
    assert choose_station(open_neck=False, chain="other", make="Gilbarco", model=None).why == (
        "Gilbarco without a model: the usual 500/700 is assumed. Check it."
    )
    assert "Bennett" in choose_station(open_neck=False, chain="other", make="Bennett", model="x").why
    chosen = chosen_station(StationType.wawa)
    assert (chosen.key, chosen.why, chosen.certain) == (StationType.wawa, "Chosen by you.", True)


def test_a_group_reads_as_a_line() -> None:
    metered, blended, _ = _groups(StationType.gilbarco_500_700, MBM, (9,))
    assert group_text(metered) == "5: Wet Down, First Run, Calibration Retest, Retest, Meter Sealed slow"
    assert group_text(blended) == "3: Wet Down, First Run, Retest"


def _reading(figure: str) -> TemplateReading:
    return TemplateReading(
        procedure=RETEST, flow=Flow.fast, temperature=figure, gpm=None, start=None, meniscus=None, end=None
    )


@pytest.mark.parametrize("figure", ["0", ".0001", "3", "-1.5", "-.5", "12.", "999999.9999"])
def test_a_figure_is_a_plain_number(figure: str) -> None:
    assert _reading(figure).temperature == figure


@pytest.mark.parametrize(
    "figure", ["", ".", "-", "+3", "1e3", "1,5", " 3", "3\n", "0x1", "nan", "0.00001", "1234567", "٣"]
)
def test_what_is_no_plain_number_is_no_figure(figure: str) -> None:
    with pytest.raises(ValidationError):
        _reading(figure)


def test_a_template_prescribes_at_most_twelve_readings_for_a_grade() -> None:
    def template(count: int) -> ReadingTemplate:
        return ReadingTemplate(station=StationType.costco, metered=[_reading("0")] * count, blended=[], later_blends=[])

    assert len(template(12).metered) == 12
    with pytest.raises(ValidationError):
        template(13)
