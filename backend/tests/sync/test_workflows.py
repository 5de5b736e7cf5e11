"""The durable sync against the sandbox, with a real browser: the good way, and each way it may fail."""

import pytest
from sqlalchemy import select

from app.accounts.models import PortalLink
from app.activity.queue import enqueue
from app.sync import service
from app.work.models import Dispenser, Visit, WorkOrder
from backend.tests.stack import TECHNICIAN, Stack


def _open_orders(stack: Stack) -> dict[int, WorkOrder]:
    with stack.database.read() as db:
        return {order.work_id: order for order in db.scalars(select(WorkOrder)) if order.missing_since is None}


def _portal_orders(stack: Stack) -> set[int]:
    """What the portal's list of open orders must show: no visit completed, not closed."""
    orders = stack.portal.world.state.work_orders.values()
    return {o.id for o in orders if o.technician == TECHNICIAN and not o.closed and o.done == 0}


@pytest.fixture
def few(stack: Stack) -> Stack:
    """A portal with eight of the technician's orders: enough for everything but paging."""
    state = stack.portal.world.state
    mine = [order.id for order in state.work_orders.values() if order.technician == TECHNICIAN]
    for work_id in mine[8:]:
        stack.portal.control.schedule.remove(work_id)
    return stack


def test_everything_comes_home_and_a_second_sync_changes_nothing(stack: Stack) -> None:
    run, events = stack.sync()
    assert run.state == "succeeded", run.error_detail
    orders = _open_orders(stack)
    assert set(orders) == _portal_orders(stack)
    assert run.counts.work_orders == len(orders) >= 60
    state = stack.portal.world.state
    with stack.database.read() as db:
        cards: dict[int, list[str]] = {}
        for item in db.scalars(select(Dispenser).order_by(Dispenser.position)):
            cards.setdefault(item.location_id, []).append(item.title)
        for visit in db.scalars(select(Visit)):
            order = next(o for o in orders.values() if o.id == visit.work_order_id)
            assert state.work_orders[order.work_id].next_visit is not None
            assert visit.visit_id == state.work_orders[order.work_id].next_visit.id  # type: ignore[union-attr]
    for order in orders.values():
        place = state.locations[order.location_id]
        if not place.deleted:
            assert cards.get(order.location_id, []) == [card.title for card in place.dispensers]
    assert any("of" in event.message and event.data.get("total") == run.counts.locations_total for event in events)

    again, _ = stack.sync()
    assert (again.state, again.counts.added, again.counts.changed, again.counts.missing) == ("succeeded", 0, 0, 0)
    assert again.counts.locations_total == 0
    # The portal's session was kept: the second sync did not sign in again.
    assert stack.portal.control.counts()["sign_ins"]["accepted"] == 1


@pytest.mark.parametrize(
    ("fault", "match", "code"),
    [
        ("list_truncated", {"drop": 2}, "list_incomplete"),
        ("empty_list", {"matches": "zero"}, "list_empty"),
        ("foreign_page", {"path": "/app/work/list"}, "foreign_page"),
        ("rename", {"what": "work_list_item"}, "portal_changed"),
        ("http_500", {"kind": "list"}, "portal_failing"),
    ],
)
def test_an_unusable_list_fails_the_sync_and_changes_nothing(
    few: Stack, fault: str, match: dict[str, object], code: str
) -> None:
    assert few.sync()[0].state == "succeeded"
    before = {work_id: order.seen_at for work_id, order in _open_orders(few).items()}
    few.portal.control.fault(fault, None, match)
    run, events = few.sync()
    assert (run.state, run.error_code) == ("failed", code), run.error_detail
    assert run.error_detail
    assert run.error_action
    assert events[-1].type == "failed"
    assert {work_id: order.seen_at for work_id, order in _open_orders(few).items()} == before


