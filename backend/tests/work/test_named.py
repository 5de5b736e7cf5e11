"""Dispensers named in instructions: a corpus of texts, the words they point at, and properties."""

import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.work.named import DAY_OF, NamedResult, find_mentions, resolve
from backend.tests.work import named_corpus, named_corpus_orders
from backend.tests.work.named_corpus import CROSSED, FEW, PAIRS, SINGLES, Card, Line

CORPUS = [*named_corpus.LINES, *named_corpus_orders.LINES]


def told(result: NamedResult) -> str:
    """``3/4[3]:Diesel``: side 3 of card 3/4, Diesel only; ``!`` what fits no card, ``?`` a question, ``ALL`` everything."""
    parts = ["ALL"] if result.everything else []
    for named in result.dispensers:
        sides = f"[{','.join(map(str, named.sides))}]" if named.sides else ""
        grades = f":{','.join(named.grades)}" if named.grades is not None else ""
        parts.append("/".join(map(str, named.numbers)) + sides + grades)
    parts += [f"!{item.text}" for item in result.unresolved]
    parts += [f"?{question.code}={question.text}" for question in result.questions]
    return "; ".join(parts)


@pytest.mark.parametrize("line", CORPUS, ids=lambda line: repr(line[1])[:60])
def test_the_corpus(line: Line) -> None:
    cards, text, expected = line
    assert told(resolve(text, cards)) == expected


def test_the_corpus_is_large_and_says_each_text_once() -> None:
    assert len(CORPUS) >= 150
    assert len({(cards, text) for cards, text, _ in CORPUS}) == len(CORPUS)


@pytest.mark.parametrize(
    "text",
    [
        "NEW STATION (4/2025)",
        "post construction - site opened 5/8/25",
        "opened 05/08, again on May 8 and 8 May 2025",
        "Day 2 of 2",
        "Use the 450-MB 10 for gas and the 70991 for E-85, 5 micron (5.5 inch)",
        "400MB 10, 400MB-10, 450 HS 10, 450-HS 10",
        "Call between 8:00 AM and 12:30 PM, or 407-555-0100",
        "check the 70/30 blend ratio",
        "Priority: 3 - soon",
        "Replace Special 88 decals",
        "Model: NL1\nSerial: EN00012345\nManufacturer: Gilbarco",
        "Order W-126686, visit #128675, store #38193, #1234567",
        "Calibrate 3 and 4 again",
        "",
        " \r\n\t ",
        "#",
        "dispenser",
    ],
)
def test_numbers_that_name_no_dispenser_are_left_alone(text: str) -> None:
    assert resolve(text, PAIRS) == NamedResult((), (), everything=False)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Please do #3 Diesel and then side #8.", ["#3", "side #8"]),
        ("Dispensers 1, 5/6 and 9", ["Dispensers 1", "5/6", "9"]),
        ("Asset: dispenser - 3&4 of 4 - 0012345", ["dispenser - 3&4"]),
        ("\u00a0\u00a0pumps\u00a0 3\u20135\r\n", ["pumps\u00a0 3\u20135", "pumps\u00a0 3\u20135"]),
        ("Plus on Dispensers #1/2,\r\n3/4", ["Dispensers #1/2", "3/4"]),
        ("the 5/6 dispenser, please", ["5/6 dispenser"]),
        ("\u200b#\u200b3 Diesel", ["#\u200b3"]),
        ("side 3 of dispenser 3/4", ["side 3 of dispenser 3/4"]),
    ],
)
def test_spans_cover_exactly_the_words_that_name(text: str, words: list[str]) -> None:
    assert [text[slice(*named.span)] for named in resolve(text, PAIRS).dispensers] == words


@pytest.mark.parametrize(
    ("text", "cards", "why"),
    [
        ("#99", FEW, "There is no dispenser with number 99 at this location (it has 1/2, 3/4)."),
        ("#2/3", FEW, "There is no dispenser 2/3 at this location: 2 is on 1/2, 3 is on 3/4."),
        ("#1/2", CROSSED, "There is no dispenser 1/2 at this location: 1 is on 1/3, 2 is on 2/4."),
        ("#3", [(1, 2), (3, 4), (3, 4)], "More than one dispenser of this location has 3."),
        ("#3", [], "The dispensers of this location are not known yet."),
        ("#3B", FEW, "“3B” is no number of a dispenser at this location (it has 1/2, 3/4)."),
    ],
)
def test_what_resolves_to_no_card_is_reported_never_completed(text: str, cards: Sequence[Card], why: str) -> None:
    result = resolve(text, cards)
    assert result.dispensers == ()
    assert [(item.text, item.why) for item in result.unresolved] == [(text, why)]


def test_a_range_with_gaps_orders_what_exists_and_reports_the_rest_once() -> None:
    result = resolve("pumps 1-6", FEW)
    assert [named.numbers for named in result.dispensers] == list(FEW)
    assert [item.text for item in result.unresolved] == ["pumps 1-6"]
    assert "number 5 " in result.unresolved[0].why and "number 6 " in result.unresolved[0].why


def test_grades_come_in_the_portals_order_and_once() -> None:
    named = resolve("#3 Diesel, Premium, Regular and diesel", PAIRS).dispensers[0]
    assert named.grades == ("Regular", "Premium", "Diesel")


def test_mentions_leave_out_what_is_excluded() -> None:
    assert [mention.numbers for mention in find_mentions("#1-#2, not #5/6; only side #8 Plus")] == [(1,), (2,), (8,)]


