"""What watching costs: measuring, judging, answering probes, keeping. Each figure beside the limit that the product sets itself."""

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fastapi.testclient import TestClient
from sqlalchemy import func, insert, select

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
from app.telemetry.frames import Frame, increase, merge_all, read_totals
from app.telemetry.models import FrameRow, Series
from app.telemetry.sampler import Sampler
from app.telemetry.store import GRACE_SECONDS, HOUR, KEPT_SECONDS, MINUTE, RAW, packed, write_frame
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
    """What one busy process has kept after so many hours: of every tier the rows that it would have."""
    chance, now = random.Random(1), int(clock.now().timestamp())
    Sampler().look_around()  # gauges have values
    before, _ = read_totals(metrics.REGISTRY)
    busy: dict[int, list[Frame]] = {RAW: []}
    for _ in range(60):
        _traffic(chance)
        totals, gauges = read_totals(metrics.REGISTRY)
        busy[RAW].append(gauges | increase(before, totals))
        before = totals
    busy[MINUTE] = [merge_all(chance.choices(busy[RAW], k=MINUTE // RAW)) for _ in range(60)]
    busy[HOUR] = [merge_all(busy[MINUTE])]
    with get_operations_database().write() as db:
        for frame in busy[HOUR]:
            write_frame(db, "bench", now // RAW * RAW - RAW, frame)  # the series get their numbers
        ids = {key: number for number, key in db.execute(select(Series.id, Series.key))}
        for tier, frames in busy.items():
            data = [packed(frame, ids) for frame in frames]
            first = max(now - hours * HOUR, now - KEPT_SECONDS[tier]) // HOUR * HOUR
            rows = [
                {"tier": tier, "at": at, "process": "bench", "data": chance.choice(data)}
                for at in range(first, now - GRACE_SECONDS - tier, tier)
            ]
            db.execute(insert(FrameRow), rows)


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
