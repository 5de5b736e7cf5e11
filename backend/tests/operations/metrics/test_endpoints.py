"""Measurements as Prometheus and operators get them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from app.config import get_settings
from app.database import get_operations_database
from app.kit.clock import VirtualClock
from app.operations.metrics.charts import CHARTS
from app.telemetry.metrics import SECONDS
from app.telemetry.store import roll_up, write_frame
from backend.tests.conftest import Person

NOW = datetime(2026, 3, 2, 14, tzinfo=UTC)
_REQUESTS = "fossawork_request_duration_seconds{method=GET,route=/api/week}"


@pytest.fixture
def now(client: TestClient) -> Iterator[datetime]:
    with VirtualClock(NOW):
        yield NOW


def test_prometheus_reads_every_family(client: TestClient) -> None:
    client.get("/api/setup")
    client.post("/api/auth/sign-in", json={"email": "a@example.com", "password": "wrong password"})
    families = {family.name: family for family in text_string_to_metric_families(client.get("/metrics").text)}
    assert {"fossawork_requests", "fossawork_request_duration_seconds", "fossawork_auth_attempts"} <= set(families)
    refused = [s.value for s in families["fossawork_auth_attempts"].samples if s.labels == {"result": "refused"}]
    assert refused[0] >= 1


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP"])
def test_who_comes_through_a_proxy_needs_the_token(client: TestClient, header: str) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 403
    get_settings().metrics_token = SecretStr("scrape-token")
    wrong = {header: "203.0.113.9", "Authorization": "Bearer other"}
    right = {header: "203.0.113.9", "Authorization": "Bearer scrape-token"}
    assert client.get("/metrics", headers=wrong).status_code == 403
    assert client.get("/metrics", headers=right).status_code == 200


def test_somebody_elses_machine_needs_the_token(client: TestClient) -> None:
    elsewhere = TestClient(client.app, client=("203.0.113.9", 5), base_url="http://127.0.0.1")
    assert elsewhere.get("/metrics").status_code == 403


def test_labels_are_templates_however_many_addresses_are_asked_for(client: TestClient, person: Person) -> None:
    for number in range(40):
        client.get(f"/api/visits/{number}", headers=person.headers)
        client.get(f"/api/none/{number}")
    text = client.get("/metrics").text
    assert 'route="/api/visits/{visit_id}"' in text
    assert "/api/visits/7" not in text
    assert "/api/none/7" not in text


def test_charts_have_gaps_where_nothing_was_measured(client: TestClient, person: Person, now: datetime) -> None:
    histogram = [9.0, *[0.0] * (len(SECONDS) + 1)]
    histogram[SECONDS.index(2.0) + 1] = 10.0
    gauge: list[float] = [1, 0.5, 0.5, 0.5, 0.5]
    with get_operations_database().write() as db:
        at = int((now - timedelta(minutes=30)).timestamp()) // 10 * 10
        write_frame(db, "p", at, {f"h:{_REQUESTS}": histogram, "g:fossawork_system_cpu_ratio": gauge})
        roll_up(db, now.timestamp())
    found = client.get("/api/operations/performance?window=1h", headers=person.headers).json()
    assert [chart["id"] for chart in found["charts"]] == [spec.id for spec in CHARTS]
    lines = {chart["id"]: {line["name"]: line["points"] for line in chart["lines"]} for chart in found["charts"]}
    response = [point["value"] for point in lines["response"]["p95"] if point["value"] is not None]
    assert response == [pytest.approx(1.99)]
    cpu = [point["value"] for point in lines["cpu"]["in use"]]
    assert (cpu.count(0.5), cpu.count(None)) == (1, len(cpu) - 1), "nothing measured is no zero"
    (route,) = found["routes"]
    assert (route["route"], route["requests"], route["p95_seconds"]) == ("/api/week", 10.0, pytest.approx(1.99))


def test_the_step_that_is_still_running_is_no_slow_one(client: TestClient, person: Person) -> None:
    now = NOW + timedelta(minutes=5)
    answers = "c:fossawork_requests_total{method=GET,route=/api/week,status=200}"
    with VirtualClock(now), get_operations_database().write() as db:
        for seconds in range(10, 601, 10):
            write_frame(db, "p", int(now.timestamp()) - seconds, {answers: 2.0})
    with VirtualClock(now):
        found = client.get("/api/operations/performance?window=24h", headers=person.headers).json()
    rates = {
        line["name"]: line["points"]
        for chart in found["charts"]
        for line in chart["lines"]
        if chart["id"] == "requests"
    }
    assert [point["value"] for point in rates["all"][-2:]] == [pytest.approx(6.0), pytest.approx(12.0)], "half, and all"


@pytest.mark.parametrize("kind", ["insert", "update", "delete"])
def test_every_kind_of_writing_is_in_the_chart(client: TestClient, person: Person, now: datetime, kind: str) -> None:
    times = [9.0, 0.0, 9.0, *[0.0] * (len(SECONDS) - 1)]
    series = f"h:fossawork_database_query_duration_seconds{{database=app,kind={kind}}}"
    with get_operations_database().write() as db:
        write_frame(db, "p", int(now.timestamp()) - 60, {series: times})
    found = client.get("/api/operations/performance?window=1h", headers=person.headers).json()
    lines = {line["name"]: line["points"] for chart in found["charts"] for line in chart["lines"]}
    assert any(point["value"] for point in lines["write"])
    assert not any(point["value"] for point in lines["read"])


@pytest.mark.parametrize("window", ["1h", "6h", "24h", "7d", "30d"])
def test_every_window_has_some_hundred_points(client: TestClient, person: Person, now: datetime, window: str) -> None:
    found = client.get(f"/api/operations/performance?window={window}", headers=person.headers).json()
    assert 100 <= len(found["charts"][0]["lines"][0]["points"]) <= 200
    assert client.get("/api/operations/performance?window=2h", headers=person.headers).status_code == 422


def test_the_probe_strip_tells_good_bad_and_unknown_apart(client: TestClient, person: Person, now: datetime) -> None:
    with get_operations_database().write() as db:
        for minutes, result in ((5, "good"), (65, "bad"), (66, "good"), (125, "maintenance")):
            at = int((now - timedelta(minutes=minutes)).timestamp()) // 10 * 10
            write_frame(db, "w", at, {f"c:fossawork_probes_total{{result={result}}}": 1.0})
        roll_up(db, now.timestamp())
    steps = client.get("/api/operations/probes", headers=person.headers).json()["steps"]
    assert len(steps) == 144
    told = [(s["good"], s["bad"], s["maintenance"]) for s in steps if s["good"] or s["bad"] or s["maintenance"]]
    assert told == [(0, 0, 1), (1, 1, 0), (1, 0, 0)]
