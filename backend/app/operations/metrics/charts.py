"""The charts of the Performance page, as data, and how their lines are made of frames. Pure."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from app.operations import thresholds as t
from app.operations.metrics.schemas import Chart, ChartLine, ChartPoint, ProbeStep, RouteTimes
from app.operations.slo import sources
from app.telemetry.frames import Frame, labels_of, name_of, observations, quantile
from app.telemetry.metrics import LONG_SECONDS, SECONDS
from app.telemetry.store import RAW

Reading = Callable[[Frame, int], float | None]
Steps = Sequence[tuple[int, Frame]]


@dataclass(frozen=True, slots=True)
class LineSpec:
    name: str
    read: Reading


@dataclass(frozen=True, slots=True)
class ChartSpec:
    id: str
    title: str
    unit: str
    lines: tuple[LineSpec, ...]
    threshold: float | None = None


def _mean(name: str, labels: str = "") -> Reading:
    key = f"g:{name}{labels}"

    def read(frame: Frame, _: int) -> float | None:
        value = frame.get(key)
        return value[3] / value[0] if isinstance(value, list) and value[0] else None

    return read


def _response(q: float) -> Reading:
    return lambda frame, _: sources.p_quantile(sources.api_requests(frame), q)


def _rate(count: Callable[[Frame], float]) -> Reading:
    """Events per minute. A step in which the process measured anything at all but no event is a true zero."""
    return lambda frame, seconds: count(frame) * 60 / seconds if frame else None


def _sum(name: str) -> Callable[[Frame], float]:
    return lambda frame: sum(v for k, v in frame.items() if name_of(k) == name and not isinstance(v, list))


def _is(name: str, **labels: str | tuple[str, ...]) -> Callable[[str], bool]:
    """Whether a series has this name and, of each label, this value or one of these."""
    wanted = {label: (value,) if isinstance(value, str) else value for label, value in labels.items()}

    def counted(key: str) -> bool:
        found = labels_of(key)
        return name_of(key) == name and all(found.get(label) in values for label, values in wanted.items())

    return counted


def _histogram(name: str, bounds: Sequence[float], q: float, **labels: str | tuple[str, ...]) -> Reading:
    counted = _is(name, **labels)

    def read(frame: Frame, _: int) -> float | None:
        values = [value for key, value in frame.items() if isinstance(value, list) and counted(key)]
        whole = [sum(column) for column in zip(*values, strict=True)] if values else []
        return quantile(whole, bounds, q) if whole else None

    return read


_WRITES = ("insert", "update", "delete")
CHARTS: tuple[ChartSpec, ...] = (
    ChartSpec(
        "response",
        "Response time",
        "s",
        (LineSpec("p50", _response(0.5)), LineSpec("p95", _response(0.95)), LineSpec("p99", _response(0.99))),
        t.RESPONSE_SECONDS,
    ),
    ChartSpec(
        "requests",
        "Requests",
        "per minute",
        (
            LineSpec("all", _rate(lambda frame: sources.traffic(frame).total)),
            LineSpec("failed", _rate(lambda frame: sources.traffic(frame).failed)),
        ),
    ),
    ChartSpec(
        "authentication",
        "Sign-in and token check, p95",
        "s",
        (
            LineSpec("sign-in", _histogram(sources.AUTH, SECONDS, 0.95, kind="sign_in")),
            LineSpec("token", _histogram(sources.AUTH, SECONDS, 0.95, kind="token")),
        ),
        t.SIGN_IN_SECONDS,
    ),
    ChartSpec(
        "work",
        "Work at the portal",
        "per minute",
        (
            LineSpec("forms", _rate(_sum("fossawork_forms_total"))),
            LineSpec("syncs", _rate(_sum("fossawork_syncs_total"))),
        ),
    ),
    ChartSpec(
        "sync",
        "Duration of a sync, p95",
        "s",
        (LineSpec("sync", _histogram("fossawork_sync_duration_seconds", LONG_SECONDS, 0.95)),),
        t.SYNC_SECONDS,
    ),
    ChartSpec(
        "database",
        "Database statements, p95",
        "s",
        (
            LineSpec(
                "read",
                _histogram("fossawork_database_query_duration_seconds", SECONDS, 0.95, database="app", kind="select"),
            ),
            LineSpec(
                "write",
                _histogram("fossawork_database_query_duration_seconds", SECONDS, 0.95, database="app", kind=_WRITES),
            ),
        ),
        t.QUERY_WARN_SECONDS,
    ),
    ChartSpec("cpu", "Processors", "share", (LineSpec("in use", _mean("fossawork_system_cpu_ratio")),), t.CPU_HIGH),
    ChartSpec(
        "memory", "Memory", "share", (LineSpec("in use", _mean("fossawork_system_memory_ratio")),), t.MEMORY_HIGH
    ),
    ChartSpec("disk", "Disk", "share", (LineSpec("in use", _mean("fossawork_system_disk_ratio")),), t.DISK_WARN),
    ChartSpec(
        "process",
        "Memory of the server",
        "bytes",
        (LineSpec("resident", _mean("fossawork_process_memory_bytes")),),
    ),
)


def chart(spec: ChartSpec, steps: Steps, step: int, until: float) -> Chart:
    """A line's points, one per step. The last one is still running at ``until``: it is divided by what there is of it."""
    end = int(until) // RAW * RAW
    lines = [
        ChartLine(
            name=line.name,
            unit=spec.unit,
            points=[
                ChartPoint(at=datetime.fromtimestamp(at, UTC), value=line.read(frame, min(step, end - at)))
                for at, frame in steps
            ],
        )
        for line in spec.lines
    ]
    return Chart(id=spec.id, title=spec.title, unit=spec.unit, step_seconds=step, threshold=spec.threshold, lines=lines)


def routes(frame: Frame) -> list[RouteTimes]:
    """Each route's times and errors in a window, the slowest first."""
    errors: dict[tuple[str, str], float] = {}
    for key, value in frame.items():
        if name_of(key) == sources.ANSWERS and not isinstance(value, list):
            labels = labels_of(key)
            if labels.get("status", "").startswith("5"):
                place = (labels["method"], labels["route"])
                errors[place] = errors.get(place, 0.0) + value
    found = []
    for key, value in frame.items():
        if name_of(key) != sources.REQUESTS or not isinstance(value, list):
            continue
        labels = labels_of(key)
        place = (labels["method"], labels["route"])
        found.append(
            RouteTimes(
                method=place[0],
                route=place[1],
                requests=observations(value),
                errors=errors.get(place, 0.0),
                p50_seconds=quantile(value, SECONDS, 0.5),
                p95_seconds=quantile(value, SECONDS, 0.95),
                p99_seconds=quantile(value, SECONDS, 0.99),
            )
        )
    return sorted(found, key=lambda route: -(route.p95_seconds or 0))


def probe_step(at: int, frame: Frame) -> ProbeStep:
    counts = {"good": 0.0, "bad": 0.0, "maintenance": 0.0}
    for key, value in frame.items():
        if name_of(key) == sources.PROBES and not isinstance(value, list):
            result = labels_of(key).get("result", "")
            counts[result] = counts.get(result, 0.0) + value
    return ProbeStep(
        at=datetime.fromtimestamp(at, UTC), good=counts["good"], bad=counts["bad"], maintenance=counts["maintenance"]
    )
