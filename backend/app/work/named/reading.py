"""A text read: what it orders and excludes, before anybody looks at a location's cards."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from app.work.grades import in_portal_order
from app.work.named import ticket
from app.work.named import vocabulary as words
from app.work.named.grading import attach, mark_exceptions
from app.work.named.grammar import Group, groups_of
from app.work.named.items import Item
from app.work.named.lexer import Kind, Token, tokens_of
from app.work.named.plain import PlainText, plain
from app.work.named.records import Mention, Span
from app.work.named.wholes import Count, Everything, counts_in, everything_in, quantity_in

_SEVERAL = re.compile(
    r"\b(?:several|multiple|many|other|both|some|these|those|more|most)(?: of)?(?: the)? (?:other )?(?:dispensers|pumps|positions|fps)\b"
    r"|\b(?:dispensers|pumps) (?:are|were|have|need|fail\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Named:
    """One cabinet or side the text speaks of, with what it says about it. Grades are the portal's names."""

    item: Item
    span: Span
    excluded: bool
    done: bool
    both_sides: bool
    only: tuple[str, ...] | None
    without: tuple[str, ...]
    vague: tuple[tuple[str, Span], ...]
    may_be_a_count: bool
    one_of: bool
    maybe_ordered: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """``elsewhere``: what a pasted ticket names outside its asset line; ``several``: words that order more than one."""

    named: tuple[Named, ...]
    every: tuple[Everything, ...]
    counts: tuple[Count, ...]
    quantity: Count | None
    unclear_sides: tuple[tuple[str, Span], ...]
    spelled: tuple[tuple[str, Span], ...]
    is_ticket: bool
    elsewhere: tuple[Named, ...]
    several: tuple[str, Span] | None


@lru_cache(maxsize=1024)
def read(text: str) -> Reading:
    """What ``text`` says. Kept: a week asks for the same texts at every look."""
    given = plain(text)
    asset = ticket.asset_part(given.text)
    if asset is None:
        return _read_part(given, given.text, text)
    # Only the asset line of a pasted ticket names; what the rest says is compared with it.
    start, end = asset
    line = _read_part(given, ticket.only(given.text, start, end), text)
    issue = _read_part(given, ticket.without_fields(given.text, start, end), text)
    if not line.named:
        return _read_part(given, ticket.without_fields(given.text, end, end), text)
    several = _SEVERAL.search(ticket.without_fields(given.text, start, end))
    return Reading(
        named=line.named,
        every=issue.every,
        counts=tuple(count for count in issue.counts if not count.of_sides),
        quantity=issue.quantity,
        unclear_sides=line.unclear_sides,
        spelled=(),
        is_ticket=True,
        elsewhere=issue.named,
        several=(several.group(), given.span(*several.span())) if several else None,
    )


def find_mentions(text: str) -> list[Mention]:
    """All places where the text orders dispensers, in order, each with the grades it restricts them to."""
    return [
        Mention(named.item.numbers, named.only, named.span)
        for named in read(text).named
        if not named.excluded and named.item.numbers and not named.item.backwards
    ]


def _read_part(given: PlainText, part: str, original: str) -> Reading:
    """``part`` is the plain text, with blanks where nothing is to be read."""
    tokens = tokens_of(part)
    groups = groups_of(tokens)
    unclear_sides = _merge_sides(tokens, groups, given, original)
    _mark_after(tokens, groups, part)
    negated, not_every = mark_exceptions(tokens, groups)
    for index in _grades_said_after_to_be_left_out(tokens, groups):
        negated.add(index)
    attach(tokens, groups, negated)
    for group in groups:
        if (strange := _strange_grade(tokens, group)) is not None:
            group.vague.append(strange)

    def words_at(start: int, end: int) -> tuple[str, Span]:
        first, last = given.span(start, end)
        return original[first:last], (first, last)

    named = []
    for group in groups:
        only, without = _grades_of(group)
        vague = tuple(words_at(token.start, token.end) for token in group.vague)
        for item in group.items:
            span = given.span(item.start, item.end)
            named.append(
                Named(
                    item,
                    span,
                    excluded=group.excluded,
                    done=group.done,
                    both_sides=group.both_sides,
                    only=only,
                    without=without,
                    vague=vague,
                    may_be_a_count=group.may_be_a_count and only is None,
                    one_of=group.has_or,
                    maybe_ordered=group.maybe_ordered and item is not group.items[0],
                )
            )
    return Reading(
        named=tuple(named),
        every=tuple(everything_in(tokens, groups, (negated, not_every), part, given, original)),
        counts=tuple(counts_in(tokens, given, original)),
        quantity=quantity_in(part, given, original),
        unclear_sides=tuple(unclear_sides),
        spelled=tuple(words_at(*match.span()) for match in words.SPELLED.finditer(part)),
        is_ticket=False,
        elsewhere=(),
        several=None,
    )


