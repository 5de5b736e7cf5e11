"""Signing in and reading pages, in a real browser against the sandbox portal."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.portal.cli import app
from app.portal.errors import (
    BrowserFailed,
    CredentialsRejected,
    ErrorPage,
    ForeignPage,
    ListIncomplete,
    LocationGone,
    NotSignedIn,
    PortalChanged,
    PortalError,
    PortalTimeout,
    PortalUnreachable,
)
from app.portal.launch import PortalBrowser, open_browser
from app.portal.pages.fleet import read_provers
from app.portal.pages.location import read_location
from app.portal.pages.visit import read_visit
from app.portal.pages.work_list import read_work_list
from app.portal.session import PortalSession
from app.portal.settings import Credentials, PortalSettings
from app.portal.snapshots import read_page
from sandbox.server import SandboxServer

from .conftest import PASSWORD, TECHNICIAN, credentials, hurry


def open_work(portal: SandboxServer) -> set[int]:
    """The ids of the technician's work orders without a completed visit."""
    orders = portal.world.state.work_orders.values()
    return {o.id for o in orders if o.technician == TECHNICIAN and not o.closed and o.done == 0}


def saved_bytes(path: str) -> bytes:
    return Path(path).read_bytes()


class TestSignIn:
    async def test_progress_and_state(self, guest: PortalSession, browser: PortalBrowser) -> None:
        assert not await guest.is_signed_in()
        stages: list[str] = []
        await guest.sign_in(TECHNICIAN, PASSWORD, stages.append)
        assert stages == ["opening", "entering", "checking", "signed_in"]
        assert await guest.is_signed_in()
        state = await guest.storage_state()
        async with browser.open_session(storage_state=state) as other:
            assert await other.is_signed_in()
            await other.forget()
            assert not await other.is_signed_in()
            await other.restore(state)
            assert await other.is_signed_in()

    async def test_signed_in_already(self, session: PortalSession, portal: SandboxServer) -> None:
        await session.sign_in(TECHNICIAN, PASSWORD)
        assert portal.control.counts()["sign_ins"]["accepted"] == 1
        await session.sign_in("tech2@sandbox.invalid", "sandbox-2")
        assert portal.control.counts()["sign_ins"]["accepted"] == 2

    @pytest.mark.parametrize("markup", ["redirect", "status-422", "status-200"])
    async def test_rejected(self, guest: PortalSession, portal: SandboxServer, markup: str) -> None:
        if markup != "redirect":
            portal.control.options(bad_password_markup=markup)
        with pytest.raises(CredentialsRejected) as caught:
            await guest.sign_in(TECHNICIAN, "wrong-password-1")
        assert caught.value.kind == "auth"
        assert "wrong-password-1" not in repr(caught.value.as_dict())

    @pytest.mark.parametrize(
        ("fault", "wanted", "code"),
        [
            ("http_500", PortalUnreachable, "portal_failing"),
            ("http_429", PortalUnreachable, "portal_busy"),
        ],
    )
    async def test_portal_in_trouble(
        self, guest: PortalSession, portal: SandboxServer, fault: str, wanted: type[PortalError], code: str
    ) -> None:
        portal.control.fault(fault, None, kind="login")
        with pytest.raises(wanted) as caught:
            await guest.sign_in(TECHNICIAN, PASSWORD)
        assert (caught.value.kind, caught.value.code) == ("transient", code)

    async def test_nobody_answers(self, browser: PortalBrowser, settings: PortalSettings) -> None:
        browser.settings = replace(settings, base_url="http://127.0.0.1:9")
        async with browser.open_session() as session:
            with pytest.raises(PortalUnreachable) as caught:
                await session.sign_in(TECHNICIAN, PASSWORD)
        assert caught.value.kind == "transient"

    async def test_no_answer_in_time(self, guest: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("hang", None)
        hurry(guest, 0.5)
        with pytest.raises(PortalTimeout) as caught:
            await guest.sign_in(TECHNICIAN, PASSWORD)
        assert caught.value.details["awaited"] == "an answer"

    async def test_browser_cannot_start(self, settings: PortalSettings, tmp_path: Path) -> None:
        broken = tmp_path / "browser"
        broken.write_text("#!/bin/sh\nexit 1\n")
        broken.chmod(0o755)
        with pytest.raises(BrowserFailed) as caught:
            async with open_browser(replace(settings, browser_executable=str(broken))):
                pass
        assert caught.value.code == "browser_did_not_start"

    async def test_browser_gone(self, settings: PortalSettings, portal: SandboxServer) -> None:
        async with open_browser(settings) as other, other.open_session() as session:
            await session.page.close()
            with pytest.raises(BrowserFailed) as caught:
                await session.sign_in(TECHNICIAN, PASSWORD)
        assert caught.value.code == "browser_closed"


class TestWorkList:
    async def test_everything(self, session: PortalSession, portal: SandboxServer) -> None:
        told: list[tuple[int, int, int | None]] = []
        whole = await read_work_list(session, "open", lambda *page: told.append(page))
        assert {row.work_id for row in whole.work_orders} == open_work(portal)
        assert whole.matches == len(whole.work_orders) > 60
        assert told == [(1, whole.matches, whole.matches)]
        orders = portal.world.state.work_orders
        for row in whole.work_orders:
            order = orders[row.work_id]
            place = portal.world.state.locations[order.location_id]
            assert (row.location_id, row.store, row.street, row.zip) == (place.id, place.store, place.street, place.zip)
            assert row.instructions == (order.instructions or None)
            assert [line.code for line in row.services] == order.codes
            assert (row.next_visit.date if row.next_visit else None) == (
                order.next_visit.date if order.next_visit else None
            )
            assert row.due_date == order.due_date

    async def test_several_pages(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.schedule.burst(TECHNICIAN, 150)
        pages: list[int] = []
        whole = await read_work_list(session, "open", lambda page, *_: pages.append(page))
        assert {row.work_id for row in whole.work_orders} == open_work(portal)
        assert pages == list(range(1, whole.pages + 1))
        assert whole.pages == 3

    async def test_unfiltered_and_completed(self, session: PortalSession, portal: SandboxServer) -> None:
        everything = await read_work_list(session, "all")
        completed = await read_work_list(session, "completed")
        assert everything.matches is None
        ids = {row.work_id for row in everything.work_orders}
        assert ids == {
            o.id for o in portal.world.state.work_orders.values() if o.technician == TECHNICIAN and not o.closed
        }
        assert 0 < len(completed.work_orders) < len(ids)
        assert all(row.next_visit is None and row.completed_on for row in completed.work_orders)

    async def test_remembered_page_size(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.options(remember_page_size=True)
        for _ in range(2):  # the second time the list begins with "Show 100"
            assert len((await read_work_list(session)).work_orders) == len(open_work(portal))

    async def test_truncated(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("list_truncated", None, drop=3)
        with pytest.raises(ListIncomplete) as caught:
            await read_work_list(session)
        assert caught.value.details["expected"] == caught.value.details["found"] + 3

    async def test_empty(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("empty_list", None, matches="zero")
        assert (await read_work_list(session)).work_orders == ()

    async def test_empty_in_spite_of_matches(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("empty_list", None, matches="kept")
        with pytest.raises(PortalChanged, match=r"expected 6\d rows, found 0"):
            await read_work_list(session)

    async def test_changed_portal(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("rename", None, what="work_list_item")
        with pytest.raises(PortalChanged) as caught:
            await read_work_list(session)
        assert caught.value.snapshot is not None
        result = CliRunner().invoke(app, ["parse", "work-list", caught.value.snapshot, "--json"])
        assert result.exit_code == 4
        assert TECHNICIAN not in read_page(saved_bytes(caught.value.snapshot))

    async def test_expired_in_the_middle(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("session_expired", 1, kind="list")
        whole = await read_work_list(session)
        assert len(whole.work_orders) == len(open_work(portal))
        assert session.resigned == 1

    @pytest.mark.parametrize("answer", ["document", "redirect"])
    async def test_expired_before(self, session: PortalSession, portal: SandboxServer, answer: str) -> None:
        if answer == "redirect":
            portal.control.options(guest_answer="redirect")
        portal.control.expire_sessions()
        assert len((await read_work_list(session)).work_orders) == len(open_work(portal))

    async def test_expired_without_credentials(self, guest: PortalSession, portal: SandboxServer) -> None:
        await guest.sign_in(TECHNICIAN, PASSWORD)
        portal.control.expire_sessions()
        with pytest.raises(NotSignedIn):
            await read_work_list(guest)

    async def test_expired_and_password_changed(
        self, browser: PortalBrowser, settings: PortalSettings, portal: SandboxServer
    ) -> None:
        async def stale() -> Credentials:
            return Credentials(TECHNICIAN, "changed")

        browser.settings = settings
        async with browser.open_session(credentials=stale) as session:
            with pytest.raises(CredentialsRejected):
                await read_work_list(session)

    async def test_login_page_every_time(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("login_page", None, page="list")
        with pytest.raises(NotSignedIn):
            await read_work_list(session)
        assert session.resigned == 1

    async def test_foreign_page(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("foreign_page", None)
        hurry(session)
        with pytest.raises((ForeignPage, ErrorPage)):
            await read_work_list(session)

    @pytest.mark.parametrize(
        ("fault", "code", "kind"), [("http_500", "portal_failing", "shell"), ("http_429", "portal_busy", "list")]
    )
    async def test_trouble(
        self, session: PortalSession, portal: SandboxServer, fault: str, code: str, kind: str
    ) -> None:
        portal.control.fault(fault, None, kind=kind)
        with pytest.raises(PortalUnreachable) as caught:
            await read_work_list(session)
        assert caught.value.code == code

    async def test_slow(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.latency(list={"min_ms": 700, "max_ms": 900}, shell={"min_ms": 300, "max_ms": 300})
        assert len((await read_work_list(session)).work_orders) == len(open_work(portal))

    async def test_never(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("hang", None, kind="list")
        hurry(session, 1)
        with pytest.raises(PortalTimeout) as caught:
            await read_work_list(session)
        assert "rows" in caught.value.details["awaited"]


class TestLocation:
    def place(self, portal: SandboxServer, *, deleted: bool = False, modal: bool = False) -> int:
        orders = portal.world.state.work_orders.values()
        ids = {order.location_id for order in orders if order.technician == TECHNICIAN}
        return next(
            number
            for number in sorted(ids)
            if (place := portal.world.state.locations[number]).deleted is deleted and place.modal is modal
        )

    async def check(self, session: PortalSession, portal: SandboxServer, number: int) -> None:
        page = await read_location(session, number)
        cards = portal.world.state.locations[number].dispensers
        assert (page.location_id, page.expected) == (number, len(cards))
        for got, card in zip(page.dispensers, cards, strict=True):
            assert got.numbers == tuple(int(part) for part in card.numbers.split("/"))
            assert (got.title, list(got.grades), got.make) == (card.title, card.grades, card.make)
            assert (got.model, got.serial) == (card.model, card.serial or None)

    async def test_many(self, session: PortalSession, portal: SandboxServer) -> None:
        ids = sorted(n for n, place in portal.world.state.locations.items() if not place.deleted)
        for number in ids[:8]:
            await self.check(session, portal, number)

    @pytest.mark.parametrize("fault", ["modal", "lost_hydration"])
    async def test_obstacles(self, session: PortalSession, portal: SandboxServer, fault: str) -> None:
        portal.control.fault(fault, None)
        await self.check(session, portal, self.place(portal))

    async def test_dropped_clicks(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("dropped_clicks", None, count=2)
        await self.check(session, portal, self.place(portal))

    async def test_deleted(self, session: PortalSession, portal: SandboxServer) -> None:
        number = self.place(portal)
        portal.world.state.locations[number].deleted = True
        with pytest.raises(LocationGone):
            await read_location(session, number)

    async def test_changed_portal(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("rename", None, what="equipment_heading")
        hurry(session)
        with pytest.raises(PortalChanged) as caught:
            await read_location(session, self.place(portal))
        assert caught.value.snapshot is not None

    async def test_expired(self, session: PortalSession, portal: SandboxServer) -> None:
        portal.control.fault("session_expired", 1, kind="equipment")
        await self.check(session, portal, self.place(portal))
        assert session.resigned == 1

    async def test_link_to_another_site(self, session: PortalSession) -> None:
        with pytest.raises(PortalChanged, match=r"out of the portal: elsewhere\.invalid"):
            await read_location(session, 1, "https://elsewhere.invalid/app/customers/locations/1/")


async def test_provers(session: PortalSession, portal: SandboxServer) -> None:
    page = await read_provers(session)
    wanted = portal.world.technician(TECHNICIAN).provers
    assert [(p.prover_id, p.serial, p.make, p.next_calibration) for p in page.provers] == [
        (p.prover_id, p.serial, p.make, p.next_calibration) for p in wanted
    ]


async def test_visit(session: PortalSession, portal: SandboxServer) -> None:
    forms = list(portal.world.state.forms.values())
    for form in forms[:3]:
        if portal.world.state.work_orders[form.work_id].technician != TECHNICIAN:
            continue
        page = await read_visit(session, f"/app/work/{form.work_id}/visits/{form.visit_id}/")
        assert (page.work_id, page.visit_id) == (form.work_id, form.visit_id)
        assert form.id in {entry.entry_id for entry in page.forms}


async def test_politeness_hook(browser: PortalBrowser, settings: PortalSettings, portal: SandboxServer) -> None:
    loads: list[int] = []

    async def gate() -> None:
        loads.append(1)

    browser.settings = settings
    async with browser.open_session(credentials=credentials, before_load=gate) as session:
        await read_provers(session)
    assert len(loads) == 3  # the fleet page, the sign-in page, the fleet page again


async def test_screenshot(session: PortalSession, tmp_path: Path) -> None:
    await session.is_signed_in()
    assert await session.screenshot(tmp_path / "evidence.png")
    assert (tmp_path / "evidence.png").stat().st_size > 100
    session.page.set_default_timeout(200)
    assert not await session.screenshot(tmp_path / "missing" / "x" / "evidence.png", "#sidebar-of-another-portal")
