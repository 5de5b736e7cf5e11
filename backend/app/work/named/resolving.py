"""What a text says, held against the cards that a location really has. Nothing is completed, nothing is guessed."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.work.grades import in_portal_order, plain_name
from app.work.named.reading import Named, Reading, read
from app.work.named.records import NamedDispenser, NamedResult, Question, Span, UnresolvedMention
from app.work.named.wholes import Everything

Card = tuple[int, ...]
CardGrades = Mapping[Card, Sequence[str]]
_SHOWN_CARDS = 16
_SIDE = re.compile(r"sides?\b", re.IGNORECASE)
_ANOTHER = re.compile(r"[\n;+&]|\.\s|\band\b|\bplus side\b", re.IGNORECASE)


@dataclass(slots=True)
class _Order:
    """What is ordered of one card. ``grades`` ``None``: all of them."""

    span: Span
    sides: set[int] = field(default_factory=set)
    grades: set[str] | None = field(default_factory=set)


@dataclass(slots=True)
class _Work:
    text: str
    cards: Sequence[Card]
    card_grades: CardGrades
    ordered: dict[Card, _Order] = field(default_factory=dict)
    unresolved: list[UnresolvedMention] = field(default_factory=list)
    questions: dict[Question, None] = field(default_factory=dict)

    def ask(self, question: Question) -> None:
        """Each question once, in the order they came up."""
        self.questions.setdefault(question)


def resolve(
    text: str,
    cards: Sequence[Card],
    *,
    quantity: int | None = None,
    card_grades: CardGrades | None = None,
) -> NamedResult:
    """The cards that ``text`` orders.

    ``cards`` are the numbers of each cabinet of the location, e.g. ``(1, 2)``; ``card_grades`` the grades each sells, as
    far as they are known; ``quantity`` what the order's line 2862 says. The quantity usually says nothing (Portal spec
    §3.4), so it is asked about only where it exceeds what the text names.
    """
    reading = read(text)
    work = _Work(text, cards, card_grades or {})
    excluded = _excluded_sides(work, reading.named)
    everything = False
    ordered = [named for named in reading.named if not named.excluded and not named.done]
    ordered = [named for named in _narrowed(text, ordered) if not _asks_which(work, named)]
    if ordered:
        for named in ordered:
            _order(work, named)
        _say_ranges_once(work)
        _ask_about_all(work, reading)
    elif reading.every:
        partly = {number for each in reading.named if each.excluded for number in each.item.numbers}
        everything = _order_all(work, reading.every[0], excluded)
        # "all pumps except diesel #9/10": asked about above, and not ordered meanwhile.
        excluded = {**excluded, **{card: set(card) & partly for card in work.ordered if set(card) & partly}}
    _take_out(work, excluded)
    _ask_about_left_out(work, reading.named)
    for words, span in reading.unclear_sides:
        work.ask(Question("unclear_side", words, "Which side of that dispenser is meant? It has no such number.", span))
    for words, span in reading.spelled:
        work.ask(
            Question("unclear_dispensers", words, "Is this the number of a dispenser? Only digits are read.", span)
        )
    _compare_counts(work, reading, quantity, everything)
    dispensers = tuple(
        NamedDispenser(
            numbers=card,
            sides=None if order.sides == set(card) else tuple(sorted(order.sides)),
            grades=None if order.grades is None else tuple(in_portal_order(order.grades)),
            span=order.span,
        )
        for card, order in sorted(work.ordered.items())
    )
    return NamedResult(dispensers, tuple(work.unresolved), everything, tuple(work.questions))


def _narrowed(text: str, ordered: Sequence[Named]) -> list[Named]:
    """ "dispenser 3/4 regular, side 3 only": the side that follows its own cabinet says which side of it is meant."""
    kept: list[Named] = []
    for named in ordered:
        before = kept[-1] if kept else None
        if before is not None and len(named.item.numbers) == 1 < len(before.item.numbers):
            between = text[before.span[1] : named.span[0]]
            same = set(named.item.numbers) <= set(before.item.numbers)
            if same and _SIDE.match(text, named.span[0]) and not _ANOTHER.search(between):
                kept[-1] = replace(named, span=(before.span[0], before.span[1]), only=named.only or before.only)
                continue
        kept.append(named)
    return kept


def _asks_which(work: _Work, named: Named) -> bool:
    """Asks where the words leave open which dispensers they mean; gives whether nothing can be ordered before."""
    start, end = named.span
    label = " ".join(work.text[start:end].split())
    why = "The text says “or”. Is one of them ordered, or all of them?"
    if named.one_of and not any(question.why == why for question in work.questions):
        work.ask(Question("unclear_dispensers", label, why, named.span))
    if named.may_be_a_count:
        why = "Is this how many dispensers, or which one?"
        work.ask(Question("unclear_dispensers", label, why, named.span))
    return named.may_be_a_count


def _order(work: _Work, named: Named) -> None:
    label = " ".join(work.text[named.span[0] : named.span[1]].split())
    if named.item.lettered is not None:
        why = f"“{named.item.lettered}” is no number of a dispenser at this location (it has {_listed(work.cards)})."
        work.unresolved.append(UnresolvedMention(label, why, named.span))
        return
    if named.item.backwards:
        why = "This is no range of dispensers. Which numbers are meant?"
        work.unresolved.append(UnresolvedMention(label, why, named.span))
        return
    for card, sides in _cards_of(work, named, label):
        grades = _grades_for(work, card, named)
        order = work.ordered.setdefault(card, _Order(named.span))
        order.sides |= set(card) if named.both_sides else sides
        order.grades = None if grades is None or order.grades is None else order.grades | set(grades)


def _cards_of(work: _Work, named: Named, label: str) -> list[tuple[Card, set[int]]]:
    """The card of a mention; each number's own card where "3&4" is not one cabinet. What fits none is reported."""
    numbers = named.item.numbers
    card, why = _card_of(numbers, work.cards)
    if card is not None:
        return [(card, set(numbers))]
    if named.item.whole or len(numbers) == 1:
        _report(work, label, why, named.span)
        return []
    found = []
    for number in numbers:
        card, why = _card_of((number,), work.cards)
        if card is None:
            _report(work, label, why, named.span)
        else:
            found.append((card, {number}))
    return found


