"""The first minutes of a newcomer: both doors of the first screen, in a real browser, with nothing prepared."""

import re
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from backend.tests.stack import TECHNICIAN, TECHNICIAN_PASSWORD
from sandbox.server import SandboxServer
from tests.e2e.conftest import OpenScreen
from tests.e2e.screen import OWNER, OWNER_PASSWORD, Screen
from tests.e2e.server import running_server
from tests.e2e.small_world import small_world

pytestmark = pytest.mark.e2e
# Each change of the first sync's progress, as the page shows it.
_WATCH_PROGRESS = """() => {
  window.heard = new Set();
  const look = () => {
    const bar = document.querySelector('[role=progressbar][aria-label="First sync"]');
    if (bar) window.heard.add(bar.closest('section').innerText.split('\\n').slice(2).join(' '));
  };
  new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true});
}"""


def _refresh(url: str, cookie: str) -> int:
    headers = {"Cookie": f"fossawork_refresh={cookie}"}
    return httpx2.post(f"{url}/api/auth/refresh", headers=headers, trust_env=False).status_code


def _sign_out(screen: Screen) -> None:
    screen.page.get_by_role("button", name="Your account").click()
    screen.page.get_by_role("menuitem", name="Sign out").click()


def _token_of_next_request(screen: Screen) -> str:
    with screen.page.expect_request(lambda request: "authorization" in request.headers) as asked:
        screen.page.get_by_role("link", name="Settings").click()
    return asked.value.headers["authorization"]


def test_the_sandbox_is_one_click_away_and_leaves_no_session_behind(open_screen: OpenScreen, tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        screen = open_screen(server.url)
        page = screen.page
        screen.go("/")
        screen.shows_heading("Welcome to FossaWork")
        assert page.url.endswith("/welcome")
        page.evaluate(_WATCH_PROGRESS)
        page.get_by_role("button", name="Try the sandbox").click()

        # The first sync, live: sentences and figures move while it runs, then the cards stand there without a reload.
        screen.shows_heading("Bringing your work home", level=2)
        expect(page.locator("[data-card]").first).to_be_visible(timeout=120_000)
        heard = list(page.evaluate("[...window.heard]"))
        assert len(heard) >= 5, heard
        assert any(re.search(r"\d+ of \d+", text) for text in heard), heard
        expect(page.get_by_role("complementary", name="Sandbox")).to_be_visible()
        cards = page.locator("[data-card]").count()

        token = _token_of_next_request(screen)
        cookie = next(one for one in screen.context.cookies() if one["name"] == "fossawork_refresh")
        assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
        _sign_out(screen)
        # Nobody has set this installation up yet: the sandbox's account has no password to sign in with.
        screen.shows_heading("Welcome to FossaWork")
        me = httpx2.get(f"{server.url}/api/me", headers={"Authorization": token}, trust_env=False)
        assert (me.status_code, me.json()["code"]) == (401, "session_ended")
        assert _refresh(server.url, cookie["value"]) == 401
        page.reload()

        # Tried again, the sandbox goes on where it was left; a reload keeps the session by its cookie alone.
        page.get_by_role("button", name="Try the sandbox").click()
        expect(page.locator("[data-card]")).to_have_count(cards)
        page.reload()
        expect(page.locator("[data-card]")).to_have_count(cards)


def test_connect_takes_the_right_credentials_only_and_brings_the_work_home(
    open_screen: OpenScreen, portal_server: SandboxServer, tmp_path: Path
) -> None:
    small_world(portal_server)
    with running_server(tmp_path, FOSSAWORK_PORTAL_URL=portal_server.url) as server:
        screen = open_screen(server.url)
        page = screen.page
        screen.go("/")
        page.get_by_role("button", name="Connect").click()
        screen.shows_heading("Create your account")
        page.get_by_label("E-mail").fill(OWNER)
        page.get_by_label("Password", exact=True).fill("too short")
        page.get_by_role("button", name="Create account").click()
        screen.shows("Use at least 12 characters")
        page.get_by_label("Password", exact=True).fill(OWNER_PASSWORD)
        page.get_by_role("button", name="Create account").click()

        screen.shows_heading("Connect to WorkFossa")
        page.get_by_label("WorkFossa e-mail").fill(TECHNICIAN)
        page.get_by_label("WorkFossa password").fill("not the password")
        page.get_by_role("button", name="Check and link").click()
        expect(page.get_by_role("list", name="Check of your WorkFossa credentials")).to_be_visible()
        refused = page.get_by_role("alert")
        expect(refused).to_contain_text(re.compile("did not accept|refused|rejected", re.IGNORECASE))
        expect(refused).to_contain_text("Check the e-mail and the password")
        assert portal_server.control.counts()["sign_ins"]["rejected"] == 1

        page.get_by_label("WorkFossa e-mail").fill(TECHNICIAN)
        page.get_by_label("WorkFossa password").fill(TECHNICIAN_PASSWORD)
        page.get_by_role("button", name="Check and link").click()
        screen.shows_heading("Week")
        expect(page.locator("[data-card]").first).to_be_visible(timeout=120_000)
        # Neither a page nor the API gives the credentials back.
        server.sign_in(OWNER, OWNER_PASSWORD)
        assert TECHNICIAN_PASSWORD not in server.answer("GET", "/api/portal-link").text
        assert portal_server.control.counts()["writes"] == 0

        _sign_out(screen)
        screen.shows_heading("Sign in")
        screen.go("/settings")
        screen.shows_heading("Sign in")
        page.get_by_label("E-mail").fill(OWNER)
        page.get_by_label("Password", exact=True).fill(OWNER_PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        screen.shows_heading("Settings")  # where the person wanted to go
