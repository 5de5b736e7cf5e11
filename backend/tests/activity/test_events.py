"""Live events: written once, followed by whoever they belong to, from any point."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from fastapi.testclient import TestClient

from app.activity.schemas import JobKind
from app.activity.service import (
    EventFeed,
    Reporter,
    events_after,
    follow_job,
    forget_requests,
    newest_id,
    note_request,
    request_of,
)
from app.config import get_settings
from app.database import Database
from app.kit.clock import VirtualClock
from app.telemetry.origin import working_for
from backend.tests.conftest import Person
from backend.tests.log_lines import everything, logged


def _reporter(person: Person, job_id: str = "job-1") -> Reporter:
    return Reporter(person.id, JobKind.sync, job_id)


def test_events_are_read_on_from_the_last_one_seen(sqlite: Database, person: Person) -> None:
    report = _reporter(person)
    for number in range(3):
        report.tell("location", f"Location {number}", done=number, total=3)
    with sqlite.read() as db:
        everything = events_after(db, 0, user_id=person.id)
        assert [event.data["done"] for event in everything] == [0, 1, 2]
        assert [event.id for event in events_after(db, everything[1].id, user_id=person.id)] == [everything[2].id]
        assert newest_id(db, person.id) == everything[2].id


def test_following_a_job_ends_with_its_last_event_and_leaves_out_others(sqlite: Database, person: Person) -> None:
    _reporter(person, "other").tell("finished", "not this one")
    report = _reporter(person)
    report.tell("phase", "one")
    report.tell("finished", "two")
    report.tell("phase", "after the end")
    assert [event.message for event in follow_job("job-1")] == ["one", "two"]


def test_an_event_told_in_a_transaction_that_fails_is_never_seen(sqlite: Database, person: Person) -> None:
    try:
        with sqlite.write() as db:
            _reporter(person).tell_in(db, "phase", "never")
            raise RuntimeError
    except RuntimeError:
        pass
    with sqlite.read() as db:
        assert events_after(db, 0) == []


async def test_a_follower_gets_what_comes_and_nothing_of_others(
    sqlite: Database, person: Person, add_person: Callable[..., Person]
) -> None:
    other = add_person("other@example.com")
    feed = EventFeed()
    stream = feed.follow(person.id, 0)
    await asyncio.to_thread(_reporter(other).tell, "phase", "somebody else's")
    await asyncio.to_thread(_reporter(person).tell, "phase", "first")
    first = await asyncio.wait_for(anext(stream), 5)
    waiting = asyncio.ensure_future(anext(stream))
    await asyncio.to_thread(_reporter(person).tell, "phase", "second")
    second = await asyncio.wait_for(waiting, 5)
    assert first is not None
    assert second is not None
    assert [first.message, second.message] == ["first", "second"]
    await stream.aclose()
    feed.close()


def test_secrets_do_not_travel_in_events_logs(sqlite: Database, person: Person, home: object) -> None:
    _reporter(person).tell("phase", "Signing in", password="hunter2hunter2", token="abc")
    written = everything(get_settings().logs)
    assert b"hunter2hunter2" not in written
    assert b'"token":"[hidden]"' in written


def test_events_and_lines_bear_the_id_of_the_request_that_asked(sqlite: Database, person: Person) -> None:
    with working_for("req-1"), sqlite.write() as db:
        note_request(db, "job-1")
    reporter = Reporter(person.id, JobKind.batch, "job-1")
    with working_for(request_of("job-1.2") or ""):
        reporter.tell("phase", "Reading", done=1)
    reporter.tell("phase", "Nobody asked")
    assert request_of("job-2") is None
    with sqlite.read() as db:
        assert [event.request_id for event in events_after(db, 0)] == ["req-1", None]
    lines = logged(get_settings().logs, "automation")
    assert [line["request_id"] for line in lines] == ["req-1", "-"]
    assert lines[0]["message"] == "Reading"
    assert lines[0]["data"] == {"done": 1, "job": "batch", "type": "phase", "job_id": "job-1"}


def test_requests_are_forgotten_with_the_lines_that_bear_their_ids(sqlite: Database) -> None:
    with VirtualClock(datetime(2026, 3, 6, tzinfo=UTC)) as clock:
        for job_id in ("old", "new"):
            with working_for(f"req-{job_id}"), sqlite.write() as db:
                note_request(db, job_id)
            clock.advance(days=60)
        with sqlite.write() as db:
            forget_requests(db, clock.at - timedelta(days=90))
    assert [request_of("old"), request_of("new")] == [None, "req-new"]


def test_the_stream_wants_a_token_and_a_sensible_start(client: TestClient, person: Person) -> None:
    assert client.get("/api/events").status_code == 401
    assert client.get("/api/events?after=-1", headers=person.headers).status_code == 422
    assert client.get("/api/events?after=x", headers=person.headers).status_code == 422


def test_an_event_is_one_json_line(sqlite: Database, person: Person) -> None:
    _reporter(person).tell("phase", "with a\nnew line", deep={"a": [1]})
    with sqlite.read() as db:
        line = events_after(db, 0)[0].model_dump_json()
    assert "\n" not in line
    assert json.loads(line)["data"] == {"deep": {"a": [1]}}
