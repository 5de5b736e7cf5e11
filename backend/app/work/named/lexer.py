"""Instructions as a row of tokens, in one pass: what names, what restricts, what negates, and what to leave alone."""

import re
from dataclasses import dataclass
from enum import StrEnum

from app.work.named import vocabulary as words


class Kind(StrEnum):
    line = "line"
    stop = "stop"
    ignored = "ignored"
    part = "part"
    counted = "counted"  # "3 meters"
    stated_count = "stated_count"  # the number of "3 dispensers"
    every = "every"
    every_of_grade = "every_of_grade"
    all_grades = "all_grades"
    grade = "grade"
    vague_grade = "vague_grade"
    introducer = "introducer"
    noun = "noun"  # "dispenser" without a number
    both_sides = "both_sides"
    near_not = "near_not"
    far_not = "far_not"
    after_not = "after_not"
    done = "done"
    was_done = "was_done"
    number = "number"
    lettered = "lettered"  # "#3A"
    slash = "slash"
    ampersand = "ampersand"
    dash = "dash"
    separator = "separator"
    total = "total"  # "of 4"
    only = "only"
    on = "on"
    filler = "filler"
    word = "word"
    sign = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """``value``: the number, the portal's grade name, or the word itself; ``detail``: a count's noun, an introducer's sort."""

    kind: Kind
    start: int
    end: int
    value: str = ""
    detail: str = ""

    @property
    def number(self) -> int:
        return int(self.value)


def _any(kind: Kind, pattern: str) -> tuple[Kind, re.Pattern[str]]:
    return kind, re.compile(rf"(?:{pattern})", re.IGNORECASE)


_DIGITS = re.compile(r"\d{1,3}(?!\d)")
_LETTERED = re.compile(r"\d{1,3}[A-Za-z]\w*")
_JOINING_WORD = re.compile(r"(?:and|thru|to|or)(?= ?[#\d])", re.IGNORECASE)
_ENUMERATOR = re.compile(r"\d{1,2}[.)] (?=\S)")
_UNIT_OF_PUMPING = re.compile(
    r"\d{1,3} ?(?:gal(?:lon)?s?|min(?:ute)?s?|hours?|hrs?|days?|weeks?|years?|times)\b", re.IGNORECASE
)
_NUMERIC: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.part, words.PART),
    (Kind.ignored, words.NEVER),
    (Kind.ignored, words.OTHERWISE),
    (Kind.vague_grade, words.OCTANE),
)
_FIRST: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    # "Plus +6" is how far a meter was off.
    _any(Kind.ignored, r"(?<= )\+\d+(?:\.\d+)?(?!\d)"),
    (Kind.ignored, words.OTHERWISE),
    _any(Kind.every, words.EVERY),
    _any(Kind.all_grades, words.ALL_GRADES),
    _any(Kind.every_of_grade, words.EVERY_OF_GRADE),
    _any(Kind.after_not, words.AFTER_NOT),
    _any(Kind.done, words.DONE),
    _any(Kind.was_done, words.WAS_DONE),
    _any(Kind.word, words.NOT_FOR),
    _any(Kind.both_sides, r"both(?= sides)|(?:either|each)(?= side\b)"),
)
_LAST: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    (Kind.vague_grade, words.VAGUE),
    _any(Kind.noun, rf"(?:{words.NOUN}|sides?)(?![A-Za-z])"),
    _any(Kind.far_not, words.FAR_NOT),
    _any(Kind.near_not, words.NEAR_NOT),
    _any(Kind.total, r"(?:out )?of \d{1,2}(?![\d/&-])(?! ?[&/])"),
    _any(Kind.only, r"(?:only|just|solely)(?![A-Za-z])"),
    _any(Kind.separator, r"(?:and|or|as well as|then)(?![A-Za-z])(?: also(?![A-Za-z]))?|[,;+]"),
    _any(Kind.dash, r"-|(?:to|thru|through|until)(?= ?\(?(?:#|\d|(?:dispenser|disp|pump|side|fp)))"),
    _any(Kind.on, r"(?:on|for|at|of|in|from|to)(?![A-Za-z])|[@:=>(]"),
    _any(Kind.filler, rf"{words.FILLER}(?![A-Za-z])"),
    _any(Kind.word, r"[^\W\d_]\w*(?:-\w+)*"),
    _any(Kind.slash, r"[/\\]"),
    _any(Kind.ampersand, r"&"),
)


