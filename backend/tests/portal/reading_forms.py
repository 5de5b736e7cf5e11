"""Forms of the sandbox whose readings are prepared by the tests, and what the readings shall hold."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from app.portal.pages.readings import FilledReadings, ReadingIntent, fill_readings, read_readings
from app.portal.records import ReadingsPage, ReadingValues
from app.portal.session import PortalSession
from sandbox.model import FormEntry, Reading
from sandbox.server import SandboxServer

from .conftest import TECHNICIAN

AM, ONP = "AccuMeasure", "Open Neck Prover"
WET = ReadingValues("Wet Down", "fast", start="0")
FIRST = ReadingValues("First Run", "fast", start="0")
RETEST = ReadingValues("Retest", "fast", start="0")
CALIBRATION = ReadingValues("Calibration Retest", "fast", start="0")
SEALED = ReadingValues("Meter Sealed", "slow", start="0")
FULL = ReadingValues("Wet Down", "fast", temperature="0", gpm="3", start="0", meniscus="0", end=".0001")
REQUIRED = "Variance field is required."


@dataclass(frozen=True)
class Form:
    """A form of the sandbox with saved grades and untouched readings."""

    portal: SandboxServer
    entry: FormEntry
    section: int

    @property
    def url(self) -> str:
        return f"/app/work/{self.entry.work_id}/visits/{self.entry.visit_id}/form-entries/{self.entry.id}"

    @property
    def stored(self) -> list[Reading]:
        return self.portal.world.state.forms[self.entry.id].readings

    def groups(self) -> list[tuple[str, str, int]]:
        """Side, grade and number of readings, as stored."""
        return [(*key, count) for key, count in Counter((r.side, r.grade) for r in self.stored).items()]

    def writes(self, kind: str) -> list[dict[str, Any]]:
        return [write for write in self.portal.control.writes() if write["kind"] == kind]


def make(portal: SandboxServer, grades: int = 3, *, sides: int = 2, template: str = AM) -> Form:
    """A form for a dispenser with so many grades and sides."""
    state = portal.world.state
    taken = {form.work_id for form in state.forms.values()}
    for order in state.work_orders.values():
        location = state.locations[order.location_id]
        if order.technician != TECHNICIAN or order.id in taken or order.next_visit is None or location.deleted:
            continue
        card = next((card for card in location.dispensers if len(card.grades) == grades), None)
        if card is not None:
            if len(card.sides) != sides:
                card.numbers = "29" if sides == 1 else "29/30"
            entry = portal.control.prepare_form(order.id, card.numbers, template=template)
            return Form(portal, entry, 537 if template == AM else 571)
    raise AssertionError(f"the world has no dispenser with {grades} grades")


def intents(groups: tuple[int, ...], *values: ReadingValues) -> list[ReadingIntent]:
    """The values, in turn, for the first readings of each group."""
    return [
        ReadingIntent(group, number, values[number]) for group, count in enumerate(groups) for number in range(count)
    ]


async def fill(
    session: PortalSession, form: Form, wanted: list[ReadingIntent], groups: tuple[int, ...]
) -> FilledReadings:
    return await fill_readings(session, form.url, form.section, groups, wanted)


async def read(session: PortalSession, form: Form) -> ReadingsPage:
    return await read_readings(session, form.url, form.section)


def held(page: ReadingsPage) -> dict[tuple[int, int], ReadingValues]:
    return {(r.group, r.number): r.values for r in page.readings}


def wanted_by(wanted: list[ReadingIntent]) -> dict[tuple[int, int], ReadingValues]:
    return {(intent.group, intent.number): intent.values for intent in wanted}


def numbered(form: Form) -> list[tuple[int, int, Reading]]:
    """Group, number from 1, and the stored reading."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for reading in form.stored:
        seen[(reading.side, reading.grade)] += 1
        found.append((len(seen) - 1, seen[(reading.side, reading.grade)], reading))
    return found
