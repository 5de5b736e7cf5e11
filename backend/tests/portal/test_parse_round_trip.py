"""Records → HTML in the portal's shape → the same records; damaged HTML never gives wrong records."""

from __future__ import annotations

import random
import re
from dataclasses import fields

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from app.portal.errors import ListIncomplete, PortalChanged, PortalError
from app.portal.parse.completeness import WorkListCollector
from app.portal.parse.fleet import parse_fleet
from app.portal.parse.form import parse_form
from app.portal.parse.identify import identify
from app.portal.parse.location import parse_location
from app.portal.parse.visit import parse_visit
from app.portal.parse.work_list import parse_work_list
from app.portal.records import (
    DispenserCard,
    ProverRow,
    ReadingPanel,
    ServiceLine,
    VisitForm,
    WorkListPage,
    WorkOrderRow,
)

from . import rendering, strategies

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
TYPES = ("AccuMeasure", "Open Neck Prover")
OPTIONAL = {None, (), False}


@quick
@given(strategies.work_lists)
def test_work_list_round_trip(orders: list[WorkOrderRow]) -> None:
    page = parse_work_list(rendering.work_list(orders))
    assert page.work_orders == tuple(orders)
    assert (page.page, page.matches, page.has_next) == (1, len(orders), False)


@quick
@given(st.lists(strategies.dispensers(), max_size=6), st.integers(1, 10**6))
def test_location_round_trip(cards: list[DispenserCard], location_id: int) -> None:
    page = parse_location(rendering.location(location_id, cards))
    assert page.dispensers == tuple(cards)
    assert (page.location_id, page.expected) == (location_id, len(cards))


@quick
@given(strategies.visit_forms())
def test_visit_round_trip(forms: list[VisitForm]) -> None:
    page = parse_visit(rendering.visit(126000, 128000, forms, TYPES))
    assert page.forms == tuple(forms)
    assert [(s.form_type, s.attached, s.action) for s in page.suggested] == [
        (name, n, "new" if n else "attach") for name in TYPES for n in [sum(f.form_type == name for f in forms)]
    ]


@quick
@given(strategies.provers)
def test_fleet_round_trip(rows: list[ProverRow]) -> None:
    assert parse_fleet(rendering.fleet(rows)).provers == tuple(rows)


Readings = tuple[list[ReadingPanel], tuple[int, ...]]


@quick
@given(
    strategies.reading_sections(),
    st.sampled_from(["AccuMeasure", "Open Neck Prover"]),
    st.sampled_from([(True, True), (True, False), (False, True)]),
    st.sampled_from(
        [
            "<span>+ Add Reading</span>",
            '<div><a href="#"><span>\n   + Add Reading\n</span></a></div>',
            "<button><span><span>Add Reading</span></span></button>",
        ]
    ),
)
def test_readings_round_trip(section: Readings, template: str, told: tuple[bool, bool], add: str) -> None:
    panels, groups = section
    ids, labels = told
    page = parse_form(rendering.readings(panels, groups, add=add, template=template, ids=ids, labels=labels))
    assert page.readings == tuple(panels)
    assert page.reading_groups == groups
    assert page.grades == ()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.reading_sections(), st.integers(0, 10**9))
def test_damaged_readings(section: Readings, seed: int) -> None:
    panels, groups = section
    try:
        page = parse_form(damage(rendering.readings(panels, groups), random.Random(seed)))
    except PortalError:
        return
    assert [panel.index for panel in page.readings] == list(range(len(page.readings)))
    for got, want in zip(page.readings, panels, strict=False):
        assert got.title in {want.title, None}
        assert got.procedure in {want.procedure, None}
        if got.values is not None and want.values is not None:
            for field in fields(got.values):
                assert getattr(got.values, field.name) in {getattr(want.values, field.name), None}, field.name


def damage(html: str, chance: random.Random) -> str:
    """Take an element out, rename a class, or cut the document."""
    way = chance.randrange(3)
    if way == 0:
        return html[: chance.randrange(len(html))]
    doc = LexborHTMLParser(html)
    nodes = doc.css(".content *")
    node = chance.choice(nodes)
    if way == 1:
        node.decompose()
    elif name := node.attributes.get("class"):
        node.attrs["class"] = re.sub(r"\S+$", "renamed", name)
    return doc.html or ""


