"""Creating and filling forms in a real browser against the sandbox portal; every write is counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import pytest

from app.portal.errors import (
    EffectUnknown,
    EquipmentNotOffered,
    FormBoundElsewhere,
    NotSignedIn,
    PortalChanged,
    PortalError,
    PortalRefused,
    PortalUnreachable,
    ProverNotOffered,
)
from app.portal.pages.form import GradeIntent, fill_grade, fill_section_one, open_grades
from app.portal.pages.form_read import read_form
from app.portal.pages.visit import create_form, read_visit
from app.portal.session import PortalSession
from sandbox.model import FormEntry
from sandbox.server import SandboxServer

from .conftest import PASSWORD, TECHNICIAN, hurry

AM, ONP = "AccuMeasure", "Open Neck Prover"


@dataclass(frozen=True)
class Place:
    """A visit of the sandbox without forms, and its store."""

    work_id: int
    visit_id: int
    numbers: tuple[tuple[int, ...], ...]
    grades: tuple[str, ...]
    provers: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/app/work/{self.work_id}/visits/{self.visit_id}/"

    def form(self, entry_id: int) -> str:
        return f"{self.url}form-entries/{entry_id}"


@pytest.fixture
def place(portal: SandboxServer) -> Place:
    state = portal.world.state
    taken = {form.work_id for form in state.forms.values()}
    for order in state.work_orders.values():
        location = state.locations[order.location_id]
        if order.technician != TECHNICIAN or order.id in taken or order.next_visit is None or location.deleted:
            continue
        cards = location.dispensers
        if "2861" in order.codes and len(cards) >= 3 and {"Premium", "Regular"} <= set(cards[0].grades):
            return Place(
                order.id,
                order.next_visit.id,
                tuple(tuple(int(n) for n in card.numbers.split("/")) for card in cards),
                tuple(cards[0].grades),
                tuple(prover.prover_id for prover in portal.world.technician(TECHNICIAN).provers),
            )
    raise AssertionError("the world has no such visit")


def stored(portal: SandboxServer, place: Place) -> list[FormEntry]:
    return [form for form in portal.world.state.forms.values() if form.visit_id == place.visit_id]


def kinds(portal: SandboxServer) -> Counter[str]:
    return Counter(portal.control.counts()["kinds"])


class TestCreate:
    async def test_attach_then_new(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        entries = [await create_form(session, place.url, AM) for _ in range(3)]
        other = await create_form(session, place.url, ONP)
        page = await read_visit(session, place.url)
        assert [form.entry_id for form in page.forms_of(AM)] == entries
        assert [form.entry_id for form in page.forms_of(ONP)] == [other]
        assert [form.id for form in stored(portal, place)] == [*entries, other]
        assert kinds(portal) == {"create_form": 4}

    @pytest.mark.parametrize(
        ("fault", "match"),
        [
            ("dropped_clicks", {"count": 2}),
            ("create_answer_lost", {}),
            ("create_answer_lost", {"mode": "error"}),
            ("create_fails", {}),
            ("session_expired", {"kind": "create_form"}),
            ("slow", {"kind": "create_form", "ms": 1500}),
        ],
    )
    async def test_exactly_one(
        self, session: PortalSession, portal: SandboxServer, place: Place, fault: str, match: dict[str, Any]
    ) -> None:
        if fault != "dropped_clicks":  # armed for a document that is loaded later
            await read_visit(session, place.url)
        portal.control.fault(fault, 1, **match)
        entry = await create_form(session, place.url, AM)
        assert [form.id for form in stored(portal, place)] == [entry]
        assert kinds(portal) == {"create_form": 1}

    async def test_never_created(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        portal.control.fault("create_fails", None)
        with pytest.raises(PortalUnreachable):
            await create_form(session, place.url, AM)
        assert stored(portal, place) == []

    async def test_no_answer_at_all(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        await read_visit(session, place.url)
        portal.control.fault("hang", 1, kind="create_form")
        hurry(session)
        with pytest.raises(EffectUnknown) as caught:
            await create_form(session, place.url, AM)
        assert caught.value.kind == "unknown_effect"

    async def test_nobody_can_look(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        await read_visit(session, place.url)
        portal.control.fault("create_answer_lost", 1)
        portal.control.fault("http_500", None, kind="shell")
        with pytest.raises(EffectUnknown) as caught:
            await create_form(session, place.url, AM)
        assert caught.value.details["cause"] == "portal_failing"
        assert len(stored(portal, place)) == 1

    async def test_other_type_is_refused(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        with pytest.raises(PortalRefused) as caught:
            await create_form(session, place.url, "Accu")
        assert caught.value.code == "form_type_not_offered"
        assert stored(portal, place) == []


class TestSectionOne:
    async def test_bound_and_read_back(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        entry = await create_form(session, place.url, AM)
        for _ in range(2):  # the second time nothing is left to choose
            done = await fill_section_one(session, place.form(entry), place.numbers[1])
            assert (done.equipment_numbers, done.prover_size) == (place.numbers[1], "5 Gallon")
        [form] = stored(portal, place)
        card = portal.world.card(form)
        assert card is not None
        assert card.numbers == "/".join(map(str, place.numbers[1]))
        assert form.prover_size == "1"
        page = await read_visit(session, place.url)
        assert page.forms[0].numbers == place.numbers[1]

    async def test_never_rebound(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        form = portal.control.prepare_form(place.work_id, "/".join(map(str, place.numbers[0])))
        with pytest.raises(FormBoundElsewhere):
            await fill_section_one(session, place.form(form.id), place.numbers[1])
        assert kinds(portal) == {}

    @pytest.mark.parametrize("numbers", [(1,), (2, 1), ()])
    async def test_not_offered(
        self, session: PortalSession, portal: SandboxServer, place: Place, numbers: tuple[int, ...]
    ) -> None:
        entry = await create_form(session, place.url, AM)
        with pytest.raises(EquipmentNotOffered) as caught:
            await fill_section_one(session, place.form(entry), numbers)
        if numbers:
            assert len(caught.value.details["offered"]) == len(place.numbers)
        assert stored(portal, place)[0].equipment_id is None

    async def test_late_options(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        portal.control.options(options_load="open")
        portal.control.latency(options={"min_ms": 900, "max_ms": 900})
        entry = await create_form(session, place.url, AM)
        await fill_section_one(session, place.form(entry), place.numbers[2])
        page = await read_visit(session, place.url)
        assert page.forms[0].numbers == place.numbers[2]

    async def test_options_never_come(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        entry = await create_form(session, place.url, AM)
        portal.control.fault("options_never", None)
        hurry(session)
        with pytest.raises(PortalError):
            await fill_section_one(session, place.form(entry), place.numbers[0])
        assert stored(portal, place)[0].equipment_id is None

    @pytest.mark.parametrize(
        ("fault", "match"),
        [
            ("dropped_clicks", {"count": 3}),
            ("save_fails", {}),
            ("save_answer_lost", {}),
            ("session_expired", {"kind": "save"}),
            ("session_expired", {"kind": "options"}),
        ],
    )
    async def test_faults(
        self, session: PortalSession, portal: SandboxServer, place: Place, fault: str, match: dict[str, Any]
    ) -> None:
        entry = await create_form(session, place.url, AM)
        portal.control.fault(fault, 1, **match)
        done = await fill_section_one(session, place.form(entry), place.numbers[0])
        assert done.equipment_numbers == place.numbers[0]
        [form] = stored(portal, place)
        card = portal.world.card(form)
        assert card is not None
        assert card.numbers == "/".join(map(str, place.numbers[0]))

    async def test_save_fails_for_good(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        entry = await create_form(session, place.url, AM)
        portal.control.fault("save_fails", None)
        with pytest.raises(PortalUnreachable):
            await fill_section_one(session, place.form(entry), place.numbers[0])
        with pytest.raises(PortalRefused) as caught:
            await open_grades(session, place.form(entry))
        assert caught.value.code == "section_not_saved"


class TestGrades:
    def intent(self, place: Place, grade: str) -> GradeIntent:
        return GradeIntent(grade, grade not in {"Plus", "Midgrade 89"}, place.provers[len(grade) % len(place.provers)])

    async def prepared(self, session: PortalSession, place: Place, kind: str = AM) -> str:
        entry = await create_form(session, place.url, kind)
        url = place.form(entry)
        await fill_section_one(session, url, place.numbers[0])
        return url

    async def fill(self, session: PortalSession, place: Place, url: str) -> None:
        section = await open_grades(session, url)
        for panel in section.panels:
            done = await fill_grade(session, url, section.section_id, panel.index, self.intent(place, panel.grade))
            assert (done.grade, done.expanded) == (panel.grade, True)

    async def check(self, session: PortalSession, place: Place, url: str) -> None:
        form = await read_form(session, url)
        assert form.equipment_numbers == place.numbers[0]
        assert form.section_one_saved
        assert Counter(panel.grade for panel in form.grades) == Counter(place.grades)
        for panel in form.grades:
            wanted = self.intent(place, panel.grade)
            assert (panel.has_meter == "yes") is wanted.has_meter
            assert panel.fill == "Top"
            assert wanted.prover_id in (panel.prover or "")

    async def test_whole_form(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        url = await self.prepared(session, place)
        await self.fill(session, place, url)
        await self.check(session, place, url)
        saved = kinds(portal)["save_section"]
        await self.fill(session, place, url)  # once more: the same values again
        await self.check(session, place, url)
        assert kinds(portal)["save_section"] == saved + len(place.grades)
        [form] = stored(portal, place)
        assert all(item.saved and item.price == "" for item in form.grades)

    async def test_nothing_saved_yet(self, session: PortalSession, place: Place) -> None:
        entry = await create_form(session, place.url, AM)
        form = await read_form(session, place.form(entry))
        assert (form.equipment, form.section_one_saved, form.grades, form.grade_section_id) == (None, False, (), None)

    async def test_open_neck_prover(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        url = await self.prepared(session, place, ONP)
        section = await open_grades(session, url)
        assert section.section_id == 570
        with_ratios = GradeIntent(section.panels[0].grade, True, place.provers[0], blend_ratios=("100", "0"))
        panel = await fill_grade(session, url, 570, 0, with_ratios)
        assert panel.blend_ratios == ("100", "0")
        await fill_grade(session, url, 570, 1, GradeIntent(section.panels[1].grade, False, place.provers[1]))
        form = await read_form(session, url)
        assert [p.has_meter for p in form.grades[:2]] == ["yes", "no"]
        assert form.grades[0].blend_ratios == ("100", "0")

    async def test_prefixed_headers(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        portal.control.options(grade_header="prefixed")
        url = await self.prepared(session, place)
        await self.fill(session, place, url)
        await self.check(session, place, url)

    async def test_other_grade_and_other_prover(
        self, session: PortalSession, portal: SandboxServer, place: Place
    ) -> None:
        url = await self.prepared(session, place)
        section = await open_grades(session, url)
        before = kinds(portal)
        with pytest.raises(PortalRefused) as caught:
            await fill_grade(session, url, section.section_id, 0, GradeIntent("Kerosene", True, place.provers[0]))
        assert caught.value.code == "other_grade"
        first = section.panels[0].grade
        for prover_id in ("21-00000-99", place.provers[0][:-1]):
            with pytest.raises(ProverNotOffered):
                await fill_grade(session, url, section.section_id, 0, GradeIntent(first, True, prover_id))
        assert kinds(portal) == before

    @pytest.mark.parametrize(
        ("fault", "match"),
        [
            ("dropped_clicks", {"count": 4}),
            ("save_fails", {}),
            ("save_answer_lost", {}),
            ("session_expired", {"kind": "save", "after": 1}),
            ("session_expired", {"kind": "section"}),
        ],
    )
    async def test_faults(
        self, session: PortalSession, portal: SandboxServer, place: Place, fault: str, match: dict[str, Any]
    ) -> None:
        url = await self.prepared(session, place)
        portal.control.fault(fault, 1, **match)
        await self.fill(session, place, url)
        await self.check(session, place, url)
        assert len(stored(portal, place)) == 1

    async def test_slow_portal(self, session: PortalSession, portal: SandboxServer, place: Place) -> None:
        portal.control.latency(
            section={"min_ms": 300, "max_ms": 600},
            options={"min_ms": 300, "max_ms": 500},
            save={"min_ms": 400, "max_ms": 900},
        )
        url = await self.prepared(session, place)
        section = await open_grades(session, url)
        await fill_grade(session, url, section.section_id, 1, self.intent(place, section.panels[1].grade))
        form = await read_form(session, url)
        assert [panel.prover is not None for panel in form.grades].count(True) == 1

    @pytest.mark.parametrize("what", ["iteration_ids", "has_meter_field"])
    async def test_changed_portal(self, session: PortalSession, portal: SandboxServer, place: Place, what: str) -> None:
        url = await self.prepared(session, place)
        portal.control.fault("rename", None, what=what)
        hurry(session)
        if what == "has_meter_field":
            # The field is found by its label: another id alone does not confuse the reader.
            await self.fill(session, place, url)
            return
        with pytest.raises(PortalChanged) as caught:
            await open_grades(session, url)
        assert caught.value.snapshot is not None

    async def test_expired_for_good(self, guest: PortalSession, portal: SandboxServer, place: Place) -> None:
        await guest.sign_in(TECHNICIAN, PASSWORD)
        url = await self.prepared(guest, place)
        portal.control.expire_sessions()
        with pytest.raises(NotSignedIn):
            await open_grades(guest, url)
