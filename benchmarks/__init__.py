"""Benchmarks: what the product needs against what cannot be avoided. ``python -m benchmarks``, or ``dev.py bench``."""
