"""From tokens to groups: the numbers that one introducer names, "#1/2, 3/4" being one group of two.

Rule (Portal spec §5.11): a number counts only when a word or sign introduces it, or when it continues such a list. Two
more readings are safe: a text that is nothing but a list ("1,3,5"), and a list right before its noun ("3/4 dispenser").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from app.work.named.items import Item, ItemReader
from app.work.named.lexer import Kind, Token

_BARE = frozenset(
    {
        Kind.number,
        Kind.slash,
        Kind.ampersand,
        Kind.dash,
        Kind.separator,
        Kind.total,
        Kind.grade,
        Kind.vague_grade,
        Kind.all_grades,
        Kind.only,
        Kind.stop,
        Kind.line,
    }
)
_EXPLICIT = frozenset({Kind.separator, Kind.ampersand})
_OPENING = "([*"
_BARE_SIGNS = (":", "=", "(", ")", "*")
_BETWEEN_ENTRIES = (
    Kind.grade,
    Kind.vague_grade,
    Kind.all_grades,
    Kind.only,
    Kind.separator,
    Kind.ampersand,
    Kind.slash,
    Kind.dash,
)
_NOT_BEHIND_AN_ENTRY = (
    Kind.word,
    Kind.counted,
    Kind.stated_count,
    Kind.noun,
    Kind.introducer,
    Kind.ignored,
    Kind.filler,
)


@dataclass(slots=True)
class Group:
    """``first``/``last`` are token indices (``last`` exclusive)."""

    items: list[Item]
    first: int
    last: int
    excluded: bool = False
    both_sides: bool = False
    done: bool = False
    is_asset: bool = False
    heads_lines: bool = False
    may_be_a_count: bool = False
    has_or: bool = False
    maybe_ordered: bool = False
    grades: list[Token] = field(default_factory=list)
    not_grades: list[Token] = field(default_factory=list)
    vague: list[Token] = field(default_factory=list)
    all_grades: bool = False

    @property
    def start(self) -> int:
        return self.items[0].start

    @property
    def end(self) -> int:
        return self.items[-1].end


def groups_of(tokens: Sequence[Token]) -> list[Group]:
    """The groups of a text, in order."""
    reader = _Reader(tokens)
    if _is_only_a_list(tokens):
        return reader.read_bare_lines(0, len(tokens))
    groups = _read_all(reader, tokens)
    for group in groups:
        inner = tokens[group.first : group.last]
        group.has_or = any(token.kind is Kind.separator and token.value.startswith("or") for token in inner)
    return groups


def _read_all(reader: "_Reader", tokens: Sequence[Token]) -> list[Group]:
    groups: list[Group] = []
    index = 0
    while index < len(tokens):
        token = tokens[index]
        group, after = None, index + 1
        if token.kind is Kind.introducer:
            group = reader.read(index)
        elif token.kind is Kind.number:
            group, after = reader.before_its_noun(index)
        if group is None:
            index = after
            continue
        groups.append(group)
        index = group.last
        while (entry := reader.next_entry(index)) is not None:
            groups.append(entry)
            index = entry.last
        if group.heads_lines:
            more, index = reader.lines_below(index)
            groups.extend(more)
    return groups


def bare_group(tokens: Sequence[Token], index: int) -> Group | None:
    """The numbers at ``index`` as a group, where the words before make clear that dispensers are meant."""
    return _Reader(tokens).bare(index)


def _is_of_a_list(token: Token) -> bool:
    return token.kind in _BARE or (token.kind in (Kind.on, Kind.sign) and token.value in _BARE_SIGNS)


def _is_only_a_list(tokens: Sequence[Token]) -> bool:
    numbers = [token for token in tokens if token.kind is Kind.number]
    if not numbers or not all(_is_of_a_list(token) for token in tokens):
        return False
    # "1 of 2" alone may as well be the first of two days.
    single_of_total = len(numbers) == 1 and any(token.kind is Kind.total for token in tokens)
    # "05/08" is a date.
    return not single_of_total and not all(token.value.startswith("0") for token in numbers)


class _Reader(ItemReader):
    def read(self, index: int) -> Group | None:
        """The group that the introducer at ``index`` opens."""
        opening = self.tokens[index]
        read = self.item(index)
        if read is None:
            return None
        items, after = read
        group = Group(items, index, after, is_asset=opening.detail == "asset")
        plural = opening.detail == "word" and opening.value.split(" ")[0].rstrip(".:#-(").endswith(("s", "(s)", "(s"))
        starts_line = self.kind(index - 1) in (None, Kind.line)
        group.heads_lines = (opening.detail == "word" and (plural or "\n" in opening.value)) or starts_line
        self._continue(group, plural=plural)
        alone = len(group.items) == 1 and len(group.items[0].numbers) == 1
        group.may_be_a_count = alone and plural and ":" in opening.value and "#" not in opening.value
        return group

    def _continue(self, group: Group, *, plural: bool) -> None:
        """Takes what goes on with the list."""
        index = group.last
        while True:
            if self.kind(index) is Kind.total:
                self._close_pair(group)
                index += 1
                group.last = index
            joint = index
            explicit = False
            while self.kind(joint) in (Kind.separator, Kind.ampersand) or (explicit and self.kind(joint) is Kind.line):
                explicit = True
                joint += 1
            opens = self.kind(joint) is Kind.sign and self.tokens[joint].value in _OPENING
            if opens and self.kind(joint + 1) is Kind.introducer:
                joint += 1
            if self.kind(joint) is Kind.counted and explicit and plural:
                token = self.tokens[joint]
                length = len(token.value)
                group.items.append(Item((token.number,), token.start, token.start + length))
                group.last = joint + 1
                return
            read = self.item(joint)
            if read is None:
                return
            items, after = read
            if group.is_asset:
                return
            group.items.extend(items)
            group.last = index = after

    def _close_pair(self, group: Group) -> None:
        """ "3&4 of 4": what stood before the total is one cabinet."""
        if len(group.items) >= 2 and not group.items[-1].whole and not group.items[-2].whole:
            first, second = group.items[-2:]
            group.items[-2:] = [Item(first.numbers + second.numbers, first.start, second.end)]

    def next_entry(self, index: int) -> Group | None:
        """ "dispensers 1/2 (Plus), 5/6 (Regular)": the list goes on behind the grades of an entry."""
        graded = False
        while index < len(self.tokens):
            token = self.tokens[index]
            if token.kind is Kind.number:
                break
            shown = token.value in (*_BARE_SIGNS, "all")
            if token.kind not in _BETWEEN_ENTRIES and not (shown and token.kind in (Kind.on, Kind.sign, Kind.word)):
                return None
            graded = graded or token.kind in (Kind.grade, Kind.vague_grade, Kind.all_grades) or token.value == "all"
            index += 1
        if not graded or self.kind(index - 1) not in _EXPLICIT:
            return None
        group = self.bare(index)
        if group is None or self.kind(group.last) in _NOT_BEHIND_AN_ENTRY:
            return None
        return group

    def before_its_noun(self, index: int) -> tuple[Group | None, int]:
        """ "the 3/4 dispenser", "1/2 and 3/4 pumps": at least one pair, or several numbers, right before the noun.

        Without a group, the second part is where to go on.
        """
        group = self.bare(index)
        if group is None:
            return None, index + 1
        opened = next((at for at in range(index, group.last) if self.kind(at) is Kind.introducer), group.last)
        follows = self.kind(group.last)
        named = follows is Kind.noun or (follows is Kind.introducer and self.tokens[group.last].detail == "word")
        if opened < group.last or not named or (len(group.items) == 1 and len(group.items[0].numbers) < 2):
            return None, opened
        if index and self.kind(index - 1) in (Kind.dash, Kind.slash, Kind.ampersand):
            return None, group.last
        if follows is Kind.noun:
            last = group.items[-1]
            group.items[-1] = replace(last, end=self.tokens[group.last].end)
            group.last += 1
        return group, group.last

    def bare(self, index: int) -> Group | None:
        read = self.item(index)
        if read is None:
            return None
        group = Group(read[0], index, read[1])
        self._continue(group, plural=False)
        return group

    def lines_below(self, index: int) -> tuple[list[Group], int]:
        """Lines of bare numbers and grades that go on with the list above them."""
        groups: list[Group] = []
        while True:
            end = index
            while end < len(self.tokens) and self.kind(end) is not Kind.line:
                if groups == [] and self.kind(end) not in _BARE:
                    return groups, index
                end += 1
            start = end + 1
            if start < len(self.tokens) and self.tokens[start].value in ("*", "-", "–"):
                start += 1
            stop = start
            while stop < len(self.tokens) and self.kind(stop) is not Kind.line:
                stop += 1
            line = self.tokens[start:stop]
            if self.kind(start) is not Kind.number or any(token.kind not in _BARE for token in line):
                return groups, index
            groups.extend(self.read_bare_lines(start, stop))
            index = stop

    def read_bare_lines(self, start: int, stop: int) -> list[Group]:
        groups: list[Group] = []
        index = start
        while index < stop:
            group = self.bare(index) if self.kind(index) is Kind.number else None
            if group is None:
                index += 1
                continue
            groups.append(group)
            index = group.last
        return groups
