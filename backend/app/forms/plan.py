"""The plan of a visit's forms: which form for which dispenser, with every grade's answers and why. Pure.

Rules: Portal spec §5.10 (what each service code orders), §6.6 (what to do with forms that exist), Features §10.
Nothing is guessed: what cannot be decided becomes an ``ask`` with its reason.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from app.forms.schemas import FormAction, FormPlan, GradeChoice, GradePlan, Notice, Unresolved
from app.provers.choice import ProverSetting, choose_prover
from app.work.grades import in_portal_order, metering
from app.work.named import NamedDispenser, resolve

ACCUMEASURE = "AccuMeasure"
OPEN_NECK = "Open Neck Prover"
COMPLETE = "Complete"
_ALL_CODES = ("2861", "3002")
_SPECIFIC_CODE = "2862"
_OPEN_NECK_CODE = "3146"
_NOT_OPEN_NECK = ("def", "diesel high flow")
_DAY_OF = re.compile(r"\bday\s*#?(\d+)\s*(?:of|/)\s*(\d+)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KnownDispenser:
    label: str
    numbers: tuple[int, ...]
    grades: tuple[str, ...]


# A grade's answers: its name, whether it has a meter, and its prover.
Answer = tuple[str, bool, str | None]


@dataclass(frozen=True, slots=True)
class ExistingForm:
    """A form the portal has for this visit; ``numbers`` empty = not bound to a dispenser yet.

    ``proven``: what a run of ours read back from it as planned; ``None`` = no run of ours has proven it.
    """

    entry_id: int
    form_type: str
    numbers: tuple[int, ...]
    status: str | None
    proven: tuple[Answer, ...] | None = None


@dataclass(frozen=True, slots=True)
class PlanInput:
    """``dispensers`` ``None``: the location was never read. ``services``: (code, quantity) in the order of the list."""

    services: tuple[tuple[str | None, int], ...]
    instructions: str | None
    dispensers: tuple[KnownDispenser, ...] | None
    existing: tuple[ExistingForm, ...]
    provers: tuple[ProverSetting, ...]
    ethanol_free_by_position: bool = True
    provers_confirmed: bool = True


@dataclass(slots=True)
class Plan:
    form_type: str
    code: str | None
    wanted: int = 0
    existing: int = 0
    can_run: bool = False
    warnings: list[Notice] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    forms: list[FormPlan] = field(default_factory=list)

    def count(self, *actions: FormAction) -> int:
        return sum(form.action in actions for form in self.forms)

    def digest(self) -> str:
        """Names this very plan: two plans with the same digest do the same."""
        parts = [self.form_type, str(self.code), *(form.model_dump_json() for form in self.forms)]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


def make_plan(given: PlanInput, choices: Iterable[GradeChoice] = ()) -> Plan:
    """The plan for what is known. ``choices`` are a person's own answers for single grades; they win over the rules."""
    codes = [code for code, _ in given.services if code]
    code = _deciding_code(codes)
    plan = Plan(form_type=OPEN_NECK if code == _OPEN_NECK_CODE else ACCUMEASURE, code=code)
    of_type = [form for form in given.existing if form.form_type == plan.form_type]
    plan.existing = len(of_type)
    if not _can_be_planned(given, codes, code, plan):
        return plan
    dispensers = given.dispensers or ()
    named = _named(given, plan) if code == _SPECIFIC_CODE else None
    wanted = _wanted(dispensers, code, named, plan)
    plan.wanted = len(wanted)
    _check_quantity(given, code, len(dispensers), plan)
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
    plan.forms = _forms(wanted, named, of_type, given, {(c.dispenser, c.grade): c for c in choices})
    _check_leftovers(wanted, of_type, plan)
    _limit_to_dispensers(len(dispensers), plan)
    plan.can_run = plan.count(FormAction.create, FormAction.fill, FormAction.resume) > 0 and bool(given.provers)
    return plan


def _deciding_code(codes: Sequence[str]) -> str | None:
    for candidates in (_ALL_CODES, (_OPEN_NECK_CODE,), (_SPECIFIC_CODE,)):
        found = next((code for code in codes if code in candidates), None)
        if found is not None:
            return found
    return None


def _can_be_planned(given: PlanInput, codes: Sequence[str], code: str | None, plan: Plan) -> bool:
    if code is None:
        listed = ", ".join(codes) or "none"
        plan.warnings.append(
            Notice(
                code="no_form_ordered",
                message=f"None of this work order's service codes ({listed}) asks for a calibration form.",
                action="Nothing to prepare here. If that is wrong, add the form in the portal.",
            )
        )
        return False
    if _OPEN_NECK_CODE in codes and code in _ALL_CODES:
        plan.warnings.append(
            Notice(
                code="two_form_types",
                message=f"This work order has code {code} and code {_OPEN_NECK_CODE}; only the AccuMeasure forms are planned.",
                action="Add the Open Neck Prover forms in the portal.",
            )
        )
    if not given.dispensers:
        plan.warnings.append(
            Notice(
                code="dispensers_unknown" if given.dispensers is None else "no_dispensers",
                message="The dispensers of this location were never read."
                if given.dispensers is None
                else "The location has no dispensers in the portal.",
                action="Synchronise, then come back."
                if given.dispensers is None
                else "Look at the location's Equipment tab.",
            )
        )
        return False
    if not given.provers:
        plan.warnings.append(
            Notice(
                code="no_provers",
                message="No prover is known, and each grade needs one.",
                action="Synchronise to read your provers from the portal's fleet page.",
            )
        )
    return True


