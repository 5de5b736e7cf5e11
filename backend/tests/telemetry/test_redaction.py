"""Secrets never reach a file of the logs, wherever they stand; what people need stays."""

import base64
import json
import logging
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote

import jwt
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.kit.envelope import Envelope, Place
from app.kit.ids import new_id, new_secret
from app.telemetry import logs
from app.telemetry.redaction import HIDDEN, redact, redact_text
from app.telemetry.secret_names import is_secret_name
from backend.tests.log_lines import check_lines, everything

_SEALED = Envelope(b"k" * 32).seal("the portal's password", Place("links", "password", "1"))
_TOKEN = jwt.encode({"sub": "somebody", "sid": "x"}, "a key of thirty-two characters...", algorithm="HS256")


# The cases have no names of their own: some are made of random secrets, and every worker must call them alike.
@pytest.mark.parametrize(
    ("value", "absent"),
    [
        ({"password": "hunter2"}, "hunter2"),
        ({"deep": [{"Authorization": "Bearer abc.def"}]}, "abc.def"),
        ({"note": "Authorization: Bearer abc.def.ghi"}, "abc.def.ghi"),
        ({"url": "postgresql://user:hunter2@host/db"}, "hunter2"),
        ({"url": "https://user:hun@ter2@host/db"}, "hun"),
        ({"url": "https://a-token-that-is-a-user@host/db"}, "a-token-that"),
        ({"said": "login of somebody@example.com failed"}, "somebody@"),
        ({"token": "eyJhbGciOi.eyJzdWIi.sig"}, "eyJzdWIi"),
        ({"text": f"x {_TOKEN} y"}, _TOKEN.split(".")[1]),
        ({"text": f"x {_TOKEN[:40]}"}, _TOKEN[10:40]),
        ({"text": f"stored {_SEALED}."}, _SEALED.split(".")[4]),
        ({"text": "gAAAAABlc2VjcmV0c2VjcmV0c2VjcmV0"}, "c2VjcmV0"),
        ({"text": "-----BEGIN PRIVATE KEY-----\nMIIEvQ\nabc\n-----END PRIVATE KEY----- after"}, "MIIEvQ"),
        ({"text": "-----BEGIN RSA PRIVATE KEY-----\nMIIEvQ cut"}, "MIIEvQ"),
        ({"text": "the master key is 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b"}, "9f86d081"),
        ({"text": 'body {"password": "hun\\"ter2", "n": 1}'}, "ter2"),
        ({"text": json.dumps(json.dumps({"api_key": 'hun"ter2'}))}, "ter2"),
        ({"text": repr({"password": "hunter2"})}, "hunter2"),
        ({"text": repr([(b"cookie", b"session=hunter2; x=1")])}, "hunter2"),
        ({"text": "Cookie: a=hunter2; b=c\nHost: x"}, "hunter2"),
        ({"text": "password: correct horse battery staple"}, "staple"),
        ({"text": "[SQL: INSERT]\n[parameters: ('hunter2', 5)]"}, "hunter2"),
        ({"text": "Basic dXNlcjpodW50ZXIy"}, "dXNlcjpodW50ZXIy"),
        ({"text": f"refresh cookie {new_id()}.{'s3cret' * 7}x"}, "s3crets3cret"),
        ({"headers": [["X-Api-Key", "hunter2"], ["Accept", "*/*"]]}, "hunter2"),
        ({"headers": [(b"set-cookie", b"sid=hunter2")]}, "hunter2"),
        ({"cookies": [{"name": "laravel_session", "value": "hunter2"}]}, "hunter2"),
        ({"state": [{"name": "laravel_session", "value": "hunter2", "domain": "x"}]}, "hunter2"),
        ({"header": {"name": "Authorization", "value": "hunter2"}}, "hunter2"),
        ({f"Bearer {_TOKEN}": 1}, _TOKEN),
        ({"raw": f"password={'hunter2'}".encode()}, "hunter2"),
        ({"otp": 493021}, "493021"),
        ({"key": "hunter2"}, "hunter2"),
        ({"user_key": "hunter2", "pushover_key": "hunter2"}, "hunter2"),
        ({"ssn": 123456789, "social_security": "123-45-6789"}, "6789"),
        ({"card_number": 4111111111111111, "credit_card": "4111 1111 1111 1111"}, "1111"),
        ({"text": "ssn=123-45-6789, cc_number=4111111111111111"}, "6789"),
        ({"text": "cc_number=4111111111111111; credit_card: 4111-1111-1111-1111"}, "1111"),
        ({"text": "paid with 4111 1111 1111 1111 by 123-45-6789"}, "1111"),
        ({"text": "paid with 4111 1111 1111 1111 by 123-45-6789"}, "6789"),
        ({"credentials": {"username": "x", "word": "hunter2"}}, "hunter2"),
    ],
    ids=lambda _: "case",
)
def test_secrets_and_addresses_are_hidden(value: dict[str, object], absent: str) -> None:
    clean = orjson.dumps(redact(value)).decode()
    assert absent not in clean
    assert HIDDEN in clean or "…@" in clean


