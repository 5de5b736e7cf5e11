"""What a running server does all the time for its own operation: it measures itself, evaluates the alerts and calls people.

Every process measures. Evaluating and calling is done by one of them, whoever holds the lease; when it dies, another one takes
it within half a minute. The loop never ends by an error: what cannot be done now is said in the log and tried again.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Future
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sqlalchemy import distinct, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session as Db

from app import __version__
from app.accounts.models import SignIn
from app.database import get_database, get_operations_database
from app.kit import clock
from app.notifications import history
from app.notifications import service as notifications
from app.operations.alerts import calls, path_test, signals, unknown
from app.operations.alerts import service as alerts
from app.operations.alerts.engine import Change
from app.operations.incidents import service as incidents
from app.operations.logs.housekeeping import ROUND_SECONDS, tidy
from app.operations.slo import service as slo
from app.operations.slo.schemas import SloReport
from app.operations.thresholds import EVALUATE_SECONDS
from app.operations.watcher.plan import keep_plan
from app.telemetry import heartbeat, logs, metrics
from app.telemetry.logs import get_logger
from app.telemetry.models import Lease
from app.telemetry.queries import observe
from app.telemetry.sampler import process_name, sampling

_SEND_SECONDS, _CLEAN_SECONDS = 2.0, 86400.0
_MESSAGES_KEPT = timedelta(days=90)
_LEASE_NAME, _LEASE = "alerts", timedelta(seconds=2 * EVALUATE_SECONDS)
_ANSWERED_FOR = timedelta(seconds=4 * EVALUATE_SECONDS)
log = get_logger("backend")


class Duty:
    """The rounds of one process."""

    def __init__(self) -> None:
        self._sender = notifications.Sender()

    def round(self) -> list[Change]:
        """Evaluates once, if this process is the one to do it; answers what changed."""
        now = clock.now()
        with get_operations_database().write() as db:
            mine = hold_lease(db, now)
            last = evaluated_at(db)
        if not mine:
            if last is not None and now - last < _ANSWERED_FOR:
                heartbeat.beat("alerts")  # somebody evaluates them, and would call people
            return []
        samples = signals.collect(_objectives(now))
        with get_operations_database().write() as db:
            if not hold_lease(db, clock.now()):  # reading took longer than the lease: another process has evaluated
                return []
            samples += unknown.watch(db, samples, now, last)
            changes = alerts.evaluate(db, samples)
            calls.call(db, changes)
            path_test.begin(db, now)
            db.get_one(Lease, _LEASE_NAME).done_at = clock.now()
        heartbeat.beat("alerts")  # only now: who cannot evaluate calls nobody, and the watcher has to know
        keep_plan()
        return changes

    def send(self) -> list[Future[bool]]:
        """Begins to send what is due. Every process does: a message is taken by one of them."""
        return self._sender.begin(clock.now())

    def hear(self) -> None:
        """Hears who has acknowledged."""
        calls.hear_receipts(clock.now())

    def end(self) -> None:
        """Leaves what has not begun to other processes."""
        self._sender.close()

    def clean(self) -> None:
        """Forgets what is kept no longer."""
        before = clock.now() - _MESSAGES_KEPT
        more = True
        while more:
            with get_operations_database().write() as db:
                more = history.forget_old(db, before) > 0


def _objectives(now: datetime) -> SloReport | None:
    try:
        return slo.latest(now)
    except SQLAlchemyError as error:
        log.error("slo.unreadable", error=error)
        return None


def hold_lease(db: Db, now: datetime) -> bool:
    """Whether this process is the one that evaluates; it stays so for as long as it asks in time."""
    lease = db.get(Lease, _LEASE_NAME, with_for_update=True)
    if lease is None:
        lease = Lease(name=_LEASE_NAME, holder=process_name(), until=now)
        db.add(lease)
    if lease.holder != process_name() and lease.until > now:
        return False
    lease.holder, lease.until = process_name(), now + _LEASE
    return True


def release_lease(db: Db) -> None:
    """Lets another process take over at once."""
    lease = db.get(Lease, _LEASE_NAME, with_for_update=True)
    if lease is not None and lease.holder == process_name():
        lease.until = clock.now()


def evaluated_at(db: Db) -> datetime | None:
    """When some process last evaluated the alerts to the end."""
    lease = db.get(Lease, _LEASE_NAME)
    return None if lease is None else lease.done_at


def refresh_gauges() -> None:
    """Brings the gauges of people, incidents and logs up to date."""
    now = clock.now()
    with get_database().read() as db:
        alive = (SignIn.ended_at.is_(None)) & (SignIn.expires_at > now)
        metrics.SESSIONS.set(db.scalar(select(func.count()).select_from(SignIn).where(alive)) or 0)
        recent = select(func.count(distinct(SignIn.user_id))).where(
            alive, SignIn.rotated_at > now - timedelta(minutes=15)
        )
        metrics.USERS_ACTIVE.set(db.scalar(recent) or 0)
    with get_operations_database().read() as db:
        metrics.INCIDENTS.set(incidents.count_open(db))
    written = logs.stats()
    for fate, count in (("written", written.lines), ("dropped", written.dropped)):
        metrics.LOG_LINES.labels(fate).set(count)


@asynccontextmanager
async def on_duty() -> AsyncIterator[None]:
    """Measures, evaluates and calls for the time of the block."""
    duty = Duty()
    for database in (get_database(), get_operations_database()):
        observe(database)
    metrics.APP_INFO.labels(__version__).set(1)

    async with sampling(refresh_gauges):
        tasks = [
            asyncio.create_task(_every(seconds, name, work))
            for seconds, name, work in (
                (EVALUATE_SECONDS, "round", duty.round),
                (_SEND_SECONDS, "send", duty.send),
                (_SEND_SECONDS, "receipts", duty.hear),
                (_CLEAN_SECONDS, "clean", duty.clean),
                (ROUND_SECONDS, "logs", tidy),
            )
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            duty.end()
            heartbeat.stop("alerts")
            await asyncio.to_thread(_hand_over)


def _hand_over() -> None:
    try:
        with get_operations_database().write() as db:
            release_lease(db)
    except SQLAlchemyError as error:
        log.warning("duty.lease_kept", error=error)


async def _every(seconds: float, name: str, work: Callable[[], object]) -> None:
    """Does it again and again. An error is told once, and again only after it has worked in between."""
    told = False
    while True:
        try:
            await asyncio.to_thread(work)
            told = False
        except Exception as error:
            if not told:
                log.error("duty.failed", duty=name, error=error)
            told = True
        await asyncio.sleep(seconds)
