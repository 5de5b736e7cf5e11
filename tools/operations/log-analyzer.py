#!/usr/bin/env python3
"""What the logs tell: ``python tools/operations/log-analyzer.py --errors --last-hour``; ``--help`` tells the rest."""

from _environment import run

run("app.operations.tools.log_analyzer")
