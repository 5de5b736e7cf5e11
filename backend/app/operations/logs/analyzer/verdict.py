"""What an answer means: alerts for whoever is to be told, and the verdict that becomes the exit code.

Nothing that could not be seen counts as well: no lines at all, or files that cannot be read, is never a success.
"""

from app.operations.logs.analyzer.report import (
    Alert,
    ErrorsPart,
    PerformancePart,
    Priority,
    Reading,
    Report,
    SecurityPart,
    Verdict,
)
from app.operations.logs.analyzer.wording import before_text, many, milliseconds
from app.operations.thresholds import (
    ERROR_SHARE,
    LOGGED_ATTACKS_OF_KIND,
    LOGGED_ERRORS_OF_FAMILY,
    REQUESTS_FOR_ERRORS,
    REQUESTS_FOR_TIME,
    RESPONSE_SECONDS,
    SLOW_SECONDS,
)

_CANNOT_TELL = ("log_silent", "log_unreadable")


def alerts_of(report: Report) -> list[Alert]:
    """Alerts, the most urgent first. P1 and P2 are critical, P3 is a warning."""
    is_bounded = report.period.since is not None or report.period.until is not None
    alerts = _of_reading(report.reading, is_bounded=is_bounded)
    if report.errors is not None:
        alerts += _of_errors(report.errors)
    if report.performance is not None:
        alerts += _of_performance(report.performance)
    if report.security is not None:
        alerts += _of_security(report.security)
    return sorted(alerts, key=lambda alert: (alert.priority, alert.rule, alert.key))


def verdict_of(alerts: list[Alert]) -> Verdict:
    """The worst of the alerts. A critical finding counts for more than that something else could not be read."""
    reasons = [alert.summary for alert in alerts]
    found = [alert for alert in alerts if alert.rule not in _CANNOT_TELL]
    if any(alert.priority != "P3" for alert in found):
        return Verdict(code=2, word="critical", reasons=reasons)
    if len(found) < len(alerts):
        return Verdict(code=3, word="unreadable", reasons=reasons)
    if found:
        return Verdict(code=1, word="warnings", reasons=reasons)
    return Verdict(code=0, word="ok", reasons=[])


def _alert(rule: str, key: str, priority: Priority, count: int, summary: str) -> Alert:
    return Alert(rule=rule, key=f"{rule}:{key}" if key else rule, priority=priority, count=count, summary=summary)


def _of_reading(reading: Reading, *, is_bounded: bool) -> list[Alert]:
    alerts = []
    if reading.unreadable:
        named = ", ".join(f"{file.file} ({file.reason})" for file in reading.unreadable[:3])
        more = len(reading.unreadable) - 3
        text = f"Could not be read: {named}{f', and {more} more' if more > 0 else ''}."
        alerts.append(_alert("log_unreadable", "", "P2", len(reading.unreadable), text))
    if not reading.lines_in_period:
        what = "Nothing was logged in this period" if is_bounded else "There are no log lines"
        where = f"in {many(reading.files, 'file')} of {reading.folder}"
        alerts.append(
            _alert("log_silent", "", "P2", 0, f"{what} ({where}). Is the server running, and does it log there?")
        )
    if reading.malformed:
        where = f", the first at {reading.malformed_examples[0]}" if reading.malformed_examples else ""
        text = f"{many(reading.malformed, 'line')} {_are(reading.malformed)} no JSON object{where}."
        alerts.append(_alert("log_malformed", "", "P3", reading.malformed, text))
    if reading.undated and is_bounded:
        text = (
            f"{many(reading.undated, 'line')} {_have(reading.undated)} no readable time and may belong to the period."
        )
        alerts.append(_alert("log_undated", "", "P3", reading.undated, text))
    if reading.later:
        text = f"{many(reading.later, 'line')} {_are(reading.later)} dated later than now: a clock or a time zone is wrong."
        alerts.append(_alert("log_later", "", "P3", reading.later, text))
    return alerts


def _of_errors(errors: ErrorsPart) -> list[Alert]:
    alerts = []
    for family in errors.families:
        if not family.count:
            continue
        name = "" if family.family == "uncategorised" else f"{family.family} "
        compared = before_text(family.before)
        if family.critical:
            priority: Priority = "P1" if family.family == "security" else "P2"
            text = f"{many(family.critical, f'critical {name}error')}{compared}."
            alerts.append(_alert("log_critical", family.family, priority, family.critical, text))
        is_much = family.count > LOGGED_ERRORS_OF_FAMILY
        if is_much or family.count > family.critical:
            text = f"{many(family.count, f'{name}error')}{compared}."
            alerts.append(_alert("log_errors", family.family, "P2" if is_much else "P3", family.count, text))
    return alerts


def _of_performance(performance: PerformancePart) -> list[Alert]:
    alerts = []
    durations = performance.durations
    if durations is not None and durations.count >= REQUESTS_FOR_TIME and durations.p95 > RESPONSE_SECONDS * 1000:
        is_very = durations.p95 > SLOW_SECONDS * 1000
        text = f"p95 of {many(durations.count, 'duration')} is {milliseconds(durations.p95)}."
        rule, priority = ("slow_api", "P2") if is_very else ("slow_api_minor", "P3")
        alerts.append(_alert(rule, "", priority, durations.count, text))  # type: ignore[arg-type]
    if performance.slow:
        text = f"{many(performance.slow, 'line')} took longer than {milliseconds(performance.threshold)}."
        alerts.append(_alert("slow_lines", "", "P3", performance.slow, text))
    share = performance.server_errors / performance.answers if performance.answers else 0.0
    if performance.answers >= REQUESTS_FOR_ERRORS and share > ERROR_SHARE:
        text = f"{share:.1%} of {many(performance.answers, 'answer')} were server errors."
        alerts.append(_alert("error_rate", "", "P2", performance.server_errors, text))
    return alerts


def _of_security(security: SecurityPart) -> list[Alert]:
    alerts = []
    for attack in security.attacks:
        name = attack.kind.replace("_", " ")
        text = f"{many(attack.count, 'line')} of kind {name}{before_text(attack.before)}."
        priority: Priority = "P2" if attack.count > LOGGED_ATTACKS_OF_KIND else "P3"
        alerts.append(_alert("attack_pattern", attack.kind, priority, attack.count, text))
    for source in security.suspicious:
        text = (
            f"{many(source.failures, 'failed sign-in')} of {source.source} {source.value}{before_text(source.before)}."
        )
        alerts.append(_alert("suspicious_source", f"{source.source}:{source.value}", "P2", source.failures, text))
    return alerts


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _have(count: int) -> str:
    return "has" if count == 1 else "have"
