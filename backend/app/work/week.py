"""The work week: which week is shown, and when the screens roll over to the next one (Features §9.2).

Weeks run Monday to Sunday everywhere in this product.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

Reason = Literal["asked", "current", "week_over", "day_off", "nothing_left"]
_THURSDAY = 4


@dataclass(frozen=True, slots=True)
class WeekRules:
    """``work_days``: ISO weekdays (1 = Monday). ``end_hour``: the local hour at which the last work day is over."""

    work_days: tuple[int, ...] = (1, 2, 3, 4, 5)
    end_hour: int = 17


def monday(day: date) -> date:
    return day - timedelta(days=day.isoweekday() - 1)


def effective_week(local_now: datetime, rules: WeekRules, open_visit_dates: Collection[date]) -> tuple[date, Reason]:
    """The Monday of the week to show, and why.

    ``local_now`` is the user's wall clock, ``open_visit_dates`` are dates of visits not done yet. Over is a week on its
    last work day from ``end_hour`` on, on a day off after that, or from Thursday on when no open visit is left in it.
    """
    today = local_now.date()
    this, following = monday(today), monday(today) + timedelta(days=7)
    last_work_day = max(rules.work_days)
    if today.isoweekday() == last_work_day and local_now.hour >= rules.end_hour:
        return following, "week_over"
    if today.isoweekday() > last_work_day:
        return following, "day_off"
    if today.isoweekday() >= _THURSDAY and not any(today <= day < following for day in open_visit_dates):
        return following, "nothing_left"
    return this, "current"


def days_to_show(start: date, rules: WeekRules, visit_dates: Collection[date]) -> list[date]:
    """The work days of a week, and any other day of it that has a visit (dispatch parks work on Sundays)."""
    week = [start + timedelta(days=offset) for offset in range(7)]
    return [day for day in week if day.isoweekday() in rules.work_days or day in visit_dates]


def iso_week_name(start: date) -> str:
    year, week, _ = start.isocalendar()
    return f"{year}-W{week:02d}"


def due_state(due: date | None, visit: date | None, today: date) -> Literal["none", "ok", "before_visit", "overdue"]:
    if due is None:
        return "none"
    if due < today:
        return "overdue"
    if visit is not None and due < visit:
        return "before_visit"
    return "ok"
