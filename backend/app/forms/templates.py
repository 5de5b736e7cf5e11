"""Which readings a station type's form gets: templates as data, and which one a dispenser takes. Pure.

Source: the recipes that were used against the live portal (Portal spec §5.4 and §5.5). Only what a template says is ever
typed; results are the technician's.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, Field

from app.kit.schema import Output


class Procedure(StrEnum):
    wet_down = "Wet Down"
    first_run = "First Run"
    calibrate = "Calibrate"
    calibration_retest = "Calibration Retest"
    retest = "Retest"
    meter_sealed = "Meter Sealed"


class Flow(StrEnum):
    fast = "fast"
    slow = "slow"


class StationType(StrEnum):
    gilbarco_500_700 = "gilbarco-500-700"
    gilbarco_300_wayne = "gilbarco-300-wayne"
    wawa = "wawa"
    costco = "costco"
    circle_k = "circle-k"
    open_neck = "open-neck"


STATION_NAMES = {
    StationType.gilbarco_500_700: "Gilbarco 500/700",
    StationType.gilbarco_300_wayne: "Gilbarco 300 / Wayne",
    StationType.wawa: "Wawa",
    StationType.costco: "Costco",
    StationType.circle_k: "Circle K",
    StationType.open_neck: "Open Neck Prover",
}

_FIGURE = re.compile(r"-?(?:[0-9]{1,6}(?:\.[0-9]{0,4})?|\.[0-9]{1,4})")


def _figure(text: str) -> str:
    if _FIGURE.fullmatch(text) is None:
        raise ValueError("write a figure like 0, 3 or .0001, or leave it empty")
    return text


Figure = Annotated[str, AfterValidator(_figure)]


class TemplateReading(Output):
    """One reading of a template. A figure that is ``None`` is left to the technician."""

    procedure: Procedure
    flow: Flow
    temperature: Figure | None = Field(description="null: left to the technician")
    gpm: Figure | None
    start: Figure | None
    meniscus: Figure | None
    end: Figure | None


class ReadingTemplate(Output):
    """The readings of one station type. ``later_blends``: for a blended grade that directly follows another blended one
    on its side. An empty list prescribes nothing: those readings are left as they are."""

    station: StationType
    metered: Annotated[list[TemplateReading], Field(max_length=12)]
    blended: Annotated[list[TemplateReading], Field(max_length=12)]
    later_blends: Annotated[list[TemplateReading], Field(max_length=12)]


class ReadingGroup(Output):
    """The readings of one grade on one side. ``group`` counts the groups of the form from 0: all grades of the first side
    in the portal's order, then those of the second."""

    group: int
    side: int
    grade: str
    metered: bool
    readings: list[TemplateReading]


class Station(Output):
    """``key`` null: no template fits, a person must choose. ``certain`` false: the rule had to assume something."""

    key: StationType | None
    name: str
    why: str
    certain: bool


def _reading(procedure: Procedure, flow: Flow = Flow.fast, *, extras: bool = False) -> TemplateReading:
    """``extras``: the figures without which the portal would not go on in some blended groups (Portal spec §5.4)."""
    return TemplateReading(
        procedure=procedure,
        flow=flow,
        temperature="0" if extras else None,
        gpm="3" if extras else None,
        start="0",
        meniscus="0" if extras else None,
        end=".0001" if extras else None,
    )


_FIVE = [
    _reading(Procedure.wet_down),
    _reading(Procedure.first_run),
    _reading(Procedure.calibration_retest),
    _reading(Procedure.retest),
    _reading(Procedure.meter_sealed, Flow.slow),
]
_SIX = [
    _reading(Procedure.wet_down),
    _reading(Procedure.first_run),
    _reading(Procedure.calibrate),
    _reading(Procedure.calibration_retest),
    _reading(Procedure.retest),
    _reading(Procedure.meter_sealed, Flow.slow),
]
_THREE = [_reading(Procedure.wet_down), _reading(Procedure.first_run), _reading(Procedure.retest)]
_LATER_THREE = [_reading(Procedure.wet_down, extras=True), *_THREE[1:]]
_WAWA_BLENDED = [_reading(Procedure.wet_down, extras=True), _reading(Procedure.first_run, extras=True)]
_ONE = [_reading(Procedure.first_run)]

