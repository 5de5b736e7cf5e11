"""The bases of everything the API takes and gives."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _near(instant: datetime) -> datetime:
    """As UTC, which is what is stored."""
    if not 1970 <= instant.year < 9000:
        raise ValueError("This day is too far away.")
    return instant.astimezone(UTC)


NearInstant = Annotated[AwareDatetime, AfterValidator(_near)]


class Input(BaseModel):
    """A request body: unknown fields are refused rather than ignored, so a misspelt one cannot be lost silently."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """A response body. Fields have no defaults: the generated TypeScript types are then never optional."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
