"""Takes over what a watcher has seen: probes become measurements and go through the alert engine, as of when they were made."""

import hmac
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.accounts.keys import get_envelope
from app.config import get_settings
from app.kit import clock
from app.kit.files import write_atomically
from app.kit.problems import Unauthorized
from app.operations.alerts import calls
from app.operations.alerts import service as alerts
from app.operations.alerts.engine import ACTIVE, Sample
from app.operations.alerts.models import Alert, AlertEvent, Watcher
from app.operations.oncall.escalation import MATRIX
from app.operations.terms import Kind
from app.operations.watcher.schemas import PlannedWork, ProbeReport, WatcherAnswer, WatcherReport
from app.telemetry.frames import Frame, merge, series_key
from app.telemetry.store import HOUR, RAW, WATCHER, roll_up, write_frame

_RULE, _COMPONENT = "system_down", "server"
_LEVELS = ("L1", "L2", "L3")


def token() -> str:
    """What a watcher proves itself with: derived from the master key, so there is nothing to store and nothing to leak from the
    database. It lets its holder report probes, and no more."""
    return get_envelope().derive("watcher").hex()


def check_token(given: str) -> None:
    if not hmac.compare_digest(given.encode(), token().encode()):
        raise Unauthorized(
            "This is not the token of this installation's watcher.",
            "The server writes it to watch/token in its home folder when it starts.",
            code="watcher_unknown",
        )


def greet() -> None:
    """The server is starting. Leaves the token where a watcher of this machine finds it (only the owner of the home folder can
    read it), and takes away the mark that the server was stopped on purpose."""
    folder = get_settings().home / "watch"
    path = folder / "token"
    if not path.exists() or path.read_text() != token():
        write_atomically(path, token().encode(), private=True)
    (folder / "resting").unlink(missing_ok=True)


def take_over(db: Db, report: WatcherReport) -> WatcherAnswer:
    """Stores what is new; telling it twice changes nothing."""
    watcher = db.get(Watcher, report.name, with_for_update=True)
    if watcher is None:
        watcher = Watcher(name=report.name, last_probe=0, last_report=0, last_seen_at=clock.now(), version="")
        db.add(watcher)
    watcher.last_seen_at, watcher.version = clock.now(), report.version
    windows = alerts.windows(db, clock.now())
    frames: dict[int, Frame] = {}
    for probe in sorted(report.probes, key=lambda each: each.id):
        if probe.id <= watcher.last_probe:
            continue
        watcher.last_probe = probe.id
        at = datetime.fromtimestamp(probe.at, UTC)
        planned = [window for window in windows if window.starts_at <= at < window.ends_at]
        slot = int(probe.at) // RAW * RAW
        result = "maintenance" if planned else probe.result
        counted: Frame = {series_key("c", "fossawork_probes_total", {"result": result}): 1.0}
        frames[slot] = merge(frames.get(slot, {}), counted)
        if probe.result == "bad" or _open_alert(db) is not None:
            sample = _sample(probe, at, expected=any(_RULE in window.rules for window in planned))
            for change in alerts.evaluate(db, [sample], now=at, rule=_RULE):
                if change.what == "again":
                    calls.back(db, db.get_one(Alert, change.state.id))
                if change.what == "resolved":
                    _over(db, db.get_one(Alert, change.state.id))
    for slot, frame in frames.items():
        write_frame(db, f"{WATCHER}{report.name}"[:60], slot, frame)
    if frames and min(frames) < clock.now().timestamp() - HOUR:
        roll_up(db, clock.now().timestamp())  # it tells of a time that is read from hours by now
    for story in sorted(report.reports, key=lambda each: each.id):
        if story.id > watcher.last_report:
            watcher.last_report = story.id
            _tell(db, story.what, datetime.fromtimestamp(story.at, UTC), story.story)
    return WatcherAnswer(
        probe=watcher.last_probe,
        report=watcher.last_report,
        maintenance=[
            PlannedWork(starts_at=window.starts_at, ends_at=window.ends_at)
            for window in windows
            if window.ends_at > clock.now() and _RULE in window.rules
        ],
    )


def _sample(probe: ProbeReport, at: datetime, *, expected: bool) -> Sample:
    """``expected``: the server may be down now. That it is says nothing then: it begins no alert, and it ends none."""
    if probe.result == "good":
        return Sample("readiness", _COMPONENT, 0.0, at, "The watcher gets good answers.")
    return Sample("readiness", _COMPONENT, None if expected else 1.0, at, "The watcher gets no good answer.")


def _over(db: Db, alert: Alert) -> None:
    """Whom this server has called about it hears that it is over. The watcher tells those whom it called itself."""
    called = select(AlertEvent.id).where(
        AlertEvent.alert_id == alert.id, AlertEvent.what == "called", AlertEvent.at >= alert.pending_at
    )
    if db.scalars(called.limit(1)).first() is not None:
        calls.ended(db, alert)


def _open_alert(db: Db) -> Alert | None:
    query = select(Alert).where(
        Alert.rule == _RULE, Alert.component == _COMPONENT, Alert.phase.in_(("pending", *map(str, ACTIVE)))
    )
    return db.scalars(query.limit(1)).first()


def _tell(db: Db, what: str, at: datetime, story: dict[str, Any]) -> None:
    """What the watcher did is part of the alert's story, also when it is over by the time the server hears of it."""
    query = select(Alert).where(Alert.rule == _RULE, Alert.component == _COMPONENT).order_by(Alert.id.desc()).limit(1)
    alert = db.scalars(query).first()
    if alert is None:
        return
    words = str(story.get("words", ""))[:1000]
    level = story.get("level")
    if what == "called" and level in _LEVELS:
        alert.levels = {**alert.levels, level: calls.called(at, MATRIX[Kind(alert.kind)][_LEVELS.index(level)], None)}
    if what == "acknowledged":
        by = str(story.get("by", "somebody"))[:120]
        if alert.acknowledged_at is None:
            alerts.note_acknowledged(db, alert, at, by)
            calls.acknowledged(db, alert)
        return
    if what in ("called", "call_failed", "outage", "over"):
        alerts.tell(db, alert, f"watcher_{what}", "watcher", words, at)


def seen(db: Db) -> list[Watcher]:
    return list(db.scalars(select(Watcher).order_by(Watcher.last_seen_at.desc())))
