"""How long a prover's calibration still counts. Pure.

The date is the fleet page's "next calibration" (Portal spec §3.6): the last day on which the can may measure.
"""

from datetime import date
from typing import Literal

CalibrationState = Literal["ok", "due_soon", "overdue", "unknown"]
WARN_DAYS = 30


def calibration_state(next_calibration: date | None, on_day: date, warn_days: int = WARN_DAYS) -> CalibrationState:
    """The state on a local day. ``warn_days``: how many days before the date it is ``due_soon``.

    Without a date the state is ``unknown``, which is not ``ok``.
    """
    if next_calibration is None:
        return "unknown"
    left = (next_calibration - on_day).days
    if left < 0:
        return "overdue"
    return "due_soon" if left <= warn_days else "ok"


def calibration_note(next_calibration: date | None, on_day: date, warn_days: int = WARN_DAYS) -> str:
    """The state as a sentence without a subject: "Calibration was due on 1 Mar 2026, 4 days ago."."""
    if next_calibration is None:
        return "The fleet page gives no date of the next calibration."
    left = (next_calibration - on_day).days
    told = f"{next_calibration.day} {next_calibration:%b %Y}"
    match calibration_state(next_calibration, on_day, warn_days):
        case "overdue":
            return f"Calibration was due on {told}, {_days(-left)} ago."
        case "due_soon":
            return (
                f"Calibration is due today, {told}."
                if left == 0
                else f"Calibration is due on {told}, in {_days(left)}."
            )
        case _:
            return f"Calibrated until {told}."


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
