"""The durable synchronisation: sign in, the whole work list, then locations that are new or stale, then provers.

Each step answers with plain data and can be repeated: storing is an upsert. A failed, truncated, empty or foreign list
stores nothing at all. A location that cannot be read is named and leaves what is known about it untouched.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from dbos import DBOS

from app.activity.queue import engine_gave_up, enqueue, interruptible
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.config import get_settings
from app.connection.failures import INTERRUPTED, Failure, failure_of, log_failure
from app.connection.sessions import sessions
from app.database import get_database
from app.kit import clock
from app.kit.problems import FailureKind
from app.portal.errors import LocationGone
from app.portal.pages.fleet import read_provers
from app.portal.pages.location import read_location
from app.portal.pages.work_list import read_work_list
from app.portal.records import WorkList
from app.provers.service import store_provers
from app.sync import service
from app.sync.models import SyncRun
from app.telemetry import metrics
from app.work import store

_TRIES = 2
# So many failures in a row mean that the portal is in trouble, not the location.
_IN_A_ROW = 3
T = TypeVar("T")


@DBOS.workflow(name=service.WORKFLOW)
async def sync(sync_id: str) -> str:
    """Runs one stored sync to its end; answers its final state."""
    async with interruptible():
        try:
            begun = await begin_sync(sync_id)
            if begun is None:
                return "over"
            user_id = begun["user_id"]
            listed = await read_list(sync_id, user_id)
            if "failure" in listed:
                return await settle_sync(sync_id, listed["failure"])
            failure = await _read_locations(sync_id, user_id, listed["locations"])
            if failure is None:
                failure = (await read_fleet(sync_id, user_id)).get("failure")
            return await settle_sync(sync_id, failure)
        except Exception as error:
            return await settle_sync(sync_id, log_failure("sync.failed", error, sync_id).as_dict())
        finally:
            await sessions.close(sync_id)


async def _read_locations(sync_id: str, user_id: str, pending: list[list[Any]]) -> dict[str, Any] | None:
    """Reads locations one after the other; a failure of the whole portal ends it early and is answered."""
    in_a_row = 0
    for index, (location_id, store_label) in enumerate(pending, start=1):
        outcome = await read_one_location(sync_id, user_id, location_id, store_label, index, len(pending))
        failure = outcome.get("failure")
        if failure is None:
            in_a_row = 0
            continue
        in_a_row += failure["kind"] == FailureKind.transient
        if Failure.from_dict(failure).stops_everything or in_a_row >= _IN_A_ROW:
            return dict(failure)
    return None


def _report(sync_id: str, user_id: str) -> Reporter:
    return Reporter(user_id, JobKind.sync, sync_id)


@DBOS.step()
async def begin_sync(sync_id: str) -> dict[str, str] | None:
    def work() -> dict[str, str] | None:
        with get_database().write() as db:
            run = service.begin(db, sync_id)
            if run is None:
                return None
            service.reporter(run).tell_in(db, "phase", "Starting", phase="starting")
            return {"user_id": run.user_id}

    return await asyncio.to_thread(work)


@DBOS.step()
async def read_list(sync_id: str, user_id: str) -> dict[str, Any]:
    """Reads every page of the open work orders and stores them in one transaction; answers the locations to read."""
    report = _report(sync_id, user_id)

    async def on_page(page: int, rows: int, matches: int | None) -> None:
        of = f" of {matches}" if matches is not None else ""
        await report.atell("page", f"Work list: {rows}{of} work orders", page=page, done=rows, total=matches)

    try:
        session = await sessions.get(sync_id, user_id, report)
        await report.atell("phase", "Reading the work list", phase="work_list")
        work_list = await _with_retries(lambda: read_work_list(session, on_page=on_page))
        return await asyncio.to_thread(_store_list, sync_id, user_id, work_list)
    except Exception as error:
        return {"failure": log_failure("sync.list_failed", error, sync_id).as_dict()}


def _store_list(sync_id: str, user_id: str, work_list: WorkList) -> dict[str, Any]:
    now = clock.now()
    with get_database().write() as db:
        run = db.get_one(SyncRun, sync_id)
        known = store.count_open(db, user_id)
        if not work_list.work_orders and known > 0 and not run.accept_empty:
            failure = Failure(
                FailureKind.business,
                "list_empty",
                f"The portal shows no open work orders, but {known} were open before. Nothing was changed.",
                "Look at the work list in the portal. If it really is empty, run: fossawork sync --accept-empty.",
            )
            return {"failure": failure.as_dict()}
        counts = store.store_work_orders(db, user_id, work_list.work_orders, now)
        run.work_orders = len(work_list.work_orders)
        run.added, run.changed, run.unchanged = counts.added, counts.changed, counts.unchanged
        run.missing, run.returned = counts.missing, counts.returned
        for change in ("added", "changed", "unchanged", "missing", "returned"):
            metrics.WORK_ORDERS.labels(change).inc(getattr(counts, change))
        stale = now if run.refresh_locations else now - timedelta(days=get_settings().location_days)
        pending = store.locations_to_read(db, user_id, stale)
        run.locations_total, run.locations_read, run.locations_failed, run.dispensers = len(pending), 0, 0, 0
        service.reporter(run).tell_in(
            db,
            "phase",
            f"{run.work_orders} work orders stored, {len(pending)} locations to read",
            phase="locations",
            done=0,
            total=len(pending),
        )
    return {"locations": [list(item) for item in pending]}


@DBOS.step()
async def read_one_location(
    sync_id: str, user_id: str, location_id: int, store_label: str, index: int, total: int
) -> dict[str, Any]:
    report = _report(sync_id, user_id)
    try:
        session = await sessions.get(sync_id, user_id, report)
        page = await _with_retries(lambda: read_location(session, location_id))
    except Exception as error:
        failure = log_failure("sync.location_failed", error, sync_id, location_id=location_id)
        expected = isinstance(error, LocationGone)
        return await asyncio.to_thread(
            _store_location_failure, sync_id, user_id, location_id, store_label, failure, index, total, expected
        )

    def work() -> None:
        with get_database().write() as db:
            count = store.store_location(db, user_id, location_id, page.dispensers, clock.now())
            run = db.get_one(SyncRun, sync_id)
            run.locations_read = (run.locations_read or 0) + 1
            run.dispensers = (run.dispensers or 0) + count
            metrics.DISPENSERS.inc(count)
            report.tell_in(
                db,
                "location",
                f"Location {index} of {total}: {store_label}, {count} dispensers",
                done=index,
                total=total,
                location_id=location_id,
                store=store_label,
            )

    await asyncio.to_thread(work)
    return {}


def _store_location_failure(
    sync_id: str, user_id: str, location_id: int, label: str, failure: Failure, index: int, total: int, expected: bool
) -> dict[str, Any]:
    with get_database().write() as db:
        store.store_location_failure(db, user_id, location_id, failure.code, failure.detail, clock.now())
        run = db.get_one(SyncRun, sync_id)
        run.locations_failed = (run.locations_failed or 0) + (not expected)
        _report(sync_id, user_id).tell_in(
            db,
            "location",
            f"Location {index} of {total}: {label} could not be read",
            done=index,
            total=total,
            location_id=location_id,
            store=label,
            failure=failure.as_dict(),
        )
    return {"failure": failure.as_dict()}


@DBOS.step()
async def read_fleet(sync_id: str, user_id: str) -> dict[str, Any]:
    """The technician's provers; without them forms can be planned, but not run."""
    report = _report(sync_id, user_id)
    try:
        session = await sessions.get(sync_id, user_id, report)
        await report.atell("phase", "Reading the provers", phase="provers")
        fleet = await _with_retries(lambda: read_provers(session))
    except Exception as error:
        return {"failure": log_failure("sync.provers_failed", error, sync_id).as_dict()}

    def work() -> None:
        with get_database().write() as db:
            db.get_one(SyncRun, sync_id).provers = store_provers(db, user_id, fleet.provers, clock.now())

    await asyncio.to_thread(work)
    return {}


