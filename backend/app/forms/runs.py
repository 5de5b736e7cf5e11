"""The life of a run: asked for, under way, parked, ended. Every change of state asks what the state is (house rule 9)."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.connection.failures import Failure
from app.connection.service import note_refusal
from app.forms import service
from app.forms.compare import PROVER_SIZE, wanted_text
from app.forms.models import FormRun, LedgerEntry, RunForm
from app.forms.plan_records import Plan
from app.forms.schemas import PROVEN, FormAction, FormPlan, PlanChoices, RunState, StepState, Verdict
from app.forms.templates import group_text
from app.kit import clock
from app.kit.ids import new_id
from app.kit.problems import Conflict, NotFound
from app.telemetry import metrics
from app.work.service import dispensers_of, find_visit, set_forms_progress

ACTIVE = tuple(
    state.value
    for state in (
        RunState.queued,
        RunState.running,
        RunState.pausing,
        RunState.paused,
        RunState.skipping,
        RunState.stopping,
    )
)


class PlanChanged(Conflict):
    code = "plan_changed"
    title = "The plan is another one by now"


class NothingToRun(Conflict):
    code = "nothing_to_run"
    title = "There is nothing to prepare"


class RunActive(Conflict):
    code = "run_active"
    title = "The forms of this visit are being prepared"


def run_reporter(run: FormRun) -> Reporter:
    return Reporter(run.user_id, JobKind.form_run, run.id)


def request_run(
    db: Db, user: User, visit_id: int, digest: str, choices: PlanChoices, asked_by: str, *, batch_id: str
) -> FormRun:
    """Stores a run of exactly the plan that was shown, as a part of a batch."""
    view, plan = service.read_plan(db, user, visit_id, choices)
    if view.digest != digest:
        raise PlanChanged(
            "Since this plan was shown, the visit, its dispensers or your provers have changed.",
            "Look at the new plan and start again.",
        )
    if not view.can_run:
        raise NothingToRun("This plan has no form that can be prepared.", "Read the plan's warnings and questions.")
    return store_run(db, user, visit_id, plan, asked_by, run_id=new_id(), batch_id=batch_id)


def store_run(db: Db, user: User, visit_id: int, plan: Plan, asked_by: str, *, run_id: str, batch_id: str) -> FormRun:
    """Stores a run of a plan. :class:`RunActive` when another one works on the visit."""
    order, visit = find_visit(db, user.id, visit_id)
    run = FormRun(
        id=run_id,
        batch_id=batch_id,
        user_id=user.id,
        visit_id=visit.visit_id,
        work_id=order.work_id,
        visit_url=visit.url,
        store=order.store,
        form_type=plan.form_type,
        dispensers_known=len(dispensers_of(db, user.id, order.location_id)),
        state=RunState.queued.value,
        asked_by=asked_by,
        asked_at=clock.now(),
    )
    try:
        with db.begin_nested():
            db.add(run)
    except IntegrityError as error:
        raise RunActive("Another run works on this visit.", "Wait for it to finish, or stop it.") from error
    for position, form in enumerate(plan.forms):
        _add_form(db, run, position, form)
    _update_progress(db, run)
    return run


def _add_form(db: Db, run: FormRun, position: int, plan: FormPlan) -> None:
    settled = {FormAction.done: Verdict.already_done.value, FormAction.ask: Verdict.needs_human.value}.get(plan.action)
    form = RunForm(
        id=new_id(),
        run_id=run.id,
        position=position,
        dispenser=plan.dispenser,
        numbers=plan.numbers,
        action=plan.action.value,
        plan=plan.model_dump(mode="json"),
        entry_id=plan.entry_id,
        running=False,
        verdict=settled,
        reason=plan.reasons[0] if settled else None,
        what_to_do="Open the visit in the portal and decide." if plan.action is FormAction.ask else None,
    )
    db.add(form)
    db.flush()
    if settled is not None:
        return
    steps = [("equipment", "Dispenser and prover size", f"{plan.dispenser} · {PROVER_SIZE}")]
    steps += [(f"grade:{index}", grade.grade, wanted_text(grade)) for index, grade in enumerate(plan.grades)]
    steps += [
        (f"readings:{group.group}", f"{group.grade}, side {group.side}", group_text(group)) for group in plan.readings
    ]
    for number, (key, label, wanted) in enumerate(steps):
        db.add(
            LedgerEntry(
                id=new_id(),
                run_form_id=form.id,
                position=number,
                key=key,
                label=label,
                wanted=wanted,
                state=StepState.waiting.value,
            )
        )


def forms_of(db: Db, run_id: str) -> list[RunForm]:
    return list(db.scalars(select(RunForm).where(RunForm.run_id == run_id).order_by(RunForm.position)))


def find_run(db: Db, user_id: str, run_id: str) -> FormRun:
    run = db.get(FormRun, run_id)
    if run is None or run.user_id != user_id:
        raise NotFound("There is no such run among yours.", "Look at the visit's runs.")
    return run


def runs_of_visit(db: Db, user_id: str, visit_id: int) -> list[FormRun]:
    find_visit(db, user_id, visit_id)
    query = select(FormRun).where(FormRun.user_id == user_id, FormRun.visit_id == visit_id).order_by(FormRun.id.desc())
    return list(db.scalars(query.limit(20)))


def begin_run(db: Db, run_id: str) -> list[int] | None:
    """Starts or goes on with a run: the positions that have no verdict yet; ``None`` when it is not to work now."""
    run = db.get(FormRun, run_id, with_for_update=True)
    if run is None or run.state not in (RunState.queued.value, RunState.paused.value, RunState.running.value):
        return None
    if run.state != RunState.running.value:
        run.state = RunState.running.value
        run_reporter(run).tell_in(db, "phase", "Starting", phase="starting", state=run.state)
    run.started_at = run.started_at or clock.now()
    return [form.position for form in forms_of(db, run_id) if form.verdict is None]


def park_run(db: Db, run: FormRun) -> None:
    """Nobody works on the run for now; it goes on from here later."""
    if run.state in (RunState.queued.value, RunState.running.value, RunState.pausing.value):
        run.state = RunState.paused.value
        for form in forms_of(db, run.id):
            form.running = False
        run_reporter(run).tell_in(db, "phase", "Paused", phase="paused", state=run.state)


def wish(db: Db, run: FormRun, state: RunState) -> None:
    """Notes that a run under way shall pause, skip or stop; it does before its next write to the portal."""
    if run.state in ACTIVE:
        run.state = state.value
        words = {RunState.pausing: "Pausing", RunState.skipping: "Skipping", RunState.stopping: "Stopping"}
        told = words.get(state, "Going on")
        run_reporter(run).tell_in(db, "phase", told, phase=state.value, state=state.value)


_NOT_REACHED = {
    RunState.stopping.value: (RunState.stopped, "Stopped before this form was finished; what was saved stays."),
    RunState.skipping.value: (RunState.skipped, "The visit was skipped before this form was finished."),
}


def settle_run(db: Db, run_id: str, failure: Failure | None) -> str:
    """Brings a run to its end, with a verdict for every form; an end is never changed again."""
    run = db.get(FormRun, run_id, with_for_update=True)
    if run is None:
        return RunState.failed.value
    if run.state not in ACTIVE:
        return run.state
    run.finished_at = clock.now()
    ending, reason = _NOT_REACHED.get(run.state, (RunState.finished, "The run ended before this form."))
    if failure is not None:
        ending = RunState.failed
        run.error_kind, run.error_code = failure.kind.value, failure.code
        run.error_detail, run.error_action = failure.detail, failure.action
    run.state = ending.value
    note_refusal(db, run.user_id, failure)
    forms = forms_of(db, run_id)
    for form in forms:
        form.running = False
        if form.verdict is None:
            form.verdict, form.reason = Verdict.not_done.value, reason
        metrics.FORMS.labels(form.verdict).inc()
    metrics.JOBS.labels("form_run", run.state).inc()
    update_progress(db, run)
    proven = sum(form.verdict in PROVEN for form in forms)
    run_reporter(run).tell_in(
        db,
        "finished" if failure is None else "failed",
        f"{proven} of {len(forms)} forms proven",
        **{**(failure.as_dict() if failure is not None else {}), "state": run.state},
    )
    return run.state


def update_progress(db: Db, run: FormRun) -> None:
    """Brings what the week shows of this visit up to date."""
    db.flush()
    _update_progress(db, run)


def _update_progress(db: Db, run: FormRun) -> None:
    forms = forms_of(db, run.id)
    set_forms_progress(
        db,
        run.user_id,
        run.visit_id,
        wanted=len(forms),
        verified=sum(form.verdict in PROVEN for form in forms),
        need_person=sum(form.verdict == Verdict.needs_human.value for form in forms),
    )
