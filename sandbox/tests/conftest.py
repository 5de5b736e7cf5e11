"""Fixtures: a portal per test, one browser per module, a fresh context per test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, async_playwright

from sandbox.server import SandboxServer

from .helpers import BROWSER_FLAGS, TODAY, browser_path


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    """One running portal for a module, control API on."""
    with SandboxServer(seed=7, today=TODAY, control=True) as running:
        yield running


@pytest.fixture
def portal(server: SandboxServer) -> SandboxServer:
    """The portal with the default world on a fixed day, as new."""
    server.control.reset(seed=7)
    return server


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One headless browser for a module."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=browser_path(), args=BROWSER_FLAGS)
        yield running
        await running.close()


@pytest_asyncio.fixture(loop_scope="module")
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page in a context of its own; a script error on it fails the test."""
    context = await browser.new_context(viewport={"width": 1920, "height": 1080})
    context.set_default_timeout(5000)
    opened = await context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    await context.close()
    assert errors == []