@DBOS.step()
async def settle_sync(sync_id: str, failure: dict[str, Any] | None) -> str:
    def work() -> str:
        with get_database().write() as db:
            run = service.settle(db, sync_id, Failure.from_dict(failure) if failure else None)
            if run is None:
                return "over"
            type_ = "failed" if run.state == "failed" else "finished"
            data = failure or {}
            service.reporter(run).tell_in(db, type_, _closing_words(run), state=run.state, **data)
            return run.state

    return await asyncio.to_thread(work)


def _closing_words(run: SyncRun) -> str:
    if run.state == "failed":
        return run.error_detail or "The synchronisation failed."
    words = f"{run.work_orders} work orders, {run.locations_read} locations read"
    return words + (f", {run.locations_failed} could not be read" if run.locations_failed else "")


async def _with_retries(attempt: Callable[[], Awaitable[T]]) -> T:
    """One more try for what may pass by itself; everything else is answered at once."""
    for number in range(1, _TRIES + 1):
        try:
            return await attempt()
        except Exception as error:
            if number == _TRIES or failure_of(error).kind is not FailureKind.transient:
                raise
    raise AssertionError("unreachable: the last try returns or raises")


def take_up() -> None:
    """Hands stored runs to the engine that never reached it; the ones it has already are left alone."""
    with get_database().read() as db:
        runs = service.stored_but_active(db)
    for run in runs:
        if not engine_gave_up(run.id):
            enqueue(service.WORKFLOW, run.id, run.user_id)
            continue
        with get_database().write() as db:
            if (over := service.settle(db, run.id, INTERRUPTED)) is not None:
                service.reporter(over).tell_in(
                    db, "failed", INTERRUPTED.detail, state=over.state, **INTERRUPTED.as_dict()
                )
