"""Which grades, sides and exceptions belong to which group. Source: Portal spec §2.6 (how the notes are worded)."""

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from app.work.named.grammar import Group, bare_group
from app.work.named.lexer import Kind, Token

_ENDS = (Kind.line, Kind.stop)
_GRADES = (Kind.grade, Kind.vague_grade)
_LINKS = (Kind.on, Kind.dash, Kind.filler, Kind.only, Kind.noun, Kind.both_sides)
_FAR_WORDS = 4


@dataclass(slots=True)
class _Not:
    """What a negation still reaches. ``reached``: it has its object; ``of_all``: "all except"; ``bare``: numbers, too."""

    near: bool = False
    far: bool = False
    reached: bool = False
    of_all: bool = False
    bare: bool = False
    mere_not: bool = False
    words: int = 0

    @property
    def active(self) -> bool:
        return self.near or self.far

    def end(self) -> None:
        self.near = self.far = False


def mark_exceptions(tokens: Sequence[Token], groups: list[Group]) -> tuple[set[int], set[int]]:
    """Marks excluded groups; gives the indices of grade tokens and of "all dispensers" that are said not to be meant.

    "not", "except" reach what stands right behind them; "do not" reaches over a few words. Both end with the list.
    Numbers in such a place need no introducer ("all dispensers except 3/4"): they become excluded groups.
    """
    grades: set[int] = set()
    every: set[int] = set()
    starts = {group.first: group for group in groups}
    said = _Not()
    index = 0
    while index < len(tokens):
        token = tokens[index]
        group = starts.get(index)
        if group is None and token.kind is Kind.number and said.active and said.bare and not said.reached:
            group = bare_group(tokens, index)
            if group is not None:
                groups.append(group)
        if group is not None:
            group.excluded = group.excluded or said.active
            group.maybe_ordered = (
                said.mere_not and said.near and index > groups[0].first and _only_commas(tokens, group)
            )
            said.reached = said.active
            index = group.last
            continue
        _pass(tokens, index, said, grades, every)
        index += 1
    groups.sort(key=lambda each: each.first)
    return grades, every


def _only_commas(tokens: Sequence[Token], group: Group) -> bool:
    """ "#1, not #5, #8": nobody can tell whether #8 is ordered."""
    joints = [token.value for token in tokens[group.first : group.last] if token.kind is Kind.separator]
    return len(group.items) > 1 and bool(joints) and all(joint == "," for joint in joints)


def _pass(tokens: Sequence[Token], index: int, said: _Not, grades: set[int], every: set[int]) -> None:
    token, kind = tokens[index], tokens[index].kind
    if kind is Kind.near_not:
        of_all = _says_all(tokens, index - 1)
        said.near, said.far, said.reached, said.of_all = token.value != "but" or of_all, False, False, of_all
        said.bare = token.value not in _NOT_OF_NUMBERS
        said.mere_not = token.value == "not"
    elif kind is Kind.far_not:
        said.near, said.far, said.reached, said.of_all, said.words = False, True, False, False, 0
        said.bare = token.value not in ("nothing", "no need")
    elif kind in _GRADES and said.active:
        grades.add(index)
        said.reached = True
    elif kind is Kind.every and said.active:
        every.add(index)
        said.end()
    elif kind in _ENDS or kind in (Kind.only, Kind.counted, Kind.stated_count):
        said.end()
    elif kind in (Kind.separator, Kind.ampersand, Kind.slash):
        # "not working, #3": a comma right after a mere word ends it.
        if not said.reached:
            said.near = False
            said.far = said.far and token.value != ","
    elif kind is Kind.on and said.of_all and said.reached:
        # "everything except Diesel on #3/4" orders 3/4.
        said.end()
    elif kind in (Kind.word, Kind.sign, Kind.after_not, Kind.done, Kind.was_done):
        said.words += 1
        said.near = False
        said.bare = said.bare and _WORK.fullmatch(token.value) is not None
        said.far = said.far and not said.reached and said.words <= _FAR_WORDS and kind is Kind.word


_NOT_OF_NUMBERS = ("no", "without", "w/o", "minus")
_WORK = re.compile(
    r"(?:re)?calibrate|touch|test|check|adjust|open|include|prove|service|do|run|work|recal", re.IGNORECASE
)


def _says_all(tokens: Sequence[Token], index: int) -> bool:
    """ "everything but …": the word before makes an exception of it."""
    return index >= 0 and (
        tokens[index].kind in (Kind.every, Kind.all_grades)
        or tokens[index].value in ("all", "everything", "anything", "any")
    )


def attach(tokens: Sequence[Token], groups: Sequence[Group], negated: set[int]) -> None:
    """Gives every group the grades said of it, sentence by sentence."""
    sentences = _sentences(tokens, groups)
    header: list[int] = []
    for position, (start, stop, inside) in enumerate(sentences):
        found = [index for index in range(start, stop) if tokens[index].kind in (*_GRADES, Kind.all_grades)]
        taken = {index for group in inside for index in range(group.first, group.last)}
        found = [index for index in found if index not in taken]
        if not inside:
            header = found if found and _leads(tokens, found[-1], stop, at_end=True) else []
            above = sentences[position - 1][2] if position and tokens[start - 1].kind is Kind.line else []
            if found and not header and above and _only_grades(tokens, start, stop):
                for group in above:
                    if not _has_grades(group):
                        _give(tokens, group, found, negated)
            continue
        before = [index for index in found if index < inside[0].first]
        after_last = [index for index in found if index >= inside[-1].last]
        if not before and header:
            before_lines = header
        else:
            before_lines = []
            header = []
        grades_first = bool(before) and not after_last and _touches(tokens, before[-1], inside[0].first)
        _attach_within(tokens, inside, found, negated, grades_first=grades_first)
        if before and _leads(tokens, before[-1], inside[0].first):
            _give(tokens, inside[0], before, negated)
            if inside[0].heads_lines:
                header = before
        for group in inside:
            if before_lines and not _has_grades(group):
                _give(tokens, group, before_lines, negated)


