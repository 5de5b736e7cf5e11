"""Each signal says what stands there: trouble as trouble, quiet as quiet, and nothing where nothing can be told."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.accounts import service as accounts
from app.config import get_settings
from app.database import Database, get_operations_database
from app.kit.clock import VirtualClock
from app.operations.alerts import service as alerts
from app.operations.alerts import signals
from app.operations.alerts.engine import Sample
from app.operations.alerts.models import Alert, Watcher
from app.operations.alerts.rules import BY_ID, RULES
from app.operations.health.service import keeper
from app.operations.logs.analyzer import findings
from app.operations.slo import service as slo
from app.operations.slo.budget import Counts
from app.operations.slo.sources import requests
from app.sync.models import SyncRun
from app.telemetry import heartbeat
from app.telemetry.frames import Frame
from app.telemetry.metrics import SECONDS
from app.telemetry.store import WATCHER, roll_up, write_frame
from backend.tests.operations.logs.analyzer.written import own, write
from backend.tests.stack import PASSWORD

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
_TIMES = "h:fossawork_request_duration_seconds{method=GET,route=/api/week}"


@pytest.fixture
def clock(sqlite: Database) -> Iterator[VirtualClock]:
    with VirtualClock(NOW) as clock:
        heartbeat.beat("engine")
        yield clock
        heartbeat.stop("engine")


def _requests(route: str = "/api/week", /, **by_status: int) -> Frame:
    return {
        f"c:fossawork_requests_total{{method=GET,route={route},status={status[1:]}}}": float(count)
        for status, count in by_status.items()
    }


def _times(seconds: float, count: int) -> Frame:
    value = [0.0] * (len(SECONDS) + 2)
    value[1 + next((i for i, bound in enumerate(SECONDS) if seconds <= bound), len(SECONDS))] = float(count)
    return {_TIMES: value}


def _value(samples: Iterator[Sample], signal: str, component: str | None = None) -> float | None:
    return next(s.value for s in samples if s.signal == signal and component in (None, s.component))


def test_slowness_needs_enough_requests() -> None:
    assert _value(signals.requests(_times(9.0, 19), NOW), "response_p95") == 0.0
    slow = _value(signals.requests(_times(9.0, 20), NOW), "response_p95")
    assert slow is not None
    assert slow > 5


@pytest.mark.parametrize(("rule", "worst"), [("slow_api", 4.0), ("slow_api_minor", 1.8)])
def test_what_is_fast_enough_to_end_an_alert_is_measured_so(rule: str, worst: float) -> None:
    """Within two bounds of the measurements a time can only be guessed: they lie so that no guess is beyond a limit."""
    limits = BY_ID[rule]
    assert limits.clear == worst
    for seconds in (0.3, worst * 0.6, worst * 0.7, worst):
        told = _value(signals.requests(_times(seconds, 1000), NOW), "response_p95")
        assert told is not None
        assert limits.is_good(told), seconds
    assert not limits.is_good(_value(signals.requests(_times(worst * 1.01, 1000), NOW), "response_p95") or 0.0)


def test_measurements_of_another_version_say_nothing_of_these_bounds() -> None:
    old: Frame = {_TIMES: [100.0, *([0.0] * 11), 100.0]}
    assert _value(signals.requests(old, NOW), "response_p95") == 0.0
    assert requests(old) == {"": Counts()}


def test_errors_are_ours_and_refusals_are_not() -> None:
    def share(**by_status: int) -> float | None:
        return _value(signals.requests(_requests(**by_status), NOW), "error_share")

    assert share(s200=94, s503=6) == pytest.approx(0.06)
    assert share(s200=10, s404=5000, s401=5000) == 0.0
    assert share(s500=49) == 0.0, "too few to say"
    health = _requests("/api/health", s503=1000) | _requests(s200=100)
    assert _value(signals.requests(health, NOW), "error_share") == 0.0


def test_signing_in_is_broken_by_errors_not_by_wrong_passwords() -> None:
    def broken(**by_status: int) -> float | None:
        return _value(signals.sign_ins(_requests("/api/auth/sign-in", **by_status), NOW), "authentication")

    assert broken(s401=500) == 0.0
    assert broken(s200=2, s500=2) == 1.0
    assert broken(s200=3, s500=2) == 0.0
    assert broken(s500=2) == 0.0, "two attempts are no outage"


def test_the_machine_is_judged_by_its_mean_and_unknown_without_one() -> None:
    frame: Frame = {"g:fossawork_system_cpu_ratio": [3, 0.1, 1.0, 1.5, 1.0]}
    assert _value(signals.machine(frame, NOW), "cpu") == 0.5
    assert _value(signals.machine({}, NOW), "cpu") is None
    assert _value(signals.machine({}, NOW), "memory") is None


def _collected(signal: str, component: str) -> float | None:
    found = [s.value for s in signals.collect(None) if (s.signal, s.component) == (signal, component)]
    assert len(found) == 1, (signal, component)
    return found[0]


def test_a_well_installation_raises_nothing(clock: VirtualClock) -> None:
    samples = signals.collect(slo.measure(clock.at))
    by_signal = {rule.signal: rule for rule in RULES}
    for sample in samples:
        rule = by_signal[sample.signal]
        if sample.value is not None and sample.component not in ("disk", "watcher"):  # the machine's own
            assert rule.priority_of(sample.value) is None, sample
    known = {sample.signal for sample in samples}
    assert {
        "database",
        "authentication",
        "integrity",
        "component",
        "scheduler_age",
        "sync_lag",
        "form_failures",
    } <= known
    assert not {"backup_age", "certificate_days", "watcher_age", "alert_path"} & known, "there is nothing to say yet"


def test_tokens_that_cannot_be_made_are_a_broken_sign_in(clock: VirtualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _collected("authentication", "token_check") == 0.0

    def broken(*_: str) -> str:
        raise ValueError("the key is damaged")

    monkeypatch.setattr("app.operations.health.checks.make_access_token", broken)
    keeper.forget()
    assert _collected("authentication", "token_check") == 1.0


def test_a_broken_database_is_told_and_the_rest_goes_on(clock: VirtualClock, home: Path) -> None:
    (home / "app.db").write_bytes(b"no database any more" * 500)
    for rest in ("app.db-wal", "app.db-shm"):
        (home / rest).unlink(missing_ok=True)
    keeper.forget()
    samples = signals.collect(None)
    values = {(sample.signal, sample.component): sample.value for sample in samples}
    assert values["database", "database"] == 1.0
    assert values["database", "operations_database"] == 0.0
    assert values["integrity", "integrity"] == 1.0
    assert ("cpu", "machine") in values
    assert ("sync_lag", "sync") not in values, "it cannot be told: the duty loop misses it then"


def test_what_the_logs_tell_is_handed_over(clock: VirtualClock) -> None:
    folder = get_settings().logs
    write(folder, "backend/2026-03-02.jsonl", [own(NOW, level="error", message="database is locked")] * 11)
    write(folder, "security/2026-03-02.jsonl", [own(NOW, level="critical", message="intrusion suspected")])
    assert _collected("logged_error_urgency", "database") == 1.0
    assert _collected("logged_error_urgency", "automation") == 0.0
    assert _collected("logged_attack_urgency", "security") == 2.0

    (folder / "automation").mkdir()
    (folder / "automation/2026-03-02.jsonl.zst").write_bytes(b"no archive")
    findings.forget()
    assert _collected("logged_error_urgency", "automation") is None


def test_a_late_sync_has_its_lag(clock: VirtualClock, sqlite: Database) -> None:
    assert _collected("sync_lag", "sync") == 0.0
    with sqlite.write() as db:
        user = accounts.add_user(db, "a@example.com", PASSWORD)
        asked = NOW - timedelta(seconds=400)
        wishes = {"refresh_locations": False, "accept_empty": False}
        db.add(SyncRun(id="s", user_id=user.id, state="queued", asked_by="t", asked_at=asked, **wishes))
    assert _collected("sync_lag", "sync") == 400.0


def test_the_watchers_silence_and_stale_measurements_have_an_age(clock: VirtualClock) -> None:
    with get_operations_database().write() as db:
        db.add(Watcher(name="w", last_seen_at=NOW - timedelta(seconds=200), last_probe=1, last_report=0, version="1"))
        write_frame(db, "p", int(NOW.timestamp()) - 120, {"g:x": [1, 1, 1, 1, 1]})
    keeper.forget()
    assert _collected("watcher_age", "watcher") == 200.0
    assert _collected("metrics_age", "telemetry") == 110.0
    with get_operations_database().write() as db:
        write_frame(db, f"{WATCHER}w", int(NOW.timestamp()) - 30, {"g:x": [1, 1, 1, 1, 1]})
    assert _collected("metrics_age", "telemetry") == 110.0, "what the watcher brings is no measurement of the server"


def test_stolen_tokens_are_counted_over_an_hour(clock: VirtualClock) -> None:
    key = "c:fossawork_security_anomalies_total{kind=refresh_token_reused}"
    with get_operations_database().write() as db:
        for minutes in (10, 50, 70):
            write_frame(db, "p", int((NOW - timedelta(minutes=minutes)).timestamp()) // 10 * 10, {key: 1.0})
        roll_up(db, NOW.timestamp())
    assert _collected("stolen_tokens", "sessions") == 2.0


def test_stolen_tokens_that_a_person_has_judged_are_no_news(clock: VirtualClock) -> None:
    key = "c:fossawork_security_anomalies_total{kind=refresh_token_reused}"
    with get_operations_database().write() as db:
        alerts.evaluate(db, [Sample("stolen_tokens", "sessions", 2.0, NOW)])
        alert = db.query(Alert).one()
        alerts.resolve(db, alert.id, "sam", "All of these people have new passwords.")
        for minutes in (-5, 1, 50):
            write_frame(db, "p", int((NOW - timedelta(minutes=minutes)).timestamp()) // 10 * 10, {key: 1.0})
    clock.advance(minutes=6)
    assert _collected("stolen_tokens", "sessions") == 1.0


def test_a_backup_is_as_old_as_its_record_says_and_a_broken_record_is_unknown(clock: VirtualClock, home: Path) -> None:
    record = home / "backups" / "validated.json"
    record.parent.mkdir()
    record.write_text('{"valid_at": "2026-03-01T14:00:00Z"}')
    assert _collected("backup_age", "backup") == 86400.0
    record.write_text("{")
    assert _collected("backup_age", "backup") is None


def test_logs_tell_their_share_of_the_quota(clock: VirtualClock) -> None:
    folder = get_settings().logs / "backend"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "2026-03-01.jsonl").write_bytes(b"x" * 2**20)
    get_settings().logs_quota_mb = 2
    share = _collected("log_space", "logs")
    assert share is not None
    assert 0.5 <= share < 0.6


def test_a_burning_budget_has_its_urgency(clock: VirtualClock) -> None:
    with get_operations_database().write() as db:
        for minutes in range(60):
            at = int((NOW - timedelta(minutes=minutes, seconds=20)).timestamp()) // 10 * 10
            write_frame(db, "w", at, {"c:fossawork_probes_total{result=bad}": 2.0})
        roll_up(db, NOW.timestamp())
    report = slo.measure(clock.at)
    found = {(s.signal, s.component): s.value for s in signals.collect(report)}
    assert found["slo_burn_critical", "availability"] == 4.0
    assert found["slo_burn", "response_time"] == 0.0
    report = report.model_copy(update={"unreadable": ["availability"]})
    found = {(s.signal, s.component): s.value for s in signals.collect(report)}
    assert found["slo_burn_critical", "availability"] is None
