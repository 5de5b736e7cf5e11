"""Every threshold of the operations side, once: health checks, alerts, SLOs and documents take them from here (R120).

Sources: the seed's SLO and alert tables first, then the operations spec §4.2, §4.4 and appendix A. Shares are 0 to 1.
"""

from datetime import timedelta

RESPONSE_SECONDS = 2.0
RESPONSE_SHARE = 0.95
SLOW_SECONDS = 5.0
SIGN_IN_SECONDS = 0.5
SYNC_SECONDS = 300.0
SYNC_VERY_LATE_SECONDS = 1800.0
RECOVERY = timedelta(minutes=15)
AVAILABILITY = 0.995
FORM_SUCCESS = 0.95

FORM_FAILURES = 0.10
FORM_FAILURES_OVER = 0.08
ERROR_SHARE = 0.05
ERROR_SHARE_OVER = 0.03
SIGN_IN_BROKEN_SHARE = 0.5
# Of fewer events a share or a percentile says nothing (spec §4.4).
REQUESTS_FOR_TIME, REQUESTS_FOR_ERRORS = 20, 50
FORMS_FOR_FAILURES = 10
SIGN_INS_FOR_BROKEN = 3

# More of these in the period that the log analyzer looks at is critical, or suspicious (spec §3.7).
LOGGED_ERRORS_OF_FAMILY = 10
LOGGED_FAILED_SIGN_INS = 5
LOGGED_ATTACKS_OF_KIND = 10

CPU_WARN, CPU_HIGH = 0.70, 0.85
MEMORY_WARN, MEMORY_HIGH = 0.80, 0.90
DISK_WARN, DISK_HIGH = 0.80, 0.90
DISK_OVER = 0.75
# So many processes that want one processor, as a mean of a minute: work stands in a queue. (How busy processors are is CPU_HIGH.)
PROCESSES_PER_PROCESSOR = 2.0
QUERY_WARN_SECONDS = 0.5
CERTIFICATE_WARN_DAYS, CERTIFICATE_LAST_DAYS = 30, 3
BACKUP_AGE = timedelta(hours=26)
BACKUP_VERY_OLD = timedelta(days=2)
RESTORED_ROWS_LOST = 0.20

PROBE_SECONDS = 30
EVALUATE_SECONDS = 15
SCHEDULER_STALE = timedelta(seconds=3 * EVALUATE_SECONDS)
METRICS_STALE = timedelta(seconds=60)
WATCHER_SILENT = timedelta(minutes=3)
BUDGET_LOW = 0.25
