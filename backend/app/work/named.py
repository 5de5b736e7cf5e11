"""Dispensers that instructions name (code 2862), resolved against the cards a location really has.

Rule (Portal spec §5.11): a number counts only when a word or sign introduces it (#, dispenser, pump, side) or when it
continues such a list. Dates, "Day 1 of 2", times, part numbers, blend ratios and grade names with digits are never
dispensers. A number that is on no card is reported, never completed to a pair that may not exist.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.work.grades import KNOWN_GRADES

_GRADE_NAMES = sorted(
    {*KNOWN_GRADES, "Premium 92", "Ultra Low Sulfur Diesel", "Midgrade", "Ethanol Free"}, key=len, reverse=True
)
_GRADE = re.compile(
    r"(?<![\w-])(?:" + "|".join(re.escape(name).replace(r"\ ", r"[ \t]+") for name in _GRADE_NAMES) + r")(?![\w-])",
    re.IGNORECASE,
)
# What looks like numbers but names no dispenser. Each match is blanked out before numbers are looked for.
_NOT_DISPENSERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\bday\s*#?\d+\s*(?:of|/)\s*\d+",
        r"\b\d{1,2}/\d{1,2}/\d{2,4}\b",
        r"\b\d{4}-\d{2}-\d{2}\b",
        r"\b\d{1,2}/(?:19|20)\d{2}\b",
        r"\b\d{1,2}:\d{2}(?::\d{2})?\s*(?:[ap]\.?m\b\.?)?",
        r"\b\d{1,2}\s*[ap]\.?m\b\.?",
        r"\bpriority\s*:?\s*#?\d+",
        r"\b\d{3}-?[A-Z]{2,3}(?:[ -]?\d{1,2})?\b",
        r"\b\d{3}-[A-Z]+\s*\d*\b",
        r"\b(?:100|[5-9]0)\s*/\s*(?:[0-4]?0)\b(?=[^\n]{0,30}(?:blend|ratio|mix))",
        r"(?<=ratio)s?\s*(?:of\s*)?\d+\s*/\s*\d+",
        r"\b\d+(?:\.\d+)?\s*(?:micron|inch(?:es)?|gal(?:lon)?s?|mm|%|percent|hours?|hrs?|minutes?|mins?|days?|psi|gpm)\b",
        r"\b(?:serial|s/n|sn|asset id|model|ticket|order|wo|w-|store|site|zip|phone|po)\s*(?:number|no\.?)?\s*[:#-]*\s*\S*\d\S*",
        r"\b(?:midgrade|special|extra|unleaded|premium|rec fuel|octane|e)[ -]?\d{2}\b",
        r"\b\d{2}\s*octane\b",
        r"\b\d{5,}\b",
    )
)
_OF_TOTAL = re.compile(r"\s*of\s+\d+\b", re.IGNORECASE)
_INTRODUCER = re.compile(
    r"#+(?:s\b)?\s*(?=\d)|\bfp(?=\d)|\b(?P<word>dispensers?|disps?|pumps?|sides?|fueling points?|fps?)\b\.?\s*(?:no\.?s?|numbers?)?\s*[:\-–]?\s*#?(?:s\b)?\s*(?=\d)",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"\s*#?\s*(\d{1,3})(?!\d)(?!\s*(?:st|nd|rd|th)\b)(?![.]\d)")
_PAIR = re.compile(r"\s*(?:/|&)\s*#?(\d{1,3})(?!\d)")
_RANGE = re.compile(r"\s*(?:-|–|to|thru|through)\s*#?(\d{1,3})(?!\d)", re.IGNORECASE)
_SEPARATOR = re.compile(
    r"(?:\s*(?:,|;|\+|&)\s*(?:and\s+)?|\s+and\s+|\s+)(?=(?:#|(?:dispensers?|pumps?|sides?|fps?)\s*#?\s*)?\d)",
    re.IGNORECASE,
)
_EVERYTHING = re.compile(r"\b(?:all|every|each)\s+(?:the\s+)?(?:dispensers?|pumps?|meters)\b", re.IGNORECASE)
_ALL_GRADES = re.compile(r"\b(?:all|every)\s+(?:the\s+)?(?:grades?|products?|fuels?)\b", re.IGNORECASE)
_RESTRICTS_BACKWARDS = re.compile(r"^[\s,.:;-]*(?:on|for|at|of|in)\b[\s:]*(?:only\s+)?(?:the\s+)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that name dispensers. ``numbers`` of one cabinet or side; ``span`` are character positions in the text."""

    numbers: tuple[int, ...]
    grades: tuple[str, ...] | None
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class NamedDispenser:
    """A card that is ordered. ``sides``/``grades`` ``None`` = all of them; ``span`` of its first mention."""

    numbers: tuple[int, ...]
    sides: tuple[int, ...] | None
    grades: tuple[str, ...] | None
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class UnresolvedMention:
    text: str
    why: str
    span: tuple[int, int]


@dataclass(frozen=True, slots=True)
class NamedResult:
    """``everything``: the text orders all dispensers without naming any."""

    dispensers: tuple[NamedDispenser, ...]
    unresolved: tuple[UnresolvedMention, ...]
    everything: bool


