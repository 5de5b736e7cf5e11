"""What is under deploy/ says what the product says."""

import json
import re
from pathlib import Path

import pytest
from prometheus_client import Counter, Histogram

from app.operations.metrics.deploy import GRAFANA, PROMETHEUS, dashboard, files
from app.telemetry import metrics
from app.telemetry.metrics import DEFINITIONS


@pytest.mark.parametrize("path", [PROMETHEUS, GRAFANA], ids=lambda path: path.name)
def test_the_files_are_up_to_date(path: Path) -> None:
    assert files()[path] == path.read_text(), "Run: .venv/bin/python -m app.operations.metrics.deploy"


def test_every_rule_asks_for_measurements_that_exist() -> None:
    groups = json.loads(PROMETHEUS.read_text().split("\n", 1)[1])["groups"]
    known = {definition.name for definition in DEFINITIONS}
    buckets = {f"{bound}" for bound in (*metrics.SECONDS, *metrics.LONG_SECONDS)}
    rules = [rule for group in groups for rule in group["rules"]]
    assert len(rules) > 20
    for rule in rules:
        names = set(re.findall(r"fossawork_\w+", rule["expr"]))
        for name in names:
            assert re.sub(r"_(bucket|count)$", "", name) in known, rule["alert"]
        assert set(re.findall(r'le="([\d.]+)"', rule["expr"])) <= buckets, rule["alert"]
        assert rule["annotations"]["runbook"].startswith("docs/operations/")


def test_the_dashboard_shows_every_instrument_once() -> None:
    panels = [panel for panel in dashboard()["panels"] if panel["type"] != "row"]
    assert len(panels) == len(DEFINITIONS)
    assert json.loads(GRAFANA.read_text())["uid"] == "fossawork"


def test_labels_are_few_and_never_personal() -> None:
    for definition in DEFINITIONS:
        assert len(definition.labels) <= 3
        assert not {"user", "email", "path", "ip", "id"} & set(definition.labels)
    assert isinstance(metrics.REQUESTS, Counter)
    assert isinstance(metrics.REQUEST_SECONDS, Histogram)
