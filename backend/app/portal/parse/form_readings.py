"""The readings of a form: what one holds, and which belong together (Portal spec §5.4, §5.9)."""

from __future__ import annotations

import re
from typing import cast

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import attribute, changed, classes, text_of
from app.portal.parse.form_parts import by_label, by_names, label_of, selection_value
from app.portal.parse.identify import NAMES, PageKind
from app.portal.records import Flow, ReadingPanel, ReadingValues

PAGE = NAMES[PageKind.FORM]

# The radios called "flow" tell the template, and with it the numbers of the other fields. Only the start field's number
# is known for Open Neck Prover; the others are taken to be lower by two, too.
READING_FIELDS: dict[str, dict[str, int]] = {
    "field[4866]": {"temperature": 3, "gpm": 6, "start": 7, "meniscus": 8, "end": 9},
    "field[5471]": {"temperature": 1, "gpm": 4, "start": 5, "meniscus": 6, "end": 7},
}
# What a field's label must say to name the field; the first that fits counts. Written so that both readers take them.
READING_LABELS: tuple[tuple[str, str], ...] = (
    ("variance", "variance"),
    ("meniscus", "meniscus"),
    ("temperature", "temp"),
    ("gpm", r"\bgpm\b|gallons? per min"),
    ("flow", r"\bflow\b"),
    ("procedure", "procedure"),
    ("start", r"\bstart"),
    ("end", r"\bend"),
)
TEXT_FIELDS = ("temperature", "gpm", "start", "meniscus", "end")
PROCEDURES = ("Wet Down", "First Run", "Calibrate", "Calibration Retest", "Retest", "Meter Sealed")
ADD_READING = re.compile(r"^\s*\+?\s*Add Reading\s*$", re.IGNORECASE)
_PROCEDURE_PLACEHOLDER = "- Procedure -"
_TYPED = "input, textarea"
_NOT_TYPED = frozenset({"radio", "checkbox", "hidden", "button", "submit"})


def flow_speed(label: str | None, value: str | None) -> Flow:
    """The flow that a radio stands for: its label when that says so, else 1 = fast, 2 = slow. Raises PortalChanged."""
    word = (label or "").strip().split(" ")[0].casefold()
    if word in {"fast", "slow"}:
        return cast("Flow", word)
    if value in {"1", "2"}:
        return "fast" if value == "1" else "slow"
    raise changed(PAGE, f"the flow {label or value!r} is neither fast nor slow")


def named(label: str | None) -> str | None:
    """The field that a label names; ``None`` when it names none that is known."""
    return next((key for key, words in READING_LABELS if re.search(words, label or "", re.IGNORECASE)), None)


def reading_groups(doc: LexborHTMLParser) -> tuple[int, ...]:
    """How many readings each group has, in page order. A group ends with "+ Add Reading"; the headers are not looked at.

    Empty when there is no "+ Add Reading" at all: the groups are not known then. Raises PortalChanged for readings
    behind the last one.
    """
    groups: list[int] = []
    count = 0
    for node in doc.css('[id^="iteration-"], span, a, button'):
        if re.fullmatch(r"iteration-\d+", attribute(node, "id") or ""):
            count += 1
        elif _adds(node) and not any(_adds(inner) for inner in node.css("span, a, button") if inner != node):
            groups.append(count)
            count = 0
    if groups and count:
        raise changed(PAGE, "'+ Add Reading' behind the last reading")
    return tuple(groups)


def _adds(node: LexborNode) -> bool:
    return ADD_READING.match(text_of(node) or "") is not None


def reading_panel(index: int, node: LexborNode) -> ReadingPanel:
    """One reading of a saved page; its values when it is the open one."""
    expanded = "inactive" not in classes(node) and node.css_first(f".ks-select, {_TYPED}") is not None
    header = node.css_first(".list-panel-header") or node.css_first(".panel-header")
    procedure = _procedure(node, index)
    values = _values(node, index, procedure) if expanded else None
    return ReadingPanel(index, text_of(header), expanded, procedure, values)


def _values(node: LexborNode, index: int, procedure: str | None) -> ReadingValues:
    ids = next((ids for name, ids in READING_FIELDS.items() if by_names(node, (name,))), None)
    texts = {key: _text(node, index, key, ids) for key in TEXT_FIELDS}
    return ReadingValues(procedure=procedure, flow=_flow(node, index), **texts)


def _typed(scope: LexborNode) -> list[LexborNode]:
    selects = {inner.mem_id for box in scope.css(".ks-select") for inner in box.css(_TYPED)}
    return [
        field
        for field in scope.css(_TYPED)
        if field.mem_id not in selects and (attribute(field, "type") or "text") not in _NOT_TYPED
    ]


def _text(node: LexborNode, index: int, key: str, ids: dict[str, int] | None) -> str | None:
    box = node.css_first(f'[id="field-{ids[key]}"]') if ids else None
    fields = _typed(box) if box is not None else []
    if box is not None and fields:
        label = text_of(box.css_first(".label, label"))
        if (other := named(label)) not in {None, key}:
            raise changed(PAGE, f"iteration {index}: the field of the {key} is labelled {label!r} ({other})")
    else:
        fields = [field for field in _typed(node) if named(label_of(field, node)) == key]
    if len(fields) > 1:
        raise changed(PAGE, f"iteration {index}: several fields of the {key}")
    return _value(fields[0]) if fields else None


def _value(field: LexborNode) -> str | None:
    return text_of(field) if field.tag == "textarea" else attribute(field, "value")


def _flow(node: LexborNode, index: int) -> Flow | None:
    active: list[Flow] = []
    for radio in by_label(node, "flow") or by_names(node, tuple(READING_FIELDS)):
        box = radio.parent
        while box is not None and box.tag != "label":
            box = box.parent
        chosen = "ks-state-active" in classes(box) if box is not None else "checked" in radio.attributes
        if chosen:
            active.append(flow_speed(text_of(box), attribute(radio, "value")))
    if len(active) > 1:
        raise changed(PAGE, f"iteration {index}: several flows are active")
    return active[0] if active else None


def _procedure(node: LexborNode, index: int) -> str | None:
    """The choice of the procedure: the only select, or the one that offers procedures or still shows its placeholder."""
    selects = node.css(".ks-select")
    if len(selects) > 1:
        selects = [select for select in selects if _offers_procedures(select)]
    if len(selects) > 1:
        raise changed(PAGE, f"iteration {index}: several selections of the procedure")
    return selection_value(text_of(selects[0].css_first(".ks-select-selection"))) if selects else None


def _offers_procedures(select: LexborNode) -> bool:
    shown = text_of(select.css_first(".ks-select-selection"))
    offered = {text_of(item) for item in select.css(".autocomplete-list li")}
    return shown == _PROCEDURE_PLACEHOLDER or shown in PROCEDURES or not offered.isdisjoint(PROCEDURES)
