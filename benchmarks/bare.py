"""The bare limit: the fewest page loads and clicks that do the job, in plain Playwright, with nothing around them.

It waits as briefly as can be (a mutation observer answers in the page), reads nothing back, records nothing and knows
no error. It runs in a process of its own: ``python -m benchmarks.bare JOB URL …`` prints its seconds, browser included.
"""

import asyncio
import json
import re
import subprocess
import sys
import time
from typing import Any

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

from app.config import get_settings
from app.portal.browser import find_browser, is_root, launch_arguments, own_download
from app.portal.settings import PortalSettings
from benchmarks.portal import PASSWORD, ROOT, TECHNICIAN, child_environment

_OPEN = "?work_visit_completion=none%7C%7CNo%20visits%20completed%7C%7CWork%20Visits%20Completed&order_direction=asc"
_UNTIL = """(condition) => new Promise((resolve) => {
  const idle = () => ![...document.querySelectorAll(".loader-line, .ks-spin-loading")].some((e) => e.getClientRects().length);
  const met = new Function("idle", `return ${condition}`);
  const look = () => { const value = document.body && met(idle); if (value) { watcher.disconnect(); resolve(value === true || String(value)); } };
  const watcher = new MutationObserver(look);
  watcher.observe(document, { subtree: true, childList: true, attributes: true });
  look();
})"""
_FORM_TYPE = "AccuMeasure"
_PROVER = "li:first-child"
_METERED = (True, True, False, False, True)  # Regular, Super, Plus, Premium, Diesel: the portal's order
_FIVE = (("Wet Down", 1), ("First Run", 1), ("Calibration Retest", 1), ("Retest", 1), ("Meter Sealed", 2))


async def _until(page: Page, condition: str) -> Any:
    return await page.evaluate(_UNTIL, condition)


async def _sign_in(page: Page, url: str) -> None:
    await page.goto(url, wait_until="commit")
    await page.fill('input[name="email"]', TECHNICIAN)
    await page.fill('input[name="password"]', PASSWORD)
    async with page.expect_navigation(wait_until="commit"):
        await page.click('.login-form [type="submit"]')


async def _context(browser: Browser, url: str, state: Any = None) -> BrowserContext:
    size = PortalSettings().viewport
    viewport: Any = {"width": size[0], "height": size[1]} if size else None
    return await browser.new_context(base_url=url, viewport=viewport, storage_state=state)


async def sync(browser: Browser, url: str, _: str, __: Any) -> int:
    """The list (all on one page), then every location's cards; answers how many locations."""
    page = await (await _context(browser, url)).new_page()
    await _sign_in(page, url)
    await page.goto(f"/app/work/list{_OPEN}", wait_until="commit")
    await _until(page, "idle() && document.querySelector('.work-list-item')")
    await page.click('.ks-select:has(input[name="limit"]) .ks-select-selection')
    await page.locator('.ks-select:has(input[name="limit"]) li', has_text="Show 100").click()
    await _until(page, "idle() && document.querySelectorAll('.work-list-item').length > 25")
    found = re.findall(r'href="(/app/customers/locations/\d+/)"', await page.content())
    places = list(dict.fromkeys(found))
    for place in places:
        await page.goto(place, wait_until="commit")
        tab = "document.querySelector('[dusk=equipment-tab]')"
        if (
            await _until(page, f"idle() && {tab} && (document.querySelector('.ks-modal-mask') ? 'modal' : 'tab')")
            == "modal"
        ):
            await page.click(".ks-modal-mask .secondary")  # some locations greet with a dialog over the page
        await page.click("[dusk=equipment-tab]")
        await _until(page, "idle() && document.querySelector('.group-heading a.ml-1')")
        await page.locator(".group-heading a.ml-1").first.click()
        await _until(page, "idle() && document.querySelector('.custom-fields-view')")
        await page.content()
    return len(places)


async def forms(browser: Browser, url: str, path: str, state: Any) -> int:
    """Adds and fills as many forms as are asked for; answers how many. Signed in by an earlier session's cookies."""
    context = await _context(browser, url, state["cookies"])
    visit, page = await context.new_page(), await context.new_page()
    await visit.goto(path, wait_until="commit")
    await _until(visit, "idle() && document.querySelector('[dusk=suggested_forms] .plain-header')")
    header = visit.locator("[dusk=suggested_forms] .plain-header", has_text=_FORM_TYPE).first
    for number in range(state["dispensers"]):
        await header.locator("a").click()
        await _until(visit, f"idle() && document.querySelectorAll('.form-entry-label').length > {number}")
        link = visit.locator(".form-entries a.none").last
        await _fill(page, str(await link.get_attribute("href")), number)
        if state["readings"]:
            await _readings(page)
    return int(state["dispensers"])


