"""Use cases of forms that need no browser: ask for a check, make the plan, ask for a run, show what came of it."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.forms.compare import PROVER_SIZE, wanted_text
from app.forms.models import FormRun, LedgerEntry, RunForm, VisitCheckJob, VisitSnapshot
from app.forms.plan import Answer, ExistingForm, KnownDispenser, Plan, PlanInput, answers_of, make_plan
from app.forms.schemas import FormAction, FormPlan, GradeChoice, RunState, StepState, Verdict, VisitPlan
from app.kit import clock
from app.kit.ids import new_id
from app.kit.problems import Conflict, NotFound
from app.portal.records import VisitPage
from app.provers.service import any_unconfirmed, settings_of
from app.work.models import Visit, WorkOrder
from app.work.service import dispensers_of, find_visit, location_of, set_forms_progress

RUN_WORKFLOW = "form_run"
CHECK_WORKFLOW = "visit_check"
ACTIVE = (RunState.queued.value, RunState.running.value, RunState.stopping.value)
# Older than this, what was read of a visit is read again before it is planned on.
_DONE = (Verdict.verified.value, Verdict.already_done.value)


class NotChecked(Conflict):
    code = "not_checked"
    title = "The visit's forms were not read yet"


class PlanChanged(Conflict):
    code = "plan_changed"
    title = "The plan is another one by now"


class NothingToRun(Conflict):
    code = "nothing_to_run"
    title = "There is nothing to prepare"


class RunActive(Conflict):
    code = "run_active"
    title = "The forms of this visit are being prepared"


def request_check(db: Db, user_id: str, visit_id: int) -> VisitCheckJob:
    """Stores the wish to read the visit's forms. The caller commits, then hands its id to the engine."""
    find_visit(db, user_id, visit_id)
    job = VisitCheckJob(id=new_id(), user_id=user_id, visit_id=visit_id, state="queued", asked_at=clock.now())
    db.add(job)
    db.flush()
    return job


def check_reporter(job: VisitCheckJob) -> Reporter:
    return Reporter(job.user_id, JobKind.visit_check, job.id)


def run_reporter(run: FormRun) -> Reporter:
    return Reporter(run.user_id, JobKind.form_run, run.id)


def store_snapshot(db: Db, user_id: str, visit_id: int, page: VisitPage) -> None:
    """Keeps what the visit page showed, for the plan."""
    snapshot = _snapshot(db, user_id, visit_id)
    if snapshot is None:
        snapshot = VisitSnapshot(id=new_id(), user_id=user_id, visit_id=visit_id)
        db.add(snapshot)
    snapshot.read_at = clock.now()
    snapshot.forms = [
        {"entry_id": form.entry_id, "form_type": form.form_type, "numbers": list(form.numbers), "status": form.status}
        for form in page.forms
    ]
    snapshot.suggested = [{"form_type": item.form_type, "attached": item.attached} for item in page.suggested]


def _snapshot(db: Db, user_id: str, visit_id: int) -> VisitSnapshot | None:
    return db.scalar(select(VisitSnapshot).where(VisitSnapshot.user_id == user_id, VisitSnapshot.visit_id == visit_id))


def _existing_forms(db: Db, snapshot: VisitSnapshot) -> tuple[ExistingForm, ...]:
    proven = _proven(db, snapshot.user_id, snapshot.visit_id)
    return tuple(
        ExistingForm(
            form["entry_id"], form["form_type"], tuple(form["numbers"]), form["status"], proven.get(form["entry_id"])
        )
        for form in snapshot.forms
    )


def _proven(db: Db, user_id: str, visit_id: int) -> dict[int, tuple[Answer, ...]]:
    """What the newest run that touched a form read back from it, for forms whose last verdict is good."""
    query = (
        select(RunForm)
        .join(FormRun, FormRun.id == RunForm.run_id)
        .where(FormRun.user_id == user_id, FormRun.visit_id == visit_id, RunForm.entry_id.is_not(None))
        .order_by(FormRun.id)
    )
    proven: dict[int, tuple[Answer, ...]] = {}
    for form in db.scalars(query):
        entry_id = form.entry_id or 0
        if form.verdict in _DONE and form.evidence is None:
            continue  # nothing was read back this time: what an earlier run proved still counts, nothing new does
        if form.verdict in _DONE:
            proven[entry_id] = answers_of(FormPlan.model_validate(form.plan).grades)
        else:
            proven.pop(entry_id, None)
    return proven


def plan_input(db: Db, user: User, order: WorkOrder, existing: tuple[ExistingForm, ...]) -> PlanInput:
    """All that the plan depends on, read from the tables."""
    location = location_of(db, user.id, order.location_id)
    dispensers = None
    if location is not None and location.read_at is not None:
        rows = dispensers_of(db, user.id, order.location_id)
        dispensers = tuple(KnownDispenser(row.label, tuple(row.numbers), tuple(row.grades)) for row in rows)
    return PlanInput(
        services=tuple((line["code"], line["quantity"]) for line in order.services),
        instructions=order.instructions,
        dispensers=dispensers,
        existing=existing,
        provers=tuple(settings_of(db, user.id)),
        ethanol_free_by_position=user.auto_position_ethanol_free,
        provers_confirmed=not any_unconfirmed(db, user.id),
    )


