"""The API against its own description: generated requests, no server errors, no undocumented answers."""

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.accounts import limits
from app.config import get_settings
from app.database import Database
from app.main import create_app
from backend.tests.conftest import Person

# Streams never end, so they have tests of their own.
_ENDLESS = ("/api/events", "/api/operations/logs/stream")
_EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "25"))
_CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# Schemathesis draws some values with `random` inside its own strategies; Hypothesis warns of that now and then.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Do not use the `random` module:hypothesis.errors.HypothesisDeprecationWarning"
)
_DESCRIPTION = create_app().openapi()  # takes a second, so once is enough
_OPERATIONS = [
    (path, method) for path, methods in _DESCRIPTION["paths"].items() for method in methods if path not in _ENDLESS
]


@pytest.fixture
def schema(sqlite: Database, monkeypatch: pytest.MonkeyPatch) -> Any:
    get_settings().requests_per_minute = 1_000_000
    get_settings().sign_in_per_minute = 1_000_000
    limits.forget_all()
    # Jobs are stored but handed to no engine here: this is about the answers of the API.
    for module in ("sync.endpoints", "sync.first_start", "forms.endpoints", "connection.endpoints"):
        monkeypatch.setattr(f"app.{module}.enqueue", lambda *_: None)
    app = create_app()
    app.openapi_schema = _DESCRIPTION
    return schemathesis.openapi.from_asgi("/api/openapi.json", app)


@pytest.mark.parametrize(("path", "method"), _OPERATIONS, ids=[f"{m.upper()} {p}" for p, m in _OPERATIONS])
def test_any_request_gets_a_documented_answer(schema: Any, person: Person, path: str, method: str) -> None:
    @settings(max_examples=_EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=schema[path][method.upper()].as_strategy())
    def call(case: Any) -> None:
        case.call_and_validate(headers=person.headers, checks=_CHECKS)

    call()


def test_the_checks_see_an_answer_that_is_not_documented(
    schema: Any, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("app.work.service.read_weeks", fail)
    with pytest.raises(BaseException, match=r"(?i)server error"):
        test_any_request_gets_a_documented_answer(schema, person, "/api/week", "get")