async def _readings(page: Page) -> None:
    """The readings of Wawa's five grades (Portal spec §5.5), by counting, as one who knows that nobody was here before."""
    await page.click("a.next-section")
    await _until(
        page,
        "idle() && document.querySelector('.add-reading') && document.querySelector('#iteration-0 .panel-body input')",
    )
    index = 0
    for group in range(2 * len(_METERED)):
        metered = _METERED[group % len(_METERED)]
        for number, (procedure, flow) in enumerate(_FIVE if metered else _FIVE[:2]):
            if number == 4:
                await page.locator(".add-reading a").nth(group).click()
                await _until(
                    page, f"idle() && {_open_panel(index)} && document.querySelectorAll('.add-reading').length"
                )
            elif index:
                await page.click(f"#iteration-{index} .panel-header a")
                await _until(page, f"idle() && {_open_panel(index)}")
            await _reading(page, index, procedure, flow, metered=metered)
            index += 1
        for _ in range(0 if metered else 2):
            count = await page.locator(".form-entry-section").count()
            await page.click(f'#iteration-{index} [title="Delete item"]')
            await page.locator("button", has_text=re.compile(r"^\s*Remove\s*$")).click()
            await _until(page, f"idle() && document.querySelectorAll('.form-entry-section').length < {count}")
    async with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
        await page.click("button.save-section")
    await (await saved.value).finished()
    await _until(page, "idle()")


def _open_panel(index: int) -> str:
    return f"document.querySelector('#iteration-{index} .panel-body input')"


async def _reading(page: Page, index: int, procedure: str, flow: int, *, metered: bool) -> None:
    panel = f"#iteration-{index}"
    await page.click(f"{panel} .ks-select-selection")
    await page.locator(f"{panel} .ks-select li", has_text=re.compile(rf"^\s*{procedure}\s*$")).click()
    await page.click(f"{panel} label:has(input[type=radio][value='{flow}'])")
    await page.fill(f"{panel} #field-7 input", "0")
    for field, value in () if metered else ((3, "0"), (6, "3"), (8, "0"), (9, ".0001")):
        await page.fill(f"{panel} #field-{field} input", value)


async def _fill(page: Page, href: str, number: int) -> None:
    await page.goto(href, wait_until="commit")
    await _until(page, "idle() && document.querySelector('.form-entry-equipment .ks-select')")
    await page.click(".form-entry-equipment .ks-select-selection")
    await _until(page, f"idle() && document.querySelectorAll('.form-entry-equipment li').length > {number}")
    await page.locator(".form-entry-equipment li").nth(number).click()
    await page.click("label.ks-radio:has-text('5 Gallon')")
    await page.click("button.save-section")
    await _until(page, "idle() && document.querySelector('a.next-section:not(.disabled)')")
    await page.click("a.next-section")
    await page.wait_for_url("**/sections/*", wait_until="commit")
    await _until(page, "idle() && document.querySelector('#iteration-0 .panel-body input')")
    for index in range(await page.locator(".form-entry-section").count()):
        panel = f"#iteration-{index}"
        if index:
            await page.click(f"{panel} .panel-header a")
        await page.click(f"{panel} .form-field:has-text('Has Meter') label.ks-radio:has-text('Yes')")
        await page.click(f"{panel} .ks-select-selection")
        await _until(page, f"idle() && document.querySelector('{panel} .ks-select li')")
        await page.click(f"{panel} .ks-select {_PROVER}")
        async with page.expect_response(lambda answer: answer.request.method == "POST") as saved:
            await page.click(f"{panel} button.save-section")
        await (await saved.value).finished()
        await _until(page, "idle()")


async def cookies(url: str) -> Any:
    """Signs in once and answers the browser's state."""
    async with async_playwright() as driver:
        browser = await launch(driver)
        context = await _context(browser, url)
        await _sign_in(await context.new_page(), url)
        state = await context.storage_state()
        await browser.close()
        return state


async def launch(driver: Playwright, settings: PortalSettings | None = None) -> Browser:
    """The same browser as the product's, started in the same way."""
    bundled = own_download(driver.chromium.executable_path)
    return await driver.chromium.launch(
        executable_path=find_browser(get_settings().browser, bundled=bundled).path or bundled,
        args=launch_arguments(settings or PortalSettings()),
        chromium_sandbox=not is_root(),
    )


async def _measure(job: str, url: str, path: str, dispensers: int) -> dict[str, float]:
    state: Any = None
    if job != "sync":
        state = {"cookies": await cookies(url), "dispensers": dispensers, "readings": job == "readings"}
    started = time.perf_counter()
    async with async_playwright() as driver:
        browser = await launch(driver)
        done = await {"sync": sync, "forms": forms, "readings": forms}[job](browser, url, path, state)
        await browser.close()
    return {"seconds": time.perf_counter() - started, "done": done}


def run_bare(job: str, url: str, path: str = "/", dispensers: int = 0) -> dict[str, float]:
    """Runs the bare script in its own process; its ``seconds`` and what it has ``done`` (locations or forms)."""
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.bare", job, url, path, str(dispensers)],
        cwd=ROOT,
        env=child_environment(),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=900,
    )
    answer: dict[str, float] = json.loads(finished.stdout)
    return answer


if __name__ == "__main__":
    _job, _url, _path, _dispensers = sys.argv[1:]
    print(json.dumps(asyncio.run(_measure(_job, _url, _path, int(_dispensers)))))
