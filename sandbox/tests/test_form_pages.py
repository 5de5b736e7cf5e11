"""Visits and forms in a browser: attach, bind, grades, readings, and what is written by it."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from sandbox.forms import OPEN_NECK
from sandbox.server import SandboxServer

from .helpers import TECH1, attach, choose, form_path, held, idle, jobs, open_visit, visit_path

pytestmark = pytest.mark.asyncio(loop_scope="module")
EQUIPMENT = ".form-entry-equipment"
SAVE = "button.button.vault-button.save-section"
READINGS = "[id^=iteration-]"


async def new_form(page: Page, portal: SandboxServer, code: str = "2861", template: str = "AccuMeasure") -> None:
    """A fresh form's first section, drawn."""
    await open_visit(page, portal, jobs(portal, code)[0])
    await attach(page, template)
    await page.goto(form_path(portal))
    await page.wait_for_selector(EQUIPMENT)
    await idle(page)


async def bind(page: Page, label: str = "1/2") -> None:
    """Choose a dispenser and 5 gallons, and save."""
    await choose(page, EQUIPMENT, label)
    await page.click("label.ks-radio:has-text('5 Gallon')")
    await page.click(SAVE)
    await page.wait_for_selector("a.next-section:not(.disabled)")
    await idle(page)


async def headers(page: Page) -> list[str]:
    """Texts of the item headers."""
    return [text.strip() for text in await page.locator(f"{READINGS} .panel-header a span").all_text_contents()]


async def test_attach_turns_into_new_and_counts(page: Page, portal: SandboxServer) -> None:
    order = jobs(portal)[0]
    await open_visit(page, portal, order)
    header = page.locator("div[dusk=suggested_forms] li.plain-header", has_text="AccuMeasure")
    assert (await header.locator("span.text-sm").inner_text()).strip() == "AccuMeasure"
    assert await header.locator("a[title*=Attach]").inner_text() == "Attach"
    await attach(page)
    assert (await header.locator("span.text-sm").inner_text()).strip() == "(1) AccuMeasure"
    assert (await header.locator("a.text-xs:has(svg.fa-plus)").inner_text()).strip() == "New"
    await attach(page)
    assert (await header.locator("span.text-sm").inner_text()).strip() == "(2) AccuMeasure"
    assert page.url == portal.url + visit_path(order)
    rows = page.locator(".form-entries > div > div[data-v-3785725c].row.flex.align-center")
    assert await rows.count() == 2
    for index in range(2):
        links = await rows.nth(index).locator("a.none").evaluate_all("els => els.map(e => e.getAttribute('href'))")
        assert len(links) == 2 and len(set(links)) == 1 and "/form-entries/" in links[0]
        assert (await rows.nth(index).locator(".ks-badge span").inner_text()).strip() == "In Progress"
        assert await rows.nth(index).locator(".ellipsis").count() == 0
    counts = portal.control.counts()
    assert counts["kinds"] == {"create_form": 2} and counts["users"] == {TECH1: 2}
    assert {row["template"] for row in portal.control.state()["forms"].values()} == {"AccuMeasure"}


async def test_a_click_while_the_loader_shows_creates_nothing(page: Page, portal: SandboxServer) -> None:
    await open_visit(page, portal, jobs(portal)[0])
    link = page.locator("li.plain-header:has-text('AccuMeasure') a")
    async with held(page, "**/forms"):
        await link.click()
        await link.click()
        await link.dispatch_event("click")
    await page.wait_for_selector(".form-entries .row")
    await idle(page)
    assert portal.control.counts()["kinds"] == {"create_form": 1}


async def test_the_first_section_binds_and_unlocks_next(page: Page, portal: SandboxServer) -> None:
    await new_form(page, portal)
    order = jobs(portal, "2861")
    entry = max(portal.world.state.forms.values(), key=lambda item: item.id)
    cards = portal.world.cards(entry)
    assert order and await page.locator(f"{EQUIPMENT} .ks-select-selection").inner_text() != cards[0].title
    await page.locator(f"{EQUIPMENT} li").nth(len(cards) - 1).wait_for(state="attached")
    options = [text.strip() for text in await page.locator(f"{EQUIPMENT} li").all_text_contents()]
    assert options == [card.title for card in cards]
    assert await page.locator("a.next-section.disabled").count() == 1
    await page.click("a.next-section")
    assert "/sections/" not in page.url
    await bind(page, f"{cards[1].numbers} -")
    assert entry.equipment_id == cards[1].id and entry.prover_size == "1"
    assert await page.locator("label.ks-radio.ks-state-active input[name='field[4855]'][value='1']").count() == 1
    await page.reload()
    await page.wait_for_selector("a.next-section:not(.disabled)")
    assert (await page.locator(f"{EQUIPMENT} .ks-select-selection").inner_text()).strip() == cards[1].title
    await page.goto(portal.url + visit_path(portal.world.state.work_orders[entry.work_id]))
    bound = page.locator(".form-entries .text-sm.ml-0\\.5.mt-0\\.5 .ellipsis")
    await bound.wait_for()
    assert (await bound.inner_text()).strip() == cards[1].plain_title and " - " not in cards[1].plain_title


