"""Every fault of the sandbox on every page, in a real browser: the outcome is of the class that the table says, a page
that was read says the truth, and a page that was written holds what it held or what was asked, never anything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app.portal.errors import NotSignedIn, PortalError
from app.portal.launch import PortalBrowser
from app.portal.pages.fleet import read_provers
from app.portal.pages.form import GradeIntent, fill_grade, fill_section_one, open_grades
from app.portal.pages.location import read_location
from app.portal.pages.readings import ReadingIntent, add_reading, fill_readings, open_readings
from app.portal.pages.visit import create_form, read_visit
from app.portal.pages.work_list import read_work_list
from app.portal.session import PortalSession
from app.portal.settings import PortalSettings
from app.portal.shape_terms import ShapeKind as Page
from sandbox.faults import FAULTS, KINDS
from sandbox.model import FormEntry
from sandbox.server import SandboxServer

from .conftest import PASSWORD, TECHNICIAN, Start, credentials
from .fault_table import BELIEVED, COPED, NATURE, OUTCOMES, REQUESTS, TABLE, Strike
from .looking import first_orders
from .reading_forms import AM, FIRST, FULL, RETEST, SEALED

SHORT = 1.5  # for what is never answered
SOME = 2.5  # for what is answered, but not as it should be


@dataclass(frozen=True)
class Case:
    fault: str
    page: Page
    strike: Strike

    def __str__(self) -> str:
        extra = "".join(f"-{value}" for value in self.strike.match.values())
        always = "" if self.strike.times else "-always"
        return f"{self.fault}-{self.page.value}-{self.strike.where}{extra}{always}"


def _cases() -> Iterator[Case]:
    for fault, row in TABLE.items():
        for page, cell in row.items():
            if not isinstance(cell, str):
                yield from (Case(fault, page, strike) for strike in cell)


CASES = list(_cases())


class TestTable:
    """The table itself: whole, and with a reason for each gap."""

    def test_every_fault_and_every_page_has_its_cell(self) -> None:
        assert set(TABLE) == set(FAULTS), "a fault of the sandbox is not in the table, or one too many"
        assert all(set(row) == set(Page) for row in TABLE.values()), "a page is not in the table"
        assert set(REQUESTS) == set(Page)

    @pytest.mark.parametrize("fault", TABLE)
    def test_a_gap_follows_from_the_fault_or_from_the_page(self, fault: str) -> None:
        for page, cell in TABLE[fault].items():
            kinds = {request["kind"] for request in REQUESTS[page].values()}
            possible = fault not in KINDS or bool(kinds & set(KINDS[fault]))
            if isinstance(cell, str):
                assert not possible or cell in NATURE, f"{fault} can hit {page}: {cell}"
            else:
                assert possible, f"{fault} cannot hit {page}"
                assert all(strike.outcome in OUTCOMES and strike.where in REQUESTS[page] for strike in cell)

    def test_no_case_is_there_twice_and_few_wait_for_the_night(self) -> None:
        names = [str(case) for case in CASES]
        assert len(names) == len(set(names))
        in_every_run = {case.fault for case in CASES if not case.strike.slow}
        assert in_every_run == set(TABLE)


# --- the pages' work --------------------------------------------------------------------------------------------------

Forms = dict[int, dict[str, Any]]


@dataclass
class Work:
    """One page's work: what is done there, and what must be true when it went well.

    ``asked``: the stored forms as they shall be then, made from those before; ``None`` for pages that are only read.
    """

    act: Callable[[PortalSession], Awaitable[Any]]
    right: Callable[[Any], bool]
    asked: Callable[[Forms], Forms] | None = None


def stored(portal: SandboxServer) -> Forms:
    with portal.world.lock:
        return {number: entry.model_dump() for number, entry in portal.world.state.forms.items()}


@dataclass(frozen=True)
class Place:
    """A visit of the sandbox without forms."""

    portal: SandboxServer
    work_id: int
    visit_id: int
    location_id: int

    @property
    def url(self) -> str:
        return f"/app/work/{self.work_id}/visits/{self.visit_id}/"

    @property
    def numbers(self) -> tuple[int, ...]:
        card = self.portal.world.state.locations[self.location_id].dispensers[0]
        return tuple(int(number) for number in card.numbers.split("/"))

    def form(self, entry: FormEntry) -> str:
        return f"{self.url}form-entries/{entry.id}"

    def new_form(self, *, bound: bool) -> FormEntry:
        """A form as the technician left it: just added, or with section 1 saved."""
        world = self.portal.world
        entry = world.create_form(TECHNICIAN, self.work_id, self.visit_id, AM)
        if bound:
            card = world.state.locations[self.location_id].dispensers[0]
            world.save_first(TECHNICIAN, entry.id, {"equipment": card.id, "field[4855]": "1"})
        return entry


@pytest.fixture
def place(portal: SandboxServer) -> Place:
    state = portal.world.state
    taken = {form.work_id for form in state.forms.values()}
    for order in first_orders(portal):
        location = state.locations[order.location_id]
        usual = not location.deleted and not location.modal and len(location.dispensers) > 1
        if usual and order.next_visit is not None and order.id not in taken and len(location.dispensers[0].grades) == 3:
            return Place(portal, order.id, order.next_visit.id, location.id)
    raise AssertionError("the world has no such visit")


def work_of(page: Page, where: str, place: Place) -> Work:
    match page:
        case Page.SIGN_IN:
            return Work(lambda s: s.sign_in(TECHNICIAN, PASSWORD), lambda _: _signed_in(place.portal))
        case Page.DASHBOARD:
            return Work(_dashboard, lambda _: _signed_in(place.portal))
        case Page.WORK_LIST:
            return _work_list(place.portal)
        case Page.LOCATION:
            return _location(place)
        case Page.FLEET:
            provers = [prover.prover_id for prover in place.portal.world.technician(TECHNICIAN).provers]
            return Work(read_provers, lambda page: [prover.prover_id for prover in page.provers] == provers)
        case Page.VISIT:
            return _reading_visit(place) if where == "content" else _adding_form(place)
        case Page.FORM_FIRST:
            return _section_one(place)
        case Page.FORM_GRADES:
            return _grade(place)
        case Page.FORM_READINGS:
            return _adding_reading(place) if where == "adding" else _readings(place)


def _signed_in(portal: SandboxServer) -> bool:
    return any(session.user == TECHNICIAN for session in portal.world.state.sessions.values())


async def _dashboard(session: PortalSession) -> None:
    if not await session.is_signed_in():
        raise NotSignedIn("The session is over.")


def _work_list(portal: SandboxServer) -> Work:
    orders = portal.world.state.work_orders.values()
    mine = {o.id: o for o in orders if o.technician == TECHNICIAN and not o.closed and o.done == 0}

    def right(whole: Any) -> bool:
        return {row.work_id: (row.location_id, row.instructions) for row in whole.work_orders} == {
            number: (order.location_id, order.instructions or None) for number, order in mine.items()
        }

    return Work(read_work_list, right)


def _location(place: Place) -> Work:
    cards = place.portal.world.state.locations[place.location_id].dispensers

    def right(page: Any) -> bool:
        found = [(d.title, tuple(d.grades), d.make, d.serial) for d in page.dispensers]
        return found == [(card.title, tuple(card.grades), card.make, card.serial or None) for card in cards]

    return Work(lambda s: read_location(s, place.location_id), right)


def _reading_visit(place: Place) -> Work:
    entries = [place.new_form(bound=True).id, place.new_form(bound=False).id]

    def right(page: Any) -> bool:
        shown = [(form.entry_id, form.numbers) for form in page.forms]
        return shown == [(entries[0], place.numbers), (entries[1], None)] or shown == [
            (entries[0], place.numbers),
            (entries[1], ()),
        ]

    return Work(lambda s: read_visit(s, place.url), right)


def _adding_form(place: Place) -> Work:
    number = place.portal.world.state.next_form_id

    def asked(before: Forms) -> Forms:
        there = stored(place.portal).get(number)
        assert there is None or (there["visit_id"], there["template"], there["saved"]) == (place.visit_id, AM, [])
        return {**before, number: there or {}}

    return Work(lambda s: create_form(s, place.url, AM), lambda entry_id: entry_id == number, asked)


def _section_one(place: Place) -> Work:
    entry = place.new_form(bound=False)
    card = place.portal.world.state.locations[place.location_id].dispensers[0]

    def asked(before: Forms) -> Forms:
        there = stored(place.portal)[entry.id]
        # Binding makes the grades and readings of the dispenser; they are all blank.
        assert all(grade["has_meter"] is grade["prover"] is None for grade in there["grades"])
        assert all(not reading["procedure"] and not reading["end"] for reading in there["readings"])
        made = {key: there[key] for key in ("grades", "readings")}
        return {
            **before,
            entry.id: {**before[entry.id], "equipment_id": card.id, "prover_size": "1", "saved": ["first"], **made},
        }

    return Work(
        lambda s: fill_section_one(s, place.form(entry), place.numbers),
        lambda done: (done.equipment_numbers, done.prover_size) == (place.numbers, "5 Gallon"),
        asked,
    )


def _grade(place: Place) -> Work:
    entry = place.new_form(bound=True)
    prover = place.portal.world.technician(TECHNICIAN).provers[1]
    name = entry.grades[0].grade

    async def act(session: PortalSession) -> Any:
        section = await open_grades(session, place.form(entry))
        assert [panel.grade for panel in section.panels] == [grade.grade for grade in entry.grades]
        return await fill_grade(
            session, place.form(entry), section.section_id, 0, GradeIntent(name, True, prover.prover_id)
        )

    def asked(before: Forms) -> Forms:
        form = deepcopy(before[entry.id])
        form["grades"][0].update(has_meter="1", fill="1", prover=prover.label, saved=True)
        form["saved"] = stored(place.portal)[entry.id]["saved"]
        assert set(form["saved"]) <= {"first", "536"}
        return {**before, entry.id: form}

    return Work(act, lambda panel: (panel.grade, panel.has_meter) == (name, "yes"), asked)


def _with_readings(place: Place) -> FormEntry:
    card = place.portal.world.state.locations[place.location_id].dispensers[0]
    return place.portal.control.prepare_form(place.work_id, card.numbers)


def _readings(place: Place) -> Work:
    entry = _with_readings(place)
    values = (FULL, FIRST, RETEST, SEALED)
    groups = (4,) * (len(entry.readings) // 4)

    async def act(session: PortalSession) -> Any:
        wanted = [ReadingIntent(0, number, value) for number, value in enumerate(values)]
        return await fill_readings(session, place.form(entry), 537, groups, wanted)

    def asked(before: Forms) -> Forms:
        form, there = deepcopy(before[entry.id]), stored(place.portal)[entry.id]
        for reading, value, now in zip(form["readings"], values, there["readings"], strict=False):
            figures = {name: getattr(value, name) or "" for name in ("temperature", "gpm", "start", "meniscus", "end")}
            flow = {"fast": "1", "slow": "2"}[str(value.flow)]
            reading.update(figures, procedure=value.procedure, flow=flow, variance=now["variance"])
        form["saved"] = ["first", "536", "537"]
        return {**before, entry.id: form}

    return Work(act, lambda done: done.left_alone == (), asked)


def _adding_reading(place: Place) -> Work:
    entry = _with_readings(place)
    groups = (4,) * (len(entry.readings) // 4)

    async def act(session: PortalSession) -> Any:
        await open_readings(session, place.form(entry), 536)
        return await add_reading(session, place.form(entry), 537, 0, 4)

    def asked(before: Forms) -> Forms:
        form, there = deepcopy(before[entry.id]), stored(place.portal)[entry.id]
        if len(there["readings"]) > len(form["readings"]):
            new = there["readings"][4]
            first = form["readings"][0]
            assert (new["side"], new["grade"], new["procedure"]) == (first["side"], first["grade"], None)
            form["readings"].insert(4, new)
        return {**before, entry.id: form}

    return Work(act, lambda shape: shape.groups == (5, *groups[1:]), asked)


# --- the matrix -------------------------------------------------------------------------------------------------------


def _settings(settings: PortalSettings, case: Case) -> PortalSettings:
    """Short deadlines where nothing comes anyway."""
    if case.strike.outcome == COPED:
        return settings
    never = case.fault in ("hang", "stuck_page", "options_never")
    seconds = SHORT if never else SOME
    return replace(
        settings,
        page_seconds=seconds,
        action_seconds=seconds,
        save_seconds=seconds,
        sign_in_seconds=seconds,
        watchdog_seconds=4 * SHORT if never else settings.watchdog_seconds,
    )


async def _outcome(act: Callable[[], Awaitable[Any]]) -> tuple[str, Any]:
    try:
        return COPED, await act()
    except PortalError as error:
        return error.kind, error


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=str(case), marks=pytest.mark.nightly if case.strike.slow else ()) for case in CASES],
)
async def test_fault(
    case: Case, browser: PortalBrowser, settings: PortalSettings, start: Start, portal: SandboxServer, place: Place
) -> None:
    strike = case.strike
    work = work_of(case.page, strike.where, place)
    before = stored(portal)
    armed = portal.control.fault(case.fault, strike.times, {**REQUESTS[case.page][strike.where], **strike.match})
    browser.settings = _settings(settings, case)
    guest = case.page is Page.SIGN_IN
    if guest:
        portal.control.expire_sessions()
    async with browser.open_session(
        credentials=None if guest else credentials, storage_state=None if guest else start.session
    ) as session:
        outcome, result = await _outcome(lambda: work.act(session))
    assert armed.hits > 0, "the fault did not hit: the case proves nothing"
    if strike.outcome == BELIEVED:
        # The portal itself says that there is nothing; whether that can be is asked where the snapshots are compared.
        assert (outcome, result.work_orders, result.matches) == (COPED, (), 0)
        return
    assert outcome == strike.outcome, result
    after = stored(portal)
    if outcome == COPED:
        assert work.right(result), result
    else:
        assert result.code and result.message and result.action
    if work.asked is None:
        assert after == before
    elif outcome == COPED:
        assert after == work.asked(before)
    else:
        assert after in (before, work.asked(before))


def test_the_matrix_can_fail(portal: SandboxServer, place: Place) -> None:
    """What the check compares is not always the same: a form that holds something else is found out."""
    work = work_of(Page.FORM_FIRST, "write", place)
    before = stored(portal)
    assert work.asked is not None
    asked = work.asked(before)
    number = next(number for number in asked if asked[number] != before[number])
    other = portal.world.state.locations[place.location_id].dispensers[1]
    portal.world.save_first(TECHNICIAN, number, {"equipment": other.id, "field[4855]": "1"})
    assert stored(portal) not in (before, work.asked(before))
