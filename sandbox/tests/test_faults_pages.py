"""Faults that a browser meets on a page."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from sandbox.server import SandboxServer

from .helpers import OPEN, TECH1, as_technician, attach, choose, form_path, held, idle, jobs, open_list, open_visit

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_truncated_list_contradicts_its_total(page: Page, portal: SandboxServer) -> None:
    portal.control.fault("list_truncated", drop=3)
    await open_list(page, portal)
    assert await page.locator(".work-list-item").count() == 22
    assert "64 matches" in await page.locator(".ks-padding-fix").first.inner_text()


@pytest.mark.parametrize(("matches", "text"), [("zero", "0 matches"), ("kept", "64 matches")])
async def test_an_empty_list_comes_with_or_without_its_total(
    page: Page, portal: SandboxServer, matches: str, text: str
) -> None:
    portal.control.fault("empty_list", matches=matches)
    portal.control.options(empty_markup="none")
    await as_technician(page, portal)
    await page.goto(portal.list_url(OPEN))
    await page.wait_for_selector(f"text={text}")
    assert await page.locator(".work-list-item, .no-results").count() == 0


async def test_clicks_are_dropped_as_many_as_asked(page: Page, portal: SandboxServer) -> None:
    portal.control.fault("dropped_clicks", page="visit", count=2, selector="li.plain-header a")
    await open_visit(page, portal, jobs(portal)[0])
    for _ in range(2):
        await page.click("li.plain-header:has-text('AccuMeasure') a")
    assert portal.control.counts()["writes"] == 0
    await attach(page)
    assert portal.control.counts()["writes"] == 1


async def test_renamed_markup(page: Page, portal: SandboxServer) -> None:
    for what in ("work_list_item", "equipment_heading", "iteration_ids", "has_meter_field"):
        portal.control.fault("rename", times=None, what=what)
    await as_technician(page, portal)
    await page.goto(portal.list_url(OPEN))
    await page.wait_for_selector(".work-item-row")
    assert await page.locator(".work-list-item").count() == 0
    order = jobs(portal)[0]
    card = portal.world.state.locations[order.location_id].dispensers[0]
    portal.control.prepare_form(order.id, card.numbers)
    await page.goto(form_path(portal, "536"))
    await page.wait_for_selector("#entry-item-0 input[name='field[9857]']")
    assert await page.locator("[id^=iteration-], input[name='field[4857]']").count() == 0
    location = next(place for place in portal.world.state.locations.values() if not place.modal and not place.deleted)
    await page.goto(f"{portal.url}/app/customers/locations/{location.id}/")
    await page.click("ul.tabs-title-bar >> text=Equipment")
    await page.wait_for_selector(".equipment-title a[title=Expand]")
    assert await page.locator(".group-heading").count() == 0


async def test_a_modal_lies_over_the_list(page: Page, portal: SandboxServer) -> None:
    portal.control.fault("modal", page="list")
    await as_technician(page, portal)
    await page.goto(portal.list_url(OPEN))
    await page.click("button:has-text('Cancel')")
    await page.wait_for_selector(".ks-modal-mask", state="detached")


async def test_options_may_never_come(page: Page, portal: SandboxServer) -> None:
    portal.control.fault("options_never", times=None, select="equipment")
    await open_visit(page, portal, jobs(portal)[0])
    await attach(page)
    await page.goto(form_path(portal))
    await page.click(".form-entry-equipment .ks-select-selection")
    assert await page.locator(".form-entry-equipment .loader-line:visible").count() == 1
    assert await page.locator(".form-entry-equipment li").count() == 0


@pytest.mark.parametrize(
    ("fault", "mode", "stored"),
    [("save_fails", None, False), ("save_answer_lost", "502", True), ("save_answer_lost", "cut", True)],
)
async def test_a_save_fails_or_loses_its_answer(
    page: Page, portal: SandboxServer, fault: str, mode: str | None, stored: bool
) -> None:
    await open_visit(page, portal, jobs(portal)[0])
    await attach(page)
    await page.goto(form_path(portal))
    await choose(page, ".form-entry-equipment", "1/2 -")
    await page.check("input[name='field[4855]'][value='1']")
    portal.control.fault(fault, match={"section": "first", **({"mode": mode} if mode else {})})
    await page.click("button.save-section")
    await page.wait_for_selector(".toast-message")
    await idle(page)
    assert await page.locator("a.next-section.disabled").count() == 1
    entry = max(portal.world.state.forms.values(), key=lambda item: item.id)
    assert (entry.equipment_id is not None) is stored
    assert portal.control.counts()["kinds"].get("save_section", 0) == int(stored)
    await page.reload()
    await page.wait_for_selector("a.next-section:not(.disabled)" if stored else "a.next-section.disabled")


async def test_a_created_form_shows_only_after_a_reload_when_its_answer_is_lost(
    page: Page, portal: SandboxServer
) -> None:
    await open_visit(page, portal, jobs(portal)[0])
    portal.control.fault("create_answer_lost")
    await page.click("li.plain-header:has-text('AccuMeasure') a")
    await page.wait_for_selector(".toast-message")
    assert await page.locator(".form-entries > div").count() == 0
    await page.reload()
    await page.wait_for_selector("text=(1) AccuMeasure")
    assert await page.locator(".form-entries > div").count() == 1
    assert portal.control.counts()["kinds"] == {"create_form": 1}


async def test_a_failing_list_shows_no_rows(page: Page, portal: SandboxServer) -> None:
    portal.control.fault("http_500", kind="list")
    await as_technician(page, portal)
    await page.goto(portal.list_url(OPEN))
    await page.wait_for_selector(".toast-message")
    await idle(page)
    assert await page.locator(".work-list-item, .no-results").count() == 0
    await page.reload()
    await page.wait_for_selector(".work-list-item")


async def test_a_redeploy_changes_names_but_not_the_page(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal)
    build = portal.world.redeploy()
    await page.reload()
    await page.wait_for_selector(".work-list-item")
    assert await page.locator("[data-v-a381df7b]").count() == 0
    assert await page.locator(f"[{build.list_scope}]").count() > 25
    assert await page.locator(f"script[src='/build/js/app.{build.asset_hash}.js']").count() == 1


async def test_loaders_are_visible_as_long_as_the_answer_takes(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    line = page.locator(".list-loader .loader-line")
    async with held(page, "**/xhr/work/list*"):
        await page.goto(portal.list_url(OPEN))
        assert await line.is_visible()
        await page.click("label.show-closed", force=True)
        assert not await page.locator("label.show-closed input").is_checked()
    await page.wait_for_selector(".work-list-item")
    await idle(page)
    assert await line.count() == 1
    assert portal.control.requests()["peak_page_loads"][TECH1] == 1
