"""The batch routes without a browser: what may be asked, by whom, and in which state."""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.batches import service
from app.batches.models import Batch
from app.batches.schemas import BatchState, VisitState
from app.database import Database
from app.kit.clock import VirtualClock
from backend.tests.batches.home import NOW, VISITS, bring_home
from backend.tests.conftest import Person

Handed = list[tuple[str, str, str]]


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Handed:
    """What was handed to the engine."""
    calls: Handed = []
    monkeypatch.setattr("app.batches.endpoints.enqueue", lambda *call: calls.append(call))
    return calls


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(NOW) as running:
        yield running


class Caller:
    """The API as one person calls it."""

    def __init__(self, client: TestClient, person: Person, clock: VirtualClock) -> None:
        self.client, self.person, self.clock = client, person, clock

    def get(self, path: str, **query: Any) -> Any:
        answer = self.client.get(f"/api/batches{path}", headers=self.person.headers, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any = None, status: int = 202) -> Any:
        answer = self.client.post(f"/api/batches{path}", headers=self.person.headers, json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def start(self, *visits: int) -> str:
        self.clock.advance(seconds=1)
        return str(self.post("", {"visits": list(visits or VISITS)})["id"])


@pytest.fixture
def api(client: TestClient, sqlite: Database, handed: Handed, clock: VirtualClock, person: Person) -> Caller:
    bring_home(sqlite, person)
    return Caller(client, person, clock)


def _begin(database: Database, batch_id: str) -> None:
    """The engine takes the batch up and works on its first visit."""
    with database.write() as db:
        batch = service.begin_turn(db, service.turn_of(db.get_one(Batch, batch_id)))
        assert batch is not None
        service.visits_of(db, [batch.id])[batch.id][0].state = VisitState.running.value


def _end(database: Database, batch_id: str, state: BatchState = BatchState.finished) -> None:
    with database.write() as db:
        batch = db.get_one(Batch, batch_id)
        if state is BatchState.finished:
            for visit in service.visits_of(db, [batch_id])[batch_id]:
                visit.state = VisitState.done.value
        service.end(db, batch, state, None)


# --- asking for one ---------------------------------------------------------------------------------------------------


def test_a_batch_of_chosen_visits_is_stored_and_handed_over(api: Caller, handed: Handed) -> None:
    batch = api.post("", {"visits": [503, 501], "name": "The far ones"})
    assert (batch["name"], batch["state"], batch["asked_by"]) == ("The far ones", "queued", "you")
    assert [(v["position"], v["visit_id"], v["state"], v["run_id"]) for v in batch["visits"]] == [
        (0, 503, "waiting", None),
        (1, 501, "waiting", None),
    ]
    assert batch["visits"][0]["store"] == "#3"
    assert batch["eta_seconds"] is None, "nothing was measured yet"
    assert [(a["who"], a["action"], a["detail"]) for a in batch["actions"]] == [("you", "start", "2 visits")]
    assert handed == [("form_run", f"{batch['id']}.1", api.person.id)]
    assert api.get(f"/{batch['id']}") == batch


@pytest.mark.parametrize(
    ("body", "visits", "name"),
    [
        ({"scope": "today"}, [501, 502], "Today, Wed 04 Mar"),
        ({"scope": "week"}, [501, 502, 503], "Week of Mon 02 Mar"),
        ({"scope": "week", "week_of": "2026-03-06"}, [501, 502, 503], "Week of Mon 02 Mar"),
        ({"visits": [502]}, [502], "1 chosen visit"),
    ],
)
def test_today_and_a_week_are_scopes(api: Caller, body: dict[str, Any], visits: list[int], name: str) -> None:
    batch = api.post("", body)
    assert ([visit["visit_id"] for visit in batch["visits"]], batch["name"]) == (visits, name)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 422, "invalid"),
        ({"visits": [501], "scope": "today"}, 422, "invalid"),
        ({"visits": [501, 501]}, 422, "invalid"),
        ({"scope": "week", "week_of": "2026-05-01"}, 422, "no_visits"),
        ({"scope": "month"}, 422, "invalid"),
        ({"visits": [1] * 101}, 422, "invalid"),
        ({"visit": [501]}, 422, "invalid"),
        ({"visits": [999]}, 404, "not_found"),
    ],
)
def test_what_cannot_be_prepared_is_refused_and_nothing_is_kept(
    api: Caller, handed: Handed, body: dict[str, Any], status: int, code: str
) -> None:
    assert api.post("", body, status)["code"] == code
    assert (api.get("")["items"], handed) == ([], [])


# --- steering ---------------------------------------------------------------------------------------------------------


