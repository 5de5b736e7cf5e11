"""The answer as one document. Its JSON form is described by ``log-analysis.v1.schema.json``, which is made from these types.

Instants are RFC 3339 in UTC; durations are milliseconds; a count of the period before is None when there is no such period
(the question has no beginning). Sections that were not asked for are None.
"""

from typing import Any, Literal

import msgspec

from app.operations.logs.analyzer.lines import Line as Line

SCHEMA: Literal["fossawork.log-analysis/1"] = "fossawork.log-analysis/1"
Value = str | int | float | bool | None
Priority = Literal["P1", "P2", "P3"]


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """Every part of the document."""


class PeriodPart(Part):
    since: str | None
    until: str | None


class SkippedFile(Part):
    file: str
    reason: str


class Reading(Part):
    """What was read. ``skipped`` files were not needed; lines of ``unreadable`` ones are missing in the answer.

    ``lines_in_period`` counts each line once: second copies of errors (``copies``) are left out. ``undated`` lines have no
    readable time and belong to no period. ``later``: lines dated after the present instant.
    """

    folder: str
    files: int
    files_outside_period: int
    lines: int
    lines_in_period: int
    copies: int
    undated: int
    later: int
    malformed: int
    malformed_examples: list[str]
    unfinished: int
    skipped: list[SkippedFile]
    unreadable: list[SkippedFile]
    seconds: float


class Durations(Part):
    """Quantiles are at most half a per cent off."""

    count: int
    mean: float
    p50: float
    p95: float
    p99: float
    max: float


class ErrorEntry(Part):
    """Errors that tell the same. ``request_id`` is of the latest: ``--request-id`` shows its whole story."""

    fingerprint: str
    family: str
    critical: int
    category: str
    component: str
    event: str
    error_type: str
    text: str
    count: int
    before: int | None
    first_seen: str
    last_seen: str
    request_id: str


class Family(Part):
    family: str
    count: int
    critical: int
    before: int | None


class ErrorsPart(Part):
    count: int
    before: int | None
    families: list[Family]
    entries: list[ErrorEntry]
    entries_not_shown: int


class TimedEntry(Part):
    """Durations of one route or component; ``p95_before`` of the period before."""

    value: str
    durations: Durations
    p95_before: float | None


class PerformancePart(Part):
    """``slow`` counts lines of more than ``threshold`` milliseconds; ``slowest`` are the worst of them, worst first."""

    threshold: float
    durations: Durations | None
    p95_before: float | None
    slow: int
    answers: int
    server_errors: int
    routes: list[TimedEntry]
    components: list[TimedEntry]
    slowest: list[Line]


class AttackEntry(Part):
    kind: str
    count: int
    before: int | None
    first_seen: str
    last_seen: str
    addresses: list[str]
    request_id: str


class SourceEntry(Part):
    """An address or a user with more failed sign-ins than are usual."""

    source: Literal["ip", "user"]
    value: str
    failures: int
    before: int | None
    first_seen: str
    last_seen: str


class SecurityPart(Part):
    failed_sign_ins: int
    failed_sign_ins_before: int | None
    attacks: list[AttackEntry]
    suspicious: list[SourceEntry]
    suspicious_not_shown: int


class GroupEntry(Part):
    value: str
    lines: int
    before: int | None
    durations: Durations | None


class GroupsPart(Part):
    """``lost``: lines of rare values that were let go, because there were too many different ones."""

    field: str
    entries: list[GroupEntry]
    entries_not_shown: int
    lost: int


class LinesPart(Part):
    lines: list[Line]
    not_shown: int


class TablePart(Part):
    columns: list[str]
    rows: list[list[Value]]
    complete: bool


class Alert(Part):
    """Something to be told to somebody. ``key`` stays the same for the same thing, so that it is told once."""

    rule: str
    key: str
    priority: Priority
    summary: str
    count: int


class Verdict(Part):
    """``code``: 0 nothing found, 1 warnings, 2 critical, 3 could not read (all of) what was asked for."""

    code: Literal[0, 1, 2, 3]
    word: Literal["ok", "warnings", "critical", "unreadable"]
    reasons: list[str]


class Report(Part):
    """The document."""

    schema: Literal["fossawork.log-analysis/1"]
    made_at: str
    period: PeriodPart
    categories: list[str]
    filters: dict[str, str]
    reading: Reading
    levels: dict[str, int]
    lines_by_category: dict[str, int]
    errors: ErrorsPart | None
    performance: PerformancePart | None
    security: SecurityPart | None
    groups: GroupsPart | None
    lines: LinesPart | None
    table: TablePart | None
    alerts: list[Alert]
    verdict: Verdict


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the document."""
    (schema,), components = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:fossawork:log-analysis:1",
        "title": "Answer of tools/operations/log-analyzer.py --json",
        **schema,
        "$defs": components,
    }
