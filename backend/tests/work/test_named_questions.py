"""What only a person can decide becomes a question, and never an order."""

import pytest

from app.work.named import resolve
from backend.tests.work.named_corpus import FEW, PAIRS, Card

TICKET = (
    "Priority: 3 - Standard\nAsset: dispenser - 3&4 of 4 - 0012345\nManufacturer: Gilbarco\nModel: NL1\n"
    "Serial: EN00012345\nIssue: {issue}"
)


def _codes(text: str, quantity: int | None = None) -> list[str]:
    return [question.code for question in resolve(text, PAIRS, quantity=quantity).questions]


@pytest.mark.parametrize(
    ("text", "quantity", "asked"),
    [
        ("#1/2", 1, False),
        ("#1/2", 2, False),  # two sides
        ("#1/2", 3, True),
        ("side #5", 2, True),
        ("#7 Ultra and #8 Plus", 2, False),
        ("#1/2, 3/4, 5/6, 7/8", 1, False),  # the portal's quantity is 1 whatever is named
        ("#1/2 and #99", 2, False),
        ("#1/2", 0, False),
        ("#1/2", None, False),
        ("Call the manager", 4, False),
        ("all dispensers", 1, False),
        ("all dispensers", 17, True),
    ],
)
def test_a_quantity_is_asked_about_only_when_it_exceeds_what_is_named(
    text: str, quantity: int | None, asked: bool
) -> None:
    assert _codes(text, quantity) == (["quantity_disagrees"] if asked else [])


def test_a_question_about_the_order_points_at_no_words() -> None:
    question = resolve("side #5", PAIRS, quantity=2).questions[0]
    assert (question.text, question.span) == ("Quantity 2", None)
    assert question.why == "The order says 2, and the text names 1 dispenser. Which are the others?"


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("3 dispensers: #1/2", True),
        ("3 dispensers: #1/2, #3/4, #5/6", False),
        ("2 dispensers, #7 and #8", False),
        ("(2) dispensers #7/8", True),
        ("2 pumps #7/8", False),
        ("two sides: #7/8", False),
        ("one side: #7/8", True),
        ("the other 2 dispensers passed, do #5", False),
        ("Qty: 4\n#1/2", True),
        ("Qty: 1\n#1/2, #3/4", False),
        ("All 6 dispensers", True),
        ("All 8 dispensers", False),
        ("All 16 pumps", False),
    ],
)
def test_a_count_in_the_text_is_compared_with_what_it_names(text: str, asked: bool) -> None:
    assert _codes(text) == (["quantity_disagrees"] if asked else [])


@pytest.mark.parametrize(
    ("issue", "asked"),
    [
        ("Plus is short by 6 cubic inches", None),
        ("pump 3 is slow, side 4 as well", None),
        ("call 407-555-0100, ticket #77, part 450-MB 10, 5/8/25", None),
        ("calibrate all dispensers", "all dispensers"),
        ("CALIBRATE ALL METERS", "ALL METERS"),
        ("open neck test of the whole site", "the whole site"),
        ("pumps 5 and 6 as well", "pumps 5"),
        ("several dispensers fail", "several dispensers"),
        ("3 dispensers fail", "3 dispensers"),
        ("new stickers on all dispensers", None),
    ],
)
def test_a_ticket_orders_its_asset_and_asks_when_it_speaks_of_more(issue: str, asked: str | None) -> None:
    text = TICKET.format(issue=issue)
    result = resolve(text, FEW)
    assert [(named.numbers, named.sides) for named in result.dispensers] == [((3, 4), None)]
    assert not result.everything and not result.unresolved
    assert [(q.code, q.text) for q in result.questions] == ([("one_asset_several_ordered", asked)] if asked else [])
    if asked:
        span = result.questions[0].span
        assert span is not None and text[slice(*span)] == asked


def test_a_ticket_in_one_line_is_read_the_same() -> None:
    text = TICKET.format(issue="calibrate all dispensers").replace("\n", " ")
    assert [q.code for q in resolve(text, FEW).questions] == ["one_asset_several_ordered"]
    assert [named.numbers for named in resolve(text, FEW).dispensers] == [(3, 4)]


def test_an_excluded_grade_is_a_restriction_only_where_the_cards_grades_are_known() -> None:
    unknown = resolve("#3 all products except diesel", FEW)
    assert unknown.dispensers[0].grades is None
    assert [(q.code, q.text) for q in unknown.questions] == [("exclusion", "#3")]
    known = resolve("#3 all products except diesel", FEW, card_grades={(3, 4): ("Regular", "Plus", "Diesel")})
    assert known.dispensers[0].grades == ("Regular", "Plus")
    assert known.questions == ()


def test_a_loose_word_is_a_grade_where_the_card_has_exactly_one_such() -> None:
    midgrade = ("Regular", "Midgrade 89", "Super Premium")
    assert resolve("#3 mid only", FEW, card_grades={(3, 4): midgrade}).dispensers[0].grades == ("Midgrade 89",)
    asked = resolve("#3 mid only", FEW, card_grades={(3, 4): ("Regular", "Plus")})
    assert asked.dispensers[0].grades is None
    assert [(q.code, q.text) for q in asked.questions] == [("unclear_grade", "mid")]
    assert "3/4 has Regular, Plus" in asked.questions[0].why


def test_a_grade_the_card_does_not_sell_is_asked_about() -> None:
    result = resolve("#3 Ultra", FEW, card_grades={(3, 4): ("Regular", "Plus")})
    assert [q.code for q in result.questions] == ["unclear_grade"]
    assert resolve("#3 Plus", FEW, card_grades={(3, 4): ("Regular", "Plus")}).questions == ()


def test_all_dispensers_of_a_grade_are_those_that_sell_it() -> None:
    grades: dict[Card, tuple[str, ...]] = {(1, 2): ("Regular",), (3, 4): ("Regular", "Diesel")}
    result = resolve("Calibrate all Diesel dispensers", FEW, card_grades=grades)
    assert [(named.numbers, named.grades) for named in result.dispensers] == [((3, 4), ("Diesel",))]
    assert not result.everything
    assert [q.code for q in resolve("Calibrate all Diesel dispensers", FEW).questions] == ["unclear_dispensers"]


def test_everything_has_no_exception() -> None:
    assert resolve("CALIBRATE ALL METERS", FEW).everything
    for text in (
        "All dispensers except 3/4",
        "All dispensers. Skip 3/4.",
        "All dispensers, not #3",
        "Plus on all pumps",
    ):
        assert not resolve(text, FEW).everything


def test_a_list_behind_not_may_go_on_with_what_is_ordered() -> None:
    result = resolve("#1, not #5/6, #8", PAIRS)
    assert [named.numbers for named in result.dispensers] == [(1, 2)]
    assert [(q.code, q.text) for q in result.questions] == [("unclear_dispensers", "#8")]
    for clear in ("#1, not #5/6 and #8", "#1-8 except #3, #5", "#1, not #5"):
        assert resolve(clear, PAIRS).questions == ()
