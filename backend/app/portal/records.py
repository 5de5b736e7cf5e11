"""What a page of the WorkFossa portal says, as plain records.

Nothing here is interpreted: texts stand as the portal shows them (outer padding trimmed, inner newlines kept), a blank or
absent part is ``None``, dates are plain local dates and instants carry no time zone (Portal spec §8.1).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

FormAction = Literal["attach", "new"]
YesNo = Literal["yes", "no"]
Flow = Literal["fast", "slow"]


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """One line of the "Items" column: how many of what (Portal spec §2.5). Quantity 0 is legal ("Day 2 of 2")."""

    category: str
    quantity: int
    description: str | None
    code: str | None


@dataclass(frozen=True, slots=True)
class NextVisit:
    """The visit a row links to. ``url`` is the row's own link, never constructed; ``time`` is "anytime" or the text shown."""

    visit_id: int
    url: str
    date: date
    time: str | None


@dataclass(frozen=True, slots=True)
class WorkOrderRow:
    """One row of the work list (Portal spec §2.4, §2.5)."""

    work_id: int
    categories: tuple[str, ...]
    status: str | None
    reason: str | None
    project: str | None
    po: str | None
    created_by: str | None
    created_at: datetime | None
    customer: str
    customer_id: int
    location_id: int
    store: str
    brand: str | None
    street: str
    intersection: str | None
    city: str
    state: str
    zip: str
    county: str | None
    services: tuple[ServiceLine, ...]
    visits_done: int | None
    visits_total: int | None
    next_visit: NextVisit | None
    due_date: date | None
    completed_on: date | None
    instructions: str | None


@dataclass(frozen=True, slots=True)
class WorkListPage:
    """One page of the work list. ``page`` is ``None`` when a simple paginator stands beyond its first page,
    ``matches`` when the paginator shows no total; ``filters`` are the texts of the filter badges."""

    page: int | None
    matches: int | None
    has_next: bool
    page_size: int | None
    filters: tuple[str, ...]
    work_orders: tuple[WorkOrderRow, ...]


@dataclass(frozen=True, slots=True)
class WorkList:
    """A whole list, every page walked and counted against "N matches". ``matches`` is ``None`` when none was shown."""

    matches: int | None
    pages: int
    work_orders: tuple[WorkOrderRow, ...]


@dataclass(frozen=True, slots=True)
class DispenserCard:
    """One dispenser of a location (Portal spec §3.3). ``numbers`` is (1, 2) for the label "1/2", (9,) for "9", empty
    when the title carries no number. "Stand Alone Code" is a PIN, not a grade."""

    numbers: tuple[int, ...]
    title: str
    grades: tuple[str, ...]
    make: str | None
    model: str | None
    serial: str | None
    stand_alone_code: str | None
    nozzles_per_side: int | None
    meter_type: str | None
    ntep: str | None


@dataclass(frozen=True, slots=True)
class LocationPage:
    """The dispensers of a location; ``expected`` is the number in the group's heading and equals ``len(dispensers)``."""

    location_id: int | None
    expected: int
    dispensers: tuple[DispenserCard, ...]


@dataclass(frozen=True, slots=True)
class SuggestedForm:
    """One form type of the visit's panel: how many are attached and which link adds one (Portal spec §4.1)."""

    form_type: str
    attached: int
    action: FormAction | None


@dataclass(frozen=True, slots=True)
class VisitForm:
    """One attached form. ``dispenser_text`` and ``numbers`` are empty until section 1 was saved with an equipment."""

    entry_id: int
    form_type: str
    dispenser_text: str | None
    numbers: tuple[int, ...]
    status: str | None
    url: str


@dataclass(frozen=True, slots=True)
class VisitPage:
    """The forms of a visit. The ids are ``None`` when neither the address nor a form link tells them."""

    work_id: int | None
    visit_id: int | None
    suggested: tuple[SuggestedForm, ...]
    forms: tuple[VisitForm, ...]

    def forms_of(self, form_type: str) -> tuple[VisitForm, ...]:
        """The attached forms of exactly this type."""
        return tuple(form for form in self.forms if form.form_type == form_type)


