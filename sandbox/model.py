"""Everything the sandbox portal stores, as typed records that travel to and from the state file."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

Day = date  # for records that have a field called date


class Record(BaseModel):
    """Base of all stored records: unknown keys in a state file are an error, not silently dropped."""

    model_config = ConfigDict(extra="forbid")


class Prover(Record):
    """A volumetric test measure of one technician, as the fleet page lists it."""

    prover_id: str
    serial: str
    make: str
    size: str
    next_calibration: date

    @property
    def label(self) -> str:
        """Text of the option in the prover list of a form; it contains the prover id (Portal spec §5.3)."""
        return f"{self.prover_id} - Seraphin Prover ({self.size}) - S/N: {self.serial}"


class Technician(Record):
    """An account of the portal. The password is plain text because the whole world is synthetic."""

    email: str
    name: str
    password: str
    provers: list[Prover]


class Customer(Record):
    """A chain, with the id under which the portal knows it."""

    id: int
    name: str
    chain: str


class Dispenser(Record):
    """One dispenser card. `fields` holds the custom fields in card order; a missing label is absent on the card."""

    id: int
    numbers: str
    grades: list[str]
    make: str
    model: str | None
    serial: str
    fields: dict[str, str]

    @property
    def title(self) -> str:
        """Card title: numbers, grade list and make, separated by space-hyphen-space (Portal spec §3.3)."""
        return f"{self.numbers} - {', '.join(self.grades)} - {self.make}"

    @property
    def plain_title(self) -> str:
        """The same text without the hyphen separators, as the visit page shows it (Portal spec §4.1)."""
        return f"{self.numbers} {', '.join(self.grades)} {self.make}"

    @property
    def sides(self) -> list[str]:
        """The numbers of the sides: two for `1/2`, one for `9`."""
        return self.numbers.split("/")


class EquipmentGroup(Record):
    """A group of equipment other than dispensers; only its heading and plain titles are known."""

    name: str
    type_id: int
    titles: list[str]


class Location(Record):
    """A store."""

    id: int
    customer_id: int
    store: str
    brand: str
    street: str
    intersection: str | None
    city: str
    state: str
    zip: str
    county: str
    contact: list[str]
    dispensers: list[Dispenser]
    other_equipment: list[EquipmentGroup] = Field(default_factory=list)
    modal: bool = False
    deleted: bool = False


class ServiceLine(Record):
    """One line of the items column; quantity 0 is legal."""

    quantity: int
    description: str
    code: str


class ServiceGroup(Record):
    """Lines of one category."""

    category: str
    lines: list[ServiceLine]


class Visit(Record):
    """A planned or done visit; dates are plain local dates."""

    id: int
    date: Day
    time: str = "(anytime)"
    completed_on: Day | None = None


class WorkOrder(Record):
    """A work order as the list shows it."""

    id: int
    technician: str
    location_id: int
    categories: list[str]
    status: str = "Work Created"
    status_class: str = "work-status-open"
    reason: str
    project: str | None
    po: str | None
    created_by: str
    created_at: datetime
    groups: list[ServiceGroup]
    visits: list[Visit]
    due_date: date | None
    instructions: str
    closed: bool = False

    @property
    def codes(self) -> list[str]:
        """All service codes, in list order."""
        return [line.code for group in self.groups for line in group.lines]

    @property
    def next_visit(self) -> Visit | None:
        """The earliest visit that is not done."""
        pending = [visit for visit in self.visits if visit.completed_on is None]
        return min(pending, key=lambda visit: visit.date) if pending else None

    @property
    def done(self) -> int:
        """Number of completed visits."""
        return sum(1 for visit in self.visits if visit.completed_on is not None)


class GradeItem(Record):
    """One item of the per-grade section; radio values are the portal's (`1`, `2`), None = nothing chosen."""

    grade: str
    price: str = ""
    has_meter: str | None = None
    fill: str | None = None
    prover: str | None = None
    blend_a: str = ""
    blend_b: str = ""
    saved: bool = False


class Reading(Record):
    """One reading (trial) of the readings section."""

    id: int
    side: str
    grade: str
    temperature: str = ""
    flow: str | None = None
    gpm: str = ""
    start: str = ""
    meniscus: str = ""
    end: str = ""
    procedure: str | None = None
    variance: str = ""


class FormEntry(Record):
    """A form attached to a visit. `saved` holds the keys of the sections that were saved at least once."""

    id: int
    work_id: int
    visit_id: int
    template: str
    created_at: datetime
    created_by: str
    equipment_id: int | None = None
    prover_size: str | None = None
    grades: list[GradeItem] = Field(default_factory=list)
    readings: list[Reading] = Field(default_factory=list)
    saved: list[str] = Field(default_factory=list)
    complete: bool = False


