"""Fixtures of the end-to-end tests: one portal, one browser, and an installation that has its work at home."""

from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from app.config import get_settings
from app.portal.browser import find_browser, launch_arguments, own_download
from app.portal.settings import PortalSettings
from backend.tests.stack import TECHNICIAN, TECHNICIAN_PASSWORD
from sandbox.model import WorkOrder
from sandbox.server import SandboxServer
from tests.e2e.screen import OWNER, OWNER_PASSWORD, PATIENCE, Screen
from tests.e2e.server import Server, running_server, wait_for
from tests.e2e.small_world import small_world

_FAILED = pytest.StashKey[bool]()
OpenScreen = Callable[..., Screen]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.fixture(scope="session")
def portal_server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=7, control=True) as server:
        yield server


@pytest.fixture
def portal(portal_server: SandboxServer) -> SandboxServer:
    """The portal with a fresh world, no faults, no delays."""
    portal_server.control.reset()
    return portal_server


@pytest.fixture
def plain_orders(portal_server: SandboxServer) -> list[WorkOrder]:
    """The plain orders of the small world, made anew."""
    return small_world(portal_server)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Per module: Playwright's own event loop must be over before other modules run theirs.
    with sync_playwright() as playwright:
        found = find_browser(get_settings().browser, bundled=own_download(playwright.chromium.executable_path))
        flags = launch_arguments(PortalSettings(load_images=True))
        browser = playwright.chromium.launch(executable_path=found.path, args=flags)
        expect.set_options(timeout=PATIENCE)
        yield browser
        browser.close()


@pytest.fixture
def open_screen(browser: Browser, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenScreen]:
    """Opens a person's browser at a server. Whatever the browser complains about fails the test, unless it was forgiven."""
    screens: list[Screen] = []

    def open_(url: str, **options: Any) -> Screen:
        screens.append(Screen.open(browser, url, **options))
        return screens[-1]

    yield open_
    complaints = []
    for number, screen in enumerate(screens):
        if request.node.stash.get(_FAILED, False):
            screen.page.screenshot(path=tmp_path / f"screen-{number}.png", full_page=True)
        complaints += screen.unforgiven()
        screen.context.close()
    assert complaints == []


@pytest.fixture(scope="session")
def synced_home(portal_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with an owner whose work was brought home from the portal; to be copied."""
    small_world(portal_server)
    with running_server(tmp_path_factory.mktemp("synced"), FOSSAWORK_PORTAL_URL=portal_server.url) as server:
        owner = {"email": OWNER, "password": OWNER_PASSWORD}
        server.token = server.call("POST", "/api/setup/owner", owner)["access_token"]
        server.call("POST", "/api/portal-link", {"username": TECHNICIAN, "password": TECHNICIAN_PASSWORD})
        wait_for(lambda: server.call("GET", "/api/portal-link")["state"] == "linked", "the link")
        sync_home(server)
        # Readings have tests of their own; without them every other test is done sooner.
        kept = {"pictures": True, "keep_picture_days": 30, "keep_record_months": 12}
        server.call("PUT", "/api/form-settings", {"readings": False, **kept})
    return server.home


def sync_home(server: Server) -> dict[str, Any]:
    """Asks for a sync and waits for its good end."""
    run_id = server.call("POST", "/api/syncs", {})["id"]

    def ended() -> Any:
        run = server.call("GET", f"/api/syncs/{run_id}")
        return run if run["finished_at"] else None

    run: dict[str, Any] = wait_for(ended, "the end of the sync", 120)
    assert run["state"] == "succeeded", run
    return run
