"""The plan with a person's answers, form settings and reading templates, over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.database import Database
from app.forms.templates import BUILT_IN, StationType
from backend.tests.conftest import Person
from backend.tests.forms.home import PROVERS, Handed, seen

WET = {
    "procedure": "Wet Down",
    "flow": "fast",
    "temperature": None,
    "gpm": None,
    "start": "0",
    "meniscus": None,
    "end": None,
}
OWN = {"metered": [WET, {**WET, "procedure": "Meter Sealed", "flow": "slow"}], "blended": [WET], "later_blends": []}
WAWA = "/api/reading-templates/wawa"


def _plan(client: TestClient, person: Person, visit: str, **choices: Any) -> dict[str, Any]:
    answer = client.post(f"{visit}/plan", headers=person.headers, json=choices)
    assert answer.status_code == 200, answer.text
    plan: dict[str, Any] = answer.json()
    return plan


def _readings(form: dict[str, Any]) -> list[int]:
    return [len(group["readings"]) for group in form["readings"]]


# --- a plan with choices ----------------------------------------------------------------------------------------------


def test_choices_change_the_plan_that_is_shown_but_not_its_digest(
    client: TestClient, sqlite: Database, person: Person, visit: str, handed: Handed
) -> None:
    seen(sqlite, person)
    plain = client.get(f"{visit}/plan", headers=person.headers).json()
    assert _plan(client, person, visit) == plain
    assert plain["dispensers"] == ["1/2", "3/4"]
    assert [form["station"]["key"] for form in plain["forms"]] == ["wawa", "wawa"]
    chosen = _plan(
        client,
        person,
        visit,
        stations=[{"dispenser": "3/4", "station": "gilbarco-300-wayne"}],
        grades=[{"dispenser": "1/2", "grade": "Plus", "metered": True, "prover_id": PROVERS[2].prover_id}],
    )
    assert chosen["digest"] == plain["digest"]
    first, second = chosen["forms"]
    assert (second["station"]["key"], second["station"]["why"]) == ("gilbarco-300-wayne", "Chosen by you.")
    assert _readings(second) == [6, 3, 6] * 2
    assert _readings(first) == [5] * 6, "Plus has a meter now"
    plus = next(grade for grade in first["grades"] if grade["grade"] == "Plus")
    assert (plus["metered"], plus["metered_why"], plus["prover_id"]) == (True, "Chosen by you.", PROVERS[2].prover_id)
    assert client.get(f"{visit}/plan", headers=person.headers).json() == plain
    assert handed == []


def test_dispensers_and_readings_are_a_persons_to_choose(
    client: TestClient, sqlite: Database, person: Person, visit: str
) -> None:
    seen(sqlite, person)
    chosen = _plan(client, person, visit, dispensers=["3/4"], readings=False)
    assert [(form["dispenser"], form["station"], form["readings"]) for form in chosen["forms"]] == [("3/4", None, [])]
    assert (chosen["wanted"], chosen["readings"]) == (1, False)
    assert _plan(client, person, visit, dispensers=["9/10"])["can_run"] is False


@pytest.mark.parametrize(
    ("choices", "field"),
    [
        ({"stations": [{"dispenser": "1/2", "station": "shell"}]}, "stations.0.station"),
        ({"grades": [{"dispenser": "1/2"}]}, "grades.0.grade"),
        ({"dispensers": ["1/2"] * 61}, "dispensers"),
        ({"reedings": True}, "reedings"),
    ],
)
def test_choices_that_do_not_fit_are_named(
    client: TestClient, sqlite: Database, person: Person, visit: str, choices: dict[str, Any], field: str
) -> None:
    seen(sqlite, person)
    answer = client.post(f"{visit}/plan", headers=person.headers, json=choices)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


def test_a_plan_with_choices_needs_a_look_too_and_belongs_to_its_person(
    client: TestClient, sqlite: Database, person: Person, visit: str, add_person: Callable[..., Person]
) -> None:
    refused = client.post(f"{visit}/plan", headers=person.headers, json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_checked")
    seen(sqlite, person)
    other = add_person("other@example.com")
    assert client.post(f"{visit}/plan", headers=other.headers, json={}).status_code == 404


# --- settings ---------------------------------------------------------------------------------------------------------

DEFAULTS = {"readings": True, "pictures": True, "keep_picture_days": 30, "keep_record_months": 12}


def test_settings_have_defaults_are_kept_and_are_each_persons_own(
    client: TestClient, person: Person, add_person: Callable[..., Person]
) -> None:
    assert client.get("/api/form-settings", headers=person.headers).json() == DEFAULTS
    mine = {"readings": False, "pictures": False, "keep_picture_days": 7, "keep_record_months": 24}
    assert client.put("/api/form-settings", headers=person.headers, json=mine).json() == mine
    assert client.get("/api/form-settings", headers=person.headers).json() == mine
    assert client.put("/api/form-settings", headers=person.headers, json=DEFAULTS).json() == DEFAULTS
    client.put("/api/form-settings", headers=person.headers, json=mine)
    other = add_person("other@example.com")
    assert client.get("/api/form-settings", headers=other.headers).json() == DEFAULTS


def test_without_readings_in_the_settings_a_plan_has_none_unless_it_is_asked_for_them(
    client: TestClient, sqlite: Database, person: Person, visit: str
) -> None:
    seen(sqlite, person)
    client.put("/api/form-settings", headers=person.headers, json={**DEFAULTS, "readings": False})
    assert _plan(client, person, visit)["readings"] is False
    asked = _plan(client, person, visit, readings=True)
    assert (asked["readings"], _readings(asked["forms"][0])) == (True, [5, 2, 5] * 2)


@pytest.mark.parametrize(
    ("field", "value"),
    [("keep_picture_days", 0), ("keep_picture_days", 3651), ("keep_record_months", 0), ("keep_record_months", 121)],
)
def test_keeping_times_that_make_no_sense_are_refused(
    client: TestClient, person: Person, field: str, value: int
) -> None:
    answer = client.put("/api/form-settings", headers=person.headers, json={**DEFAULTS, field: value})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert client.get("/api/form-settings", headers=person.headers).json() == DEFAULTS


# --- reading templates ------------------------------------------------------------------------------------------------


def _templates(client: TestClient, person: Person) -> dict[str, dict[str, Any]]:
    items = client.get("/api/reading-templates", headers=person.headers).json()["items"]
    return {item["template"]["station"]: item for item in items}


def test_the_built_in_templates_are_shown_with_the_procedures_there_are(client: TestClient, person: Person) -> None:
    answer = client.get("/api/reading-templates", headers=person.headers).json()
    assert answer["procedures"] == [
        "Wet Down",
        "First Run",
        "Calibrate",
        "Calibration Retest",
        "Retest",
        "Meter Sealed",
    ]
    shown = _templates(client, person)
    assert shown.keys() == {station.value for station in StationType}
    for station, item in shown.items():
        assert item["own"] is False
        assert item["template"] == BUILT_IN[StationType(station)].model_dump(mode="json")


def test_an_own_template_counts_from_the_next_plan_on_and_can_be_taken_back(
    client: TestClient, sqlite: Database, person: Person, visit: str, add_person: Callable[..., Person]
) -> None:
    seen(sqlite, person)
    digest = _plan(client, person, visit)["digest"]
    changed = client.put(WAWA, headers=person.headers, json=OWN)
    assert changed.status_code == 200
    item = next(item for item in changed.json()["items"] if item["template"]["station"] == "wawa")
    assert (item["own"], item["template"]) == (True, {"station": "wawa", **OWN})
    plan = _plan(client, person, visit)
    assert _readings(plan["forms"][0]) == [2, 1, 2] * 2
    assert plan["digest"] != digest
    assert [station["station"] for station in plan["stations"]] == list(_templates(client, person))
    other = add_person("other@example.com")
    assert _templates(client, other)["wawa"]["own"] is False
    again = client.delete(WAWA, headers=person.headers)
    assert again.status_code == 200
    assert _templates(client, person)["wawa"]["own"] is False
    assert _plan(client, person, visit)["digest"] == digest
    assert client.delete(WAWA, headers=person.headers).status_code == 200, "once more is no error"


def test_a_run_of_the_plan_of_an_old_template_is_refused(
    client: TestClient, sqlite: Database, person: Person, visit: str
) -> None:
    seen(sqlite, person)
    digest = _plan(client, person, visit)["digest"]
    client.put(WAWA, headers=person.headers, json=OWN)
    refused = client.post(f"{visit}/runs", headers=person.headers, json={"digest": digest})
    assert (refused.status_code, refused.json()["code"]) == (409, "plan_changed")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**OWN, "metered": [{**WET, "gpm": "fast"}]}, "metered.0.gpm"),
        ({**OWN, "blended": [WET, {**WET, "end": "0.00001"}]}, "blended.1.end"),
        ({**OWN, "blended": [{**WET, "procedure": "Rinse"}]}, "blended.0.procedure"),
        ({**OWN, "blended": [{**WET, "flow": "medium"}]}, "blended.0.flow"),
        ({**OWN, "later_blends": [WET] * 13}, "later_blends"),
        ({"metered": [], "blended": []}, "later_blends"),
        ({**OWN, "station": "costco"}, "station"),
    ],
)
def test_a_template_that_does_not_fit_is_refused_and_the_field_is_named(
    client: TestClient, person: Person, body: dict[str, Any], field: str
) -> None:
    answer = client.put(WAWA, headers=person.headers, json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert _templates(client, person)["wawa"]["own"] is False


def test_there_are_no_other_station_types(client: TestClient, person: Person) -> None:
    for method in ("PUT", "DELETE"):
        answer = client.request(method, "/api/reading-templates/shell", headers=person.headers, json=OWN)
        assert answer.status_code == 422
