"""What the API says about provers: the calibrated test cans a technician carries."""

from datetime import date
from typing import Annotated

from pydantic import Field

from app.kit.schema import Input, Output
from app.provers.expiry import CalibrationState


class Prover(Output):
    prover_id: str
    serial: str | None
    make: str | None
    size: str | None
    next_calibration: date | None
    calibration: CalibrationState = Field(
        description="today, in the user's time zone; due_soon: within 30 days; unknown: the fleet page gives no date"
    )
    calibration_note: str = Field(description="the same as a sentence")
    position: int = Field(description="1 left, 2 centre, 3 right")
    preferred: list[str]
    confirmed: bool = Field(description="false: position and grades are our proposal, nobody has looked at them yet")


class ProverList(Output):
    items: list[Prover]
    auto_position_ethanol_free: bool
    grade_choices: list[str]


class ProverChange(Input):
    prover_id: Annotated[str, Field(min_length=1, max_length=40)]
    position: Annotated[int, Field(ge=1, le=3)]
    preferred: Annotated[list[Annotated[str, Field(min_length=1, max_length=60)]], Field(max_length=20)]


class ProversChange(Input):
    """The whole set at once: positions are unique, so changing one may change another."""

    items: Annotated[list[ProverChange], Field(min_length=1, max_length=12)]
    auto_position_ethanol_free: bool = True
