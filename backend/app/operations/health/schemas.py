"""What the API says about health."""

from datetime import datetime
from typing import Any

from pydantic import Field

from app.kit.schema import Output
from app.operations.health.tree import State


class ComponentView(Output):
    """One part. Only operators are told words and figures; everybody else sees the state."""

    name: str
    part_of: str
    critical: bool
    status: State
    words: str | None
    milliseconds: float | None
    data: dict[str, Any] | None


class Health(Output):
    """``status`` is the worst of the critical parts; anything else that is not ok makes it ``degraded`` at most."""

    status: State
    database: State
    version: str
    time: datetime
    age_seconds: float = Field(description="how old the answers are; at most 5 s")
    launch: str = Field(description="another one after each start of the server")
    pages: bool = Field(description="whether this server itself can call people now")
    components: list[ComponentView]


class Live(Output):
    status: State
    launch: str
