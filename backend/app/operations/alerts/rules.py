"""What is an alert, as data: the seed's table first, then the operations spec §4.4. Thresholds stand in one place."""

from dataclasses import dataclass, field
from datetime import timedelta

from app.operations import thresholds as t
from app.operations.terms import Kind, Priority

_NONE, _MINUTE = timedelta(), timedelta(minutes=1)
FAILED = 0.5  # of a signal that is 1 when something is broken and 0 when it is not


@dataclass(frozen=True, slots=True)
class Step:
    """From which value on the alert has this priority."""

    priority: Priority
    limit: float


@dataclass(frozen=True, slots=True)
class Rule:
    """``steps``: the most urgent first; a value beyond a step's limit has its priority. ``at_limit``: the limit itself counts as
    beyond. ``falling``: lower is worse. It fires after ``samples`` bad samples in a row that lasted ``hold``; it is over
    after ``clear_samples`` good ones, on the good side of ``clear``, that lasted ``clear_hold``; never by itself when
    ``manual``. ``inhibited_by``: rules whose alerts explain this one, so that nobody is called twice for one trouble."""

    id: str
    title: str
    kind: Kind
    signal: str
    steps: tuple[Step, ...]
    clear: float
    what_to_do: str
    runbook: str
    unit: str = ""
    samples: int = 1
    hold: timedelta = _NONE
    clear_samples: int = 1
    clear_hold: timedelta = _NONE
    at_limit: bool = False
    falling: bool = False
    manual: bool = False
    customer_facing: bool = False
    inhibited_by: tuple[str, ...] = field(default=())

    def priority_of(self, value: float) -> Priority | None:
        """How urgent this value is; ``None``: not at all."""
        for step in self.steps:
            worse, limit = (-value, -step.limit) if self.falling else (value, step.limit)
            if worse > limit or (self.at_limit and worse == limit):
                return step.priority
        return None

    def is_good(self, value: float) -> bool:
        """Whether this value is on the good side, with some distance from where it fires (no flapping at the limit)."""
        return value >= self.clear if self.falling else value <= self.clear


_DOWN = ("system_down", "db_down")
# What an interruption of the server sets off: silent in a maintenance window for which nobody names other rules.
SILENT_IN_MAINTENANCE = (*_DOWN, "scheduler_stale", "collector_stale")
_BOOK = "docs/operations/runbooks/monitoring-runbook.md#"


def _broken(priority: Priority = Priority.p1) -> tuple[Step, ...]:
    return (Step(priority, FAILED),)


