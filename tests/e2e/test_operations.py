"""Operation with real processes: what is started, stopped and restarted, who notices a dead server, and the seed's tools."""

import json
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import psutil
import pytest

from app.config import ROOT
from backend.tests.notifications.servers import HOST, MailServer, mail_server
from tests.e2e.screen import OWNER, OWNER_PASSWORD
from tests.e2e.server import Server, free_port, healthy, wait_for

pytestmark = pytest.mark.e2e
TOOLS = ROOT / "tools" / "operations"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """An installation of its own; whatever was started of it is ended afterwards, by its recorded number only."""
    made = Server(tmp_path / "home", tmp_path / "logs")
    made.home.mkdir()
    yield made
    made.command("stop")
    if made.process is not None:
        made.process.wait(20)


def _pid(server: Server, name: str) -> int:
    return int(json.loads((server.home / f"{name}.json").read_bytes())["pid"])


def test_stop_and_restart_touch_recorded_processes_only(server: Server, tmp_path: Path) -> None:
    decoys = []
    for name in ("uvicorn", "npm", "electron"):
        program = tmp_path / name
        shutil.copy(shutil.which("sleep") or "/bin/sleep", program)
        decoys.append(subprocess.Popen([program, "600"]))
    try:
        started = server.document("start", "--background", "--port", str(server.port), "--ui-port", "0")
        watcher = _pid(server, "watcher")
        again = server.document("restart")
        assert again["pid"] != started["pid"]
        assert again["url"] == started["url"], "as it was"
        assert healthy(server.url)
        assert not psutil.pid_exists(started["pid"]) or psutil.Process(started["pid"]).status() == psutil.STATUS_ZOMBIE
        assert _pid(server, "watcher") != watcher
        status = server.document("status")
        assert (status["running"], status["answers"], status["watcher"]["pid"]) == (True, True, _pid(server, "watcher"))
        stopped = server.document("stop")
        assert (stopped["stopped"], stopped["pid"]) == (True, again["pid"])
        assert not healthy(server.url)
        assert server.command("status").returncode == 1
        assert all(decoy.poll() is None for decoy in decoys), "nothing is ended for its name"
    finally:
        for decoy in decoys:
            decoy.kill()
            decoy.wait()


def test_a_server_that_is_told_to_end_leaves_nothing_behind_and_calls_nobody(server: Server) -> None:
    command = [sys.executable, "-m", "app.cli", "start", "--port", str(server.port), "--ui-port", "0", "--no-open"]
    server.run(command)
    watcher = _pid(server, "watcher")
    assert server.process is not None
    server.process.terminate()
    assert server.process.wait(40) == 0
    assert not psutil.pid_exists(watcher) or psutil.Process(watcher).status() == psutil.STATUS_ZOMBIE
    assert not list(server.home.glob("*.json")), "no record of them"
    assert (server.home / "watch" / "resting").read_text() == "ended"


def test_a_recorded_number_that_belongs_to_another_process_now_is_left_alone(server: Server) -> None:
    other = subprocess.Popen(["sleep", "600"])
    try:
        record = {"pid": other.pid, "created": 1.0, "url": server.url}
        (server.home / "server.json").write_text(json.dumps(record))
        assert server.document("stop")["stopped"] is False
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def _enter_people(server: Server, mail: MailServer) -> None:
    owner = {"email": OWNER, "password": OWNER_PASSWORD}
    server.token = server.call("POST", "/api/setup/owner", owner)["access_token"]
    smtp = {"host": HOST, "port": mail.port, "security": "plain", "sender": "alerts@example.com"}
    server.call("PUT", "/api/operations/notifications/settings", {"smtp": smtp, "pushover": None})
    contact = {"name": "Ops", "roles": ["ops_team"], "email": "ops@example.com"}
    server.call("POST", "/api/operations/on-call/contacts", contact)


def test_a_killed_server_is_noticed_told_and_remembered(server: Server) -> None:
    with mail_server() as mail:
        server.start()
        _enter_people(server, mail)
        plan = server.home / "watch" / "plan.sealed"
        wait_for(lambda: plan.exists() and time.time() - plan.stat().st_mtime < 30, "the calling plan")
        first = plan.read_bytes()
        wait_for(lambda: plan.read_bytes() != first or first == b"", "the calling plan with people in it", 40)
        command = [sys.executable, "-m", "app.cli", "watch", "--every", "1"]
        watcher = subprocess.Popen(command, env=server.environment)
        try:
            wait_for(lambda: server.call("GET", "/api/operations/watchers"), "the watcher's first word")
            assert psutil.Process(watcher.pid).memory_info().rss < 40_000_000, "it took the command's place"
            server.kill()
            wait_for(
                lambda: [m for m in mail.mails if str(m["Subject"]) == "[P1] FossaWork does not answer"], "the call"
            )
            server.start()
            server.sign_in(OWNER, OWNER_PASSWORD)

            def over() -> Any:
                incidents = server.call("GET", "/api/operations/incidents")["items"]
                return incidents and incidents[0]["status"] == "resolved"

            wait_for(over, "the recovered incident")
            (incident,) = server.call("GET", "/api/operations/incidents")["items"]
            whole = server.call("GET", f"/api/operations/incidents/{incident['id']}")
            assert (whole["priority"], whole["alerts"][0]["rule"]) == ("p1", "system_down")
            assert incident["figures"]["recovery_met"] is True
            alert = server.call("GET", f"/api/operations/alerts/{whole['alerts'][0]['id']}")
            assert alert["calls"][0]["level"] == 1, "the server knows whom the watcher has called"
            assert "watcher_called" in [event["what"] for event in alert["events"]]

            def counted() -> Any:
                report = server.call("GET", "/api/operations/slo")["items"]
                availability = next(item for item in report if item["id"] == "availability")["parts"][0]
                return availability["total"] > availability["good"] > 0

            wait_for(counted, "the outage in the availability")
            wait_for(lambda: [m for m in mail.mails if "[OVER]" in str(m["Subject"])], "the all-clear")
        finally:
            watcher.terminate()
            watcher.wait(20)
            server.stop()


