"""A portal with little work, all of it on known days: what a test needs, and a sync of a few seconds."""

from collections import Counter
from datetime import date, timedelta

from backend.tests.stack import TECHNICIAN
from sandbox.model import Location, WorkOrder
from sandbox.server import SandboxServer

_PLAIN = 5  # visits of 2861 orders, at stores of their own, whose forms do not exist yet
_OTHERS = 7


def small_world(portal: SandboxServer) -> list[WorkOrder]:
    """Makes the portal's world anew and leaves a dozen orders of the technician. Answers the plain ones, the store with
    the fewest dispensers first; they lie on the days of the coming week, which the week board always shows."""
    portal.control.reset()
    state = portal.world.state
    with_forms = {form.work_id for form in state.forms.values()}
    mine = [order for order in state.work_orders.values() if order.technician == TECHNICIAN and not order.closed]
    stores = Counter(order.location_id for order in mine)

    def is_plain(order: WorkOrder) -> bool:
        place = state.locations[order.location_id]
        grades = {tuple(card.grades) for card in place.dispensers}
        return (
            "2861" in order.codes
            and order.next_visit is not None
            and len(order.visits) == 1
            and order.id not in with_forms
            and stores[place.id] == 1
            and not place.modal
            and len(place.dispensers) >= 2
            and min(map(len, grades)) >= 3
        )

    plain = sorted(filter(is_plain, mine), key=lambda order: (len(location(portal, order).dispensers), order.id))
    chosen = plain[:_PLAIN]
    assert len(chosen) == _PLAIN
    others = [order for order in mine if order not in chosen][:_OTHERS]
    for order in mine:
        if order not in chosen and order not in others:
            portal.control.schedule.remove(order.id)
    today = date.today()  # noqa: DTZ011  # the portal's own, local day
    monday = today + timedelta(days=7 - today.weekday())
    for number, order in enumerate(chosen):
        portal.control.schedule.move(order.id, monday + timedelta(days=number))
    return chosen


def location(portal: SandboxServer, order: WorkOrder) -> Location:
    return portal.world.state.locations[order.location_id]


def visit_of(order: WorkOrder) -> int:
    """The number of the order's open visit."""
    assert order.next_visit is not None
    return order.next_visit.id
