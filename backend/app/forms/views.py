"""From rows of a run to what the API says."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.forms.evidence import shot_path
from app.forms.models import FormRun, LedgerEntry, RunForm
from app.forms.schemas import Evidence, FormAction, RunState, StepState, StepView, Verdict
from app.forms.schemas import FormRun as FormRunView
from app.forms.schemas import RunForm as RunFormView
from app.kit.problems import FailureKind


def run_views(db: Db, runs: Sequence[FormRun]) -> list[FormRunView]:
    """Runs with their forms and steps, in two queries for all of them."""
    by_run: dict[str, list[RunForm]] = {run.id: [] for run in runs}
    forms = select(RunForm).where(RunForm.run_id.in_(by_run)).order_by(RunForm.position)
    for form in db.scalars(forms):
        by_run[form.run_id].append(form)
    by_form: dict[str, list[LedgerEntry]] = {form.id: [] for items in by_run.values() for form in items}
    for entry in db.scalars(
        select(LedgerEntry).where(LedgerEntry.run_form_id.in_(by_form)).order_by(LedgerEntry.position)
    ):
        by_form[entry.run_form_id].append(entry)
    return [_run(run, [_form(form, by_form[form.id]) for form in by_run[run.id]]) for run in runs]


def _run(run: FormRun, forms: list[RunFormView]) -> FormRunView:
    seconds = None
    if run.started_at is not None and run.finished_at is not None:
        seconds = round((run.finished_at - run.started_at).total_seconds(), 2)
    return FormRunView(
        id=run.id,
        batch_id=run.batch_id,
        visit_id=run.visit_id,
        work_id=run.work_id,
        store=run.store,
        form_type=run.form_type,
        state=RunState(run.state),
        asked_by=run.asked_by,
        asked_at=run.asked_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        seconds=seconds,
        error_kind=FailureKind(run.error_kind) if run.error_kind else None,
        error_code=run.error_code,
        error_detail=run.error_detail,
        error_action=run.error_action,
        forms=forms,
    )


def _form(form: RunForm, entries: Sequence[LedgerEntry]) -> RunFormView:
    return RunFormView(
        position=form.position,
        dispenser=form.dispenser,
        action=FormAction(form.action),
        entry_id=form.entry_id,
        entry_url=form.entry_url,
        running=form.running,
        verdict=Verdict(form.verdict) if form.verdict else None,
        reason=form.reason,
        what_to_do=form.what_to_do,
        seconds=form.seconds,
        steps=[
            StepView(key=e.key, label=e.label, state=StepState(e.state), wanted=e.wanted, found=e.found)
            for e in entries
        ],
        evidence=_evidence(form),
    )


def _evidence(form: RunForm) -> Evidence | None:
    if form.evidence is None:
        return None
    shots = [
        {**shot, "kept": shot_path(form.run_id, form.position, shot["name"]).exists()}
        for shot in form.evidence.get("shots", ())
    ]
    return Evidence.model_validate({"readings": [], **form.evidence, "shots": shots})
