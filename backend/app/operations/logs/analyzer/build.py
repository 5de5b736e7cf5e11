"""From tallies to the document: what is shown, in which order, and how it compares with the period before."""

from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from app.operations.logs.analyzer import report as parts
from app.operations.logs.analyzer.analysis import Analysis
from app.operations.logs.analyzer.errors import Errors
from app.operations.logs.analyzer.histogram import Histogram
from app.operations.logs.analyzer.lines import Newest, Slowest, shown
from app.operations.logs.analyzer.reading import Outcome
from app.operations.logs.analyzer.tallies import TIME_FIELDS, Group, Groups
from app.operations.logs.analyzer.verdict import alerts_of, verdict_of
from app.operations.logs.families import FAMILIES
from app.operations.logs.fields import LEVELS
from app.operations.logs.instants import rfc3339
from app.operations.thresholds import LOGGED_FAILED_SIGN_INS

if TYPE_CHECKING:
    from app.operations.logs.analyzer.attacks import Attacks, Source

_ADDRESSES = 5


def build_report(
    outcome: Outcome,
    *,
    folder: str,
    categories: frozenset[str],
    now: datetime,
    seconds: float,
    table: parts.TablePart | None = None,
) -> parts.Report:
    """The whole document for what was counted. ``now``: when the question was asked; ``seconds``: how long answering took."""
    analysis = outcome.analysis
    question, read = analysis.question, analysis.read
    since, until = question.period.since, question.period.until
    report = parts.Report(
        schema=parts.SCHEMA,
        made_at=rfc3339(now),
        period=parts.PeriodPart(since=rfc3339(since) if since else None, until=rfc3339(until) if until else None),
        categories=sorted(categories),
        filters={name: value for name in ("component", "grep", "request_id") if (value := getattr(question, name))},
        reading=_reading(outcome, folder, now, seconds),
        levels={level: read.levels[level] for level in LEVELS if read.levels[level]},
        lines_by_category={name: count for name, count in sorted(read.categories.items()) if count},
        errors=_errors(analysis),
        performance=_performance(analysis),
        security=_security(analysis),
        groups=_groups(analysis),
        lines=_lines(analysis),
        table=table,
        alerts=[],
        verdict=parts.Verdict(code=0, word="ok", reasons=[]),
    )
    alerts = alerts_of(report)
    return msgspec.structs.replace(report, alerts=alerts, verdict=verdict_of(alerts))


def _reading(outcome: Outcome, folder: str, now: datetime, seconds: float) -> parts.Reading:
    read, until = outcome.analysis.read, outcome.analysis.question.period.until
    files = {
        harmless: [
            parts.SkippedFile(file=file.name, reason=file.reason)
            for file in outcome.skipped
            if file.harmless is harmless
        ]
        for harmless in (True, False)
    }
    return parts.Reading(
        folder=folder,
        files=len(outcome.files),
        files_outside_period=outcome.outside,
        lines=read.lines,
        lines_in_period=read.in_period,
        copies=read.copies,
        undated=read.undated,
        later=read.later if until is not None and until >= now else 0,
        malformed=read.malformed,
        malformed_examples=outcome.malformed,
        unfinished=outcome.unfinished,
        skipped=files[True],
        unreadable=files[False],
        seconds=round(seconds, 3),
    )


def _durations(histogram: Histogram) -> parts.Durations | None:
    if not histogram.count:
        return None
    p50, p95, p99 = (round(histogram.quantile(share), 2) for share in (0.5, 0.95, 0.99))
    mean, most = round(histogram.mean, 2), round(histogram.most, 2)
    return parts.Durations(count=histogram.count, mean=mean, p50=p50, p95=p95, p99=p99, max=most)


def _p95(histogram: Histogram | None) -> float | None:
    return round(histogram.quantile(0.95), 2) if histogram is not None and histogram.count else None


def _errors(analysis: Analysis) -> parts.ErrorsPart | None:
    now, before = analysis.now.get("errors"), analysis.before.get("errors")
    if not isinstance(now, Errors):
        return None
    earlier = before if isinstance(before, Errors) else None
    groups = sorted(now.groups.items(), key=lambda item: (-item[1].count, item[1].fingerprint))
    entries = []
    for key, group in groups[: analysis.question.top]:
        known = earlier.groups.get(key) if earlier else None
        entries.append(
            parts.ErrorEntry(
                fingerprint=group.fingerprint,
                family=group.family,
                critical=group.critical,
                category=group.category,
                component=shown(group.component),
                event=shown(group.event),
                error_type=shown(group.error_type),
                text=shown(group.text),
                count=group.count,
                before=None if earlier is None else known.count if known else 0,
                first_seen=rfc3339(group.first_seen),
                last_seen=rfc3339(group.last_seen),
                request_id=shown(group.request_id),
            )
        )
    families = [
        parts.Family(
            family=family,
            count=now.families[family],
            critical=now.critical[family],
            before=None if earlier is None else earlier.families[family],
        )
        for family in sorted(FAMILIES, key=lambda name: (-now.families[name], FAMILIES.index(name)))
        if now.families[family] or (earlier and earlier.families[family])
    ]
    return parts.ErrorsPart(
        count=now.families.total(),
        before=None if earlier is None else earlier.families.total(),
        families=families,
        entries=entries,
        entries_not_shown=now.families.total() - sum(entry.count for entry in entries),
    )