def _sentences(tokens: Sequence[Token], groups: Sequence[Group]) -> list[tuple[int, int, list[Group]]]:
    """(first token, token after the last, groups inside) of each sentence or line; groups are never cut."""
    sentences: list[tuple[int, int, list[Group]]] = []
    start, index, inside = 0, 0, list[Group]()
    waiting = list(reversed(groups))
    while index < len(tokens):
        if waiting and waiting[-1].first == index:
            group = waiting.pop()
            inside.append(group)
            index = group.last
            continue
        if tokens[index].kind in _ENDS:
            sentences.append((start, index, inside))
            start, inside = index + 1, []
        index += 1
    sentences.append((start, len(tokens), inside))
    return sentences


def _attach_within(
    tokens: Sequence[Token], inside: Sequence[Group], found: Sequence[int], negated: set[int], *, grades_first: bool
) -> None:
    for group, following in zip(inside, [*inside[1:], None], strict=True):
        end = following.first if following is not None else None
        between = found[bisect_left(found, group.last) : None if end is None else bisect_left(found, end)]
        if not between:
            continue
        if following is None or end is None:
            _give(tokens, group, between, negated)
            continue
        directly = all(tokens[at].kind in (*_LINKS, Kind.sign) for at in range(group.last, between[0]))
        on_next = _leads(tokens, between[-1], end) and not _touches(tokens, between[-1], end)
        beside_next = _touches(tokens, between[-1], end)
        if not (on_next or (beside_next and (grades_first or not directly))):
            _give(tokens, group, between, negated)
            continue
        run = _run(tokens, between)
        if directly and len(between) > 1 and run == between and not grades_first:
            # "#4 Plus and Premium on #3": the first grade is #4's.
            _give(tokens, group, between[:-1], negated)
            run = between[-1:]
        elif len(run) < len(between):
            _give(tokens, group, between[: -len(run)], negated)
        _give(tokens, following, run, negated)


def _run(tokens: Sequence[Token], found: Sequence[int]) -> list[int]:
    """The last grades of ``found`` that are one list."""
    run = [found[-1]]
    for index in reversed(found[:-1]):
        if any(
            tokens[at].kind not in (Kind.separator, Kind.ampersand, Kind.slash, *_GRADES)
            for at in range(index + 1, run[0])
        ):
            break
        run.insert(0, index)
    return run


def _touches(tokens: Sequence[Token], one: int, other: int) -> bool:
    """Nothing but small words between two places."""
    low, high = sorted((one, other))
    first = low + 1 if one < other else low
    inner = range(first, high)
    return all(tokens[at].kind in (Kind.filler, Kind.only, Kind.sign, Kind.noun) for at in inner)


def _leads(tokens: Sequence[Token], grade: int, to: int, *, at_end: bool = False) -> bool:
    """ "Plus on …", "Diesel: …": what is between the grade and ``to`` hands the grade on."""
    links = [tokens[at].kind for at in range(grade + 1, to)]
    if at_end:
        return bool(links) and links[-1] in (Kind.on, Kind.noun) and Kind.on in links
    return all(kind in _LINKS for kind in links)


def _only_grades(tokens: Sequence[Token], start: int, stop: int) -> bool:
    allowed = (
        *_GRADES,
        Kind.all_grades,
        Kind.only,
        Kind.separator,
        Kind.ampersand,
        Kind.slash,
        Kind.filler,
        Kind.near_not,
    )
    return all(tokens[at].kind in allowed for at in range(start, stop))


def _has_grades(group: Group) -> bool:
    return bool(group.grades or group.not_grades or group.vague or group.all_grades)


def _give(tokens: Sequence[Token], group: Group, found: Sequence[int], negated: set[int]) -> None:
    for index in found:
        token = tokens[index]
        if token.kind is Kind.all_grades:
            group.all_grades = True
        elif token.kind is Kind.vague_grade:
            # A vague word far from the number ("customer wants gas") is prose, not a restriction.
            if index in negated or _near(tokens, group, index):
                group.vague.append(token)
        elif _is_about_a_filter(tokens, index):
            continue
        elif token.detail == "plus" and group.last == index and _opens_number(tokens, index + 1):
            # "#3 plus #5": the grade, or the word for "and"?
            group.vague.append(token)
        elif index in negated:
            group.not_grades.append(token)
        else:
            group.grades.append(token)


def _near(tokens: Sequence[Token], group: Group, index: int) -> bool:
    low, high = (group.last, index) if index >= group.last else (index + 1, group.first)
    allowed = (
        *_GRADES,
        *_LINKS,
        Kind.separator,
        Kind.ampersand,
        Kind.slash,
        Kind.sign,
        Kind.near_not,
        Kind.introducer,
        Kind.line,
    )
    return all(tokens[at].kind in allowed for at in range(low, high))


def _opens_number(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].kind in (Kind.introducer, Kind.number)


def _is_about_a_filter(tokens: Sequence[Token], index: int) -> bool:
    """ "450-HS 10 on Diesel" says which filter, not which meter."""
    at = index - 1
    while at >= 0 and tokens[at].kind in (Kind.on, Kind.filler, Kind.word) and index - at <= 4:
        at -= 1
    return at >= 0 and tokens[at].kind is Kind.part
