"""A browser that hangs is closed from outside, and a person's window ends when the person closes it."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import pytest

from app.portal.errors import BrowserFailed
from app.portal.launch import PortalBrowser, open_browser
from app.portal.session import PortalSession
from app.portal.settings import PortalSettings
from app.portal.watchdog import close_hard
from backend.tests.portal.conftest import Start
from sandbox.server import SandboxServer


async def test_a_page_that_never_answers_is_given_up(
    browser: PortalBrowser, settings: PortalSettings, start: Start, portal: SandboxServer
) -> None:
    browser.settings = replace(settings, watchdog_seconds=1.0)
    began = time.monotonic()
    async with browser.open_session(storage_state=start.session) as session:
        assert session.alive

        async def hang() -> None:
            await session.page.evaluate("() => { for (;;) {} }")

        with pytest.raises(BrowserFailed) as caught:
            await session.run("work list", hang)
        assert (caught.value.code, caught.value.kind, caught.value.page) == ("watchdog", "transient", "work list")
        assert caught.value.details["seconds"] == 1.0
        assert not session.alive
    assert time.monotonic() - began < 25
    # The browser itself goes on: the next session works.
    browser.settings = settings
    async with browser.open_session(storage_state=start.session) as session:
        assert await session.is_signed_in()


async def test_an_action_in_time_is_left_alone(session: PortalSession) -> None:
    async def quick() -> int:
        return 1

    assert await session.run("work list", quick) == 1
    assert session.alive


async def test_a_deadline_of_the_action_itself_is_not_the_watchdogs(session: PortalSession) -> None:
    async def late() -> None:
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await session.run("work list", late)
    assert session.alive


async def test_closing_waits_no_longer_than_it_may(session: PortalSession, monkeypatch: pytest.MonkeyPatch) -> None:
    never = asyncio.Event()

    class Stuck:
        async def close(self) -> None:
            await never.wait()

    assert await close_hard(Stuck(), 0.1) is False  # type: ignore[arg-type]


async def test_closing_the_pages_ends_the_wait(session: PortalSession, portal: SandboxServer) -> None:
    loads: list[str] = []

    async def on_load() -> None:
        loads.append(session.page.url)

    waiting = asyncio.create_task(session.wait_closed(on_load))
    await session.goto("/app/dashboard")
    other = await session.another_page()
    await session.page.close()
    assert not waiting.done()
    await other.page.close()
    await asyncio.wait_for(waiting, 5)
    assert loads


async def test_a_browser_that_goes_ends_the_wait(settings: PortalSettings, portal: SandboxServer) -> None:
    async def on_load() -> None: ...

    async with open_browser(settings) as other, other.open_session() as session:
        waiting = asyncio.create_task(session.wait_closed(on_load))
        await session.goto("/")
        assert session.page.context.browser is not None
        await session.page.context.browser.close()
        await asyncio.wait_for(waiting, 5)


async def test_pace_is_asked_before_each_load(
    browser: PortalBrowser, settings: PortalSettings, start: Start, portal: SandboxServer
) -> None:
    asked: list[int] = []

    async def gate() -> None:
        asked.append(1)

    browser.settings = settings
    async with browser.open_session(storage_state=start.session, before_load=gate) as session:
        await session.goto("/app/dashboard")
        await session.pace()
        async with session.guest() as guest:
            await guest.goto("/")
    assert len(asked) == 3