def _grades_of(group: Group) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    without = tuple(in_portal_order({token.value for token in group.not_grades}))
    if group.all_grades or not group.grades:
        return None, without
    return tuple(in_portal_order({token.value for token in group.grades} - set(without))) or None, without


def _merge_sides(
    tokens: Sequence[Token], groups: list[Group], given: PlainText, original: str
) -> list[tuple[str, Span]]:
    """ "side 3 of dispenser 3/4", "#3/4 side 4": the side narrows the pair. Gives sides that fit no pair they stand at."""
    unclear = []
    for group in groups:
        for index in range(len(group.items) - 1, 0, -1):
            pair, side = group.items[index - 1], group.items[index]
            if side.is_side and not pair.is_side and len(pair.numbers) == 2 and set(side.numbers) < set(pair.numbers):
                group.items[index - 1 : index + 1] = [Item(side.numbers, pair.start, side.end, is_side=True)]
    for index in range(len(groups) - 1, 0, -1):
        first, second = groups[index - 1], groups[index]
        between = [tokens[at] for at in range(first.last, second.first)]
        side, pair = first.items[-1], second.items[0]
        if side.is_side and not pair.is_side and len(between) == 1 and between[0].kind is Kind.on:
            if set(side.numbers) <= set(pair.numbers):
                first.items[-1] = Item(side.numbers, side.start, pair.end, is_side=True)
                second.items.pop(0)
            else:
                start, end = given.span(side.start, pair.end)
                unclear.append((original[start:end], (start, end)))
                first.items.pop()
            if not second.items:
                first.last = second.last
                del groups[index]
            if not first.items:
                del groups[index - 1]
        elif pair.is_side and len(side.numbers) == 2 and set(pair.numbers) < set(side.numbers) and _only_signs(between):
            first.items[-1] = Item(pair.numbers, side.start, pair.end, is_side=True)
            second.items.pop(0)
            if not second.items:
                first.last = second.last
                del groups[index]
    return unclear


def _only_signs(between: Sequence[Token]) -> bool:
    return all(token.kind in (Kind.sign, Kind.dash, Kind.on, Kind.only, Kind.separator) for token in between)


_NO_GRADE = re.compile(
    r"(?:re)?calib\w*|(?:re)?check\w*|(?:re)?test\w*|filters?|meters?|sides?|change\w*|replace\w*|visits?|fail\w*|leak\w*"
    r"|bad|down|slow\w*|out|labor|parts?|repairs?|inspect\w*|fix\w*|adjust\w*|this|today|now|again|first|nozzles?|hoses?"
    r"|one|drift\w*|needs?|do|is|are|please|service|clean\w*|verif\w*|read\w*|complaint|work",
    re.IGNORECASE,
)


_SHORT_GRADES = ("r", "p", "d", "s", "u", "m", "k", "rul", "pul", "mul", "sul", "prm", "pls", "sup", "mg")


def _strange_grade(tokens: Sequence[Token], group: Group) -> Token | None:
    """ "#3 Silver only": a word in a grade's place that is none we know."""
    following = tokens[group.last : group.last + 2]
    if following and following[0].kind is Kind.word and following[0].value in _SHORT_GRADES:
        return following[0]
    if len(following) == 2 and following[0].kind is Kind.word and following[1].kind is Kind.only:
        return None if _NO_GRADE.fullmatch(following[0].value) else following[0]
    return None


def _mark_after(tokens: Sequence[Token], groups: Sequence[Group], part: str) -> None:
    """What is said behind a group about it as a whole: both sides, not needed, already done."""
    for index, group in enumerate(groups):
        end = groups[index + 1].first if index + 1 < len(groups) else len(tokens)
        for at in range(group.last, end):
            kind = tokens[at].kind
            if kind in (Kind.line, Kind.stop):
                break
            if kind is Kind.both_sides:
                group.both_sides = True
            elif kind is Kind.done or (kind is Kind.was_done and at == group.last):
                group.done = True
            elif kind is Kind.after_not and not _is_grade(tokens, at - 1):
                group.excluded = True
        before = [tokens[at].kind for at in range(max(0, group.first - 3), group.first)]
        if Kind.both_sides in before:
            group.both_sides = True
    for left in words.LEAVE.finditer(part):
        for group in groups:
            if left.start() <= group.start < left.end():
                group.excluded = True


def _is_grade(tokens: Sequence[Token], at: int) -> bool:
    return at >= 0 and tokens[at].kind is Kind.grade


def _grades_said_after_to_be_left_out(tokens: Sequence[Token], groups: Sequence[Group]) -> list[int]:
    """ "#3 Diesel not needed": the grade in front of such words."""
    return [
        at - 1
        for at, token in enumerate(tokens)
        if token.kind in (Kind.after_not, Kind.done) and _is_grade(tokens, at - 1) and groups
    ]
