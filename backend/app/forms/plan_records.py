"""What a plan is made of and what it is made from. Pure data."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from app.forms.schemas import FormAction, FormPlan, Mark, Notice, Question, Unresolved
from app.forms.templates import BUILT_IN, ReadingTemplate, StationType
from app.provers.choice import ProverSetting

ACCUMEASURE = "AccuMeasure"
OPEN_NECK = "Open Neck Prover"
COMPLETE = "Complete"


@dataclass(frozen=True, slots=True)
class KnownDispenser:
    label: str
    numbers: tuple[int, ...]
    grades: tuple[str, ...]
    make: str | None = None
    model: str | None = None


# What a form shall say: per grade its name, whether it has a meter and its prover; per group of readings its text.
Answer = tuple[str, bool, str | None] | str


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
    prover_notices: tuple[Notice, ...] = ()
    chain: str = "other"
    templates: Mapping[StationType, ReadingTemplate] = field(default_factory=lambda: BUILT_IN)
    readings: bool = True


@dataclass(slots=True)
class Plan:
    form_type: str
    code: str | None
    wanted: int = 0
    existing: int = 0
    can_run: bool = False
    warnings: list[Notice] = field(default_factory=list)
    unresolved: list[Unresolved] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    readings: bool = False
    forms: list[FormPlan] = field(default_factory=list)

    def count(self, *actions: FormAction) -> int:
        return sum(form.action in actions for form in self.forms)

    def digest(self) -> str:
        """Names this very plan: two plans with the same digest do the same."""
        parts = [self.form_type, str(self.code), *(form.model_dump_json() for form in self.forms)]
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
