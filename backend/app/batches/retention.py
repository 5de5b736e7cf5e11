"""How long evidence is kept: pictures by days, records by months, as each user has set. Done once a day."""

import shutil
from calendar import monthrange
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Db

from app.activity.models import EventRow
from app.activity.service import forget_requests
from app.batches.models import Batch
from app.config import get_settings
from app.database import get_database
from app.forms import runs, service
from app.forms.models import FormRun
from app.kit import clock
from app.telemetry.logs import get_logger

_AT_ONCE = 500
# As long as the lines of the logs that bear their ids.
_KEEP_REQUESTS = timedelta(days=90)
log = get_logger("backend")


def months_before(now: datetime, months: int) -> datetime:
    """The same day and time so many months earlier; the last day of a month that is too short for it."""
    count = now.year * 12 + now.month - 1 - months
    year, month = divmod(count, 12)
    return now.replace(year=year, month=month + 1, day=min(now.day, monthrange(year, month + 1)[1]))


def forget_old() -> dict[str, int]:
    """Removes what is kept no longer; answers how many pictures' folders and how many records of batches and runs."""
    now = clock.now()
    with get_database().read() as db:
        users = list(db.scalars(select(FormRun.user_id).distinct()))
        users += [user for user in db.scalars(select(Batch.user_id).distinct()) if user not in users]
        kept = {user: service.form_settings(db, user) for user in users}
    records = 0
    for user, settings in kept.items():
        with get_database().write() as db:
            records += _forget_records(db, user, months_before(now, settings.keep_record_months))
    pictures = _forget_pictures({user: now - timedelta(days=kept[user].keep_picture_days) for user in kept})
    with get_database().write() as db:
        forget_requests(db, now - _KEEP_REQUESTS)
    if pictures or records:
        log.info("retention.forgot", pictures=pictures, records=records)
    return {"pictures": pictures, "records": records}


def _forget_records(db: Db, user_id: str, before: datetime) -> int:
    old_runs = list(
        db.scalars(
            select(FormRun.id)
            .where(FormRun.user_id == user_id, FormRun.state.not_in(runs.ACTIVE), FormRun.finished_at < before)
            .limit(_AT_ONCE)
        )
    )
    old_batches = list(
        db.scalars(select(Batch.id).where(Batch.user_id == user_id, Batch.finished_at < before).limit(_AT_ONCE))
    )
    db.execute(delete(EventRow).where(EventRow.job_id.in_([*old_runs, *old_batches])))
    db.execute(delete(FormRun).where(FormRun.id.in_(old_runs)))
    db.execute(delete(Batch).where(Batch.id.in_(old_batches)))
    return len(old_runs) + len(old_batches)


def _forget_pictures(before: dict[str, datetime]) -> int:
    """Removes the folders of runs that ended too long ago, and of runs that are not known any more."""
    folder = get_settings().home / "evidence"
    if not folder.is_dir():
        return 0
    names = [path.name for path in folder.iterdir() if path.is_dir()]
    with get_database().read() as db:
        known = {
            run_id: (user_id, finished_at)
            for run_id, user_id, finished_at in db.execute(
                select(FormRun.id, FormRun.user_id, FormRun.finished_at).where(FormRun.id.in_(names))
            )
        }
    old = [
        name
        for name in names
        if name not in known or ((ended := known[name][1]) is not None and ended < before.get(known[name][0], ended))
    ]
    for name in old:
        shutil.rmtree(folder / name)
    return len(old)