def tokens_of(text: str) -> list[Token]:
    """``text`` (plain spelling) as tokens. Each place is looked at once, so time is linear in the length."""
    found: list[Token] = []
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == " ":
            position += 1
            continue
        token = _introduced(text, position, found) or _token(text, position, letter, found)
        found.append(token)
        position = token.end
    return found


def _introduced(text: str, position: int, before: list[Token]) -> Token | None:
    """A number right behind what introduces it, or after a sign of its list: only few readings are left for it."""
    if not before or before[-1].kind is not Kind.introducer:
        return None
    never = words.NEVER.match(text, position)
    if never is None and before[-1].detail != "sign":
        never = _UNIT_OF_PUMPING.match(text, position)
    if never is not None:
        return Token(Kind.ignored, position, never.end())
    return _number(text, position)


def _number(text: str, position: int) -> Token | None:
    digits = _DIGITS.match(text, position)
    if digits is None:
        return None
    end = digits.end()
    glued = end < len(text) and (text[end].isalpha() or text[end] == "_")
    if glued and words.GRADE.match(text, end) is None and _JOINING_WORD.match(text, end) is None:
        lettered = _LETTERED.match(text, position)
        end = lettered.end() if lettered is not None else end
        return Token(Kind.lettered, position, end, text[position:end])
    return Token(Kind.number, position, end, digits.group())


def _token(text: str, position: int, letter: str, before: list[Token]) -> Token:
    if letter == "\n":
        return Token(Kind.line, position, position + 1)
    starts_line = not before or before[-1].kind is Kind.line
    if starts_line and (enumerator := _ENUMERATOR.match(text, position)) is not None and not _goes_on(before):
        return Token(Kind.ignored, position, enumerator.end())
    if letter in ".!?" and (position + 1 >= len(text) or text[position + 1] in ' \n)"'):
        return Token(Kind.stop, position, position + 1)
    if (special := _special(text, position, before)) is not None:
        return special
    for kind, pattern in _LAST:
        if (match := pattern.match(text, position)) is not None:
            return Token(kind, position, match.end(), match.group().lower())
    return Token(Kind.sign, position, position + 1, letter)


def _special(text: str, position: int, before: list[Token]) -> Token | None:
    """The tokens that carry something, and numbers."""
    digit = letter_is_digit(text[position])
    asset = words.ASSET_INTRODUCER.match(text, position)
    if asset is not None:
        return Token(Kind.introducer, position, asset.end(), detail="asset")
    for kind, pattern in _NUMERIC if digit or text[position] == "(" else _FIRST:
        if (match := pattern.match(text, position)) is not None:
            return Token(kind, position, match.end(), match.group().lower())
    if (grade := words.GRADE.match(text, position)) is not None:
        return Token(Kind.grade, position, grade.end(), words.grade_name(grade), grade.group())
    if (introducer := words.INTRODUCER.match(text, position)) is not None:
        return Token(
            Kind.introducer, position, introducer.end(), introducer.group().lower(), introducer.lastgroup or ""
        )
    if not _in_list(before) and (count := _COUNT.match(text, position)) is not None:
        return Token(Kind.stated_count, position, count.end(), count["many"], count["what"].lower())
    if digit:
        if (counted := words.COUNTED.match(text, position)) is not None:
            return Token(Kind.counted, position, counted.end(), counted["n"])
        return _number(text, position) or Token(Kind.ignored, position, position + 1)
    return None


_COUNT = re.compile(words.COUNT_OF, re.IGNORECASE)
_JOINS = frozenset({Kind.slash, Kind.ampersand, Kind.dash, Kind.separator})


def letter_is_digit(letter: str) -> bool:
    return "0" <= letter <= "9"


def _in_list(before: list[Token]) -> bool:
    """Whether what comes continues numbers: "1/2 and …", "3 - …"."""
    behind = [token.kind for token in before[-4:]]
    while behind and behind[-1] in _JOINS:
        behind.pop()
        if behind and behind[-1] is Kind.number:
            return True
    return False


def _goes_on(before: list[Token]) -> bool:
    """Whether the line before ended in the middle of a list."""
    return len(before) > 1 and before[-2].kind in _JOINS
