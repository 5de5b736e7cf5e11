"""Preparing readings in a real browser against the sandbox portal; the sandbox's log says which reading was touched."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.portal.errors import NotSignedIn, PortalChanged, PortalError, PortalRefused, PortalUnreachable
from app.portal.pages.readings import (
    ReadingIntent,
    ReadingsShape,
    add_reading,
    delete_last_reading,
    fill_readings,
    open_readings,
    same_value,
)
from app.portal.records import ReadingValues
from app.portal.session import PortalSession
from sandbox.server import SandboxServer

from .conftest import PASSWORD, TECHNICIAN, hurry
from .reading_forms import (
    AM,
    CALIBRATION,
    FIRST,
    FULL,
    ONP,
    REQUIRED,
    RETEST,
    SEALED,
    WET,
    Form,
    fill,
    held,
    intents,
    make,
    numbered,
    read,
    wanted_by,
)


@pytest.fixture
def form(portal: SandboxServer) -> Form:
    return make(portal)


class TestWholeForms:
    @pytest.mark.parametrize(("grades", "sides"), [(3, 2), (5, 2), (3, 1)])
    async def test_new_form(self, session: PortalSession, portal: SandboxServer, grades: int, sides: int) -> None:
        form = make(portal, grades, sides=sides)
        shape = await open_readings(session, form.url, 536)
        assert shape == ReadingsShape(537, (4,) * grades * sides)
        # One metered grade gets a fifth reading, one blended grade loses its last.
        shape = await add_reading(session, form.url, 537, 0, 4)
        assert shape.groups == (5, *(4,) * (grades * sides - 1))
        shape = await delete_last_reading(session, form.url, 537, 1, 4)
        assert shape.groups == (5, 3, *(4,) * (grades * sides - 2))
        wanted = intents(shape.groups, WET, FULL, CALIBRATION, RETEST, SEALED)
        told: list[ReadingIntent] = []

        async def tell(intent: ReadingIntent) -> None:
            told.append(intent)

        done = await fill_readings(session, form.url, 537, shape.groups, wanted, tell)
        assert told == wanted
        assert REQUIRED in done.messages
        assert done.left_alone == ()
        page = await read(session, form)
        assert page.groups == shape.groups
        assert held(page) == wanted_by(wanted)
        assert {(r.number, r.variance is None) for r in page.readings} == {(n, n != 1) for n in range(5)}
        assert REQUIRED in page.errors
        assert [write["kind"] for write in portal.control.writes()] == ["add_reading", "delete_reading", "save_section"]
        assert form.groups()[:2] == [(form.stored[0].side, form.stored[0].grade, 5), (*form.groups()[1][:2], 3)]
        added, removed = form.writes("add_reading")[0], form.writes("delete_reading")[0]
        assert (added["iteration"], added["values"]["grade"]) == (4, form.groups()[0][1])
        assert (removed["iteration"], removed["values"]["grade"]) == (8, form.groups()[1][1])
        [saved] = form.writes("save_section")
        assert [row["procedure"] for row in saved["values"]["readings"]] == [i.values.procedure for i in wanted]
        titles = [f"{r.side} {r.grade} - Reading {n}" for _, n, r in numbered(form)]
        assert [r.title for r in page.readings] == titles

    async def test_open_neck(self, session: PortalSession, portal: SandboxServer) -> None:
        form = make(portal, template=ONP)
        shape = await open_readings(session, form.url, 570)
        assert shape == ReadingsShape(571, (1,) * 6)
        for before in (1, 2):
            shape = await add_reading(session, form.url, 571, 5, before)
        wanted = intents(shape.groups, FULL, FIRST, RETEST)
        await fill(session, form, wanted, shape.groups)
        page = await read(session, form)
        assert page.groups == (1, 1, 1, 1, 1, 3)
        assert held(page) == wanted_by(wanted)

    async def test_nothing_left_to_do(self, session: PortalSession, form: Form) -> None:
        wanted = intents((4,) * 6, WET, FULL, RETEST, SEALED)
        for _ in range(2):
            assert (await fill(session, form, wanted, (4,) * 6)).left_alone == ()
        assert held(await read(session, form)) == wanted_by(wanted)
        first, second = form.writes("save_section")
        assert first["values"] == second["values"]

    async def test_grades_not_saved(self, session: PortalSession, form: Form) -> None:
        form.entry.saved.remove("536")
        with pytest.raises(PortalRefused) as caught:
            await open_readings(session, form.url, 536)
        assert caught.value.code == "section_not_saved"

    async def test_another_section_number(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.options(onp_grade_section="612")
        form = make(portal, template=ONP)
        assert await open_readings(session, form.url, 612) == ReadingsShape(571, (1,) * 6)


class TestTechniciansValues:
    async def test_left_alone(self, session: PortalSession, form: Form) -> None:
        form.stored[1].start = "12.5"  # another value than wanted
        form.stored[2].temperature = "71"  # a value where nothing is wanted
        form.stored[5].procedure = "Wet Down"  # another procedure
        form.stored[9].flow = "2"  # another flow
        before = {i: form.stored[i].model_dump(exclude={"variance"}) for i in (1, 2, 5, 9)}
        form.stored[6].start = "0.0"  # the same number in other words
        form.stored[6].procedure = "Retest"
        wanted = intents((4,) * 6, WET, FIRST, RETEST, SEALED)
        done = await fill(session, form, wanted, (4,) * 6)
        assert done.left_alone == ((0, 1), (0, 2), (1, 1), (2, 1))
        assert {i: form.stored[i].model_dump(exclude={"variance"}) for i in before} == before
        page = held(await read(session, form))
        assert page[(1, 2)] == replace(RETEST, start="0.0")
        assert page[(0, 2)] == ReadingValues(temperature="71")
        rest = {k: v for k, v in page.items() if k not in {*done.left_alone, (1, 2)}}
        assert rest == {k: v for k, v in wanted_by(wanted).items() if k in rest}

    async def test_all_left_alone_saves_nothing(self, session: PortalSession, form: Form) -> None:
        form.stored[0].meniscus = "-1"
        done = await fill(session, form, [ReadingIntent(0, 0, WET)], (4,) * 6)
        assert (done.messages, done.left_alone) == ((), ((0, 0),))
        assert form.portal.control.counts()["writes"] == 0

    async def test_other_readings(self, session: PortalSession, form: Form) -> None:
        wanted = [ReadingIntent(0, 0, WET)]
        for groups in ((4,) * 5, (5, *(4,) * 5)):
            with pytest.raises(PortalRefused) as caught:
                await fill(session, form, wanted, groups)
            assert (caught.value.code, caught.value.details["groups"]) == ("other_readings", [4] * 6)
        with pytest.raises(ValueError, match="no reading 4 in group 0"):
            await fill(session, form, [ReadingIntent(0, 4, WET)], (4,) * 6)
        assert form.portal.control.counts()["writes"] == 0

    @pytest.mark.parametrize(
        ("name", "value"), [("flow", "1"), ("end", "5.001"), ("gpm", "0"), ("procedure", "Retest")]
    )
    async def test_no_value_is_deleted(self, session: PortalSession, form: Form, name: str, value: str) -> None:
        setattr(form.stored[7], name, value)
        with pytest.raises(PortalRefused) as caught:
            await delete_last_reading(session, form.url, 537, 1, 4)
        assert caught.value.code == "reading_held"
        assert len(form.stored) == 24
        # The reading before it is not the last one, and the group beside it is another.
        assert (await delete_last_reading(session, form.url, 537, 0, 4)).groups == (3, 4, 4, 4, 4, 4)

    async def test_procedures_are_matched_whole(self, session: PortalSession, form: Form) -> None:
        await fill(session, form, [ReadingIntent(0, 0, RETEST), ReadingIntent(0, 1, CALIBRATION)], (4,) * 6)
        assert [r.procedure for r in form.stored[:2]] == ["Retest", "Calibration Retest"]
        with pytest.raises(PortalRefused) as caught:
            await fill(session, form, [ReadingIntent(0, 2, ReadingValues("Calib"))], (4,) * 6)
        assert caught.value.code == "procedure_not_offered"


class TestFaults:
    @pytest.mark.parametrize(
        ("fault", "match"),
        [
            ("dropped_clicks", {"count": 4}),
            ("dropped_clicks", {"count": 1, "selector": ".save-section"}),
            ("dropped_clicks", {"count": 1, "selector": "li"}),
            ("save_fails", {}),
            ("save_answer_lost", {}),
            ("http_500", {"kind": "section", "after": 4}),
            ("session_expired", {"kind": "section", "after": 5}),
            ("session_expired", {"kind": "save"}),
        ],
    )
    @pytest.mark.parametrize("autosave", [False, True])
    async def test_filled_all_the_same(
        self, session: PortalSession, form: Form, fault: str, match: dict[str, Any], autosave: bool
    ) -> None:
        form.portal.control.options(autosave=autosave)
        form.portal.control.fault(fault, 1, **match)
        wanted = intents((4,) * 6, WET, FULL, RETEST, SEALED)[:9]
        done = await fill(session, form, wanted, (4,) * 6)
        assert REQUIRED in done.messages
        assert done.left_alone == ()
        page = held(await read(session, form))
        assert {key: page[key] for key in wanted_by(wanted)} == wanted_by(wanted)
        assert all(values.blank for key, values in page.items() if key not in wanted_by(wanted))
        for write in form.writes("save_section"):
            assert [row["procedure"] for row in write["values"]["readings"][9:]] == [None] * 15

    async def test_unsaved_values_are_not_believed(self, session: PortalSession, form: Form) -> None:
        async def stop(intent: ReadingIntent) -> None:
            if intent.number == 2:
                raise RuntimeError("cancelled")

        wrong = intents((4,) * 6, RETEST, RETEST, RETEST, RETEST)
        with pytest.raises(RuntimeError):
            await fill_readings(session, form.url, 537, (4,) * 6, wrong, stop)
        wanted = intents((4,) * 6, WET, FIRST, RETEST, SEALED)[:4]
        assert (await fill(session, form, wanted, (4,) * 6)).left_alone == ()
        assert [r.procedure for r in form.stored[:5]] == ["Wet Down", "First Run", "Retest", "Meter Sealed", None]

    async def test_save_fails_for_good(self, session: PortalSession, form: Form) -> None:
        form.portal.control.fault("save_fails", None)
        with pytest.raises(PortalUnreachable):
            await fill(session, form, [ReadingIntent(0, 0, WET)], (4,) * 6)
        assert form.stored[0].procedure is None

    async def test_expired_for_good(self, guest: PortalSession, portal: SandboxServer) -> None:
        await guest.sign_in(TECHNICIAN, PASSWORD)
        form = make(portal)
        portal.control.fault("session_expired", 1, kind="section", after=2)
        with pytest.raises(NotSignedIn):
            await fill(guest, form, intents((4,) * 6, WET, FULL, RETEST, SEALED), (4,) * 6)
        assert portal.control.counts()["kinds"] == {}

    @pytest.mark.parametrize(
        ("fault", "match"),
        [
            ("dropped_clicks", {"count": 3}),
            ("http_500", {"kind": "section", "after": 4}),
            ("session_expired", {"kind": "section", "after": 5}),
        ],
    )
    async def test_reading_all_the_same(
        self, session: PortalSession, form: Form, fault: str, match: dict[str, Any]
    ) -> None:
        for number, reading in enumerate(form.stored):
            reading.start = str(number)
        form.portal.control.fault(fault, 1, **match)
        page = await read(session, form)
        assert [r.values for r in page.readings] == [ReadingValues(start=str(n)) for n in range(24)]
        assert form.portal.control.counts()["writes"] == 0

    async def test_slow_portal(self, session: PortalSession, form: Form) -> None:
        form.portal.control.latency(section={"min_ms": 100, "max_ms": 300}, save={"min_ms": 300, "max_ms": 600})
        await add_reading(session, form.url, 537, 0, 4)
        wanted = intents((5,), WET, FULL, CALIBRATION, RETEST, SEALED)
        await fill(session, form, wanted, (5, 4, 4, 4, 4, 4))
        page = held(await read(session, form))
        assert {key: page[key] for key in wanted_by(wanted)} == wanted_by(wanted)


class TestShapes:
    @pytest.mark.parametrize(
        "options",
        [
            {"reading_title": "blank", "add_element": "span", "add_label": "Add Reading"},
            {"reading_title": "number", "add_element": "button"},
            {"reading_labels": False, "flow_labels": {"1": "A", "2": "B"}},
            {"reading_ids": False, "reading_title": "blank", "confirm": "modal"},
            {"open_connection": True, "options_load": "open"},
        ],
    )
    @pytest.mark.parametrize("template", [AM, ONP])
    async def test_unknown_details(
        self, session: PortalSession, portal: SandboxServer, options: dict[str, Any], template: str
    ) -> None:
        portal.control.options(**options)
        form = make(portal, template=template)
        size = 4 if template == AM else 1
        shape = await add_reading(session, form.url, form.section, 1, size)
        shape = await delete_last_reading(session, form.url, form.section, 1, size + 1)
        shape = await add_reading(session, form.url, form.section, 1, size)
        assert shape.groups == (size, size + 1, *(size,) * 4)
        wanted = [ReadingIntent(1, size, FULL), ReadingIntent(2, 0, SEALED)]
        await fill(session, form, wanted, shape.groups)
        page = held(await read(session, form))
        assert {key: values for key, values in page.items() if not values.blank} == wanted_by(wanted)

    async def test_confused_labels(self, session: PortalSession, form: Form) -> None:
        """A field that is labelled as another one is neither filled nor read."""
        await session.page.context.add_init_script(
            """new MutationObserver(() => {
                const label = document.querySelector('[id="field-7"] .label');
                if (label && label.textContent !== 'End Reading') label.textContent = 'End Reading';
            }).observe(document, { subtree: true, childList: true });"""
        )
        with pytest.raises(PortalChanged, match="labelled"):
            await fill(session, form, [ReadingIntent(0, 0, WET)], (4,) * 6)
        with pytest.raises(PortalChanged, match="labelled"):
            await read(session, form)
        assert form.portal.control.counts()["writes"] == 0

    @pytest.mark.parametrize(
        ("change", "message"),
        [
            ("document.querySelectorAll('.add-reading').forEach((n) => n.remove())", "Add Reading"),
            ("[...document.querySelectorAll('.add-reading')].slice(-1).forEach((n) => n.remove())", "Add Reading"),
            ("document.querySelectorAll('#iteration-3').forEach((n) => n.remove())", "numbered from 0"),
        ],
    )
    async def test_other_shapes(self, session: PortalSession, form: Form, change: str, message: str) -> None:
        await session.page.context.add_init_script(
            f"new MutationObserver(() => {{ {change} }}).observe(document, {{ subtree: true, childList: true }});"
        )
        for action in (read, lambda s, f: add_reading(s, f.url, 537, 0, 4)):
            with pytest.raises(PortalChanged, match=message):
                await action(session, form)
        assert form.portal.control.counts()["writes"] == 0

    async def test_a_missing_field(self, session: PortalSession, form: Form) -> None:
        await session.page.context.add_init_script(
            "new MutationObserver(() => document.querySelector('[id=\"field-6\"]')?.remove())"
            ".observe(document, { subtree: true, childList: true });"
        )
        with pytest.raises(PortalChanged, match="gpm"):
            await fill(session, form, [ReadingIntent(0, 0, FULL)], (4,) * 6)
        assert (await fill(session, form, [ReadingIntent(0, 0, WET)], (4,) * 6)).left_alone == ()
        assert [form.stored[0].procedure, form.stored[0].gpm] == ["Wet Down", ""]

    async def test_renamed(self, session: PortalSession, form: Form) -> None:
        form.portal.control.fault("rename", None, what="iteration_ids")
        hurry(session)
        with pytest.raises(PortalError) as caught:
            await read(session, form)
        assert caught.value.snapshot is not None


def test_same_value() -> None:
    for one, other in ((".0001", "0.0001"), ("0", "0.0"), ("Retest", "Retest"), (None, None), ("-1", "-1.00")):
        assert same_value(one, other)
    for one, other in (("0", None), ("0", "1"), ("Retest", "Calibration Retest"), ("0", "O"), ("", "0")):
        assert not same_value(one, other)