def test_the_day_pattern_is_one_for_all() -> None:
    match = DAY_OF.search("DAY #1 of 2")
    assert match is not None and match.groups() == ("1", "2")
    assert DAY_OF.search("Monday, 1 of 2") is None


_SEPARATORS = st.sampled_from(
    [", ", " and ", " & ", " ", ",", "; ", ", and ", " + ", " #", ", #", "\u00a0", "\u00a0& "]
)
_OPENINGS = st.sampled_from(
    ["Dispensers ", "#", "pumps ", "DISP. ", "Sides ", "FP ", "Dispensers: ", "Dispenser Nos. "]
)


@given(st.lists(st.integers(1, 16), min_size=2, max_size=6, unique=True), _SEPARATORS, _OPENINGS)
def test_a_list_after_an_introducer_names_exactly_its_numbers(numbers: list[int], separator: str, opening: str) -> None:
    result = resolve(opening + separator.join(map(str, numbers)), PAIRS)
    assert {side for named in result.dispensers for side in (named.sides or named.numbers)} == set(numbers)
    assert result.unresolved == () and result.questions == ()


@given(st.sampled_from([PAIRS, CROSSED, SINGLES]), st.data())
def test_every_card_written_as_its_label_is_found_whole(cards: tuple[Card, ...], data: st.DataObject) -> None:
    chosen = data.draw(st.lists(st.sampled_from(cards), min_size=1, unique=True))
    text = data.draw(_OPENINGS) + ", ".join("/".join(map(str, card)) for card in chosen)
    result = resolve(text, cards)
    if text.startswith("Dispensers: ") and len(chosen) == 1 and len(chosen[0]) == 1:
        assert [question.code for question in result.questions] == ["unclear_dispensers"]
        return
    assert [named.numbers for named in result.dispensers] == sorted(chosen)
    assert all(named.sides is None and named.grades is None for named in result.dispensers)


_WORDS = st.sampled_from(
    [
        "#",
        "1",
        "3",
        "4",
        "12",
        "99",
        "/",
        "&",
        "-",
        ",",
        ";",
        ".",
        ":",
        "(",
        ")",
        "\n",
        "and",
        "to",
        "not",
        "except",
        "all",
        "dispensers",
        "pump",
        "side",
        "both",
        "of",
        "Plus",
        "Diesel",
        "mid",
        "only",
        "do",
        "skip",
        "Asset:",
        "Issue:",
        "Day",
        "2",
        "or",
        "5/8/25",
        "450-MB",
        "meters",
        "every",
        "already",
        "done",
        "on",
        "Qty",
    ]
)


@given(
    st.one_of(
        st.text(alphabet="#0123456789/,-& \nabdDispenerPumGsaltov.:()\u00a0\u2013é", max_size=80),
        st.text(max_size=60),
        st.lists(_WORDS, max_size=30).map(" ".join),
    ),
    st.sampled_from([PAIRS, CROSSED, SINGLES, FEW, ()]),
)
@settings(max_examples=300)
def test_any_text_is_answered_and_only_with_cards_that_exist(text: str, cards: tuple[Card, ...]) -> None:
    result = resolve(text, cards, quantity=2)
    assert {named.numbers for named in result.dispensers} <= set(cards)
    assert not (result.everything and result.dispensers)
    for named in result.dispensers:
        assert named.sides is None or set(named.sides) < set(named.numbers)
    spans = [named.span for named in result.dispensers] + [item.span for item in result.unresolved]
    spans += [question.span for question in result.questions if question.span is not None]
    assert all(0 <= start < end <= len(text) for start, end in spans)
    for item in result.unresolved:
        assert item.text == " ".join(text[slice(*item.span)].split())


_REPEATED = [
    "#",
    "# ",
    "1,",
    "1/",
    "#1,",
    "#1/2 & ",
    "1-",
    "#3 Diesel ",
    "#3 gas ",
    "not ",
    "do not #3 ",
    "all ",
    "leave ",
]
_REPEATED += [
    " ",
    "\n",
    "(",
    "a-",
    "dispensers: ",
    "side 3 of 3/4 ",
    "Asset: ",
    "issue: #3 ",
    "don't touch 3 ",
    "day 1 ",
]


@pytest.mark.parametrize("unit", _REPEATED, ids=repr)
def test_ten_kilobytes_of_anything_take_time_in_proportion(unit: str) -> None:
    """The processor's time, so that a busy machine fails nothing; a runaway pattern takes minutes here."""
    text = (unit * 10_000)[:10_000]
    start = time.process_time()
    resolve(text, PAIRS)
    assert time.process_time() - start < 4


@pytest.mark.parametrize(
    ("text", "numbers", "sides", "grades"),
    [
        ("dispenser 3/4, side 3 only", (3, 4), (3,), None),
        ("Recalibrate dispenser 3/4 regular side 3 only", (3, 4), (3,), ("Regular",)),
        ("#1/2 (side 2) Premium", (1, 2), (2,), ("Premium",)),
        ("#5/6, side 5 and side 6", (5, 6), None, None),
    ],
)
def test_a_side_behind_its_own_cabinet_says_which_side_is_meant(
    text: str, numbers: tuple[int, ...], sides: tuple[int, ...] | None, grades: tuple[str, ...] | None
) -> None:
    found = resolve(text, [(1, 2), (3, 4), (5, 6)]).dispensers
    assert [(item.numbers, item.sides, item.grades) for item in found] == [(numbers, sides, grades)]