def find_mentions(text: str) -> list[Mention]:
    """All places where the text names dispensers, in order, each with the grades it restricts them to."""
    masked = text
    for pattern in _NOT_DISPENSERS:
        masked = pattern.sub(lambda match: " " * len(match.group()), masked)
    for grade in _GRADE.finditer(text):
        masked = (
            masked[: grade.start()] + re.sub(r"\d", " ", masked[grade.start() : grade.end()]) + masked[grade.end() :]
        )
    groups = _groups(masked)
    mentions: list[Mention] = []
    for index, group in enumerate(groups):
        previous_end = groups[index - 1][-1][1][1] if index else 0
        next_start = groups[index + 1][0][1][0] if index + 1 < len(groups) else len(text)
        grades = _grades_of(text, previous_end, group[0][1][0], group[-1][1][1], next_start)
        mentions.extend(Mention(numbers, grades, span) for numbers, span in group)
    return mentions


def _groups(text: str) -> list[list[tuple[tuple[int, ...], tuple[int, int]]]]:
    """Runs of numbers that belong to one introducer: "#1/2, 3/4" is one run of two."""
    groups = []
    position = 0
    while (start := _INTRODUCER.search(text, position)) is not None:
        group: list[tuple[tuple[int, ...], tuple[int, int]]] = []
        cursor = start.end()
        begin = start.start()
        while (number := _NUMBER.match(text, cursor)) is not None:
            first = int(number[1])
            end = number.end()
            numbers: tuple[int, ...] = (first,)
            if (pair := _PAIR.match(text, end)) is not None:
                numbers, end = (first, int(pair[1])), pair.end()
                spans: list[tuple[tuple[int, ...], tuple[int, int]]] = [(numbers, (begin, end))]
            elif (last := _RANGE.match(text, end)) is not None and first < int(last[1]) <= first + 40:
                end = last.end()
                spans = [((each,), (begin, end)) for each in range(first, int(last[1]) + 1)]
            else:
                spans = [(numbers, (begin, end))]
            group.extend(spans)
            if (total := _OF_TOTAL.match(text, end)) is not None:
                end = total.end()
            cursor = end
            separator = _SEPARATOR.match(text, end)
            # A new line or a new "#" after grade words starts a new run; plain separators continue this one.
            if separator is None or (
                _INTRODUCER.match(text, separator.end()) is not None and "\n" in separator.group()
            ):
                break
            begin = separator.end()
            introduced = _INTRODUCER.match(text, begin)
            cursor = introduced.end() if introduced is not None else begin
        if group:
            groups.append(group)
        position = max(cursor, start.end())
    return groups


def _grades_of(text: str, previous_end: int, start: int, end: int, next_start: int) -> tuple[str, ...] | None:
    """Grades said after the numbers (up to the end of the sentence or line), else before them ("Plus on #1/2")."""
    after = re.split(r"\n|\.(?:\s|$)", text[end:next_start], maxsplit=1)[0]
    found = _names(after)
    if found and not _ALL_GRADES.search(after):
        last = list(_GRADE.finditer(after))[-1]
        # "#1/2 and Plus on #3/4": grades that are followed by "on" belong to what comes next.
        if not _RESTRICTS_BACKWARDS.match(after[last.end() :]) or next_start == len(text):
            return found
    if _ALL_GRADES.search(after):
        return None
    before = re.split(r"\n|\.(?:\s|$)", text[previous_end:start])[-1]
    matches = list(_GRADE.finditer(before))
    if matches and _RESTRICTS_BACKWARDS.match(before[matches[-1].end() :]):
        return _names(before)
    return None


def _names(text: str) -> tuple[str, ...]:
    canonical = {name.lower(): name for name in _GRADE_NAMES}
    found = [canonical[re.sub(r"\s+", " ", match.group()).lower()] for match in _GRADE.finditer(text)]
    return tuple(dict.fromkeys(found))


def resolve(text: str, cards: Sequence[tuple[int, ...]]) -> NamedResult:
    """The cards that ``text`` orders. ``cards`` are the numbers of each cabinet of the location, e.g. ``(1, 2)``."""
    mentions = find_mentions(text)
    ordered: dict[tuple[int, ...], tuple[set[int], set[str] | None, tuple[int, int]]] = {}
    unresolved: list[UnresolvedMention] = []
    for mention in mentions:
        card, why = _card_of(mention.numbers, cards)
        if card is None:
            start, end = mention.span
            unresolved.append(UnresolvedMention(" ".join(text[start:end].split()), why, mention.span))
            continue
        sides, grades, span = ordered.get(card, (set(), set(), mention.span))
        sides = sides | set(mention.numbers)
        both = None if grades is None or mention.grades is None else grades | set(mention.grades)
        ordered[card] = (sides, both, span)
    dispensers = tuple(
        NamedDispenser(
            numbers=card,
            sides=None if sides == set(card) or len(card) == 1 else tuple(sorted(sides)),
            grades=None if grades is None else tuple(sorted(grades)),
            span=span,
        )
        for card, (sides, grades, span) in sorted(ordered.items())
    )
    return NamedResult(dispensers, tuple(unresolved), not mentions and _EVERYTHING.search(text) is not None)


def _card_of(numbers: tuple[int, ...], cards: Sequence[tuple[int, ...]]) -> tuple[tuple[int, ...] | None, str]:
    label = "/".join(map(str, numbers))
    if not cards:
        return None, "The dispensers of this location are not known yet."
    holding = [card for card in cards if set(numbers) <= set(card)]
    if len(holding) == 1:
        return holding[0], ""
    if len(holding) > 1:
        return None, f"More than one dispenser of this location has {label}."
    apart = [next((card for card in cards if number in card), None) for number in numbers]
    if len(numbers) > 1 and all(card is not None for card in apart):
        where = ", ".join(f"{n} is on {'/'.join(map(str, card or ()))}" for n, card in zip(numbers, apart, strict=True))
        return None, f"There is no dispenser {label} at this location: {where}."
    return None, f"There is no dispenser with number {label} at this location."
