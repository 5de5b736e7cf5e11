"""Every screen in light and dark, on a desk and on a phone; its title and heading; its way by keyboard."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import expect

from sandbox.server import SandboxServer
from tests.e2e.accessibility import findings, focus_findings
from tests.e2e.conftest import OpenScreen
from tests.e2e.operations_world import operations_world
from tests.e2e.screen import DESKTOP, OWNER, OWNER_PASSWORD, PHONE, Screen
from tests.e2e.server import Server, running_server, wait_for
from tests.e2e.small_world import small_world, visit_of

pytestmark = pytest.mark.e2e


@dataclass(frozen=True)
class Place:
    """A server with work in it, and what can be looked at there."""

    server: Server
    visit: int
    work_order: int
    run: str


@pytest.fixture(scope="module")
def place(synced_home: Path, portal_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    order = small_world(portal_server)[0]
    visit = visit_of(order)
    folder = tmp_path_factory.mktemp("accessibility")
    with running_server(folder, home=synced_home, FOSSAWORK_PORTAL_URL=portal_server.url) as server:
        server.sign_in(OWNER, OWNER_PASSWORD)
        server.call("POST", f"/api/visits/{visit}/forms/check")
        path = f"/api/visits/{visit}/forms"
        wait_for(lambda: server.answer("GET", f"{path}/plan").status_code == 200, "the plan")
        digest = server.call("GET", f"{path}/plan")["digest"]
        run = server.call("POST", f"{path}/runs", {"digest": digest})["id"]
        wait_for(lambda: server.call("GET", f"/api/form-runs/{run}")["state"] == "finished", "the run", 90)
        yield Place(server, visit, order.id, run)


@pytest.fixture(scope="module")
def incident(place: Place) -> str:
    """Operations with something to see; the id of the incident in it."""
    return operations_world(place.server)


@pytest.fixture
def screen(place: Place, open_screen: OpenScreen) -> Screen:
    screen = open_screen(place.server.url)
    screen.sign_in()
    return screen


def test_pages_for_guests(place: Place, open_screen: OpenScreen) -> None:
    screen = open_screen(place.server.url)
    screen.go("/sign-in")
    screen.shows_heading("Sign in")
    found = findings(screen) + focus_findings(screen, 3)
    screen.page.get_by_role("button", name="Sign in").click()
    screen.shows("Enter your e-mail address")
    assert found + findings(screen) == []


def test_week_and_work_order(place: Place, screen: Screen) -> None:
    expect(screen.page.locator("[data-card]").first).to_be_visible()
    found = findings(screen) + focus_findings(screen, 12)
    screen.go("/week?start=2031-01-06")
    screen.shows("2031")
    found += findings(screen)
    for path in (f"/visits/{place.visit}", f"/work-orders/{place.work_order}"):
        screen.go(path)
        screen.shows_heading("Dispensers", level=2, exact=False)
        screen.page.get_by_role("button", name="Show all details").click()
        found += findings(screen)
    assert found + focus_findings(screen, 12) == []


def test_forms(place: Place, screen: Screen) -> None:
    screen.go(f"/visits/{place.visit}/forms")
    expect(screen.page.get_by_role("button", name="Read again")).to_be_visible(timeout=60_000)
    for button in screen.page.get_by_role("button", name=re.compile("^Reasons for")).all():
        button.click()
    found = findings(screen) + focus_findings(screen, 12)
    screen.go(f"/visits/{place.visit}/forms?run={place.run}")
    screen.page.get_by_role("button", name=re.compile("^Evidence for")).first.click()
    screen.shows(re.compile("^Read from the portal"))
    expect(screen.page.get_by_role("button", name="Retry from the start")).to_be_enabled()  # once the batch has come
    assert found + findings(screen) == []


def test_sync_settings_and_link(screen: Screen) -> None:
    found: list[str] = []
    for path, heading, stops in (("/sync", "Sync", 8), ("/settings", "Settings", 15), ("/connect", "Connect", 8)):
        screen.go(path)
        screen.shows_heading(heading, exact=False)
        expect(screen.page.locator("[aria-busy=true]")).to_have_count(0)
        found += findings(screen) + focus_findings(screen, stops)
    assert found == []


def test_operations(place: Place, screen: Screen, incident: str) -> None:
    found: list[str] = []
    for path, heading, stops in (
        ("/operations?slo=availability", "Operations", 20),
        ("/operations/alerts", "Alerts", 15),
        ("/operations/alerts?view=history", "Alerts", 15),
        ("/operations/alerts?view=quiet", "Alerts", 15),
        ("/operations/alerts?view=rules", "Alerts", 20),
        ("/operations/incidents", "Incidents", 15),
        (f"/operations/incidents/{incident}", incident, 20),
    ):
        _open(screen, path, heading)
        found += findings(screen) + focus_findings(screen, stops)
    assert found == []


def test_measurements_logs_and_duty(screen: Screen, incident: str) -> None:
    found: list[str] = []
    for path, heading, stops in (
        ("/operations/performance", "Performance", 15),
        ("/operations/logs", "Logs", 25),
        ("/operations/logs?view=live", "Logs", 20),
        ("/operations/logs?view=errors", "Logs", 15),
        ("/operations/on-call", "On-call", 20),
        ("/operations/on-call?view=contacts", "On-call", 20),
        ("/operations/on-call?view=channels", "On-call", 18),
    ):
        _open(screen, path, heading)
        found += findings(screen) + focus_findings(screen, stops)
    _open(screen, "/operations/logs", "Logs")
    screen.page.get_by_role("button", name=re.compile("http.request")).first.click()
    assert found + findings(screen) == []


def test_what_operations_ask(screen: Screen, incident: str) -> None:
    page, found = screen.page, []
    for path, name in (
        ("/operations/alerts?alert=made-up-0", "Resolve"),
        ("/operations/alerts?alert=made-up-0", "Silence"),
        ("/operations/alerts?view=quiet", "Plan maintenance"),
        (f"/operations/incidents/{incident}", "Message"),
        (f"/operations/incidents/{incident}", "Edit"),
        ("/operations/on-call", "Somebody else"),
        ("/operations/on-call", "New rota"),
        ("/operations/on-call", "Hand-over note"),
        ("/operations/on-call?view=contacts", "Add a contact"),
    ):
        _open(screen, path)
        page.get_by_role("button", name=name, exact=True).click()
        expect(page.get_by_role("dialog").last).to_be_visible()
        found += findings(screen)
    assert found == []


def test_an_alert_leads_to_its_section_of_the_runbook(place: Place, open_screen: OpenScreen, incident: str) -> None:
    for size in (DESKTOP, PHONE):
        screen = open_screen(place.server.url, size=size)
        screen.sign_in()
        _open(screen, "/operations/alerts?alert=made-up-0")
        screen.page.get_by_role("link", name="Runbook db_down").click()
        screen.shows_heading("Monitoring runbook")
        heading = screen.page.get_by_role("heading", name="db_down", level=2)
        expect(heading).to_be_focused()
        expect(heading).to_have_attribute("aria-current", "location")
        # At the top, and not below what stays there.
        screen.wait(
            """() => {
              const box = document.getElementById('db_down').getBoundingClientRect();
              return box.top < innerHeight / 3
                && document.elementFromPoint(box.left + 20, box.top + 2)?.id === 'db_down';
            }""",
            f"the section in sight at {size[0]} px",
        )
    _open(screen, "/operations/runbooks/monitoring-runbook#slow_api", "Monitoring runbook")
    assert findings(screen) + focus_findings(screen, 30) == []


def test_operations_are_not_for_technicians(place: Place, open_screen: OpenScreen) -> None:
    place.server.document("user", "add", "tech@example.com", "--password-stdin", given=OWNER_PASSWORD)
    screen = open_screen(place.server.url)
    screen.sign_in("tech@example.com")
    expect(screen.page.get_by_role("link", name="Operations")).to_have_count(0)
    screen.go("/operations/incidents")
    screen.shows_heading("This page is for operators")
    assert findings(screen) == []


def _open(screen: Screen, path: str, heading: str = "") -> None:
    """Goes to a page and waits until all of it is there."""
    screen.go(path)
    if heading:
        screen.shows_heading(heading)
    else:
        expect(screen.page.get_by_role("heading", level=1)).to_be_visible()
    expect(screen.page.locator("[aria-busy=true]")).to_have_count(0)


def test_what_lies_above_the_page(screen: Screen) -> None:
    page = screen.page
    expect(page.locator("[data-card]").first).to_be_visible()
    page.keyboard.press("/")
    page.get_by_label("Search work orders").and_(page.get_by_role("textbox")).fill("7-Eleven")
    expect(page.get_by_role("status").filter(has_text="work order")).to_be_visible()
    found = findings(screen)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Your account").click()
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_visible()
    found += findings(screen)
    screen.go("/settings")
    page.get_by_role("button", name="Unlink").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert found + findings(screen) == []


def test_pages_that_say_what_is_wrong(screen: Screen) -> None:
    screen.forgive("404")
    screen.go("/visits/1")
    expect(screen.page.get_by_role("alert")).to_be_visible()
    found = findings(screen)
    screen.go("/nowhere/at/all")
    screen.shows_heading("There is no page at this address")
    assert found + findings(screen) == []


def test_a_day_is_a_screen_on_a_phone(place: Place, open_screen: OpenScreen) -> None:
    screen = open_screen(place.server.url, size=PHONE, phone=True)
    screen.sign_in()
    page = screen.page
    tabs = page.get_by_role("tablist", name="Days").get_by_role("tab")
    expect(tabs.nth(9)).to_be_attached()  # ten days at least, once the week has come
    first = page.get_by_role("tab", selected=True).inner_text()
    page.get_by_role("tab", selected=True).focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tab", selected=True)).not_to_have_text(first)
    page.get_by_role("tab").filter(has_text=re.compile(r"[1-9] visits?$")).last.click()
    page.get_by_role("tabpanel").locator("[data-card]").first.click()
    screen.shows_heading("Dispensers", level=2, exact=False)


def test_the_checks_notice_what_is_wrong(place: Place, open_screen: OpenScreen) -> None:
    screen = open_screen(place.server.url)
    screen.go("/sign-in")
    screen.shows_heading("Sign in")
    screen.page.evaluate("""() => {
      document.title = 'Something';
      const bad = document.createElement('div');
      bad.innerHTML = '<img src="/icon.svg" style="width: 500px"><button style="outline: none; border: 0" id="bare">x</button>'
        + '<p style="color: #777; background: #888">pale</p>';
      document.querySelector('main').append(bad);
      const sheet = new CSSStyleSheet();
      sheet.replaceSync('#bare, #bare:focus { outline: none !important; box-shadow: none !important }');
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    }""")
    found = "\n".join(findings(screen) + focus_findings(screen, 3))
    pale = [f"({scheme}, {size[0]} px): color-contrast" for scheme in ("light", "dark") for size in (DESKTOP, PHONE)]
    told = ("image-alt", "px wider than the screen", "the title is 'Something'", "cannot be seen at <button", *pale)
    assert [text for text in told if text not in found] == []
