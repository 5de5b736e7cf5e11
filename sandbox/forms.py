"""The form wizard's rules: templates, section and field ids, per-grade items, readings (Portal spec §5)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .model import Dispenser, FormEntry, GradeItem, Options, Reading, State
from .vocabulary import grade_position

ACCUMEASURE = "AccuMeasure"
OPEN_NECK = "Open Neck Prover"
FIRST = "first"
PROCEDURES = ("Wet Down", "First Run", "Calibrate", "Calibration Retest", "Retest", "Meter Sealed")
READING_FIELDS = ("temperature", "flow", "gpm", "start", "meniscus", "end", "procedure")


class FormError(Exception):
    """The request does not fit the form; `status` is the HTTP status of the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Template:
    """A form type: its global section and field ids. Open Neck ids are AccuMeasure ids + 605 (Portal spec §5)."""

    name: str
    grade_section: str
    reading_section: str
    prover_size: str | None
    has_meter: str
    fill: str | None
    flow: str
    readings_per_group: int
    blend_ratio: bool
    reading_ids: Mapping[str, int]

    @property
    def sections(self) -> tuple[str, str, str]:
        """Section keys in wizard order."""
        return (FIRST, self.grade_section, self.reading_section)

    def after(self, section: str) -> str | None:
        """The section that follows, None after the last."""
        keys = self.sections
        position = keys.index(section)
        return keys[position + 1] if position + 1 < len(keys) else None


def template_of(name: str, options: Options) -> Template:
    """The template called `name`; raises FormError 404 for an unknown one."""
    if name == ACCUMEASURE:
        ids = {"temperature": 3, "gpm": 6, "start": 7, "meniscus": 8, "end": 9, "variance": 11}
        return Template(
            ACCUMEASURE, "536", "537", "field[4855]", "field[4857]", "field[4858]", "field[4866]", 4, False, ids
        )
    if name == OPEN_NECK:
        ids = {"temperature": 1, "gpm": 4, "start": 5, "meniscus": 6, "end": 7, "variance": 9}
        size = "field[5460]" if options.onp_prover_size else None
        return Template(
            OPEN_NECK, options.onp_grade_section, "571", size, "field[5462]", None, "field[5471]", 1, True, ids
        )
    raise FormError(404, f"There is no form type {name}.")


def grade_order(card: Dispenser, options: Options) -> list[str]:
    """Grades of a dispenser in the order of the per-grade section."""
    if options.grade_order == "internal":
        return sorted(card.grades, key=grade_position)
    return list(card.grades)


def new_readings(state: State, card: Dispenser, template: Template) -> list[Reading]:
    """The pre-created readings: side by side, inside a side in the portal's internal grade order (Portal spec §5.4)."""
    readings = []
    for side in card.sides:
        for grade in sorted(card.grades, key=grade_position):
            for _ in range(template.readings_per_group):
                readings.append(Reading(id=state.next_reading_id, side=side, grade=grade))
                state.next_reading_id += 1
    return readings


def bind(state: State, entry: FormEntry, card: Dispenser | None, options: Options) -> None:
    """Set the equipment. A change rebuilds the per-grade items and the readings unless the option says `keep`."""
    template = template_of(entry.template, options)
    new_id = card.id if card else None
    if new_id == entry.equipment_id:
        return
    had = entry.equipment_id is not None
    entry.equipment_id = new_id
    if had and options.equipment_change == "keep":
        return
    entry.saved = [key for key in entry.saved if key == FIRST]
    entry.complete = False
    fill = "1" if template.fill else None
    entry.grades = [GradeItem(grade=grade, fill=fill) for grade in grade_order(card, options)] if card else []
    entry.readings = new_readings(state, card, template) if card else []


def save_first(
    state: State, entry: FormEntry, values: Mapping[str, Any], card: Dispenser | None, options: Options
) -> None:
    """Store equipment and prover size. Incomplete values are accepted (Portal spec §5.1)."""
    template = template_of(entry.template, options)
    if template.prover_size:
        size = values.get(template.prover_size)
        if size is not None and size not in options.prover_sizes:
            raise FormError(422, "The selected prover size is invalid.")
        entry.prover_size = size
    bind(state, entry, card, options)
    if FIRST not in entry.saved:
        entry.saved.append(FIRST)


def save_grade(entry: FormEntry, index: int, values: Mapping[str, Any], options: Options) -> None:
    """Store one per-grade item; raises FormError 422 for an index or a radio value that does not exist."""
    template = template_of(entry.template, options)
    if not 0 <= index < len(entry.grades):
        raise FormError(422, "There is no such iteration.")
    item = entry.grades[index]
    meter, fill = values.get(template.has_meter), values.get(template.fill or "")
    if meter not in (None, "1", "2") or (fill is not None and fill not in options.fill_types):
        raise FormError(422, "The selected value is invalid.")
    item.price = str(values.get("price", ""))
    item.has_meter = meter
    item.fill = fill if template.fill else None
    item.prover = values.get("prover")
    item.blend_a = str(values.get("field_5", "")) if meter == "1" else ""
    item.blend_b = str(values.get("field_6", "")) if meter == "1" else ""
    item.saved = True
    if template.grade_section not in entry.saved and (
        options.next_rule == "first_save" or all(other.saved for other in entry.grades)
    ):
        entry.saved.append(template.grade_section)