@pytest.mark.parametrize(
    "value",
    [
        {"work_orders": 60, "visit_id": 128719, "job_id": new_id(), "request_id": "0123456789abcdef"},
        {
            "tokens": 4711,
            "token_count": 4711,
            "secret_id": "abc",
            "password_changed_at": "2026-03-06",
            "password_set": True,
        },
        {"author": "somebody", "cards": "1/2, 3/4", "key": "visit", "keys": 3, "sign_in_id": new_id(), "key_id": "k1"},
        {"text": "64 tokens: 4711 used; token: 12; the key question; basic authentication failed; v1.2.3"},
        {"text": "part 1234-5678-9012-3456, order 128719, 2026-03-06, 555-12-34567, class=5, address: 12"},
        {"text": "Bearer token is missing, authorization failed, author: bob, monkey: 5"},
        {"text": f"token for job {new_id()} was refused"},
        {"text": "http://localhost:8000/a@b and https://app.example.com/app/work/1?x=1"},
        {"text": "key file /home/somebody/keys/master-key-of-2026/file1"},
        {"route": "/api/visits/{visit_id}/forms", "ip": "127.0.0.1", "error": {"type": "KeyError", "message": "'x'"}},
        {"text": "Section 536, form 993412, dispenser 1/2, serial 21-65435-04, 12.5 ms, 30%"},
        {"pair": ["left", "right"], "none": None, "yes": True, "share": 0.5},
    ],
)
def test_numbers_ids_and_prose_stay(value: dict[str, Any]) -> None:
    assert redact(value) == value


@pytest.mark.parametrize(
    "name", ["password", "userPassword", "SMTP_PASS", "x-auth-token", "apiKey", "clientsecret", "Cookie"]
)
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name", ["token_kind", "cookie_name", "passed", "keyboard", "authors", "tokenizer", "work_order"]
)
def test_names_that_are_none(name: str) -> None:
    assert not is_secret_name(name)


@given(st.text() | st.from_regex(r"(password|token|cookie|secret)[ =:'\"\\]{1,4}[a-z\[\]@:/=&,; ]{0,20}"))
def test_hiding_is_stable(text: str) -> None:
    assert redact_text(redact_text(text)) == redact_text(text)


@pytest.mark.parametrize(
    "part",
    ["password", "password=", "password=,", "a@", "://a:", "token'", "\\", "eyJ", "bearer ", 'token \\"', "key a "],
)
def test_hostile_texts_take_no_longer_than_they_are_long(part: str) -> None:
    import time

    def seconds(length: int) -> float:
        text = (part * length)[:length]
        started = time.process_time()
        redact_text(text)
        return time.process_time() - started

    seconds(1000)
    # Quadratic time would be a thousandfold.
    assert seconds(32_000) < 100 * max(seconds(1000), 0.001)


def test_addresses_that_look_alike_afterwards_are_both_kept() -> None:
    assert redact({"ann@example.com": 1, "abe@example.com": 2}) == {"a…@example.com": 1, "a…@example.com'": 2}


# --- the property: whatever is logged in whatever way, no seeded secret is in any file -----------------------------------

_WORDS = st.text("abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=12, max_size=24).map(
    lambda text: f"Sx{text}9z"
)
_NAMES = st.sampled_from(
    ["password", "Password", "smtp_password", "api_key", "apiKey", "X-Auth-Token", "client_secret", "refreshToken",
     "Authorization", "cookie", "set-cookie", "credentials", "private_key", "passphrase", "access_token"]
)  # fmt: skip