P1, P2, P3 = Priority.p1, Priority.p2, Priority.p3
RULES: tuple[Rule, ...] = (
    Rule(
        "system_down",
        "FossaWork does not answer",
        Kind.system_down,
        "readiness",
        _broken(),
        clear=0,
        samples=2,
        clear_samples=3,
        customer_facing=True,
        inhibited_by=("db_down",),
        what_to_do="Run tools/operations/health-check.py. If the server is not running: fossawork restart. What changed last?",
        runbook=_BOOK + "system_down",
    ),
    Rule(
        "auth_down",
        "Nobody can sign in",
        Kind.system_down,
        "authentication",
        _broken(),
        clear=0,
        samples=2,
        clear_hold=10 * _MINUTE,
        customer_facing=True,
        inhibited_by=_DOWN,
        what_to_do="Look at the errors of sign-ins in the logs. Check that the master key can be read (health: auth).",
        runbook=_BOOK + "auth_down",
    ),
    Rule(
        "data_corruption",
        "The database is damaged",
        Kind.data_loss,
        "integrity",
        _broken(),
        clear=0,
        manual=True,
        customer_facing=True,
        what_to_do="Stop the server (fossawork stop), copy the database aside, and restore the newest validated backup. "
        "Do not write to it any more.",
        runbook=_BOOK + "data_corruption",
    ),
    Rule(
        "security_breach",
        "Stolen sessions are being used",
        Kind.security_breach,
        "stolen_tokens",
        (Step(P1, 2),),
        clear=0,
        at_limit=True,
        manual=True,
        what_to_do="The sessions were ended. Find whose they are in the security log, let these people change their passwords, "
        "and look for what else was done from the same addresses.",
        runbook=_BOOK + "security_breach",
        unit="in 1 h",
    ),
    Rule(
        "db_down",
        "The database does not answer",
        Kind.system_down,
        "database",
        _broken(),
        clear=0,
        samples=2,
        clear_samples=3,
        customer_facing=True,
        what_to_do="Check the disk's free space and that the database (file or server) is where DATABASE_URL says. Is the file "
        "damaged, restore the newest validated backup.",
        runbook=_BOOK + "db_down",
    ),
    Rule(
        "slow_api",
        "Answers take more than 5 s",
        Kind.performance,
        "response_p95",
        (Step(P2, t.SLOW_SECONDS),),
        clear=4.0,
        clear_hold=10 * _MINUTE,
        customer_facing=True,
        inhibited_by=_DOWN,
        what_to_do="Look which routes are slow (Performance), and whether processor, memory or the database are at their limit.",
        runbook=_BOOK + "slow_api",
        unit="s",
    ),
    Rule(
        "automation_failures",
        "More than 10 % of the forms fail",
        Kind.performance,
        "form_failures",
        (Step(P2, t.FORM_FAILURES),),
        clear=t.FORM_FAILURES_OVER,
        customer_facing=True,
        inhibited_by=_DOWN,
        what_to_do="Run fossawork portal doctor: has the portal changed? Read the reasons in the results; stop batches meanwhile.",
        runbook=_BOOK + "automation_failures",
        unit="share",
    ),
    Rule(
        "error_rate",
        "More than 5 % of the requests fail",
        Kind.performance,
        "error_share",
        (Step(P2, t.ERROR_SHARE),),
        clear=t.ERROR_SHARE_OVER,
        clear_hold=10 * _MINUTE,
        customer_facing=True,
        inhibited_by=_DOWN,
        what_to_do="Run tools/operations/log-analyzer.py --errors --last-hour and look for the newest group of errors.",
        runbook=_BOOK + "error_rate",
        unit="share",
    ),
    Rule(
        "logged_errors",
        "Many errors are logged",
        Kind.performance,
        "logged_error_urgency",
        (Step(P2, 1),),
        clear=0,
        at_limit=True,
        inhibited_by=("automation_failures", "error_rate", "slow_api", "auth_down", *_DOWN),
        what_to_do="Look what breaks most (Logs, summary), or run tools/operations/log-analyzer.py --errors --last-hour.",
        runbook=_BOOK + "logged_errors",
    ),
    Rule(
        "logged_attacks",
        "The logs show attempts to break in",
        Kind.security_breach,
        "logged_attack_urgency",
        (Step(P1, 2), Step(P2, 1)),
        clear=0,
        at_limit=True,
        what_to_do="Run tools/operations/log-analyzer.py --security --last-hour: from where, at what, did any succeed? "
        "Block the address in front of the server.",
        runbook=_BOOK + "logged_attacks",
    ),
    Rule(
        "cert_expiry",
        "A certificate runs out",
        Kind.system_down,
        "certificate_days",
        (Step(P1, t.CERTIFICATE_LAST_DAYS), Step(P2, t.CERTIFICATE_WARN_DAYS)),
        clear=t.CERTIFICATE_WARN_DAYS + 1,
        at_limit=True,
        falling=True,
        what_to_do="Renew the certificate and reload the proxy; then verify the days that are left.",
        runbook=_BOOK + "cert_expiry",
        unit="days",
    ),
    Rule(
        "feature_failure",
        "A part of FossaWork is broken",
        Kind.performance,
        "component",
        _broken(P3),
        clear=0,
        hold=10 * _MINUTE,
        clear_hold=10 * _MINUTE,
        inhibited_by=_DOWN,
        what_to_do="Look at the part's own words in the health check.",
        runbook=_BOOK + "feature_failure",
    ),
    Rule(
        "slow_api_minor",
        "Answers take more than 2 s",
        Kind.performance,
        "response_p95",
        (Step(P3, t.RESPONSE_SECONDS),),
        clear=1.8,
        hold=15 * _MINUTE,
        clear_hold=10 * _MINUTE,
        inhibited_by=("slow_api", *_DOWN),
        what_to_do="Look which routes are slow (Performance).",
        runbook=_BOOK + "slow_api_minor",
        unit="s",
    ),
    Rule(
        "log_disk",
        "Logs fill their space",
        Kind.performance,
        "log_space",
        (Step(P2, t.DISK_HIGH), Step(P3, t.DISK_WARN)),
        clear=t.DISK_OVER,
        hold=5 * _MINUTE,
        at_limit=True,
        what_to_do="Find what writes so much (Logs, summary). Closed logs may be moved away; live ones are never cut.",
        runbook=_BOOK + "log_disk",
        unit="share",
    ),
    Rule(
        "backup_invalid",
        "There is no valid backup",
        Kind.data_loss,
        "backup_age",
        (Step(P2, t.BACKUP_VERY_OLD.total_seconds()), Step(P3, t.BACKUP_AGE.total_seconds())),
        clear=t.BACKUP_AGE.total_seconds(),
        what_to_do="Make a backup and let it be validated.",
        runbook=_BOOK + "backup_invalid",
        unit="s",
    ),
    Rule(
        "cpu_high",
        "The processors are at their limit",
        Kind.performance,
        "cpu",
        (Step(P3, t.CPU_HIGH),),
        clear=t.CPU_WARN,
        hold=10 * _MINUTE,
        clear_hold=5 * _MINUTE,
        what_to_do="Find the process that uses them. Fewer browsers at once help (FOSSAWORK_BROWSERS_AT_ONCE).",
        runbook=_BOOK + "resource_high",
        unit="share",
    ),
    Rule(
        "memory_high",
        "Memory runs short",
        Kind.performance,
        "memory",
        (Step(P3, t.MEMORY_HIGH),),
        clear=t.MEMORY_WARN,
        hold=10 * _MINUTE,
        clear_hold=5 * _MINUTE,
        what_to_do="Find the process that uses it. Fewer browsers at once help (FOSSAWORK_BROWSERS_AT_ONCE).",
        runbook=_BOOK + "resource_high",
        unit="share",
    ),
    Rule(
        "sync_lag",
        "A sync is late",
        Kind.performance,
        "sync_lag",
        (Step(P2, t.SYNC_VERY_LATE_SECONDS), Step(P3, t.SYNC_SECONDS)),
        clear=t.SYNC_SECONDS,
        hold=5 * _MINUTE,
        inhibited_by=_DOWN,
        what_to_do="Look at the sync's own page: is the portal slow, is another job of the account in front?",
        runbook=_BOOK + "sync_lag",
        unit="s",
    ),
    Rule(
        "scheduler_stale",
        "Jobs are not being taken up",
        Kind.system_down,
        "scheduler_age",
        (Step(P2, t.SCHEDULER_STALE.total_seconds()),),
        clear=t.EVALUATE_SECONDS,
        samples=2,
        inhibited_by=_DOWN,
        what_to_do="Is another process holding the engine (a command line job)? Otherwise: fossawork restart.",
        runbook=_BOOK + "scheduler_stale",
        unit="s",
    ),
    Rule(
        "collector_stale",
        "Nothing is measured any more",
        Kind.performance,
        "metrics_age",
        (Step(P2, t.METRICS_STALE.total_seconds()),),
        clear=t.METRICS_STALE.total_seconds() / 2,
        samples=2,
        inhibited_by=_DOWN,
        what_to_do="Look for telemetry.sample_failed in the logs. Until it is mended, the SLOs have gaps.",
        runbook=_BOOK + "collector_stale",
        unit="s",
    ),
    Rule(
        "signal_unknown",
        "Something can no longer be checked",
        Kind.performance,
        "unknown_seconds",
        (Step(P3, 600),),
        clear=0,
        inhibited_by=_DOWN,
        what_to_do="A check that used to answer does not any more: nobody would notice trouble there. Look at the health check.",
        runbook=_BOOK + "signal_unknown",
        unit="s",
    ),
    Rule(
        "watcher_silent",
        "The watcher is silent",
        Kind.system_down,
        "watcher_age",
        (Step(P2, t.WATCHER_SILENT.total_seconds()),),
        clear=2.0 * t.PROBE_SECONDS,
        hold=_MINUTE,  # after a night's rest the server and the watcher wake together
        what_to_do="Start it: fossawork watch (or its systemd unit). Until then nobody notices when the server goes down.",
        runbook=_BOOK + "watcher_silent",
        unit="s",
    ),
    Rule(
        "alert_path_broken",
        "Alerts may not reach anybody",
        Kind.system_down,
        "alert_path",
        _broken(P2),
        clear=0,
        what_to_do="Open Operations, On-call: send a test message and repair the channel that fails.",
        runbook=_BOOK + "alert_path_broken",
    ),
    Rule(
        "slo_burn_critical",
        "The error budget burns down",
        Kind.system_down,
        "slo_burn_critical",
        (Step(P1, 4), Step(P2, 3), Step(P3, 1)),
        clear=0,
        at_limit=True,
        clear_hold=5 * _MINUTE,
        inhibited_by=_DOWN,
        what_to_do="Open the objective's page: when did it begin, what changed then?",
        runbook=_BOOK + "slo_burn",
        unit="tier",
    ),
    Rule(
        "slo_burn",
        "The error budget burns down",
        Kind.performance,
        "slo_burn",
        (Step(P2, 3), Step(P3, 1)),
        clear=0,
        at_limit=True,
        clear_hold=5 * _MINUTE,
        inhibited_by=_DOWN,
        what_to_do="Open the objective's page: when did it begin, what changed then?",
        runbook=_BOOK + "slo_burn",
        unit="tier",
    ),
)
BY_ID = {rule.id: rule for rule in RULES}