def _break_database(server: Server) -> None:
    (server.home / "app.db").write_bytes(b"no database any more" * 500)
    for rest in ("app.db-wal", "app.db-shm"):
        (server.home / rest).unlink(missing_ok=True)


def _tool(name: str, *arguments: str, server: Server, cwd: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [shutil.which("python3") or sys.executable, str(TOOLS / name), *arguments],
        env=server.environment,
        cwd=cwd or Path("/"),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def _check_document(tool: str, document: Any) -> None:
    """The one document a tool prints is what its schema says."""
    schema = ROOT / "backend" / "app" / "operations" / "tools" / f"{tool}.schema.json"
    jsonschema_rs.validator_for(json.loads(schema.read_text())).validate(document)


def test_health_check_tells_a_well_server_from_a_sick_one(server: Server) -> None:
    server.ui_port = free_port()
    server.start()
    found = json.loads(_tool("health-check.py", "--json", server=server).stdout)
    _check_document("health_check", found)
    assert found["reachable"] is True
    states = {part["name"]: part["status"] for part in found["components"]}
    assert {states[name] for name in ("api", "database", "auth", "frontend", "process")} == {"ok"}
    lenient = _tool("health-check.py", "--component", "database", server=server)
    assert (lenient.returncode, "database" in lenient.stdout) == (0, True)
    assert _tool("health-check.py", "--fail-on", "error", server=server).returncode == 0
    assert _tool("health-check.py", "--component", "none", server=server).returncode == 64
    scheduled = _tool("health-check.py", "--scheduled", "--quiet", server=server)
    assert "ok " not in scheduled.stdout
    assert (
        json.loads((server.logs / "health-checks.jsonl").read_text().splitlines()[0])["schema"]
        == "fossawork.health-check/1"
    )
    _break_database(server)
    wait_for(lambda: _tool("health-check.py", server=server).returncode == 2, "the broken database")
    sick = json.loads(_tool("health-check.py", "--json", "--comprehensive", server=server).stdout)
    assert sick["status"] == "failed"
    assert any(issue.startswith("database") for issue in sick["issues"])
    server.kill()
    dead = _tool("health-check.py", "--json", server=server)
    assert dead.returncode == 3
    _check_document("health_check", json.loads(dead.stdout))
    assert json.loads(dead.stdout)["reachable"] is False


def test_performance_monitor_measures_and_keeps(server: Server) -> None:
    assert _tool("performance-monitor.py", "--alerts", server=server).returncode == 3, "nothing can be measured"
    server.start()
    found = _tool("performance-monitor.py", "--json", "--samples", "2", "--interval", "0.1", server=server)
    assert found.returncode in (0, 1), found.stderr
    document = json.loads(found.stdout)
    _check_document("performance_monitor", document)
    values = {measure["name"]: measure["value"] for measure in document["measures"]}
    assert values["health"] is not None
    assert values["query_users"] is not None
    assert document["samples"] == 2
    assert _tool("performance-monitor.py", "--baseline", "compare", server=server).returncode == 64, "there is none yet"
    assert _tool("performance-monitor.py", "--baseline", "save", "--log-only", server=server).stdout == ""
    assert json.loads((server.home / "performance" / "baseline.json").read_text())["health"] > 0
    assert _tool("performance-monitor.py", "--baseline", "compare", "--alerts", server=server).returncode in (0, 1)
    assert len((server.logs / "performance-metrics.jsonl").read_text().splitlines()) == 4


@pytest.mark.parametrize("tool", ["health-check.py", "performance-monitor.py", "log-analyzer.py"])
def test_every_tool_helps_from_anywhere_and_refuses_what_it_does_not_know(
    tool: str, server: Server, tmp_path: Path
) -> None:
    helped = _tool(tool, "--help", server=server, cwd=tmp_path)
    assert (helped.returncode, "--json" in helped.stdout) == (0, True)
    assert _tool(tool, "--no-such-option", server=server).returncode == 64


def test_slo_and_alerts_are_told_while_the_application_database_is_gone(server: Server) -> None:
    server.start()
    server.kill()
    _break_database(server)
    report = json.loads(server.command("slo", "--json").stdout)
    assert len(report["items"]) == 6
    assert set(report["unreadable"]) == {"form_automation", "data_sync"}
    assert json.loads(server.command("alert", "list", "--json").stdout)["items"] == []
    opened = server.document("incident", "open", "Nothing works", "--priority", "p1")
    assert server.command("incident", "move", opened["id"], "closed", "--json").returncode == 1
