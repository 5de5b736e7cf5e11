"""The plan of a visit's forms: which form for which dispenser, with every grade's answers, its readings and why. Pure.

Rules: Portal spec §5.5 (readings), §6.6 (what to do with forms that exist), Features §10. Nothing is guessed: what
cannot be decided becomes an ``ask`` with its reason, or a question.
"""

from collections.abc import Iterable, Mapping, Sequence

from app.forms.ordered import (
    OPEN_NECK_CODE,
    SPECIFIC_CODE,
    can_be_planned,
    check_quantity,
    deciding_code,
    named_dispensers,
    wanted_dispensers,
)
from app.forms.plan_records import (
    ACCUMEASURE,
    COMPLETE,
    OPEN_NECK,
    Answer,
    ExistingForm,
    KnownDispenser,
    Plan,
    PlanInput,
)
from app.forms.schemas import FormAction, FormPlan, GradeChoice, GradePlan, Notice, PlanChoices
from app.forms.templates import ReadingGroup, Station, StationType, choose_station, chosen_station, reading_groups
from app.provers.choice import choose_prover
from app.work.grades import in_portal_order, metering, plain_name
from app.work.named import NamedDispenser


def make_plan(given: PlanInput, choices: PlanChoices | None = None) -> Plan:
    """The plan for what is known. ``choices`` are a person's own answers; they win over the rules."""
    choices = choices or PlanChoices()
    codes = [code for code, _ in given.services if code]
    code = deciding_code(codes)
    plan = Plan(form_type=OPEN_NECK if code == OPEN_NECK_CODE else ACCUMEASURE, code=code)
    of_type = [form for form in given.existing if form.form_type == plan.form_type]
    plan.existing = len(of_type)
    if not can_be_planned(given, codes, code, plan):
        return plan
    dispensers = given.dispensers or ()
    plan.readings = given.readings if choices.readings is None else choices.readings
    named = named_dispensers(given, plan) if code == SPECIFIC_CODE else None
    wanted = wanted_dispensers(dispensers, code, named, plan)
    if choices.dispensers is not None:
        wanted = [dispenser for dispenser in dispensers if dispenser.label in choices.dispensers]
        plan.questions = []
    plan.wanted = len(wanted)
    check_quantity(given, code, len(dispensers), plan)
    if given.provers and not given.provers_confirmed:
        plan.warnings.append(
            Notice(
                code="provers_proposed",
                message="The prover positions are our proposal; nobody has confirmed them yet.",
                action="Check them below, or set them in Settings.",
            )
        )
    if plan.form_type == OPEN_NECK:
        plan.warnings.append(
            Notice(
                code="blend_ratios",
                message="Blend ratios of the Open Neck Prover forms are left blank: their values are not ours to choose.",
                action="Enter them in the portal after the run.",
            )
        )
    plan.warnings.extend(given.prover_notices)
    plan.forms = _forms(wanted, named, of_type, given, choices, plan)
    _check_stations(plan)
    _check_leftovers(wanted, of_type, plan)
    _limit_to_dispensers(len(dispensers), plan)
    to_write = plan.count(FormAction.create, FormAction.fill, FormAction.resume)
    plan.can_run = to_write > 0 and bool(given.provers) and not plan.questions
    return plan


def _forms(
    wanted: Sequence[KnownDispenser],
    named: dict[tuple[int, ...], NamedDispenser] | None,
    existing: Sequence[ExistingForm],
    given: PlanInput,
    choices: PlanChoices,
    plan: Plan,
) -> list[FormPlan]:
    chosen = {(choice.dispenser, choice.grade): choice for choice in choices.grades}
    stations = {choice.dispenser: choice.station for choice in choices.stations}
    unbound = [
        form for form in sorted(existing, key=lambda f: f.entry_id) if not form.numbers and form.status != COMPLETE
    ]
    planned = []
    for dispenser in wanted:
        bound = [form for form in existing if form.numbers and set(form.numbers) == set(dispenser.numbers)]
        twins = [other for other in wanted if other.numbers == dispenser.numbers]
        grades = [_grade(dispenser, grade, given, chosen) for grade in in_portal_order(dispenser.grades)]
        order = (named or {}).get(dispenser.numbers)
        station = _station(dispenser, stations, given, plan) if plan.readings else None
        readings = _readings(dispenser, grades, station, order, given)
        action, entry_id, reason = _action(dispenser, bound, unbound, len(twins) > 1, answers_of(grades, readings))
        planned.append(
            FormPlan(
                dispenser=dispenser.label,
                numbers=list(dispenser.numbers),
                action=action,
                entry_id=entry_id,
                reasons=[reason],
                warnings=[],
                sides=list(order.sides) if order and order.sides else None,
                only_grades=_ordered_grades(dispenser, order),
                grades=grades,
                make=dispenser.make,
                model=dispenser.model,
                station=station,
                readings=readings,
                reading_groups=len(dispenser.numbers) * len(grades),
            )
        )
    return planned


def _station(dispenser: KnownDispenser, stations: Mapping[str, StationType], given: PlanInput, plan: Plan) -> Station:
    if dispenser.label in stations:
        return chosen_station(stations[dispenser.label])
    return choose_station(
        open_neck=plan.form_type == OPEN_NECK, chain=given.chain, make=dispenser.make, model=dispenser.model
    )


