"""The sessions of jobs: paced, one portal each, and opened anew after the watchdog gave one up."""

from datetime import datetime

import pytest

from app.accounts import links, service
from app.accounts.models import User
from app.accounts.schemas import LinkState, PortalKind
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.config import get_settings
from app.connection import politeness
from app.connection.breaker import breakers
from app.connection.pacing import Rate, pacer
from app.connection.schemas import NewPoliteness
from app.connection.service import request_check
from app.connection.sessions import PortalSessions
from app.database import Database
from app.portal.errors import BrowserFailed
from backend.tests.stack import PASSWORD, TECHNICIAN, TECHNICIAN_PASSWORD
from sandbox.server import SandboxServer


@pytest.fixture
def linked(sqlite: Database, portal: SandboxServer) -> str:
    """A user linked to the portal, without an engine."""
    with sqlite.write() as db:
        user = service.add_user(db, "tech@example.com", PASSWORD)
        request_check(db, user.id, PortalKind.workfossa, TECHNICIAN, TECHNICIAN_PASSWORD, base_url=portal.url)
        links.settle(db, user.id, LinkState.linked)
        return user.id


def reporter(user_id: str) -> Reporter:
    return Reporter(user_id, JobKind.link, "job")


async def test_every_load_is_paced(linked: str, sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with sqlite.write() as db:
        politeness.store(db, db.get_one(User, linked), NewPoliteness(loads_per_minute=90, quiet_hours=None))
    asked: list[tuple[str, Rate | None, Rate | None]] = []

    def reserve(account: str, rate: Rate | None, total: Rate | None, now: datetime) -> datetime:
        asked.append((account, rate, total))
        return now

    monkeypatch.setattr(pacer, "reserve", reserve)
    sessions = PortalSessions()
    session = await sessions.get("job", linked, reporter(linked))
    before = len(asked)
    assert before >= 1
    await session.goto("/app/dashboard")
    await sessions.close("job")
    assert len(asked) == before + 1
    assert set(asked) == {(linked, Rate(90, 30), Rate(240, 80))}


async def test_after_the_watchdog_the_next_step_gets_a_new_browser(linked: str) -> None:
    get_settings().watchdog_seconds = 20
    sessions = PortalSessions()
    session = await sessions.get("job", linked, reporter(linked))
    assert await sessions.get("job", linked, reporter(linked)) is session
    session._watchdog._seconds = 0.5

    async def hang() -> None:
        await session.page.evaluate("() => { for (;;) {} }")

    with pytest.raises(BrowserFailed) as caught:
        await session.run("work list", hang)
    assert caught.value.code == "watchdog"
    renewed = await sessions.get("job", linked, reporter(linked))
    assert renewed is not session
    assert await renewed.is_signed_in()
    await sessions.close("job")


async def test_accounts_of_one_portal_share_its_breaker(linked: str, portal: SandboxServer) -> None:
    address = await PortalSessions().portal_of(linked)
    assert address == portal.url
    assert breakers.of(address) is breakers.of(portal.url + "/")
    with pytest.raises(links.NoLink):
        await PortalSessions().portal_of("nobody")
