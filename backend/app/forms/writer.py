"""Fills one form and proves it: look at what the portal holds, write what is blank, look again.

The same few lines serve the first attempt, a retry and the repetition after a crash, because nothing is remembered:
every round starts from what a fresh read of the form says. Somebody else's answers are never overwritten.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from app.forms.compare import (
    PROVER_SIZE,
    Match,
    found_text,
    grades_differ,
    match_equipment,
    match_grade,
    match_prover_size,
    panel_of,
)
from app.forms.evidence import Album, evidence_of
from app.forms.ledger import FormLedger
from app.forms.portal import FormPortal
from app.forms.readings import groups_differ, match_group, of_group, open_work, strange_readings, values_of
from app.forms.schemas import FormPlan, Verdict
from app.forms.templates import ReadingGroup, group_text
from app.portal.errors import EffectUnknown, PortalError, PortalRefused, PortalTimeout
from app.portal.pages.form import GradeIntent
from app.portal.pages.readings import ReadingIntent
from app.portal.records import FormSections, ReadingsPage
from app.work.grades import plain_name

_ROUNDS = 4
_LOOK = "Open the form in the portal and decide."


@dataclass(frozen=True, slots=True)
class Outcome:
    verdict: Verdict
    reason: str
    what_to_do: str | None = None
    evidence: dict[str, Any] | None = None
    read_back: dict[str, tuple[Match, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Found:
    """A form as the portal holds it. ``readings`` ``None``: that section cannot be opened yet, or is not asked for."""

    sections: FormSections
    readings: ReadingsPage | None = None


@dataclass(slots=True)
class FormWriter:
    """Writes one form as planned. Raises :class:`PortalError` for what only the caller can judge."""

    portal: FormPortal
    ledger: FormLedger
    album: Album
    url: str
    plan: FormPlan

    async def fill(self, *, is_new: bool, wrote_before: bool) -> Outcome:
        """Fills the form and reads it back. ``is_new``: we have just added it, so there is nothing in it to look at
        first. ``wrote_before``: the ledger says that an earlier attempt of this run wrote to it."""
        found = None if is_new else await self._read()
        wrote = wrote_before
        for round_ in range(_ROUNDS):
            if found is not None:
                answer = self._look(found, wrote=wrote)
                if answer is not None:
                    return answer
            wrote = True
            refused = None
            try:
                refused = await self._write(found)
            except PortalError as error:
                if error.kind != "transient" or round_ == _ROUNDS - 1 or error.details.get("retry_after"):
                    raise  # a portal that asks for a pause gets it
            found = await self._read()
            if refused is not None:
                return self._outcome(Verdict.needs_human, refused, _LOOK, found)
        assert found is not None
        answer = self._look(found, wrote=True)
        if answer is not None:
            return answer
        missing = ", ".join(key for key, (match, _) in self._read_back(found).items() if match is not Match.same)
        reason = f"After {_ROUNDS} attempts the portal still does not hold what was saved ({missing})."
        return self._outcome(Verdict.not_done, reason, "Try again later; if it stays, fill this form by hand.", found)

    # --- looking ------------------------------------------------------------------------------------------------------

    async def _read(self) -> Found:
        sections = await self.portal.read_form(self.url)
        if not self.plan.readings or sections.grade_section_id is None or not sections.grade_section_saved:
            return Found(sections)
        shape = await self.portal.open_readings(self.url, sections.grade_section_id)
        return Found(sections, await self.portal.read_readings(self.url, shape.section_id))

    def _look(self, found: Found, *, wrote: bool) -> Outcome | None:
        """What can be said of a form from reading it alone; ``None`` when something is left to write."""
        read_back = self._read_back(found)
        answers = {key: state for key, state in read_back.items() if not key.startswith("readings:")}
        strange = [words for match, words in answers.values() if match is Match.other]
        if strange:
            reason = f"The form holds other answers than planned: {'; '.join(strange)}. They are left as they are."
            return self._outcome(Verdict.needs_human, reason, _LOOK, found)
        if any(match is Match.blank for match, _ in answers.values()):
            return None
        if self.plan.readings:
            if found.readings is None:
                return None
            other = self._other_groups(found.readings)
            if other is not None:
                return self._outcome(Verdict.needs_human, other, _LOOK, found)
            if any(_has_work(found.readings, group) for group in self.plan.readings):
                return None
            held = self._held(found.readings)
            if held:
                reason = f"Somebody's values were left as they are: {'; '.join(held)}."
                return self._outcome(Verdict.needs_human, reason, _LOOK, found)
        if wrote:
            return self._outcome(Verdict.verified, "Read back from the portal as planned.", None, found)
        reason = "The portal held all of it before; nothing was written."
        return self._outcome(Verdict.already_done, reason, None, found)

    def _other_groups(self, page: ReadingsPage) -> str | None:
        return groups_differ(page.groups, [(reading.group, reading.title) for reading in page.readings], self.plan)

    def _held(self, page: ReadingsPage) -> list[str]:
        held = []
        for group in self.plan.readings:
            strange = strange_readings(of_group(page, group.group), group)
            held += [f"side {group.side} {group.grade}, {words}" for words in strange]
        return held

    def _read_back(self, found: Found) -> dict[str, tuple[Match, str]]:
        """Each step of the plan against what was read: its match, and what stands there in words."""
        plan, sections = self.plan, found.sections
        equipment, size = match_equipment(sections, plan.numbers), match_prover_size(sections)
        worst = Match.other if Match.other in (equipment, size) else Match.blank
        both = Match.same if equipment == size == Match.same else worst
        words = f"{sections.equipment or 'no dispenser'} · {sections.prover_size or 'no prover size'}"
        result = {"equipment": (both, words)}
        panels = sections.grades
        if panels and (other := grades_differ([panel.grade for panel in panels], plan.grades)) is not None:
            result["equipment"] = (Match.other, other)
        asks_fill = any(panel.fill is not None for panel in panels)
        for index, grade in enumerate(plan.grades):
            panel = panel_of(sections, grade.grade)
            match = Match.blank
            if panel is not None:
                saved = bool(sections.grade_section_saved)
                match = match_grade(panel, grade, section_saved=saved, asks_fill=asks_fill)
            result[f"grade:{index}"] = (match, f"{grade.grade}: {found_text(panel)}" if panels else "nothing yet")
        for group in plan.readings:
            if found.readings is None:
                result[f"readings:{group.group}"] = (Match.blank, "nothing yet")
                continue
            readings = of_group(found.readings, group.group)
            done = sum(not reading.values.blank for reading in readings)
            strange = strange_readings(readings, group)
            said = "; ".join(strange) if strange else f"{done} of {len(group.readings)} readings prepared"
            result[f"readings:{group.group}"] = (match_group(readings, group), said)
        return result

    def _outcome(self, verdict: Verdict, reason: str, what_to_do: str | None, found: Found) -> Outcome:
        evidence = evidence_of(found.sections, found.readings, self.plan, self.album)
        return Outcome(verdict, reason, what_to_do, evidence, self._read_back(found))

    # --- writing ------------------------------------------------------------------------------------------------------

    async def _write(self, found: Found | None) -> str | None:
        """Writes what ``found`` (``None`` = everything) leaves blank, each intent recorded first. Answers why it must not
        go on, when the form turns out to ask for something else than the dispenser's card says."""
        state = self._read_back(found) if found is not None else {}
        answers_done = bool(state) and all(
            match is Match.same for key, (match, _) in state.items() if not key.startswith("readings:")
        )
        section_id = found.sections.grade_section_id if found is not None else None
        if not answers_done or section_id is None:
            refused, section_id = await self._write_answers(found, state)
            if refused is not None:
                return refused
        if not self.plan.readings:
            return None
        return await self._write_readings(section_id, found.readings if found is not None else None)

    async def _write_answers(self, found: Found | None, state: dict[str, tuple[Match, str]]) -> tuple[str | None, int]:
        plan, portal, ledger = self.plan, self.portal, self.ledger
        before: str | None = None
        if found is None or state["equipment"][0] is not Match.same:
            await ledger.intend("equipment")
            await portal.fill_section_one(self.url, tuple(plan.numbers), PROVER_SIZE)
            await self.album.take("section-1", portal)
            before = "equipment"
        section = await portal.open_grades(self.url)
        other = grades_differ([panel.grade for panel in section.panels], plan.grades)
        if other is not None:
            await ledger.wrote(before)
            return other, section.section_id
        index_of = {plain_name(panel.grade): panel.index for panel in section.panels}
        for number, grade in enumerate(plan.grades):
            key = f"grade:{number}"
            if key in state and state[key][0] is Match.same:
                continue
            await ledger.intend(key, done=before)
            name = plain_name(grade.grade)
            intent = GradeIntent(grade=name, has_meter=grade.metered, prover_id=grade.prover_id or "")
            try:
                await portal.fill_grade(self.url, section.section_id, index_of[name], intent)
            except PortalRefused as error:
                if not _only_misses_blend_ratios(error):
                    raise
            before = key
        await ledger.wrote(before)
        await self.album.take("grades", portal)
        return None, section.section_id

    async def _write_readings(self, grade_section_id: int, page: ReadingsPage | None) -> str | None:
        shape = await self.portal.open_readings(self.url, grade_section_id)
        other = groups_differ(shape.groups, shape.titles, self.plan)
        if other is not None:
            return other
        unfinished = [group for group in self.plan.readings if page is None or _has_work(page, group)]
        if not unfinished:
            return None
        keys = [f"readings:{group.group}" for group in unfinished]
        await self.ledger.intend_all(keys)
        groups = shape.groups
        for group in unfinished:
            if page is None or open_work(of_group(page, group.group), group)[0]:
                groups = await self._reshape(shape.section_id, groups, group.group, len(group.readings))
        intents = [
            ReadingIntent(group.group, number, values_of(group.readings[number]))
            for group in unfinished
            for number in (
                range(len(group.readings)) if page is None else open_work(of_group(page, group.group), group)[1]
            )
            if number < groups[group.group]
        ]
        texts = {group.group: group_text(group) for group in unfinished}

        async def on_reading(intent: ReadingIntent) -> None:
            await self.ledger.reading(f"readings:{intent.group}", intent.number, texts[intent.group])

        if intents:
            await self.portal.fill_readings(self.url, shape.section_id, groups, intents, on_reading)
        await self.ledger.wrote_all(keys)
        await self.album.take("readings", self.portal)
        return None

    async def _reshape(self, section_id: int, groups: tuple[int, ...], group: int, wanted: int) -> tuple[int, ...]:
        """Adds or removes readings at the end of a group; one that holds a value is never removed."""
        while groups[group] < wanted:
            await self.ledger.check()
            with _seen_again():
                groups = (await self.portal.add_reading(self.url, section_id, group, groups[group])).groups
        while groups[group] > wanted:
            await self.ledger.check()
            try:
                with _seen_again():
                    groups = (await self.portal.delete_last_reading(self.url, section_id, group, groups[group])).groups
            except PortalRefused as error:
                if error.code != "reading_held":
                    raise
                break
        return groups


@contextmanager
def _seen_again() -> Iterator[None]:
    """Whether a reading was added or removed is seen at the next look, and a blank one too many is removed again: nobody
    has to be asked."""
    try:
        yield
    except EffectUnknown as error:
        raise PortalTimeout(error.message, page=error.page, awaited="the number of readings") from error


def _has_work(page: ReadingsPage, group: ReadingGroup) -> bool:
    reshape, numbers = open_work(of_group(page, group.group), group)
    return reshape or bool(numbers)


def _only_misses_blend_ratios(error: PortalRefused) -> bool:
    """An incomplete save is stored and its gaps are marked (Portal spec §5.1). Blend ratios are such a gap on purpose: which
    values belong there nobody has said (§11.1), so they are the technician's."""
    messages = error.details.get("messages") or []
    return bool(messages) and all(str(message).startswith("Blend Ratio") for message in messages)
