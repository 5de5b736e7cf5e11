"""Use cases of synchronisation that need no browser: ask for one, look at history, store what was read."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.accounts.links import NoLink
from app.accounts.models import PortalLink
from app.accounts.schemas import LinkState
from app.activity.schemas import JobKind
from app.activity.service import Reporter, last_event, note_request
from app.connection.failures import Failure
from app.connection.service import note_refusal
from app.kit import clock
from app.kit.ids import new_id
from app.kit.pagination import make_cursor, read_cursor
from app.kit.problems import Conflict, FailureKind, NotFound
from app.sync.models import SyncRun
from app.sync.schemas import SyncCounts, SyncPage, SyncState, SyncStatus
from app.sync.schemas import SyncRun as SyncRunView
from app.telemetry import metrics
from app.work.models import Freshness
from app.work.service import mark_running, mark_settled

WORKFLOW = "sync"
ACTIVE = (SyncState.queued.value, SyncState.running.value)


class SyncRunning(Conflict):
    code = "already_running"
    title = "A synchronisation is under way"


class LinkNotUsable(Conflict):
    code = "link_not_usable"
    title = "The WorkFossa account cannot be used"


def request_sync(
    db: Db, user_id: str, asked_by: str, *, refresh_locations: bool = False, accept_empty: bool = False
) -> SyncRun:
    """Stores the wish for a sync. The caller commits, then hands its id to the engine."""
    link = db.get(PortalLink, user_id)
    if link is None:
        raise NoLink("There is nothing to synchronise with yet.", "Connect your WorkFossa account in Settings.")
    if link.state == LinkState.rejected:
        raise LinkNotUsable(
            link.error_detail or "WorkFossa refused the stored credentials.",
            link.error_action or "Enter the WorkFossa password again in Settings.",
        )
    if active_sync(db, user_id) is not None:
        raise SyncRunning("A synchronisation of your work is under way.", "Wait for it to finish, or follow it here.")
    run = SyncRun(
        id=new_id(),
        user_id=user_id,
        state=SyncState.queued.value,
        asked_by=asked_by,
        asked_at=clock.now(),
        refresh_locations=refresh_locations,
        accept_empty=accept_empty,
    )
    db.add(run)
    note_request(db, run.id)
    db.flush()
    return run


def active_sync(db: Db, user_id: str) -> SyncRun | None:
    query = select(SyncRun).where(SyncRun.user_id == user_id, SyncRun.state.in_(ACTIVE)).order_by(SyncRun.id.desc())
    return db.scalars(query.limit(1)).first()


def stored_but_active(db: Db) -> list[SyncRun]:
    """Runs that should be in the engine's hands."""
    return list(db.scalars(select(SyncRun).where(SyncRun.state.in_(ACTIVE))))


def reporter(run: SyncRun) -> Reporter:
    return Reporter(run.user_id, JobKind.sync, run.id)


def begin(db: Db, sync_id: str) -> SyncRun | None:
    """Moves a run from queued to running; ``None`` when it is over already (terminal states are never left)."""
    run = db.get(SyncRun, sync_id, with_for_update=True)
    if run is None or run.state not in ACTIVE:
        return None
    now = clock.now()
    run.state, run.started_at = SyncState.running.value, run.started_at or now
    mark_running(db, run.user_id, now)
    return run


def settle(db: Db, sync_id: str, failure: Failure | None) -> SyncRun | None:
    """Ends a run: succeeded, partial (list stored, something after it failed) or failed; ``None`` when it was over."""
    run = db.get(SyncRun, sync_id, with_for_update=True)
    if run is None or run.state not in ACTIVE:
        return None
    now = clock.now()
    list_stored = run.work_orders is not None
    run.finished_at = now
    if failure is None and not run.locations_failed:
        run.state = SyncState.succeeded.value
    else:
        run.state = SyncState.partial.value if list_stored else SyncState.failed.value
    if failure is not None:
        run.error_kind, run.error_code = failure.kind.value, failure.code
        run.error_detail, run.error_action = failure.detail, failure.action
    metrics.SYNCS.labels(run.state).inc()
    run.seconds = max(0.0, (now - run.asked_at).total_seconds())
    metrics.SYNC_SECONDS.observe(run.seconds)
    metrics.JOBS.labels("sync", run.state).inc()
    note_refusal(db, run.user_id, failure)
    mark_settled(db, run.user_id, now, succeeded=list_stored)
    return run


def find_run(db: Db, user_id: str, sync_id: str) -> SyncRun:
    run = db.get(SyncRun, sync_id)
    if run is None or run.user_id != user_id:
        raise NotFound("There is no such synchronisation among yours.", "Look at the history.")
    return run


def history(db: Db, user_id: str, cursor: str | None, limit: int) -> SyncPage:
    query = select(SyncRun).where(SyncRun.user_id == user_id).order_by(SyncRun.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(SyncRun.id < read_cursor(cursor, str)[0])
    runs = list(db.scalars(query))
    shown = runs[:limit]
    return SyncPage(
        items=[view(db, run) for run in shown],
        next_cursor=make_cursor(shown[-1].id) if len(runs) > limit else None,
    )


def sync_status(db: Db, user_id: str) -> SyncStatus:
    running = active_sync(db, user_id)
    query = select(SyncRun).where(SyncRun.user_id == user_id, SyncRun.state.not_in(ACTIVE)).order_by(SyncRun.id.desc())
    last = db.scalars(query.limit(1)).first()
    freshness = db.get(Freshness, user_id)
    why_not = _why_not(db.get(PortalLink, user_id), running)
    return SyncStatus(
        running=view(db, running) if running else None,
        last=view(db, last) if last else None,
        last_success_at=freshness.last_success_at if freshness else None,
        can_run=why_not is None,
        why_not=why_not,
    )


def _why_not(link: PortalLink | None, running: SyncRun | None) -> str | None:
    if link is None:
        return "No WorkFossa account is connected. Connect it in Settings."
    if link.state == LinkState.rejected:
        return "WorkFossa refused the stored password. Enter it again in Settings."
    return "A synchronisation is under way." if running else None


def view(db: Db, run: SyncRun) -> SyncRunView:
    event = last_event(db, run.id) if run.state in ACTIVE else None
    end: datetime | None = run.finished_at
    return SyncRunView(
        id=run.id,
        state=SyncState(run.state),
        asked_by=run.asked_by,
        asked_at=run.asked_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        seconds=round((end - run.started_at).total_seconds(), 2) if end and run.started_at else None,
        counts=SyncCounts.model_validate(run),
        error_kind=FailureKind(run.error_kind) if run.error_kind else None,
        error_code=run.error_code,
        error_detail=run.error_detail,
        error_action=run.error_action,
        progress=event.message if event else None,
        done=event.data.get("done") if event else None,
        total=event.data.get("total") if event else None,
    )
