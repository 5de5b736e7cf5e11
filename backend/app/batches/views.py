"""From rows of batches to what the API says."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.batches import service
from app.batches.eta import eta_seconds
from app.batches.models import Batch, BatchAction, BatchVisit
from app.batches.schemas import Batch as BatchView
from app.batches.schemas import BatchAction as ActionView
from app.batches.schemas import BatchState, VisitState
from app.batches.schemas import BatchVisit as VisitView
from app.forms.models import FormRun, RunForm
from app.forms.schemas import PROVEN, Verdict
from app.kit.problems import FailureKind

_USUAL_FORMS = 8.0  # of a visit nothing is known about (Portal spec §8.2: mostly 8 or 6)


def batch_views(db: Db, batches: Sequence[Batch]) -> list[BatchView]:
    """Batches with their visits and actions, in a fixed number of queries."""
    ids = [batch.id for batch in batches]
    visits = service.visits_of(db, ids)
    run_ids = [visit.run_id for items in visits.values() for visit in items]
    started = {run.id: run for run in db.scalars(select(FormRun).where(FormRun.id.in_(run_ids)))}
    forms: dict[str, list[RunForm]] = {run_id: [] for run_id in run_ids}
    for form in db.scalars(select(RunForm).where(RunForm.run_id.in_(run_ids))):
        forms[form.run_id].append(form)
    actions: dict[str, list[ActionView]] = {batch_id: [] for batch_id in ids}
    for action in db.scalars(select(BatchAction).where(BatchAction.batch_id.in_(ids)).order_by(BatchAction.id)):
        actions[action.batch_id].append(ActionView.model_validate(action))
    measured = {user_id: service.measured_seconds(db, user_id) for user_id in {batch.user_id for batch in batches}}
    return [
        _batch(
            batch,
            [_visit(visit, started.get(visit.run_id), forms[visit.run_id]) for visit in visits[batch.id]],
            actions[batch.id],
            measured[batch.user_id],
        )
        for batch in batches
    ]


def _batch(batch: Batch, visits: list[VisitView], actions: list[ActionView], measured: Sequence[float]) -> BatchView:
    return BatchView(
        id=batch.id,
        name=batch.name,
        state=BatchState(batch.state),
        asked_by=batch.asked_by,
        asked_at=batch.asked_at,
        started_at=batch.started_at,
        finished_at=batch.finished_at,
        wake_at=batch.wake_at,
        wake_why=batch.wake_why,
        retry_of=batch.retry_of,
        error_kind=FailureKind(batch.error_kind) if batch.error_kind else None,
        error_code=batch.error_code,
        error_detail=batch.error_detail,
        error_action=batch.error_action,
        eta_seconds=_eta(visits, measured) if batch.state not in service.OVER else None,
        visits=visits,
        actions=actions,
    )


def _eta(visits: Sequence[VisitView], measured: Sequence[float]) -> float | None:
    left = [visit for visit in visits if visit.state in (VisitState.waiting, VisitState.running)]
    planned = [visit for visit in visits if visit.forms]
    per_visit = sum(visit.forms for visit in planned) / len(planned) if planned else _USUAL_FORMS
    forms_left = sum(visit.forms - visit.verified - visit.needs_person - visit.not_done for visit in left)
    return eta_seconds(measured, forms_left, sum(not visit.forms for visit in left), per_visit)


def _visit(visit: BatchVisit, run: FormRun | None, forms: Sequence[RunForm]) -> VisitView:
    seconds = None
    if run is not None and run.started_at is not None and run.finished_at is not None:
        seconds = round((run.finished_at - run.started_at).total_seconds(), 2)
    return VisitView(
        position=visit.position,
        visit_id=visit.visit_id,
        work_id=visit.work_id,
        store=visit.store,
        chain=visit.chain,
        city=visit.city,
        date=visit.date,
        run_id=visit.run_id if run is not None else None,
        state=VisitState(visit.state),
        reason=visit.reason,
        what_to_do=visit.what_to_do,
        forms=len(forms),
        verified=sum(form.verdict in PROVEN for form in forms),
        needs_person=sum(form.verdict == Verdict.needs_human.value for form in forms),
        not_done=sum(form.verdict == Verdict.not_done.value for form in forms),
        seconds=seconds,
    )
