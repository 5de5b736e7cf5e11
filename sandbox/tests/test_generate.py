"""The synthetic world: same seed same world, volumes and oddities as on the portal."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date, timedelta

import pytest

from sandbox import vocabulary as words
from sandbox.generate import generate, parking_sunday, working_day
from sandbox.model import State, WorkOrder

from .helpers import TECH1, TECH2, TECH3, TODAY

SEEDS = (7, 8, 2026)


@pytest.fixture(scope="module", params=SEEDS)
def state(request: pytest.FixtureRequest) -> State:
    """Worlds of several seeds."""
    return generate(request.param, TODAY)


def of(state: State, email: str) -> list[WorkOrder]:
    """Work orders of a technician."""
    return [order for order in state.work_orders.values() if order.technician == email]


def chain(state: State, order: WorkOrder) -> str:
    """Chain of a work order."""
    return state.customers[state.locations[order.location_id].customer_id].chain


def test_the_same_seed_and_day_give_the_same_world() -> None:
    assert generate(7, TODAY) == generate(7, TODAY)
    assert generate(7, TODAY) != generate(8, TODAY)
    assert generate(7, TODAY) != generate(7, TODAY + timedelta(days=1))


def test_three_technicians_have_sixty_open_jobs_of_four_chains(state: State) -> None:
    assert [technician.email for technician in state.technicians] == [TECH1, TECH2, TECH3]
    for technician in state.technicians:
        open_jobs = [order for order in of(state, technician.email) if order.next_visit and order.done == 0]
        assert len(open_jobs) >= 60
        assert {chain(state, order) for order in open_jobs} == set(words.CUSTOMERS)
        assert len(technician.provers) == 3
    # Data beyond one page of a hundred.
    assert len([order for order in of(state, TECH2) if order.next_visit]) > 100


def test_ids_are_unique_and_in_the_seen_ranges(state: State) -> None:
    visits = [visit.id for order in state.work_orders.values() for visit in order.visits]
    assert len(set(visits)) == len(visits)
    cards = [card.id for location in state.locations.values() for card in location.dispensers]
    assert len(set(cards)) == len(cards)
    labels = [location.store for location in state.locations.values()]
    assert len(set(labels)) == len(labels)
    for order in state.work_orders.values():
        assert 94_641 <= order.id <= 137_162
        assert 32_800 <= order.location_id <= 1_263_903
        for visit in order.visits:
            assert 1834 <= visit.id - order.id <= 2132


def test_addresses_come_in_every_style(state: State) -> None:
    locations = list(state.locations.values())
    assert all(re.match(r"^#[\w/-]+$", location.store) for location in locations)
    assert any("/" in location.store for location in locations)
    assert all(re.match(r"^\d", location.street) for location in locations)
    share = sum(1 for location in locations if re.match(r"^\d{5,}", location.street)) / len(locations)
    assert 0.1 < share < 0.4
    kinds = Counter(re.sub(r"\d", "9", location.zip) for location in locations)
    assert set(kinds) == {"99999", "99999-9999", "999999999"}
    assert kinds["99999"] > len(locations) / 2
    middle = [location.intersection for location in locations if location.intersection]
    assert 0.3 < len(middle) / len(locations) < 0.6
    for style in (r" & ", r"^@ ", r" @ ", r" nr ", r"^near ", r"^\d+ ", r"^I-4$"):
        assert any(re.search(style, text) for text in middle), style
    assert any(location.brand == "Speedway" and location.customer_id == 11811 for location in locations)


def test_cards_have_the_portals_oddities(state: State) -> None:
    locations = list(state.locations.values())
    cards = [card for location in locations for card in location.dispensers]
    labels = [[card.numbers for card in location.dispensers] for location in locations]
    assert any(row[-3:] == ["9", "10", "11"] for row in labels)
    assert any(row[:4] == ["1/3", "2/4", "5/7", "6/8"] for row in labels)
    assert any("Premium" in card.grades and "Super" in card.grades for card in cards)
    assert any(card.grades == ["DEF", "Diesel High Flow"] for card in cards)
    assert any(card.grades == ["Multi-Product Disp"] for card in cards)
    assert any(card.model is None for card in cards) and any(card.serial == "" for card in cards)
    assert any("Stand Alone Code" not in card.fields for card in cards)
    assert Counter(card.make for card in cards)["Gilbarco"] > 0.95 * len(cards)
    assert all(card.fields["Grade"] == ", ".join(card.grades) for card in cards)
    sizes = Counter(len(row) for row in labels)
    assert {6, 8} == {size for size, _ in sizes.most_common(2)}


def test_codes_quantities_and_instructions_fit_each_other(state: State) -> None:
    for technician in state.technicians:
        orders = of(state, technician.email)
        texts = [order.instructions for order in orders]
        assert any(text.startswith("Day 1 of 2") for text in texts)
        assert any(re.search(r"site opened \d+/\d+/\d\d", text) for text in texts)
        assert any(text.startswith("Priority: ") for text in texts)
        assert "#3 Diesel only" in texts and "side #5" in texts
        for order in orders:
            location = state.locations[order.location_id]
            lines = [line for group in order.groups for line in group.lines]
            for line in lines:
                if line.code in ("2861", "3002", "3146"):
                    second_day = order.instructions.startswith("Day 2 of 2")
                    assert line.quantity == (0 if second_day else len(location.dispensers))
            if "2862" in order.codes:
                assert "AccuMeasure Clean-Up" in order.categories and len(lines) == 1
        without_due = sum(1 for order in orders if order.due_date is None)
        assert 0 < without_due < len(orders) / 2
    days = [order for order in of(state, TECH1) if order.instructions.startswith("Day ")]
    assert len(days) == 4 and len({order.location_id for order in days}) == 2
    for second in (order for order in days if order.instructions.startswith("Day 2")):
        first = next(o for o in days if o.location_id == second.location_id and o is not second)
        assert second.visits[0].date == working_day(first.visits[0].date)


def test_visits_lie_on_working_days_and_one_parking_sunday(state: State) -> None:
    sunday = parking_sunday(TODAY)
    monday = TODAY - timedelta(days=TODAY.weekday())
    for technician in state.technicians:
        pending = [order.next_visit.date for order in of(state, technician.email) if order.next_visit]
        assert all(day.weekday() < 5 or day == sunday for day in pending)
        assert 5 <= pending.count(sunday) <= 20
        for start in (monday - timedelta(days=7), monday, monday + timedelta(days=7)):
            assert any(start <= day < start + timedelta(days=7) for day in pending)
        assert any(not order.visits for order in of(state, technician.email))
        done = [order for order in of(state, technician.email) if order.done]
        assert any(not order.closed for order in done) and any(order.closed for order in done)


def test_forms_exist_already_on_three_visits(state: State) -> None:
    forms = list(state.forms.values())
    assert any(entry.complete for entry in forms)
    assert any(entry.equipment_id is None for entry in forms)
    bound = Counter((entry.visit_id, entry.equipment_id) for entry in forms if entry.equipment_id is not None)
    assert max(bound.values()) == 2  # the double binding of the third technician
    assert all(entry.created_by == TECH3 for entry in forms if bound[(entry.visit_id, entry.equipment_id or 0)] == 2)


def test_a_deleted_location_and_a_covering_modal_are_in_the_world(state: State) -> None:
    assert state.locations[state.deleted_location_id].deleted
    assert any(location.modal for location in state.locations.values())


@pytest.mark.parametrize(
    ("day", "steps", "expected"),
    [
        (date(2025, 6, 20), 1, date(2025, 6, 23)),
        (date(2025, 6, 23), -1, date(2025, 6, 20)),
        (date(2025, 6, 21), 0, date(2025, 6, 23)),
        (date(2025, 6, 18), 0, date(2025, 6, 18)),
        (date(2025, 6, 18), 3, date(2025, 6, 23)),
    ],
)
def test_working_days_skip_weekends(day: date, steps: int, expected: date) -> None:
    assert working_day(day, steps) == expected


@pytest.mark.parametrize("today", [date(2025, 6, 21), date(2025, 6, 22), date(2024, 2, 29), date(2025, 12, 31)])
def test_a_world_can_start_on_any_day(today: date) -> None:
    state = generate(7, today)
    assert len([order for order in of(state, TECH1) if order.next_visit]) == 64
