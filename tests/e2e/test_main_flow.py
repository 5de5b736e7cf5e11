"""From the week to proven forms, in a real browser, against a portal that is asked afterwards what it has stored."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from backend.tests.log_lines import check_lines, logged
from sandbox.model import WorkOrder
from sandbox.server import SandboxServer
from tests.e2e.conftest import OpenScreen
from tests.e2e.screen import OWNER, OWNER_PASSWORD, Screen
from tests.e2e.server import Server, running_server
from tests.e2e.small_world import location, visit_of

pytestmark = pytest.mark.e2e
# Which grades have a meter of their own; Premium does unless something higher stands on the same dispenser
# (Portal spec §5.7).
_BLENDED = {"Plus", "Midgrade 89", "Special 88", "Extra 89"}
_HIGHER = {"Super", "Super Premium", "Ultra"}


@pytest.fixture(scope="module")
def server(
    synced_home: Path, portal_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("main-flow")
    url = portal_server.url
    with running_server(folder, home=synced_home, FOSSAWORK_PORTAL_URL=url, FOSSAWORK_PORTAL_SECONDS="10") as server:
        server.sign_in(OWNER, OWNER_PASSWORD)
        yield server
        server.stop()
        assert check_lines(server.logs) > 100


def _metered(grade: str, grades: list[str]) -> bool:
    return grade not in _BLENDED and not (grade == "Premium" and _HIGHER & set(grades))


def _cards(server: Server) -> list[list[str]]:
    """The week board's columns that have cards, in reading order, each as ids of cards."""
    pair = server.call("GET", "/api/week")
    days = [day["visits"] for name in ("this", "next") for day in pair[name]["days"]]
    columns = [*days, *([card] for card in pair["this"]["unscheduled"])]
    return [[f"{card['work_id']}-{card['visit_id'] or 'none'}" for card in column] for column in columns if column]


def _walk_to(screen: Screen, columns: list[list[str]], target: str) -> None:
    """Moves the focus to a card with the arrow keys only, as somebody does who looks at the board."""
    place = {card: (at, row) for at, column in enumerate(columns) for row, card in enumerate(column)}
    screen.page.keyboard.press("ArrowDown")
    screen.wait("document.activeElement?.closest('[data-card]') !== null", "the focus on a card")
    for _ in range(3 * len(place)):
        here = place[str(screen.focused_card())]
        there = place[target]
        if here == there:
            return
        if here[0] != there[0]:
            screen.page.keyboard.press("ArrowRight" if here[0] < there[0] else "ArrowLeft")
        else:
            screen.page.keyboard.press("ArrowDown" if here[1] < there[1] else "ArrowUp")
    raise AssertionError(f"The arrow keys do not lead to {target}.")


def _rows(table: Locator) -> dict[str, Locator]:
    """The rows of a dispenser table by their label."""
    heads = table.locator("tbody th[scope=row]")
    return {str(head.inner_text()).strip(): head.locator("xpath=..") for head in heads.all()}


def _open_plan(screen: Screen, order: WorkOrder) -> Locator:
    """Goes straight to a visit's plan and waits until it stands there."""
    screen.go(f"/visits/{visit_of(order)}/forms")
    screen.shows_heading("Prepare forms")
    button = screen.page.get_by_role("button", name=re.compile(r"^Prepare \d+ forms?$"))
    expect(button).to_be_enabled(timeout=60_000)
    return button


def _forms(portal: SandboxServer, order: WorkOrder) -> list[dict[str, Any]]:
    forms: dict[str, dict[str, Any]] = portal.control.state()["forms"]
    return [form for form in forms.values() if form["visit_id"] == visit_of(order)]


def _result(page: Page) -> Locator:
    result = page.get_by_role("region", name="Result", exact=True)
    expect(result).to_be_visible(timeout=90_000)
    return result


def _assert_all_bound_once(portal: SandboxServer, order: WorkOrder) -> None:
    """The portal's own word: one form per dispenser, each bound and filled with the right meters, nothing beside it."""
    cards = {card.numbers: card for card in location(portal, order).dispensers}
    forms = _forms(portal, order)
    assert Counter(form["equipment"] for form in forms) == Counter(list(cards))
    for form in forms:
        grades = cards[form["equipment"]].grades
        found = {grade["grade"]: grade["has_meter"] == "1" for grade in form["grades"]}
        assert found == {grade: _metered(grade, grades) for grade in grades}
        assert all(grade["saved"] and grade["prover"] for grade in form["grades"])
    counts = portal.control.counts()
    assert counts["kinds"]["create_form"] == len(cards)
    assert counts["forms"] >= len(cards)


