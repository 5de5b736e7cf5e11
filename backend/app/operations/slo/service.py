"""Measures the objectives."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from app.kit.problems import NotFound
from app.operations.slo import sources
from app.operations.slo.budget import (
    TIERS,
    WORST_FIRST,
    BurnTier,
    Counts,
    SloVerdict,
    budget,
    burn_rate,
    burning,
    verdict,
)
from app.operations.slo.objectives import BY_ID, OBJECTIVES, WINDOW, Objective
from app.operations.slo.schemas import BudgetPoint, BudgetView, BurnRate, Slo, SloHistory, SloPart, SloReport
from app.operations.thresholds import PROBE_SECONDS
from app.telemetry import metrics
from app.telemetry.frames import Frame, labels_of, name_of
from app.telemetry.logs import get_logger

# The latest frames may still be on their way: each process writes its own every ten seconds.
_SETTLING = timedelta(seconds=10)
_WINDOWS = sorted({WINDOW, *(tier.long for tier in TIERS), *(tier.short for tier in TIERS)})
log = get_logger("backend")
Measured = dict[timedelta, sources.Parts]


_KEPT = timedelta(seconds=30)
_latest: SloReport | None = None


def latest(now: datetime) -> SloReport:
    """:func:`measure`, at most 30 seconds old: the page, the alerts and Prometheus ask for the same."""
    global _latest
    if _latest is None or not timedelta() <= now - _latest.at < _KEPT:
        _latest = measure(now)
    return _latest


def forget() -> None:
    """Measures anew when asked next (after a change of settings, and in tests)."""
    global _latest
    _latest = None


def measure(now: datetime) -> SloReport:
    """All objectives as they stand. A source that cannot be read makes its objectives ``no_data`` and is named."""
    until = now - _SETTLING
    spans = {str(window): (until - window, until) for window in _WINDOWS}
    frames: Mapping[str, Frame] | None = None
    items: list[Slo] = []
    unreadable: list[str] = []
    for objective in OBJECTIVES:
        try:
            if objective.source in sources.BY_FRAME:
                frames = sources.read_frames(spans, now) if frames is None else frames
                from_frame = sources.BY_FRAME[objective.source]
                measured = {window: from_frame(frames[str(window)]) for window in _WINDOWS}
            else:
                # Rows are there as soon as they are true: they are read up to this very moment.
                found = sources.BY_ROWS[objective.source]([(now - window, now) for window in _WINDOWS])
                measured = dict(zip(_WINDOWS, found, strict=True))
        except Exception as error:  # whatever is broken there, the other objectives are judged
            log.error("slo.unreadable", slo=objective.id, error=error)
            unreadable.append(objective.id)
            measured = {}
        whole = frames[str(WINDOW)] if frames is not None and objective.source in sources.BY_FRAME else {}
        items.append(_judge(objective, measured, whole))
        _show(items[-1])
    return SloReport(at=now, items=items, unreadable=unreadable)


def _show(slo: Slo) -> None:
    """For Prometheus; what has no data has no figure there, not even the last one."""
    for gauge, value in ((metrics.SLO_RATIO, slo.ratio), (metrics.SLO_BUDGET, slo.budget.left)):
        if slo.verdict is SloVerdict.no_data or value is None:
            gauge.remove(slo.id)
        else:
            gauge.labels(slo.id).set(value)


def _judge(objective: Objective, measured: Measured, frame: Frame) -> Slo:
    """The worst part decides the verdict and the budget; the fastest burning one is shown to burn, which may be another: what
    was spoilt weeks ago must not hide what burns now."""
    parts, tiers = [], []
    for name in objective.parts:
        windows = {window: found.get(name, Counts()) for window, found in measured.items()}
        counts = windows.get(objective.window, Counts())
        tier = burning(windows, objective.target, objective.minimum)
        parts.append(_part(objective, name, counts, tier, frame))
        tiers.append((tier, windows))
    decisive = min(range(len(parts)), key=lambda i: (WORST_FIRST.index(parts[i].verdict), parts[i].ratio or 0.0))
    hottest = min(range(len(parts)), key=lambda i: (_place(tiers[i][0]), i != decisive))
    counts = Counts(parts[decisive].good, parts[decisive].total)
    spent = budget(counts, objective.target)
    window_minutes = objective.window.total_seconds() / 60
    return Slo(
        id=objective.id,
        title=objective.title,
        promise=objective.promise,
        indicator=objective.indicator,
        target=objective.target,
        limit_seconds=objective.limit_seconds,
        window_days=objective.window.days,
        minimum=objective.minimum,
        verdict=parts[decisive].verdict,
        why=_why(objective, parts[decisive]) + _burns(parts[hottest], tiers[hottest][0]),
        ratio=counts.ratio,
        parts=parts,
        budget=BudgetView(
            allowed=spent.allowed,
            used=spent.used,
            left=spent.left,
            minutes=(1 - objective.target) * window_minutes if objective.id == "availability" else None,
        ),
        burn=[_burn(each, tiers[hottest][1], objective) for each in TIERS],
        coverage=_coverage(frame, objective) if objective.id == "availability" else None,
    )


def _place(tier: BurnTier | None) -> int:
    """In the order of urgency; what does not burn comes last."""
    return len(TIERS) if tier is None else TIERS.index(tier)


def _part(objective: Objective, name: str, counts: Counts, tier: BurnTier | None, frame: Frame) -> SloPart:
    p50 = p95 = p99 = None
    if objective.source == "requests":
        p50, p95, p99 = (sources.p_quantile(sources.api_requests(frame), q) for q in (0.5, 0.95, 0.99))
    elif objective.source == "authentication":
        mine = {k: v for k, v in frame.items() if name_of(k) == sources.AUTH and labels_of(k).get("kind") == name}
        p50, p95, p99 = (sources.p_quantile(mine, q) for q in (0.5, 0.95, 0.99))
    return SloPart(
        name=name,
        good=counts.good,
        total=counts.total,
        ratio=counts.ratio,
        p50_seconds=p50,
        p95_seconds=p95,
        p99_seconds=p99,
        verdict=verdict(counts, objective.target, objective.minimum, tier),
    )


def _why(objective: Objective, part: SloPart) -> str:
    of = f"{_said(part)}: " if part.name else ""
    if part.total == 0:
        return f"{of}nothing was measured in {objective.window.days} days".capitalize() + "."
    if part.total < objective.minimum:
        return f"{of}{part.total:g} events are too few to judge, at least {objective.minimum} are needed."
    assert part.ratio is not None
    return f"{of}{part.good:g} of {part.total:g} were good, {part.ratio:.2%}; the target is {objective.target:.1%}."


def _burns(part: SloPart, tier: BurnTier | None) -> str:
    if tier is None:
        return ""
    of = f" of {_said(part)}" if part.name else ""
    return f" The budget{of} burns more than {tier.factor:g} times too fast."


def _said(part: SloPart) -> str:
    return part.name.replace("_", "-")


def _burn(tier: BurnTier, windows: Mapping[timedelta, Counts], objective: Objective) -> BurnRate:
    long, short = windows.get(tier.long, Counts()), windows.get(tier.short, Counts())
    return BurnRate(
        tier=tier.name,
        long_seconds=int(tier.long.total_seconds()),
        short_seconds=int(tier.short.total_seconds()),
        factor=tier.factor,
        long_rate=burn_rate(long, objective.target),
        short_rate=burn_rate(short, objective.target),
        firing=burning({tier.long: long, tier.short: short}, objective.target, objective.minimum) is not None,
    )


def _coverage(frame: Frame, objective: Objective) -> float:
    """The share of the window's probes that were made at all, in maintenance or not."""
    made = sum(value for key, value in frame.items() if name_of(key) == sources.PROBES and not isinstance(value, list))
    return min(1.0, made * PROBE_SECONDS / objective.window.total_seconds())


