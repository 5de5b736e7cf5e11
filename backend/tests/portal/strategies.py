"""Random records of the portal's vocabulary, for round trips through HTML."""

from __future__ import annotations

from datetime import date, datetime

from hypothesis import strategies as st

from app.portal.records import (
    DispenserCard,
    Flow,
    NextVisit,
    ProverRow,
    ReadingPanel,
    ReadingValues,
    ServiceLine,
    VisitForm,
    WorkOrderRow,
)

_ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,'&<>\"/#-()éñ"
days = st.dates(date(2020, 1, 1), date(2035, 12, 31))
moments = st.builds(datetime.combine, days, st.times())
text = st.text(_ALPHABET, min_size=1, max_size=24).map(lambda s: " ".join(s.split())).filter(bool)
plain = st.text("abcdefghijklmnopqrstuvwxyzé ", min_size=1, max_size=14).map(lambda s: " ".join(s.split())).filter(bool)
word = st.text("abcdefghijklmnopqrstuvwxyz", min_size=2, max_size=10).map(str.title)
GRADES = ("Regular", "Plus", "Premium", "Super", "Diesel", "Ethanol-Free Gasoline Plus", "Midgrade 89", "E-85", "DEF")
instructions = (
    st.lists(st.text(_ALPHABET, max_size=70), min_size=1, max_size=5).map("\n".join).map(str.strip).filter(bool)
)


@st.composite
def services(draw: st.DrawFn) -> tuple[ServiceLine, ...]:
    lines: list[ServiceLine] = []
    for category in draw(st.lists(word, max_size=3, unique=True)):
        for _ in range(draw(st.integers(1, 3))):
            lines.append(
                ServiceLine(
                    category,
                    draw(st.integers(0, 120)),
                    draw(plain | st.just("Specific Dispenser(s) - See Notes")),
                    draw(st.none() | st.from_regex(r"\A[A-Z0-9][A-Z0-9-]{0,12}\Z")),
                )
            )
    return tuple(lines)


@st.composite
def work_orders(draw: st.DrawFn) -> WorkOrderRow:
    work_id = draw(st.integers(90000, 999999))
    completed = draw(st.none() | days)
    visit_id = draw(st.integers(90000, 999999))
    link = NextVisit(
        visit_id,
        f"/app/work/{work_id}/visits/{visit_id}/",
        draw(days),
        draw(st.sampled_from(["anytime", "8:00am", None])),
    )
    created_at = draw(st.none() | moments)
    total = draw(st.integers(1, 3))
    return WorkOrderRow(
        work_id=work_id,
        categories=tuple(draw(st.lists(plain, max_size=3))),
        status=draw(st.sampled_from(["Work Created", "Quality Approved", None])),
        reason=draw(st.none() | text),
        project=draw(st.none() | text),
        po=draw(st.none() | text),
        created_by=draw(plain) if created_at else None,
        created_at=created_at.replace(second=0, microsecond=0) if created_at else None,
        customer=draw(text),
        customer_id=draw(st.integers(1, 99999)),
        location_id=draw(st.integers(1, 9999999)),
        store=draw(st.sampled_from(["#5001", "#35012", "#2700001", "#43339/6448", "#A-1"])),
        brand=draw(st.none() | text),
        street=f"{draw(st.integers(1, 99999))} {draw(plain)}",
        intersection=draw(st.none() | plain.map(lambda s: f"& {s}")),
        city=" ".join(draw(st.lists(word, min_size=1, max_size=3))),
        state=draw(st.sampled_from(["FL", "GA"])),
        zip=draw(st.from_regex(r"\A[0-9]{5}(-?[0-9]{4})?\Z")),
        county=draw(st.none() | word.map(lambda s: f"{s} County")),
        services=draw(services()),
        visits_done=total if completed else 0,
        visits_total=total,
        next_visit=None if completed else draw(st.none() | st.just(link)),
        due_date=draw(st.none() | days),
        completed_on=completed,
        instructions=draw(st.none() | instructions),
    )


work_lists = st.lists(work_orders(), min_size=1, max_size=4, unique_by=lambda order: order.work_id)


@st.composite
def dispensers(draw: st.DrawFn) -> DispenserCard:
    first = draw(st.integers(1, 40))
    numbers = draw(st.sampled_from([(first,), (first, first + 1), (first, first + 2), ()]))
    grades = tuple(draw(st.lists(st.sampled_from(GRADES), min_size=1, max_size=6, unique=True)))
    make = draw(st.sampled_from(["Gilbarco", "Dresser Wayne"]))
    label = "/".join(str(number) for number in numbers)
    title = draw(st.sampled_from([f"{label} - {', '.join(grades)} - {make}", f"{label} - {make}"]))
    return DispenserCard(
        numbers=numbers,
        title=title if numbers else make,
        grades=grades,
        make=make,
        model=draw(st.sampled_from(["NN1", "Ovation B12", None])),
        serial=draw(st.sampled_from(["EN00012345", "9-9", "EN000 12a", None])),
        stand_alone_code=draw(st.sampled_from(["0128", "Receipt(s)", None])),
        nozzles_per_side=draw(st.sampled_from([1, 2, 3, None])),
        meter_type=draw(st.sampled_from(["HD Meter", "Electronic", "I-Meter", None])),
        ntep=draw(st.sampled_from(["02-030", None])),
    )


@st.composite
def visit_forms(draw: st.DrawFn) -> list[VisitForm]:
    forms = []
    for entry_id in draw(st.lists(st.integers(1, 10**7), max_size=6, unique=True)):
        first = draw(st.integers(1, 30))
        numbers = draw(st.sampled_from([(first,), (first, first + 1), ()]))
        label = "/".join(str(number) for number in numbers)
        forms.append(
            VisitForm(
                entry_id,
                draw(st.sampled_from(["AccuMeasure", "Open Neck Prover"])),
                f"{label} Regular, Plus Gilbarco" if numbers else None,
                numbers,
                draw(st.sampled_from(["In Progress", "Complete", None])),
                f"/app/work/126000/visits/128000/form-entries/{entry_id}",
            )
        )
    return forms


provers = st.lists(
    st.builds(
        ProverRow,
        prover_id=st.from_regex(r"\A[0-9]{2}-[0-9]{5}-[0-9]{2}\Z"),
        serial=st.sampled_from(["SN-1-2-3", "A77", None]),
        make=st.sampled_from(["Seraphin", None]),
        size=st.sampled_from(["5 Gallon", "1 Gallon"]),
        next_calibration=st.none() | days,
    ),
    max_size=4,
    unique_by=lambda prover: prover.prover_id,
)


_FLOWS: tuple[Flow | None, ...] = ("fast", "slow", None)
_numbers = st.none() | st.sampled_from(["0", ".0001", "-1.5", "71", "3"])
reading_values = st.builds(
    ReadingValues,
    procedure=st.sampled_from(["Wet Down", "Retest", "Calibration Retest", None]),
    flow=st.sampled_from(_FLOWS),
    temperature=_numbers,
    gpm=_numbers,
    start=_numbers,
    meniscus=_numbers,
    end=_numbers,
)


@st.composite
def reading_sections(draw: st.DrawFn) -> tuple[list[ReadingPanel], tuple[int, ...]]:
    """The readings of a form and how many stand in each group; at most one is open."""
    groups = tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4)))
    total = sum(groups)
    open_at = draw(st.none() | st.integers(0, total - 1))
    panels = []
    for index in range(total):
        values = draw(reading_values) if index == open_at else None
        title = draw(st.none() | text)
        panels.append(ReadingPanel(index, title, values is not None, values.procedure if values else None, values))
    return panels, groups
