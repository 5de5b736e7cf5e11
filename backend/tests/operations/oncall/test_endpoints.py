"""The routes of on-call duty: operators read, administrators change, technicians see nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts import service as accounts
from app.config import get_settings
from app.database import Database
from app.kit.clock import VirtualClock
from app.main import app
from app.notifications.schemas import NewNotificationSettings
from app.notifications.settings import store
from backend.tests.conftest import Person
from backend.tests.notifications.servers import KEY, TOKEN, pushover_server
from backend.tests.operations.oncall.home import NOW, ZONE, at
from backend.tests.stack import PASSWORD

AREA = "/api/operations/on-call"
OPERATIONS = [
    (method, path.removeprefix(AREA))
    for path, methods in app.openapi()["paths"].items()
    for method in methods
    if path.startswith(AREA)
]
FOR_OPERATORS = {
    *(("get", path) for path in ("", "/calendar", "/contacts", "/hand-over")),
    ("post", "/contacts/{contact_id}/test"),
}
# A body that fits, so that only the role can be the reason.
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    ("put", "/rota"): {"zone": ZONE, "first": "2026-03-02", "at": "09:00", "primary": ["x"]},
    ("post", "/overrides"): {
        "level": "primary",
        "kind": "swap",
        "contact_id": None,
        "starts_at": "2026-03-05T00:00:00Z",
        "ends_at": "2026-03-06T00:00:00+02:00",
    },
    ("put", "/hours"): {"zone": ZONE, "days": [1], "opens": "09:00", "closes": "17:00"},
    ("post", "/contacts"): {"name": "Ann", "roles": ["ops_team"], "email": "ann@example.com"},
    ("patch", "/contacts/{contact_id}"): {"name": "Ann"},
}


@pytest.fixture(autouse=True)
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(NOW) as running:
        yield running


class Caller:
    def __init__(self, client: TestClient, person: Person) -> None:
        self.client, self.person = client, person

    def __call__(self, method: str, path: str = "", status: int = 200, **other: Any) -> Any:
        answer = self.client.request(method, AREA + path, headers=self.person.headers, **other)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def call(client: TestClient, person: Person) -> Caller:
    return Caller(client, person)


@pytest.fixture
def as_role(client: TestClient, sqlite: Database, person: Person) -> Callable[[str], Caller]:
    def make(role: str) -> Caller:
        with sqlite.write() as db:
            user = accounts.add_user(db, f"{role}@example.com", PASSWORD, role)
            return Caller(client, Person(user.id, user.email, accounts.open_session(db, user).access_token))

    return make


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_technicians_see_and_change_nothing(as_role: Callable[[str], Caller], method: str, path: str) -> None:
    problem = as_role("technician")(method, path, 403, json=BODIES.get((method, path)))
    assert problem["code"] == "forbidden"


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_operators_read_and_only_administrators_change(
    as_role: Callable[[str], Caller], method: str, path: str
) -> None:
    status = 403
    if (method, path) in FOR_OPERATORS:
        status = 404 if "{" in path else 200
    as_role("operator")(method, path, status, json=BODIES.get((method, path)))


def _add(call: Caller, name: str, *roles: str) -> str:
    body = {"name": name, "roles": roles or ["ops_team"], "email": f"{name}@example.com", "pushover_key": KEY}
    return str(call("post", "/contacts", 201, json=body)["id"])


def test_a_duty_plan_from_nothing(call: Caller) -> None:
    ann, bob = _add(call, "Ann"), _add(call, "Bob", "ops_team", "system_admin")
    assert "Nobody is on call" in call("get")["problems"][0]["text"]
    body = {"zone": ZONE, "first": "2026-03-02", "at": "09:00", "primary": [ann, bob]}
    rota = call("put", "/rota", json=body)
    assert [person["name"] for person in rota["secondary"]] == ["Bob", "Ann"]
    assert rota["starts_at"] == "2026-03-02T14:00:00Z"
    now = call("get")
    assert (now["primary"]["contact"]["name"], now["secondary"]["contact"]["name"]) == ("Ann", "Bob")
    assert now["primary"]["ends_at"] == "2026-03-09T13:00:00Z"
    calendar = call("get", "/calendar", params={"weeks": 2})
    assert [shift["contact"]["name"] for shift in calendar["shifts"]] == ["Ann", "Bob", "Ann", "Bob", "Ann", "Bob"]
    assert calendar["gaps"] == []


def test_addresses_go_in_and_only_hints_come_out(call: Caller) -> None:
    ann = _add(call, "Ann")
    told = call("get", "/contacts")["items"]
    assert (told[0]["email_hint"], told[0]["pushover_hint"]) == ("a…@example.com", "u…uK")
    changed = call("patch", f"/contacts/{ann}", json={"email": None, "roles": ["ops_team", "ops_team"]})
    assert (changed["email_hint"], changed["roles"]) == (None, ["ops_team"])
    call("patch", f"/contacts/{ann}", 422, json={"pushover_key": None})
    assert call("post", f"/contacts/{ann}/verify")["verified_on"] == "2026-03-04"
    assert KEY not in str(call("get", "/contacts")) and "ann@" not in str(call("get", "/contacts")).lower()
    call("delete", f"/contacts/{ann}", 204)
    call("delete", f"/contacts/{ann}", 404)
    assert call("get", "/contacts") == {"items": []}


def test_agreements_are_kept_as_instants(call: Caller) -> None:
    ann = _add(call, "Ann")
    body = BODIES["post", "/overrides"] | {"contact_id": ann, "note": "holiday"}
    made = call("post", "/overrides", 201, json=body)
    assert (made["starts_at"], made["ends_at"]) == ("2026-03-05T00:00:00Z", "2026-03-05T22:00:00Z")
    assert call("get", "/calendar")["overrides"] == [made]
    problem = call("post", "/overrides", 409, json=body)
    assert problem["code"] == "overrides_overlap"
    call("post", "/overrides", 422, json=body | {"starts_at": "2026-03-05T00:00:00"})
    call("post", "/overrides", 404, json=body | {"contact_id": "nobody"})
    call("delete", f"/overrides/{made['id']}", 204)
    assert call("get", "/calendar")["overrides"] == []


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/hours", {"closes": "09:00"}),
        ("/hours", {"days": []}),
        ("/hours", {"opens": "09:00:00Z"}),
        ("/hours", {"zone": "Mars/Olympus"}),
        ("/rota", {"at": "09:00+01:00"}),
        ("/rota", {"first": "0001-01-01"}),
        ("/rota", {"primary": []}),
        ("/rota", {"primary": ["nobody"]}),
    ],
)
def test_values_that_make_no_sense_are_refused(call: Caller, path: str, change: dict[str, Any]) -> None:
    call("put", path, 422, json=BODIES["put", path] | change)


def test_business_hours(call: Caller) -> None:
    assert call("get")["hours"] == {
        "zone": get_settings().time_zone,
        "days": [1, 2, 3, 4, 5],
        "opens": "09:00",
        "closes": "17:00",
        "open_now": True,
    }
    told = call("put", "/hours", json={"zone": "UTC", "days": [6, 1, 6], "opens": "08:00", "closes": "12:30"})
    assert (told["days"], told["open_now"]) == ([1, 6], False)
    assert call("get")["hours"] == told


def test_a_contact_is_tested_with_what_really_came_of_it(call: Caller, clock: VirtualClock) -> None:
    from app.database import get_operations_database

    ann = _add(call, "Ann")
    with pushover_server() as server:
        get_settings().pushover_url = server.url
        new = NewNotificationSettings.model_validate({"smtp": None, "pushover": {"token": TOKEN}})
        with get_operations_database().write() as db:
            store(db, new, "u1")
        told = call("post", f"/contacts/{ann}/test")
        assert [sent["user"] for sent in server.sent] == [KEY]
    assert [(way["channel"], way["outcome"]) for way in told["deliveries"]] == [
        ("pushover", "delivered"),
        ("email", "failed"),
    ]
    assert told["recipient"] == "Ann"
    call("post", "/contacts/nobody/test", 404)


def test_the_calendar_can_begin_elsewhere(call: Caller) -> None:
    told = call("get", "/calendar", params={"since": "2026-03-01T00:00:00-05:00", "weeks": 1})
    assert told["since"] == "2026-03-01T05:00:00Z"
    assert told["gaps"] == [{"starts_at": told["since"], "ends_at": told["until"]}]
    assert told["until"] == at("2026-03-08T00:00").isoformat().replace("+00:00", "Z")
    call("get", "/calendar", 422, params={"since": "9999-12-31T00:00:00Z"})
    call("get", "/calendar", 422, params={"weeks": 27})
