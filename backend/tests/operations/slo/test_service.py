"""The objectives measured from what is really stored."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.accounts import service as accounts
from app.database import Database, get_operations_database
from app.forms.models import FormRun, RunForm
from app.kit.clock import VirtualClock
from app.kit.ids import new_id
from app.operations.incidents.models import Incident
from app.operations.slo import service, sources
from app.operations.slo.objectives import OBJECTIVES
from app.operations.slo.schemas import Slo
from app.sync.models import SyncRun
from app.telemetry import metrics
from app.telemetry.frames import Frame
from app.telemetry.metrics import SECONDS
from app.telemetry.store import roll_up, write_frame
from backend.tests.stack import PASSWORD

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)


@pytest.fixture
def now(database: Database) -> Iterator[datetime]:
    with VirtualClock(NOW):
        yield NOW


def _measured(name: str, now: datetime = NOW) -> Slo:
    report = service.measure(now)
    assert report.unreadable == []
    return next(item for item in report.items if item.id == name)


def _observe(key: str, seconds: float, count: int, ago: timedelta = timedelta(minutes=20)) -> None:
    """So many values of a histogram, all in the bucket below ``seconds``."""
    value = [0.0] * (len(SECONDS) + 2)
    value[1 + next((i for i, bound in enumerate(SECONDS) if seconds <= bound), len(SECONDS))] = float(count)
    frame: Frame = {key: value}
    with get_operations_database().write() as db:
        write_frame(db, "p", int((NOW - ago).timestamp()) // 10 * 10, frame)
        roll_up(db, NOW.timestamp())


def _request(seconds: float, count: int, route: str = "/api/week") -> None:
    _observe(f"h:fossawork_request_duration_seconds{{method=GET,route={route}}}", seconds, count)


def test_the_seeds_table_is_what_is_promised() -> None:
    assert {each.id: each.target for each in OBJECTIVES} == {
        "availability": 0.995,
        "response_time": 0.95,
        "authentication": 0.95,
        "form_automation": 0.95,
        "data_sync": 0.95,
        "recovery": 1.0,
    }
    limits = {each.id: each.limit_seconds for each in OBJECTIVES if each.limit_seconds}
    assert limits == {"response_time": 2.0, "authentication": 0.5, "data_sync": 300.0, "recovery": 900.0}


def test_nothing_measured_is_no_data_everywhere(now: datetime) -> None:
    report = service.measure(now)
    assert report.unreadable == []
    assert {item.verdict for item in report.items} == {"no_data"}
    assert all(item.budget.left is None for item in report.items)


def test_response_times_flip_at_two_seconds(now: datetime) -> None:
    _request(1.5, 95)
    _request(4.0, 5)
    found = _measured("response_time")
    assert found.ratio == 0.95
    assert found.verdict == "at_risk"
    assert found.parts[0].p95_seconds == pytest.approx(1.5)
    _request(4.0, 1)
    assert _measured("response_time").verdict == "breached"


def test_health_checks_metrics_and_pages_are_no_requests(now: datetime) -> None:
    for route in ("/api/health", "/api/health/ready", "/metrics", "pages", "none"):
        _request(0.001, 1000, route)
    assert _measured("response_time").verdict == "no_data"


def test_sign_ins_and_token_checks_must_each_be_fast(now: datetime) -> None:
    _observe("h:fossawork_auth_duration_seconds{kind=token}", 0.004, 10_000)
    missing = _measured("authentication")
    assert missing.verdict == "no_data", "nobody has signed in: that is unknown, however fast tokens are"
    _observe("h:fossawork_auth_duration_seconds{kind=sign_in}", 0.4, 19)
    _observe("h:fossawork_auth_duration_seconds{kind=sign_in}", 0.9, 2)
    slow = _measured("authentication")
    assert slow.verdict == "breached"
    assert slow.ratio == pytest.approx(19 / 21)
    assert [part.verdict for part in slow.parts] == ["breached", "met"]


def test_a_part_that_was_spoilt_long_ago_does_not_hide_what_burns_now(now: datetime) -> None:
    _observe("h:fossawork_auth_duration_seconds{kind=sign_in}", 0.9, 60, timedelta(days=20))
    _observe("h:fossawork_auth_duration_seconds{kind=token}", 0.004, 10_000, timedelta(days=10))
    _observe("h:fossawork_auth_duration_seconds{kind=token}", 0.9, 100, timedelta(minutes=2))
    found = _measured("authentication")
    assert [(part.name, part.verdict) for part in found.parts] == [("sign_in", "breached"), ("token", "at_risk")]
    assert (found.verdict, found.ratio) == ("breached", 0.0)
    assert next(tier.tier for tier in found.burn if tier.firing) == "fast"
    assert "0 of 60" in found.why and "budget of token burns" in found.why


def _shown() -> set[tuple[str, str]]:
    families = (metrics.SLO_RATIO, metrics.SLO_BUDGET)
    samples = [sample for gauge in families for family in gauge.collect() for sample in family.samples]
    return {(sample.name, sample.labels["slo"]) for sample in samples}


@pytest.mark.parametrize("readable", [True, False])
def test_what_is_no_longer_known_leaves_prometheus(
    now: datetime, monkeypatch: pytest.MonkeyPatch, readable: bool
) -> None:
    figures = {("fossawork_slo_ratio", "response_time"), ("fossawork_slo_budget_left_ratio", "response_time")}
    _request(0.1, 100)
    service.measure(now)
    assert figures <= _shown()
    if not readable:
        monkeypatch.setattr(sources, "read_frames", lambda *_: 1 / 0)
    report = service.measure(now if not readable else now + timedelta(days=40))
    assert ("response_time" in report.unreadable) is not readable
    assert not figures & _shown()


def _user(database: Database) -> str:
    with database.write() as db:
        return accounts.add_user(db, f"{new_id()}@example.com", PASSWORD).id


def _run(
    database: Database, user_id: str, state: str, *forms: tuple[str, str], ago: timedelta = timedelta(hours=2)
) -> None:
    with database.write() as db:
        run = FormRun(
            id=new_id(),
            user_id=user_id,
            visit_id=1,
            work_id=1,
            visit_url="",
            store="",
            form_type="",
            dispensers_known=1,
            state=state,
            asked_by="t",
            asked_at=NOW - ago,
            finished_at=NOW - ago,
        )
        db.add(run)
        db.flush()
        for position, (action, verdict) in enumerate(forms):
            fields: dict[str, Any] = {"id": new_id(), "run_id": run.id, "position": position, "action": action}
            db.add(RunForm(**fields, dispenser="1/2", numbers=[1], plan={}, running=False, verdict=verdict))


def test_forms_count_when_they_were_worked_on(database: Database, now: datetime) -> None:
    user = _user(database)
    _run(database, user, "finished", *[("create", "verified")] * 18, ("fill", "already_done"), ("create", "not_done"))
    found = _measured("form_automation")
    assert (found.parts[0].good, found.parts[0].total, found.verdict) == (19.0, 20.0, "at_risk")
    _run(database, user, "finished", ("done", "already_done"), ("ask", "needs_human"))
    assert _measured("form_automation").parts[0].total == 20.0, "settled by the plan: never a submission"
    _run(database, user, "stopped", ("create", "verified"), ("create", "not_done"))
    assert _measured("form_automation").parts[0].total == 21.0, "what a person stopped is nobody's failure"
    _run(database, user, "failed", ("create", "not_done"), ("create", "needs_human"))
    breached = _measured("form_automation")
    assert (breached.parts[0].good, breached.parts[0].total, breached.verdict) == (20.0, 23.0, "breached")
    _run(database, user, "finished", *[("create", "verified")] * 100, ago=timedelta(days=31))
    assert _measured("form_automation").parts[0].total == 23.0, "older than the window"


def _sync(database: Database, user_id: str, state: str, seconds: float, kind: str | None = None) -> None:
    with database.write() as db:
        db.add(
            SyncRun(
                id=new_id(),
                user_id=user_id,
                state=state,
                asked_by="t",
                asked_at=NOW - timedelta(hours=1),
                finished_at=NOW - timedelta(minutes=30),
                seconds=seconds,
                refresh_locations=False,
                accept_empty=False,
                error_kind=kind,
            )
        )


def test_syncs_must_come_home_within_five_minutes(database: Database, now: datetime) -> None:
    user = _user(database)
    for _ in range(19):
        _sync(database, user, "succeeded", 299)
    _sync(database, user, "partial", 301)
    found = _measured("data_sync")
    assert (found.parts[0].good, found.parts[0].total) == (19.0, 20.0)
    _sync(database, user, "failed", 10, "auth")
    assert _measured("data_sync").parts[0].total == 20.0, "a wrong password says nothing of the service"
    _sync(database, user, "failed", 10, "transient")
    assert _measured("data_sync").verdict == "breached"


def _incident(number: int, recovered: timedelta | None, ago: timedelta, **other: Any) -> None:
    detected = NOW - ago
    texts = dict.fromkeys(
        ("user_impact", "business_impact", "root_cause", "contributing", "went_well", "went_badly", "lessons"), ""
    )
    with get_operations_database().write() as db:
        db.add(
            Incident(
                id=f"INC-20260301-{number:03d}",
                title="t",
                priority=other.get("priority", "p1"),
                worst_priority=other.get("priority", "p1"),
                kind="system_down",
                status=other.get("status", "resolved"),
                opened_by="t",
                started_at=detected,
                detected_at=detected,
                declared_at=detected,
                recovered_at=detected + recovered if recovered else None,
                responders=[],
                services=[],
                whys=[],
                procedures_updated="",
                **texts,
            )
        )


def test_incidents_must_recover_within_fifteen_minutes(now: datetime) -> None:
    _incident(1, timedelta(minutes=15), timedelta(hours=5))
    _incident(2, None, timedelta(minutes=14), status="declared")
    _incident(3, timedelta(minutes=90), timedelta(hours=5), status="false_positive")
    _incident(4, timedelta(minutes=90), timedelta(hours=5), priority="p3")
    found = _measured("recovery")
    assert (found.parts[0].total, found.verdict, found.budget.left) == (1.0, "met", 1.0)
    _incident(5, None, timedelta(minutes=16), status="declared")
    late = _measured("recovery")
    assert (late.parts[0].total, late.verdict, late.budget.left) == (2.0, "breached", 0.0)


def test_history_has_a_point_per_day_and_gaps_where_nothing_was_measured(now: datetime) -> None:
    _observe("h:fossawork_request_duration_seconds{method=GET,route=/api/week}", 0.1, 100, timedelta(days=3))
    days = service.history("response_time", now).days
    assert (len(days), days[-1].day, days[0].day) == (30, "2026-03-02", "2026-02-01")
    assert [day.total for day in days[-4:]] == [100.0, 0.0, 0.0, 0.0]
    assert days[-1].left == 1.0
    assert days[0].left is None, "nothing in the window of that day"


def test_a_source_that_cannot_be_read_is_named_and_has_no_data(
    database: Database, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> Any:
        raise RuntimeError("no database")

    monkeypatch.setitem(sources.BY_ROWS, "forms", broken)
    report = service.measure(now)
    assert report.unreadable == ["form_automation"]
    assert next(item for item in report.items if item.id == "form_automation").verdict == "no_data"
    assert len(report.items) == len(OBJECTIVES)