def test_from_the_week_to_proven_forms(
    server: Server, portal_server: SandboxServer, plain_orders: list[WorkOrder], open_screen: OpenScreen
) -> None:
    order = plain_orders[2]
    place, visit = location(portal_server, order), visit_of(order)
    dispensers = len(place.dispensers)
    screen = open_screen(server.url)
    screen.sign_in()
    page = screen.page
    card = page.locator(f'[data-card="{order.id}-{visit}"]')
    expect(card).to_contain_text("Forms not planned")

    _walk_to(screen, _cards(server), f"{order.id}-{visit}")
    page.keyboard.press("Enter")
    screen.shows_heading(place.store, exact=False)
    _assert_order_page(page, order, portal_server)

    # The plan stands there before anything is written.
    page.get_by_role("link", name="Prepare forms").press("Enter")
    start = page.get_by_role("button", name=f"Prepare {dispensers} forms")
    expect(start).to_be_enabled(timeout=60_000)
    plan = _rows(page.get_by_role("table"))
    assert list(plan) == [one.numbers for one in place.dispensers]
    for one in place.dispensers:
        expect(plan[one.numbers]).to_contain_text("Add a form")
        for grade in one.grades:
            words = "own meter" if _metered(grade, one.grades) else "blended"
            cell = plan[one.numbers].get_by_role("button", name=f"{grade} on {one.numbers}: {words}.")
            expect(cell).to_be_visible()
    assert portal_server.control.counts()["writes"] == 0

    # Slow enough to be seen, and to be reloaded in the middle.
    portal_server.control.latency(save={"min_ms": 150, "max_ms": 150})
    start.press("Enter")
    bar = page.get_by_role("progressbar", name="Forms prepared")
    expect(bar).to_be_visible()
    expect(page.locator("[data-state=writing]").first).to_be_visible()
    expect(page.locator("[data-state=verified], [data-state=written]").first).to_be_visible()
    address = page.url
    page.reload()
    assert page.url == address
    expect(bar).to_be_visible()
    screen.wait(
        "window.marks = (window.marks ?? new Set()).add(document.querySelectorAll('[data-state=verified]').length), "
        "window.marks.size >= 3",
        "live progress after the reload",
    )
    _assert_verified(page, portal_server, order)

    page.get_by_role("link", name="Week", exact=True).click()
    expect(card).to_contain_text(f"{dispensers}/{dispensers} Forms ready")
    # Planned again: the forms are known as bound, so none would be made a second time.
    screen.go(f"/visits/{visit}/forms")
    expect(page.get_by_role("button", name="Read again")).to_be_enabled(timeout=60_000)
    expect(page.get_by_text(f"{dispensers} forms exist there")).to_be_visible()
    expect(page.get_by_text("Add a form")).to_have_count(0)
    _assert_one_id_from_the_click_to_the_last_event(server)


def _assert_one_id_from_the_click_to_the_last_event(server: Server) -> None:
    """What the browser asked for bears one id: in the request's line, in every line of the job it started, and in its events."""
    asked = [line for line in logged(server.logs, "performance") if line.get("route", "").endswith("/forms/runs")]
    (start,) = [line for line in asked if line["method"] == "POST"]
    told = [line for line in logged(server.logs, "automation") if line["request_id"] == start["request_id"]]
    assert {line["data"]["type"] for line in told} >= {"visit", "form", "finished"}
    assert {line["user_id"] for line in told} == {start["user_id"]}
    jobs = {line["data"]["job_id"] for line in told}
    others = [line for line in logged(server.logs, "automation") if line["data"].get("job_id") in jobs]
    assert len(others) == len(told)
    check_lines(server.logs)


