"""Dispensers named in instructions: every line of the known table, and properties."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.work.named import find_mentions, resolve

CARDS = [(first, first + 1) for first in range(1, 25, 2)]


def _said(text: str, cards: Sequence[tuple[int, ...]] | None = None) -> list[tuple[str, str | None, str | None]]:
    """Per ordered card: its label, the sides, the grades (``None`` = all)."""
    result = resolve(text, cards if cards is not None else CARDS)
    return [
        (
            "/".join(map(str, named.numbers)),
            ",".join(map(str, named.sides)) if named.sides else None,
            ", ".join(named.grades) if named.grades else None,
        )
        for named in result.dispensers
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#3 Diesel only", [("3/4", "3", "Diesel")]),
        ("#8 Plus and Premium.", [("7/8", "8", "Plus, Premium")]),
        ("#7 Ultra and #8 Plus, Premium and Ultra.", [("7/8", None, "Plus, Premium, Ultra")]),
        ("side #5", [("5/6", "5", None)]),
        ("#4 Plus, #15 Diesel", [("3/4", "4", "Plus"), ("15/16", "15", "Diesel")]),
        ("#1/2", [("1/2", None, None)]),
        ("#1 Plus\n#4 Premium\n#10 all grades", [("1/2", "1", "Plus"), ("3/4", "4", "Premium"), ("9/10", "10", None)]),
        (
            "#3/4 all grades fail\n#19/20 all grades. Call the office first.",
            [("3/4", None, None), ("19/20", None, None)],
        ),
        (
            "Plus, Premium and Ultra on Dispensers #1/2, 3/4, 5/6, 7/8.",
            [(label, None, "Plus, Premium, Ultra") for label in ("1/2", "3/4", "5/6", "7/8")],
        ),
        ("Asset: dispenser - 3&4 of 4 - 0012345", [("3/4", None, None)]),
        ("Dispensers 1,3,5", [("1/2", "1", None), ("3/4", "3", None), ("5/6", "5", None)]),
        ("dispensers 1 3 5", [("1/2", "1", None), ("3/4", "3", None), ("5/6", "5", None)]),
        ("pumps 1-4", [("1/2", None, None), ("3/4", None, None)]),
        ("Special 88 and Midgrade 89 on #3", [("3/4", "3", "Midgrade 89, Special 88")]),
        ("12:30 PM #5", [("5/6", "5", None)]),
        ("dispenser 1, 2 and 7", [("1/2", None, None), ("7/8", "7", None)]),
        ("Disp #s 1, 2", [("1/2", None, None)]),
        ("FP3, FP4 Regular", [("3/4", None, "Regular")]),
        ("Calibrate dispensers 1 thru 6", [("1/2", None, None), ("3/4", None, None), ("5/6", None, None)]),
        ("Regular on #1/2 and Diesel on #3/4", [("1/2", None, "Regular"), ("3/4", None, "Diesel")]),
        ("Store #38193: #5 Diesel", [("5/6", "5", "Diesel")]),
        ("Pump 9 diesel", [("9/10", "9", "Diesel")]),
    ],
)
def test_what_is_named_is_found_with_its_sides_and_grades(
    text: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert _said(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "NEW STATION (4/2025)",
        "post construction - site opened 5/8/25",
        "Day 2 of 2",
        "Use the 450-MB 10 for gas and the 70991 for E-85, 5 micron (5.5 inch)",
        "Call between 8:00 AM and 12:30 PM",
        "check the 70/30 blend ratio",
        "Priority: 3 - soon",
        "Replace Special 88 decals",
        "",
    ],
)
def test_numbers_that_name_no_dispenser_are_left_alone(text: str) -> None:
    result = resolve(text, CARDS)
    assert (result.dispensers, result.unresolved, result.everything) == ((), (), False)


def test_the_cards_decide_what_a_number_means() -> None:
    crossed = [(1, 3), (2, 4), (5, 7), (6, 8)]
    assert _said("#3 Regular", crossed) == [("1/3", "3", "Regular")]
    single = [(1, 2), (9,), (10,)]
    assert _said("#9", single) == [("9", None, None)]


@pytest.mark.parametrize(("text", "why"), [("#99", "no dispenser with number 99"), ("#1/2 only", "1 is on 1/3")])
def test_what_resolves_to_no_card_is_reported_never_completed(text: str, why: str) -> None:
    result = resolve(text, [(1, 3), (2, 4)])
    assert result.dispensers == ()
    assert why in result.unresolved[0].why


def test_an_order_for_everything_is_told_apart_from_naming_nothing() -> None:
    assert resolve("Calibrate all dispensers", CARDS).everything
    assert not resolve("Call the manager", CARDS).everything


def test_mentions_point_at_their_words() -> None:
    text = "Please do #3 Diesel and then side #8."
    assert [text[start:end] for start, end in (mention.span for mention in find_mentions(text))] == ["#3", "side #8"]


@given(
    st.lists(st.integers(1, 24), min_size=1, max_size=6, unique=True), st.sampled_from([", ", " and ", " & ", " ", ","])
)
def test_a_list_after_an_introducer_names_exactly_its_numbers(numbers: list[int], separator: str) -> None:
    if separator == " & " and len(numbers) > 1:
        return  # "3 & 4" is one cabinet, by the portal's tickets
    result = resolve("Dispensers " + separator.join(map(str, numbers)), CARDS)
    sides = {side for named in result.dispensers for side in (named.sides or named.numbers)}
    assert sides == set(numbers)
    assert result.unresolved == ()


@given(st.text(alphabet="#0123456789/,-& \nabdDispenerPumGsaltov.:()", max_size=80))
def test_any_text_is_answered_and_only_with_cards_that_exist(text: str) -> None:
    result = resolve(text, CARDS)
    assert {named.numbers for named in result.dispensers} <= set(CARDS)
    for start, end in [d.span for d in result.dispensers] + [u.span for u in result.unresolved]:
        assert 0 <= start < end <= len(text)
