"""Past batches: filters, pages, and the export of what came of every form."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, exists, or_, select
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.batches.models import Batch, BatchVisit
from app.batches.schemas import BatchState
from app.forms.models import FormRun, RunForm

_COLUMNS = (
    "batch", "asked_by", "asked_at", "visit_date", "visit", "work_order", "store", "visit_state", "dispenser",
    "form", "verdict", "reason", "what_to_do", "seconds",
)  # fmt: skip
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the history; ``None`` = all. Dates are days in the user's time zone, both included."""

    states: tuple[BatchState, ...] = ()
    since: date | None = None
    until: date | None = None
    search: str | None = None


def page(db: Db, user: User, wanted: Wanted, cursor: str | None, limit: int) -> tuple[list[Batch], str | None]:
    """Batches, newest first, and the cursor of the next page."""
    query = _filtered(user, wanted).order_by(Batch.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(Batch.id < cursor)
    found = list(db.scalars(query))
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def _filtered(user: User, wanted: Wanted) -> Select[Batch]:
    query = select(Batch).where(Batch.user_id == user.id)
    if wanted.states:
        query = query.where(Batch.state.in_([state.value for state in wanted.states]))
    if wanted.since is not None:
        query = query.where(Batch.asked_at >= _midnight(wanted.since, user.time_zone))
    if wanted.until is not None:
        query = query.where(Batch.asked_at < _midnight(wanted.until + timedelta(days=1), user.time_zone))
    if wanted.search:
        text = wanted.search.strip().lstrip("#")
        fits = [BatchVisit.store.icontains(text, autoescape=True)]
        if text.isdecimal():
            fits.append(BatchVisit.visit_id == int(text))
        of_visit = exists().where(BatchVisit.batch_id == Batch.id, or_(*fits))
        query = query.where(or_(Batch.name.icontains(text, autoescape=True), of_visit))
    return query


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def export(db: Db, user: User, wanted: Wanted) -> Iterator[str]:
    """The history as CSV, a line per form (or per visit that has none), newest batch first."""
    batches = _filtered(user, wanted).subquery()
    query = (
        select(Batch, BatchVisit, RunForm)
        .join(batches, batches.c.id == Batch.id)
        .join(BatchVisit, BatchVisit.batch_id == Batch.id)
        .outerjoin(FormRun, FormRun.id == BatchVisit.run_id)
        .outerjoin(RunForm, RunForm.run_id == FormRun.id)
        .order_by(Batch.id.desc(), BatchVisit.position, RunForm.position)
        .execution_options(yield_per=500)
    )
    yield _line(_COLUMNS)
    for batch, visit, form in db.execute(query):
        yield _line(
            (
                batch.name,
                batch.asked_by,
                batch.asked_at.isoformat(timespec="seconds"),
                visit.date.isoformat(),
                visit.visit_id,
                f"W-{visit.work_id}",
                visit.store,
                visit.state,
                form.dispenser if form else "",
                form.entry_id if form else "",
                (form.verdict or "") if form else "",
                ((form.reason if form else visit.reason) or ""),
                ((form.what_to_do if form else visit.what_to_do) or ""),
                form.seconds if form else "",
            )
        )


def _line(values: tuple[object, ...]) -> str:
    """One line of CSV. A text that a spreadsheet would take for a formula is marked as text."""
    out = io.StringIO()
    cells = [f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value for value in values]
    csv.writer(out).writerow(["" if cell is None else cell for cell in cells])
    return out.getvalue()
