"""Every instrument of the house, each defined once: Prometheus reads them at ``/metrics``, the sampler keeps them.

Four families (operations spec §4.1): application, system, business, security. Labels have few values: routes by their
template, never by their path; no id, name or address is ever a label.
"""

from dataclasses import dataclass
from enum import StrEnum

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]
REGISTRY = CollectorRegistry(auto_describe=True)
# The SLOs' own limits (0.5 s and 2 s) and those of the alerts (5 and 4 s, 2 and 1.8 s) are bounds: what lies between two of them is
# never taken for more or less than a limit.
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 1.8, 2.0, 2.5, 3.0, 4.0, 5.0, 7.5, 10.0)
LONG_SECONDS = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)


class Family(StrEnum):
    application = "application"
    system = "system"
    business = "business"
    security = "security"
    operations = "operations"


@dataclass(frozen=True, slots=True)
class Definition:
    """What the dashboards need to know of an instrument."""

    name: str
    kind: str
    family: Family
    help: str
    labels: tuple[str, ...]
    unit: str


DEFINITIONS: list[Definition] = []


def _define(
    kind: str, family: Family, name: str, text: str, labels: tuple[str, ...], unit: str
) -> tuple[str, str, tuple[str, ...]]:
    DEFINITIONS.append(Definition(name, kind, family, text, labels, unit))
    return name, text, labels


def _counter(family: Family, name: str, text: str, *labels: str) -> Counter:
    return Counter(*_define("counter", family, name, text, labels, ""), registry=REGISTRY)


def _gauge(family: Family, name: str, text: str, *labels: str, unit: str = "") -> Gauge:
    return Gauge(*_define("gauge", family, name, text, labels, unit), registry=REGISTRY)


def _histogram(family: Family, name: str, text: str, *labels: str, buckets: tuple[float, ...] = SECONDS) -> Histogram:
    return Histogram(*_define("histogram", family, name, text, labels, "seconds"), buckets=buckets, registry=REGISTRY)


_app, _sys, _biz, _sec, _ops = (
    Family.application,
    Family.system,
    Family.business,
    Family.security,
    Family.operations,
)

REQUESTS = _counter(_app, "fossawork_requests_total", "Requests answered", "method", "route", "status")
REQUEST_SECONDS = _histogram(_app, "fossawork_request_duration_seconds", "Server time of a request", "method", "route")
REQUESTS_UNDER_WAY = _gauge(_app, "fossawork_requests_under_way", "Requests being answered")
ERRORS = _counter(_app, "fossawork_errors_total", "Errors nobody foresaw", "where")
APP_INFO = _gauge(_app, "fossawork_app_info", "Always 1; the version is its label", "version")
STARTED = _gauge(_app, "fossawork_started_at_seconds", "When this process started, seconds since 1970", unit="seconds")
QUERY_SECONDS = _histogram(_app, "fossawork_database_query_duration_seconds", "Time of a statement", "database", "kind")
CONNECTIONS = _gauge(_app, "fossawork_database_connections_active", "Connections lent out", "database")
SESSIONS = _gauge(_app, "fossawork_sessions_active", "Sign-ins that are not over")
USERS_ACTIVE = _gauge(_app, "fossawork_users_active", "People who used FossaWork within the last 15 minutes")
LOG_LINES = _gauge(_app, "fossawork_log_lines", "Log lines of this process since its start", "fate")

CPU = _gauge(_sys, "fossawork_system_cpu_ratio", "Share of the processors in use, 0 to 1", unit="ratio")
MEMORY = _gauge(_sys, "fossawork_system_memory_ratio", "Share of the memory in use, 0 to 1", unit="ratio")
MEMORY_FREE = _gauge(_sys, "fossawork_system_memory_available_bytes", "Memory that can be had", unit="bytes")
DISK = _gauge(_sys, "fossawork_system_disk_ratio", "Share of the disk of the home folder in use, 0 to 1", unit="ratio")
DISK_FREE = _gauge(_sys, "fossawork_system_disk_free_bytes", "Free space of the home folder's disk", unit="bytes")
LOAD = _gauge(_sys, "fossawork_system_load", "Processes that want a processor, mean of one minute")
NETWORK = _gauge(_sys, "fossawork_system_network_bytes", "Bytes of the network since the machine started", "direction")
PROCESS_MEMORY = _gauge(_sys, "fossawork_process_memory_bytes", "Resident memory of this process", unit="bytes")
PROCESS_CPU = _gauge(_sys, "fossawork_process_cpu_ratio", "Processor use of this process, 1 = one core", unit="ratio")
PROCESS_THREADS = _gauge(_sys, "fossawork_process_threads", "Threads of this process")
PROCESS_FILES = _gauge(_sys, "fossawork_process_open_files", "Files and sockets this process holds open")

FORMS = _counter(_biz, "fossawork_forms_total", "Forms with a verdict", "verdict")
SYNCS = _counter(_biz, "fossawork_syncs_total", "Synchronisations that ended", "state")
SYNC_SECONDS = _histogram(
    _biz, "fossawork_sync_duration_seconds", "From the wish for a sync to its end", buckets=LONG_SECONDS
)
SYNC_LAG = _gauge(_biz, "fossawork_sync_lag_seconds", "Age of the oldest sync that is not done", unit="seconds")
WORK_ORDERS = _counter(_biz, "fossawork_work_orders_processed_total", "Work orders brought home", "change")
DISPENSERS = _counter(_biz, "fossawork_dispensers_read_total", "Dispensers read at the portal")
JOBS = _counter(_biz, "fossawork_jobs_ended_total", "Jobs at the portal that ended", "kind", "outcome")

SIGN_INS = _counter(_sec, "fossawork_auth_attempts_total", "Attempts to sign in", "result")
AUTH_SECONDS = _histogram(
    _sec, "fossawork_auth_duration_seconds", "Time of a sign-in, a refresh, or of the check of a token", "kind"
)
TOKENS = _counter(
    _sec, "fossawork_auth_token_operations_total", "Tokens made, checked and refused", "operation", "result"
)
RATE_LIMITED = _counter(_sec, "fossawork_rate_limit_hits_total", "Requests refused as too many", "limit")
DENIED = _counter(_sec, "fossawork_access_denied_total", "Requests refused for the role of who asked", "role")
ANOMALIES = _counter(_sec, "fossawork_security_anomalies_total", "What should not happen at all", "kind")

CERTIFICATE = _gauge(_sec, "fossawork_certificate_days_left", "Days until the certificate ends", "file")
LOG_BYTES = _gauge(_ops, "fossawork_log_bytes", "Space that logs take on the disk", "category", unit="bytes")
HEALTH = _gauge(_ops, "fossawork_health_status", "2 ok, 1 degraded, 0 failed, -1 unknown", "component")
ALERTS = _gauge(_ops, "fossawork_alerts_firing", "Alerts that fire now", "priority")
INCIDENTS = _gauge(_ops, "fossawork_incidents_open", "Incidents that are not closed")
SLO_RATIO = _gauge(_ops, "fossawork_slo_ratio", "Measured share of what went well, 0 to 1", "slo", unit="ratio")
SLO_BUDGET = _gauge(
    _ops, "fossawork_slo_budget_left_ratio", "Share of the error budget that is left", "slo", unit="ratio"
)
BEAT = _gauge(
    _ops, "fossawork_duty_heartbeat_seconds", "When the duty loop last came round, seconds since 1970", "duty"
)
