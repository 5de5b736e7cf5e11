"""What the API says about service levels."""

from datetime import datetime

from pydantic import Field

from app.kit.schema import Output
from app.operations.slo.budget import SloVerdict


class SloPart(Output):
    """One series of an objective. ``name`` is empty when there is only one."""

    name: str
    good: float
    total: float
    ratio: float | None
    p50_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None
    verdict: SloVerdict


class BurnRate(Output):
    """How fast the budget burns in the two windows of a tier; ``None`` = no data in that window."""

    tier: str
    long_seconds: int
    short_seconds: int
    factor: float
    long_rate: float | None
    short_rate: float | None
    firing: bool


class BudgetView(Output):
    allowed: float = Field(description="how many events of the window may go wrong")
    used: float
    left: float | None = Field(description="share of the budget that is left; below 0: more was used than there was")
    minutes: float | None = Field(description="availability only: the whole budget in minutes of the window")


class BudgetPoint(Output):
    day: str
    good: float
    total: float
    left: float | None = Field(
        description="share of the budget left at the end of this day; None = no data in its window"
    )


class Slo(Output):
    id: str
    title: str
    promise: str
    indicator: str
    target: float
    limit_seconds: float | None
    window_days: int
    minimum: int
    verdict: SloVerdict
    why: str = Field(description="one sentence: what the verdict rests on")
    ratio: float | None
    parts: list[SloPart]
    budget: BudgetView
    burn: list[BurnRate]
    coverage: float | None = Field(
        description="availability only: share of the window's probes that were made; the rest is unknown"
    )


class SloReport(Output):
    at: datetime
    items: list[Slo]
    unreadable: list[str] = Field(description="objectives whose source could not be read: their verdict is no_data")


class SloHistory(Output):
    id: str
    days: list[BudgetPoint]