def _report(work: _Work, label: str, why: str, span: Span) -> None:
    work.unresolved.append(UnresolvedMention(label, why, span))


def _say_ranges_once(work: _Work) -> None:
    """ "#1-6" with 5 and 6 missing is one report: same words, so what misses is told together."""
    by_span: dict[Span, list[UnresolvedMention]] = {}
    for item in work.unresolved:
        by_span.setdefault(item.span, []).append(item)
    work.unresolved = []
    for same in by_span.values():
        first = same[0]
        whys = dict.fromkeys(item.why for item in same)
        work.unresolved.append(UnresolvedMention(first.text, " ".join(whys), first.span))


def _card_of(numbers: Card, cards: Sequence[Card]) -> tuple[Card | None, str]:
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
        where = ", ".join(f"{n} is on {_label(card or ())}" for n, card in zip(numbers, apart, strict=True))
        return None, f"There is no dispenser {label} at this location: {where}."
    return None, f"There is no dispenser with number {label} at this location (it has {_listed(cards)})."


def _label(card: Card) -> str:
    return "/".join(map(str, card))


def _listed(cards: Sequence[Card]) -> str:
    shown = ", ".join(_label(card) for card in cards[:_SHOWN_CARDS] if card)
    return f"{shown}{' and more' if len(cards) > _SHOWN_CARDS else ''}"


def _grades_for(work: _Work, card: Card, named: Named) -> tuple[str, ...] | None:
    """The grades a mention restricts a card to, ``None`` for all; asks where the words leave that open."""
    sold = [plain_name(grade) for grade in work.card_grades.get(card, ())]
    only = list(named.only) if named.only is not None else None
    for words, span in named.vague:
        meant = _grades_like(words, sold)
        if len(meant) == 1:
            only = [*(only or ()), meant[0]]
        else:
            work.ask(Question("unclear_grade", words, _which_grade(words, card, sold), span))
    if only is None and named.without:
        if sold:
            return tuple(grade for grade in sold if grade not in named.without)
        left_out = ", ".join(named.without)
        start, end = named.span
        why = (
            f"{left_out} is to be left out on {_label(card)}, and the grades of that dispenser are not known here. "
            "Which grades remain?"
        )
        work.ask(Question("exclusion", work.text[start:end], why, named.span))
        return None
    if only is not None and sold:
        for grade in only:
            if grade not in sold:
                start, end = named.span
                why = f"{_label(card)} does not sell {grade} (it has {', '.join(sold)}). Which grade is meant?"
                work.ask(Question("unclear_grade", work.text[start:end], why, named.span))
    return tuple(only) if only is not None else None


def _grades_like(words: str, sold: Iterable[str]) -> list[str]:
    """Grades of a card that a loose word can mean: "mid" is the Midgrade, where there is exactly one."""
    word = words.lower().replace("-", "").replace(" ", "")
    if word.startswith("mid"):
        return [grade for grade in sold if grade.startswith("Midgrade")]
    if word.startswith(("noneth", "e0")):
        return [grade for grade in sold if grade.startswith("Ethanol-Free") or "non-ethanol" in grade]
    return []


def _which_grade(words: str, card: Card, sold: Sequence[str]) -> str:
    known = f" {_label(card)} has {', '.join(sold)}." if sold else ""
    return f"Which grade is meant by “{' '.join(words.split())}”?{known}"


def _excluded_sides(work: _Work, named: Sequence[Named]) -> dict[Card, set[int]]:
    excluded: dict[Card, set[int]] = {}
    for each in named:
        if not (each.excluded or each.done):
            continue
        if each.only is not None or each.without:
            start, end = each.span
            left_out = ", ".join(each.without or each.only or ())
            why = f"{left_out} is to be left out there. Which grades remain?"
            work.ask(Question("exclusion", work.text[start:end], why, each.span))
            continue
        for number in each.item.numbers:
            card, _ = _card_of((number,), work.cards)
            if card is not None:
                sides = set(card) if each.both_sides else {number}
                excluded[card] = excluded.get(card, set()) | sides
    return excluded


