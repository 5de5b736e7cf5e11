"""Week, grades, chains, facts: the pure rules."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.work.chains import chain_of
from app.work.facts import clean_text, facts_of
from app.work.grades import KNOWN_GRADES, columns, in_portal_order, metering
from app.work.week import WeekRules, days_to_show, due_state, effective_week, monday

MON = date(2026, 3, 2)
NEXT = date(2026, 3, 9)
OPEN = [date(2026, 3, 6)]


@pytest.mark.parametrize(
    ("now", "rules", "open_dates", "expected"),
    [
        ("2026-03-06T16:59", WeekRules(), OPEN, (MON, "current")),
        ("2026-03-06T17:00", WeekRules(), OPEN, (NEXT, "week_over")),
        ("2026-03-07T08:00", WeekRules(), OPEN, (NEXT, "day_off")),
        ("2026-03-08T23:59", WeekRules(), OPEN, (NEXT, "day_off")),
        ("2026-03-09T00:00", WeekRules(), [], (NEXT, "current")),
        ("2026-03-05T07:00", WeekRules(), [], (NEXT, "nothing_left")),
        ("2026-03-04T07:00", WeekRules(), [], (MON, "current")),
        ("2026-03-05T07:00", WeekRules(), [date(2026, 3, 4)], (NEXT, "nothing_left")),
        ("2026-03-07T12:00", WeekRules((2, 3, 4, 5, 6)), [date(2026, 3, 7)], (MON, "current")),
        ("2026-03-02T12:00", WeekRules((2, 3, 4, 5, 6)), OPEN, (MON, "current")),
        ("2026-03-07T17:30", WeekRules((2, 3, 4, 5, 6)), [date(2026, 3, 7)], (NEXT, "week_over")),
        ("2026-03-08T01:00", WeekRules((2, 3, 4, 5, 6)), [], (NEXT, "day_off")),
    ],
)
def test_which_week_is_shown(now: str, rules: WeekRules, open_dates: list[date], expected: tuple[date, str]) -> None:
    assert effective_week(datetime.fromisoformat(now), rules, open_dates) == expected


@given(st.dates(date(2001, 1, 1), date(2099, 1, 1)))
def test_a_week_starts_on_monday_and_holds_its_day(day: date) -> None:
    start = monday(day)
    assert start.isoweekday() == 1
    assert 0 <= (day - start).days < 7
    assert monday(start) == start


def test_days_off_are_shown_only_when_they_have_work() -> None:
    assert len(days_to_show(MON, WeekRules(), [])) == 5
    assert days_to_show(MON, WeekRules(), [date(2026, 3, 8)])[-1] == date(2026, 3, 8)


def test_due_dates_are_judged_against_visit_and_today() -> None:
    today, visit = date(2026, 3, 4), date(2026, 3, 6)
    assert due_state(None, visit, today) == "none"
    assert due_state(date(2026, 3, 3), visit, today) == "overdue"
    assert due_state(date(2026, 3, 5), visit, today) == "before_visit"
    assert due_state(date(2026, 3, 6), visit, today) == "ok"


@pytest.mark.parametrize(
    ("grades", "pattern"),
    [
        ("Regular, Plus, Premium", "MBM"),
        ("Regular, Plus, Super Premium", "MBM"),
        ("Regular, Midgrade 89, Super Premium", "MBM"),
        ("Regular, Plus, Premium, Ultra", "MBBM"),
        ("Regular, Plus, Premium, Super", "MBBM"),
        ("Regular, Plus, Premium, Diesel, Super", "MBBMM"),
        ("Regular, Plus, Diesel, Ethanol-Free Gasoline Plus, Super", "MBMMM"),
        ("DEF, Diesel High Flow", "MM"),
        ("Multi-Product Disp", "M"),
        ("Diesel", "M"),
        ("Special 88, Extra 89, Midgrade 89", "BBB"),
        ("Regular, Premium, Ultra Low Sulfur Diesel", "MMM"),
        ("Grade: Premium, Grade: Super", "BM"),
    ],
)
def test_which_grades_have_a_meter(grades: str, pattern: str) -> None:
    names = grades.split(", ")
    assert "".join("M" if metering(name, names).metered else "B" for name in names) == pattern


def test_a_grade_nobody_knows_is_marked_as_such() -> None:
    assert not metering("Hydrogen", ["Hydrogen"]).known
    assert metering("E-85", ["E-85"]).known


def test_grades_stand_in_the_portals_order() -> None:
    wawa = ["Regular", "Plus", "Premium", "Diesel", "Super"]
    assert in_portal_order(wawa) == ["Regular", "Super", "Plus", "Premium", "Diesel"]
    assert in_portal_order(["Hydrogen", "Diesel"]) == ["Diesel", "Hydrogen"]
    assert columns([["Plus", "Regular"], ["Diesel"]]) == ["Regular", "Plus", "Diesel"]


@given(st.lists(st.sampled_from(KNOWN_GRADES), unique=True))
def test_ordering_keeps_every_grade_once(grades: list[str]) -> None:
    assert sorted(in_portal_order(grades)) == sorted(grades)
    assert in_portal_order(in_portal_order(grades)) == in_portal_order(grades)


@pytest.mark.parametrize(
    ("customer", "brand", "key"),
    [
        ("7-Eleven Stores, Inc", "7-11", "7-eleven"),
        ("7-Eleven Stores, Inc", "Speedway", "speedway"),
        ("Wawa", None, "wawa"),
        ("Circle K", "Circle K (FL)", "circle-k"),
        ("Costco Wholesale", None, "costco"),
        ("Somebody's Fuel, LLC", None, "other"),
    ],
)
def test_the_chain_comes_from_brand_and_customer(customer: str, brand: str | None, key: str) -> None:
    assert chain_of(customer, brand).key == key


def test_an_unknown_chain_keeps_its_own_name() -> None:
    assert chain_of("Somebody's Fuel, LLC", None).name == "Somebody's Fuel"


@pytest.mark.parametrize(
    ("text", "codes", "labels"),
    [
        ("NEW STATION (4/2025) Calibrate all dispensers.", ["2861"], ["New store"]),
        ("*NEW/REMODELED STORE* Calibrate all.", ["2861"], ["New store", "Remodeled"]),
        ("Day 2 of 2 Use the usual filter.", ["2861"], ["Day 2 of 2"]),
        ("Priority: 3 - two days", ["3146"], ["Priority 3", "Open neck prover"]),
        ("post construction - site opened 5/8/25", ["3002"], ["Post construction"]),
        ("#3/4 and #7 Diesel", ["2862"], ["Specific dispensers", "#3/4", "#7"]),
        ("Dispensers 1, 3, 5, 7, 9, 11", ["2862"], ["Specific dispensers", "6 dispensers (#1–#11)"]),
        ("Ethanol-Free hose is new", ["2861"], ["Ethanol-Free"]),
        ("Call the new manager", ["2861"], []),
        (None, ["2861"], []),
    ],
)
def test_facts_of_instructions(text: str | None, codes: list[str], labels: list[str]) -> None:
    facts = facts_of(text, codes)
    assert [fact.label for fact in facts] == labels
    for fact in facts:
        if fact.start is not None and fact.end is not None:
            assert 0 <= fact.start < fact.end <= len(text or "")


@given(st.text(max_size=200))
def test_any_text_has_facts_or_none(text: str) -> None:
    facts_of(text, ["2862"])
    clean_text(text)


def test_boilerplate_goes_and_everything_unusual_stays() -> None:
    text = "Calibrate all dispensers and change filters. Gate code is at the desk.\nUpload photos to the vault."
    assert clean_text(text) == "Gate code is at the desk."
    assert clean_text("Calibrate all dispensers. Change filters.") is None
    assert clean_text(None) is None
