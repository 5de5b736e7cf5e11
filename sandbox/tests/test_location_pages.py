"""A store's page: tabs, groups that open on demand, cards, the modal, a deleted store; and the fleet page."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from sandbox.model import Location
from sandbox.server import SandboxServer

from .helpers import TECH1, as_technician, held, idle, jobs

pytestmark = pytest.mark.asyncio(loop_scope="module")
TOGGLE = ".group-heading:has-text('Dispenser') a.ml-1"
CARDS = ".mt-4:has(.group-heading:has-text('Dispenser')) > div[style] > div.py-1\\.5"


def store(portal: SandboxServer, code: str = "2861") -> Location:
    """A store without a covering modal."""
    places = [portal.world.state.locations[order.location_id] for order in jobs(portal, code)]
    return next(place for place in places if not place.modal)


async def open_tab(page: Page, portal: SandboxServer, location: Location) -> None:
    """The Equipment tab, loaded."""
    await as_technician(page, portal)
    await page.goto(f"{portal.url}/app/customers/locations/{location.id}/")
    await page.wait_for_selector(".location-title")
    await idle(page)
    await page.click("ul.tabs-title-bar >> text=Equipment")
    await page.wait_for_selector(".active-tab[dusk='equipment-tab']")
    await page.wait_for_selector(TOGGLE)
    await idle(page)


async def test_cards_are_there_only_while_expanded(page: Page, portal: SandboxServer) -> None:
    location = store(portal)
    await open_tab(page, portal, location)
    toggle = page.locator(TOGGLE)
    assert " ".join((await toggle.inner_text()).split()) == f"Dispenser ({len(location.dispensers)})"
    assert await toggle.get_attribute("title") == "Show equipment" and await page.locator(CARDS).count() == 0
    await toggle.click()
    assert await toggle.get_attribute("title") == "Hide equipment"
    assert await page.locator(CARDS).count() == len(location.dispensers)
    assert await toggle.locator("svg.rotate[data-icon=chevron-up]").count() == 1
    add = page.locator("text=Add Dispenser")
    assert str(await add.get_attribute("href")).endswith(f"?location_id={location.id}&equipment_type_id=3")
    await toggle.click()
    assert await toggle.get_attribute("title") == "Show equipment" and await page.locator(CARDS).count() == 0
    assert await page.locator(".group-heading").count() >= 2


async def test_a_card_has_title_lines_and_fields(page: Page, portal: SandboxServer) -> None:
    location = next(
        place
        for place in (portal.world.state.locations[order.location_id] for order in jobs(portal))
        if not place.modal and any(card.model is None or not card.serial for card in place.dispensers)
    )
    await open_tab(page, portal, location)
    await page.click(TOGGLE)
    for index, card in enumerate(location.dispensers):
        shown = page.locator(CARDS).nth(index)
        title = await shown.locator(".px-2 > .flex > div").evaluate("e => e.firstChild.textContent.trim()")
        assert title == card.title
        assert (await shown.locator(".muted.text-tiny").inner_text()).strip() == f"S/N: {card.serial}".strip()
        lines = [
            " ".join(t.split()) for t in await shown.locator("div.text-tiny:not(.muted) > div").all_text_contents()
        ]
        assert lines == [f"Make: {card.make}", *([f"Model: {card.model}"] if card.model else [])]
        labels = [t.strip() for t in await shown.locator(".custom-fields-view .muted").all_text_contents()]
        values = [t.strip() for t in await shown.locator(".custom-fields-view .mt-1").all_text_contents()]
        assert dict(zip(labels, values, strict=True)) == card.fields


async def test_a_click_before_the_tab_is_ready_is_lost(page: Page, portal: SandboxServer) -> None:
    location = store(portal)
    await as_technician(page, portal)
    await page.goto(f"{portal.url}/app/customers/locations/{location.id}/")
    await page.wait_for_selector(".location-title")
    async with held(page, "**/equipment"):
        await page.click("ul.tabs-title-bar >> text=Equipment")
        await page.click(TOGGLE)
        assert await page.locator(".tab-loader .loader-line:visible").count() == 1
    await idle(page)
    assert await page.locator(TOGGLE).get_attribute("title") == "Show equipment"
    await page.click(TOGGLE)
    assert await page.locator(CARDS).count() == len(location.dispensers)


async def test_the_first_click_may_be_lost_later_too(page: Page, portal: SandboxServer) -> None:
    portal.control.fault("lost_hydration")
    await open_tab(page, portal, store(portal))
    await page.click(TOGGLE)
    assert await page.locator(TOGGLE).get_attribute("title") == "Show equipment"
    await page.click(TOGGLE)
    assert await page.locator(TOGGLE).get_attribute("title") == "Hide equipment"


async def test_a_modal_covers_the_tab_until_cancelled(page: Page, portal: SandboxServer) -> None:
    location = next(place for place in portal.world.state.locations.values() if place.modal and not place.deleted)
    await as_technician(page, portal)
    await page.goto(f"{portal.url}/app/customers/locations/{location.id}/")
    cancel = page.locator("button", has_text="Cancel")
    await cancel.wait_for()
    covered = "() => document.elementFromPoint(960, 400).closest('.ks-modal-mask') !== null"
    assert await page.evaluate(covered)
    await cancel.click()
    assert not await page.evaluate(covered)
    await page.click("ul.tabs-title-bar >> text=Equipment")
    await page.wait_for_selector(TOGGLE)


async def test_a_deleted_store_says_so(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    await page.goto(f"{portal.url}/app/customers/locations/{portal.world.state.deleted_location_id}/")
    text = "Could not find this location. It may have been deleted."
    await page.wait_for_selector(f"text={text}")
    assert await page.locator("ul.tabs-title-bar").count() == 0


async def test_the_fleet_page_lists_the_provers(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    await page.goto(f"{portal.url}/app/fleet-inventory")
    await page.click("ul.tabs-title-bar li a[href='#Equipment']")
    rows = page.locator(".equipment-list li:not(.header-row)")
    await rows.first.wait_for()
    provers = portal.world.technician(TECH1).provers
    assert await rows.count() == len(provers) + 1
    for index, prover in enumerate(provers):
        text = " ".join(str(await rows.nth(index).text_content()).split())
        assert text == (
            f"Next Calibration: {prover.next_calibration:%m/%d/%Y} {prover.prover_id} "
            f"Seraphin Prover ({prover.size}) S/N: {prover.serial} Make: {prover.make}"
        )