def save_readings(entry: FormEntry, rows: list[Mapping[str, Any]], options: Options, whole: bool = True) -> None:
    """Store readings by their id. `whole` marks an explicit Save (against an autosave of one reading)."""
    template = template_of(entry.template, options)
    known = {reading.id: reading for reading in entry.readings}
    for row in rows:
        if int(row["id"]) not in known:
            raise FormError(422, "There is no such reading.")
        if row.get("procedure") not in (None, *PROCEDURES) or row.get("flow") not in (None, "1", "2"):
            raise FormError(422, "The selected value is invalid.")
    for row in rows:
        reading = known[int(row["id"])]
        for key in ("temperature", "gpm", "start", "meniscus", "end"):
            setattr(reading, key, str(row.get(key) or ""))
        reading.procedure, reading.flow = row.get("procedure"), row.get("flow")
        reading.variance = variance(reading, entry.prover_size)
    if whole and template.reading_section not in entry.saved:
        entry.saved.append(template.reading_section)
    if whole:
        entry.complete = is_complete(entry, options)


def variance(reading: Reading, prover_size: str | None) -> str:
    """Error of the meter in cubic inches, empty until start, meniscus and end are numbers.

    The portal's formula is unknown; this one compares delivered and indicated volume (1 gal = 231 in³).
    """
    try:
        start, meniscus, end = float(reading.start), float(reading.meniscus), float(reading.end)
    except ValueError:
        return ""
    gallons = {"2": 1.0, "3": 100.0}.get(prover_size or "1", 5.0)
    return f"{meniscus + (gallons - (end - start)) * 231:.2f}"


def add_reading(state: State, entry: FormEntry, side: str, grade: str) -> int:
    """Append one reading to a group; returns its index on the page (all later ones are renumbered)."""
    members = [i for i, reading in enumerate(entry.readings) if (reading.side, reading.grade) == (side, grade)]
    if not members:
        raise FormError(422, "There is no such group.")
    entry.readings.insert(members[-1] + 1, Reading(id=state.next_reading_id, side=side, grade=grade))
    state.next_reading_id += 1
    return members[-1] + 1


def delete_reading(entry: FormEntry, reading_id: int) -> int:
    """Remove a reading; returns the index it had. The last one of a group cannot go."""
    for index, reading in enumerate(entry.readings):
        if reading.id == reading_id:
            group = [r for r in entry.readings if (r.side, r.grade) == (reading.side, reading.grade)]
            if len(group) == 1:
                raise FormError(422, "A group needs at least one reading.")
            del entry.readings[index]
            return index
    raise FormError(422, "There is no such reading.")


def first_errors(entry: FormEntry, options: Options) -> dict[str, str]:
    """Missing required fields of the first section, by field."""
    errors = {}
    if entry.equipment_id is None:
        errors["equipment"] = "Equipment field is required."
    if template_of(entry.template, options).prover_size and entry.prover_size is None:
        errors["prover_size"] = "Prover Size field is required."
    return errors


def grade_errors(item: GradeItem, template: Template) -> dict[str, str]:
    """Missing required fields of one per-grade item. The price stays blank on purpose and is never required."""
    errors = {}
    if item.has_meter is None:
        errors["has_meter"] = "Has Meter field is required."
    if template.fill and item.fill is None:
        errors["fill"] = "Type of Fill field is required."
    if not item.prover:
        errors["prover"] = "Prover field is required."
    if template.blend_ratio and item.has_meter == "1":
        if not item.blend_a:
            errors["blend_a"] = "Blend Ratio A field is required."
        if not item.blend_b:
            errors["blend_b"] = "Blend Ratio B field is required."
    return errors


def reading_errors(entry: FormEntry) -> dict[int, dict[str, str]]:
    """Missing required fields of the readings, by reading id."""
    labels = {
        "temperature": "Temperature",
        "flow": "Flow",
        "gpm": "GPM",
        "start": "Start Reading",
        "meniscus": "Meniscus",
        "end": "End Reading",
        "procedure": "Procedure",
        "variance": "Variance",
    }
    return {
        reading.id: {key: f"{label} field is required." for key, label in labels.items() if not getattr(reading, key)}
        for reading in entry.readings
    }


def is_complete(entry: FormEntry, options: Options) -> bool:
    """All three sections saved and nothing required is missing."""
    template = template_of(entry.template, options)
    return (
        all(key in entry.saved for key in template.sections)
        and not first_errors(entry, options)
        and all(item.saved and not grade_errors(item, template) for item in entry.grades)
        and not any(reading_errors(entry).values())
    )


def fill_completely(
    state: State, entry: FormEntry, card: Dispenser, prover: str, *, readings: bool, complete: bool
) -> None:
    """Prepare a form as if a technician had worked on it before (for the generator and for tests)."""
    options = state.options
    template = template_of(entry.template, options)
    first = {template.prover_size: "1"} if template.prover_size else {}
    save_first(state, entry, first, card, options)
    for index in range(len(entry.grades)):
        values: dict[str, Any] = {template.has_meter: "1", "prover": prover, "field_5": "100", "field_6": "0"}
        if template.fill:
            values[template.fill] = "1"
        save_grade(entry, index, values, options)
    if readings:
        rows: list[Mapping[str, Any]] = [
            {
                "id": reading.id,
                "temperature": "71",
                "flow": "1",
                "gpm": "8.5",
                "start": "0",
                "meniscus": "-1",
                "end": "5.001",
                "procedure": "Retest",
            }
            for reading in entry.readings
        ]
        save_readings(entry, rows, options)
    entry.complete = complete
