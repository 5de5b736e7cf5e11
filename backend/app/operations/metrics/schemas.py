"""What the API says about measurements."""

from datetime import datetime

from pydantic import Field

from app.kit.schema import Output


class ChartPoint(Output):
    """``at``: the beginning of the step. ``value`` ``None``: nothing was measured then, which is not zero."""

    at: datetime
    value: float | None


class ChartLine(Output):
    name: str
    unit: str
    points: list[ChartPoint]


class Chart(Output):
    id: str
    title: str
    unit: str
    step_seconds: int
    threshold: float | None = Field(description="drawn as a line; crossing it is trouble")
    lines: list[ChartLine]


class RouteTimes(Output):
    method: str
    route: str
    requests: float
    errors: float
    p50_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None


class ProbeStep(Output):
    """Probes of one step of the strip. All three are 0 when none was made: unknown, not good."""

    at: datetime
    good: float
    bad: float
    maintenance: float


class Performance(Output):
    since: datetime
    until: datetime
    charts: list[Chart]
    routes: list[RouteTimes]


class ProbeStrip(Output):
    step_seconds: int
    steps: list[ProbeStep]