def read_plan(db: Db, user: User, visit_id: int, choices: Sequence[GradeChoice] = ()) -> tuple[VisitPlan, Plan]:
    """The plan on what the portal showed last; :class:`NotChecked` when it was never asked."""
    order, _ = find_visit(db, user.id, visit_id)
    snapshot = _snapshot(db, user.id, visit_id)
    if snapshot is None or snapshot.read_at is None:
        raise NotChecked(
            f"What forms visit {visit_id} has is not known yet, and a plan without that would guess.",
            "Read the visit's forms from the portal first.",
        )
    given = plan_input(db, user, order, _existing_forms(db, snapshot))
    base = make_plan(given)
    plan = make_plan(given, choices) if choices else base
    view = VisitPlan(
        visit_id=visit_id,
        work_id=order.work_id,
        digest=base.digest(),
        form_type=plan.form_type,
        code=plan.code,
        store=order.store,
        checked_at=snapshot.read_at,
        wanted=plan.wanted,
        existing=plan.existing,
        to_create=plan.count(FormAction.create),
        to_write=plan.count(FormAction.create, FormAction.fill, FormAction.resume),
        already_done=plan.count(FormAction.done),
        to_ask=plan.count(FormAction.ask),
        can_run=plan.can_run,
        warnings=plan.warnings,
        unresolved=plan.unresolved,
        forms=plan.forms,
    )
    return view, plan


def request_run(
    db: Db, user: User, visit_id: int, digest: str, choices: Sequence[GradeChoice], asked_by: str
) -> FormRun:
    """Stores a run of exactly the plan that was shown. The caller commits, then hands its id to the engine."""
    view, plan = read_plan(db, user, visit_id, choices)
    if view.digest != digest:
        raise PlanChanged(
            "Since this plan was shown, the visit, its dispensers or your provers have changed.",
            "Look at the new plan and start again.",
        )
    if not view.can_run:
        raise NothingToRun("This plan has no form that can be prepared.", "Read the plan's warnings.")
    order, visit = find_visit(db, user.id, visit_id)
    run = _new_run(user, order, visit, plan, len(dispensers_of(db, user.id, order.location_id)), asked_by)
    try:
        with db.begin_nested():
            db.add(run)
    except IntegrityError as error:
        raise RunActive("Another run works on this visit.", "Wait for it to finish, or stop it.") from error
    for position, form in enumerate(plan.forms):
        _add_form(db, run, position, form)
    _update_progress(db, run)
    return run


def _new_run(user: User, order: WorkOrder, visit: Visit, plan: Plan, dispensers: int, asked_by: str) -> FormRun:
    return FormRun(
        id=new_id(),
        user_id=user.id,
        visit_id=visit.visit_id,
        work_id=order.work_id,
        visit_url=visit.url,
        store=order.store,
        form_type=plan.form_type,
        dispensers_known=dispensers,
        state=RunState.queued.value,
        asked_by=asked_by,
        asked_at=clock.now(),
    )


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


def request_stop(db: Db, user_id: str, run_id: str) -> FormRun:
    """Asks a run to stop before its next form; a run that is over stays as it is."""
    run = find_run(db, user_id, run_id)
    if run.state == RunState.queued.value:
        run.state, run.finished_at = RunState.stopped.value, clock.now()
        for form in forms_of(db, run.id):
            if form.verdict is None:
                form.verdict, form.reason = Verdict.not_done.value, "The run was stopped before it started."
        run_reporter(run).tell_in(db, "finished", "Stopped before it started", state=run.state)
    elif run.state == RunState.running.value:
        run.state = RunState.stopping.value
        run_reporter(run).tell_in(db, "phase", "Stopping after the form under way", phase="stopping")
    return run


def stored_but_active(db: Db) -> tuple[list[FormRun], list[VisitCheckJob]]:
    runs = list(db.scalars(select(FormRun).where(FormRun.state.in_(ACTIVE))))
    checks = list(db.scalars(select(VisitCheckJob).where(VisitCheckJob.state == "queued")))
    return runs, checks


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
        verified=sum(form.verdict in _DONE for form in forms),
        need_person=sum(form.verdict == Verdict.needs_human.value for form in forms),
    )


def forget_old_checks(db: Db, user_id: str, visit_id: int, keep: str) -> None:
    """Done checks say nothing that the snapshot does not."""
    db.execute(
        delete(VisitCheckJob).where(
            VisitCheckJob.user_id == user_id,
            VisitCheckJob.visit_id == visit_id,
            VisitCheckJob.state != "queued",
            VisitCheckJob.id != keep,
        )
    )
