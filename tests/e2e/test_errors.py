"""What goes wrong around a person: the message says what happened and what to do, nothing is lost, and it mends itself."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.sync_api import Route, expect

from app.accounts import tokens
from app.accounts.keys import get_envelope
from app.kit import clock
from backend.tests.conftest import forget_everything
from backend.tests.log_lines import check_lines, everything, logged
from sandbox.server import SandboxServer
from tests.e2e.conftest import OpenScreen, sync_home
from tests.e2e.screen import OWNER, OWNER_PASSWORD
from tests.e2e.server import Server, free_port, running_server, wait_for
from tests.e2e.small_world import small_world

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server(
    synced_home: Path, portal_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server whose portal is on a port that can be switched off: nobody listens there at first."""
    small_world(portal_server)
    url = f"http://127.0.0.1:{free_port()}"
    with running_server(tmp_path_factory.mktemp("errors"), home=synced_home, FOSSAWORK_PORTAL_URL=url) as server:
        server.sign_in(OWNER, OWNER_PASSWORD)
        yield server


def test_an_unreachable_portal_is_named_and_the_week_stays(server: Server, open_screen: OpenScreen) -> None:
    screen = open_screen(server.url)
    screen.sign_in()
    page = screen.page
    expect(page.locator("[data-card]").first).to_be_visible()
    cards = page.locator("[data-card]").count()
    page.get_by_role("link", name="Sync", exact=True).click()
    page.get_by_role("button", name="Sync now").click()
    expect(page.get_by_text("The last sync failed")).to_be_visible(timeout=90_000)
    status = page.get_by_role("region", name="Status")
    expect(status).to_contain_text("could not be reached")
    expect(status).to_contain_text("Check the internet connection")
    expect(page.get_by_role("region", name="Sync history").get_by_role("row").nth(1)).to_contain_text("Failed")
    page.get_by_role("link", name="Week", exact=True).click()
    expect(page.locator("[data-card]")).to_have_count(cards)
    expect(page.get_by_text("sync failing")).to_be_visible()


def test_an_unknown_visit_says_so_and_leads_back(server: Server, open_screen: OpenScreen) -> None:
    screen = open_screen(server.url)
    screen.sign_in()
    screen.forgive(r"status of 404 .*/api/visits/4040404")
    for path in ("/visits/4040404", "/visits/4040404/forms"):
        screen.go(path)
        problem = screen.page.get_by_role("alert")
        expect(problem).to_be_visible()
        expect(problem).to_contain_text("4040404")
    screen.go("/visits/4040404")
    screen.page.get_by_role("link", name="Back to the week").click()
    screen.shows_heading("Week")

    # The browser has reported it, with the id that the server's own line has, and without the number that was asked for.
    reported = wait_for(
        lambda: [line for line in logged(server.logs, "frontend") if line["event"] == "api.failed"], "the report"
    )
    served = {line["request_id"]: line for line in logged(server.logs, "performance")}
    for line in reported:
        assert (line["status"], served[line["request_id"]]["status"]) == (404, 404)
        assert line["route"].startswith("/api/visits/{id}")
        assert line["user_id"] == served[line["request_id"]]["user_id"]
    assert b"4040404" not in everything(server.logs / "frontend")
    check_lines(server.logs)


def test_an_expired_access_token_is_renewed_without_a_word(
    server: Server, open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    forget_everything()
    screen = open_screen(server.url)
    renewals: list[int] = []

    def with_old_token(route: Route) -> None:
        """The answer of the sign-in, as it was an hour ago: its access token is ours, and over."""
        answer = route.fetch()
        session: dict[str, Any] = answer.json()
        claims = jwt.decode(session["access_token"], options={"verify_signature": False})
        claims["iat"] = clock.now() - timedelta(hours=1)
        claims["exp"] = clock.now() - timedelta(minutes=50)
        key = get_envelope().derive("access-token")
        session["access_token"] = jwt.encode(claims, key, algorithm="HS256")
        with pytest.raises(Exception, match="expired"):
            tokens.read_access_token(session["access_token"])
        route.fulfill(response=answer, json=session)

    screen.page.route("**/api/auth/sign-in", with_old_token)
    screen.page.on(
        "response", lambda answer: renewals.append(answer.status) if "/api/auth/refresh" in answer.url else None
    )
    screen.forgive("status of 401 .*/api/(?!auth)")  # the refused request that tells the page of it
    screen.sign_in()
    expect(screen.page.locator("[data-card]").first).to_be_visible()
    screen.page.get_by_role("link", name="Settings").click()
    expect(screen.page.get_by_text(OWNER).first).to_be_visible()
    # However many requests were refused at once: they share one renewal, and the event stream may ask for its own.
    assert renewals in ([200], [200, 200])
    forget_everything()


def test_a_stopped_server_is_told_and_the_page_recovers_when_it_is_back(
    server: Server, portal_server: SandboxServer, open_screen: OpenScreen
) -> None:
    screen = open_screen(server.url)
    screen.forgive("ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|ERR_INCOMPLETE_CHUNKED")
    screen.sign_in()
    page = screen.page
    expect(page.locator("[data-card]").first).to_be_visible()
    cards = page.locator("[data-card]").count()
    server.stop()
    page.get_by_role("button", name="Week after").click()
    problem = page.get_by_role("alert")
    expect(problem).to_contain_text("The server could not be reached")
    expect(problem).to_contain_text("Check that the server runs")

    server.extra["FOSSAWORK_PORTAL_URL"] = portal_server.url
    server.start()
    page.get_by_role("button", name="Try again").first.click()
    expect(problem).to_have_count(0)
    expect(page.locator("[aria-busy=true]")).to_have_count(0)
    page.get_by_role("button", name="Week before").click()
    expect(page.locator("[data-card]")).to_have_count(cards)
    # The live line is there again by itself (the page would ask only after a minute): what somebody else's sync has
    # brought shows here.
    server.sign_in(OWNER, OWNER_PASSWORD)
    sync_home(server)
    expect(page.get_by_role("link", name="open sync history")).to_contain_text(re.compile("^synced"))
