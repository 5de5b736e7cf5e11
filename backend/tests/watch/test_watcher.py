"""The watcher's rounds against a real server on a socket: what it remembers, whom it calls, what it tells."""

import json
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.watch.__main__ import Watcher
from app.watch.calls import Call
from app.watch.judge import Outage, Result
from app.watch.memory import Memory
from app.watch.probe import look
from backend.tests.kit.dripping import dripping


@dataclass
class FakeServer:
    """Answers as it is told to. ``status`` 0: closes the connection without a word."""

    url: str = ""
    status: int = 200
    pages: bool = False
    body: bytes | None = None
    reports: list[dict[str, Any]] = field(default_factory=list)
    listens: bool = True
    maintenance: list[dict[str, str]] = field(default_factory=list)


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if fake.status == 0:
                self.connection.close()
                return
            part = {"name": "database", "status": "ok" if fake.status == 200 else "failed"}
            health = {"status": "ok", "pages": fake.pages, "components": [part]}
            self._answer(fake.status, fake.body if fake.body is not None else json.dumps(health).encode())

        def do_POST(self) -> None:
            report = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not fake.listens or self.headers["X-Watcher-Token"] != "token":
                self._answer(503, b"{}")
                return
            fake.reports.append(report)
            last = {kind: max((each["id"] for each in report[kind]), default=0) for kind in ("probes", "reports")}
            answer = {"probe": last["probes"], "report": last["reports"], "maintenance": fake.maintenance}
            self._answer(200, json.dumps(answer).encode())

        def _answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever)
    thread.start()
    fake.url = f"http://127.0.0.1:{http.server_address[1]}"
    yield fake
    http.shutdown()
    http.server_close()
    thread.join()


@dataclass
class Rounds:
    watcher: Watcher
    at: list[float]
    calls: list[Call]
    answer: dict[str, Any]

    @property
    def called(self) -> list[str]:
        return [call.key for call in self.calls if call.key != "receipts"]

    def go(self, count: int = 1) -> None:
        for _ in range(count):
            self.at[0] += 30
            self.watcher.round()


@pytest.fixture
def rounds(server: FakeServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rounds]:
    monkeypatch.setenv("FOSSAWORK_LOGS", str(tmp_path / "logs"))
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "token").write_text("token")
    at, calls = [1_772_460_000.0], []
    answer: dict[str, Any] = {"reached": ["Sam"], "receipts": []}

    def caller(call: Call, _: Outage) -> dict[str, Any]:
        calls.append(call)
        return answer

    memory = Memory(tmp_path / "watch" / "watch.db")
    yield Rounds(Watcher(tmp_path, memory, lambda: at[0], caller, server.url), at, calls, answer)
    memory.close()


def test_what_is_a_good_answer_and_what_is_not(server: FakeServer) -> None:
    assert look(server.url, 1.0).result is Result.good
    server.status, server.pages = 503, True
    bad = look(server.url, 1.0)
    assert (bad.result, bad.reason, bad.pages) == (Result.bad, "not ready: database", True)
    server.status, server.body = 200, b"<html>some other program</html>"
    assert look(server.url, 1.0).reason == "answered 200, but not as FossaWork does"
    server.status, server.body = 0, None
    assert look(server.url, 1.0).reason.startswith("not reachable")
    assert look("http://127.0.0.1:1", 1.0).result is Result.bad


def test_a_silent_server_is_called_about_within_a_minute_and_by_the_clock(rounds: Rounds, server: FakeServer) -> None:
    rounds.go(5)
    server.status = 0
    rounds.go()
    assert rounds.called == []
    rounds.go()
    assert rounds.called == ["L1"]
    rounds.go(9)
    assert rounds.called == ["L1"]
    rounds.go()
    assert rounds.called == ["L1", "L2"], "five minutes without an answer"
    rounds.go(50)
    assert rounds.called == ["L1", "L2", "L3"]
    server.status = 200
    rounds.go(3)
    assert rounds.called[-1] == "over"
    rounds.go(5)
    assert rounds.called.count("over") == 1


