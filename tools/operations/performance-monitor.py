#!/usr/bin/env python3
"""How fast is FossaWork? ``python tools/operations/performance-monitor.py --alerts``; ``--help`` tells the rest."""

from _environment import run

run("app.operations.tools.performance_monitor")
