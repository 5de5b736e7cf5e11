"""Figures as people read them."""


def many(count: int, noun: str) -> str:
    """``1 line``, ``12,345 lines``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def milliseconds(value: float) -> str:
    """``0.4 ms``, ``87 ms``, ``1.24 s``, ``3.5 min``."""
    if value < 10:
        return f"{value:.1f} ms"
    if value < 1000:
        return f"{value:.0f} ms"
    return f"{value / 1000:.2f} s" if value < 100_000 else f"{value / 60_000:.1f} min"


def before_text(before: int | None) -> str:
    """How a count compares with the period before, to be appended to it."""
    if before is None:
        return ""
    return f" ({before:,} in the period before)" if before else " (none in the period before)"
