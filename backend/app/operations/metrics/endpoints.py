"""Measurements: for Prometheus as text, for the Performance page as charts."""

import hmac
from datetime import timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from prometheus_client import generate_latest

from app.accounts.current import OPERATORS_ONLY, Operator
from app.config import get_settings
from app.database import OperationsReadSession
from app.kit import clock
from app.kit.problems import Forbidden
from app.operations.metrics import charts
from app.operations.metrics.schemas import Performance, ProbeStrip
from app.operations.slo import sources
from app.telemetry import metrics
from app.telemetry.frames import name_of
from app.telemetry.store import MINUTE, read_steps, read_window

router = APIRouter(tags=["metrics"])
_LOOPBACK = frozenset({"127.0.0.1", "::1", "testclient"})
_FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
# Window → width of a step, so that a chart has about 150 points.
_STEPS = {"1h": 30, "6h": 3 * MINUTE, "24h": 10 * MINUTE, "7d": 3600, "30d": 4 * 3600}
_SPANS = {"1h": 1, "6h": 6, "24h": 24, "7d": 7 * 24, "30d": 30 * 24}
Window = Literal["1h", "6h", "24h", "7d", "30d"]


@router.get("/metrics", include_in_schema=False)
def read_metrics(request: Request) -> Response:
    """Prometheus' text format. Open to this machine alone, or to whoever has the token of the settings."""
    if not _may_scrape(request):
        raise Forbidden(
            "Measurements are open to this machine and to holders of the metrics token.",
            "Set FOSSAWORK_METRICS_TOKEN and send it as bearer token.",
        )
    return Response(generate_latest(metrics.REGISTRY), media_type="text/plain; version=0.0.4; charset=utf-8")


def _may_scrape(request: Request) -> bool:
    token = get_settings().metrics_token
    given = request.headers.get("authorization", "")
    if token is not None and hmac.compare_digest(given.encode(), f"Bearer {token.get_secret_value()}".encode()):
        return True
    # Behind a proxy everybody seems to come from this machine.
    forwarded = any(name in request.headers for name in _FORWARDED)
    return not forwarded and request.client is not None and request.client.host in _LOOPBACK


@router.get("/api/operations/performance", responses=OPERATORS_ONLY)
def read_performance(_: Operator, db: OperationsReadSession, window: Annotated[Window, Query()] = "1h") -> Performance:
    """Charts and the times of every route, of the last hours or days. Gaps are gaps."""
    now = clock.now()
    since, step = now - timedelta(hours=_SPANS[window]), _STEPS[window]
    stamp = now.timestamp()
    steps = read_steps(db, since.timestamp(), stamp, step, stamp, lambda _: True)
    whole = read_window(db, since.timestamp(), stamp, stamp, _of_routes)
    return Performance(
        since=since,
        until=now,
        charts=[charts.chart(spec, steps, step, stamp) for spec in charts.CHARTS],
        routes=charts.routes(whole),
    )


def _of_routes(key: str) -> bool:
    return name_of(key) in (sources.REQUESTS, sources.ANSWERS)


@router.get("/api/operations/probes", responses=OPERATORS_ONLY)
def read_probes(_: Operator, db: OperationsReadSession) -> ProbeStrip:
    """The probes of the last 24 hours in steps of ten minutes."""
    stamp, step = clock.now().timestamp(), 10 * MINUTE
    steps = read_steps(db, stamp - 86400, stamp, step, stamp, lambda key: name_of(key) == sources.PROBES)
    return ProbeStrip(step_seconds=step, steps=[charts.probe_step(at, frame) for at, frame in steps])