def _by_name(secret: str, name: str) -> list[Any]:
    """A secret under a secret's name, in all kinds of values."""
    return [
        {name: secret},
        {"deep": [{"er": {name: [secret, {"x": secret}]}}]},
        {name: secret.encode()},
        {"headers": [(name.encode(), secret.encode())]},
        {"headers": [[name, f"Bearer {secret}"]]},
        {"header": {"name": name, "value": secret}},
    ]


def _in_text(secret: str, name: str) -> list[str]:
    """A secret in a text, in all kinds of texts."""
    encoded = base64.b64encode(f"user:{secret}".encode()).decode()
    return [
        f"{name}={secret}",
        f"{name}: {secret}",
        f"failed ({name} = {secret}) at once",
        f"?{name}={secret}&x=1",
        f"{json.dumps({name: secret, 'x': 1})}",
        json.dumps({"body": json.dumps({name: secret})}),
        repr({name: secret}),
        repr({name.encode(): secret.encode()}),
        repr((name.encode(), secret.encode())),
        f"https://user:{secret}@example.com/path",
        f"https://user:{quote(secret + '@/:')}@example.com/path",
        f"Bearer {secret}",
        f"Basic {encoded}",
        f"-----BEGIN PRIVATE KEY-----\n{secret}\n-----END PRIVATE KEY-----",
        f"x eyJhbGciOiJIUzI1NiJ9.{secret}.{secret} y",
        f"v1.0123456789ab.{secret}.{secret}.{secret}",
        f"gAAAAA{secret}{secret}==",
        f"{new_id()}.{(secret + new_secret())[:43]}",
        f"[SQL: UPDATE]\n[parameters: ('{secret}', {{'a': '{secret}'}})]",
    ]


def _log_everywhere(category: logs.Category, text: str, value: Any) -> None:
    log = logs.get_logger(category)
    log.info("said.fields", **({"body": value} if not isinstance(value, dict) else value))
    log.info("said.value", value=value, note=text)
    log.error(text, message=text, data={text: text}, error=text)
    log.warning("said.bytes", raw=text.encode(), many=(text, [text]))
    try:
        try:
            raise ValueError(text)
        except ValueError as cause:
            raise RuntimeError(text, value) from cause
    except RuntimeError as error:
        log.error("said.exception", exc_info=error, error=error)
        logging.getLogger("library").error("a library says %s", text, exc_info=error)


@settings(max_examples=60, deadline=None)
@given(secret=_WORDS, name=_NAMES, which=st.integers(0, 1000), category=st.sampled_from(logs.CATEGORIES))
def test_a_seeded_secret_is_in_no_file(secret: str, name: str, which: int, category: logs.Category) -> None:
    values, texts = _by_name(secret, name), _in_text(secret, name)
    with tempfile.TemporaryDirectory() as folder:
        logs.set_up(Path(folder))
        _log_everywhere(category, texts[which % len(texts)], values[which % len(values)])
        written = everything(Path(folder))
        assert check_lines(Path(folder)) > 5
        assert secret.encode() not in written
        assert base64.b64encode(f"user:{secret}".encode()) not in written
        assert b"said.exception" in written
        logs.set_up(Path(folder).parent / "logs-of-nobody")


def test_the_property_can_fail(home: Path, tmp_path: Path) -> None:
    logs.get_logger("backend").info("said.plainly", place="Sxplainly9z")
    assert b"Sxplainly9z" in everything(tmp_path / "logs")


@pytest.mark.parametrize("text", ["user_pass=hunter2", "DB_PASS=hunter2", "pass: hunter2", '{"pass": "hunter2"}'])
def test_a_pass_is_a_password(text: str) -> None:
    assert "hunter2" not in redact_text(text)


@pytest.mark.parametrize("text", ["bypass=allowed", "compass: north", "2 of 3 pass the test"])
def test_other_words_with_pass_in_them_are_not(text: str) -> None:
    assert redact_text(text) == text


def test_the_number_under_a_pass_is_no_count() -> None:
    assert redact({"pass": 123456, "tokens": 123456}) == {"pass": HIDDEN, "tokens": 123456}
