"""The portal as a model in memory: visits, forms, sections, readings, and every kind of trouble the sandbox knows.

It does what the portal and its adapter do together, as the adapter's own tests in a browser prove: a click that was
dropped is clicked again, a lost answer is cleared up by a fresh look, a sign-in in the middle is done once. What is left
of a fault then is what a run gets to see.
"""

import random
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from app.activity.service import Reporter
from app.connection.breaker import Breaker
from app.forms.models import FormRun
from app.forms.portal import OnReading
from app.kit import clock
from app.portal.errors import (
    BrowserFailed,
    EffectUnknown,
    ForeignPage,
    NotSignedIn,
    PortalChanged,
    PortalError,
    PortalRefused,
    PortalTimeout,
    PortalUnreachable,
)
from app.portal.pages.form import GradeIntent, GradeSection
from app.portal.pages.readings import FilledReadings, ReadingIntent, ReadingsShape, same_value
from app.portal.records import (
    FormSections,
    GradePanel,
    Reading,
    ReadingsPage,
    ReadingValues,
    SuggestedForm,
    VisitForm,
    VisitPage,
    YesNo,
)

FORM_TYPE = "AccuMeasure"
BLANK = ReadingValues()
_VALUES = ("procedure", "flow", "temperature", "gpm", "start", "meniscus", "end")


@dataclass
class ModelForm:
    """``theirs``: what a technician has typed, which nobody may change: ("grade", index) or ("reading", group, number)."""

    entry_id: int
    numbers: tuple[int, ...] = ()
    size: str | None = None
    section_one_saved: bool = False
    grades: list[GradePanel] = field(default_factory=list)
    grades_saved: bool = False
    readings: list[list[ReadingValues]] = field(default_factory=list)
    complete: bool = False
    theirs: dict[tuple[str | int, ...], object] = field(default_factory=dict)


@dataclass(frozen=True)
class Effect:
    """A change of the portal by us."""

    kind: str
    entry_id: int
    detail: tuple[object, ...] = ()


Raises = Callable[[], PortalError]


def _unreachable(status: int = 500) -> PortalError:
    return PortalUnreachable(f"The portal answered {status}.", code="portal_failing", status=status)


# What is left of each of the sandbox's faults once the adapter has done what it can: the error before the effect, the
# error after it, or none. ``None`` in both: the adapter copes with it alone.
FAULTS: dict[str, tuple[Raises | None, Raises | None]] = {
    "http_500": (_unreachable, None),
    "http_429": (lambda: PortalUnreachable("Too many requests.", code="portal_busy", retry_after=2), None),
    "hang": (lambda: PortalTimeout("No answer.", awaited="an answer"), None),
    "slow": (None, None),
    "session_expired": (None, None),
    "login_page": (lambda: NotSignedIn("The portal asks for a sign-in."), None),
    "foreign_page": (lambda: ForeignPage("Not the portal."), None),
    "dropped_clicks": (lambda: PortalTimeout("Clicks ignored.", code="clicks_ignored", awaited="an effect"), None),
    "save_fails": (_unreachable, None),
    "save_answer_lost": (None, _unreachable),
    "create_fails": (_unreachable, None),
    "create_answer_lost": (None, lambda: EffectUnknown("It is not known whether a form was added.")),
    "rename": (lambda: PortalChanged("Another shape of page."), None),
    "modal": (None, None),
    "list_truncated": (None, None),
    "empty_list": (None, None),
    "options_never": (lambda: PortalTimeout("No options.", awaited="options"), None),
    "lost_hydration": (None, None),
    "stuck_page": (lambda: BrowserFailed("The page is stuck.", code="watchdog"), None),
}
_ONLY_CREATE, _ONLY_SAVE = {"create_fails", "create_answer_lost"}, {"save_fails", "save_answer_lost"}
TRANSIENT = tuple(
    name
    for name, (before, after) in FAULTS.items()
    if all(make is None or make().kind == "transient" for make in (before, after))
)


