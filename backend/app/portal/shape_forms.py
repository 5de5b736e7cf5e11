"""What the readers rely on in the sections of a form, as data (Portal spec §5)."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import attribute, hidden, text_of
from app.portal.parse.form import FILL_FIELDS, HAS_METER_FIELDS, PROVER_SIZE_FIELDS
from app.portal.shape_list import FRAME
from app.portal.shape_terms import (
    Check,
    Expectation,
    Finding,
    ShapeKind,
    each,
    failed,
    has,
    not_seen,
    ok,
    sometimes,
    there,
)

FLOW_FIELDS = ("field[4866]", "field[5471]")
_ITERATION = re.compile(r"^iteration-(\d+)$")
_ADD = re.compile(r"^\+?\s*add reading$", re.IGNORECASE)
_START_FIELDS = "#field-7, #field-5"
_DELETE = '[title="Delete item"]'


def _numbered(doc: LexborHTMLParser) -> list[tuple[int, LexborNode]]:
    return [
        (int(match.group(1)), node)
        for node in doc.css('[id^="iteration-"]')
        if (match := _ITERATION.match(attribute(node, "id") or ""))
    ]


def _panels(doc: LexborHTMLParser) -> list[LexborNode]:
    """The grades or readings, whatever their ids are."""
    return [node for _, node in _numbered(doc)] or [
        node for node in doc.css(".form-entry-section") if node.css_first(".list-panel-header") is not None
    ]


def form_section(doc: LexborHTMLParser) -> ShapeKind | None:
    """Which section of a form this is, by its content; ``None`` when that cannot be said."""
    if doc.css_first(".form-entry-equipment") is not None:
        return ShapeKind.FORM_FIRST
    if not _panels(doc):
        return None
    return ShapeKind.FORM_READINGS if doc.css_first(_DELETE) is not None else ShapeKind.FORM_GRADES


def _numbers(doc: LexborHTMLParser) -> Finding:
    found = [number for number, _ in _numbered(doc)]
    if not found:
        panels = len(_panels(doc))
        return failed(f"none, but {panels} panels") if panels else not_seen("no panel in this section")
    return ok(f"0 to {len(found) - 1}") if found == list(range(len(found))) else failed(f"numbers {found[:12]}")


def _bodies(doc: LexborHTMLParser) -> list[LexborNode]:
    """The bodies of the open panels."""
    return [
        body
        for panel in _panels(doc)
        for body in panel.css(".panel-body")
        if not hidden(body) and body.css_first("input") is not None
    ]


def _one_open(doc: LexborHTMLParser) -> Finding:
    if not _panels(doc):
        return not_seen("no panel in this section")
    count = len(_bodies(doc))
    return ok("one") if count == 1 else failed(f"{count} open panels with inputs")


def _radios(names: tuple[str, ...], label: str, *, always: bool) -> Check:
    """The radios of a field in the open panel, known by their names."""

    def check(doc: LexborHTMLParser) -> Finding:
        bodies = _bodies(doc)
        if not bodies:
            return not_seen("no open panel")
        found = {attribute(radio, "name") or "" for radio in bodies[0].css('input[type="radio"]')}
        if known := found & set(names):
            return ok(", ".join(sorted(known)))
        labelled = any((text_of(node) or "").rstrip(":* ").lower() == label for node in bodies[0].css(".label, label"))
        if labelled or always:
            return failed(f"radios of other names: {', '.join(sorted(found)) or 'none'}")
        return not_seen("the open panel has no such field")

    return check


def _selects(selector: str) -> Check:
    def check(doc: LexborHTMLParser) -> Finding:
        bodies = _bodies(doc)
        if not bodies:
            return not_seen("no open panel")
        return ok("one") if bodies[0].css_first(selector) is not None else failed(f"no {selector} in the open panel")

    return check


def _header(panel: LexborNode) -> bool:
    return text_of(panel.css_first(".panel-header a")) is not None


def _sizes(doc: LexborHTMLParser) -> Finding:
    names = {attribute(radio, "name") or "" for radio in doc.css('.form-entry-content input[type="radio"]')}
    if known := names & set(PROVER_SIZE_FIELDS):
        return ok(", ".join(sorted(known)))
    return failed(f"radios of other names: {', '.join(sorted(names))}") if names else not_seen("no radios on this page")


def _start(doc: LexborHTMLParser) -> Finding:
    bodies = _bodies(doc)
    if not bodies:
        return not_seen("no open reading")
    for field in bodies[0].css(_START_FIELDS):
        label = text_of(field.css_first(".label, label"))
        if field.css_first("input") is not None and (label is None or "start" in label.lower()):
            return ok(f"#{attribute(field, 'id')}")
    return failed(f"no {_START_FIELDS} for the start reading")


def _additions(doc: LexborHTMLParser) -> Finding:
    if not _panels(doc):
        return not_seen("no reading in this section")
    panels = {node.mem_id for node in _panels(doc)}
    order: list[str] = []
    for node in doc.root.traverse() if doc.root is not None else ():
        if node.mem_id in panels:
            order.append("reading")
        elif node.tag in {"span", "a", "button"} and _ADD.match(text_of(node) or "") and order[-1:] != ["add"]:
            order.append("add")
    if "add" not in order:
        return failed("no '+ Add Reading'")
    if order[0] == "add" or order[-1] == "reading":
        return failed("a group does not end with it")
    return ok(f"{order.count('add')} groups")


_SAVE = Expectation("Save is button.save-section", there("button.save-section"))
_NEXT = Expectation("next link a.next-section", there("a.next-section"))
_CONTENT = Expectation("form in .form-entry-content", there(".form-entry-content"))
_NUMBERED = Expectation("#iteration-N numbered from 0", _numbers)
_OPEN = Expectation("one open panel with its inputs", _one_open, "a panel")

FORM_FIRST = (
    FRAME,
    _CONTENT,
    Expectation("equipment ks-select", there(".form-entry-equipment .ks-select .ks-select-selection")),
    Expectation("prover size radios", _sizes, "radios", essential=False),
    _SAVE,
    _NEXT,
)
FORM_GRADES = (
    FRAME,
    _CONTENT,
    _NUMBERED,
    Expectation("each panel names its grade in .panel-header a", each(_panels, _header, "panel"), "a panel"),
    _OPEN,
    Expectation("Has Meter radios", _radios(HAS_METER_FIELDS, "has meter", always=True), "an open panel"),
    Expectation(
        "Type of Fill radios", _radios(FILL_FIELDS, "type of fill", always=False), "an open panel", essential=False
    ),
    Expectation("prover ks-select", _selects(".ks-select .ks-select-selection"), "an open panel"),
    Expectation("Save of the grade in its panel", _selects("button.save-section"), "an open panel"),
    _NEXT,
)
FORM_READINGS = (
    FRAME,
    _CONTENT,
    _NUMBERED,
    Expectation("each reading has 'Delete item'", each(_panels, has(_DELETE), "reading"), "a reading"),
    _OPEN,
    Expectation("flow radios", _radios(FLOW_FIELDS, "flow", always=True), "an open reading"),
    Expectation("procedure ks-select", _selects(".ks-select .ks-select-selection"), "an open reading"),
    Expectation("start reading is #field-7 or #field-5", _start, "an open reading"),
    Expectation("+ Add Reading ends each group", _additions, "a reading"),
    _SAVE,
    Expectation("next link a.next-section", sometimes("a.next-section"), "another section", essential=False),
)

FORMS: dict[ShapeKind, tuple[Expectation, ...]] = {
    ShapeKind.FORM_FIRST: FORM_FIRST,
    ShapeKind.FORM_GRADES: FORM_GRADES,
    ShapeKind.FORM_READINGS: FORM_READINGS,
}
