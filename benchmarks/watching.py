"""What watching costs: measuring, judging, answering probes, keeping. Each figure beside the limit that the product sets itself."""

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from app.config import get_settings
from app.database import get_database, get_operations_database
from app.kit import clock
from app.main import create_app
from app.operations.alerts import service as alerts
from app.operations.alerts import signals
from app.operations.duty import Duty
from app.operations.health.service import keeper
from app.operations.slo import service as slo
from app.telemetry import heartbeat, logs, metrics
from app.telemetry.frames import increase, read_totals
from app.telemetry.models import FrameRow
from app.telemetry.sampler import Sampler
from app.telemetry.store import HOUR, KEPT_SECONDS, MINUTE, RAW, roll_up, write_frame
from benchmarks.result import Row, against, median

_ROUTES = ("/api/week", "/api/visits/{visit_id}", "/api/syncs", "/api/operations/alerts", "/api/form-runs/{run_id}")
_MEGABYTE = 2**20


def watching(quick: bool) -> list[Row]:
    """Evaluation of all rules, health, the idle cost of measuring, and a year of measurements."""
    rounds = 20 if quick else 100
    with _installation():
        _fill_store(hours=48 if quick else 720)
        with TestClient(create_app()) as client:
            client.get("/api/health")
            return [
                *_evaluation(rounds),
                *_health(client, rounds),
                *_idle(),
                *_year(),
            ]


@contextmanager
def _installation() -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="fossawork-bench-") as name:
        own = {"FOSSAWORK_HOME": name, "FOSSAWORK_LOGS": str(Path(name) / "logs"), "FOSSAWORK_KEY_SOURCE": "file"}
        before = {key: os.environ.get(key) for key in own}
        os.environ.update(own)
        for cached in (get_settings, get_database, get_operations_database):
            cached.cache_clear()
        try:
            logs.set_up(get_settings().logs)
            get_database().migrate()
            get_operations_database().migrate()
            yield
        finally:
            get_database().close()
            get_operations_database().close()
            for cached in (get_settings, get_database, get_operations_database):
                cached.cache_clear()
            for key, value in before.items():
                os.environ.pop(key) if value is None else os.environ.update({key: value})


def _traffic(chance: random.Random) -> None:
    """Some ten seconds of a busy server."""
    for route in _ROUTES:
        for _ in range(chance.randrange(8)):
            metrics.REQUESTS.labels("GET", route, "200").inc()
            metrics.REQUEST_SECONDS.labels("GET", route).observe(chance.expovariate(20))
            metrics.AUTH_SECONDS.labels("token").observe(0.002)
            metrics.QUERY_SECONDS.labels("app", "select").observe(0.001)


def _fill_store(hours: int) -> None:
    """Frames of so many hours: one of a busy ten seconds each minute, so that every tier has its rows."""
    chance, now = random.Random(1), clock.now()
    Sampler().look_around()  # gauges have values
    before, _ = read_totals(metrics.REGISTRY)
    for hour in range(hours, 0, -1):
        with get_operations_database().write() as db:
            for minute in range(0, 60, 60 if hour > 3 else 1):
                _traffic(chance)
                totals, gauges = read_totals(metrics.REGISTRY)
                at = int((now - timedelta(hours=hour) + timedelta(minutes=minute)).timestamp()) // RAW * RAW
                write_frame(db, "bench", at, gauges | increase(before, totals))
                before = totals
            roll_up(db, now.timestamp())


def _timed(work: Callable[[], object], rounds: int) -> list[float]:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        times.append((time.perf_counter() - started) * 1000)
    return times


def _evaluation(rounds: int) -> list[Row]:
    heartbeat.beat("engine")
    report = slo.measure(clock.now())
    signals.collect(report)  # the slow checks are made once an hour

    def evaluate() -> None:
        samples = signals.collect(report)
        with get_operations_database().write() as db:
            alerts.evaluate(db, samples)

    all_rules = _timed(evaluate, rounds)
    objectives = _timed(lambda: slo.measure(clock.now()), rounds)
    return [
        against("evaluate-all-rules", median(all_rules), 50, "ms", note="signals read, rules evaluated, stored"),
        against("measure-objectives", median(objectives), 200, "ms", note="30 days, eight windows; twice a minute"),
    ]


def _health(client: TestClient, rounds: int) -> list[Row]:
    def anew() -> None:
        keeper._report = None  # as after five seconds: every quick check is made again
        keeper._answers = {name: kept for name, kept in keeper._answers.items() if name in ("integrity", "automation")}
        client.get("/api/health")

    kept = _timed(lambda: client.get("/api/health"), rounds)
    return [
        against("health-checked-anew", median(_timed(anew, rounds)), 20, "ms", note="all quick checks, over HTTP"),
        against("health-kept", median(kept), 20, "ms", note="within five seconds of the last one"),
    ]


def _idle() -> list[Row]:
    """Processor time of one idle minute: six frames, four rounds of alerts, thirty looks at the outbox, two probes."""
    sampler, duty = Sampler(), Duty()
    heartbeat.beat("engine")
    keep, judge, send = (_cpu(work) for work in (sampler.keep, duty.round, duty.send))
    measuring = 6 * keep
    objectives = _cpu(lambda: slo.measure(clock.now()))
    whole = measuring + 4 * judge + 30 * send + 2 * objectives
    return [
        against("measuring-idle", measuring / 60 * 100, 1, "%", note="of one core: a frame each ten seconds"),
        against("operations-idle", whole / 60 * 100, 2, "%", note="of one core: with alerts, objectives and outbox"),
    ]


def _cpu(work: Callable[[], object], rounds: int = 12) -> float:
    work()
    started = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - started) / rounds


def _year() -> list[Row]:
    """What a year of one busy process takes: the size of a frame of each tier, times how many of them are kept."""
    with get_operations_database().read() as db:
        sizes = {
            tier: db.scalar(select(func.avg(func.length(FrameRow.data))).where(FrameRow.tier == tier)) or 0.0
            for tier in (RAW, MINUTE, HOUR)
        }
    row = 60  # key, header and index of a row
    total = sum((size + row) * min(KEPT_SECONDS[tier], 365 * 86400) / tier for tier, size in sizes.items())
    detail = ", ".join(f"{tier} s: {size:.0f} B" for tier, size in sizes.items())
    return [against("store-of-a-year", total / _MEGABYTE, 200, "MB", note=f"one process; frames {detail}")]
