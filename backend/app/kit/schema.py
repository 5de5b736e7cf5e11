"""The bases of everything the API takes and gives."""

from pydantic import BaseModel, ConfigDict


class Input(BaseModel):
    """A request body: unknown fields are refused rather than ignored, so a misspelt one cannot be lost silently."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class Output(BaseModel):
    """A response body. Fields have no defaults: the generated TypeScript types are then never optional."""

    model_config = ConfigDict(from_attributes=True, frozen=True)