class Session(Record):
    """A browser session; `user` is None for a guest. `requests` counts everything asked with it."""

    token: str
    user: str | None
    csrf: str
    remember: bool
    created_at: datetime
    last_seen: datetime
    flash: str | None = None
    old_email: str = ""
    intended: str | None = None
    requests: int = 0


class Write(Record):
    """One entry of the audit log: who changed what, and when (sandbox clock)."""

    n: int
    at: datetime
    user: str
    kind: str
    work_id: int | None = None
    visit_id: int | None = None
    entry_id: int | None = None
    section: str | None = None
    iteration: int | None = None
    values: dict[str, Any] = Field(default_factory=dict)


class Change(Record):
    """One entry of the schedule log: an operation of the control API, not of a portal user."""

    at: datetime
    op: str
    work_ids: list[int]
    detail: dict[str, Any] = Field(default_factory=dict)


class SignIn(Record):
    """One attempt to sign in."""

    at: datetime
    email: str
    accepted: bool


class Fault(Record):
    """An armed fault. `times` None = until cleared; `skip` matching requests pass first; `rolls` counts the dice of `chance`."""

    fault: str
    times: int | None = 1
    match: dict[str, Any] = Field(default_factory=dict)
    skip: int = 0
    hits: int = 0
    rolls: int = 0


class Latency(Record):
    """Answer delay of one kind of request, in milliseconds, drawn evenly between the two."""

    min_ms: int = Field(ge=0)
    max_ms: int = Field(ge=0)


class Options(Record):
    """What nobody knows about the portal (Portal spec §9, last paragraph), with the sandbox's choice as default."""

    guest_answer: str = "login_document"
    login_redirect: str = "dashboard"
    bad_password_markup: str = "error-msg"
    session_minutes: int = 120
    remember_days: int = 30
    remember_page_size: bool = False
    page_parameter: str = "page"
    url_state: bool = False
    empty_markup: str = "message"
    equipment_label: str = "title"
    visit_label: str = "plain"
    new_label: str = "New"
    grade_header: str = "colon"
    grade_order: str = "card"
    next_rule: str = "first_save"
    equipment_change: str = "reset"
    options_load: str = "mount"
    autosave: bool = False
    reading_title: str = "side_grade"
    reading_ids: bool = True
    reading_labels: bool = True
    flow_labels: dict[str, str] = Field(default_factory=lambda: {"1": "Fast", "2": "Slow"})
    add_label: str = "+ Add Reading"
    add_element: str = "link"
    confirm: str = "popover"
    open_connection: bool = False
    onp_grade_section: str = "570"
    onp_prover_size: bool = True
    prover_sizes: dict[str, str] = Field(default_factory=lambda: {"1": "5 Gallon", "2": "1 Gallon", "3": "100 Gallon"})
    fill_types: dict[str, str] = Field(default_factory=lambda: {"1": "Top", "2": "Bottom"})
    location_tabs: list[str] = Field(
        default_factory=lambda: ["Work", "Equipment", "Contacts", "Files", "Notes"],
    )


class Build(Record):
    """Artefacts of the portal's asset build; they change with a redeploy."""

    number: int = 0
    asset_hash: str = "4f1c0a9e"
    list_scope: str = "data-v-a381df7b"
    visit_scope: str = "data-v-3785725c"
    form_scope: str = "data-v-5be10c42"


class State(Record):
    """The whole stored world."""

    version: int = 1
    seed: int
    clock_offset_seconds: float = 0.0
    technicians: list[Technician]
    customers: dict[int, Customer]
    locations: dict[int, Location]
    work_orders: dict[int, WorkOrder]
    forms: dict[int, FormEntry] = Field(default_factory=dict)
    deleted_location_id: int
    sessions: dict[str, Session] = Field(default_factory=dict)
    page_sizes: dict[str, int] = Field(default_factory=dict)
    writes: list[Write] = Field(default_factory=list)
    changes: list[Change] = Field(default_factory=list)
    sign_ins: list[SignIn] = Field(default_factory=list)
    faults: list[Fault] = Field(default_factory=list)
    latency: dict[str, Latency] = Field(default_factory=dict)
    options: Options = Field(default_factory=Options)
    build: Build = Field(default_factory=Build)
    next_form_id: int = 880100
    next_reading_id: int = 1
    next_work_id: int = 137400