def history(slo_id: str, now: datetime, days: int = 30) -> SloHistory:
    """Day by day (UTC): events, and the share of the 30-day budget left at the day's end."""
    objective = BY_ID.get(slo_id)
    if objective is None:
        raise NotFound("There is no objective of this name.", f"The objectives are {', '.join(BY_ID)}.")
    today = datetime(now.year, now.month, now.day, tzinfo=UTC)
    starts = [today - timedelta(days=back) for back in range(days + objective.window.days - 2, -1, -1)]
    by_day = _by_day(objective, starts, now)
    points = []
    for index in range(objective.window.days, len(starts) + 1):
        day = starts[index - 1]
        window = sum((by_day[start] for start in starts[index - objective.window.days : index]), Counts())
        points.append(
            BudgetPoint(
                day=day.date().isoformat(),
                good=by_day[day].good,
                total=by_day[day].total,
                left=budget(window, objective.target).left,
            )
        )
    return SloHistory(id=slo_id, days=points)


def _by_day(objective: Objective, starts: list[datetime], now: datetime) -> dict[datetime, Counts]:
    """Events per day; of several parts all together."""

    def whole(parts: sources.Parts) -> Counts:
        return sum(parts.values(), Counts())

    spans = [(start, min(start + timedelta(days=1), now)) for start in starts]
    if objective.source in sources.BY_FRAME:
        frames = sources.read_frames({str(index): span for index, span in enumerate(spans)}, now)
        parts = [sources.BY_FRAME[objective.source](frames[str(index)]) for index in range(len(spans))]
    else:
        parts = sources.BY_ROWS[objective.source](spans)
    return {start: whole(found) for start, found in zip(starts, parts, strict=True)}
