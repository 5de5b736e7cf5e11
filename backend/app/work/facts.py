"""What instructions say, as a set of facts with the words they come from, and the text without its boilerplate.

Sources: Features §9.3 (which facts, their order), Portal spec §2.6 (how instructions look per chain).
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from app.work.named import DAY_OF, find_mentions
from app.work.schemas import Fact, FactKind

_SPECIAL_FUELS = re.compile(
    r"\bethanol[- ]free(?:\s+gasoline\s+plus)?|\brace\s+fuel|\bspecial\s+88|\bextra\s+89", re.IGNORECASE
)
_PATTERNS: tuple[tuple[FactKind, str, re.Pattern[str]], ...] = (
    (
        FactKind.new_store,
        "New store",
        re.compile(r"\bnew(?:\s*/\s*remodell?ed)?\s+(?:store|station|site)\b", re.IGNORECASE),
    ),
    (FactKind.remodeled, "Remodeled", re.compile(r"\bremodell?ed\b", re.IGNORECASE)),
    (FactKind.priority, "Priority {1}", re.compile(r"\bpriority\s*:?\s*(\d+)", re.IGNORECASE)),
    (FactKind.day_of, "Day {1} of {2}", DAY_OF),
    (FactKind.start_day, "Start day", re.compile(r"\bstart(?:ing)?\s+day\b", re.IGNORECASE)),
    (FactKind.finish_day, "Finish day", re.compile(r"\bfinish(?:ing)?\s+day\b", re.IGNORECASE)),
    (FactKind.post_construction, "Post construction", re.compile(r"\bpost[- ]construction\b", re.IGNORECASE)),
)
_SPECIFIC_CODE, _OPEN_NECK_CODE = "2862", "3146"
_MANY = 5
_HIGHEST_NUMBER = 30

# Sentences every order of a chain carries. Only whole sentences go, so that nothing unusual is hidden with them.
_BOILERPLATE = re.compile(
    r"calibrat\w* all|all (?:meters|dispensers)|change (?:all )?(?:the )?filters?|filter|sticker|fuel sample|photos?|vault"
    r"|crind|keys? to the|survey|cim-?tek|micron",
    re.IGNORECASE,
)
_TICKET_NOISE = re.compile(r"^\s*(?:issue|asset|manufacturer|model|serial)\b.*$", re.IGNORECASE)


def facts_of(instructions: str | None, codes: Collection[str]) -> list[Fact]:
    """Facts in the order they are shown. ``start``/``end`` are positions in the full text, ``None`` for a service code."""
    return list(_facts(instructions or "", tuple(codes)))


@lru_cache(maxsize=4096)
def _facts(text: str, codes: tuple[str, ...]) -> tuple[Fact, ...]:
    """Kept: a week asks for the same texts at every look, and facts never change."""
    return (*_said(text), *_coded(codes), *_numbers(text, codes), *_fuels(text))


def _said(text: str) -> Iterator[Fact]:
    for kind, label, pattern in _PATTERNS:
        match = pattern.search(text)
        if match is not None:
            yield Fact(
                kind=kind, label=label.format(match.group(), *match.groups()), start=match.start(), end=match.end()
            )


def _coded(codes: Collection[str]) -> Iterator[Fact]:
    if _SPECIFIC_CODE in codes:
        yield Fact(kind=FactKind.specific_dispensers, label="Specific dispensers", start=None, end=None)
    if _OPEN_NECK_CODE in codes:
        yield Fact(kind=FactKind.open_neck_prover, label="Open neck prover", start=None, end=None)


def _numbers(text: str, codes: Collection[str]) -> Iterator[Fact]:
    if not {_SPECIFIC_CODE, _OPEN_NECK_CODE} & set(codes):
        return
    spans: dict[str, tuple[int, int]] = {}
    for mention in find_mentions(text):
        if max(mention.numbers) <= _HIGHEST_NUMBER:
            spans.setdefault("#" + "/".join(map(str, mention.numbers)), mention.span)
    labels = list(spans)
    if len(labels) > _MANY:
        start, end = spans[labels[0]]
        label = f"{len(labels)} dispensers ({labels[0]}–{labels[-1]})"
        yield Fact(kind=FactKind.dispensers, label=label, start=start, end=end)
        return
    for label, (start, end) in spans.items():
        yield Fact(kind=FactKind.dispensers, label=label, start=start, end=end)


def _fuels(text: str) -> Iterator[Fact]:
    seen = set()
    for match in _SPECIAL_FUELS.finditer(text):
        label = " ".join(match.group().split()).title().replace("Ethanol Free", "Ethanol-Free")
        if label not in seen:
            seen.add(label)
            yield Fact(kind=FactKind.special_fuel, label=label, start=match.start(), end=match.end())


def clean_text(instructions: str | None) -> str | None:
    """The instructions without the boilerplate of the chain; ``None`` when nothing else was said.

    The full text is always shown on demand: this is a shorter first look, not a replacement.
    """
    if not instructions:
        return None
    kept: list[str] = []
    for line in instructions.splitlines():
        if _TICKET_NOISE.match(line):
            continue
        sentences = re.split(r"(?<=[.!;])\s+", line.strip())
        kept.extend(sentence for sentence in sentences if sentence and not _BOILERPLATE.search(sentence))
    text = "\n".join(kept).strip()
    return text or None
