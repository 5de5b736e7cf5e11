"""The routes: who may use them, what they never say, and the list for desktops."""

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app.accounts import service as accounts
from app.config import get_settings
from app.database import Database, get_operations_database
from app.kit.clock import VirtualClock
from app.notifications import service
from app.notifications.message import Recipient, Urgency
from backend.tests.conftest import Person
from backend.tests.notifications.home import NOW, ask
from backend.tests.notifications.servers import HOST, KEY, TOKEN, Authority, MailServer, PushoverServer
from backend.tests.stack import PASSWORD

AREA = "/api/operations/notifications"
SMTP = {
    "host": "mail.example.com",
    "port": 587,
    "security": "starttls",
    "sender": "alerts@example.com",
    "user": "smtp-user",
    "password": "secret-4711",
}


@pytest.fixture
def admin(clock: VirtualClock, person: Person) -> Person:
    """The first person is the owner and an administrator."""
    return person


@pytest.fixture
def somebody(sqlite: Database, admin: Person) -> Callable[[str], Person]:
    numbers = itertools.count()

    def make(role: str) -> Person:
        with sqlite.write() as db:
            user = accounts.add_user(db, f"{role}{next(numbers)}@example.com", PASSWORD, role)
            return Person(user.id, user.email, accounts.open_session(db, user).access_token)

    return make


class Caller:
    def __init__(self, client: TestClient, person: Person) -> None:
        self.client, self.person = client, person

    def __call__(self, method: str, path: str = "", status: int = 200, **other: Any) -> Any:
        answer = self.client.request(method, AREA + path, headers=self.person.headers, **other)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None


@pytest.fixture
def call(client: TestClient, admin: Person) -> Caller:
    return Caller(client, admin)


def _operations() -> list[tuple[str, str]]:
    from app.main import app

    return [
        (method, path.removeprefix(AREA))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if path.startswith(AREA)
    ]