def test_a_server_that_calls_people_itself_is_left_to_it(rounds: Rounds, server: FakeServer) -> None:
    server.status, server.pages = 503, True
    rounds.go(10)
    assert rounds.called == []
    server.status = 0
    rounds.go()
    assert rounds.called == ["L1"], "now it cannot any more"


def test_a_restarted_watcher_goes_on_where_it_was(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    rounds.go(2)
    old = rounds.watcher
    old.memory.close()
    memory = Memory(old.home / "watch" / "watch.db")
    rounds.watcher = Watcher(old.home, memory, old.clock, old.caller, old.url)
    rounds.go(9)
    assert rounds.called == ["L1"], "nobody is called twice"
    rounds.go()
    assert rounds.called == ["L1", "L2"]
    memory.close()


def test_who_says_that_they_look_after_it_stops_the_calling(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    rounds.go(2)
    (rounds.watcher.home / "watch" / "acknowledged").write_text("Kim")
    rounds.go(20)
    assert rounds.called == ["L1"]
    rounds.go(12)
    assert rounds.called == ["L1", "L2"], "fifteen minutes and still down"


RECEIPT = {"receipt": "r", "name": "Sam"}


def test_an_acknowledged_message_on_a_telephone_counts_too(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    rounds.answer["receipts"] = [RECEIPT]
    rounds.go(2)
    rounds.answer.update(acknowledged_by="Sam", receipts=[])
    rounds.go(15)
    assert rounds.called == ["L1", "quiet"], "the telephones of the others stop too"
    asked, quiet = rounds.calls[1:]
    assert (asked.key, list(asked.receipts), list(quiet.receipts)) == ("receipts", [RECEIPT], [RECEIPT])


def test_who_says_so_on_the_server_stops_the_telephones_too(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    rounds.answer["receipts"] = [RECEIPT]
    rounds.go(2)
    (rounds.watcher.home / "watch" / "acknowledged").write_text("Kim")
    rounds.go()
    assert (rounds.called[-1], list(rounds.calls[-1].receipts)) == ("quiet", [RECEIPT])


def test_everybody_who_was_called_is_told_that_it_is_over(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    rounds.answer["receipts"] = [RECEIPT]
    rounds.go(12)
    assert rounds.called == ["L1", "L2"]
    server.status = 200
    rounds.go(3)
    over = rounds.calls[-1]
    assert (over.key, over.level, list(over.receipts)) == ("over", 2, [RECEIPT, RECEIPT])


def test_an_outage_knows_nothing_of_the_one_before(rounds: Rounds, server: FakeServer) -> None:
    marker = rounds.watcher.home / "watch" / "acknowledged"
    server.status = 0
    rounds.answer["receipts"] = [RECEIPT]
    rounds.go(15)
    server.status = 200
    rounds.go(3)
    marker.write_text("Kim")  # after the end
    rounds.go()
    assert not marker.exists()
    rounds.answer.update(acknowledged_by="Sam", receipts=[])  # a late answer to an old message
    before = len(rounds.calls)
    server.status = 0
    rounds.go(12)
    assert [call.key for call in rounds.calls[before:]] == ["L1", "L2"]


def test_a_watcher_killed_while_it_tells_the_end_begins_the_next_outage_anew(
    rounds: Rounds, server: FakeServer
) -> None:
    class Killed(BaseException):
        pass

    def killed(*_: Any) -> dict[str, Any]:
        raise Killed

    server.status = 0
    rounds.go(12)
    server.status = 200
    rounds.go(2)
    caller, rounds.watcher.caller = rounds.watcher.caller, killed
    with pytest.raises(Killed):
        rounds.go()
    rounds.watcher.caller = caller
    rounds.go()
    assert rounds.called == ["L1", "L2", "over"]
    server.status = 0
    rounds.go(2)
    assert rounds.called[-1] == "L1"


def test_what_nobody_heard_is_told_later_in_order_and_once(rounds: Rounds, server: FakeServer) -> None:
    server.listens = False
    rounds.go(3)
    server.status = 0
    rounds.go(4)
    assert server.reports == []
    server.listens, server.status = True, 200
    rounds.go(2)
    first, second = server.reports
    assert [probe["result"] for probe in first["probes"]] == ["good"] * 3 + ["bad"] * 4 + ["good"]
    assert [probe["result"] for probe in second["probes"]] == ["good"]
    assert [report["what"] for report in first["reports"]] == ["outage", "called"]
    assert first["name"] == second["name"]


def test_a_pager_that_reaches_nobody_is_said_so(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    rounds.answer.update(reached=[], error="There is no primary on call. Instead all contacts are told.")
    rounds.go(2)
    server.status = 200
    rounds.go()
    told = [each["what"] for report in server.reports for each in report["reports"]]
    assert told == ["outage", "call_failed"]
    lines = _logged(rounds, "backend")
    assert [(line["event"], line["level"]) for line in lines] == [
        ("watch.outage", "error"),
        ("watch.call_failed", "error"),
    ]
    assert lines[1]["message"] == (
        "L1: nobody could be reached: There is no primary on call. Instead all contacts are told. It was reported."
    )


def test_errors_stand_in_the_file_of_errors_too_and_nothing_else_does(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    rounds.answer.update(reached=[], error="no channel worked")
    rounds.go(2)
    server.status = 200
    rounds.go(3)
    told = _logged(rounds, "backend")
    assert [line["event"] for line in told] == ["watch.outage", "watch.call_failed", "watch.over", "watch.call_failed"]
    assert _logged(rounds, "errors") == [line for line in told if line["event"] != "watch.over"]


def _logged(rounds: Rounds, category: str) -> list[dict[str, Any]]:
    files = (rounds.watcher.home / "logs" / category).glob("*.jsonl")
    return [json.loads(line) for path in files for line in path.read_text().splitlines()]


def test_a_server_stopped_on_purpose_is_neither_looked_at_nor_called_about(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    (rounds.watcher.home / "watch" / "resting").write_text("stopped")
    rounds.go(10)
    assert rounds.called == []
    assert rounds.watcher.memory.undelivered() == ([], [])


def test_a_restart_that_never_ends_is_called_about(rounds: Rounds, server: FakeServer) -> None:
    server.status = 0
    mark = rounds.watcher.home / "watch" / "resting"
    mark.write_text("restarting")
    os.utime(mark, (rounds.at[0], rounds.at[0]))
    rounds.go(19)
    assert rounds.called == []
    rounds.go(3)
    assert rounds.called == ["L1"]


def test_planned_work_calls_nobody_but_is_looked_at(rounds: Rounds, server: FakeServer) -> None:
    begin, end = (datetime.fromtimestamp(rounds.at[0] + span, UTC).isoformat() for span in (0, 600))
    server.maintenance = [{"starts_at": begin, "ends_at": end}]
    rounds.go()
    server.status = 0
    rounds.go(10)
    assert rounds.called == []
    rounds.go(10)
    assert rounds.called[0] == "L1", "the window is over and the server is still down"


def test_the_servers_address_is_where_it_says_and_where_it_was_last(rounds: Rounds, tmp_path: Path) -> None:
    watcher = rounds.watcher
    watcher.url = None
    assert watcher.server() == "http://127.0.0.1:8000"
    (tmp_path / "server.json").write_text('{"url": "http://127.0.0.1:9999"}')
    assert watcher.server() == "http://127.0.0.1:9999"
    for damaged in ("[1]", '"x"', "{", "{}", "null", '{"url": 7}', '{"url": "x"}', '{"url": "http://[::1"}'):
        (tmp_path / "server.json").write_text(damaged)
        assert watcher.server() == "http://127.0.0.1:9999"
    (tmp_path / "server.json").unlink()
    assert watcher.server() == "http://127.0.0.1:9999"


def test_a_server_that_drips_does_not_hold_the_watcher(rounds: Rounds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.watch.probe.PATIENCE_SECONDS", 0.2)
    monkeypatch.setattr("app.watch.__main__._DELIVER_SECONDS", 0.2)
    with dripping() as url:
        assert look(url, 1.0).reason == "no answer within 0.2 s"
        rounds.watcher.url = url
        rounds.go(2)
    assert rounds.called == ["L1"]
