"""A sandbox portal and a browser for the tests of the pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import pytest_asyncio

from app.portal.launch import PortalBrowser, open_browser
from app.portal.session import PortalSession, StorageState
from app.portal.settings import Credentials, PortalSettings
from sandbox.model import State
from sandbox.server import SandboxServer

TECHNICIAN = "tech1@sandbox.invalid"
PASSWORD = "sandbox-1"
FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def saved_page() -> Callable[[str], str]:
    """The text of a hand-made page."""
    return lambda name: (FIXTURES / f"{name}.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer(seed=7) as running:
        yield running


@dataclass(frozen=True)
class Start:
    """The state of the sandbox's world in which the technician has just signed in, and that session."""

    world: State
    session: StorageState


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def start(server: SandboxServer, browser: PortalBrowser) -> Start:
    async with browser.open_session() as session:
        await session.sign_in(TECHNICIAN, PASSWORD)
        return Start(server.world.state.model_copy(deep=True), await session.storage_state())


@pytest.fixture
def portal(server: SandboxServer, start: Start) -> SandboxServer:
    """The server with a fresh world."""
    with server.world.lock:
        server.world.state = start.world.model_copy(deep=True)
    return server


@pytest.fixture
def settings(server: SandboxServer, tmp_path: Path) -> PortalSettings:
    return PortalSettings(
        base_url=server.url,
        page_seconds=6,
        action_seconds=6,
        save_seconds=6,
        sign_in_seconds=6,
        drop_seconds=0.6,
        settle_seconds=0.4,
        snapshot_dir=tmp_path / "snapshots",
    )


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def browser(server: SandboxServer) -> AsyncIterator[PortalBrowser]:
    async with open_browser(PortalSettings(base_url=server.url)) as running:
        yield running


async def credentials() -> Credentials:
    return Credentials(TECHNICIAN, PASSWORD)


@pytest_asyncio.fixture(loop_scope="session")
async def guest(
    portal: SandboxServer, browser: PortalBrowser, settings: PortalSettings
) -> AsyncIterator[PortalSession]:
    """A session that has not signed in, without credentials to do so."""
    browser.settings = settings
    async with browser.open_session() as session:
        yield session


@pytest_asyncio.fixture(loop_scope="session")
async def session(
    portal: SandboxServer, browser: PortalBrowser, settings: PortalSettings, start: Start
) -> AsyncIterator[PortalSession]:
    """A signed-in session that can sign in again."""
    browser.settings = settings
    async with browser.open_session(credentials=credentials, storage_state=start.session) as session:
        yield session


def hurry(session: PortalSession, seconds: float = 1.5) -> None:
    """Shorter deadlines, for what will not come."""
    session.settings = replace(
        session.settings, page_seconds=seconds, action_seconds=seconds, save_seconds=seconds, sign_in_seconds=seconds
    )
