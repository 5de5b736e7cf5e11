"""Where the events of each objective come from."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import case, func, select

from app.database import get_database, get_operations_database
from app.forms.models import FormRun, RunForm
from app.forms.schemas import PROVEN, FormAction, RunState, Verdict
from app.kit.problems import FailureKind
from app.operations.incidents.models import Incident
from app.operations.slo.budget import Counts
from app.operations.slo.objectives import BY_ID
from app.operations.thresholds import RECOVERY, RESPONSE_SECONDS, SIGN_IN_SECONDS, SYNC_SECONDS
from app.sync.models import SyncRun
from app.telemetry.frames import Frame, count_within, has_bounds, labels_of, merge_all, name_of, observations, quantile
from app.telemetry.metrics import SECONDS
from app.telemetry.store import read_window

Parts = dict[str, Counts]
Span = tuple[datetime, datetime]
REQUESTS, ANSWERS, AUTH, PROBES = (
    "fossawork_request_duration_seconds",
    "fossawork_requests_total",
    "fossawork_auth_duration_seconds",
    "fossawork_probes_total",
)
# Not part of what a person waits for: probes ask these all day long and would make every figure look good.
NOT_COUNTED = ("/api/health", "/health", "/metrics", "/api/logs", "none", "pages", "/assets")


def wanted(key: str) -> bool:
    """Whether an objective is measured with this series."""
    return name_of(key) in (REQUESTS, AUTH, PROBES)


def is_api_request(key: str) -> bool:
    return name_of(key) == REQUESTS and not labels_of(key).get("route", "").startswith(NOT_COUNTED)


class Traffic(NamedTuple):
    """Requests to the API: how many, how many of them failed by our fault, how many were timed, and their p95 in seconds
    (``None``: none was)."""

    total: float
    failed: float
    timed: float
    p95: float | None


def traffic(frame: Frame) -> Traffic:
    """What people asked for; probes and the like are left out."""
    total = failed = 0.0
    times = api_requests(frame)
    for key, value in frame.items():
        if name_of(key) != ANSWERS or isinstance(value, list):
            continue
        labels = labels_of(key)
        if not labels.get("route", "").startswith(NOT_COUNTED):
            total += value
            failed += value if labels.get("status", "").startswith("5") else 0
    return Traffic(total, failed, sum(map(observations, times.values())), p_quantile(times, 0.95))


def read_frames(windows: Mapping[str, Span], now: datetime) -> dict[str, Frame]:
    """What the store holds for each named window."""
    with get_operations_database().read() as db:
        return {
            name: read_window(db, since.timestamp(), until.timestamp(), now.timestamp(), wanted)
            for name, (since, until) in windows.items()
        }


def probes(frame: Frame) -> Parts:
    results: dict[str, float] = {}
    for key, value in frame.items():
        if name_of(key) == PROBES and not isinstance(value, list):
            results[labels_of(key).get("result", "")] = value
    good = results.get("good", 0.0)
    return {"": Counts(good, good + results.get("bad", 0.0))}


def requests(frame: Frame) -> Parts:
    return {"": _within(api_requests(frame), RESPONSE_SECONDS)}


def api_requests(frame: Frame) -> Frame:
    return {key: value for key, value in frame.items() if is_api_request(key) and has_bounds(value, SECONDS)}


def authentication(frame: Frame) -> Parts:
    parts = {}
    for part in BY_ID["authentication"].parts:
        mine = {k: v for k, v in frame.items() if name_of(k) == AUTH and labels_of(k).get("kind") == part}
        parts[part] = _within(mine, SIGN_IN_SECONDS)
    return parts


def _within(frame: Frame, limit: float) -> Counts:
    counts = Counts()
    for value in frame.values():
        if isinstance(value, list) and has_bounds(value, SECONDS):
            counts += Counts(count_within(value, SECONDS, limit), observations(value))
    return counts


def p_quantile(frame: Frame, q: float) -> float | None:
    """The ``q`` quantile, in seconds, over all histograms of a frame."""
    values = [value for value in frame.values() if isinstance(value, list)]
    whole = merge_all({"h:": value} for value in values).get("h:")
    return quantile(whole, SECONDS, q) if isinstance(whole, list) else None


def forms(spans: Sequence[Span]) -> list[Parts]:
    """Forms that were worked on in runs that ended in each span. What the plan settled by itself (done before, or a question)
    was never a submission; what a person stopped or skipped is nobody's failure."""
    given_up = FormRun.state.in_((RunState.stopped.value, RunState.skipped.value)) & (
        RunForm.verdict == Verdict.not_done.value
    )
    query = (
        select(*_sums(spans, FormRun.finished_at, RunForm.verdict.in_(PROVEN)))
        .select_from(RunForm)
        .join(FormRun, FormRun.id == RunForm.run_id)
        .where(
            FormRun.finished_at >= min(since for since, _ in spans),
            RunForm.action.not_in((FormAction.done.value, FormAction.ask.value)),
            ~given_up,
        )
    )
    with get_database().read() as db:
        return _pairs(db.execute(query).one())


def syncs(spans: Sequence[Span]) -> list[Parts]:
    """Syncs that ended in each span. One that the portal refused for a wrong password says nothing of the service."""
    in_time = SyncRun.seconds <= SYNC_SECONDS
    query = select(*_sums(spans, SyncRun.finished_at, (SyncRun.state != "failed") & in_time)).where(
        SyncRun.finished_at >= min(since for since, _ in spans),
        SyncRun.seconds.is_not(None),
        SyncRun.error_kind.is_(None) | (SyncRun.error_kind != FailureKind.auth.value),
    )
    with get_database().read() as db:
        return _pairs(db.execute(query).one())


def _sums(spans: Sequence[Span], at: Any, good: Any) -> list[Any]:
    """Two columns per span: the events in it, and the good ones. One pass over the rows answers all spans."""
    columns = []
    for since, until in spans:
        inside = (at >= since) & (at < until)
        columns += [func.sum(case((inside, 1), else_=0)), func.sum(case((inside & good, 1), else_=0))]
    return columns


def _pairs(row: Sequence[Any]) -> list[Parts]:
    figures = [float(value or 0) for value in row]
    return [{"": Counts(good, total)} for total, good in zip(figures[::2], figures[1::2], strict=True)]


def incidents(spans: Sequence[Span]) -> list[Parts]:
    """P1 and P2 incidents detected in each span, by whether they recovered in time; one that still has time is not counted."""
    query = select(Incident.detected_at, Incident.recovered_at).where(
        Incident.detected_at >= min(since for since, _ in spans),
        Incident.worst_priority.in_(("p1", "p2")),
        Incident.status.not_in(("false_positive", "merged")),
    )
    with get_operations_database().read() as db:
        rows = db.execute(query).all()
    return [{"": _recovered(rows, since, until)} for since, until in spans]


def _recovered(rows: Sequence[Any], since: datetime, until: datetime) -> Counts:
    counts = Counts()
    for detected_at, recovered_at in rows:
        if not since <= detected_at < until:
            continue
        if recovered_at is None and until - detected_at <= RECOVERY:
            continue
        good = recovered_at is not None and recovered_at - detected_at <= RECOVERY
        counts += Counts(float(good), 1.0)
    return counts


BY_FRAME: dict[str, Callable[[Frame], Parts]] = {
    "probes": probes,
    "requests": requests,
    "authentication": authentication,
}
BY_ROWS: dict[str, Callable[[Sequence[Span]], list[Parts]]] = {"forms": forms, "syncs": syncs, "incidents": incidents}
