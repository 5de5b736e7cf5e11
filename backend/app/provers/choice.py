"""Which prover a grade is measured with. Pure.

Source: the rule used against the live portal (Portal spec §5.8, Features §10.3), with one improvement that the latter
asks for: an exact grade name wins over a name that merely contains it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from app.work.grades import HIGHER_THAN_PREMIUM, plain_name

_ETHANOL_FREE = ("Ethanol-Free", "Rec Fuel 90")
_THIRD_HOSE = 3
# The recorded preference set of a technician: what positions 1, 2 and 3 are proposed for.
PROPOSED: tuple[tuple[str, ...], ...] = (
    ("Regular", "Plus", "Ethanol-Free", "Ethanol-Free Gasoline Plus", "Rec Fuel 90", "Race Fuel"),
    ("Premium", "Super", "Super Premium", "Ultra"),
    ("Diesel",),
)


@dataclass(frozen=True, slots=True)
class ProverSetting:
    prover_id: str
    position: int
    preferred: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProverChoice:
    """``prover`` ``None``: there is none to choose."""

    prover: ProverSetting | None
    why: str


def choose_prover(
    grade: str, all_grades: Sequence[str], provers: Sequence[ProverSetting], *, ethanol_free_by_position: bool = True
) -> ProverChoice:
    """The prover for ``grade`` on a dispenser that offers ``all_grades``."""
    name, names = plain_name(grade), [plain_name(other) for other in all_grades]
    ranked = sorted(provers, key=lambda prover: (prover.position, prover.prover_id))
    if not ranked:
        return ProverChoice(None, "No prover is known. Synchronise, or add one in the portal's fleet page.")
    has_diesel = any("Diesel" in other for other in names)
    if ethanol_free_by_position and any(word in name for word in _ETHANOL_FREE) and not has_diesel and len(names) > 1:
        third = next((prover for prover in ranked if prover.position == _THIRD_HOSE), None)
        if third is not None:
            return ProverChoice(third, f"{name} stands at the third hose when the dispenser has no diesel.")
    if name == "Premium" and any(other in HIGHER_THAN_PREMIUM for other in names):
        regular = next((prover for prover in ranked if "Regular" in prover.preferred), None)
        if regular is not None:
            return ProverChoice(regular, "Premium is a blend here, so it goes with Regular's prover.")
    exact = next((prover for prover in ranked if name in prover.preferred), None)
    if exact is not None:
        return ProverChoice(exact, f"Position {exact.position} is set for {name}.")
    for prover in ranked:
        part = next((preferred for preferred in prover.preferred if preferred in name), None)
        if part is not None:
            return ProverChoice(prover, f"Position {prover.position} is set for {part}, the closest to {name}.")
    return ProverChoice(ranked[0], f"No position is set for {name}; position {ranked[0].position} is the first.")
