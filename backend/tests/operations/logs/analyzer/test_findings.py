"""What the logs tell the alert engine: trouble as trouble, quiet as quiet, and what could not be read as unknown."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app.config import get_settings
from app.kit.clock import VirtualClock
from app.operations.logs.analyzer import findings
from app.operations.logs.analyzer.findings import Finding
from app.operations.logs.families import FAMILIES
from app.operations.terms import Priority
from app.telemetry import logs
from backend.tests.operations.logs.analyzer.written import NOON, at, own, write, write_today


@pytest.fixture
def folder(home: Path) -> Iterator[Path]:
    with VirtualClock(NOON):
        yield get_settings().logs
        logs.flush()


def _look() -> dict[tuple[str, str], Finding]:
    return {(found.subject, found.part): found for found in findings.look(NOON).items}


def _urgent() -> dict[tuple[str, str], Priority]:
    return {key: found.priority for key, found in _look().items() if found.priority is not None}


def test_a_quiet_hour_is_quiet_in_every_part(folder: Path) -> None:
    write_today(folder, own(), own(level="error", message="one error is no alert"))
    found = _look()
    assert all(finding.known and finding.priority is None for finding in found.values())
    assert {part for subject, part in found if subject == "error"} == set(FAMILIES) - {"security"}
    assert {"sql_injection", "sign_ins", "security"} < {part for subject, part in found if subject == "attack"}


@pytest.mark.parametrize(("count", "is_urgent"), [(10, False), (11, True)])
def test_more_than_ten_errors_of_a_family_are_urgent(folder: Path, count: int, is_urgent: bool) -> None:
    write_today(folder, *[own(at(minutes=5), level="error", message="database is locked")] * count)
    assert _urgent() == ({("error", "database"): Priority.p2} if is_urgent else {})


def test_errors_of_an_hour_ago_are_not(folder: Path) -> None:
    write_today(folder, *[own(at(minutes=61), level="error", message="database is locked")] * 50, own())
    assert _urgent() == {}


def test_a_critical_line_is_urgent_and_at_once_when_it_concerns_security(folder: Path) -> None:
    write_today(
        folder,
        own(level="critical", message="the browser cannot be started"),
        own(level="critical", message="intrusion suspected"),
    )
    assert _urgent() == {("error", "automation"): Priority.p2, ("attack", "security"): Priority.p1}


def test_attempts_and_failed_sign_ins_are_told_by_kind(folder: Path) -> None:
    tried = [own(level="warning", message=f"/files?name=../../../etc/passwd&n={n}") for n in range(11)]
    failed = [own(level="warning", event="auth.sign_in_refused", ip="203.0.113.7") for _ in range(6)]
    write_today(folder, *tried, *failed)
    found = _look()
    assert _urgent() == {("attack", "directory_traversal"): Priority.p2, ("attack", "sign_ins"): Priority.p2}
    assert "203.0.113.7" in found["attack", "sign_ins"].words


def test_what_cannot_be_read_is_unknown_and_what_was_seen_counts(folder: Path) -> None:
    write_today(folder, *[own(level="error", message="database is locked")] * 11)
    write(folder, "automation/2026-03-01.jsonl.zst", []).write_bytes(b"no archive")
    found = _look()
    assert found["error", "database"].known
    assert found["error", "database"].priority is Priority.p2
    assert not found["error", "automation"].known
    assert "automation/2026-03-01.jsonl.zst" in found["error", "automation"].words


def test_an_hour_without_a_line_is_unknown_and_looking_leaves_one(folder: Path) -> None:
    assert not any(found.known for found in _look().values())
    logs.flush()
    assert all(found.known for found in _look().values())


def test_it_looks_again_after_five_minutes(folder: Path) -> None:
    write_today(folder, own())
    first = findings.latest(NOON)
    assert findings.latest(NOON + timedelta(minutes=4, seconds=59)) is first
    assert findings.latest(NOON + timedelta(minutes=5)) is not first
