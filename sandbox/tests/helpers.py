"""Small steps that the browser tests share."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from playwright.async_api import Page, Route

from sandbox.model import WorkOrder
from sandbox.server import SandboxServer

TODAY = date(2025, 6, 18)
TECH1, TECH2, TECH3 = (f"tech{n}@sandbox.invalid" for n in (1, 2, 3))
OPEN = (
    ("visit_scheduled", "scheduled||||With Scheduled Visits"),
    ("work_visit_completion", "none||No visits completed||Work Visits Completed"),
)
DONE = (("work_visit_completion", "all||All visits completed||Work Visits Completed"),)
BROWSER_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
IDLE = (
    """() => ![...document.querySelectorAll('.loader-line, .ks-spin-loading')].some((e) => e.getClientRects().length)"""
)
LIMIT = ".ks-select:has(input[name=limit])"


def browser_path() -> str | None:
    """An installed browser, the small one first; None lets Playwright use its own."""
    names = ("chromium-headless-shell", "chromium", "google-chrome", "chrome")
    return next((found for name in names if (found := shutil.which(name))), None)


async def sign_in(page: Page, email: str, password: str) -> None:
    """Fill the login form that is on the page and send it."""
    await page.fill("input[name=email]", email)
    await page.fill("input[name=password]", password)
    await page.click("input[type=submit]")


async def as_technician(page: Page, portal: SandboxServer, email: str = TECH1) -> None:
    """Give the page a live session without going through the login form."""
    session = portal.world.start_session(email)
    await page.context.add_cookies([{"name": "workfossa_session", "value": session.token, "url": portal.url}])


async def idle(page: Page) -> None:
    """Wait until no loader is visible."""
    await page.wait_for_function(IDLE)


@asynccontextmanager
async def held(page: Page, pattern: str) -> AsyncIterator[None]:
    """Hold back the answers to matching requests until the block ends."""
    release = asyncio.Event()

    async def wait(route: Route) -> None:
        await release.wait()
        await route.continue_()

    await page.route(pattern, wait)
    yield
    release.set()


async def open_list(page: Page, portal: SandboxServer, email: str = TECH1) -> None:
    """The list of open jobs, drawn."""
    await as_technician(page, portal, email)
    await page.goto(portal.list_url(OPEN, "asc"))
    await page.wait_for_selector(".work-list-item")
    await idle(page)


def jobs(portal: SandboxServer, code: str = "2861", email: str = TECH1) -> list[WorkOrder]:
    """Open jobs with a code and without forms, by date."""
    state = portal.world.state
    taken = {entry.work_id for entry in state.forms.values()}
    found = [
        order
        for order in state.work_orders.values()
        if order.technician == email and order.next_visit and code in order.codes and order.id not in taken
    ]
    return sorted(found, key=lambda order: (order.visits[0].date, order.id))


def visit_path(order: WorkOrder) -> str:
    """Address of the order's visit."""
    return f"/app/work/{order.id}/visits/{order.visits[0].id}/"


async def open_visit(page: Page, portal: SandboxServer, order: WorkOrder) -> None:
    """The visit page, drawn."""
    await as_technician(page, portal, order.technician)
    await page.goto(portal.url + visit_path(order))
    await page.wait_for_selector("li.plain-header")
    await idle(page)


async def attach(page: Page, template: str = "AccuMeasure") -> None:
    """Add one form of a type and wait for its row."""
    rows = page.locator(".form-entries > div")
    before = await rows.count()
    await page.click(f"li.plain-header:has-text('{template}') a")
    await rows.nth(before).wait_for()
    await idle(page)


async def choose(page: Page, widget: str, option: str) -> None:
    """Open a ks-select and click the option with this exact text."""
    await page.click(f"{widget} .ks-select-selection")
    await page.locator(f"{widget} li").filter(has_text=option).first.click()


def form_path(portal: SandboxServer, section: str = "") -> str:
    """Address of the newest form, of its first section or another."""
    entry = max(portal.world.state.forms.values(), key=lambda item: item.id)
    path = f"/app/work/{entry.work_id}/visits/{entry.visit_id}/form-entries/{entry.id}"
    return portal.url + path + (f"/sections/{section}" if section else "")