def test_a_queued_batch_pauses_at_once_and_goes_on_as_a_new_turn(api: Caller, handed: Handed) -> None:
    batch_id = api.start()
    assert api.post(f"/{batch_id}/pause")["state"] == "paused"
    assert api.post(f"/{batch_id}/pause", status=409)["code"] == "not_now"
    resumed = api.post(f"/{batch_id}/resume")
    assert resumed["state"] == "queued"
    assert handed[-1] == ("form_run", f"{batch_id}.3", api.person.id)
    assert [action["action"] for action in resumed["actions"]] == ["start", "pause", "resume"]


def test_a_running_batch_is_asked_to_pause_and_may_be_told_to_go_on(
    api: Caller, sqlite: Database, handed: Handed
) -> None:
    batch_id = api.start()
    _begin(sqlite, batch_id)
    assert api.post(f"/{batch_id}/resume", status=409)["code"] == "not_now"
    assert api.post(f"/{batch_id}/pause")["state"] == "pausing"
    assert api.post(f"/{batch_id}/resume")["state"] == "running"
    assert len(handed) == 1, "its worker goes on; no second one is called"


def test_a_waiting_batch_says_until_when_and_can_be_sent_on_at_once(
    api: Caller, sqlite: Database, handed: Handed
) -> None:
    batch_id = api.start()
    _begin(sqlite, batch_id)
    with sqlite.write() as db:
        service.wait(db, db.get_one(Batch, batch_id), NOW + timedelta(minutes=5), "The portal does not answer.")
    shown = api.get(f"/{batch_id}")
    assert (shown["state"], shown["wake_why"]) == ("waiting", "The portal does not answer.")
    assert shown["wake_at"].startswith("2026-03-04T15:05:00")
    resumed = api.post(f"/{batch_id}/resume")
    assert (resumed["state"], resumed["wake_at"], resumed["wake_why"]) == ("queued", None, None)
    assert handed[-1][1] == f"{batch_id}.2"


def test_a_visit_is_skipped_by_number_or_the_next_one_without(api: Caller) -> None:
    batch_id = api.start()
    skipped = api.post(f"/{batch_id}/skip", {"visit_id": 502})
    assert [visit["state"] for visit in skipped["visits"]] == ["waiting", "skipped", "waiting"]
    assert skipped["visits"][1]["reason"] == "Skipped by you."
    skipped = api.post(f"/{batch_id}/skip", {})
    assert [visit["state"] for visit in skipped["visits"]] == ["skipped", "skipped", "waiting"]
    assert api.post(f"/{batch_id}/skip", {"visit_id": 502}, 409)["code"] == "not_now"
    assert api.post(f"/{batch_id}/skip", {"visit_id": 999}, 409)["code"] == "not_now"


def test_stopping_is_an_end_with_an_end_for_each_visit(api: Caller, sqlite: Database) -> None:
    waiting, running = api.start(501), api.start(502)
    _begin(sqlite, running)
    stopped = api.post(f"/{waiting}/stop")
    assert (stopped["state"], [v["state"] for v in stopped["visits"]]) == ("stopped", ["stopped"])
    assert stopped["finished_at"] is not None
    assert api.post(f"/{running}/stop")["state"] == "stopping"
    assert api.post(f"/{running}/stop")["state"] == "stopping", "asking twice is no error"
    for command in ("pause", "resume", "stop"):
        assert api.post(f"/{waiting}/{command}", status=409)["code"] == "not_now"
    assert api.post(f"/{waiting}/skip", {}, 409)["code"] == "not_now"
    assert api.get(f"/{waiting}")["state"] == "stopped"


def test_a_retry_is_a_new_batch_of_what_is_not_done_or_of_everything(
    api: Caller, sqlite: Database, handed: Handed
) -> None:
    batch_id = api.start()
    assert api.post(f"/{batch_id}/retry", {"what": "failed"}, 409)["code"] == "not_now"
    with sqlite.write() as db:
        service.visits_of(db, [batch_id])[batch_id][0].state = VisitState.done.value
    _end(sqlite, batch_id, BatchState.stopped)
    failed = api.post(f"/{batch_id}/retry", {"what": "failed"})
    everything = api.post(f"/{batch_id}/retry", {"what": "all"})
    assert [visit["visit_id"] for visit in failed["visits"]] == [502, 503]
    assert [visit["visit_id"] for visit in everything["visits"]] == [501, 502, 503]
    assert (failed["retry_of"], everything["retry_of"], failed["state"]) == (batch_id, batch_id, "queued")
    assert [call[1] for call in handed[-2:]] == [f"{failed['id']}.1", f"{everything['id']}.1"]
    assert api.post(f"/{batch_id}/retry", {"what": "some"}, 422)["errors"][0]["field"] == "what"