@dataclass
class ModelPortal:
    """``point`` is called before and after every effect, with its name: the place for crashes and people."""

    url: str
    dispensers: dict[tuple[int, ...], tuple[str, ...]]
    rng: random.Random
    faults: tuple[str, ...] = ()
    fault_rate: float = 0.0
    point: Callable[[str], None] = lambda _: None
    forms: list[ModelForm] = field(default_factory=list)
    effects: list[Effect] = field(default_factory=list)
    violations: list[str] = field(default_factory=list)
    next_id: int = 880_001

    # --- the world before the run -------------------------------------------------------------------------------------

    def add(self, numbers: tuple[int, ...] = (), *, complete: bool = False) -> ModelForm:
        form = ModelForm(self.next_id, complete=complete)
        self.next_id += 7
        if numbers:
            self._bind(form, numbers)
            form.section_one_saved, form.size = True, "5 Gallon"
        self.forms.append(form)
        return form

    def _bind(self, form: ModelForm, numbers: tuple[int, ...]) -> None:
        form.numbers = numbers
        grades = self.dispensers[numbers]
        form.grades = [GradePanel(i, grade, True, None, "Top", None, None) for i, grade in enumerate(grades)]
        form.readings = [[BLANK] * 4 for _ in range(len(numbers) * len(grades))]

    def their_grade(self, form: ModelForm, index: int, meter: bool) -> None:
        """A technician has answered a grade."""
        panel = replace(form.grades[index], has_meter="yes" if meter else "no", prover="99-11111-01 of a colleague")
        form.grades[index], form.grades_saved = panel, True
        form.theirs["grade", index] = panel

    def their_reading(self, form: ModelForm, group: int, number: int, values: ReadingValues) -> None:
        """A technician has typed into a reading."""
        form.readings[group][number] = values
        form.theirs["reading", group, number] = values

    def find(self, entry_id: int) -> ModelForm:
        return next(form for form in self.forms if form.entry_id == entry_id)

    def check_theirs(self) -> None:
        """Whether everything a technician has typed is still there."""
        for form in self.forms:
            for key, value in form.theirs.items():
                now = form.grades[int(key[1])] if key[0] == "grade" else self._reading(form, key)
                if now != value:
                    self.violations.append(f"form {form.entry_id}: {key} was {value}, is {now}")

    def _reading(self, form: ModelForm, key: tuple[str | int, ...]) -> object:
        group = form.readings[int(key[1])]
        return group[int(key[2])] if int(key[2]) < len(group) else None

    # --- what happens at a request ------------------------------------------------------------------------------------

    def trouble(self, kind: str) -> tuple[Raises | None, Raises | None]:
        """The fault of this request, as (before, after)."""
        if not self.faults or self.rng.random() >= self.fault_rate:
            return None, None
        name = self.rng.choice(self.faults)
        if (name in _ONLY_CREATE and kind != "create") or (name in _ONLY_SAVE and kind != "save"):
            return None, None
        if name == "slow":
            _pass(timedelta(seconds=self.rng.uniform(1, 30)))
        return FAULTS[name]

    def look(self, what: str) -> None:
        before, after = self.trouble("look")
        if before or after:
            raise (before or after or _unreachable)()

    def act(self, kind: str, effect: Effect, change: Callable[[], object]) -> None:
        """An effect: it may be prevented, or happen without the answer arriving, or the program may end around it."""
        before, after = self.trouble("create" if kind == "create" else "save")
        if before:
            raise before()
        self.point(f"before {kind}")
        change()
        self.effects.append(effect)
        self.point(f"after {kind}")
        if after:
            raise after()


def _pass(time: timedelta) -> None:
    """Lets time pass on the virtual clock."""
    if clock._virtual is not None:
        clock._virtual.at += time


class ModelPortals:
    """Hands out the model as the portal of runs."""

    def __init__(self, *portals: ModelPortal) -> None:
        self._portals = {portal.url: portal for portal in portals}
        self._breaker = Breaker()
        self.open: set[str] = set()

    async def breaker(self, user_id: str) -> Breaker:
        return self._breaker

    async def look(self, job_id: str, user_id: str, url: str, report: Reporter) -> VisitPage:
        self.open.add(job_id)
        return await ModelVisit(self._portals[url], 0).visit(fresh=True)

    async def of(self, run: FormRun, report: Reporter) -> "ModelVisit":
        self.open.add(run.id)
        return ModelVisit(self._portals[run.visit_url], run.dispensers_known)

    async def renew(self, run_id: str, *, broken: bool) -> None:
        self.open.discard(run_id)

    async def close(self, run_id: str) -> None:
        self.open.discard(run_id)


