"""What a watcher tells the server, and what it is told."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from app.kit.schema import Input, Output

Number = Annotated[int, Field(ge=1, le=2**53)]
Stamp = Annotated[float, Field(ge=0, le=2**40, description="seconds since 1970")]


class ProbeReport(Input):
    id: Number
    at: Stamp
    result: Literal["good", "bad"]


class StoryReport(Input):
    """``what``: ``outage`` (settled), ``called``, ``call_failed``, ``acknowledged``, ``over``."""

    id: Number
    at: Stamp
    what: Annotated[str, Field(max_length=20)]
    story: dict[str, Any]


class WatcherReport(Input):
    """What the server has not heard yet, oldest first."""

    name: Annotated[str, Field(min_length=1, max_length=60)]
    version: Annotated[str, Field(max_length=40)]
    probes: Annotated[list[ProbeReport], Field(max_length=500)]
    reports: Annotated[list[StoryReport], Field(max_length=500)]


class PlannedWork(Output):
    starts_at: datetime
    ends_at: datetime


class WatcherAnswer(Output):
    """Up to which ids the server has everything, and the planned work during which nobody is to be called."""

    probe: int
    report: int
    maintenance: list[PlannedWork]


class WatcherView(Output):
    name: str
    last_seen_at: datetime
    version: str