def test_where_everything_is_done_only_everything_can_be_tried_again(api: Caller, sqlite: Database) -> None:
    batch_id = api.start()
    _end(sqlite, batch_id)
    assert api.post(f"/{batch_id}/retry", {"what": "failed"}, 422)["code"] == "no_visits"
    assert len(api.post(f"/{batch_id}/retry", {"what": "all"})["visits"]) == 3


# --- the history ------------------------------------------------------------------------------------------------------


def test_the_list_is_newest_first_and_comes_in_pages(api: Caller) -> None:
    ids = [api.start(501) for _ in range(5)]
    first = api.get("", limit=3)
    rest = api.get("", limit=3, cursor=first["next_cursor"])
    assert [batch["id"] for batch in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    assert api.get("", limit=5)["next_cursor"] is None


def test_the_list_is_filtered(api: Caller, sqlite: Database) -> None:
    early, late = api.start(501, 502), api.start(503)
    _end(sqlite, early)
    with sqlite.write() as db:
        db.get_one(Batch, early).asked_at -= timedelta(days=2)

    def found(**query: Any) -> list[str]:
        return [batch["id"] for batch in api.get("", **query)["items"]]

    assert found() == [late, early]
    assert found(state="finished") == [early]
    assert found(state=["finished", "queued"]) == [late, early]
    assert found(state="failed") == []
    assert found(since="2026-03-03") == [late]
    assert found(until="2026-03-03") == [early]
    assert found(since="2026-03-02", until="2026-03-02") == [early]
    assert found(search="#3") == [late]
    assert found(search="502") == [early]
    assert found(search="%") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"state": "done"}, "state.0"),
        ({"since": "yesterday"}, "since"),
        ({"limit": 101}, "limit"),
        ({"limit": 0}, "limit"),
    ],
)
def test_filters_that_do_not_fit_are_named(api: Caller, client: TestClient, query: dict[str, Any], field: str) -> None:
    answer = client.get("/api/batches", headers=api.person.headers, params=query)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def _export(api: Caller, **query: Any) -> list[dict[str, str]]:
    answer = api.client.get("/api/batches/export", headers=api.person.headers, params=query)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="fossawork-forms.csv"'
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_the_export_says_what_came_of_every_visit_with_the_lists_filters(api: Caller, sqlite: Database) -> None:
    first = api.start(501, 503)
    api.post(f"/{first}/stop")
    api.start(502)
    lines = _export(api)
    assert [(line["visit"], line["visit_state"], line["work_order"], line["store"]) for line in lines] == [
        ("502", "waiting", "W-2", "#2"),
        ("501", "stopped", "W-1", "#1"),
        ("503", "stopped", "W-3", "#3"),
    ]
    assert lines[1]["reason"] == "The batch was stopped before this visit was finished."
    assert (lines[1]["visit_date"], lines[1]["verdict"], lines[1]["dispenser"]) == ("2026-03-04", "", "")
    assert [line["visit"] for line in _export(api, state="stopped")] == ["501", "503"]
    assert _export(api, search="nowhere") == []


def test_a_text_that_a_spreadsheet_would_compute_is_exported_as_text(api: Caller) -> None:
    api.post("", {"visits": [501], "name": '=HYPERLINK("http://example.com")'})
    api.clock.advance(seconds=1)
    api.post("", {"visits": [502], "name": "one, two\nthree"})
    assert [line["batch"] for line in _export(api)] == ["one, two\nthree", '\'=HYPERLINK("http://example.com")']


# --- whose it is ------------------------------------------------------------------------------------------------------


def test_somebody_elses_batch_does_not_exist(
    api: Caller, client: TestClient, handed: Handed, add_person: Callable[..., Person]
) -> None:
    batch_id = api.start()
    other = Caller(client, add_person("other@example.com"), api.clock)
    for path, body in (
        ("pause", None),
        ("resume", None),
        ("skip", {}),
        ("stop", None),
        ("retry", {"what": "all"}),
    ):
        assert other.post(f"/{batch_id}/{path}", body, 404)["code"] == "not_found"
    assert client.get(f"/api/batches/{batch_id}", headers=other.person.headers).status_code == 404
    assert other.post("", {"visits": [501]}, 404)["code"] == "not_found"
    assert other.get("")["items"] == []
    assert _export(other) == []
    assert other.get("", cursor=batch_id)["items"] == []
    assert (api.get(f"/{batch_id}")["state"], len(handed)) == ("queued", 1)


def test_nobody_without_a_token_gets_anything(api: Caller, client: TestClient) -> None:
    batch_id = api.start()
    for path in ("", "/export", f"/{batch_id}"):
        assert client.get(f"/api/batches{path}").status_code == 401
    for path in ("", f"/{batch_id}/pause", f"/{batch_id}/stop"):
        assert client.post(f"/api/batches{path}", json={}).status_code == 401
