"""The list's query: filters, order, pages, and the cut of long instructions."""

from __future__ import annotations

import pytest

from sandbox.generate import generate
from sandbox.listing import Filter, Query, cut, page_of, parse_query, row, select
from sandbox.model import State

from .helpers import DONE, OPEN, TECH1, TECH2, TODAY


@pytest.fixture(scope="module")
def state() -> State:
    """The default world."""
    return generate(7, TODAY)


def test_a_filter_has_three_parts_and_the_display_may_be_empty() -> None:
    query = parse_query([*OPEN, ("order_direction", "asc"), ("page", "2"), ("limit", "50")])
    assert query.filters == (
        Filter("visit_scheduled", "scheduled", "", "With Scheduled Visits"),
        Filter("work_visit_completion", "none", "No visits completed", "Work Visits Completed"),
    )
    assert (query.descending, query.page, query.size) == (False, 2, 50)


def test_the_default_is_descending_first_page_no_filter() -> None:
    assert parse_query([]) == Query((), True, 1, None, False)
    assert parse_query([("page", "x"), ("limit", "33"), ("utm", "1")]) == Query()


def test_open_done_and_all_are_different_sets(state: State) -> None:
    everything = {order.id for order in select(state, TECH1, parse_query([]))}
    open_ones = {order.id for order in select(state, TECH1, parse_query(OPEN))}
    done = {order.id for order in select(state, TECH1, parse_query(DONE))}
    assert len(open_ones) == 64 and len(done) == 6
    assert not open_ones & done and open_ones < everything and done < everything
    unplanned = everything - open_ones - done
    assert all(not state.work_orders[number].visits for number in unplanned) and len(unplanned) == 3
    without_schedule_filter = {order.id for order in select(state, TECH1, parse_query(OPEN[1:]))}
    assert without_schedule_filter == open_ones | unplanned
    closed = select(state, TECH1, parse_query([("show_closed", "1")]))
    assert len(closed) == len(everything) + 6


def test_the_order_follows_the_next_visit(state: State) -> None:
    days = [order.visits[0].date for order in select(state, TECH1, parse_query([*OPEN, ("order_direction", "asc")]))]
    assert days == sorted(days)
    reverse = [order.visits[0].date for order in select(state, TECH1, parse_query(OPEN))]
    assert reverse == sorted(days, reverse=True)


def test_pages_together_are_the_whole_list(state: State) -> None:
    sizes, seen = [], []
    for number in range(1, 6):
        page = page_of(state, TECH2, parse_query([*OPEN, ("page", str(number))]), TODAY)
        assert (page.matches, page.pages, page.size) == (118, 5, 25)
        sizes.append(len(page.rows))
        seen += [item["id"] for item in page.rows]
    assert sizes == [25, 25, 25, 25, 18] and len(set(seen)) == 118
    assert page_of(state, TECH2, parse_query([*OPEN, ("page", "9")]), TODAY).rows == []
    assert page_of(state, TECH2, parse_query([]), TODAY).matches is None


def test_search_finds_by_id_and_store(state: State) -> None:
    order = next(order for order in state.work_orders.values() if order.technician == TECH1 and order.visits)
    found = select(state, TECH1, parse_query([("search_term", f"W-{order.id}"), ("show_closed", "1")]))
    assert [item.id for item in found] == [order.id]
    assert select(state, TECH2, parse_query([("search_term", f"W-{order.id}")])) == []


def test_long_text_is_cut_at_a_word() -> None:
    text = "word " * 60
    short = cut(text)
    assert 170 <= len(short) <= 190 and text.startswith(short) and short.endswith("word")
    assert cut("short\ntext") == "short\ntext"
    assert len(cut("x" * 400)) == 190


def test_a_row_says_what_is_absent(state: State) -> None:
    unplanned = next(order for order in state.work_orders.values() if not order.visits)
    shown = row(state, unplanned, TODAY)
    assert (shown["visit"], shown["total"], shown["completed_on"]) == (None, 0, None)
    done = next(order for order in state.work_orders.values() if order.done)
    shown = row(state, done, TODAY)
    assert shown["visit"] is None and shown["completed_on"] == done.visits[0].completed_on.strftime("%m/%d/%Y")  # type: ignore[union-attr]
