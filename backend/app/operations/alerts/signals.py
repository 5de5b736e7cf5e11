"""What the rules are fed with, read where it stands: health checks, frames, rows. The edge of the alert engine.

A signal that cannot be read is a sample without a value. A signal that has nothing to say yet (no certificate, no sync so far)
gives no sample at all.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session as Db

from app.config import get_settings
from app.database import get_database, get_operations_database
from app.kit import clock
from app.operations.alerts import path_test
from app.operations.alerts.engine import Sample
from app.operations.alerts.models import Alert, Watcher
from app.operations.health.service import Report, keeper
from app.operations.health.tree import State
from app.operations.logs.analyzer import findings
from app.operations.logs.housekeeping import usage
from app.operations.slo import sources
from app.operations.slo.budget import TIERS
from app.operations.slo.schemas import SloReport
from app.operations.terms import Priority
from app.operations.thresholds import (
    FORMS_FOR_FAILURES,
    REQUESTS_FOR_ERRORS,
    REQUESTS_FOR_TIME,
    SIGN_IN_BROKEN_SHARE,
    SIGN_INS_FOR_BROKEN,
)
from app.sync.models import SyncRun
from app.sync.service import ACTIVE
from app.telemetry.frames import Frame, labels_of, name_of
from app.telemetry.logs import get_logger
from app.telemetry.store import RAW, newest_frame_at, read_window

_WINDOW = timedelta(minutes=5)
_HOUR = timedelta(hours=1)
_CRITICAL_SLOS = ("availability", "authentication")
log = get_logger("backend")


def collect(slo: SloReport | None) -> list[Sample]:
    """All samples of this moment. ``slo``: the objectives as last measured; ``None`` when they were not."""
    now = clock.now()
    samples: list[Sample] = []
    readers: tuple[Callable[[], Iterator[Sample]], ...] = (
        lambda: _health(keeper.report(slow=True), now),
        lambda: _frames(now),
        lambda: _forms(now),
        lambda: _sync_lag(now),
        lambda: _backup(now),
        lambda: _log_space(now),
        lambda: _log_findings(findings.latest(now)),
        lambda: _burn(slo),
        lambda: _alert_path(now),
    )
    for read in readers:
        try:
            samples += read()
        except Exception as error:  # a signal that breaks must not hide the others
            log.error("alerts.signal_unreadable", error=error)
    return samples


_FAILED = {State.ok: 0.0, State.degraded: 0.0, State.failed: 1.0, State.unknown: None}
_OWN_RULE = {"database": "database", "operations_database": "database", "integrity": "integrity"}


def _health(report: Report, now: datetime) -> Iterator[Sample]:
    for component in report.components:
        finding, name = component.finding, component.name
        value = _FAILED[finding.state]
        if name in _OWN_RULE:
            yield Sample(_OWN_RULE[name], name, value, now, finding.words, finding.data)
        elif name == "auth":
            yield Sample("authentication", "token_check", value, now, finding.words, finding.data)
        elif name == "certificate":
            yield Sample("certificate_days", name, finding.data.get("days"), now, finding.words)
        elif name == "scheduler":
            age = finding.data.get("age_seconds", 1e9 if finding.state is State.failed else None)
            yield Sample("scheduler_age", name, age, now, finding.words)
        elif name == "watcher":
            yield from _watcher(now)
        elif name not in ("disk", "memory", "cpu"):  # these have signals of their own, over time
            yield Sample("component", name, value, now, finding.words, finding.data)


def _watcher(now: datetime) -> Iterator[Sample]:
    """How long the watcher has been silent. One that never spoke is not missed: it was never set up."""
    with get_operations_database().read() as db:
        seen = db.scalar(select(func.max(Watcher.last_seen_at)))
    if seen is not None:
        age = max(0.0, (now - seen).total_seconds())
        yield Sample("watcher_age", "watcher", age, now, f"It last spoke {age:.0f} s ago.")


def _frames(now: datetime) -> Iterator[Sample]:
    with get_operations_database().read() as db:
        stamp = now.timestamp()
        recent = read_window(db, stamp - _WINDOW.total_seconds(), stamp, stamp, lambda _: True)
        stolen = read_window(db, _thefts_since(db, now).timestamp(), stamp, stamp, _is_theft)
        newest = newest_frame_at(db)
    yield from requests(recent, now)
    yield from sign_ins(recent, now)
    yield from machine(recent, now)
    thefts = sum(value for value in stolen.values() if not isinstance(value, list))
    yield Sample("stolen_tokens", "sessions", thefts, now, f"{thefts:g} reused refresh tokens within an hour.")
    if newest is not None:
        age = max(0.0, now.timestamp() - newest - 10)
        yield Sample("metrics_age", "telemetry", age, now, f"The newest measurement is {age:.0f} s old.")


def _thefts_since(db: Db, now: datetime) -> datetime:
    """An hour ago, or since a person said that the breach is over (to the next measurement): what they judged is no news."""
    settled = db.scalar(select(func.max(Alert.resolved_at)).where(Alert.rule == "security_breach"))
    return max(now - _HOUR, settled + timedelta(seconds=RAW)) if settled is not None else now - _HOUR


def _is_theft(key: str) -> bool:
    return name_of(key) == "fossawork_security_anomalies_total" and labels_of(key).get("kind") == "refresh_token_reused"


def requests(frame: Frame, now: datetime) -> Iterator[Sample]:
    """Slowness and errors of the last five minutes; with few requests their value is 0: no traffic is no slowness."""
    total, failed, timed, p95 = sources.traffic(frame)
    if timed >= REQUESTS_FOR_TIME and p95 is not None:
        words = f"p95 {p95:.2f} s over {timed:g} requests in 5 min"
        yield Sample("response_p95", "api", p95, now, words, {"requests": timed})
    else:
        yield Sample("response_p95", "api", 0.0, now, f"{timed:g} requests in 5 min: too few to call it slow")
    share = failed / total if total >= REQUESTS_FOR_ERRORS else 0.0
    yield Sample("error_share", "api", share, now, f"{failed:g} of {total:g} requests failed in 5 min")


def sign_ins(frame: Frame, now: datetime) -> Iterator[Sample]:
    """Whether signing in is broken: half of the attempts end in an error of ours. Wrong passwords (401) are none."""
    total = failed = 0.0
    for key, value in frame.items():
        if name_of(key) == "fossawork_requests_total" and not isinstance(value, list):
            labels = labels_of(key)
            if labels.get("route") == "/api/auth/sign-in":
                total += value
                failed += value if labels.get("status", "").startswith("5") else 0
    broken = total >= SIGN_INS_FOR_BROKEN and failed / total >= SIGN_IN_BROKEN_SHARE
    yield Sample("authentication", "sign_in", float(broken), now, f"{failed:g} of {total:g} sign-ins failed in 5 min")


def machine(frame: Frame, now: datetime) -> Iterator[Sample]:
    """Means over five minutes, so that a burst is no alarm."""
    for signal, name in (("cpu", "fossawork_system_cpu_ratio"), ("memory", "fossawork_system_memory_ratio")):
        value = frame.get(f"g:{name}")
        mean = value[3] / value[0] if isinstance(value, list) and value[0] else None
        words = "not measured" if mean is None else f"{mean:.0%} over 5 min"
        yield Sample(signal, "machine", mean, now, words)
    disk = frame.get("g:fossawork_system_disk_ratio")
    if isinstance(disk, list):
        yield Sample("log_space", "disk", disk[4], now, f"The disk is {disk[4]:.0%} full.")


def _forms(now: datetime) -> Iterator[Sample]:
    counts = sources.forms([(now - _HOUR, now)])[0][""]
    share = counts.bad / counts.total if counts.total >= FORMS_FOR_FAILURES else 0.0
    yield Sample(
        "form_failures", "forms", share, now, f"{counts.bad:g} of {counts.total:g} forms failed within an hour"
    )


def _sync_lag(now: datetime) -> Iterator[Sample]:
    with get_database().read() as db:
        oldest = db.scalar(select(func.min(SyncRun.asked_at)).where(SyncRun.state.in_(ACTIVE)))
    lag = 0.0 if oldest is None else (now - oldest).total_seconds()
    yield Sample("sync_lag", "sync", lag, now, "No sync waits." if oldest is None else f"A sync waits for {lag:.0f} s.")


def _log_space(now: datetime) -> Iterator[Sample]:
    used = usage()
    words = f"Logs take {used.bytes / 2**20:,.0f} MB, {used.share:.0%} of what they may."
    yield Sample("log_space", "logs", used.share, now, words, {"categories": used.categories})


_URGENCY = {Priority.p1: 2.0, Priority.p2: 1.0, None: 0.0}


def _log_findings(found: findings.Findings) -> Iterator[Sample]:
    """How urgent what the logs tell is: 2 for P1, 1 for P2."""
    for item in found.items:
        value = _URGENCY[item.priority] if item.known else None
        yield Sample(f"logged_{item.subject}_urgency", item.part, value, found.at, item.words)


class BackupRecord(msgspec.Struct):
    """What the validation of a backup leaves in ``backups/validated.json``: when the newest valid one was made."""

    valid_at: datetime


def _backup(now: datetime) -> Iterator[Sample]:
    path = get_settings().home / "backups" / "validated.json"
    try:
        record = msgspec.json.decode(path.read_bytes(), type=BackupRecord)
    except FileNotFoundError:
        return
    except (OSError, msgspec.MsgspecError) as error:
        yield Sample("backup_age", "backup", None, now, f"The record of backups cannot be read: {error}.")
        return
    age = (now - record.valid_at).total_seconds()
    yield Sample("backup_age", "backup", age, now, f"The newest valid backup is {age / 3600:.0f} h old.")


def _alert_path(now: datetime) -> Iterator[Sample]:
    with get_operations_database().read() as db:
        yield from path_test.samples(db, now)


def _burn(report: SloReport | None) -> Iterator[Sample]:
    """How urgent each objective's burning is: 4 for the fastest tier, 1 for the slowest, 0 when it does not burn."""
    if report is None:
        return
    for slo in report.items:
        unreadable = slo.id in report.unreadable
        urgency = next((len(TIERS) - i for i, burn in enumerate(slo.burn) if burn.firing), 0)
        signal = "slo_burn_critical" if slo.id in _CRITICAL_SLOS else "slo_burn"
        yield Sample(signal, slo.id, None if unreadable else float(urgency), report.at, slo.why)