async def test_an_incomplete_save_is_stored_and_says_what_is_missing(page: Page, portal: SandboxServer) -> None:
    await new_form(page, portal)
    assert await page.locator(".error-msg.show-msg").count() == 0
    await page.click(SAVE)
    await page.wait_for_selector(".error-msg.show-msg")
    errors = await page.locator(".error-msg.show-msg").all_inner_texts()
    assert errors == ["Equipment field is required.", "Prover Size field is required."]
    assert await page.locator("a.next-section:not(.disabled)").count() == 1
    assert portal.control.counts()["kinds"] == {"create_form": 1, "save_section": 1}
    await bind(page, "1/2 -")
    await page.wait_for_function("!document.querySelector('.error-msg.show-msg')")


async def test_one_grade_is_open_and_only_it_has_inputs(page: Page, portal: SandboxServer) -> None:
    await new_form(page, portal)
    await bind(page)
    await page.click("a.next-section")
    await page.wait_for_selector("#iteration-0 input")
    entry = max(portal.world.state.forms.values(), key=lambda item: item.id)
    grades = [item.grade for item in entry.grades]
    assert page.url.endswith("/sections/536") and await headers(page) == [f"{grade}:" for grade in grades]
    for index in range(len(grades)):
        await page.click(f"#iteration-{index} .panel-header a")
        item = page.locator(f"#iteration-{index}")
        assert await page.locator(".panel-body:visible").count() == 1
        assert await page.locator("input[name='field[4857]']").count() == 2
        assert await item.locator("label.ks-state-active input[name='field[4858]'][value='1']").count() == 1
        assert await item.locator("label.ks-state-active input[name='field[4857]']").count() == 0
        await item.locator("label.ks-radio:has(input[name='field[4857]'])", has_text="No" if index else "Yes").click()
        await choose(page, f"#iteration-{index}", portal.world.technician(TECH1).provers[index % 3].prover_id)
        await item.locator("button.save-section").click()
        await idle(page)
        assert await item.locator(".error-msg.show-msg").count() == 0
    meters = ["1"] + ["2"] * (len(grades) - 1)
    assert [(item.has_meter, item.fill, item.saved) for item in entry.grades] == [(m, "1", True) for m in meters]
    assert all(
        portal.world.technician(TECH1).provers[i % 3].prover_id in str(g.prover) for i, g in enumerate(entry.grades)
    )
    writes = [write for write in portal.control.writes() if write["section"] == "536"]
    assert [write["iteration"] for write in writes] == list(range(len(grades)))
    await page.reload()
    await page.wait_for_selector("#iteration-0 label.ks-state-active input[name='field[4857]'][value='1']")
    shown = await page.locator("#iteration-0 .ks-select-selection").inner_text()
    assert portal.world.technician(TECH1).provers[0].prover_id in shown


async def test_unsaved_choices_of_a_closed_item_are_kept_on_screen_only(page: Page, portal: SandboxServer) -> None:
    await new_form(page, portal)
    await bind(page)
    await page.goto(form_path(portal, "536"))
    await page.check("#iteration-0 input[name='field[4857]'][value='2']")
    await page.click("#iteration-1 .panel-header a")
    await page.click("#iteration-0 .panel-header a")
    assert await page.locator("#iteration-0 input[name='field[4857]'][value='2']").is_checked()
    assert all(not item.saved for item in max(portal.world.state.forms.values(), key=lambda e: e.id).grades)
    await page.reload()
    await page.wait_for_selector("#iteration-0 input")
    assert await page.locator("#iteration-0 input[name='field[4857]']:checked").count() == 0


async def test_readings_are_pre_created_opened_added_and_removed(page: Page, portal: SandboxServer) -> None:
    await new_form(page, portal)
    await bind(page)
    entry = max(portal.world.state.forms.values(), key=lambda item: item.id)
    await page.goto(form_path(portal, "537"))
    await page.wait_for_selector("#iteration-0 input")
    count = 2 * 4 * len(entry.grades)
    assert await page.locator(READINGS).count() == count == len(entry.readings)
    assert await page.locator(".form-entry-section:not(.inactive)").count() == 1
    assert await page.locator("a.next-section").count() == 0
    assert (await page.locator("#iteration-0 .ks-select-selection").inner_text()).strip() == "- Procedure -"
    await choose(page, "#iteration-0", "Wet Down")
    await page.check("#iteration-0 input[name='field[4866]'][value='1']")
    await page.fill("#field-7 input[name=field_0]", "0")
    await page.click("#iteration-1 .panel-header a")
    await page.wait_for_selector("#iteration-1:not(.inactive)")
    assert await page.locator("#iteration-0 .panel-body").count() == 0
    await page.locator("span", has_text="+ Add Reading").first.click()
    await page.wait_for_function(f"document.querySelectorAll('{READINGS}').length === {count + 1}")
    assert await page.locator("#iteration-4:not(.inactive)").count() == 1
    await idle(page)
    await page.click("#iteration-8 button[title='Delete item']")
    await page.click("text=Remove this reading >> xpath=.. >> button:has-text('Cancel')")
    assert await page.locator(READINGS).count() == count + 1
    await page.click("#iteration-8 button[title='Delete item']")
    await page.locator("span", has_text="Remove").last.click()
    await page.wait_for_function(f"document.querySelectorAll('{READINGS}').length === {count}")
    ids = await page.locator(READINGS).evaluate_all("els => els.map(e => e.id)")
    assert ids == [f"iteration-{n}" for n in range(count)]
    kinds = portal.control.counts()["kinds"]
    assert kinds == {"create_form": 1, "save_section": 1, "add_reading": 1, "delete_reading": 1}
    await idle(page)
    await page.click(SAVE)
    await page.wait_for_selector("text=Variance field is required.")
    assert (entry.readings[0].procedure, entry.readings[0].flow, entry.readings[0].start) == ("Wet Down", "1", "0")
    assert portal.control.counts()["sections"][f"{entry.id}/537"] == 1


