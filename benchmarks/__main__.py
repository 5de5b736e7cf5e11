"""``python -m benchmarks [NAME …] [--json] [--quick]``: measures, prints a table, and ends with 1 when a target is missed."""

import argparse
import sys
from collections.abc import Callable

from benchmarks import api, log_writing, logs, memory, portal_work, reliability, ui, watching
from benchmarks.result import HEADING, Row, Skipped

BENCHMARKS: dict[str, Callable[[bool], list[Row]]] = {
    "sync-60": portal_work.sync_60,
    "forms-8x5": portal_work.forms_8x5,
    "forms-8x5-readings": portal_work.forms_8x5_readings,
    "readings-vs-earlier": portal_work.readings_vs_earlier,
    "forms-vs-sleeps": portal_work.forms_vs_sleeps,
    "forms-slow": portal_work.forms_slow,
    "memory": memory.memory,
    "reliability": reliability.reliability,
    "api-p95": api.api_p95,
    "sign-in-p95": api.sign_in_p95,
    "token-check": api.token_check,
    "log-line": log_writing.log_line,
    "first-paint": ui.first_paint,
    "initial-js": ui.initial_js,
    "watching": watching.watching,
    "logs": logs.logs,
}
_TAKES_MINUTES = ("forms-slow", "memory", "reliability")


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description="How fast the product is, and against what."
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which (all of them): {', '.join(BENCHMARKS)}")
    parser.add_argument("--json", action="store_true", help="one line of JSON per figure")
    parser.add_argument("--quick", action="store_true", help="fewer repetitions, and none that takes minutes")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(BENCHMARKS)}")
    names = options.names or [name for name in BENCHMARKS if not (options.quick and name in _TAKES_MINUTES)]
    if not options.json:
        print(HEADING)
    missed = []
    for name in names:
        try:
            rows = BENCHMARKS[name](options.quick)
        except Skipped as reason:
            print(f"{name}: skipped, {reason}", file=sys.stderr, flush=True)
            continue
        for row in rows:
            print(row.as_json() if options.json else row.as_text(), flush=True)
            if row.missed and not row.aim:
                missed.append(row.name)
    if missed:
        print(f"Missed: {', '.join(missed)}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
