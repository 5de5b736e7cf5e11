"""What the reader of instructions answers."""

from dataclasses import dataclass
from typing import Literal

Span = tuple[int, int]
QuestionCode = Literal[
    "one_asset_several_ordered",
    "all_and_named",
    "quantity_disagrees",
    "exclusion",
    "already_done",
    "unclear_grade",
    "unclear_side",
    "unclear_dispensers",
]


@dataclass(frozen=True, slots=True)
class Mention:
    """Words that name dispensers. ``numbers`` of one cabinet or side; ``span`` are character positions in the text."""

    numbers: tuple[int, ...]
    grades: tuple[str, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class NamedDispenser:
    """A card that is ordered. ``sides``/``grades`` ``None`` = all of them; ``span`` of its first mention."""

    numbers: tuple[int, ...]
    sides: tuple[int, ...] | None
    grades: tuple[str, ...] | None
    span: Span


@dataclass(frozen=True, slots=True)
class UnresolvedMention:
    """Words that name a dispenser which the location does not have, or not exactly once."""

    text: str
    why: str
    span: Span


@dataclass(frozen=True, slots=True)
class Question:
    """Something only a person can decide. ``span`` ``None``: it is about the order, not about words of the text."""

    code: QuestionCode
    text: str
    why: str
    span: Span | None


@dataclass(frozen=True, slots=True)
class NamedResult:
    """``everything``: the text orders all dispensers, with all their grades and without an exception."""

    dispensers: tuple[NamedDispenser, ...]
    unresolved: tuple[UnresolvedMention, ...]
    everything: bool
    questions: tuple[Question, ...] = ()