@pytest.mark.parametrize("autosave", [False, True])
async def test_opening_another_reading_stores_the_left_one_only_with_autosave(
    page: Page, portal: SandboxServer, autosave: bool
) -> None:
    portal.control.options(autosave=autosave)
    await new_form(page, portal)
    await bind(page)
    await page.goto(form_path(portal, "537"))
    await page.fill("#field-9 input[name=field_0]", ".0001")
    await page.click("#iteration-1 .panel-header a")
    await page.wait_for_selector("#iteration-1:not(.inactive)")
    entry = max(portal.world.state.forms.values(), key=lambda item: item.id)
    assert entry.readings[0].end == (".0001" if autosave else "")
    assert portal.control.counts()["kinds"].get("autosave_reading", 0) == int(autosave)
    await page.click("#iteration-0 .panel-header a")
    await page.wait_for_selector("#iteration-0:not(.inactive)")
    assert await page.input_value("#field-9 input[name=field_0]") == ".0001"


async def test_the_open_neck_form_has_its_own_sections_and_blend_ratios(page: Page, portal: SandboxServer) -> None:
    await new_form(page, portal, "3146", OPEN_NECK)
    await bind(page)
    assert await page.locator("input[name='field[5460]']").count() == 3
    await page.click("a.next-section")
    await page.wait_for_selector("#iteration-0 input")
    assert page.url.endswith("/sections/570")
    assert await page.locator("input[name='field[5463]']").count() == 0
    assert await page.locator("text=Blend Ratio").count() == 0
    await page.check("#iteration-0 input[name='field[5462]'][value='1']")
    await page.fill("input[name=field_5]", "100")
    await page.fill("input[name=field_6]", "100")
    await page.click("#iteration-0 button.save-section")
    await page.wait_for_selector("text=Prover field is required.")
    await page.check("#iteration-0 input[name='field[5462]'][value='2']")
    assert await page.locator("text=Blend Ratio").count() == 0
    entry = max(portal.world.state.forms.values(), key=lambda item: item.id)
    assert (entry.grades[0].blend_a, entry.grades[0].has_meter) == ("100", "1")
    await page.click("a.next-section")
    await page.wait_for_url("**/sections/571")
    await page.wait_for_selector("#iteration-0 input[name='field[5471]']")
    assert await page.locator(READINGS).count() == len(entry.readings) == 2 * len(entry.grades)
    assert await page.locator("#field-5 input[name=field_0]").count() == 1


@pytest.mark.parametrize("load", ["mount", "open"])
async def test_options_arrive_late(page: Page, portal: SandboxServer, load: str) -> None:
    portal.control.options(options_load=load, equipment_label="plain", grade_header="prefixed", new_label="+ New")
    async with held(page, "**/options/equipment"):
        await new_form(page, portal)
        assert await page.locator(f"{EQUIPMENT} li").count() == 0
        await page.click(f"{EQUIPMENT} .ks-select-selection")
        assert await page.locator(f"{EQUIPMENT} .loader-line:visible").count() == 1
    await page.locator(f"{EQUIPMENT} li").first.wait_for()
    assert " - " not in await page.locator(f"{EQUIPMENT} li").first.inner_text()


async def test_the_badge_says_complete(page: Page, portal: SandboxServer) -> None:
    order = jobs(portal)[0]
    card = portal.world.state.locations[order.location_id].dispensers[0]
    portal.control.prepare_form(order.id, card.numbers, readings=True, complete=True)
    portal.control.prepare_form(order.id)
    await open_visit(page, portal, order)
    badges = [text.strip() for text in await page.locator(".form-entries .ks-badge span").all_inner_texts()]
    assert badges == ["Complete", "In Progress"] and portal.control.counts()["writes"] == 0


async def test_a_visit_of_somebody_else_is_not_found(page: Page, portal: SandboxServer) -> None:
    order = jobs(portal)[0]
    await open_visit(page, portal, order)
    portal.control.schedule.reassign(order.id, "tech2@sandbox.invalid")
    await page.click("li.plain-header:has-text('AccuMeasure') a")
    await page.wait_for_selector(".toast-message")
    await page.reload()
    await page.wait_for_selector("text=Could not find this visit.")
    assert portal.control.counts()["writes"] == 0
