"""Which dispensers a work order orders forms for: from its service codes and, for code 2862, its instructions. Pure.

Rules: Portal spec §5.10 (what each code orders), §5.11 (dispensers named in instructions).
"""

from collections.abc import Collection, Sequence

from app.forms.plan_records import KnownDispenser, Plan, PlanInput
from app.forms.schemas import Mark, Notice, Question, Unresolved
from app.work.named import DAY_OF, NamedDispenser, resolve

_ALL_CODES = ("2861", "3002")
SPECIFIC_CODE = "2862"
OPEN_NECK_CODE = "3146"
_NOT_OPEN_NECK = ("def", "diesel high flow")


def deciding_code(codes: Sequence[str]) -> str | None:
    for candidates in (_ALL_CODES, (OPEN_NECK_CODE,), (SPECIFIC_CODE,)):
        found = next((code for code in codes if code in candidates), None)
        if found is not None:
            return found
    return None


def can_be_planned(given: PlanInput, codes: Sequence[str], code: str | None, plan: Plan) -> bool:
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
    if OPEN_NECK_CODE in codes and code in _ALL_CODES:
        plan.warnings.append(
            Notice(
                code="two_form_types",
                message=f"This work order has code {code} and code {OPEN_NECK_CODE}; only the AccuMeasure forms are planned.",
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


def named_dispensers(given: PlanInput, plan: Plan) -> dict[tuple[int, ...], NamedDispenser]:
    """The dispensers that the instructions order, by card; what does not resolve is reported."""
    quantity = next((quantity for code, quantity in given.services if code == SPECIFIC_CODE), None)
    cards = {dispenser.numbers: dispenser for dispenser in given.dispensers or ()}
    result = resolve(
        given.instructions or "",
        list(cards),
        quantity=quantity,
        card_grades={numbers: dispenser.grades for numbers, dispenser in cards.items()},
    )
    plan.unresolved.extend(
        Unresolved(text=item.text, why=item.why, start=item.span[0], end=item.span[1]) for item in result.unresolved
    )
    for item in result.questions:
        start, end = item.span or (None, None)
        plan.questions.append(Question(code=item.code, message=item.why, start=start, end=end))
    for named in result.dispensers:
        card = cards[named.numbers]
        plan.marks.append(Mark(dispenser=card.label, start=named.span[0], end=named.span[1]))
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
    if not result.dispensers and not plan.questions:
        plan.questions.append(
            Question(
                code="nothing_named",
                message="The code asks for specific dispensers, but the instructions name none that is known here.",
                start=None,
                end=None,
            )
        )
    return {named.numbers: named for named in result.dispensers}


def wanted_dispensers(
    dispensers: Sequence[KnownDispenser],
    code: str | None,
    named: dict[tuple[int, ...], NamedDispenser] | None,
    plan: Plan,
) -> list[KnownDispenser]:
    if named is not None:
        return [dispenser for dispenser in dispensers if dispenser.numbers in named]
    if code != OPEN_NECK_CODE:
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


def check_quantity(given: PlanInput, code: str | None, cards: int, plan: Plan) -> None:
    quantity = next((quantity for other, quantity in given.services if other == code), 0)
    day = DAY_OF.search(given.instructions or "")
    if day is not None:
        plan.warnings.append(
            Notice(
                code="day_of",
                message=f"This is day {day[1]} of {day[2]}; the store's other work order may hold forms as well.",
                action="Compare with the other day's visit before you run.",
            )
        )
    elif code != SPECIFIC_CODE and quantity != cards:
        plan.warnings.append(
            Notice(
                code="quantity_differs",
                message=f"The work order says {quantity} dispensers, the location has {cards}.",
                action="The location decides here. Check with the office which is right.",
            )
        )