def test_an_empty_list_is_taken_when_a_person_says_so(few: Stack) -> None:
    few.sync()
    for work_id in _portal_orders(few):
        few.portal.control.schedule.remove(work_id)
    assert few.sync()[0].error_code == "list_empty"
    run, _ = few.sync(accept_empty=True)
    assert run.state == "succeeded"
    assert run.counts.missing
    with few.database.read() as db:
        assert db.scalars(select(WorkOrder)).first() is not None  # kept, though absent


def test_a_session_that_expires_midway_is_renewed_and_nothing_is_lost(few: Stack) -> None:
    few.portal.control.fault("session_expired", 1, {"kind": "equipment", "after": 2})
    run, _ = few.sync()
    assert run.state == "succeeded", run.error_detail
    assert few.portal.control.counts()["sign_ins"]["accepted"] == 2


def test_a_location_that_cannot_be_read_is_named_and_the_rest_is_stored(few: Stack) -> None:
    location = next(iter(_portal_orders(few)))
    location_id = few.portal.world.state.work_orders[location].location_id
    few.portal.control.fault("http_500", None, {"path": f"/{location_id}"})
    run, _ = few.sync()
    assert run.state == "partial"
    assert run.counts.locations_failed == 1
    assert run.counts.locations_read == (run.counts.locations_total or 0) - 1
    few.portal.control.clear_faults()
    healed, _ = few.sync()
    assert (healed.state, healed.counts.locations_total) == ("succeeded", 1)


def test_a_changed_equipment_page_ends_the_reading_of_locations_at_once(few: Stack) -> None:
    few.portal.control.fault("rename", None, {"what": "equipment_heading"})
    run, _ = few.sync()
    assert (run.state, run.error_kind) == ("partial", "portal_changed")
    assert run.counts.locations_read == 0
    assert "saved as" in (run.error_detail or "")


def test_a_deleted_location_is_no_failure_of_the_sync(few: Stack) -> None:
    work_id = next(iter(_portal_orders(few)))
    few.portal.control.schedule.delete_location(few.portal.world.state.work_orders[work_id].location_id)
    run, _ = few.sync()
    assert run.state == "succeeded", run.error_detail


def test_what_dispatch_takes_away_is_marked_missing(few: Stack) -> None:
    few.sync()
    gone = next(iter(_portal_orders(few)))
    few.portal.control.schedule.remove(gone)
    run, _ = few.sync()
    assert (run.state, run.counts.missing) == ("succeeded", 1)
    assert gone not in _open_orders(few)


def test_refused_credentials_end_the_link_and_the_next_sync_says_why(few: Stack) -> None:
    events = few.link(password="wrong")
    assert events[-1].type == "failed"
    assert events[-1].data["code"] == "credentials_rejected"
    with few.database.read() as db:
        link = db.get_one(PortalLink, few.user_id)
        assert (link.state, link.browser_state_sealed) == ("rejected", None)
    with pytest.raises(Exception, match=r"(?i)password|accept|refused"):
        few.sync()


def test_a_live_check_tells_its_steps_and_connects(few: Stack) -> None:
    events = few.link()
    assert events[-1].type == "finished"
    phases = [event.data["phase"] for event in events if event.type == "phase"]
    assert phases[0] == "starting_browser"
    assert "signing_in" in phases


def test_an_unreachable_portal_is_transient_and_says_what_to_do(few: Stack) -> None:
    with few.database.write() as db:
        db.get_one(PortalLink, few.user_id).base_url = "http://127.0.0.1:9"
    run, _ = few.sync()
    assert (run.state, run.error_kind) == ("failed", "transient")
    assert run.error_action


def test_only_one_sync_of_a_user_at_a_time(few: Stack) -> None:
    few.portal.control.latency(list={"min_ms": 400, "max_ms": 400})
    with few.database.write() as db:
        run = service.request_sync(db, few.user_id, "test")
    enqueue(service.WORKFLOW, run.id, few.user_id)
    with few.database.write() as db, pytest.raises(service.SyncRunning):
        service.request_sync(db, few.user_id, "test")
    few.follow(run.id)
