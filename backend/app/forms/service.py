"""Use cases of forms that need no browser and change no run: ask for a check, make the plan, the settings."""

from dataclasses import replace
from datetime import date

from sqlalchemy import delete, select
from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.activity.schemas import JobKind
from app.activity.service import Reporter, note_request
from app.forms.models import FormRun, FormSettings, OwnTemplate, RunForm, VisitCheckJob, VisitSnapshot
from app.forms.plan import answers_of, make_plan
from app.forms.plan_records import Answer, ExistingForm, KnownDispenser, Plan, PlanInput
from app.forms.schemas import (
    PROVEN,
    FormAction,
    FormPlan,
    Notice,
    PlanChoices,
    ReadingTemplates,
    TemplateChange,
    TemplateView,
    VisitPlan,
)
from app.forms.schemas import FormSettings as FormSettingsView
from app.forms.templates import BUILT_IN, STATION_NAMES, Procedure, ReadingTemplate, StationType
from app.kit import clock
from app.kit.ids import new_id
from app.kit.problems import Conflict
from app.portal.records import VisitPage
from app.provers.service import any_unconfirmed, calibration_warnings, settings_of
from app.work.chains import chain_of
from app.work.models import WorkOrder
from app.work.service import dispensers_of, find_visit, location_of

CHECK_WORKFLOW = "visit_check"


class NotChecked(Conflict):
    code = "not_checked"
    title = "The visit's forms were not read yet"


def request_check(db: Db, user_id: str, visit_id: int) -> VisitCheckJob:
    """Stores the wish to read the visit's forms. The caller commits, then hands its id to the engine."""
    find_visit(db, user_id, visit_id)
    job = VisitCheckJob(id=new_id(), user_id=user_id, visit_id=visit_id, state="queued", asked_at=clock.now())
    db.add(job)
    note_request(db, job.id)
    db.flush()
    return job


def check_reporter(job: VisitCheckJob) -> Reporter:
    return Reporter(job.user_id, JobKind.visit_check, job.id)


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
        if form.verdict in PROVEN and form.evidence is None:
            continue  # nothing was read back this time: what an earlier run proved still counts, nothing new does
        if form.verdict in PROVEN:
            plan = FormPlan.model_validate(form.plan)
            proven[entry_id] = answers_of(plan.grades, plan.readings)
        else:
            proven.pop(entry_id, None)
    return proven


def plan_input(
    db: Db, user: User, order: WorkOrder, existing: tuple[ExistingForm, ...], on_day: date | None = None
) -> PlanInput:
    """All that the plan depends on, read from the tables. ``on_day``: the visit's; ``None`` = today."""
    location = location_of(db, user.id, order.location_id)
    dispensers = None
    if location is not None and location.read_at is not None:
        rows = dispensers_of(db, user.id, order.location_id)
        dispensers = tuple(
            KnownDispenser(row.label, tuple(row.numbers), tuple(row.grades), row.make, row.model) for row in rows
        )
    return PlanInput(
        services=tuple((line["code"], line["quantity"]) for line in order.services),
        instructions=order.instructions,
        dispensers=dispensers,
        existing=existing,
        provers=tuple(settings_of(db, user.id)),
        ethanol_free_by_position=user.auto_position_ethanol_free,
        provers_confirmed=not any_unconfirmed(db, user.id),
        prover_notices=_prover_notices(db, user, on_day),
        chain=chain_of(order.customer, order.brand).key,
        templates=templates_of(db, user.id),
        readings=form_settings(db, user.id).readings,
    )


def _prover_notices(db: Db, user: User, on_day: date | None) -> tuple[Notice, ...]:
    today = clock.today(user.time_zone)
    warnings = calibration_warnings(db, user.id, on_day or today, today)
    action = "Choose another prover below, or have it calibrated and synchronise."
    return tuple(Notice(code="prover_calibration", message=message, action=action) for message in warnings)


def form_settings(db: Db, user_id: str) -> FormSettings:
    """The user's settings, or the defaults when nothing was ever changed."""
    known = db.get(FormSettings, user_id)
    return known or FormSettings(
        user_id=user_id, readings=True, pictures=True, keep_picture_days=30, keep_record_months=12
    )


def templates_of(db: Db, user_id: str) -> dict[StationType, ReadingTemplate]:
    """The reading templates a user's forms get: the built-in ones, and the user's own instead of them."""
    own = db.scalars(select(OwnTemplate).where(OwnTemplate.user_id == user_id))
    return BUILT_IN | {StationType(row.station): ReadingTemplate.model_validate(row.template) for row in own}


def change_form_settings(db: Db, user_id: str, wanted: FormSettingsView) -> FormSettings:
    row = form_settings(db, user_id)
    row.readings, row.pictures = wanted.readings, wanted.pictures
    row.keep_picture_days, row.keep_record_months = wanted.keep_picture_days, wanted.keep_record_months
    db.add(row)
    return row


def template_views(db: Db, user_id: str) -> ReadingTemplates:
    own = set(db.scalars(select(OwnTemplate.station).where(OwnTemplate.user_id == user_id)))
    items = [
        TemplateView(template=template, name=STATION_NAMES[station], own=station.value in own)
        for station, template in templates_of(db, user_id).items()
    ]
    return ReadingTemplates(items=items, procedures=list(Procedure))


def change_template(db: Db, user_id: str, station: StationType, wanted: TemplateChange) -> None:
    template = ReadingTemplate(
        station=station, metered=wanted.metered, blended=wanted.blended, later_blends=wanted.later_blends
    )
    row = db.get(OwnTemplate, (user_id, station.value)) or OwnTemplate(user_id=user_id, station=station.value)
    row.template, row.changed_at = template.model_dump(mode="json"), clock.now()
    db.add(row)


def reset_template(db: Db, user_id: str, station: StationType) -> None:
    row = db.get(OwnTemplate, (user_id, station.value))
    if row is not None:
        db.delete(row)


def read_plan(
    db: Db, user: User, visit_id: int, choices: PlanChoices | None = None, *, prove_again: bool = False
) -> tuple[VisitPlan, Plan]:
    """The plan on what the portal showed last; :class:`NotChecked` when it was never asked. ``prove_again``: what earlier
    runs proved does not count, every form is looked into once more."""
    order, visit = find_visit(db, user.id, visit_id)
    snapshot = _snapshot(db, user.id, visit_id)
    if snapshot is None or snapshot.read_at is None:
        raise NotChecked(
            f"What forms visit {visit_id} has is not known yet, and a plan without that would guess.",
            "Read the visit's forms from the portal first.",
        )
    existing = _existing_forms(db, snapshot)
    if prove_again:
        existing = tuple(replace(form, proven=None) for form in existing)
    given = plan_input(db, user, order, existing, visit.date)
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
        questions=plan.questions,
        marks=plan.marks,
        instructions=order.instructions,
        dispensers=[dispenser.label for dispenser in given.dispensers or ()],
        readings=plan.readings,
        stations=list(given.templates.values()),
        forms=plan.forms,
    )
    return view, plan


def pending_checks(db: Db) -> list[VisitCheckJob]:
    return list(db.scalars(select(VisitCheckJob).where(VisitCheckJob.state == "queued")))


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
