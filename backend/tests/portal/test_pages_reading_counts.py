"""One reading more or less, exactly once, whatever the sandbox portal does in between."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.portal.errors import EffectUnknown, PortalRefused, PortalTimeout, PortalUnreachable
from app.portal.pages.readings import add_reading, delete_last_reading
from app.portal.session import PortalSession
from sandbox.server import SandboxServer

from .conftest import TECHNICIAN, hurry
from .reading_forms import ONP, Form, make


@pytest.fixture
def form(portal: SandboxServer) -> Form:
    return make(portal)


COUNT_FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("dropped_clicks", {"count": 2}),
    ("save_fails", {}),
    ("save_answer_lost", {}),
    ("save_answer_lost", {"mode": "502"}),
    ("session_expired", {"kind": "save"}),
    ("session_expired", {"kind": "section"}),
    ("slow", {"kind": "save", "ms": 1200}),
]


class TestCounts:
    @pytest.mark.parametrize(("fault", "match"), COUNT_FAULTS)
    async def test_add_exactly_one(self, session: PortalSession, form: Form, fault: str, match: dict[str, Any]) -> None:
        form.portal.control.fault(fault, 1, **match)
        assert (await add_reading(session, form.url, 537, 2, 4)).groups == (4, 4, 5, 4, 4, 4)
        assert [count for *_, count in form.groups()] == [4, 4, 5, 4, 4, 4]
        assert [write["iteration"] for write in form.writes("add_reading")] == [12]
        again = await add_reading(session, form.url, 537, 2, 4)  # as after a crash: it is there already
        assert again.groups == (4, 4, 5, 4, 4, 4)
        assert len(form.writes("add_reading")) == 1

    @pytest.mark.parametrize("confirm", ["popover", "modal"])
    @pytest.mark.parametrize(("fault", "match"), COUNT_FAULTS)
    async def test_delete_exactly_one(
        self, session: PortalSession, form: Form, fault: str, match: dict[str, Any], confirm: str
    ) -> None:
        form.portal.control.options(confirm=confirm)
        doomed = form.stored[11].id
        form.portal.control.fault(fault, 1, **match)
        assert (await delete_last_reading(session, form.url, 537, 2, 4)).groups == (4, 4, 3, 4, 4, 4)
        assert [write["values"]["reading"] for write in form.writes("delete_reading")] == [doomed]
        assert (await delete_last_reading(session, form.url, 537, 2, 4)).groups == (4, 4, 3, 4, 4, 4)
        assert [write["values"]["reading"] for write in form.writes("delete_reading")] == [doomed]

    async def test_other_count(self, session: PortalSession, form: Form) -> None:
        for change in (add_reading, delete_last_reading):
            for group, before in ((0, 7), (6, 4), (-1, 4)):
                with pytest.raises(PortalRefused) as caught:
                    await change(session, form.url, 537, group, before)
                assert caught.value.code == "other_readings"
        assert form.portal.control.counts()["writes"] == 0

    async def test_last_of_a_group(self, session: PortalSession, portal: SandboxServer) -> None:
        form = make(portal, template=ONP)
        with pytest.raises(PortalRefused):
            await delete_last_reading(session, form.url, 571, 0, 1)
        assert len(form.stored) == 6

    async def test_fails_for_good(self, session: PortalSession, form: Form) -> None:
        form.portal.control.fault("save_fails", None)
        with pytest.raises(PortalUnreachable):
            await add_reading(session, form.url, 537, 0, 4)
        with pytest.raises(PortalUnreachable):
            await delete_last_reading(session, form.url, 537, 0, 4)
        assert len(form.stored) == 24

    async def test_clicks_ignored_for_good(self, session: PortalSession, form: Form) -> None:
        form.portal.control.fault("dropped_clicks", None, count=99)
        with pytest.raises(PortalTimeout) as caught:
            await add_reading(session, form.url, 537, 0, 4)
        assert caught.value.code == "clicks_ignored"
        assert form.portal.control.counts()["writes"] == 0

    async def test_no_answer_at_all(self, session: PortalSession, form: Form) -> None:
        form.portal.control.fault("hang", 1, kind="save")
        hurry(session)
        with pytest.raises(EffectUnknown):
            await add_reading(session, form.url, 537, 0, 4)

    async def test_nobody_can_look(self, session: PortalSession, form: Form) -> None:
        form.portal.control.fault("save_answer_lost", 1)
        form.portal.control.fault("http_500", None, kind="shell", after=1)
        with pytest.raises(EffectUnknown) as caught:
            await add_reading(session, form.url, 537, 0, 4)
        assert caught.value.details["cause"] == "portal_failing"
        assert len(form.stored) == 25

    async def test_somebody_else_adds_meanwhile(self, session: PortalSession, form: Form) -> None:
        form.portal.control.fault("slow", 1, kind="save", ms=300)
        side, grade, _ = form.groups()[4]

        async def meddle() -> None:
            await session.page.wait_for_selector(".ks-spin-loading")
            form.portal.world.add_reading(TECHNICIAN, form.entry.id, side, grade)

        with pytest.raises(EffectUnknown):
            await asyncio.gather(add_reading(session, form.url, 537, 0, 4), meddle())
