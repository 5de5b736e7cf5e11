"""From which figure on the analysis of logs calls something slow, suspicious or critical. Milliseconds where not said."""

SLOW_MS = 2_000.0  # one request; the seed's SLO for p95 is the same figure
SLOW_P95_MS, VERY_SLOW_P95_MS = 2_000.0, 5_000.0  # the seed: SLO, and P2
TIMED_AT_LEAST = 20  # fewer measurements say nothing about a p95

SERVER_ERROR_SHARE = 0.05  # the seed: elevated error rate, P2
ANSWERED_AT_LEAST = 50  # fewer answers say nothing about a share

ERRORS_PER_FAMILY = 10  # more of one family in the period is critical
FAILED_SIGN_INS = 5  # more from one address or of one user is suspicious
ATTACKS_PER_KIND = 10  # more attempts of one kind in the period is critical
