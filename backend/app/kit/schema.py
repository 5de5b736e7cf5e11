"""The bases of everything the API takes and gives."""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, SecretStr, field_validator


def _near(instant: datetime) -> datetime:
    """As UTC, which is what is stored."""
    if not 1970 <= instant.year < 9000:
        raise ValueError("This day is too far away.")
    return instant.astimezone(UTC)


NearInstant = Annotated[AwareDatetime, AfterValidator(_near)]


class Input(BaseModel):
    """A request body: unknown fields are refused rather than ignored, so a misspelt one cannot be lost silently. So is text with the
    character NUL, which PostgreSQL cannot store."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @field_validator("*")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        if _has_nul(value):
            raise ValueError("The character NUL (U+0000) cannot be stored; take it out.")
        return value


def _has_nul(value: Any) -> bool:
    """Whether there is one anywhere in it; bodies within bodies look after themselves, and name their own field."""
    match value:
        case str():
            return "\x00" in value
        case SecretStr():
            return "\x00" in value.get_secret_value()
        case dict():
            return any(_has_nul(part) for pair in value.items() for part in pair)
        case list() | tuple() | set() | frozenset():
            return any(_has_nul(part) for part in value)
        case _:
            return False


class Output(BaseModel):
    """A response body. Fields have no defaults: the generated TypeScript types are then never optional."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
