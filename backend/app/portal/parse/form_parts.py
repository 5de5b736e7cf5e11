"""What every section of a form is made of: ks-selects, radios and labelled fields (Portal spec §1.6, §5.1)."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from app.portal.parse.dom import attribute, children, classes, text_of

_PLACEHOLDER = re.compile(r"^(?:select\b.*|choose\b.*|-+\s*.*\s*-+|-*)$", re.IGNORECASE)


def selection_value(text: str | None) -> str | None:
    """The choice a ks-select shows; a placeholder ("Select…", "- Procedure -") is none (Portal spec §1.6)."""
    return None if text is None or _PLACEHOLDER.match(text) else text


def by_names(scope: LexborNode | None, names: tuple[str, ...]) -> list[LexborNode]:
    """The radios of the fields with these names."""
    if scope is None:
        return []
    return [radio for radio in scope.css('input[type="radio"]') if attribute(radio, "name") in names]


def by_label(body: LexborNode, label: str) -> list[LexborNode]:
    """The radios that belong to the field with this label: the nearest element around the label that holds radios of
    exactly one field."""
    for node in body.css(".label, label, .form-label"):
        if (text_of(node) or "").rstrip(":* ").lower() != label:
            continue
        current = node.parent
        while current is not None:
            radios = current.css('input[type="radio"]')
            if radios:
                same = len({attribute(radio, "name") for radio in radios}) == 1
                return list(radios) if same else []
            if current.mem_id == body.mem_id:
                break
            current = current.parent
    return []


def label_of(field: LexborNode, body: LexborNode) -> str:
    """The label nearest to a text input, lower case."""
    current = field.parent
    while current is not None:
        for node in children(current):
            if "label" in classes(node) or node.tag == "label":
                return (text_of(node) or "").lower()
        if current.mem_id == body.mem_id:
            break
        current = current.parent
    return (attribute(field, "placeholder") or attribute(field, "name") or "").lower()
