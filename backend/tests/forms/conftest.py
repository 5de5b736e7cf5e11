"""Fixtures of tests of forms without a browser."""

import pytest

from app.database import Database
from backend.tests.conftest import Person
from backend.tests.forms.home import VISIT, Handed, bring_home


@pytest.fixture
def handed(monkeypatch: pytest.MonkeyPatch) -> Handed:
    """What was handed to the engine."""
    calls: Handed = []
    for module in ("app.forms.endpoints", "app.batches.endpoints"):
        monkeypatch.setattr(f"{module}.enqueue", lambda *call: calls.append(call))
    return calls


@pytest.fixture
def visit(sqlite: Database, person: Person, handed: Handed) -> str:
    """The address of a visit with two dispensers, at home."""
    bring_home(sqlite, person)
    return f"/api/visits/{VISIT}/forms"
