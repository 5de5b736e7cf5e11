"""What the logs tell that no other signal does, for the alert engine: the last hour, looked through every few minutes.

The same analysis as ``tools/operations/log-analyzer.py --errors --security --last-hour`` (spec §3.7), so that nobody is called for
what the tool would not show. Slowness and failed requests are left to the measurements, which see every request.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from app.config import get_settings
from app.operations.logs.analyzer.analysis import Question
from app.operations.logs.analyzer.attacks import ATTACK_KINDS
from app.operations.logs.analyzer.build import build_report
from app.operations.logs.analyzer.reading import answer, nothing
from app.operations.logs.analyzer.report import Alert, Report
from app.operations.logs.families import FAMILIES
from app.operations.logs.instants import Period
from app.operations.terms import Priority
from app.telemetry import logs

_LOOKED_EVERY, _LOOKED_BACK = timedelta(minutes=5), timedelta(hours=1)
_SIGN_INS, _SECURITY = "sign_ins", "security"
Subject = Literal["error", "attack"]
log = logs.get_logger("backend")


@dataclass(frozen=True, slots=True)
class Finding:
    """How urgent one part of a subject is: a family of errors, a kind of attack. ``priority`` ``None``: not at all.
    ``known`` is false where too little could be read to say so."""

    subject: Subject
    part: str
    priority: Priority | None
    words: str
    known: bool


@dataclass(frozen=True, slots=True)
class Findings:
    at: datetime
    items: tuple[Finding, ...]


_latest: Findings | None = None


def latest(now: datetime) -> Findings:
    """What the last look found; another look when it is older than five minutes."""
    global _latest
    if _latest is None or not timedelta() <= now - _latest.at < _LOOKED_EVERY:
        _latest = look(now)
    return _latest


def forget() -> None:
    """Looks anew when asked next."""
    global _latest
    _latest = None


def look(now: datetime) -> Findings:
    """Reads the last hour. Says in the logs that it did: an hour without any line means that none is written any more."""
    logs.flush()
    question = Question(Period.up_to(now, _LOOKED_BACK), frozenset({"errors", "security"}))
    folder = get_settings().logs
    outcome = answer(folder, question) if folder.is_dir() else nothing(folder, question)
    report = build_report(outcome, folder=folder.name, categories=frozenset(), now=now, seconds=0.0)
    log.info("logs.looked_through", lines=report.reading.lines_in_period, unreadable=len(report.reading.unreadable))
    return Findings(now, findings_of(report))


def findings_of(report: Report) -> tuple[Finding, ...]:
    """What an answer means for each part there is; warnings of the tool (P3) are no alerts."""
    known = bool(report.reading.lines_in_period) and not report.reading.unreadable
    urgent = [alert for alert in report.alerts if alert.priority != "P3"]
    found = []
    for subject, part in _PARTS:
        about = [alert for alert in urgent if _subject_of(alert) == (subject, part)]
        priority = min((Priority(alert.priority.lower()) for alert in about), default=None)
        words = " ".join(alert.summary for alert in about) or (
            "Nothing urgent within an hour." if known else _why(report)
        )
        found.append(Finding(subject, part, priority, words, known or bool(about)))
    return tuple(found)


_PARTS: tuple[tuple[Subject, str], ...] = (
    *(("error", family) for family in FAMILIES if family != _SECURITY),
    *(("attack", kind) for kind in (*ATTACK_KINDS, _SIGN_INS, _SECURITY)),
)


def _subject_of(alert: Alert) -> tuple[Subject, str] | None:
    part = alert.key.partition(":")[2]
    if alert.rule in ("log_critical", "log_errors"):
        return ("attack" if part == _SECURITY else "error"), part
    if alert.rule == "attack_pattern":
        return "attack", part
    return ("attack", _SIGN_INS) if alert.rule == "suspicious_source" else None


def _why(report: Report) -> str:
    """Why nothing can be said."""
    told = [alert.summary for alert in report.alerts if alert.rule in ("log_unreadable", "log_silent")]
    return " ".join(told)
