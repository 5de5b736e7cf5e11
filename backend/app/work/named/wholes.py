"""What a text says about the order as a whole: all dispensers, how many, which quantity."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.work.grades import in_portal_order
from app.work.named import vocabulary as words
from app.work.named.grammar import Group
from app.work.named.lexer import Kind, Token
from app.work.named.plain import PlainText
from app.work.named.records import Span

_NOT_CALIBRATION = re.compile(
    r"\b(?:filters?|stickers?|photos?|pictures?|samples?|keys?|cones?|bags?)\b", re.IGNORECASE
)
_CALIBRATION = re.compile(r"\b(?:calibrat\w*|recalibrat\w*|meters?|test\w*|prove|accumeasure)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Count:
    many: int
    of_sides: bool
    of_cabinets: bool
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Everything:
    """ "all dispensers". ``only``: the grades it is restricted to; ``of_grade``: "all Diesel dispensers"."""

    text: str
    span: Span
    only: tuple[str, ...] | None
    without: tuple[str, ...]
    of_grade: bool
    about_meters: bool
    many: int | None


def everything_in(
    tokens: Sequence[Token],
    groups: Sequence[Group],
    left_out: tuple[set[int], set[int]],
    part: str,
    given: PlainText,
    original: str,
) -> list[Everything]:
    """Where the text orders all dispensers. In the sentence of a named dispenser, "all meters" are that dispenser's.

    ``left_out``: indices of grades and of "all dispensers" that are said not to be meant.
    """
    negated, not_every = left_out
    found = []
    ordered = {group.first for group in groups if not group.excluded}
    excluded = {group.first for group in groups if group.excluded}
    for start, stop in _clauses(tokens):
        places = [index for index in range(start, stop) if _says_all(tokens[index]) and index not in not_every]
        if not places:
            continue
        inside = range(start, stop)
        named_here = any(index in ordered for index in inside)
        grades = [index for index in inside if tokens[index].kind is Kind.grade]
        only = tuple(in_portal_order({tokens[index].value for index in grades if index not in negated}))
        without = tuple(in_portal_order({tokens[index].value for index in grades if index in negated}))
        clause = part[tokens[start].start : tokens[stop - 1].end]
        about_meters = not _NOT_CALIBRATION.search(clause) or bool(_CALIBRATION.search(clause))
        for index in places:
            token = tokens[index]
            last_word = token.value.split(" ")[-1]
            if named_here and last_word in ("all", "everything", "other", "others", "meters"):
                continue
            # "all except Diesel" without dispensers speaks of grades.
            if token.value in _BARE_ALL and not any(at in excluded for at in inside):
                continue
            of_grade = token.kind is Kind.every_of_grade
            if of_grade and not (index + 1 < len(tokens) and tokens[index + 1].kind is Kind.grade):
                continue
            first, last = given.span(token.start, _noun_end(tokens, index) if of_grade else token.end)
            found.append(
                Everything(
                    original[first:last], (first, last), only or None, without, of_grade, about_meters, _many_in(token)
                )
            )
    return found


_BARE_ALL = ("all", "everything", "all other", "all others")


def _many_in(token: Token) -> int | None:
    """The number of "all 6 dispensers"."""
    if token.kind is not Kind.every:
        return None
    return next((words.count_value(word) for word in token.value.split() if words.is_count(word)), None)


def _says_all(token: Token) -> bool:
    return token.kind in (Kind.every, Kind.every_of_grade) or (
        token.kind is Kind.all_grades and token.value.endswith("meters")
    )


def _noun_end(tokens: Sequence[Token], index: int) -> int:
    return next((t.end for t in tokens[index + 1 : index + 5] if t.kind is Kind.noun), tokens[index].end)


def _clauses(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    clauses = []
    start = 0
    for index, token in enumerate(tokens):
        if token.kind in (Kind.line, Kind.stop):
            clauses.append((start, index))
            start = index + 1
    return [*clauses, (start, len(tokens))]


def counts_in(tokens: Sequence[Token], given: PlainText, original: str) -> list[Count]:
    counts = []
    for index, token in enumerate(tokens):
        # "the other 2 dispensers" are not those that are named.
        if token.kind is not Kind.stated_count or (
            index and tokens[index - 1].value in ("other", "remaining", "last", "of")
        ):
            continue
        start, end = given.span(token.start, token.end)
        noun = original.lower().find(token.detail, end, end + 12 + len(token.detail))
        last = noun + len(token.detail) if noun >= 0 else end
        counts.append(
            Count(
                words.count_value(token.value),
                token.detail.startswith("side"),
                token.detail.startswith("disp"),
                original[start:last],
                (start, last),
            )
        )
    return counts


_QUANTITY = re.compile(r"(?<![A-Za-z])(?:qty|quantity)\.? ?[:=]? ?(?:of )?(\d{1,2})(?!\d)", re.IGNORECASE)


def quantity_in(part: str, given: PlainText, original: str) -> Count | None:
    match = _QUANTITY.search(part)
    if match is None:
        return None
    start, end = given.span(*match.span())
    return Count(int(match[1]), False, True, original[start:end], (start, end))
