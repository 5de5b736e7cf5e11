"""What dispatch does: each operation changes what the list shows, and only that."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from sandbox.generate import parking_sunday
from sandbox.listing import parse_query, select
from sandbox.schedule import Schedule
from sandbox.world import NotFound, World

from .helpers import DONE, OPEN, TECH1, TECH2, TODAY


@pytest.fixture
def world() -> World:
    """The default world."""
    return World(7, TODAY)


def ids(world: World, email: str = TECH1, query: tuple[tuple[str, str], ...] = OPEN) -> list[int]:
    """Work ids of a list."""
    return [order.id for order in select(world.state, email, parse_query(query))]


def test_add_and_remove(world: World) -> None:
    schedule, day = Schedule(world), TODAY + timedelta(days=1)
    before = ids(world)
    added = schedule.add(TECH1, day, count=3) + schedule.add(TECH1, day, code="3146") + schedule.add(TECH1, code="2862")
    assert set(ids(world)) - set(before) == set(added[:4])
    stores = {world.state.work_orders[number].location_id for number in added}
    assert len(stores) == 5
    schedule.remove(added[0])
    assert added[0] not in ids(world)
    with pytest.raises(NotFound):
        schedule.remove(added[0])


def test_move_swap_and_unschedule(world: World) -> None:
    schedule = Schedule(world)
    one, two = (world.state.work_orders[number] for number in ids(world)[:2])
    visit = one.visits[0].id
    schedule.move(one.id, date(2025, 9, 1))
    assert one.visits[0].date == date(2025, 9, 1) and one.visits[0].id == visit
    schedule.move(one.id, date(2025, 9, 2), new_visit=True)
    assert one.visits[0].id != visit
    days = one.visits[0].date, two.visits[0].date
    schedule.swap(one.id, two.id)
    assert (two.visits[0].date, one.visits[0].date) == days
    schedule.unschedule(one.id)
    assert one.id not in ids(world) and one.id in ids(world, query=())


def test_complete_then_close(world: World) -> None:
    schedule, number = Schedule(world), ids(world)[0]
    schedule.complete(number)
    assert number not in ids(world) and number in ids(world, query=DONE) and number in ids(world, query=())
    schedule.close(number)
    assert number not in ids(world, query=())
    assert number in ids(world, query=(("show_closed", "1"),))
    with pytest.raises(ValueError, match="no open visit"):
        schedule.complete(number)


def test_reassign_takes_the_visit_away(world: World) -> None:
    number = ids(world)[0]
    order = world.state.work_orders[number]
    Schedule(world).reassign(number, TECH2)
    assert number not in ids(world) and number in ids(world, TECH2)
    with pytest.raises(NotFound):
        world.visit(TECH1, number, order.visits[0].id)


def test_append_items_changes_items_only(world: World) -> None:
    number = ids(world)[0]
    order = world.state.work_orders[number]
    before = order.model_copy(deep=True)
    Schedule(world).append_items(number)
    Schedule(world).append_items(
        number, [{"category": "Parts / Filter", "quantity": 2, "description": "x", "code": "450MG-10"}]
    )
    assert order.model_copy(update={"groups": before.groups}) == before
    assert order.codes[-2:] == ["450MB-10", "450MG-10"]


def test_a_burst_is_parked(world: World) -> None:
    added = Schedule(world).burst(TECH1, 15)
    assert len(set(ids(world)) & set(added)) == 15
    assert {world.state.work_orders[number].visits[0].date for number in added} == {parking_sunday(TODAY)}


def test_operations_by_name_are_checked_and_logged(world: World) -> None:
    schedule, number = Schedule(world), ids(world)[0]
    assert schedule.apply("move", {"work_id": number, "day": "2025-08-01"}) == [number]
    assert schedule.apply("move", {"work_id": number, "date": "2025-08-04"}) == [number]
    assert world.state.work_orders[number].visits[0].date == date(2025, 8, 4)
    with pytest.raises(ValueError, match="unknown operation"):
        schedule.apply("explode", {})
    with pytest.raises(ValueError, match="move"):
        schedule.apply("move", {"work_id": number})
    with pytest.raises(ValueError, match="kind of job"):
        schedule.apply("add", {"technician": TECH1, "code": "9999"})
    location = world.state.work_orders[number].location_id
    schedule.apply("delete_location", {"location_id": location})
    with pytest.raises(NotFound, match="may have been deleted"):
        world.location(location)
    assert [change.op for change in world.state.changes] == ["move", "move", "delete_location"]
