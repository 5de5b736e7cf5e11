"""A browser window for a person, signed in with their portal account. Only where the server runs on their own computer.

It stands in the account's queue like every job, so that the account never has two sessions of ours: nothing automatic runs
beside it, and what is asked for meanwhile waits until the window is closed.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urljoin

from dbos import DBOS
from playwright.async_api import Error as PlaywrightError
from sqlalchemy.orm import Session as Db

from app.accounts import links
from app.accounts.models import PortalLink
from app.activity.queue import interruptible, under_way
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.connection import jobs
from app.connection.failures import INTERRUPTED, Failure, log_failure
from app.connection.models import PortalJob
from app.connection.pacing import pacer
from app.connection.service import note_refusal
from app.connection.sessions import credentials_of, keep_state, open_link, portal_settings
from app.database import get_database
from app.kit.problems import Conflict, ProblemError
from app.portal.errors import NotSignedIn
from app.portal.launch import open_browser
from app.portal.session import PortalSession

WORKFLOW = "portal_window"
_OWN_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
_DISPLAYS = ("DISPLAY", "WAYLAND_DISPLAY")
_READY = "f.inShell() && f.idle() ? true : null"
HEADLESS = False  # tests have no screen


class NotLocal(ProblemError):
    status = 403
    code = "not_local"
    title = "This works on the server's own computer only"


class NoDisplay(Conflict):
    code = "no_display"
    title = "The server has no screen to open a window on"


class AccountBusy(Conflict):
    code = "account_busy"
    title = "The account is at work"


def require_local(host: str | None, headers: Mapping[str, str]) -> None:
    """:class:`NotLocal` unless the request comes from this computer, and not through a proxy for somebody elsewhere."""
    forwarded = [part for name in ("x-forwarded-for", "forwarded", "x-real-ip") if (part := headers.get(name))]
    if host not in _OWN_MACHINE or any(not _local(part) for part in forwarded):
        raise NotLocal(
            "A browser window opens on the computer that the server runs on, and this request comes from another one.",
            "Open the visit with the portal link and sign in there, or use FossaWork on the server's own computer.",
        )


def _local(forwarded: str) -> bool:
    hops = [hop.strip() for hop in forwarded.split(",")]
    return all(hop.removeprefix("for=").strip('"[]') in _OWN_MACHINE for hop in hops)


def require_display(url: str, environ: Mapping[str, str] = os.environ, platform: str | None = None) -> None:
    """:class:`NoDisplay` on a Linux machine without a screen."""
    if HEADLESS or not (platform or sys.platform).startswith("linux") or any(environ.get(name) for name in _DISPLAYS):
        return
    raise NoDisplay(
        "The server runs without a screen, so it cannot open a browser window.", f"Open this address instead: {url}"
    )


def request_window(db: Db, user_id: str, url: str) -> PortalJob:
    """Stores the wish for a window at a page of the portal (an address as its own links have it). The caller commits, then
    hands its id to the engine. Raises NoLink, NoDisplay, AccountBusy (something of this account is queued or running)."""
    link = db.get(PortalLink, user_id)
    if link is None:
        raise links.NoLink("There is no portal account to work with.", "Connect your WorkFossa account in Settings.")
    require_display(_address(link, url))
    if under_way(user_id):
        raise AccountBusy(
            "Your WorkFossa account is being used by FossaWork just now, and it must not be signed in twice.",
            "Wait until the present job has ended or pause it, and close an open window first; then try again.",
        )
    return jobs.request_job(db, user_id, JobKind.window, url)


def _address(link: PortalLink, url: str) -> str:
    """The whole address, as far as it is known: the sandbox has one only while it runs."""
    try:
        return urljoin(links.base_url(link), url)
    except links.SandboxNotRunning:
        return url


@DBOS.workflow(name=WORKFLOW)
async def portal_window(job_id: str) -> str:
    """Opens the window and holds the account until the person closes it."""
    async with interruptible():
        outcome = await hold_window(job_id)
        return await settle_window(job_id, outcome.get("failure"))


@DBOS.step()
async def hold_window(job_id: str) -> dict[str, Any]:
    # After a crash the window is gone, and a new one would pop up out of nothing: it is not opened again.
    job = await asyncio.to_thread(lambda: jobs.begin(job_id, again=False))
    if job is None:
        return {"failure": INTERRUPTED.as_dict()}
    try:
        await asyncio.to_thread(lambda: require_display(job.url or ""))
        await open_window(job.user_id, job.url or "/", jobs.reporter(job), headless=HEADLESS)
    except Exception as error:
        failure = log_failure("window.failed", error, job_id)
        await asyncio.to_thread(_note, job.user_id, failure)
        return {"failure": failure.as_dict()}
    return {}


async def open_window(user_id: str, url: str, report: Reporter, *, headless: bool) -> None:
    """A window at ``url``, signed in; returns when the person has closed it. The portal's cookies are kept as they change.

    Raises what the portal adapter raises while the first page is brought up; what the person does later is their own.
    """
    link, rates = await asyncio.to_thread(open_link, user_id)
    settings = replace(portal_settings(link.base_url), headless=headless, load_images=True, viewport=None)
    await report.atell("phase", "Opening the browser window", phase="starting_browser")
    async with (
        open_browser(settings) as browser,
        browser.open_session(
            credentials=lambda: credentials_of(user_id),
            storage_state=json.loads(link.browser_state) if link.browser_state else None,
            before_load=pacer.gate(user_id, rates.account, rates.total),
        ) as session,
    ):
        await _bring_up(session, url)
        await _keep(session, user_id)
        await report.atell("phase", "The window is open", phase="open")
        await session.wait_closed(lambda: _keep(session, user_id))


async def _bring_up(session: PortalSession, url: str) -> None:
    """The page, behind a sign-in when the kept cookies are refused."""

    async def show() -> None:
        mark = session.net.mark()
        await session.goto(url)
        outcome = await session.wait(_READY, mark=mark, seconds=session.settings.page_seconds)
        if outcome.state == "login":
            raise NotSignedIn("The portal asks for a sign-in.", page="visit page")

    await session.run("visit page", show)


async def _keep(session: PortalSession, user_id: str) -> None:
    """Keeps the cookies after each page, for after the window is closed they cannot be asked for any more."""
    try:
        state = json.dumps(await session.cookies())
    except PlaywrightError:
        return  # closed in this moment: what was kept after the last page counts
    await asyncio.to_thread(keep_state, user_id, state)


def _note(user_id: str, failure: Failure) -> None:
    with get_database().write() as db:
        note_refusal(db, user_id, failure)


@DBOS.step()
async def settle_window(job_id: str, failure: dict[str, Any] | None) -> str:
    found = Failure.from_dict(failure) if failure is not None else None
    return await asyncio.to_thread(lambda: jobs.settle(job_id, "The window was closed", None, found))


def take_up() -> None:
    """Windows of a program that ended are over."""
    for job in jobs.active(JobKind.window):
        jobs.settle(job.id, "", None, INTERRUPTED)
