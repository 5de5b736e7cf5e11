"""What looks like an attack, and what only sounds like one."""

from pathlib import Path
from typing import Any

import pytest

from app.operations.logs.analyzer.analysis import Question
from app.operations.logs.analyzer.report import SecurityPart
from backend.tests.operations.logs.analyzer.test_answers import HOUR, ask
from backend.tests.operations.logs.analyzer.written import archive, at, own, write

QUESTION = Question(period=HOUR, sections=frozenset({"security"}))


def _security(root: Path, *lines: bytes) -> SecurityPart:
    write(root, "backend/2026-03-01.jsonl", lines)
    security = ask(root, QUESTION).security
    assert security is not None
    return security


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"message": "GET /api/search?q=1 UNION ALL SELECT password FROM users"}, "sql_injection"),
        ({"path": "/api/search?q=%27%20OR%20%271%27%3D%271"}, "sql_injection"),
        ({"message": "name=x'; DROP TABLE users"}, "sql_injection"),
        ({"message": "user=admin'--"}, "sql_injection"),
        ({"message": "<ScRiPt>alert(1)</script>"}, "xss_attempt"),
        ({"path": "/x?next=javascript:alert(1)"}, "xss_attempt"),
        ({"message": "<img src=x onerror=alert(1)>"}, "xss_attempt"),
        ({"path": "/static/..%2f..%2fetc/passwd"}, "directory_traversal"),
        ({"message": "GET /files/../../../app.db"}, "directory_traversal"),
        ({"user_agent": "sqlmap/1.7"}, "suspicious_user_agent"),
    ],
)
def test_attacks(tmp_path: Path, fields: dict[str, Any], kind: str) -> None:
    security = _security(tmp_path, own(ip="198.51.100.7", request_id="r1", **fields), own(message="quiet"))
    (attack,) = security.attacks
    assert (attack.kind, attack.count, attack.addresses, attack.request_id) == (kind, 1, ["198.51.100.7"], "r1")


@pytest.mark.parametrize(
    "fields",
    [
        {"message": "select the dispenser from the table; replace seals"},
        {"message": "the union selects its delegates"},
        {"message": "dropped table cloth -- see note"},
        {"message": "it's 5 or 6 = maybe"},
        {"message": "load ../frontend/dist"},
        {"message": "see description: script of the day, on error resume"},
        {"user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"},
        {"message": "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln--bmF0dXJl"},
        {"message": "signed in", "event": "sign_in.opened", "route": "/api/auth/sign-in", "status": 200},
        {"message": "not found", "route": "/api/week", "status": 401},
    ],
)
def test_ordinary_lines_are_left_alone(tmp_path: Path, fields: dict[str, Any]) -> None:
    security = _security(tmp_path, own(ip="192.0.2.1", **fields))
    assert (security.attacks, security.failed_sign_ins) == ([], 0)


@pytest.mark.parametrize(
    "fields",
    [
        {"event": "sign_in.refused"},
        {"type": "failed_login"},
        {"event": "auth.failure"},
        {"message": "Failed login for somebody"},
        {"message": "Authentication failed: bad password"},
        {"route": "/api/auth/sign-in", "status": 401},
        {"path": "/api/v1/auth/login", "status_code": 401},
    ],
)
def test_failed_sign_ins(tmp_path: Path, fields: dict[str, Any]) -> None:
    assert _security(tmp_path, own(**fields)).failed_sign_ins == 1


def test_one_attempt_with_two_lines_is_one_failure_and_more_than_five_are_suspicious(tmp_path: Path) -> None:
    lines = []
    for number in range(6):
        who = {"ip": "198.51.100.7", "user_id": f"u{number // 2}"}
        lines.append(own(at(minutes=30 - number), "warning", event="sign_in.refused", **who))
        lines.append(own(at(minutes=30 - number), route="/api/auth/sign-in", status=401, **who))
    lines += [own(at(minutes=70), event="sign_in.refused", ip="198.51.100.7")] * 2
    lines += [own(at(minutes=5), event="sign_in.refused", ip="192.0.2.1")] * 5
    security = _security(tmp_path, *lines)
    assert (security.failed_sign_ins, security.failed_sign_ins_before) == (11, 2)
    (source,) = security.suspicious
    assert (source.source, source.value, source.failures, source.before) == ("ip", "198.51.100.7", 6, 2)
    assert (source.first_seen, source.last_seen) == ("2026-03-01T11:30:00.000Z", "2026-03-01T11:35:00.000Z")


def test_lines_without_a_user_agent_or_with_odd_values_do_no_harm(tmp_path: Path) -> None:
    lines = [
        own(user_agent=None, message=["login failed"]),
        own(ip={"a": 1}, event=7, route=[], status="401", message=None),
    ]
    assert _security(tmp_path, *lines, own(message="login failed")).failed_sign_ins == 1


def test_a_user_agent_in_the_archive_is_among_the_other_data(tmp_path: Path) -> None:
    archive(tmp_path, "archive/backend/2026-03-01.parquet", [own(data={"user_agent": "Nikto/2.5"}), own(data={"x": 1})])
    security = ask(tmp_path, QUESTION).security
    assert security is not None
    assert [attack.kind for attack in security.attacks] == ["suspicious_user_agent"]
