"""The account routes as a browser meets them."""

from collections.abc import Callable

import jwt
import pytest
from fastapi.testclient import TestClient

from app.accounts import limits
from app.accounts.keys import get_envelope
from app.config import get_settings
from backend.tests.conftest import Person
from backend.tests.stack import PASSWORD

OWNER = {"email": "Owner@Example.com", "password": PASSWORD}


def test_first_run_then_sign_in_then_sign_out(client: TestClient) -> None:
    assert client.get("/api/setup").json() == {"needs_owner": True, "sandbox_offered": True}
    made = client.post("/api/setup/owner", json=OWNER)
    assert made.status_code == 201
    assert made.json()["user"]["email"] == "owner@example.com"
    assert client.get("/api/setup").json()["needs_owner"] is False
    assert client.post("/api/setup/owner", json=OWNER).json()["code"] == "owner_exists"

    session = client.post("/api/auth/sign-in", json=OWNER)
    headers = {"Authorization": f"Bearer {session.json()['access_token']}"}
    assert client.get("/api/me", headers=headers).json()["is_owner"] is True
    assert client.post("/api/auth/refresh").status_code == 200
    assert client.post("/api/auth/sign-out").status_code == 204
    assert client.get("/api/me", headers=headers).json()["code"] == "session_ended"
    assert client.post("/api/auth/refresh").status_code == 401


def test_the_refresh_cookie_is_out_of_reach_of_scripts_and_other_sites(client: TestClient) -> None:
    cookie = client.post("/api/setup/owner", json=OWNER).headers["set-cookie"].lower()
    for part in ("httponly", "samesite=strict", "path=/api/auth"):
        assert part in cookie
    assert "refresh" not in client.post("/api/auth/sign-in", json=OWNER).json()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "no address", "password": PASSWORD}, "email"),
        ({"email": "a@example.com", "password": "short"}, "password"),
        ({"email": "a@example.com"}, "password"),
        ({"email": "a@example.com", "password": PASSWORD, "role": "admin"}, "role"),
    ],
)
def test_what_does_not_fit_is_named_and_never_repeated(client: TestClient, body: dict[str, str], field: str) -> None:
    answer = client.post("/api/setup/owner", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["field"] for error in answer.json()["errors"]] == [field]
    assert body.get("password", "\x00") not in answer.text


def test_wrong_credentials_are_a_problem_with_advice(client: TestClient, person: Person) -> None:
    answer = client.post("/api/auth/sign-in", json={"email": person.email, "password": "wrong"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_credentials")
    assert answer.json()["action"]
    assert answer.json()["reference"] == answer.headers["x-request-id"]


def test_guessing_passwords_is_slowed_down_and_says_for_how_long(client: TestClient, person: Person) -> None:
    get_settings().sign_in_per_minute = 3
    limits.forget_all()
    guess = {"email": person.email, "password": "wrong"}
    assert [client.post("/api/auth/sign-in", json=guess).status_code for _ in range(4)] == [401, 401, 401, 429]
    refused = client.post("/api/auth/sign-in", json=guess)
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    # Somebody else at the same address can still sign in.
    assert client.post("/api/auth/sign-in", json={"email": "else@example.com", "password": "x"}).status_code == 401


def test_requests_are_limited_per_session(client: TestClient, add_person: Callable[..., Person]) -> None:
    busy, calm = add_person("busy@example.com"), add_person("calm@example.com")
    get_settings().requests_per_minute = 10
    limits.forget_all()
    answers = [client.get("/api/me", headers=busy.headers).status_code for _ in range(12)]
    assert answers == [200] * 10 + [429] * 2
    assert "retry-after" in client.get("/api/me", headers=busy.headers).headers
    assert client.get("/api/me", headers=calm.headers).status_code == 200
    assert client.get("/api/health").status_code != 429


def test_tokens_that_are_not_ours_are_refused(client: TestClient, person: Person) -> None:
    key = get_envelope().derive("access-token")
    good = jwt.decode(person.token, key, algorithms=["HS256"], audience="fossawork-api")
    bad = [
        "nonsense",
        jwt.encode(good, "another key that is long enough for it", algorithm="HS256"),
        jwt.encode({**good, "typ": "refresh"}, key, algorithm="HS256"),
        jwt.encode({**good, "aud": "somebody-else"}, key, algorithm="HS256"),
        jwt.encode({**good, "exp": 1}, key, algorithm="HS256"),
        jwt.encode({name: value for name, value in good.items() if name != "exp"}, key, algorithm="HS256"),
        jwt.encode(good, "", algorithm="none"),
    ]
    for token in bad:
        answer = client.get("/api/me", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 401, token
        assert answer.headers["www-authenticate"] == "Bearer"


def test_preferences_are_checked_and_kept(client: TestClient, person: Person) -> None:
    changed = client.patch("/api/me", headers=person.headers, json={"work_days": [6, 2, 3, 2], "week_end_hour": 15})
    assert (changed.json()["work_days"], changed.json()["week_end_hour"]) == ([2, 3, 6], 15)
    assert client.get("/api/me", headers=person.headers).json()["work_days"] == [2, 3, 6]
    refused: list[dict[str, object]] = [
        {"time_zone": "Mars/Olympus"},
        {"work_days": []},
        {"work_days": [8]},
        {"week_end_hour": 24},
        {"role": "admin"},
    ]
    for bad in refused:
        assert client.patch("/api/me", headers=person.headers, json=bad).status_code == 422


def test_mailto_is_taken_off_a_pasted_address(client: TestClient) -> None:
    made = client.post("/api/setup/owner", json={"email": "mailto:Owner@Example.com", "password": PASSWORD})
    assert made.json()["user"]["email"] == "owner@example.com"


def test_only_administrators_see_people_and_change_their_roles(
    client: TestClient, person: Person, add_person: Callable[..., Person]
) -> None:
    other = add_person("two@example.com")
    assert client.get("/api/users", headers=other.headers).status_code == 403
    listed = client.get("/api/users", headers=person.headers).json()
    assert [(each["email"], each["role"]) for each in listed] == [
        ("tech@example.com", "admin"),
        ("two@example.com", "technician"),
    ]
    path = f"/api/users/{other.id}"
    assert client.patch(path, headers=other.headers, json={"role": "admin"}).status_code == 403
    assert client.get("/api/operations/slo", headers=other.headers).status_code == 403
    assert client.patch(path, headers=person.headers, json={"role": "operator"}).json()["role"] == "operator"
    assert client.get("/api/operations/slo", headers=other.headers).status_code == 200, "it holds at once"
    assert client.patch(path, headers=person.headers, json={"role": "king"}).status_code == 422
    kept = client.patch(f"/api/users/{person.id}", headers=person.headers, json={"role": "technician"})
    assert kept.json()["code"] == "owner_stays_admin"