@dataclass
class ModelVisit:
    """One visit of the model, as ``forms.portal.FormPortal``."""

    portal: ModelPortal
    most: int

    async def visit(self, *, fresh: bool = False) -> VisitPage:
        self.portal.look("visit")
        forms = tuple(
            VisitForm(
                form.entry_id,
                FORM_TYPE,
                "/".join(map(str, form.numbers)) if form.section_one_saved and form.numbers else None,
                form.numbers if form.section_one_saved else (),
                "Complete" if form.complete else "In Progress",
                f"{self.portal.url}form-entries/{form.entry_id}",
            )
            for form in self.portal.forms
        )
        return VisitPage(1, 2, (SuggestedForm(FORM_TYPE, len(forms), "new"),), forms)

    async def add_form(self) -> VisitForm | None:
        portal = self.portal
        portal.look("visit")
        if len(portal.forms) >= self.most:
            return None
        entry_id = portal.next_id
        portal.act("create", Effect("create", entry_id), portal.add)
        return next(form for form in (await self.visit()).forms if form.entry_id == entry_id)

    async def read_form(self, url: str) -> FormSections:
        form = self._at(url)
        self.portal.look("form")
        return FormSections(
            form.entry_id,
            url,
            "/".join(map(str, form.numbers)) or None,
            form.numbers,
            form.size,
            form.section_one_saved,
            536 if form.section_one_saved else None,
            tuple(form.grades) if form.section_one_saved else (),
            form.grades_saved if form.section_one_saved else None,
        )

    async def fill_section_one(self, url: str, numbers: tuple[int, ...], prover_size: str) -> None:
        form = self._at(url)
        if form.numbers and form.numbers != numbers:
            self.portal.violations.append(f"form {form.entry_id} of {form.numbers} would be bound to {numbers}")

        def change() -> None:
            if not form.numbers:
                self.portal._bind(form, numbers)
            form.section_one_saved, form.size = True, prover_size

        self._write(form, "save", Effect("bind", form.entry_id, numbers), change)

    async def open_grades(self, url: str) -> GradeSection:
        form = self._at(url)
        self.portal.look("grades")
        if not form.section_one_saved:
            raise PortalRefused("Section 1 is not saved yet.", code="section_not_saved")
        return GradeSection(536, tuple(form.grades))

    async def fill_grade(self, url: str, section_id: int, index: int, intent: GradeIntent) -> None:
        form = self._at(url)
        assert form.grades[index].grade == intent.grade

        def change() -> None:
            meter: YesNo = "yes" if intent.has_meter else "no"
            form.grades[index] = replace(
                form.grades[index], has_meter=meter, fill=intent.fill, prover=f"{intent.prover_id} - Seraphin"
            )
            form.grades_saved = True

        self._write(form, "save", Effect("grade", form.entry_id, (index,)), change)

    async def open_readings(self, url: str, grade_section_id: int) -> ReadingsShape:
        form = self._at(url)
        self.portal.look("readings")
        if not form.grades_saved:
            raise PortalRefused("The grades are not saved yet.", code="section_not_saved")
        return self._shape(form)

    async def read_readings(self, url: str, section_id: int) -> ReadingsPage:
        form = self._at(url)
        self.portal.look("readings")
        readings = tuple(
            Reading(group, number, None, values, None)
            for group, members in enumerate(form.readings)
            for number, values in enumerate(members)
        )
        return ReadingsPage(537, self._shape(form).groups, readings, ())

    async def add_reading(self, url: str, section_id: int, group: int, before: int) -> ReadingsShape:
        form = self._at(url)
        if len(form.readings[group]) == before:
            self._write(
                form, "save", Effect("add", form.entry_id, (group,)), lambda: form.readings[group].append(BLANK)
            )
        return self._shape(form)

    async def delete_last_reading(self, url: str, section_id: int, group: int, before: int) -> ReadingsShape:
        form = self._at(url)
        if len(form.readings[group]) == before:
            if not form.readings[group][-1].blank:
                raise PortalRefused("It holds values.", code="reading_held")
            self._write(form, "save", Effect("delete", form.entry_id, (group,)), form.readings[group].pop)
        return self._shape(form)

    async def fill_readings(
        self,
        url: str,
        section_id: int,
        groups: tuple[int, ...],
        intents: Sequence[ReadingIntent],
        on_reading: OnReading,
    ) -> FilledReadings:
        form = self._at(url)
        self.portal.look("readings")
        if self._shape(form).groups != groups:
            raise PortalRefused("Other readings.", code="other_readings")
        typed, left_alone = deepcopy(form.readings), []
        for intent in intents:
            held = typed[intent.group][intent.number]
            if any(
                getattr(held, name) is not None and not same_value(getattr(held, name), getattr(intent.values, name))
                for name in _VALUES
            ):
                left_alone.append((intent.group, intent.number))
            else:
                typed[intent.group][intent.number] = replace(intent.values)
            await on_reading(intent)

        def change() -> None:
            form.readings = typed

        self._write(form, "save", Effect("readings", form.entry_id), change)
        return FilledReadings((), tuple(left_alone))

    async def picture(self, path: Path) -> bool:
        return False

    def _at(self, url: str) -> ModelForm:
        return self.portal.find(int(url.rsplit("/", 1)[1]))

    def _shape(self, form: ModelForm) -> ReadingsShape:
        return ReadingsShape(537, tuple(len(group) for group in form.readings))

    def _write(self, form: ModelForm, kind: str, effect: Effect, change: Callable[[], object]) -> None:
        if form.complete:
            self.portal.violations.append(f"complete form {form.entry_id} was written: {effect.kind}")
        self.portal.act(kind, effect, change)
