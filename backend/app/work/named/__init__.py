"""Dispensers that instructions name (code 2862), resolved against the cards a location really has.

Rule (Portal spec §5.11): a number counts only when a word or sign introduces it (#, dispenser, pump, side) or when it
continues such a list; a text that is nothing but a list counts as one. Dates, "Day 1 of 2", times, part numbers, blend
ratios and grade names with digits are never dispensers. A number that is on no card is reported, never completed to a
pair that may not exist; what only a person can decide becomes a question.

The way of a text: :mod:`plain` (one spelling) → :mod:`lexer` (tokens) → :mod:`items` and :mod:`grammar` (which numbers
are named) → :mod:`grading` (grades and exceptions) → :mod:`reading` (all of it) → :mod:`resolving` (against the cards).
"""

from app.work.named.reading import find_mentions
from app.work.named.records import Mention, NamedDispenser, NamedResult, Question, UnresolvedMention
from app.work.named.resolving import resolve
from app.work.named.vocabulary import DAY_OF

__all__ = [
    "DAY_OF",
    "Mention",
    "NamedDispenser",
    "NamedResult",
    "Question",
    "UnresolvedMention",
    "find_mentions",
    "resolve",
]
