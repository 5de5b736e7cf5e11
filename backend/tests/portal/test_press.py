"""Clicks: real ones that hit what they are meant for, or nothing at all."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page
from playwright.async_api import TimeoutError as PlaywrightTimeout

from app.portal.launch import PortalBrowser
from app.portal.waits import page_script, press

_PAGE = """<body style="margin: 0; height: 4000px">
<button id="save" style="position: absolute; left: 20px; top: 20px; width: 80px; height: 40px"><span>Save</span></button>
<button id="deep" style="position: absolute; left: 20px; top: 3000px">Deep</button>
<script>
  window.hits = [];
  for (const type of ["mousedown", "mouseup", "click"])
    addEventListener(type, (event) => hits.push([type, event.target.closest("[id]")?.id, event.isTrusted]));
</script></body>"""
_COVER = """() => {
  const cover = document.createElement("div");
  cover.id = "cover";
  cover.style = "position: fixed; inset: 0";
  document.body.append(cover);
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def page(browser: PortalBrowser) -> AsyncIterator[Page]:
    async with browser.open_session() as session:
        session.page.set_default_timeout(700)
        await session.page.set_content(_PAGE)
        await session.page.evaluate(page_script())
        yield session.page


async def _hits(page: Page) -> list[list[object]]:
    hits: list[list[object]] = await page.evaluate("() => window.hits")
    return hits


@pytest.mark.parametrize("target", ["save", "deep"])
async def test_a_click_is_a_real_one_wherever_the_target_is(page: Page, target: str) -> None:
    await press(page, page.locator(f"#{target}"))
    assert await _hits(page) == [[kind, target, True] for kind in ("mousedown", "mouseup", "click")]


async def test_a_second_click_is_as_good_as_the_first(page: Page) -> None:
    for _ in range(2):
        await press(page, page.locator("#save"))
    assert len(await _hits(page)) == 6


async def test_a_covered_target_is_not_clicked_and_neither_is_what_covers_it(page: Page) -> None:
    await page.evaluate(_COVER)
    with pytest.raises(PlaywrightTimeout):
        await press(page, page.locator("#save"))
    assert await _hits(page) == []


@pytest.mark.parametrize(
    "change",
    [
        "() => document.getElementById('save').setAttribute('disabled', '')",
        "() => { document.getElementById('save').style.display = 'none' }",
        "() => document.getElementById('save').animate([{left: '20px'}, {left: '900px'}], 60000)",
    ],
)
async def test_what_is_not_plain_is_left_to_the_driver(page: Page, change: str) -> None:
    await page.evaluate(change)
    with pytest.raises(PlaywrightTimeout):
        await press(page, page.locator("#save"))
    assert await _hits(page) == []


async def test_a_click_that_would_hit_something_else_by_now_is_swallowed(page: Page) -> None:
    point = await page.locator("#save").evaluate("(node) => window.__fossawork.aim(node)")
    await page.evaluate(_COVER)
    await page.mouse.click(point["x"], point["y"])
    assert await _hits(page) == []
    await page.mouse.click(point["x"], point["y"])  # only the one click is guarded, a person's next one is not
    assert [hit[1] for hit in await _hits(page)] == ["cover"] * 3