def _part_of(line: ServiceLine, whole: ServiceLine) -> bool:
    """The line as it was, at most without its description or its code."""
    return (
        (line.category, line.quantity) == (whole.category, whole.quantity)
        and line.description in {whole.description, None}
        and line.code in {whole.code, None}
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.work_lists, st.integers(0, 10**9))
def test_damaged_work_list(orders: list[WorkOrderRow], seed: int) -> None:
    html = damage(rendering.work_list(orders), random.Random(seed))
    identify(html)  # never raises
    try:
        page = parse_work_list(html)
    except PortalError:
        return
    originals = {order.work_id: order for order in orders}
    for row in page.work_orders:
        for field in fields(row):
            got, want = getattr(row, field.name), getattr(originals[row.work_id], field.name)
            if field.name == "categories":
                assert set(got) <= set(want)
            elif field.name == "services":
                assert all(any(_part_of(line, whole) for whole in want) for line in got)
            elif field.name == "next_visit" and got is not None:
                assert (got.visit_id, got.url, got.date) == (want.visit_id, want.url, want.date)
            else:
                assert got == want or got in OPTIONAL, field.name
    if len(page.work_orders) < len(orders):
        # A vanished row is not the row reader's to see: the count is.
        collector = WorkListCollector()
        collector.add(page)
        with pytest.raises(ListIncomplete):
            collector.finish()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(strategies.dispensers(), min_size=1, max_size=4), st.integers(0, 10**9))
def test_damaged_location(cards: list[DispenserCard], seed: int) -> None:
    try:
        page = parse_location(damage(rendering.location(7, cards), random.Random(seed)))
    except PortalError:
        return
    assert len(page.dispensers) == len(cards)
    assert page.location_id in {7, None}
    for got, want in zip(page.dispensers, cards, strict=True):
        for field in fields(got):
            value = getattr(got, field.name)
            assert value == getattr(want, field.name) or value in OPTIONAL, field.name


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(strategies.visit_forms(), st.integers(0, 10**9))
def test_damaged_visit(forms: list[VisitForm], seed: int) -> None:
    try:
        page = parse_visit(damage(rendering.visit(126000, 128000, forms, TYPES), random.Random(seed)))
    except PortalError:
        return
    originals = {form.entry_id: form for form in forms}
    for form in page.forms:
        want = originals[form.entry_id]
        assert form.form_type == want.form_type
        assert form.numbers in {want.numbers, ()}
        assert form.status in {want.status, None}


@given(st.text(max_size=300))
@settings(max_examples=60, deadline=None)
def test_any_text_is_an_error_of_its_own(text: str) -> None:
    for reader in (parse_work_list, parse_location, parse_visit, parse_form, parse_fleet):
        with pytest.raises(PortalError):
            reader(text)


class TestCollector:
    def page(self, orders: list[WorkOrderRow], number: int, matches: int | None, has_next: bool) -> WorkListPage:
        return WorkListPage(number, matches, has_next, 100, (), tuple(orders))

    @settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(st.lists(strategies.work_orders(), min_size=4, max_size=4, unique_by=lambda order: order.work_id))
    def test_pages(self, orders: list[WorkOrderRow]) -> None:
        def collect(*pages: WorkListPage) -> int:
            collector = WorkListCollector()
            for page in pages:
                collector.add(page)
            return len(collector.finish().work_orders)

        first, last = self.page(orders[:2], 1, 4, True), self.page(orders[2:], 2, 4, False)
        assert collect(first, last) == 4
        for wrong in (
            (first,),
            (last,),
            (first, first),
            (first, self.page(orders[2:], 2, 5, False)),
            (first, self.page(orders[1:], 2, 4, False)),
            (first, self.page(orders[2:3], 2, 4, False)),
            (first, self.page([], 2, 4, False)),
            (),
        ):
            with pytest.raises(ListIncomplete):
                collect(*wrong)


def test_portal_changed_is_not_swallowed_by_the_damage_tests() -> None:
    with pytest.raises(PortalChanged):
        parse_location(rendering.location(7, [], expected=8))
