"""The routes of the logs: who may, what browsers may send, and what operators get."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from fastapi.testclient import TestClient

from app.accounts import limits, service
from app.accounts.current import OperatorsSession
from app.accounts.models import SignIn, User
from app.accounts.tokens import read_access_token
from app.config import get_settings
from app.database import Database, get_database
from app.kit import clock
from app.kit.clock import VirtualClock
from app.kit.problems import TooManyRequests
from app.operations.logs import endpoints, tail
from app.operations.logs.ingestion import Seen
from app.operations.logs.tail import LogTail, Missed, NewLines
from app.operations.logs.wanted import Wanted
from app.telemetry import logs
from app.telemetry.origin import working_for
from backend.tests.conftest import Person
from backend.tests.log_lines import check_lines, logged
from backend.tests.operations.logs.files import line, write

ROUTES = ["/api/operations/logs", "/api/operations/logs/summary", "/api/operations/logs/stream"]
AddPerson = Callable[..., Person]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoints, "_seen", Seen())
    limits.forget_all()


@pytest.fixture
def technician(person: Person, add_person: AddPerson) -> Person:
    """Somebody beside the owner."""
    return add_person("second@example.com")


# --- for operators only --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES)
def test_nobody_but_operators_reads_logs(client: TestClient, technician: Person, route: str) -> None:
    assert client.get(route).status_code == 401
    assert client.get(route, headers=technician.headers).status_code == 403


@pytest.mark.parametrize("role", ["operator", "admin"])
def test_operators_do(client: TestClient, technician: Person, sqlite: Database, role: str) -> None:
    with sqlite.write() as db:
        db.get_one(User, technician.id).role = role
    assert client.get(ROUTES[0], headers=technician.headers).status_code == 200


def test_a_search_finds_what_the_server_has_just_said(client: TestClient, person: Person) -> None:
    with working_for("find-me", "somebody"):
        logs.get_logger("automation").warning("sync.slow", duration_ms=12.5, stores=3)
    answer = client.get("/api/operations/logs?request_id=find-me", headers=person.headers).json()
    (item,) = answer["items"]
    assert (item["event"], item["component"], item["user_id"]) == (
        "sync.slow",
        "backend.tests.operations.logs",
        "somebody",
    )
    assert (item["duration_ms"], item["data"], item["error"], item["status"]) == (12.5, {"stores": 3}, None, None)
    assert {key: answer[key] for key in ("next_cursor", "out_of_time", "unread", "malformed")} == {
        "next_cursor": None,
        "out_of_time": False,
        "unread": [],
        "malformed": 0,
    }


def test_filters_and_pages(client: TestClient, person: Person) -> None:
    folder, today = get_settings().logs, clock.now().date()
    write(folder, today, [line(i, today, level="error" if i % 2 else "info") for i in range(10)])
    query = "/api/operations/logs?category=automation&level=error&limit=2&minutes=1440"
    with VirtualClock(datetime.combine(today, datetime.max.time(), UTC)):
        found, cursor = [], ""
        while True:
            answer = client.get(f"{query}&cursor={cursor}" if cursor else query, headers=_again(person)).json()
            found += [item["data"]["number"] for item in answer["items"]]
            cursor = answer["next_cursor"]
            if cursor is None:
                break
    assert found == [9, 7, 5, 3, 1]


def _again(person: Person) -> dict[str, str]:
    """Headers of a token that is good at the present (virtual) time."""
    with get_database().write() as db:
        return {"Authorization": f"Bearer {service.open_session(db, db.get_one(User, person.id)).access_token}"}


@pytest.mark.parametrize(
    "query",
    ["level=loud", "category=x", "limit=0", "limit=501", "minutes=0", "since=yesterday", "since=2026-03-06T00:00:00",
     "cursor=x", "component=A", "request_id=a b", "since=2026-03-06T00:00:00Z&minutes=5", "until=0001-01-01T00:00:00Z"],
)  # fmt: skip
def test_senseless_filters_are_refused(client: TestClient, person: Person, query: str) -> None:
    answer = client.get(f"/api/operations/logs?{query}", headers=person.headers)
    assert answer.status_code == 422, answer.text


def test_searches_that_would_take_all_cores_wait_their_turn_or_are_refused(
    client: TestClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoints, "_PATIENCE_SECONDS", 0.01)
    for _ in range(2):
        assert endpoints._searching.acquire(timeout=1)
    try:
        assert client.get(ROUTES[0], headers=person.headers).status_code == 503
    finally:
        for _ in range(2):
            endpoints._searching.release()
    assert client.get(ROUTES[0], headers=person.headers).status_code == 200


def test_the_summary_groups_errors_and_tells_space_and_writing(client: TestClient, person: Person) -> None:
    for number in range(3):
        logs.get_logger("automation").error(
            "sync.failed", message=f"Store {number} did not answer", error=ValueError("x")
        )
    logs.get_logger("backend").error("disk.failed")
    logs.get_logger("backend").warning("only.warned")
    answer = client.get("/api/operations/logs/summary?minutes=5", headers=person.headers).json()
    assert [(group["event"], group["count"]) for group in answer["groups"]] == [("sync.failed", 3), ("disk.failed", 1)]
    assert (answer["errors"], answer["complete"], answer["unread"]) == (4, True, [])
    assert answer["groups"][0]["message"] == "Store 2 did not answer"
    assert answer["space"]["bytes"] > 0
    assert answer["writing"]["lines"] >= 5
    assert client.get("/api/operations/logs/summary", headers=person.headers).json()["errors"] == 4


# --- the live tail -------------------------------------------------------------------------------------------------------


async def _next(stream: Any) -> Any:
    return await asyncio.wait_for(anext(stream), 20)


async def test_a_follower_gets_what_is_written_from_now_on(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "LOOK_SECONDS", 0.01)
    folder, log = get_settings().logs, logs.get_logger("automation")
    log.info("said.before")
    logs.flush()
    live = LogTail()
    stream = live.follow(folder, Wanted(event="said"))
    everything = live.follow(folder, Wanted())
    assert [await _next(stream), await _next(everything)] == [None, None]
    log.info("something.other")
    log.error("said.now", number=1)
    logs.get_logger("backend").info("said.too", number=2)
    logs.flush()
    first, second = [await _next(stream) for _ in range(2)]
    assert {first["event"], second["event"]} == {"said.now", "said.too"}
    seen = [(await _next(everything))["event"] for _ in range(3)]  # the copy in errors is not told again
    assert sorted(seen) == ["said.now", "said.too", "something.other"]
    for one in (stream, everything):
        await one.aclose()
    assert live._followers == []


def test_new_lines_go_on_in_the_next_days_file_and_half_lines_wait(home: object) -> None:
    folder = get_settings().logs
    with VirtualClock(datetime(2026, 6, 14, 23, 59, 59, tzinfo=UTC)) as moved:
        path = write(folder, moved.at.date(), [line(1, moved.at.date())])
        new = NewLines(folder)
        assert new.look() == []
        half = line(2, moved.at.date())
        path.write_bytes(path.read_bytes() + half[:30])
        assert new.look() == []
        path.write_bytes(path.read_bytes() + half[30:])
        moved.advance(seconds=2)
        write(folder, moved.at.date(), [line(3, moved.at.date())])
        assert [record["data"]["number"] for record, _ in new.look()] == [2, 3]
        write(folder, moved.at.date() - timedelta(days=1), [line(4, moved.at.date() - timedelta(days=1))])
        assert [record["data"]["number"] for record, _ in new.look()] == [4]
        moved.advance(days=1)
        path.unlink()
        assert new.look() == []


async def test_who_does_not_keep_up_is_told_how_much_was_missed(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "_MOST_WAITING", 5)
    monkeypatch.setattr(tail, "LOOK_SECONDS", 0.01)
    live, folder, today = LogTail(), get_settings().logs, clock.now().date()
    stream = live.follow(folder, Wanted())
    assert await _next(stream) is None
    write(folder, today, [line(i, today) for i in range(20)])
    assert await _next(stream) == Missed(15)
    assert [(await _next(stream))["data"]["number"] for _ in range(5)] == list(range(15, 20))
    await stream.aclose()


async def test_only_so_many_follow_at_once(home: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail, "MOST_FOLLOWERS", 1)
    live = LogTail()
    stream = live.follow(get_settings().logs, Wanted())
    await _next(stream)
    with pytest.raises(TooManyRequests):
        live.require_place()
    await stream.aclose()
    live.require_place()


async def test_the_stream_ends_with_the_session_or_the_role(
    sqlite: Database, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "LOOK_SECONDS", 0.01)
    monkeypatch.setattr(tail, "QUIET_SECONDS", 0.02)
    session = OperatorsSession(person.id, read_access_token(person.token).sign_in_id)
    for end in ("role", "sign-out"):
        stream = endpoints._lines(LogTail(), session, Wanted(event="said"))
        assert await _next(stream) == ": still here\n\n"
        logs.get_logger("backend").info("said.live", number=1)
        logs.flush()
        said = await _next(stream)
        while said.startswith(":"):
            said = await _next(stream)
        assert orjson.loads(said.removeprefix("data: "))["event"] == "said.live"
        with sqlite.write() as db:
            if end == "role":
                db.get_one(User, person.id).role = "technician"
            else:
                db.get_one(SignIn, session.sign_in_id).ended_at = clock.now()
        async for said in stream:
            assert said.startswith(":")
        with sqlite.write() as db:
            db.get_one(User, person.id).role = "admin"


def test_a_session_that_ran_out_lives_no_longer(sqlite: Database, person: Person) -> None:
    session = OperatorsSession(person.id, read_access_token(person.token).sign_in_id)
    assert session.lives()
    with VirtualClock(clock.now() + timedelta(days=get_settings().session_days + 1)):
        assert not session.lives()


# --- what browsers report ------------------------------------------------------------------------------------------------


def _entry(number: int = 0, **other: Any) -> dict[str, Any]:
    known = {"at": "2026-06-10T12:00:00.123+02:00", "level": "error", "event": "ui.error", "message": "It broke"}
    return {**known, "session_id": "ui-0123456789", "number": number, **other}


def _report(client: TestClient, *entries: dict[str, Any], **options: Any) -> Any:
    return client.post("/api/logs", json={"entries": list(entries)}, **options)


def test_reports_become_lines_with_both_times_and_the_ids_of_their_requests(client: TestClient, person: Person) -> None:
    failed = _entry(
        1,
        event="api.failed",
        request_id="ui-req-1",
        method="GET",
        route="/api/visits/{id}",
        status=500,
        duration_ms=12.5,
        error={"type": "ApiProblem", "message": "internal"},
        data={"online": True},
    )
    answer = _report(client, _entry(0, level="warning"), failed, headers={**person.headers, "X-Request-Id": "report-1"})
    assert (answer.status_code, answer.json()) == (202, {"written": 2})
    first, second = logged(get_settings().logs, "frontend")
    assert (first["request_id"], second["request_id"]) == ("report-1", "ui-req-1")
    assert (second["component"], second["user_id"], second["session_id"]) == ("ui", person.id, "ui-0123456789")
    assert (second["method"], second["route"], second["status"]) == ("GET", "/api/visits/{id}", 500)
    assert second["data"] == {"online": True, "client_ts": "2026-06-10T10:00:00.123Z", "number": 1}
    assert second["ts"] != second["data"]["client_ts"]
    assert [each["event"] for each in logged(get_settings().logs, "errors")] == ["api.failed"]
    check_lines(get_settings().logs)


def test_reports_need_no_session_and_a_bad_token_is_none(client: TestClient) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}):
        assert _report(client, _entry(len(headers)), headers=headers).status_code == 202
    assert all("user_id" not in each for each in logged(get_settings().logs, "frontend"))


def test_reports_are_taken_while_the_database_is_away(
    client: TestClient, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise service_error

    from sqlalchemy.exc import OperationalError

    service_error = OperationalError("SELECT", {}, Exception("gone"))
    monkeypatch.setattr("app.accounts.current.user_of_access_token", away)
    assert _report(client, _entry(), headers=person.headers).status_code == 202


def test_an_entry_that_is_sent_again_is_written_once(client: TestClient, person: Person) -> None:
    _report(client, _entry(1), _entry(2), headers=person.headers)
    again = _report(client, _entry(2), _entry(3), _entry(3, session_id="ui-another-one"), headers=person.headers)
    assert again.json() == {"written": 2}
    assert [each["data"]["number"] for each in logged(get_settings().logs, "frontend")] == [1, 2, 3, 3]


def test_only_the_newest_are_remembered() -> None:
    seen = Seen(most=2)
    assert [seen.is_new("s", number) for number in (1, 1, 2, 3, 1)] == [True, False, True, True, True]


def test_secrets_in_reports_are_hidden(client: TestClient) -> None:
    _report(client, _entry(message="password=hunter2hunter2", data={"token": "hunter2hunter2"}))
    written = str(logged(get_settings().logs, "frontend"))
    assert "hunter2" not in written


@pytest.mark.parametrize(
    "change",
    [
        {"level": "critical"},
        {"session_id": "../../etc/passwd"},
        {"session_id": "short"},
        {"number": -1},
        {"event": "Not A Code"},
        {"message": ""},
        {"at": "2026-06-10T12:00:00"},
        {"request_id": "with space"},
        {"route": "/api/visits?typed=1"},
        {"data": {"deep": {"a": 1}}},
        {"unknown": 1},
        {"message": "x" * 2001},
        {"data": {str(number): 1 for number in range(21)}},
    ],
)
def test_what_no_browser_of_ours_sends_is_refused(client: TestClient, change: dict[str, Any]) -> None:
    answer = _report(client, _entry(**change))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert logged(get_settings().logs, "frontend") == []


def test_too_many_entries_or_bytes_are_refused(client: TestClient, person: Person) -> None:
    assert _report(client, *[_entry(n) for n in range(100)], headers=person.headers).status_code == 202
    assert _report(client, *[_entry(n) for n in range(101)], headers=person.headers).status_code == 422
    large = [_entry(n, message="x" * 1900) for n in range(200, 240)]
    answer = _report(client, *large, headers=person.headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert answer.json()["reference"] == answer.headers["x-request-id"]

    def pieces() -> Iterator[bytes]:  # without a length said before
        for _ in range(100):
            yield b"x" * 1000

    assert client.post("/api/logs", content=pieces(), headers=person.headers).status_code == 413


def test_strangers_may_report_less_than_people_who_are_signed_in(client: TestClient, person: Person) -> None:
    answers = [_report(client, _entry(n)).status_code for n in range(7)]
    assert answers == [202] * 6 + [429]
    refused = _report(client, _entry(7))
    assert int(refused.headers["retry-after"]) > 0
    assert _report(client, _entry(8), headers=person.headers).status_code == 202
    signed_in = [_report(client, _entry(n + 10), headers=person.headers).status_code for n in range(60)]
    assert signed_in == [202] * 59 + [429]
