"""What the readings of a form hold against what its template prescribes. Pure.

A reading that holds anything beyond its template is somebody's work: it is never touched, and it is fine as long as its
procedure and flow are the template's. Figures the technician typed over a template's default count as theirs.
"""

from collections.abc import Sequence

from app.forms.compare import Match
from app.forms.schemas import FormPlan
from app.forms.templates import ReadingGroup, TemplateReading
from app.portal.pages.readings import same_value
from app.portal.records import Reading, ReadingsPage, ReadingValues
from app.work.grades import plain_name

_FIGURES = ("temperature", "gpm", "start", "meniscus", "end")


def values_of(template: TemplateReading) -> ReadingValues:
    return ReadingValues(
        procedure=template.procedure.value,
        flow=template.flow.value,
        temperature=template.temperature,
        gpm=template.gpm,
        start=template.start,
        meniscus=template.meniscus,
        end=template.end,
    )


def match_reading(found: ReadingValues, template: TemplateReading) -> Match:
    """``blank``: may be completed; ``same``: as prescribed, or carried on by a technician; ``other``: somebody's own."""
    wanted = values_of(template)
    choices = ((found.procedure, wanted.procedure), (found.flow, wanted.flow))
    if any(value is not None and value != prescribed for value, prescribed in choices):
        return Match.other
    missing = [
        name
        for name in ("procedure", "flow", *_FIGURES)
        if getattr(found, name) is None and getattr(wanted, name) is not None
    ]
    if not missing:
        return Match.same
    theirs = any(not _prescribed(getattr(found, name), getattr(wanted, name)) for name in _FIGURES)
    return Match.other if theirs else Match.blank


def _prescribed(found: str | None, wanted: str | None) -> bool:
    """Whether a figure is blank or the template's own."""
    return found is None or same_value(found, wanted)


def match_group(found: Sequence[Reading], group: ReadingGroup) -> Match:
    """``blank``: readings are to be added, removed (only blank ones) or completed."""
    wanted = len(group.readings)
    matches = [match_reading(reading.values, plan) for reading, plan in zip(found, group.readings, strict=False)]
    if Match.other in matches or any(not reading.values.blank for reading in found[wanted:]):
        return Match.other
    return Match.same if len(found) == wanted and all(match is Match.same for match in matches) else Match.blank


def open_work(found: Sequence[Reading], group: ReadingGroup) -> tuple[bool, list[int]]:
    """What may be written in a group: whether readings are to be added or removed, and the numbers to complete.

    A reading of somebody else is left alone and the others are completed. Only when its procedure is not the template's
    at that place is nothing written at all: the template's order does not fit what was done there.
    """
    for reading, plan in zip(found, group.readings, strict=False):
        if reading.values.procedure not in (None, plan.procedure.value):
            return False, []
    blank = [
        reading.number
        for reading, plan in zip(found, group.readings, strict=False)
        if match_reading(reading.values, plan) is Match.blank
    ]
    missing = list(range(len(found), len(group.readings)))
    extra = found[len(group.readings) :]
    removable = bool(extra) and all(reading.values.blank for reading in extra)
    return bool(missing) or removable, blank + missing


def strange_readings(found: Sequence[Reading], group: ReadingGroup) -> list[str]:
    """The readings of a group that hold somebody's own values, in words."""
    words = []
    for reading in found:
        number = reading.number
        if number >= len(group.readings):
            if not reading.values.blank:
                words.append(f"reading {number + 1} is one more than the template has")
        elif match_reading(reading.values, group.readings[number]) is Match.other:
            words.append(f"reading {number + 1} holds {values_text(reading.values)}")
    return words


def values_text(values: ReadingValues) -> str:
    parts = [values.procedure or "no procedure", values.flow or "no flow"]
    parts += [f"{name} {getattr(values, name)}" for name in _FIGURES if getattr(values, name) is not None]
    return " · ".join(parts)


def of_group(page: ReadingsPage, group: int) -> list[Reading]:
    return [reading for reading in page.readings if reading.group == group]


def groups_differ(groups: Sequence[int], titles: Sequence[tuple[int, str | None]], plan: FormPlan) -> str | None:
    """Why the form's groups are not the dispenser's sides and grades, in words; ``None`` when they are.

    ``titles``: (group, title) of the readings. That groups follow the portal's grade order is inferred (Portal spec
    §11.2), so where a title names a grade of this dispenser it must be the expected one.
    """
    if len(groups) != plan.reading_groups:
        return (
            f"The form has {len(groups)} groups of readings; {plan.reading_groups} were expected for {plan.dispenser}."
        )
    names = sorted((plain_name(grade.grade) for grade in plan.grades), key=len, reverse=True)
    for group, title in titles:
        expected = names_of(plan)[group]
        told = next((name for name in names if name.lower() in (title or "").lower()), None)
        if told is not None and told != expected:
            return f"Group {group + 1} of the readings is for {told}; {expected} was expected there."
    return None


def names_of(plan: FormPlan) -> list[str]:
    """The grade of every group of the form, in order."""
    return [plain_name(grade.grade) for _ in plan.numbers for grade in plan.grades]
