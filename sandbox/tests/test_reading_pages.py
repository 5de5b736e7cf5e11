"""The readings section in a browser: what is unknown about it is a matter of options."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from playwright.async_api import Page

from sandbox.model import FormEntry
from sandbox.server import SandboxServer

from .helpers import as_technician, form_path, idle, jobs

pytestmark = pytest.mark.asyncio(loop_scope="module")
READINGS = "[id^=iteration-]"


async def readings(page: Page, portal: SandboxServer, **options: Any) -> FormEntry:
    """The readings of a form with saved grades, drawn."""
    portal.control.options(**options)
    order = jobs(portal)[0]
    card = portal.world.state.locations[order.location_id].dispensers[0]
    entry = portal.control.prepare_form(order.id, card.numbers)
    await as_technician(page, portal)
    await page.goto(form_path(portal, "537"))
    await page.wait_for_selector("#iteration-0 input")
    await idle(page)
    return entry


async def asked(page: Page) -> str | None:
    """How far the page says that it is loaded; None when it does not answer."""
    try:
        async with asyncio.timeout(0.7):
            return str(await page.evaluate("document.readyState"))
    except TimeoutError:
        return None


async def titles(page: Page) -> list[str]:
    """The texts of the first five headers."""
    texts = await page.locator(f"{READINGS} .panel-header a span").all_text_contents()
    return [text.strip() for text in texts[:5]]


@pytest.mark.parametrize("kind", ["side_grade", "number", "blank"])
async def test_titles(page: Page, portal: SandboxServer, kind: str) -> None:
    entry = await readings(page, portal, reading_title=kind)
    side, first, second = entry.readings[0].side, entry.readings[0].grade, entry.readings[4].grade
    long = [*(f"{side} {first} - Reading {n}" for n in (1, 2, 3, 4)), f"{side} {second} - Reading 1"]
    wanted = {"side_grade": long, "number": [f"Reading {n}" for n in range(1, 6)], "blank": [""] * 5}
    assert await titles(page) == wanted[kind]
    await page.click("#iteration-1 .panel-header")
    await page.wait_for_selector("#iteration-1:not(.inactive)")


@pytest.mark.parametrize("element", ["link", "span", "button"])
async def test_adding_opens_the_new_reading_at_the_end_of_its_group(
    page: Page, portal: SandboxServer, element: str
) -> None:
    entry = await readings(page, portal, add_element=element, add_label="Add Reading")
    before = [reading.id for reading in entry.readings]
    await page.locator(".add-reading", has_text="Add Reading").nth(1).locator("span, button").last.click()
    await page.wait_for_selector("#iteration-8:not(.inactive)")
    now = [reading.id for reading in entry.readings]
    assert now == [*before[:8], max(now), *before[8:]] and len(now) == len(before) + 1
    assert await page.locator(READINGS).count() == len(now)


@pytest.mark.parametrize("confirm", ["popover", "modal"])
async def test_deleting_asks_first_and_renumbers(page: Page, portal: SandboxServer, confirm: str) -> None:
    entry = await readings(page, portal, confirm=confirm)
    before = [reading.id for reading in entry.readings]
    await page.click("#iteration-3 button[title='Delete item']")
    assert await page.locator(".ks-modal-mask").count() == int(confirm == "modal")
    await page.locator("button:visible", has_text="Cancel").click()
    assert await page.locator("button:visible", has_text="Remove").count() == 0
    await page.click("#iteration-3 button[title='Delete item']")
    await page.locator("button:visible", has_text="Remove").click()
    await page.wait_for_function(f"document.querySelectorAll('{READINGS}').length === {len(before) - 1}")
    assert [reading.id for reading in entry.readings] == [*before[:3], *before[4:]]
    ids = await page.locator(READINGS).evaluate_all("els => els.map(e => e.id)")
    assert ids == [f"iteration-{n}" for n in range(len(before) - 1)]


async def test_fields_may_lack_numbers_or_labels(page: Page, portal: SandboxServer) -> None:
    await readings(page, portal, reading_ids=False, flow_labels={"1": "High", "2": "Low"})
    assert await page.locator("[id^=field-]").count() == 0
    assert await page.locator("#iteration-0 .label", has_text="Start Reading").count() == 1
    assert await page.locator("label.ks-radio", has_text="High").count() == 1
    await readings(page, portal, reading_ids=True, reading_labels=False)
    assert await page.locator("#field-7").count() == 1 and await page.locator("#iteration-0 .label").count() == 0


async def test_a_stuck_page_answers_nothing_and_the_next_one_does(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    portal.control.fault("stuck_page", 1)
    other = await page.context.new_page()
    await other.goto(f"{portal.url}/app/dashboard/", wait_until="commit")
    state: str | None = "loading"
    while state == "loading":  # the page answers until its script has come
        state = await asked(other)
    assert state is None
    await other.close()
    await page.goto(f"{portal.url}/app/dashboard/")
    await page.wait_for_selector("#sidebar")


async def test_a_connection_may_stay_open_for_ever(page: Page, portal: SandboxServer) -> None:
    async with page.expect_request("**/xhr/notifications") as waiting:
        await readings(page, portal, open_connection=True)
    request = await waiting.value
    assert request.timing["responseEnd"] == -1