def _named(given: PlanInput, plan: Plan) -> dict[tuple[int, ...], NamedDispenser]:
    """The dispensers that the instructions order, by card; what does not resolve is reported."""
    result = resolve(given.instructions or "", [dispenser.numbers for dispenser in given.dispensers or ()])
    plan.unresolved.extend(Unresolved(text=item.text, why=item.why) for item in result.unresolved)
    if result.everything:
        plan.warnings.append(
            Notice(
                code="everything_ordered",
                message="The code asks for specific dispensers, but the instructions say all of them.",
                action="All dispensers are planned. Check with the office when that looks wrong.",
            )
        )
        return {
            dispenser.numbers: NamedDispenser(dispenser.numbers, None, None, (0, 0))
            for dispenser in given.dispensers or ()
        }
    if not result.dispensers:
        plan.warnings.append(
            Notice(
                code="nothing_named",
                message="The code asks for specific dispensers, but the instructions name none that is known here.",
                action="Read the instructions and ask the office which dispensers are meant.",
            )
        )
    return {named.numbers: named for named in result.dispensers}


def _wanted(
    dispensers: Sequence[KnownDispenser],
    code: str | None,
    named: dict[tuple[int, ...], NamedDispenser] | None,
    plan: Plan,
) -> list[KnownDispenser]:
    if named is not None:
        return [dispenser for dispenser in dispensers if dispenser.numbers in named]
    if code != _OPEN_NECK_CODE:
        return list(dispensers)
    kept = [dispenser for dispenser in dispensers if not _is_left_out(dispenser.grades)]
    left_out = [dispenser.label for dispenser in dispensers if _is_left_out(dispenser.grades)]
    if left_out:
        plan.warnings.append(
            Notice(
                code="left_out",
                message=f"{', '.join(left_out)}: DEF and Diesel High Flow get no Open Neck Prover form.",
                action="Nothing to do.",
            )
        )
    return kept


def _is_left_out(grades: Collection[str]) -> bool:
    text = ", ".join(grades).lower()
    return any(word in text for word in _NOT_OPEN_NECK)


def _check_quantity(given: PlanInput, code: str | None, cards: int, plan: Plan) -> None:
    quantity = next((quantity for other, quantity in given.services if other == code), 0)
    day = _DAY_OF.search(given.instructions or "")
    if day is not None:
        plan.warnings.append(
            Notice(
                code="day_of",
                message=f"This is day {day[1]} of {day[2]}; the store's other work order may hold forms as well.",
                action="Compare with the other day's visit before you run.",
            )
        )
    elif code != _SPECIFIC_CODE and quantity != cards:
        plan.warnings.append(
            Notice(
                code="quantity_differs",
                message=f"The work order says {quantity} dispensers, the location has {cards}.",
                action="The location decides here. Check with the office which is right.",
            )
        )


def _forms(
    wanted: Sequence[KnownDispenser],
    named: dict[tuple[int, ...], NamedDispenser] | None,
    existing: Sequence[ExistingForm],
    given: PlanInput,
    choices: dict[tuple[str, str], GradeChoice],
) -> list[FormPlan]:
    unbound = [
        form for form in sorted(existing, key=lambda f: f.entry_id) if not form.numbers and form.status != COMPLETE
    ]
    planned = []
    for dispenser in wanted:
        bound = [form for form in existing if form.numbers and set(form.numbers) == set(dispenser.numbers)]
        twins = [other for other in wanted if other.numbers == dispenser.numbers]
        grades = [_grade(dispenser, grade, given, choices) for grade in in_portal_order(dispenser.grades)]
        action, entry_id, reason = _action(dispenser, bound, unbound, len(twins) > 1, answers_of(grades))
        order = (named or {}).get(dispenser.numbers)
        planned.append(
            FormPlan(
                dispenser=dispenser.label,
                numbers=list(dispenser.numbers),
                action=action,
                entry_id=entry_id,
                reasons=[reason],
                warnings=[],
                sides=list(order.sides) if order and order.sides else None,
                only_grades=list(order.grades) if order and order.grades else None,
                grades=grades,
            )
        )
    return planned


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
        return FormAction.done, bound[0].entry_id, "Prepared and read back before; only the readings are left."
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


def answers_of(grades: Iterable[GradePlan]) -> tuple[Answer, ...]:
    """What a form says per grade, in a form that can be compared."""
    return tuple((grade.grade, grade.metered, grade.prover_id) for grade in grades)


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
