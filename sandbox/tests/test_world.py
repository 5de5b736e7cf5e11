"""The stored world: sessions, writes, the state file, the clock."""

from __future__ import annotations

import json
import threading
from datetime import datetime
from pathlib import Path

import pytest

from sandbox.forms import FormError
from sandbox.model import WorkOrder
from sandbox.schedule import Schedule
from sandbox.world import NotFound, World

from .helpers import TECH1, TECH2, TODAY


def first_job(world: World) -> WorkOrder:
    """Some job of the first technician without forms."""
    taken = {entry.work_id for entry in world.state.forms.values()}
    return next(
        o for o in world.state.work_orders.values() if o.technician == TECH1 and o.next_visit and o.id not in taken
    )


def test_every_write_is_logged_with_who_what_and_when() -> None:
    world = World(7, TODAY)
    order = first_job(world)
    entry = world.create_form(TECH1, order.id, order.visits[0].id, "AccuMeasure")
    card = world.cards(entry)[0]
    world.save_first(TECH1, entry.id, {"equipment": card.id, "field[4855]": "1"})
    world.save_grade(TECH1, entry.id, 0, {"field[4857]": "1", "field[4858]": "1", "prover": "21-1-1"})
    index = world.add_reading(TECH1, entry.id, card.sides[0], card.grades[0])
    world.delete_reading(TECH1, entry.id, entry.readings[index].id)
    log = world.state.writes
    assert [write.kind for write in log] == [
        "create_form",
        "save_section",
        "save_section",
        "add_reading",
        "delete_reading",
    ]
    assert [write.n for write in log] == [1, 2, 3, 4, 5]
    assert {(write.user, write.entry_id, write.visit_id) for write in log} == {(TECH1, entry.id, entry.visit_id)}
    assert [write.section for write in log] == [None, "first", "536", "537", "537"]
    assert log[1].values["equipment_label"] == card.title and log[2].iteration == 0
    assert all(write.at.date() == TODAY for write in log)


def test_refused_writes_are_not_logged() -> None:
    world = World(7, TODAY)
    order = first_job(world)
    entry = world.create_form(TECH1, order.id, order.visits[0].id, "AccuMeasure")
    with pytest.raises(FormError):
        world.save_first(TECH1, entry.id, {"equipment": 1})
    with pytest.raises(FormError):
        world.create_form(TECH1, order.id, order.visits[0].id, "Poem")
    with pytest.raises(NotFound):
        world.save_first(TECH2, entry.id, {})
    with pytest.raises(NotFound):
        world.create_form(TECH2, order.id, order.visits[0].id, "AccuMeasure")
    assert len(world.state.writes) == 1


def test_a_restarted_world_continues_exactly(tmp_path: Path) -> None:
    file = tmp_path / "deep" / "state.json"
    world = World(7, TODAY, state_file=file)
    order = first_job(world)
    session = world.sign_in(TECH1, "sandbox-1", remember=True)
    assert session is not None
    world.create_form(TECH1, order.id, order.visits[0].id, "AccuMeasure")
    world.set_options({"remember_page_size": True, "redeploy": True})
    Schedule(world).move(order.id, TODAY)
    again = World(99, state_file=file)
    assert again.state.model_dump(exclude={"sessions"}) == world.state.model_dump(exclude={"sessions"})
    assert again.session(session.token) is not None
    assert again.today() == TODAY
    assert list(file.parent.iterdir()) == [file]


def test_a_file_that_is_no_state_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps({"seed": 7}), encoding="utf-8")
    with pytest.raises(ValueError, match="technicians"):
        World(7, state_file=file)
    with pytest.raises(ValueError, match="latency"):
        World(7, latency="warp")


def test_sessions_end_by_time_and_by_order() -> None:
    world = World(7, TODAY)
    short, long = (world.sign_in(TECH1, "sandbox-1", remember=remember) for remember in (False, True))
    assert short and long and world.session(short.token)
    world.set_clock(advance_seconds=121 * 60)
    assert world.session(short.token) is None and world.session(long.token)
    world.set_clock(advance_seconds=31 * 86_400)
    assert world.session(long.token) is None
    one, two = world.start_session(TECH1), world.start_session(TECH2)
    assert world.expire_sessions(TECH1) == 1
    assert world.session(one.token) is None and world.session(two.token)
    assert world.session("nonsense") is None and world.session(None) is None


@pytest.mark.parametrize(
    ("email", "password"), [(TECH1, "sandbox-2"), ("nobody@sandbox.invalid", "sandbox-1"), ("", "")]
)
def test_wrong_credentials_give_no_session(email: str, password: str) -> None:
    world = World(7, TODAY)
    assert world.sign_in(email, password, remember=True) is None
    assert [attempt.accepted for attempt in world.state.sign_ins] == [False]
    assert not any(session.user for session in world.state.sessions.values())


def test_the_clock_can_be_set_and_moved() -> None:
    world = World(7, TODAY)
    assert world.set_clock(datetime(2025, 7, 4, 9, 30)).date().isoformat() == "2025-07-04"
    assert world.set_clock(advance_seconds=86_400).date().isoformat() == "2025-07-05"


def test_concurrent_writers_lose_nothing() -> None:
    world = World(7, TODAY)
    order = first_job(world)

    def create() -> None:
        for _ in range(25):
            world.create_form(TECH1, order.id, order.visits[0].id, "AccuMeasure")

    threads = [threading.Thread(target=create) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [entry.id for entry in world.visit_forms(order.id, order.visits[0].id)]
    assert len(ids) == len(set(ids)) == 100
    assert [write.n for write in world.state.writes] == list(range(1, 101))


def test_page_size_is_remembered_only_when_asked() -> None:
    world = World(7, TODAY)
    world.remember_page_size(TECH1, 100)
    assert world.state.page_sizes == {}
    world.set_options({"remember_page_size": True})
    world.remember_page_size(TECH1, 100)
    assert world.state.page_sizes == {TECH1: 100} and world.state.writes == []


def test_unknown_settings_are_refused() -> None:
    world = World(7, TODAY)
    with pytest.raises(ValueError, match="colour"):
        world.set_options({"colour": "red"})
    with pytest.raises(ValueError, match="moon"):
        world.set_latency({"moon": {"min_ms": 1, "max_ms": 2}})
    assert world.delay_seconds("list") == 0
    world.set_latency({"list": {"min_ms": 500, "max_ms": 2000}})
    assert all(0.5 <= world.delay_seconds("list") <= 2 for _ in range(50))
    assert World(7, TODAY, latency="typical").delay_seconds("save") >= 0.5
