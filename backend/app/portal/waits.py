"""Waiting for conditions in the page, each with a deadline that names what was awaited.

Never a fixed pause and never "the network is idle": the portal keeps connections open (Portal spec §7.1 row 15).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

from playwright.async_api import ElementHandle, Locator, Page
from playwright.async_api import Error as PlaywrightError
from playwright.async_api import TimeoutError as PlaywrightTimeout

from app.portal.errors import BrowserFailed, PortalError, PortalTimeout, PortalUnreachable
from app.portal.net import Call, NetMonitor

_TICK = 0.2  # how often the requests are looked at while the page is being watched; the page itself answers at once
_LOOK_SECONDS = 2.0
_GONE = ("has been closed", "Target closed", "Target crashed", "Page crashed", "Connection closed", "Browser closed")
_SCRIPTS = ("page_script.js", "readings_script.js")
_MOVED = ("Execution context was destroyed", "Cannot find context", "navigation", "frame was detached", "__fossawork")


@cache
def page_script() -> str:
    """The helper that every document of the portal gets."""
    folder = resources.files("app.portal")
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in _SCRIPTS)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a wait: the value, or why there is none.

    ``dropped``: no request, no effect, nothing loading. ``failed``: a request failed (``call``). ``timeout``.
    """

    state: Literal["done", "login", "dropped", "failed", "timeout"]
    value: Any = None
    call: Call | None = None


async def watch(
    page: Page,
    net: NetMonitor,
    check: str,
    arg: Any,
    *,
    seconds: float,
    mark: int,
    drop_seconds: float | None = None,
    writes: bool = False,
    guest: bool = False,
) -> Outcome:
    """Wait until the JavaScript condition ``check`` (an expression over ``f``, the helper, and ``arg``) gives a value.

    ``mark``: the point before the click whose effect is awaited. With ``drop_seconds`` the wait ends early when nothing
    at all happened since; with ``writes`` only writing requests count as something, and the condition is believed only
    after one of them has ended well.
    """
    deadline = time.monotonic() + seconds
    dropped_at = time.monotonic() + drop_seconds if drop_seconds is not None else None
    script = f"([arg, ms, guest]) => {{ const f = window.__fossawork; return f.until(() => ({check}), ms, guest); }}"
    task: asyncio.Task[Any] | None = None
    failed_looks = 0
    try:
        while True:
            now = time.monotonic()
            left = deadline - now
            if writes and not _write_ended(net, mark):
                net.changed.clear()
                if not _write_ended(net, mark):
                    await _event(net.changed, min(_TICK, max(left, 0.01)))
            else:
                if task is None:
                    task = asyncio.create_task(page.evaluate(script, [arg, max(left, 0) * 1000, guest]))
                await asyncio.wait({task}, timeout=_TICK)
                if task.done():
                    outcome = _answer(task)
                    task = None
                    if outcome is not None:
                        return outcome
                    if deadline - time.monotonic() > 0:
                        await _document(page, deadline)
                        continue
                    return Outcome("timeout")
            failure = net.failure(mark)
            if failure is not None:
                # The effect may come all the same; a failure counts once the page has come to rest without it.
                if failure.signed_out or (failed_looks > 0 and await idle(page)):
                    return Outcome("failed", call=failure)
                failed_looks += 1
            now = time.monotonic()
            if now >= deadline:
                return Outcome("timeout")
            if dropped_at is not None and now >= dropped_at and not net.since(mark, writes=writes) and await idle(page):
                return Outcome("dropped")
    finally:
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _write_ended(net: NetMonitor, mark: int) -> bool:
    calls = net.since(mark, writes=True)
    return bool(calls) and all(call.finished for call in calls) and not any(call.failed for call in calls)


async def _event(event: asyncio.Event, seconds: float) -> None:
    waiter = asyncio.create_task(event.wait())
    await asyncio.wait({waiter}, timeout=seconds)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)


def navigated(error: PlaywrightError) -> bool:
    """Whether the driver says no more than that the document changed under it."""
    return any(word in error.message for word in _MOVED)


def _answer(task: asyncio.Task[Any]) -> Outcome | None:
    """The outcome of one look into the page; ``None`` when the document changed under it and must be looked at again."""
    error = task.exception()
    if error is not None:
        if isinstance(error, PlaywrightError) and navigated(error):
            return None
        raise error
    answer = task.result()
    if answer["state"] == "done":
        return Outcome("done", value=answer["value"])
    if answer["state"] == "login":
        return Outcome("login")
    return None


async def _document(page: Page, deadline: float) -> None:
    """Wait for the next document after one went away."""
    seconds = max(deadline - time.monotonic(), 0.05)
    try:
        await page.wait_for_load_state("domcontentloaded", timeout=seconds * 1000)
    except PlaywrightTimeout:
        return  # the caller's own deadline has passed, too, and says what was awaited


async def idle(page: Page) -> bool:
    """Whether nothing is shown as loading just now."""
    try:
        async with asyncio.timeout(_LOOK_SECONDS):
            return bool(await page.evaluate("() => window.__fossawork.idle()"))
    except TimeoutError:
        return False  # between two documents, or stuck: not at rest
    except PlaywrightError as error:
        if navigated(error):
            return False
        raise


async def press(page: Page, target: Locator | ElementHandle) -> None:
    """A real click. The driver's own first waits two frames to see whether the target moves, which is most of the time
    that filling a form or opening a location takes on a quick portal; it is left the cases in which the page script is
    not sure. A dialog with Cancel that lies over the target is dismissed first (Portal spec §7.1, row 7).

    Raises the driver's errors, its timeout included.
    """
    try:
        point = await target.evaluate("(node) => window.__fossawork.aim(node)")
    except PlaywrightTimeout:
        raise
    except PlaywrightError as error:
        if not navigated(error):
            raise
        point = None
    if point is None:
        await _dismiss(page, target)
        await target.click()
    else:
        await page.mouse.click(point["x"], point["y"])


async def _dismiss(page: Page, target: Locator | ElementHandle) -> None:
    try:
        found = await target.evaluate_handle("(node) => window.__fossawork.covering(node)")
        cancel = found.as_element()
        if cancel is not None:
            await cancel.click()
    except PlaywrightTimeout:
        raise
    except PlaywrightError as error:
        if not navigated(error):
            raise


def translate(error: PlaywrightError, page: str, awaited: str) -> PortalError:
    """The portal's error for one of the browser driver's."""
    message = error.message
    if any(word in message for word in _GONE):
        return BrowserFailed(
            "The browser was closed or crashed.", page=page, code="browser_closed", action="Try again.", awaited=awaited
        )
    if "net::ERR" in message or "NS_ERROR" in message:
        reason = next((word for word in message.split() if word.startswith("net::ERR")), "network error")
        return PortalUnreachable(f"The portal could not be reached ({reason}).", page=page, awaited=awaited)
    if isinstance(error, PlaywrightTimeout):
        return PortalTimeout(f"Waited in vain for: {awaited}.", page=page, awaited=awaited)
    return BrowserFailed(f"The browser could not do it: {message.splitlines()[0]}", page=page, awaited=awaited)
