"""Rows of the report."""

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. ``limit`` is the bare limit of the same run or a fixed threshold; ``target`` what ``ratio`` may be at
    most (at least, with ``higher_is_better``). A target that is only an ``aim`` is reported, but fails nothing."""

    name: str
    ours: float
    limit: float
    ratio: float
    unit: str
    target: float
    note: str = ""
    higher_is_better: bool = False
    aim: bool = False

    @property
    def missed(self) -> bool:
        return self.ratio < self.target if self.higher_is_better else self.ratio > self.target

    def as_json(self) -> str:
        """The line of ``--json``."""
        values = {"name": self.name, "ours": self.ours, "limit": self.limit, "ratio": self.ratio, "unit": self.unit}
        return json.dumps(
            {key: round(value, 4) if isinstance(value, float) else value for key, value in values.items()}
        )

    def as_text(self) -> str:
        """The line of the table."""
        wanted = f"{'≥' if self.higher_is_better else '≤'} {self.target:g}"
        verdict = "ok" if not self.missed else "below" if self.aim else "MISSED"
        figures = f"{self.ours:>10.4g} {self.limit:>10.4g} {self.unit:<4} {self.ratio:>8.3f} {wanted:>7}  {verdict:<6}"
        return f"{self.name:<28} {figures}  {self.note}"


HEADING = f"{'benchmark':<28} {'ours':>10} {'limit':>10} {'':<4} {'ratio':>8} {'target':>7}"


def against(
    name: str, ours: float, limit: float, unit: str, target: float = 1.0, note: str = "", *, aim: bool = False
) -> Row:
    """A row whose ratio is ours/limit: of a bare limit, or of a threshold (``target`` 1)."""
    return Row(name, float(ours), float(limit), ours / limit, unit, target, note, aim=aim)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not below ``share`` of all (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(values: Sequence[float]) -> str:
    """The single measurements in short, so that noise can be seen."""
    return " ".join(f"{value:.2f}" for value in values)


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


class Skipped(Exception):
    """The benchmark cannot be done here; the text says why."""
