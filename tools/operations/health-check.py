#!/usr/bin/env python3
"""Is FossaWork well? ``python tools/operations/health-check.py``; ``--help`` tells the rest."""

from _environment import run

run("app.operations.tools.health_check")