BUILT_IN = {
    template.station: template
    for template in (
        ReadingTemplate(station=StationType.gilbarco_500_700, metered=_FIVE, blended=_THREE, later_blends=_LATER_THREE),
        ReadingTemplate(
            station=StationType.gilbarco_300_wayne, metered=_SIX, blended=_THREE, later_blends=_LATER_THREE
        ),
        ReadingTemplate(station=StationType.wawa, metered=_FIVE, blended=_WAWA_BLENDED, later_blends=_WAWA_BLENDED),
        ReadingTemplate(station=StationType.costco, metered=_FIVE, blended=[], later_blends=[]),
        ReadingTemplate(station=StationType.circle_k, metered=_FIVE, blended=_THREE, later_blends=_LATER_THREE),
        ReadingTemplate(station=StationType.open_neck, metered=_THREE, blended=_ONE, later_blends=_ONE),
    )
}

_ENCORE_300 = re.compile(r"\b300\b|^NA[0O]", re.IGNORECASE)
_ENCORE_500_700 = re.compile(r"\b[57]00\b|^N[NL]\d", re.IGNORECASE)
_CHAINS = {
    "wawa": (StationType.wawa, "Wawa's own readings."),
    "costco": (StationType.costco, "Costco's own readings."),
    "circle-k": (StationType.circle_k, "Circle K's own readings."),
}


def choose_station(*, open_neck: bool, chain: str, make: str | None, model: str | None) -> Station:
    """The station type of a dispenser from its chain (``work.chains`` key), make and model."""
    if open_neck:
        return _station(StationType.open_neck, "The form is an Open Neck Prover form.")
    if chain in _CHAINS:
        return _station(*_CHAINS[chain])
    maker, kind = (make or "").lower(), (model or "").strip()
    if "wayne" in maker:
        return _station(StationType.gilbarco_300_wayne, f"Made by {make}.")
    if "gilbarco" not in maker:
        made_by = f"No template is known for dispensers made by {make}." if make else "The card names no make."
        return Station(key=None, name="Not chosen", why=made_by, certain=False)
    if _ENCORE_300.search(kind):
        return _station(StationType.gilbarco_300_wayne, f"Gilbarco {kind} is of the 300 series.")
    if _ENCORE_500_700.search(kind):
        return _station(StationType.gilbarco_500_700, f"Gilbarco {kind} is of the 500 or 700 series.")
    return _station(
        StationType.gilbarco_500_700,
        f"Gilbarco {kind or 'without a model'}: the usual 500/700 is assumed. Check it.",
        certain=False,
    )


def chosen_station(key: StationType) -> Station:
    return _station(key, "Chosen by you.")


def _station(key: StationType, why: str, *, certain: bool = True) -> Station:
    return Station(key=key, name=STATION_NAMES[key], why=why, certain=certain)


def reading_groups(
    numbers: Sequence[int],
    grades: Sequence[tuple[str, bool]],
    template: ReadingTemplate,
    *,
    sides: Sequence[int] | None = None,
    only: Sequence[str] | None = None,
) -> list[ReadingGroup]:
    """The groups a template prescribes. ``grades``: (name, metered) in the portal's order. ``sides`` and ``only`` restrict
    what is ordered; the other groups keep their place in the count but are left out."""
    groups = []
    for place, side in enumerate(numbers):
        for index, (grade, metered) in enumerate(grades):
            follows_blend = index > 0 and not grades[index - 1][1]
            readings = template.metered if metered else template.later_blends if follows_blend else template.blended
            ordered = (sides is None or side in sides) and (only is None or grade in only)
            if readings and ordered:
                groups.append(
                    ReadingGroup(
                        group=place * len(grades) + index,
                        side=side,
                        grade=grade,
                        metered=metered,
                        readings=list(readings),
                    )
                )
    return groups


def group_text(group: ReadingGroup) -> str:
    """The group's readings in a line: ``3: Wet Down, First Run, Retest``; slow ones say so."""
    words = [reading.procedure + (" slow" if reading.flow is Flow.slow else "") for reading in group.readings]
    return f"{len(words)}: {', '.join(words)}"