@pytest.mark.parametrize(("method", "path"), _operations())
def test_technicians_see_and_change_nothing(
    client: TestClient, somebody: Callable[[str], Person], method: str, path: str
) -> None:
    body = {"smtp": None, "pushover": None} if method == "put" else {}
    answer = client.request(
        method, AREA + path.replace("{delivery_id}", "1"), headers=somebody("technician").headers, json=body
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_operators_read_and_administrators_change(client: TestClient, somebody: Callable[[str], Person]) -> None:
    operator = Caller(client, somebody("operator"))
    assert operator("get") == {"items": [], "next_cursor": None}
    assert operator("get", "/desktop") == {"items": []}
    operator("get", "/settings", 403)
    operator("put", "/settings", 403, json={"smtp": None, "pushover": None})
    operator("post", "/test", 403, json={})


def test_secrets_go_in_and_never_come_out(call: Caller) -> None:
    told = call("put", "/settings", json={"smtp": SMTP, "pushover": {"token": TOKEN}})
    assert told == call("get", "/settings")
    assert told["smtp"] == {**{k: v for k, v in SMTP.items() if k != "password"}, "password_is_set": True, "ca": None}
    assert told["pushover_token_is_set"] is True
    assert "secret-4711" not in str(told) and TOKEN not in str(told)


def test_a_stored_password_is_kept_for_its_server_only(call: Caller) -> None:
    call("put", "/settings", json={"smtp": SMTP, "pushover": {"token": TOKEN}})
    kept = {key: value for key, value in SMTP.items() if key != "password"}
    assert call("put", "/settings", json={"smtp": {**kept, "sender": "new@example.com"}, "pushover": {}})["smtp"][
        "password_is_set"
    ]
    for other in ({"host": "mail.example.net"}, {"port": 465}, {"user": "other"}, {"security": "ssl"}):
        problem = call("put", "/settings", 422, json={"smtp": {**kept, **other}, "pushover": {}})
        assert problem["errors"][0]["field"] == "smtp.password"
    assert call("get", "/settings")["smtp"]["sender"] == "new@example.com"
    told = call("put", "/settings", json={"smtp": None, "pushover": None})
    assert (told["smtp"], told["pushover_token_is_set"]) == (None, False)
    call("put", "/settings", 422, json={"smtp": kept, "pushover": None})
    call("put", "/settings", 422, json={"smtp": None, "pushover": {}})


@pytest.mark.parametrize(
    "wrong",
    [
        {"security": "plain"},
        {"host": "mail example.com"},
        {"host": "mail.example.com\r\nRSET"},
        {"port": 0},
        {"ca": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"},
        {"ca": "no certificate"},
        {"sender": "nobody"},
        {"unknown": 1},
    ],
)
def test_settings_that_cannot_work_are_refused(call: Caller, wrong: dict[str, Any]) -> None:
    call("put", "/settings", 422, json={"smtp": {**SMTP, **wrong}, "pushover": None})
    assert call("get", "/settings")["smtp"] is None


def test_an_own_authority_is_taken(call: Caller, ca: Authority) -> None:
    told = call("put", "/settings", json={"smtp": {**SMTP, "ca": ca.pem}, "pushover": None})
    assert told["smtp"]["ca"] == ca.pem.strip()


def test_a_test_goes_to_the_one_who_asks(call: Caller, mail: MailServer, admin: Person) -> None:
    told = call("post", "/test", json={})
    assert (told["state"], told["deliveries"][0]["detail"]) == (
        "failed",
        "E-mail is not set up; see the settings of notifications.",
    )
    smtp = {"host": HOST, "port": mail.port, "security": "plain", "sender": "alerts@example.com"}
    call("put", "/settings", json={"smtp": smtp, "pushover": None})
    assert call("post", "/test", json={})["state"] == "sent"
    assert mail.recipients == [admin.email]
    told = call("post", "/test", json={"email": "other@example.com", "pushover_key": KEY})
    assert [delivery["outcome"] for delivery in told["deliveries"]] == ["failed", "delivered"]
    assert mail.recipients[1:] == ["other@example.com"]
    assert KEY not in str(told)
    call("post", "/test", 422, json={"pushover_key": "short"})
    assert [one["about"] for one in call("get")["items"]] == ["test"] * 3


def test_the_history_is_read_page_by_page(call: Caller, clock: VirtualClock) -> None:
    database = get_operations_database()
    for number in range(5):
        clock.advance(seconds=1)
        ask(database, Recipient("Lead", "lead@example.com"), key=str(number), about=f"alert:{number % 2}")
    service.drain(clock.at)
    first = call("get", params={"limit": 3})
    rest = call("get", params={"limit": 3, "cursor": first["next_cursor"]})
    ids = [one["id"] for one in first["items"] + rest["items"]]
    assert len(set(ids)) == 5 and ids == sorted(ids, reverse=True) and rest["next_cursor"] is None
    assert len(call("get", params={"about": "alert:1"})["items"]) == 2
    assert len(call("get", params={"state": "due"})["items"]) == 5
    assert call("get", params={"state": "sent"})["items"] == []
    call("get", status=422, params={"cursor": "none"})
    one = first["items"][0]
    assert [(way["channel"], way["outcome"]) for way in one["deliveries"]] == [
        ("log", "delivered"),
        ("email", "failed"),
    ]
    assert "lead@example.com" not in str(first)


def test_a_desktop_application_fetches_and_says_what_it_has_shown(call: Caller, clock: VirtualClock) -> None:
    database = get_operations_database()
    here = Recipient("Operators", desktop=True)
    for number in range(12):
        ask(database, here, key=str(number), about=f"alert:{number}", subject=f"s{number}")
    service.drain(clock.at, workers=1)
    newest = call("get", "/desktop")["items"]
    assert len(newest) == 10
    assert [one["id"] for one in newest] == sorted(one["id"] for one in newest)
    assert {one["shown"] for one in newest} == {False}
    everything = call("get", "/desktop", params={"after": 0})["items"]
    assert len(everything) == 12
    assert call("get", "/desktop", params={"after": newest[-1]["id"]})["items"] == []

    # Nobody has seen it: it stays due, and becomes delivered when it was shown.
    subject = newest[0]["subject"]
    states = {one["subject"]: one["state"] for one in call("get", params={"limit": 100})["items"]}
    assert set(states.values()) == {"due"}
    call("post", f"/desktop/{newest[0]['id']}/shown", 204)
    call("post", f"/desktop/{newest[0]['id']}/shown", 204)
    service.drain(clock.at)
    states = {one["subject"]: one["state"] for one in call("get", params={"limit": 100})["items"]}
    assert states[subject] == "sent"
    assert list(states.values()).count("due") == 11
    assert call("get", "/desktop", params={"after": 0})["items"][2]["shown"] is True

    # What is over is not shown any more.
    with database.write() as db:
        service.withdraw(db, "alert:0", clock.at)
    assert len(call("get", "/desktop", params={"after": 0})["items"]) == 11
    call("post", "/desktop/999/shown", 404)


def test_a_message_given_up_counts_as_sent_once_a_desktop_shows_it(call: Caller, clock: VirtualClock) -> None:
    ask(get_operations_database(), Recipient("Operators", desktop=True), urgency=Urgency.info)
    while service.drain(clock.at):
        clock.advance(hours=2)
    clock.at = NOW  # while the access token is good
    assert call("get")["items"][0]["state"] == "failed"
    (waiting,) = call("get", "/desktop")["items"]
    call("post", f"/desktop/{waiting['id']}/shown", 204)
    assert call("get")["items"][0]["state"] == "sent"


def test_the_pushover_address_is_the_installations(call: Caller, pushover: PushoverServer) -> None:
    get_settings().pushover_url = pushover.url
    call("put", "/settings", json={"smtp": None, "pushover": {"token": TOKEN}})
    told = call("post", "/test", json={"pushover_key": KEY})
    assert [delivery["outcome"] for delivery in told["deliveries"]] == ["delivered", "failed"]
    assert pushover.sent[0]["priority"] == "-1"
