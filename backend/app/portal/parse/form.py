"""One section of a form entry (Portal spec §5)."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import (
    FORM_PATH,
    attribute,
    changed,
    classes,
    hidden,
    leading_numbers,
    page_address,
    parse,
    path_of,
    text_of,
)
from app.portal.parse.form_parts import by_label, by_names, label_of, selection_value
from app.portal.parse.form_readings import reading_groups, reading_panel
from app.portal.parse.identify import NAMES, PageKind, require
from app.portal.records import FormPage, GradePanel, ReadingPanel, YesNo

PAGE = NAMES[PageKind.FORM]
PROVER_ID = re.compile(r"(?<![\d-])\d+-\d+-\d+(?![\d-])")
PROVER_SIZE_FIELDS = ("field[4855]", "field[5460]")
HAS_METER_FIELDS = ("field[4857]", "field[5438]", "field[5462]")
FILL_FIELDS = ("field[4858]", "field[5463]")
_ITERATION = re.compile(r"^iteration-(\d+)$")


def parse_form(html: str, url: str | None = None) -> FormPage:
    """What one section of a form shows. Values stand only in an expanded panel; a placeholder is no value.

    Raises NotSignedIn, ForeignPage, ErrorPage, PortalChanged.
    """
    doc = parse(html)
    require(doc, PageKind.FORM)
    work_id, visit_id, entry_id, section_id = _ids(html, doc, url)
    equipment, options = _equipment(doc)
    sizes, size = _radios(by_names(doc.root, PROVER_SIZE_FIELDS))
    grades: list[GradePanel] = []
    readings: list[ReadingPanel] = []
    for index, node in _iterations(doc):
        if _is_reading(node):
            readings.append(reading_panel(index, node))
        else:
            grades.append(_grade(index, node))
    if grades and readings:
        raise changed(PAGE, "a section of grades or of readings, not both")
    next_links = doc.css("a.next-section")
    next_enabled = any("disabled" not in classes(link) for link in next_links) if next_links else None
    return FormPage(
        work_id=work_id,
        visit_id=visit_id,
        entry_id=entry_id,
        section_id=section_id,
        equipment=equipment,
        equipment_numbers=leading_numbers(equipment),
        equipment_options=options,
        prover_size=size,
        prover_size_options=sizes,
        grades=tuple(grades),
        readings=tuple(readings),
        reading_groups=reading_groups(doc) if readings else (),
        next_enabled=next_enabled,
        saved=next_enabled,
        errors=tuple(text for node in doc.css(".error-msg.show-msg") if not hidden(node) and (text := text_of(node))),
    )


def grade_name(header: str) -> str:
    """The grade of a panel's header: "Regular:" → "Regular", "Fuel: Regular" → "Regular" (Portal spec §5.3)."""
    return header.strip().rstrip(":").rsplit(":", 1)[-1].strip()


def _ids(html: str, doc: LexborHTMLParser, url: str | None) -> tuple[int | None, int | None, int | None, int | None]:
    match = FORM_PATH.match(path_of(url or page_address(html, doc)))
    if match is not None:
        work_id, visit_id, entry_id, section = match.groups()
        return int(work_id), int(visit_id), int(entry_id), int(section) if section else None
    linked = {m.groups()[:3] for a in doc.css("a[href]") if (m := FORM_PATH.match(path_of(attribute(a, "href"))))}
    if len(linked) != 1:
        return None, None, None, None
    work_id, visit_id, entry_id = linked.pop()
    return int(work_id), int(visit_id), int(entry_id), None


def _equipment(doc: LexborHTMLParser) -> tuple[str | None, tuple[str, ...]]:
    boxes = doc.css(".form-entry-equipment .ks-select")
    if len(boxes) > 1:
        raise changed(PAGE, "several equipment selections")
    if not boxes:
        if doc.css_first(".form-entry-equipment") is not None:
            raise changed(PAGE, "equipment selection")
        return None, ()
    options = tuple(text for item in boxes[0].css(".autocomplete-list li") if (text := text_of(item)))
    return selection_value(text_of(boxes[0].css_first(".ks-select-selection"))), options


def _iterations(doc: LexborHTMLParser) -> list[tuple[int, LexborNode]]:
    hits = [
        (int(match.group(1)), node)
        for node in doc.css('[id^="iteration-"]')
        if (match := _ITERATION.match(attribute(node, "id") or ""))
    ]
    if [index for index, _ in hits] != list(range(len(hits))):
        raise changed(PAGE, f"iterations are not numbered from 0: {[index for index, _ in hits]}")
    return hits


def _is_reading(node: LexborNode) -> bool:
    """A reading can be deleted; a grade cannot, and its header is a link (Portal spec §5.3, §5.4)."""
    return node.css_first('[title="Delete item"]') is not None or node.css_first(".panel-header a") is None


def _grade(index: int, node: LexborNode) -> GradePanel:
    header = text_of(node.css_first(".panel-header a span")) or text_of(node.css_first(".panel-header"))
    name = grade_name(header or "")
    if not name:
        raise changed(PAGE, f"iteration {index}: name of the grade")
    body = node.css_first(".panel-body")
    expanded = body is not None and not hidden(body) and body.css_first("input") is not None
    if body is None or not expanded:
        return GradePanel(index, name, False, None, None, None, None)
    _, meter = _radios(by_label(body, "has meter") or by_names(body, HAS_METER_FIELDS))
    _, fill = _radios(by_label(body, "type of fill") or by_names(body, FILL_FIELDS))
    prices, blends = [], []
    for field in body.css('input[type="text"]'):
        label = label_of(field, body)
        if "price" in label:
            prices.append(attribute(field, "value"))
        elif "blend" in label:
            blends.append(attribute(field, "value") or "")
    return GradePanel(
        index=index,
        grade=name,
        expanded=True,
        has_meter=_yes_no(meter, index),
        fill=fill,
        prover=_prover(body, index),
        fuel_price=prices[0] if prices else None,
        blend_ratios=tuple(blends),
    )


def _yes_no(text: str | None, index: int) -> YesNo | None:
    if text is None:
        return None
    if text.lower() in {"yes", "1"}:
        return "yes"
    if text.lower() in {"no", "2"}:
        return "no"
    raise changed(PAGE, f"iteration {index}: 'Has Meter' is {text!r}")


def _prover(body: LexborNode, index: int) -> str | None:
    chosen = {
        text
        for select in body.css(".ks-select")
        if (text := selection_value(text_of(select.css_first(".ks-select-selection")))) and PROVER_ID.search(text)
    }
    if len(chosen) > 1:
        raise changed(PAGE, f"iteration {index}: several provers")
    return chosen.pop() if chosen else None


def _radios(radios: list[LexborNode]) -> tuple[tuple[str, ...], str | None]:
    """The labels of radios, and the active one's label (its value when it has no label)."""
    labels: list[str] = []
    active: list[str] = []
    for radio in radios:
        box = radio.parent
        while box is not None and box.tag != "label":
            box = box.parent
        label = text_of(box) or attribute(radio, "value")
        if label is None:
            continue
        labels.append(label)
        chosen = "ks-state-active" in classes(box) if box is not None else attribute(radio, "checked") is not None
        if chosen:
            active.append(label)
    if len(active) > 1:
        raise changed(PAGE, f"several choices of one field are active: {active}")
    return tuple(labels), active[0] if active else None
