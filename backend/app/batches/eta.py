"""How long a batch will still take, from measured times. Pure. Without a measurement there is no figure."""

from collections.abc import Sequence
from statistics import median


def eta_seconds(
    measured: Sequence[float], forms_left: int, visits_unplanned: int, forms_per_visit: float
) -> float | None:
    """``measured``: seconds of single forms of earlier runs; ``visits_unplanned``: visits whose forms are not counted yet,
    taken with the mean of those that are. The median is used: one slow form says little about the others."""
    if not measured:
        return None
    return round(median(measured) * (forms_left + visits_unplanned * forms_per_visit), 1)