@dataclass(frozen=True, slots=True)
class GradePanel:
    """One grade of section 536 / 570. The values are known only for an expanded panel (Portal spec §5.3)."""

    index: int
    grade: str
    expanded: bool
    has_meter: YesNo | None
    fill: str | None
    prover: str | None
    fuel_price: str | None
    blend_ratios: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingValues:
    """What one reading holds, as the portal shows it; ``None`` is blank. Units are the portal's, nothing is converted."""

    procedure: str | None = None
    flow: Flow | None = None
    temperature: str | None = None
    gpm: str | None = None
    start: str | None = None
    meniscus: str | None = None
    end: str | None = None

    @property
    def blank(self) -> bool:
        """Whether nothing at all is held."""
        return all(getattr(self, field.name) is None for field in dataclasses.fields(self))


@dataclass(frozen=True, slots=True)
class ReadingPanel:
    """One reading of section 537 / 571; ``values`` only for the open one (Portal spec §5.4). A saved page does not hold
    what was typed and never stored, nor what only the page's script knows."""

    index: int
    title: str | None
    expanded: bool
    procedure: str | None
    values: ReadingValues | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading as read on a fresh load. ``group`` counts the groups in page order from 0 (all grades of side 1, then
    of side 2), ``number`` the readings inside the group from 0; ``title`` is the header, whatever it says."""

    group: int
    number: int
    title: str | None
    values: ReadingValues
    variance: str | None


@dataclass(frozen=True, slots=True)
class ReadingsPage:
    """The readings section of a form: how many readings each group has in page order, the readings, the messages shown."""

    section_id: int
    groups: tuple[int, ...]
    readings: tuple[Reading, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormPage:
    """One section of a form entry as shown. ``saved`` is whether the section was saved at least once (Next enabled).
    ``reading_groups``: readings per group in page order, told by the "+ Add Reading" that ends each group."""

    work_id: int | None
    visit_id: int | None
    entry_id: int | None
    section_id: int | None
    equipment: str | None
    equipment_numbers: tuple[int, ...]
    equipment_options: tuple[str, ...]
    prover_size: str | None
    prover_size_options: tuple[str, ...]
    grades: tuple[GradePanel, ...]
    readings: tuple[ReadingPanel, ...]
    reading_groups: tuple[int, ...]
    next_enabled: bool | None
    saved: bool | None
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FormSections:
    """A form as the portal holds it, read on a fresh load: section 1 and, when it was saved, every grade with its values."""

    entry_id: int
    url: str
    equipment: str | None
    equipment_numbers: tuple[int, ...]
    prover_size: str | None
    section_one_saved: bool
    grade_section_id: int | None
    grades: tuple[GradePanel, ...]
    grade_section_saved: bool | None


@dataclass(frozen=True, slots=True)
class ProverRow:
    """One prover of the fleet page (Portal spec §3.6)."""

    prover_id: str
    serial: str | None
    make: str | None
    size: str | None
    next_calibration: date | None


@dataclass(frozen=True, slots=True)
class FleetPage:
    """The technician's provers."""

    provers: tuple[ProverRow, ...]


def to_json(record: Any) -> Any:
    """A record as JSON-ready data: tuples as lists, dates as ``YYYY-MM-DD``, instants as ``YYYY-MM-DDTHH:MM``."""
    if dataclasses.is_dataclass(record) and not isinstance(record, type):
        return {field.name: to_json(getattr(record, field.name)) for field in dataclasses.fields(record)}
    if isinstance(record, datetime):
        return record.isoformat(timespec="minutes")
    if isinstance(record, date):
        return record.isoformat()
    if isinstance(record, tuple | list):
        return [to_json(item) for item in record]
    return record
