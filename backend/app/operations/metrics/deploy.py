"""Makes what is under ``deploy/`` for a Prometheus and a Grafana, from the same definitions that the product itself uses.

``python -m app.operations.metrics.deploy`` writes the files; a test compares them.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.config import ROOT
from app.operations import thresholds as t
from app.operations.alerts.rules import BY_ID, Rule
from app.operations.slo.budget import TIERS
from app.operations.slo.objectives import BY_ID as OBJECTIVES
from app.operations.slo.sources import NOT_COUNTED
from app.telemetry.metrics import DEFINITIONS, Definition, Family

PROMETHEUS = ROOT / "deploy" / "prometheus" / "fossawork.rules.yaml"
GRAFANA = ROOT / "deploy" / "grafana" / "fossawork.json"
_ROUTES = 'route!~"(' + "|".join(each.replace("/", "\\\\/") for each in NOT_COUNTED) + ').*"'
_PRIORITIES = {"fast": "p1", "slow": "p2", "day": "p3", "three_days": "p3"}


def write() -> list[Path]:
    for path, text in files().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(files())


def files() -> dict[Path, str]:
    return {PROMETHEUS: prometheus_rules(), GRAFANA: json.dumps(dashboard(), indent=1) + "\n"}


# --- Prometheus -------------------------------------------------------------------------------------------------------


def _window(seconds: float) -> str:
    minutes = int(seconds // 60)
    return f"{minutes // 1440}d" if minutes % 1440 == 0 else f"{minutes // 60}h" if minutes % 60 == 0 else f"{minutes}m"


def bad_ratio(slo_id: str, window: str) -> str:
    """The share of bad events of an objective in a window, in PromQL."""
    if slo_id == "availability":
        return f'(1 - avg_over_time(up{{job="fossawork"}}[{window}]))'
    name, labels, limit = {
        "response_time": ("fossawork_request_duration_seconds", _ROUTES, t.RESPONSE_SECONDS),
        "authentication": ("fossawork_auth_duration_seconds", 'kind="sign_in"', t.SIGN_IN_SECONDS),
    }[slo_id]
    good = f'sum(rate({name}_bucket{{le="{limit}",{labels}}}[{window}]))'
    return f"(1 - {good} / sum(rate({name}_count{{{labels}}}[{window}])))"


def _burn_rules() -> Iterator[dict[str, Any]]:
    for slo_id in ("availability", "response_time", "authentication"):
        objective = OBJECTIVES[slo_id]
        for tier in TIERS:
            limit = f"{tier.factor:g} * {1 - objective.target:.4g}"
            long, short = (_window(span.total_seconds()) for span in (tier.long, tier.short))
            expression = f"{bad_ratio(slo_id, long)} > {limit} and {bad_ratio(slo_id, short)} > {limit}"
            yield _rule(
                f"FossaWorkBurn_{slo_id}_{tier.name}",
                expression,
                _PRIORITIES[tier.name],
                f"{objective.title}: the error budget burns more than {tier.factor:g} times too fast",
                BY_ID["slo_burn"],
            )


def _threshold_rules() -> Iterator[dict[str, Any]]:
    requests = f"sum(rate(fossawork_request_duration_seconds_bucket{{{_ROUTES}}}[5m])) by (le)"
    failed = f'sum(rate(fossawork_requests_total{{status=~"5..",{_ROUTES}}}[5m]))'
    everything = f"sum(rate(fossawork_requests_total{{{_ROUTES}}}[5m]))"
    plain = (
        ("system_down", 'up{job="fossawork"} == 0', "1m", "p1"),
        ("db_down", 'fossawork_health_status{component="database"} == 0', "30s", "p1"),
        ("data_corruption", 'fossawork_health_status{component="integrity"} == 0', "", "p1"),
        ("slow_api", f"histogram_quantile(0.95, {requests}) > {t.SLOW_SECONDS:g}", "5m", "p2"),
        ("slow_api_minor", f"histogram_quantile(0.95, {requests}) > {t.RESPONSE_SECONDS:g}", "15m", "p3"),
        ("error_rate", f"{failed} / {everything} > {t.ERROR_SHARE:g}", "5m", "p2"),
        ("cpu_high", f"fossawork_system_cpu_ratio > {t.CPU_HIGH:g}", "10m", "p3"),
        ("memory_high", f"fossawork_system_memory_ratio > {t.MEMORY_HIGH:g}", "10m", "p3"),
        ("log_disk", f"fossawork_system_disk_ratio >= {t.DISK_WARN:g}", "5m", "p3"),
        ("feature_failure", 'fossawork_health_status{component!~"database|integrity"} == 0', "10m", "p3"),
    )
    for rule_id, expression, hold, priority in plain:
        rule = BY_ID[rule_id]
        yield _rule(f"FossaWork_{rule_id}", expression, priority, rule.title, rule, hold)
    fired = 'sum(fossawork_alerts_firing{priority=~"p1|p2"}) > 0'
    yield _rule("FossaWork_own_alerts", fired, "p2", "FossaWork's own alerts fire", BY_ID["signal_unknown"])


def _rule(name: str, expression: str, priority: str, title: str, rule: Rule, hold: str = "") -> dict[str, Any]:
    return {
        "alert": name,
        "expr": expression,
        **({"for": hold} if hold else {}),
        "labels": {"priority": priority},
        "annotations": {"summary": title, "what_to_do": rule.what_to_do, "runbook": rule.runbook},
    }


def prometheus_rules() -> str:
    """A rules file. JSON is YAML, and needs no writer of its own."""
    groups = [
        {"name": "fossawork-thresholds", "interval": "30s", "rules": list(_threshold_rules())},
        {"name": "fossawork-slo", "interval": "1m", "rules": list(_burn_rules())},
    ]
    head = "# Made by `python -m app.operations.metrics.deploy` from the product's own rules; do not edit.\n"
    return head + json.dumps({"groups": groups}, indent=1) + "\n"


# --- Grafana ----------------------------------------------------------------------------------------------------------

_UNITS = {"seconds": "s", "bytes": "bytes", "ratio": "percentunit", "": "short"}
_LINES = {
    "fossawork_request_duration_seconds": t.RESPONSE_SECONDS,
    "fossawork_auth_duration_seconds": t.SIGN_IN_SECONDS,
    "fossawork_sync_duration_seconds": t.SYNC_SECONDS,
    "fossawork_database_query_duration_seconds": t.QUERY_WARN_SECONDS,
    "fossawork_system_cpu_ratio": t.CPU_HIGH,
    "fossawork_system_memory_ratio": t.MEMORY_HIGH,
    "fossawork_system_disk_ratio": t.DISK_WARN,
}


def dashboard() -> dict[str, Any]:
    """A row per family, a panel per instrument, the product's thresholds drawn in."""
    panels: list[dict[str, Any]] = []
    y = 0
    for family in Family:
        panels.append(
            {"id": len(panels) + 1, "type": "row", "title": family.value.capitalize(), "gridPos": _place(0, y, 24, 1)}
        )
        y += 1
        mine = [each for each in DEFINITIONS if each.family is family]
        for index, definition in enumerate(mine):
            place = _place(8 * (index % 3), y + 7 * (index // 3), 8, 7)
            panels.append(_panel(len(panels) + 1, definition, place))
        y += 7 * -(-len(mine) // 3)
    return {
        "title": "FossaWork",
        "uid": "fossawork",
        "schemaVersion": 39,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {"list": [{"name": "datasource", "type": "datasource", "query": "prometheus"}]},
        "panels": panels,
    }


def _place(x: int, y: int, w: int, h: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": w, "h": h}


def _panel(number: int, definition: Definition, place: dict[str, int]) -> dict[str, Any]:
    limit = _LINES.get(definition.name)
    steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
    if limit is not None:
        steps.append({"color": "red", "value": limit})
    unit = "reqps" if definition.kind == "counter" else _UNITS[definition.unit]
    return {
        "id": number,
        "type": "timeseries",
        "title": definition.help,
        "datasource": {"type": "prometheus", "uid": "${datasource}"},
        "gridPos": place,
        "fieldConfig": {
            "defaults": {
                "unit": unit,
                "custom": {"spanNulls": False, "thresholdsStyle": {"mode": "line" if limit is not None else "off"}},
                "thresholds": {"mode": "absolute", "steps": steps},
            },
            "overrides": [],
        },
        "targets": [{"refId": "A", "expr": _expression(definition), "legendFormat": _legend(definition)}],
    }


def _expression(definition: Definition) -> str:
    if definition.kind == "counter":
        by = ", ".join(definition.labels)
        return f"sum(rate({definition.name}[5m]))" + (f" by ({by})" if by else "")
    if definition.kind == "histogram":
        by = ", ".join(("le", *definition.labels))
        return f"histogram_quantile(0.95, sum(rate({definition.name}_bucket[5m])) by ({by}))"
    return definition.name


def _legend(definition: Definition) -> str:
    return " ".join(f"{{{{{label}}}}}" for label in definition.labels) or definition.name


def main() -> None:
    write()


if __name__ == "__main__":
    main()