def _assert_order_page(page: Page, order: WorkOrder, portal: SandboxServer) -> None:
    """The page says what the portal knows: visit, address, services, and each dispenser's grades in their columns."""
    place = location(portal, order)
    expect(page.get_by_role("heading", name=f"Visit {visit_of(order)}")).to_be_visible()
    address = page.locator("address")
    for text in (place.street, f"{place.city}, {place.state} {place.zip}", place.county):
        expect(address).to_contain_text(text)
    maps = page.get_by_role("link", name="Open in maps").get_attribute("href")
    assert maps is not None and place.zip in maps
    link = page.get_by_role("link", name="Open in portal").get_attribute("href")
    assert link is not None and link.startswith(f"{portal.url}/app/work/{order.id}/visits/{visit_of(order)}")
    services = page.get_by_role("region", name="Services")
    for line in (line for group in order.groups for line in group.lines):
        expect(services).to_contain_text(f"{line.quantity}×")
        expect(services).to_contain_text(line.description)

    table = page.get_by_role("region", name="Dispensers and grades").get_by_role("table")
    columns = [text.strip() for text in table.locator("thead th").all_inner_texts()]
    rows = _rows(table)
    assert list(rows) == [one.numbers for one in place.dispensers]
    for one in place.dispensers:
        cells = rows[one.numbers].locator("th, td").all_inner_texts()
        shown = dict(zip(columns, (text.strip() for text in cells), strict=True))
        for grade in {grade for card in place.dispensers for grade in card.grades}:
            wanted = "–" if grade not in one.grades else "M" if _metered(grade, one.grades) else "B"
            assert shown[grade].split("\n")[0] == wanted, (one.numbers, grade, shown)


def _assert_verified(page: Page, portal: SandboxServer, order: WorkOrder) -> None:
    """The result names a verdict for each dispenser, with what was read back from the portal; the portal agrees."""
    dispensers = [card.numbers for card in location(portal, order).dispensers]
    result = _result(page)
    expect(result).to_contain_text("Finished")
    expect(result).to_contain_text(f"{len(dispensers)} verified")
    rows = _rows(page.get_by_role("table"))
    assert sorted(rows) == sorted(dispensers)
    for row in rows.values():
        expect(row).to_contain_text("Verified")
    page.get_by_role("button", name=f"Evidence for dispenser {dispensers[0]}").click()
    screen_text = page.get_by_text(re.compile("^Read from the portal")).locator("xpath=..")
    expect(screen_text).to_contain_text(f"Equipment {dispensers[0]}")
    _assert_all_bound_once(portal, order)


def test_a_session_that_ends_in_the_middle_is_renewed_and_nothing_is_written_twice(
    server: Server, portal_server: SandboxServer, plain_orders: list[WorkOrder], open_screen: OpenScreen
) -> None:
    order = plain_orders[0]
    screen = open_screen(server.url)
    screen.sign_in()
    start = _open_plan(screen, order)
    before = portal_server.control.counts()["sign_ins"]["accepted"]
    portal_server.control.fault("session_expired", kind="save", after=3)
    start.click()
    _assert_verified(screen.page, portal_server, order)
    assert portal_server.control.counts()["sign_ins"]["accepted"] == before + 1


def test_a_changed_portal_stops_the_run_and_says_what_to_do(
    server: Server, portal_server: SandboxServer, plain_orders: list[WorkOrder], open_screen: OpenScreen
) -> None:
    order = plain_orders[1]
    screen = open_screen(server.url)
    screen.sign_in()
    page = screen.page
    start = _open_plan(screen, order)
    portal_server.control.fault("rename", times=None, what="iteration_ids", page="form")
    start.click()
    result = _result(page)
    expect(result).to_contain_text("Ended early")
    told = page.get_by_role("alert")
    expect(told).to_contain_text("The run ended early")
    expect(told).to_contain_text("bug report")
    rows = _rows(page.get_by_role("table"))
    assert len(rows) == len(location(portal_server, order).dispensers)
    # At most the first form was begun, nothing was written into its grades, and nothing follows.
    kinds = portal_server.control.counts()["kinds"]
    assert kinds.get("create_form", 0) <= 1
    assert not any(grade["saved"] for form in _forms(portal_server, order) for grade in form["grades"])
    written = portal_server.control.counts()["writes"]
    page.get_by_role("link", name="Plan what is left").click()
    page.get_by_role("button", name="Read again").or_(page.get_by_role("alert")).first.wait_for()
    assert portal_server.control.counts()["writes"] == written

    # The portal is as it was again: the next run finishes the same forms, none is made a second time.
    portal_server.control.clear_faults()
    _open_plan(screen, order).click()
    _assert_verified(page, portal_server, order)
