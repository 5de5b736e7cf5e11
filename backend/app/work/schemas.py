"""What the API says about work: weeks, visits, work orders, locations, dispensers."""

from datetime import date as Date  # noqa: N812  # fields of these schemas are called date
from datetime import datetime
from enum import StrEnum
from typing import Literal

from pydantic import Field

from app.kit.schema import Output


class DataAge(Output):
    """How old the shown data are. ``unknown`` means: never synchronised."""

    state: Literal["fresh", "due", "failing", "running", "unknown"]
    last_success_at: datetime | None
    last_attempt_at: datetime | None


class Chain(Output):
    key: Literal["7-eleven", "speedway", "wawa", "circle-k", "costco", "other"]
    name: str


class FactKind(StrEnum):
    new_store = "new_store"
    remodeled = "remodeled"
    priority = "priority"
    day_of = "day_of"
    start_day = "start_day"
    finish_day = "finish_day"
    post_construction = "post_construction"
    specific_dispensers = "specific_dispensers"
    open_neck_prover = "open_neck_prover"
    dispensers = "dispensers"
    special_fuel = "special_fuel"


class Fact(Output):
    """Something the instructions (or the service code) say; ``start``/``end`` mark the words in the full text."""

    kind: FactKind
    label: str
    start: int | None
    end: int | None


class FormsProgress(Output):
    """Forms of a visit as last read from the portal or written by us; ``wanted`` null = not planned yet."""

    verified: int
    wanted: int | None
    needs_person: int


class VisitCard(Output):
    work_id: int
    visit_id: int | None
    date: Date | None
    time: str | None
    chain: Chain
    customer: str
    brand: str | None
    store: str
    street: str | None
    city: str | None
    state: str | None
    dispensers: int | None
    dispensers_from: Literal["cards", "quantity", "unknown"]
    codes: list[str]
    facts: list[Fact]
    due_date: Date | None
    due_state: Literal["none", "ok", "before_visit", "overdue"]
    completed_on: Date | None
    missing: bool = Field(description="not in the newest list of the portal; kept until it is clear why")
    forms: FormsProgress | None


class Day(Output):
    date: Date
    is_today: bool
    is_work_day: bool
    is_past: bool
    visits: list[VisitCard]


class WeekTotals(Output):
    visits: int
    dispensers: int
    dispensers_unknown: int


class Week(Output):
    """``reason``: why this week is shown when none was asked for (roll-over rule)."""

    start: Date
    end: Date
    iso_week: str
    previous: Date
    next: Date
    is_current: bool
    reason: Literal["asked", "current", "week_over", "day_off", "nothing_left"]
    today: Date
    days: list[Day]
    unscheduled: list[VisitCard]
    totals: WeekTotals
    later_start: Date | None = Field(description="the next week after this one that has visits")
    later_visits: int
    age: DataAge


class WeekPair(Output):
    """The asked (or effective) week and the one after it, in one read."""

    this: Week
    next: Week


class ServiceLine(Output):
    category: str
    quantity: int
    description: str
    code: str | None


class Grade(Output):
    """``metered``: true = own meter, false = blended at the pump; ``known`` = the rule names this grade."""

    name: str
    column: str = Field(description="the matrix column this grade stands in, the same for every dispenser")
    metered: bool
    known: bool


class Dispenser(Output):
    label: str = Field(description="numbers as shown on the cabinet, e.g. 1/2")
    numbers: list[int]
    title: str
    grades: list[Grade]
    make: str | None
    model: str | None
    serial: str | None
    stand_alone_code: str | None
    nozzles_per_side: int | None
    meter_type: str | None
    ntep: str | None


class Location(Output):
    location_id: int
    read_at: datetime | None
    error_code: str | None
    error_detail: str | None
    columns: list[str] = Field(description="grade columns in the order of the portal's own list")
    dispensers: list[Dispenser]


class WorkOrder(Output):
    card: VisitCard
    status: str | None
    reason: str | None
    project: str | None
    po: str | None
    created_at: datetime | None
    customer: str
    street: str | None
    intersection: str | None
    city: str | None
    state: str | None
    zip: str | None
    county: str | None
    map_url: str | None
    portal_url: str | None = Field(description="the visit (or work order) in the portal")
    services: list[ServiceLine]
    visits_done: int
    visits_total: int
    instructions: str | None
    instructions_clean: str | None = Field(
        description="without the chain's boilerplate; null when nothing else is left"
    )
    location: Location
    seen_at: datetime
    missing_since: datetime | None


class WorkOrderPage(Output):
    items: list[VisitCard]
    next_cursor: str | None
    total: int
