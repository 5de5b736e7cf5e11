"""The work list in a browser: skeleton, ks-select, paginators, pages, badges."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page

from sandbox.server import SandboxServer

from .helpers import LIMIT, OPEN, TECH1, TECH2, as_technician, idle, jobs, open_list

pytestmark = pytest.mark.asyncio(loop_scope="module")
ROWS = ".work-list-item"


async def texts(page: Page, selector: str) -> list[str]:
    """Text of all matches, trimmed."""
    return [text.strip() for text in await page.locator(selector).all_text_contents()]


async def row_ids(page: Page) -> list[str]:
    """Work ids of the rows by their class."""
    classes = await page.locator(ROWS).evaluate_all("els => els.map(e => e.className)")
    return [re.search(r"w-(\d+)", name)[1] for name in classes]  # type: ignore[index]


async def test_the_skeleton_is_the_recorded_one(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal)
    assert await page.locator(f"div[data-v-a381df7b] > div[data-v-a381df7b].row.py-2{ROWS}").count() == 25
    shades = await page.locator(f"div:has(> {ROWS})").evaluate_all("els => els.map(e => e.className)")
    assert shades == ["bg-gray-50", ""] * 12 + ["bg-gray-50"]
    assert await page.locator("table").count() == 1 and await page.locator("table tr").count() == 0
    assert not await page.locator("table").is_visible()
    assert await page.locator(".ks-select-selection").count() == 3
    assert await page.locator(".paginator-wrapper").count() == 2
    assert await page.locator("#work-order-search-bar input[name=search_term]").count() == 1
    assert len(await texts(page, "li[dusk$=_filters]")) == 8
    assert await page.locator(".loader-line").count() > 5
    assert await page.locator(".loader-line:visible").count() == 0
    assert "display: none" in str(await page.locator(".list-loader .loader-line").get_attribute("style"))
    badges = [" ".join(text.split()) for text in await texts(page, ".active-search-filters > .ks-badge.info")]
    assert badges == ["With Scheduled Visits \u00d7", "Work Visits Completed: No visits completed \u00d7"]
    assert "<!---->" in await page.locator(ROWS).first.evaluate("e => e.outerHTML")


async def test_a_row_carries_what_the_world_holds(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal)
    shown_ids = await row_ids(page)
    order = next(o for o in jobs(portal) if "3006" in o.codes and str(o.id) in shown_ids)
    location = portal.world.state.locations[order.location_id]
    row = page.locator(f".w-{order.id}")
    assert (await row.locator(".ks-checkbox-label-wrapper > a").inner_text()).strip() == f"W-{order.id}"
    title = await row.locator(".work-creator").get_attribute("title")
    created = rf"^Created by: {order.created_by}  \d\d/\d\d/\d{{4}} \d\d:\d\d[ap]m$"
    assert title and re.match(created, title)
    lines = await row.locator(".address-info > div > div").all_text_contents()
    assert lines[0].strip() == location.street and lines[-1].strip() == location.county
    assert lines[0].startswith("\n   ") and len(lines) == (4 if location.intersection else 3)
    group = row.locator(".text-xs.mb-2", has_text="Meter Calibration")
    assert await group.locator(".flex.align-center").count() == 2
    visit = order.visits[0]
    link = row.locator("a[title='Next Visit']")
    assert await link.get_attribute("href") == f"/app/work/{order.id}/visits/{visit.id}/"
    assert visit.date.strftime("%m/%d/%Y") in await link.inner_text() and "(anytime)" in await link.inner_text()
    tooltip = row.locator(".ks-tooltip span.pre-wrap")
    assert await tooltip.text_content() == order.instructions and not await tooltip.is_visible()
    shown = str(await row.locator("div > span.text-sm.pre-wrap").text_content())
    more = row.locator("a", has_text="more...")
    if len(order.instructions) > 190:
        assert len(shown) < len(order.instructions) and await more.is_visible()
        await more.click()
        assert await tooltip.is_visible()
        await row.locator("a", has_text="Close").click()
    assert not await tooltip.is_visible()


async def test_unfiltered_pages_have_no_total(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    await page.goto(portal.list_url())
    await page.wait_for_selector(ROWS)
    await idle(page)
    assert await page.locator(".simple-pagination").count() == 2 and await page.locator("a.page-link").count() == 0
    assert await page.locator("text=matches").count() == 0
    assert await page.locator(".active-search-filters > *").count() == 0
    seen = await row_ids(page)
    top = page.locator(".paginator-wrapper.top")
    assert await top.locator("a.prev-page.disabled").count() == 1
    while await top.locator("a.next-page:not(.disabled)").count():
        before = await row_ids(page)
        await top.locator("a.next-page").click()
        await idle(page)
        await page.wait_for_function(f"!document.querySelector('{ROWS}.w-{before[0]}')")
        seen += await row_ids(page)
    # 64 open, 3 without a visit, 6 done and not yet closed.
    assert len(seen) == len(set(seen)) == 73
    done = page.locator(f"{ROWS}:has(.fa-circle-check)")
    if await done.count():
        assert await done.first.locator("a[title='Next Visit']").count() == 0
        assert await done.first.locator(".strike-through").count() == 1


async def test_a_hundred_per_page_still_needs_a_second_page(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal, TECH2)
    assert set(await texts(page, ".text-right.muted.text-sm.ks-padding-fix")) == {"118 matches"}
    await page.click(f"{LIMIT} .ks-select-selection")
    await page.locator(f"{LIMIT} li", has_text="Show 100").click()
    await page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 100")
    first = await row_ids(page)
    assert await texts(page, ".paginator-wrapper.top a.page-link") == ["1", "2"]
    await page.click(".paginator-wrapper.bottom a.next-page")
    await page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 18")
    assert len(set(first + await row_ids(page))) == 118
    assert await page.locator(".paginator-wrapper.top a.next-page.disabled").count() == 1
    assert await page.locator(".paginator-wrapper.top a.current-page").inner_text() == "2"
    await page.locator(f"{ROWS} >> nth=0").wait_for()


async def test_a_single_filtered_page_hides_its_page_links(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    await page.goto(portal.list_url([("work_visit_completion", "all||All visits completed||Work Visits Completed")]))
    await page.wait_for_selector(ROWS)
    assert await page.locator(".length-aware-pagination .pagination").first.get_attribute("style") == "display: none;"
    assert await page.locator(ROWS).count() == 6


async def test_the_highlight_of_a_ks_select_is_not_its_value(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal)
    selection, items = page.locator(f"{LIMIT} .ks-select-selection"), page.locator(f"{LIMIT} li")
    assert await page.locator(f"{LIMIT} select, {LIMIT} option, {LIMIT} li[value]").count() == 0
    assert await texts(page, f"{LIMIT} li") == ["Show 25", "Show 50", "Show 100"]
    assert not await items.first.is_visible()
    await selection.click()
    assert await items.first.is_visible()
    await items.nth(2).click()
    await page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 64")
    assert (await selection.inner_text()).strip() == "Show 100"
    assert await texts(page, f"{LIMIT} li.selected-item") == ["Show 25"]
    assert not await items.first.is_visible()


async def test_a_ks_select_works_by_keyboard_and_closes_outside(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal)
    await page.focus(LIMIT)
    await page.keyboard.press("Enter")
    await page.keyboard.press("ArrowDown")
    assert await texts(page, f"{LIMIT} li.selected-item") == ["Show 50"]
    await page.keyboard.press("Enter")
    await page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 50")
    await page.click(f"{LIMIT} .ks-select-selection")
    await page.click(".list-header")
    assert not await page.locator(f"{LIMIT} .ks-select-dropdown").is_visible()


async def test_the_page_size_is_remembered_when_the_portal_does_that(page: Page, portal: SandboxServer) -> None:
    portal.control.options(remember_page_size=True, url_state=True)
    await open_list(page, portal)
    await page.click(f"{LIMIT} .ks-select-selection")
    await page.locator(f"{LIMIT} li", has_text="Show 50").click()
    await page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 50")
    await page.wait_for_function("window.location.search.includes('limit=50')")
    await page.goto(portal.list_url(OPEN))
    await page.wait_for_selector(ROWS)
    assert (await page.locator(f"{LIMIT} .ks-select-selection").inner_text()).strip() == "Show 50"


async def test_order_search_and_badges(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal)
    first = (await row_ids(page))[0]
    await page.click("div[title='Descending order']")
    await page.wait_for_function(f"!document.querySelector('{ROWS}.w-{first}')")
    order = jobs(portal)[0]
    await page.fill("input[name=search_term]", f"W-{order.id}")
    await page.press("input[name=search_term]", "Enter")
    await page.wait_for_function(f"document.querySelectorAll('{ROWS}').length === 1")
    await page.click(".active-search-filters .ks-badge >> nth=0 >> a")
    await page.wait_for_url(lambda url: "visit_scheduled" not in url)
    await page.wait_for_selector(ROWS)
    assert await page.locator(".active-search-filters .ks-badge").count() == 1


async def test_show_closed_reveals_them(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    await page.goto(portal.list_url())
    await page.wait_for_selector(ROWS)
    await idle(page)
    await page.click("label.show-closed")
    await idle(page)
    async with page.expect_response(lambda answer: "show_closed=1" in answer.url) as waited:
        await page.click(".paginator-wrapper.top a.next-page")
    assert (await (await waited.value).json())["pages"] == 4


@pytest.mark.parametrize("term", ["no such thing"])
async def test_an_empty_list_says_zero_matches(page: Page, portal: SandboxServer, term: str) -> None:
    await as_technician(page, portal)
    await page.goto(portal.list_url([("search_term", term)]))
    await page.wait_for_selector(".no-results")
    assert await page.locator(ROWS).count() == 0
    assert set(await texts(page, ".ks-padding-fix")) == {"0 matches"}
    assert portal.control.requests()["kinds"]["list"] == 1
    assert portal.control.counts()["writes"] == 0 and portal.control.requests()["peak_requests"][TECH1] == 1