def _take_out(work: _Work, excluded: Mapping[Card, set[int]]) -> None:
    for card, sides in excluded.items():
        order = work.ordered.get(card)
        if order is None:
            continue
        order.sides -= sides
        if not order.sides:
            del work.ordered[card]


def _order_all(work: _Work, every: Everything, excluded: Mapping[Card, set[int]]) -> bool:
    """Orders all cards where the words restrict them; gives whether all are ordered without exception."""
    start, end = every.span
    if every.of_grade and not all(work.card_grades.get(card) for card in work.cards):
        why = "Which dispensers are these? Their grades are not known here."
        work.ask(Question("unclear_dispensers", work.text[start:end], why, every.span))
        return False
    if not excluded and every.only is None and not every.without:
        return True
    for card in work.cards:
        if not card:
            continue
        sold = [plain_name(grade) for grade in work.card_grades.get(card, ())]
        grades = set(every.only) if every.only is not None else None
        if grades is not None and sold:
            grades &= set(sold)
            if not grades:
                continue
        if grades is None and every.without:
            grades = set(sold) - set(every.without) if sold else None
            if grades is None:
                why = f"{', '.join(every.without)} is to be left out, and the grades of the dispensers are not known here."
                work.ask(Question("exclusion", work.text[start:end], f"{why} Which grades remain?", every.span))
        work.ordered[card] = _Order(every.span, set(card), None if every.of_grade and every.only is None else grades)
    return False


def _ask_about_all(work: _Work, reading: Reading) -> None:
    """Single dispensers are named and more are ordered: nobody but a person can say which counts."""
    named = {number for each in reading.named for number in each.item.numbers}
    if reading.is_ticket:
        others = [each for each in reading.elsewhere if not each.excluded and not set(each.item.numbers) <= named]
        several = next(((every.text, every.span) for every in reading.every if every.about_meters), None)
        if several is None and others:
            start, end = others[0].span
            several = (work.text[start:end], others[0].span)
        many = next((count for count in reading.counts if count.many > 1), None)
        if several is None and many is not None:
            several = (many.text, many.span)
        several = several or reading.several
        if several is not None:
            why = "The ticket is about one asset, but its text speaks of more. Which dispensers are ordered?"
            work.ask(Question("one_asset_several_ordered", several[0], why, several[1]))
        return
    every = next((every for every in reading.every if every.about_meters), None)
    if every is not None:
        why = "Single dispensers are named, and all are ordered as well. Which is meant?"
        work.ask(Question("all_and_named", every.text, why, every.span))


def _ask_about_left_out(work: _Work, named: Sequence[Named]) -> None:
    for each in named:
        if each.maybe_ordered:
            start, end = each.span
            why = "It stands in a list after “not”. Is it left out as well, or ordered?"
            work.ask(Question("unclear_dispensers", work.text[start:end], why, each.span))
        if each.done:
            start, end = each.span
            why = "The text says that this one is done already, so it is not ordered. Is that right?"
            work.ask(Question("already_done", work.text[start:end], why, each.span))


def _compare_counts(work: _Work, reading: Reading, quantity: int | None, everything: bool) -> None:
    cards = list(work.cards) if everything else list(work.ordered)
    missing = {item.span for item in work.unresolved}
    if not cards and not missing:
        return
    dispensers = len(cards) + len(missing)
    sides = (sum(map(len, cards)) if everything else sum(len(o.sides) for o in work.ordered.values())) + len(missing)
    if everything and not cards:
        return
    said = sum(not named.excluded and not named.done for named in reading.named)
    for count in reading.counts if not reading.is_ticket else ():
        # A pump is a side or a cabinet, as people speak; a dispenser is what was named, one by one.
        fits = {sides} if count.of_sides else {dispensers, said} if count.of_cabinets else {dispensers, said, sides}
        if everything:
            fits |= {sides}
        if count.many not in fits:
            why = f"The text says {count.many}, and names {_told(dispensers, sides)}. Which is right?"
            work.ask(Question("quantity_disagrees", count.text, why, count.span))
    every = reading.every[0] if everything else None
    if every is not None and every.many is not None and every.many not in (dispensers, sides):
        why = f"The text says {every.many}, and the location has {_told(dispensers, sides)}. Which is right?"
        work.ask(Question("quantity_disagrees", every.text, why, every.span))
    if reading.quantity is not None and reading.quantity.many > max(dispensers, sides):
        why = f"The text says {reading.quantity.many}, and names {_told(dispensers, sides)}. Which are the others?"
        work.ask(Question("quantity_disagrees", reading.quantity.text, why, reading.quantity.span))
    if quantity is not None and quantity > max(dispensers, sides):
        why = f"The order says {quantity}, and the text names {_told(dispensers, sides)}. Which are the others?"
        work.ask(Question("quantity_disagrees", f"Quantity {quantity}", why, None))


def _told(dispensers: int, sides: int) -> str:
    one = f"{dispensers} dispenser{'' if dispensers == 1 else 's'}"
    return one if dispensers == sides else f"{one} ({sides} side{'' if sides == 1 else 's'})"
