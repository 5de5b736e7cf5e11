"""Pasted tickets: which part names the asset, and which lines never name anything (Portal spec §2.6, Circle K)."""

import re

from app.work.named.vocabulary import TICKET_LABEL

_TEXT_FIELDS = ("issue", "description", "problem", "note", "notes", "request")


def only(text: str, start: int, end: int) -> str:
    """The text with blanks for all but one part, so that positions stay."""
    return re.sub(r"[^\n]", " ", text[:start]) + text[start:end] + re.sub(r"[^\n]", " ", text[end:])


def asset_part(text: str) -> tuple[int, int] | None:
    """Where a pasted ticket says which asset it is about: from "Asset:" to the next label or the end of the line."""
    labels = list(TICKET_LABEL.finditer(text))
    for index, label in enumerate(labels):
        if label["label"].lower() != "asset":
            continue
        following = labels[index + 1].start() if index + 1 < len(labels) else len(text)
        line_end = text.find("\n", label.end())
        return label.start(), min(following, line_end if line_end >= 0 else len(text))
    return None


def without_fields(text: str, start: int, end: int) -> str:
    """The text without its asset part and without the values of fields that never name anything."""
    text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    labels = list(TICKET_LABEL.finditer(text))
    for index, label in enumerate(labels):
        if label["label"].lower() in _TEXT_FIELDS:
            continue
        following = labels[index + 1].start() if index + 1 < len(labels) else len(text)
        line_end = text.find("\n", label.end())
        stop = min(following, line_end if line_end >= 0 else len(text))
        text = text[: label.start()] + " " * (stop - label.start()) + text[stop:]
    return text
