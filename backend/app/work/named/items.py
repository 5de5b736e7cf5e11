"""One entry of a list: a number, a pair, a range, a row of numbers between slashes or dashes."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.work.named.lexer import Kind, Token

_RANGE_LIMIT = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One cabinet or side of a list. ``whole``: its numbers are one cabinet, also when the cards say otherwise."""

    numbers: tuple[int, ...]
    start: int
    end: int
    whole: bool = True
    is_side: bool = False
    lettered: str | None = None
    backwards: bool = False


class ItemReader:
    """Reads entries of lists from tokens."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens

    def kind(self, index: int) -> Kind | None:
        return self.tokens[index].kind if 0 <= index < len(self.tokens) else None

    def item(self, index: int) -> tuple[list[Item], int] | None:
        """One entry of a list: a number, a pair, a range; with its own introducer or without."""
        start = self.tokens[index].start if index < len(self.tokens) else 0
        is_side = False
        if self.kind(index) is Kind.introducer:
            is_side = self.tokens[index].detail == "side"
            index += 1
        if self.kind(index) is Kind.lettered:
            token = self.tokens[index]
            return [Item((), start, token.end, lettered=token.value)], index + 1
        chain = self._chain(index)
        if chain is None:
            return None
        numbers, joined, after = chain
        end = self.tokens[after - 1].end
        if (listed := self._dashed(index, start, is_side)) is not None:
            return listed
        if (last := self._range_end(after, numbers, joined)) is not None:
            high, after = last
            end = self.tokens[after - 1].end
            low = numbers[0]
            if high - low > _RANGE_LIMIT:
                return [Item((low, high), start, end, backwards=True)], after
            return [Item((each,), start, end, is_side=is_side) for each in range(low, high + 1)], after
        if self._falls(after, numbers):
            return [
                Item((numbers[0], self.tokens[after + 1].number), start, self.tokens[after + 1].end, backwards=True)
            ], after + 2
        if joined == "&":
            return self._loose(numbers, index, start, end, is_side), after
        if len(numbers) > 2:
            return self._singles(index, start, is_side), after
        return [Item(numbers, start, end, is_side=is_side)], after

    def _dashed(self, index: int, start: int, is_side: bool) -> tuple[list[Item], int] | None:
        """ "#3 - #5 - #7": three and more numbers between dashes are a list, not a range."""
        items: list[Item] = []
        while (chain := self._chain(index)) is not None and len(chain[0]) <= 2:
            numbers, _, index = chain
            items.append(Item(numbers, start, self.tokens[index - 1].end, is_side=is_side))
            following = index + 1
            if self.kind(following) is Kind.introducer:
                following += 1
            if (
                self.kind(index) is not Kind.dash
                or self.tokens[index].value != "-"
                or self.kind(following) is not Kind.number
            ):
                break
            start = self.tokens[index + 1].start
            index = following
        return (items, index) if len(items) > 2 else None

    def _chain(self, index: int) -> tuple[tuple[int, ...], str, int] | None:
        """Numbers joined by one of "/" and "&": the numbers, the joint, the index after them."""
        if self.kind(index) is not Kind.number:
            return None
        numbers = [self.tokens[index].number]
        joint: Kind | None = None
        index += 1
        while self.kind(index) in (Kind.slash, Kind.ampersand) and joint in (None, self.kind(index)):
            following = index + 1
            if self.kind(following) is Kind.introducer and self.tokens[following].detail == "sign":
                following += 1
            if self.kind(following) is not Kind.number:
                break
            # "#1/2 & 3/4", "1 & 3-5": the next number belongs to a pair or range of its own.
            if self.kind(index) is Kind.ampersand and self.kind(following + 1) in (Kind.slash, Kind.dash):
                break
            joint = self.kind(index)
            numbers.append(self.tokens[following].number)
            index = following + 1
        return tuple(numbers), "&" if joint is Kind.ampersand else "/", index

    def _range_end(self, index: int, numbers: tuple[int, ...], joined: str) -> tuple[int, int] | None:
        if self.kind(index) is not Kind.dash or len(numbers) > 2 or joined == "&":
            return None
        index += 1
        if self.kind(index) is Kind.introducer:
            if self.tokens[index].detail == "side" and len(numbers) > 1:
                return None
            index += 1
        chain = self._chain(index)
        if chain is None:
            return None
        second, second_joint, after = chain
        if second_joint == "&" and len(second) > 1:
            second, after = second[:1], index + 1
        if len(second) > 2 or second[0] <= max(numbers) or (len(second) == 2 and second[1] <= second[0]):
            return None
        return second[-1], after

    def _falls(self, index: int, numbers: tuple[int, ...]) -> bool:
        """ "8-5": no range; a person must say what it is."""
        return (
            len(numbers) == 1
            and self.kind(index) is Kind.dash
            and self.tokens[index].value == "-"
            and self.kind(index + 1) is Kind.number
            and self.kind(index + 2) not in (Kind.slash, Kind.ampersand)
            and self.tokens[index + 1].number <= numbers[0]
        )

    def _loose(self, numbers: tuple[int, ...], index: int, start: int, end: int, is_side: bool) -> list[Item]:
        """ "3&4" is one cabinet when it looks like one and the cards agree; "1 & 5" are two."""
        if len(numbers) == 2 and numbers[0] % 2 and numbers[1] == numbers[0] + 1:
            return [Item(numbers, start, end, whole=self.kind(self._after(index, 2)) is Kind.total, is_side=is_side)]
        singles = self._singles(index, start, is_side)
        if len(numbers) == 2 and self.kind(self._after(index, 2)) is Kind.total:
            return [Item(numbers, start, end)]
        return singles

    def _after(self, index: int, numbers: int) -> int:
        while numbers:
            numbers -= self.kind(index) is Kind.number
            index += 1
        return index

    def _singles(self, index: int, start: int, is_side: bool) -> list[Item]:
        items: list[Item] = []
        while self.kind(index) is Kind.number or self.kind(index) in (Kind.slash, Kind.ampersand, Kind.introducer):
            token = self.tokens[index]
            if token.kind is Kind.number:
                items.append(Item((token.number,), start if not items else token.start, token.end, is_side=is_side))
                if self.kind(index + 1) not in (Kind.slash, Kind.ampersand):
                    break
            index += 1
        return items