def _readings(
    dispenser: KnownDispenser,
    grades: Sequence[GradePlan],
    station: Station | None,
    order: NamedDispenser | None,
    given: PlanInput,
) -> list[ReadingGroup]:
    if station is None or station.key is None:
        return []
    return reading_groups(
        dispenser.numbers,
        [(grade.grade, grade.metered) for grade in grades],
        given.templates[station.key],
        sides=order.sides if order else None,
        only=_ordered_grades(dispenser, order),
    )


def _ordered_grades(dispenser: KnownDispenser, order: NamedDispenser | None) -> list[str] | None:
    """The grades that are ordered of a dispenser, ``None`` for all; words that fit no grade of its card restrict nothing
    (what they mean is asked)."""
    if order is None or order.grades is None:
        return None
    return [grade for grade in order.grades if grade in map(plain_name, dispenser.grades)] or None


def _check_stations(plan: Plan) -> None:
    unknown = [form.dispenser for form in plan.forms if form.station is not None and form.station.key is None]
    if unknown:
        plan.warnings.append(
            Notice(
                code="station_unknown",
                message=f"Which readings {', '.join(unknown)} need is not known, so none are prepared there.",
                action="Choose the station type below, or type those readings yourself.",
            )
        )


def _action(
    dispenser: KnownDispenser,
    bound: Sequence[ExistingForm],
    unbound: list[ExistingForm],
    has_twin: bool,
    wanted: tuple[Answer, ...],
) -> tuple[FormAction, int | None, str]:
    if not dispenser.numbers:
        return FormAction.ask, None, "This dispenser has no number, so its form cannot be told apart. Fill it by hand."
    if has_twin:
        return (
            FormAction.ask,
            None,
            f"Two dispensers of this location have number {dispenser.label}. Fill them by hand.",
        )
    if len(bound) > 1:
        ids = ", ".join(str(form.entry_id) for form in bound)
        return (
            FormAction.ask,
            None,
            f"{len(bound)} forms are bound to {dispenser.label} already ({ids}). Decide which one counts.",
        )
    if bound and bound[0].status == COMPLETE:
        return FormAction.done, bound[0].entry_id, "The form is complete; it is left alone."
    if bound and bound[0].proven == wanted:
        return FormAction.done, bound[0].entry_id, "Prepared and read back before; only the results are left."
    if bound:
        return FormAction.resume, bound[0].entry_id, "A form is bound to this dispenser; what is blank in it is filled."
    if not dispenser.grades:
        return (
            FormAction.ask,
            None,
            "The portal lists no grades for this dispenser. Complete its card, then synchronise.",
        )
    if unbound:
        form = unbound.pop(0)
        return FormAction.fill, form.entry_id, "An attached form without a dispenser is used."
    return FormAction.create, None, "No form for this dispenser exists, so one is added."


def answers_of(grades: Iterable[GradePlan], readings: Iterable[ReadingGroup]) -> tuple[Answer, ...]:
    """What a form shall say, so that two plans can be compared."""
    return (
        *((grade.grade, grade.metered, grade.prover_id) for grade in grades),
        *(group.model_dump_json() for group in readings),
    )


def _grade(
    dispenser: KnownDispenser, grade: str, given: PlanInput, choices: dict[tuple[str, str], GradeChoice]
) -> GradePlan:
    meter = metering(grade, dispenser.grades)
    choice = choices.get((dispenser.label, grade))
    prover = choose_prover(
        grade, dispenser.grades, given.provers, ethanol_free_by_position=given.ethanol_free_by_position
    )
    own_meter = choice is not None and choice.metered is not None
    own = next((p for p in given.provers if choice is not None and p.prover_id == choice.prover_id), None)
    chosen = own or prover.prover
    return GradePlan(
        grade=grade,
        metered=choice.metered if choice is not None and choice.metered is not None else meter.metered,
        metered_why="Chosen by you." if own_meter else meter.why,
        prover_id=chosen.prover_id if chosen else None,
        prover_position=chosen.position if chosen else None,
        prover_why="Chosen by you." if own else prover.why,
    )


def _check_leftovers(wanted: Sequence[KnownDispenser], existing: Sequence[ExistingForm], plan: Plan) -> None:
    known = [set(dispenser.numbers) for dispenser in wanted]
    strangers = [
        "/".join(map(str, form.numbers)) for form in existing if form.numbers and set(form.numbers) not in known
    ]
    if strangers:
        plan.warnings.append(
            Notice(
                code="other_forms",
                message=f"The visit has forms for {', '.join(strangers)}, which are not part of this order.",
                action="They are left alone. Check whether they belong to this visit.",
            )
        )
    used = {form.entry_id for form in plan.forms}
    spare = [form for form in existing if not form.numbers and form.entry_id not in used]
    if spare:
        plan.warnings.append(
            Notice(
                code="spare_forms",
                message=f"{len(spare)} attached form{'s are' if len(spare) > 1 else ' is'} bound to no dispenser and not needed.",
                action="Remove what is too many in the portal; this program deletes nothing.",
            )
        )


def _limit_to_dispensers(dispensers: int, plan: Plan) -> None:
    """Never more forms than dispensers: what would exceed that becomes a question."""
    room = max(0, dispensers - plan.existing)
    for index, form in enumerate(plan.forms):
        if form.action is not FormAction.create:
            continue
        if room > 0:
            room -= 1
            continue
        reason = (
            f"The visit has {plan.existing} forms for {dispensers} dispensers already; another one would be too many."
        )
        plan.forms[index] = form.model_copy(update={"action": FormAction.ask, "reasons": [reason]})
