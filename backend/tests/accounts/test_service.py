"""Owner, sign-in, rotating refresh tokens, the end of a session."""

from datetime import UTC, datetime

import pytest

from app.accounts import service
from app.accounts.models import SignIn
from app.database import Database
from app.kit.clock import VirtualClock
from app.kit.problems import Unauthorized
from backend.tests.stack import PASSWORD

NOON = datetime(2026, 3, 6, 12, tzinfo=UTC)


def _signed_in(database: Database) -> service.Grant:
    with database.write() as db:
        return service.open_session(db, service.create_owner(db, "owner@example.com", PASSWORD))


def _refresh(database: Database, token: str | None) -> service.Grant | None:
    with database.write() as db:
        return service.refresh(db, token)


def _user_of(database: Database, token: str) -> str:
    with database.read() as db:
        return service.user_of_access_token(db, token).email


def test_the_first_user_is_the_owner_and_there_is_only_one(database: Database) -> None:
    with database.write() as db:
        assert service.needs_owner(db)
        owner = service.create_owner(db, "owner@example.com", PASSWORD)
        assert (owner.role, owner.is_owner) == ("admin", True)
    with database.write() as db:
        assert not service.needs_owner(db)
        with pytest.raises(service.OwnerExists):
            service.create_owner(db, "second@example.com", PASSWORD)


def test_trying_the_sandbox_leaves_the_installation_without_owner(database: Database) -> None:
    with database.write() as db:
        first = service.sandbox_user(db)
        assert service.sandbox_user(db).id == first.id
        assert service.needs_owner(db)
        service.create_owner(db, "owner@example.com", PASSWORD)
    with database.write() as db, pytest.raises(service.OwnerExists):
        service.sandbox_user(db)


def test_passwords_are_kept_as_argon2id_only(database: Database) -> None:
    with database.write() as db:
        user = service.create_owner(db, "owner@example.com", PASSWORD)
        assert user.password_hash.startswith("$argon2id$")
        assert PASSWORD not in user.password_hash


@pytest.mark.parametrize(("email", "password"), [("owner@example.com", "wrong"), ("nobody@example.com", PASSWORD)])
def test_a_wrong_password_and_an_unknown_email_look_the_same(database: Database, email: str, password: str) -> None:
    with database.write() as db:
        service.create_owner(db, "owner@example.com", PASSWORD)
    with database.read() as db, pytest.raises(service.WrongCredentials) as caught:
        service.check_password(db, email, password)
    assert caught.value.detail == "No account has this e-mail and password."


def test_a_refresh_token_works_once_and_its_successor_next(database: Database) -> None:
    grant = _signed_in(database)
    second = _refresh(database, grant.refresh_token)
    assert second is not None
    assert second.refresh_token not in (None, grant.refresh_token)
    third = _refresh(database, second.refresh_token)
    assert third is not None
    assert _user_of(database, third.access_token) == "owner@example.com"


def test_two_tabs_that_refresh_at_the_same_moment_both_stay_signed_in(database: Database) -> None:
    with VirtualClock(NOON) as clock:
        grant = _signed_in(database)
        first = _refresh(database, grant.refresh_token)
        clock.advance(seconds=5)
        second = _refresh(database, grant.refresh_token)
    assert first is not None
    assert second is not None
    assert second.refresh_token is None


def test_a_stolen_refresh_token_ends_the_whole_session(database: Database) -> None:
    with VirtualClock(NOON) as clock:
        grant = _signed_in(database)
        current = _refresh(database, grant.refresh_token)
        clock.advance(minutes=1)
        assert current is not None
        assert _refresh(database, grant.refresh_token) is None
        assert _refresh(database, current.refresh_token) is None
        with pytest.raises(Unauthorized):
            _user_of(database, current.access_token)


@pytest.mark.parametrize("token", [None, "", "x", "a.b", "01a208df-0000-7000-8000-000000000000.secret"])
def test_what_is_no_refresh_token_gives_nothing(database: Database, token: str | None) -> None:
    assert _refresh(database, token) is None


def test_signing_out_ends_access_at_once(database: Database) -> None:
    grant = _signed_in(database)
    with database.write() as db:
        service.end_session(db, grant.refresh_token)
    with pytest.raises(Unauthorized):
        _user_of(database, grant.access_token)
    assert _refresh(database, grant.refresh_token) is None


def test_signing_out_with_a_wrong_secret_ends_nothing(database: Database) -> None:
    grant = _signed_in(database)
    with database.write() as db:
        service.end_session(db, f"{str(grant.refresh_token).split('.')[0]}.wrong")
    assert _user_of(database, grant.access_token) == "owner@example.com"


def test_access_tokens_and_sessions_run_out(database: Database) -> None:
    with VirtualClock(NOON) as clock:
        grant = _signed_in(database)
        clock.advance(minutes=9)
        assert _user_of(database, grant.access_token)
        clock.advance(minutes=2)
        with pytest.raises(Unauthorized) as caught:
            _user_of(database, grant.access_token)
        assert caught.value.code == "token_expired"
        clock.advance(days=31)
        assert _refresh(database, grant.refresh_token) is None


def test_refresh_secrets_are_not_stored(database: Database) -> None:
    grant = _signed_in(database)
    secret = str(grant.refresh_token).split(".")[1]
    with database.read() as db:
        row = db.query(SignIn).one()
        assert secret not in (row.secret_hash, row.previous_hash)