def _performance(analysis: Analysis) -> parts.PerformancePart | None:
    now, before, slowest = (
        analysis.now.get("performance"),
        analysis.before.get("performance"),
        analysis.now.get("slowest"),
    )
    if not isinstance(now, Groups) or not isinstance(slowest, Slowest):
        return None
    earlier = before if isinstance(before, Groups) else None
    by_status = analysis.now["status"]
    assert isinstance(by_status, Groups)
    statuses = {status: group.lines for (status,), group in by_status.settled().items() if status}
    return parts.PerformancePart(
        threshold=slowest.above,
        durations=_durations(now.total()),
        p95_before=_p95(earlier.total()) if earlier else None,
        slow=slowest.seen,
        answers=sum(statuses.values()),
        server_errors=sum(lines for status, lines in statuses.items() if status.startswith("5")),
        routes=_timed(now, earlier, "route", analysis.question.top),
        components=_timed(now, earlier, "component", analysis.question.top),
        slowest=slowest.lines[::-1],
    )


def _timed(now: Groups, before: Groups | None, field: str, top: int) -> list[parts.TimedEntry]:
    """The values with the highest p95 first."""
    earlier = before.along(field) if before else {}
    entries = []
    for value, group in now.along(field).items():
        if value and (durations := _durations(group.durations)) is not None:
            known = earlier.get(value)
            p95_before = _p95(known.durations) if known else None
            entries.append(parts.TimedEntry(value=shown(value), durations=durations, p95_before=p95_before))
    return sorted(entries, key=lambda entry: (-entry.durations.p95, entry.value))[:top]


def _security(analysis: Analysis) -> parts.SecurityPart | None:
    now, before = analysis.now.get("security"), analysis.before.get("security")
    if now is None:
        return None
    from app.operations.logs.analyzer.attacks import Attacks

    assert isinstance(now, Attacks)
    earlier = before if isinstance(before, Attacks) else None
    suspicious = [item for item in now.sources.items() if item[1].failures > LOGGED_FAILED_SIGN_INS]
    suspicious.sort(key=lambda item: (-item[1].failures, item[0]))
    top = analysis.question.top
    attacks = []
    for kind, attempts in sorted(now.attempts.items(), key=lambda item: (-item[1].count, item[0])):
        known = earlier.attempts.get(kind) if earlier else None
        attacks.append(
            parts.AttackEntry(
                kind=kind,
                count=attempts.count,
                before=None if earlier is None else known.count if known else 0,
                first_seen=rfc3339(attempts.first_seen),
                last_seen=rfc3339(attempts.last_seen),
                addresses=[shown(address) for address, _ in attempts.addresses.most_common(_ADDRESSES)],
                request_id=shown(attempts.request_id),
            )
        )
    return parts.SecurityPart(
        failed_sign_ins=now.failures,
        failed_sign_ins_before=None if earlier is None else earlier.failures,
        attacks=attacks,
        suspicious=[_source(key, source, earlier) for key, source in suspicious[:top]],
        suspicious_not_shown=max(0, len(suspicious) - top),
    )


def _source(key: tuple[str, str], source: "Source", earlier: "Attacks | None") -> parts.SourceEntry:
    known = earlier.sources.get(key) if earlier else None
    return parts.SourceEntry(
        source="ip" if key[0] == "ip" else "user",
        value=shown(key[1]),
        failures=source.failures,
        before=None if earlier is None else known.failures if known else 0,
        first_seen=rfc3339(source.first_seen),
        last_seen=rfc3339(source.last_seen),
    )


def _groups(analysis: Analysis) -> parts.GroupsPart | None:
    now, before = analysis.now.get("groups"), analysis.before.get("groups")
    if not isinstance(now, Groups):
        return None
    (field,) = now.by
    earlier: dict[tuple[str, ...], Group] | None = before.settled() if isinstance(before, Groups) else None
    top = analysis.question.top
    if field in TIME_FIELDS:  # the newest, in their order
        groups = sorted(now.settled().items())[-top:]
    else:
        groups = sorted(now.settled().items(), key=lambda item: (-item[1].lines, item[0]))[:top]
    entries = []
    for key, group in groups:
        known = earlier.get(key) if earlier is not None else None
        entries.append(
            parts.GroupEntry(
                value=shown(key[0]),
                lines=group.lines,
                before=None if earlier is None else known.lines if known else 0,
                durations=_durations(group.durations),
            )
        )
    not_shown = len(now.groups) - len(entries)
    return parts.GroupsPart(field=field, entries=entries, entries_not_shown=not_shown, lost=now.rest.lines)


def _lines(analysis: Analysis) -> parts.LinesPart | None:
    newest = analysis.now.get("lines")
    if not isinstance(newest, Newest):
        return None
    return parts.LinesPart(lines=newest.lines, not_shown=newest.seen - len(newest.lines))
