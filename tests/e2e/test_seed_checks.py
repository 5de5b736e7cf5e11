"""The program from outside: its commands and exit codes, its ports, its logs, and what one user sees of another."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from playwright.sync_api import Browser

from backend.tests.log_lines import check_lines, everything
from backend.tests.stack import PASSWORD, TECHNICIAN, TECHNICIAN_PASSWORD
from sandbox.model import WorkOrder
from sandbox.server import SandboxServer
from tests.e2e.server import Server, free_port
from tests.e2e.small_world import location, small_world, visit_of

pytestmark = pytest.mark.e2e
EMAIL, OTHER = "tech@example.com", "other@example.com"
ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class ByHand:
    """What the commands printed, one after the other, without any server running."""

    server: Server
    order: WorkOrder
    printed: dict[str, Any]

    @property
    def visit(self) -> str:
        return str(visit_of(self.order))


@pytest.fixture(scope="module")
def by_hand(portal_server: SandboxServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ByHand]:
    order = small_world(portal_server)[0]
    visit = str(visit_of(order))
    folder = tmp_path_factory.mktemp("by-hand")
    server = Server(folder / "home", folder / "logs", ui_port=free_port())
    told = f"{TECHNICIAN_PASSWORD}\n"
    link = ("link", "--username", TECHNICIAN, "--password-stdin", "--portal-url", portal_server.url)
    printed = {
        "user": server.document("user", "add", EMAIL, "--password-stdin", given=f"{PASSWORD}\n"),
        "link": server.document(*link, given=told),
        "sync": server.document("sync"),
        "week": server.document("week"),
        "visit": server.document("visit", visit),
        "plan": server.document("forms", "plan", visit),
    }
    assert portal_server.control.counts()["writes"] == 0
    printed["run"] = server.document("forms", "run", visit)
    yield ByHand(server, order, printed)
    server.stop()


def _assert_logs(folder: Path, *categories: str) -> None:
    """Every category has a file named by its day, every line of it is of the schema, and none holds a secret."""
    for category in categories:
        assert list((folder / category).glob("*.jsonl")), f"no log of {category}"
    assert check_lines(folder) > 0
    written = everything(folder).decode()
    assert not any(secret in written for secret in (TECHNICIAN_PASSWORD, TECHNICIAN, PASSWORD))


def test_the_whole_way_by_commands_alone(by_hand: ByHand, portal_server: SandboxServer) -> None:
    order, printed = by_hand.order, by_hand.printed
    mine = [one for one in portal_server.world.state.work_orders.values() if one.technician == TECHNICIAN]
    cards = [card.numbers for card in location(portal_server, order).dispensers]
    assert printed["user"]["is_owner"] is True
    assert (printed["link"]["state"], printed["link"]["username_hint"]) == ("linked", "t…@sandbox.invalid")
    assert printed["sync"]["state"] == "succeeded"
    assert printed["sync"]["counts"]["work_orders"] == sum(not one.closed for one in mine)
    days = [day for name in ("this", "next") for day in printed["week"][name]["days"]]
    assert len(days) >= 10 and sum(day["is_today"] for day in days) <= 1
    assert visit_of(order) in [card["visit_id"] for day in days for card in day["visits"]]
    assert [one["label"] for one in printed["visit"]["location"]["dispensers"]] == cards
    assert [form["dispenser"] for form in printed["plan"]["forms"]] == cards
    assert {form["action"] for form in printed["plan"]["forms"]} == {"create"}
    assert {form["verdict"] for form in printed["run"]["forms"]} == {"verified"}
    bound = [form["equipment"] for form in portal_server.control.state()["forms"].values()
             if form["visit_id"] == visit_of(order)]  # fmt: skip
    assert sorted(bound) == sorted(cards)
    _assert_logs(by_hand.server.logs, "automation", "backend")


def test_a_command_that_cannot_do_it_says_why_and_fails(by_hand: ByHand) -> None:
    server = by_hand.server
    for arguments, code in (
        (("visit", "1"), "not_found"),
        (("sync", "--user", "nobody@example.com"), "no_user"),
    ):
        result = server.command(*arguments, "--json")
        error = json.loads(result.stdout)["error"]
        assert (result.returncode, error["code"]) == (1, code), (arguments, error)
        assert error["detail"] and error["action"], error
    assert server.command("status").returncode == 1


def test_start_answers_on_both_ports_and_another_user_sees_nothing(by_hand: ByHand) -> None:
    server, visit = by_hand.server, by_hand.visit
    server.start()
    health = httpx2.get(f"{server.url}/api/health", trust_env=False)
    # The machine that runs the tests is busy, and no watcher was started: everything else is well.
    troubled = {part["name"] for part in health.json()["components"] if part["status"] != "ok"}
    assert (health.status_code, troubled <= {"cpu", "memory", "watcher"}) == (200, True)
    for port in (server.port, server.ui_port):
        page = httpx2.get(f"http://127.0.0.1:{port}/week", trust_env=False)
        assert page.status_code == 200 and "<title>FossaWork" in page.text
        script = re.search(r'src="(/assets/[^"]+\.js)"', page.text)
        assert script is not None
        assert httpx2.get(f"http://127.0.0.1:{port}{script[1]}", trust_env=False).status_code == 200
    assert server.command("status").returncode == 0
    assert json.loads(server.command("start", "--json").stdout)["error"]["code"] == "already_running"

    server.sign_in(EMAIL, PASSWORD)
    run = by_hand.printed["run"]["id"]
    paths = [
        ("GET", f"/api/visits/{visit}"),
        ("GET", f"/api/work-orders/{by_hand.order.id}"),
        ("GET", f"/api/visits/{visit}/forms/plan"),
        ("GET", f"/api/visits/{visit}/forms/runs"),
        ("GET", f"/api/form-runs/{run}"),
        ("GET", f"/api/syncs/{by_hand.printed['sync']['id']}"),
    ]
    assert {server.answer(*path).status_code for path in paths} == {200}
    server.document("user", "add", OTHER, "--password-stdin", given=f"{PASSWORD}\n")
    server.sign_in(OTHER, PASSWORD)
    paths += [("POST", f"/api/visits/{visit}/forms/check"), ("POST", f"/api/form-runs/{run}/stop")]
    assert {path: server.answer(*path).status_code for path in paths} == dict.fromkeys(paths, 404)
    assert server.call("GET", "/api/work-orders")["total"] == 0
    assert server.call("GET", "/api/syncs")["items"] == []


def test_stop_ends_its_own_process_only(by_hand: ByHand) -> None:
    server = by_hand.server
    if server.process is None:
        server.start()
    assert server.process is not None
    waits = "import sys; print('up', flush=True); sys.stdin.read()"
    decoy = subprocess.Popen(
        ["uvicorn", "-c", waits, "app.main:app"],
        executable=sys.executable,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with decoy:
        assert decoy.stdout is not None and decoy.stdin is not None
        assert decoy.stdout.readline() == b"up\n"
        assert server.command("stop").returncode == 0
        server.process.wait(30)
        assert decoy.poll() is None
        assert server.command("status").returncode == 1
        assert json.loads(server.command("stop", "--json").stdout) == {
            "stopped": False,
            "running": False,
            "pid": None,
            "watcher": None,
        }
        assert decoy.poll() is None
        decoy.stdin.close()
    _assert_logs(server.logs, "automation", "backend", "performance")


def test_uvicorn_serves_from_the_backend_folder(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "logs")
    command = [sys.executable, "-m", "uvicorn", "app.main:app", "--host", "127.0.0.1", "--port", str(server.port)]
    server.run(command, ROOT / "backend")
    try:
        assert server.call("GET", "/api/setup") == {"needs_owner": True, "sandbox_offered": True}
        assert "<title>FossaWork" in httpx2.get(server.url, trust_env=False).text
    finally:
        server.stop()
    _assert_logs(server.logs, "backend")


def test_the_database_can_be_asked_from_the_root_folder(tmp_path: Path) -> None:
    server = Server(tmp_path / "home", tmp_path / "logs")
    code = "from backend.app.database import get_db; next(get_db())"
    nobody = {"DATABASE_URL": f"postgresql://nobody@127.0.0.1:{free_port()}/nothing?connect_timeout=3"}
    environment = {name: value for name, value in server.environment.items() if name != "PYTHONPATH"}
    found = [
        subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env={**environment, **more}, capture_output=True, check=False
        ).returncode
        for more in ({}, nobody)
    ]
    assert found[0] == 0 and found[1] != 0


def test_demo_proves_every_form(tmp_path: Path) -> None:
    document = Server(tmp_path / "home", tmp_path / "logs").document("demo")
    assert document.keys() == {"sync", "visit", "forms", "seconds"}
    assert document["sync"].keys() == {"work_orders", "locations", "dispensers", "seconds"}
    assert document["sync"]["work_orders"] >= 60
    assert isinstance(document["visit"], int) and document["seconds"] > document["sync"]["seconds"] > 0
    assert len(document["forms"]) >= 1
    for form in document["forms"]:
        assert form.keys() == {"dispenser", "form_id", "verdict", "seconds", "evidence"}
        assert form["verdict"] == "verified"
        assert form["evidence"]["equipment"].startswith(form["dispenser"])
    assert not (tmp_path / "home").exists()  # it works in a folder of its own


def test_portal_parse_reads_a_saved_page_and_names_another(
    portal_server: SandboxServer, browser: Browser, tmp_path: Path
) -> None:
    small_world(portal_server)
    page = browser.new_page()
    page.goto(portal_server.url)
    (tmp_path / "login.html").write_text(page.content(), encoding="utf-8")
    page.get_by_placeholder("Your Email").fill(TECHNICIAN)
    page.get_by_placeholder("Your Password").fill(TECHNICIAN_PASSWORD)
    page.get_by_role("button", name="Log In").click()
    page.wait_for_url("**/app/dashboard")
    # Only a list with a filter says how many orders match.
    open_ones = ("work_visit_completion", "none||No visits completed||Work Visits Completed")
    page.goto(portal_server.list_url([open_ones]))
    page.locator(".work-list-item").first.wait_for()
    page.get_by_text(re.compile(r"\d+ matches")).first.wait_for()
    html = page.content()
    page.close()
    (tmp_path / "list.html").write_text(html, encoding="utf-8")
    (tmp_path / "changed.html").write_text(html.replace("work-list-item", "task-row"), encoding="utf-8")
    server = Server(tmp_path / "home", tmp_path / "logs")

    parsed = server.document("portal", "parse", "work-list", str(tmp_path / "list.html"))
    assert parsed.keys() == {"page", "matches", "work_orders"}
    assert parsed["matches"] == len(parsed["work_orders"]) >= 12
    assert {one["work_id"] for one in parsed["work_orders"]} <= portal_server.world.state.work_orders.keys()
    for name, code, words in (
        ("login.html", 3, "login"),
        ("changed.html", 4, "portal_changed"),
        ("missing.html", 2, "unreadable"),
    ):
        result = server.command("portal", "parse", "work-list", str(tmp_path / name), "--json")
        assert result.returncode == code, (name, result.stdout, result.stderr)
        assert words in json.loads(result.stdout)["error"].values(), result.stdout
