"""A customer location's dispensers (Portal spec §3)."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.errors import NotExpanded
from app.portal.parse.dom import (
    LOCATION_PATH,
    attribute,
    changed,
    children,
    classes,
    collapse,
    loading,
    page_address,
    parse,
    path_of,
    text_of,
)
from app.portal.parse.identify import NAMES, PageKind, require
from app.portal.records import DispenserCard, LocationPage

PAGE = NAMES[PageKind.LOCATION]
_HEADING = re.compile(r"^(?P<name>.+?)\s*\((?P<count>\d+)\)$")
_NUMBERS = re.compile(r"^\d+(?:/\d+)*$")
_NUMBER_LIKE = re.compile(r"^#?\s*\d")
_PARTS = re.compile(r"\s-\s")
_SERIAL = re.compile(r"^S\s*/\s*N\s*:\s*(.*)$", re.IGNORECASE)
_LINE = re.compile(r"^(make|model)\s*:\s*(.*)$", re.IGNORECASE)
_FIELDS = {
    "grade": "grade",
    "standalonecode": "code",
    "numberofnozzlesperside": "nozzles",
    "ntepcoc": "ntep",
    "metertype": "meter",
}
_ADD_PATH = re.compile(r"^/app/customers/locations/(\d+)/equipment/?$")


def parse_location(html: str, url: str | None = None) -> LocationPage:
    """The dispensers of a location page whose Equipment tab is open and whose dispenser group is expanded.

    ``url`` is the page's address when it is known; otherwise the location id is taken from the page's own links, or is
    ``None``. Raises NotSignedIn, LocationGone, ForeignPage, ErrorPage, NotExpanded (collapsed group), PortalChanged.
    """
    doc = parse(html)
    require(doc, PageKind.LOCATION)
    heading, expected = _dispenser_heading(doc)
    cards = _cards(heading)
    if len(cards) != expected:
        if not _expanded(heading):
            raise NotExpanded(
                f"The dispenser group of the {PAGE} is collapsed: expected {expected} cards, found {len(cards)}.",
                page=PAGE,
                expected=expected,
                found=len(cards),
            )
        still = "; the page was still loading" if loading(doc) else ""
        error = changed(PAGE, f"expected {expected} dispenser cards, found {len(cards)}{still}")
        error.details.update(expected=expected, found=len(cards))
        raise error
    dispensers = tuple(_card(node, position) for position, node in enumerate(cards, start=1))
    return LocationPage(_location_id(html, doc, url), expected, dispensers)


def _dispenser_heading(doc: LexborHTMLParser) -> tuple[LexborNode, int]:
    """The heading of the group "Dispenser" and the number in its parentheses."""
    hits: list[tuple[LexborNode, int]] = []
    for heading in doc.css(".group-heading"):
        link = _toggle(heading)
        name = (text_of(link.css_first(".bold")) or "") if link is not None else ""
        match = _HEADING.match(text_of(link) or "")
        if match is not None:
            name = match["name"]
        if name.casefold() not in {"dispenser", "dispensers"}:
            continue
        if match is None:
            raise changed(PAGE, "number of dispensers in the group's heading")
        hits.append((heading, int(match["count"])))
    if len(hits) != 1:
        wait = " (the page was still loading)" if loading(doc) else ""
        raise changed(PAGE, ("heading of the dispenser group" if not hits else "several dispenser groups") + wait)
    return hits[0]


def _toggle(heading: LexborNode) -> LexborNode | None:
    links = heading.css("a")
    titled = [
        link for link in links if (attribute(link, "title") or "").lower() in {"show equipment", "hide equipment"}
    ]
    counted = [link for link in links if _HEADING.match(text_of(link) or "")]
    return next(iter(titled or counted), None)


def _expanded(heading: LexborNode) -> bool:
    link = _toggle(heading)
    return link is not None and (attribute(link, "title") or "").lower() == "hide equipment"


def _cards(heading: LexborNode) -> list[LexborNode]:
    """The cards of the group: what stands in the box after the heading, up to the next heading."""
    cards: list[LexborNode] = []
    current = heading.next
    while current is not None:
        if current.is_element_node:
            if "group-heading" in classes(current) or current.css_first(".group-heading") is not None:
                break
            cards.extend(_split(current))
        current = current.next
    return cards


def _split(box: LexborNode) -> list[LexborNode]:
    """The cards in a box; a wrapper around all of them is looked through."""
    inner = [child for child in children(box) if text_of(child) is not None and not _is_loader(child)]
    if len(inner) == 1 and len(inner[0].css(".custom-fields-view")) > 1:
        return _split(inner[0])
    if len(inner) > 1 and any("custom-fields-view" in classes(child) for child in inner):
        return [box]  # the box is itself one card
    return inner


def _is_loader(node: LexborNode) -> bool:
    return bool(classes(node) & {"loader-line", "ks-spin-loading"})


def _card(node: LexborNode, position: int) -> DispenserCard:
    title = _title(node)
    if title is None or _SERIAL.match(title) or _LINE.match(title):
        raise changed(PAGE, f"card {position}: title")
    numbers, title_grades, title_make = _title_parts(title, position)
    serial = make = model = None
    has_make = False
    for block in node.css(".text-tiny, .text-tiny div"):
        line = text_of(block) or ""
        if match := _SERIAL.match(line):
            serial = collapse(match.group(1)) or None
        elif not children_with_label(block) and (match := _LINE.match(line)):
            value = collapse(match.group(2)) or None
            if match.group(1).lower() == "make":
                make, has_make = value, True
            else:
                model = value
    fields = _fields(node, position)
    grades = fields.get("grade") or title_grades
    return DispenserCard(
        numbers=numbers,
        title=title,
        grades=tuple(grade for part in (grades or "").split(",") if (grade := collapse(part))),
        make=make if has_make else title_make,
        model=model,
        serial=serial,
        stand_alone_code=fields.get("code"),
        nozzles_per_side=_nozzles(fields.get("nozzles"), position),
        meter_type=fields.get("meter"),
        ntep=fields.get("ntep"),
    )


def children_with_label(block: LexborNode) -> bool:
    """Whether the block only wraps labelled lines ("Make:", "Model:") instead of being one."""
    return any(_LINE.match(text_of(child) or "") for child in children(block) if child.tag == "div")


def _title(card: LexborNode) -> str | None:
    """The first text of the card beside its menu: the title is a bare text node before the history link."""
    for child in card.iter(include_text=True):
        if child.is_text_node:
            if collapse(child.text_content or ""):
                return _run(child)
        elif child.is_element_node:
            marks = classes(child)
            if child.tag in {"a", "button", "svg", "script"} or marks & {
                "right",
                "ks-action-menu",
                "custom-fields-view",
            }:
                continue
            if found := _title(child):
                return found
    return None


def _run(first: LexborNode) -> str:
    """Neighbouring text nodes (comments between them do not count) as one text."""
    parts: list[str] = []
    current: LexborNode | None = first
    while current is not None and not current.is_element_node:
        if current.is_text_node:
            parts.append(current.text_content or "")
        current = current.next
    return collapse("".join(parts))


def _title_parts(title: str, position: int) -> tuple[tuple[int, ...], str | None, str | None]:
    """Numbers, grade list and make of "1/2 - Regular, Plus - Gilbarco". Grade names hold hyphens themselves, so only
    " - " separates, and the first and the last part are fixed (Portal spec §3.3). A part that is not there is None."""
    parts = [part.strip() for part in _PARTS.split(title)]
    head = parts[0].replace(" ", "")
    if _NUMBERS.match(head):
        numbers: tuple[int, ...] = tuple(int(part) for part in head.split("/"))
        parts = parts[1:]
    elif _NUMBER_LIKE.match(head):
        raise changed(PAGE, f"card {position}: dispenser number ({parts[0]!r})")
    else:
        numbers = ()
    if len(parts) >= 2:
        return numbers, " - ".join(parts[:-1]), parts[-1]
    if len(parts) == 1 and "," in parts[0]:
        return numbers, parts[0], None
    return numbers, None, None


def _fields(card: LexborNode, position: int) -> dict[str, str]:
    found: dict[str, str] = {}
    for label in card.css(".custom-fields-view .uppercase"):
        key = _FIELDS.get(re.sub(r"[^a-z0-9]", "", (text_of(label) or "").casefold()))
        if key is None:
            continue
        cell = label.next
        while cell is not None and not cell.is_element_node:
            cell = cell.next
        value = text_of(cell)
        if value is None:
            continue
        if found.setdefault(key, value) != value:
            raise changed(PAGE, f"card {position}: two values for {text_of(label)!r}")
    return found


def _nozzles(value: str | None, position: int) -> int | None:
    if value is None:
        return None
    if not value.isascii() or not value.isdigit():
        raise changed(PAGE, f"card {position}: number of nozzles ({value!r})")
    return int(value)


def _location_id(html: str, doc: LexborHTMLParser, url: str | None) -> int | None:
    """From the address, else the "Add Dispenser" link, else the only location the page links to."""
    address = LOCATION_PATH.match(path_of(url or page_address(html, doc)))
    add, other = set(), set()
    for link in doc.css("a[href]"):
        href = attribute(link, "href") or ""
        path = path_of(href)
        if match := _ADD_PATH.match(path):
            add.add(int(match.group(1)))
            add.update(int(value) for value in parse_qs(urlsplit(href).query).get("location_id", []) if value.isdigit())
        elif match := LOCATION_PATH.match(path):
            other.add(int(match.group(1)))
    if len(add) > 1:
        raise changed(PAGE, f"its links disagree about the location: {sorted(add)}")
    if address is not None:
        number = int(address.group(1))
        if add and add != {number}:
            raise changed(PAGE, f"the address says location {number}, its links {sorted(add)}")
        return number
    if add:
        return add.pop()
    return other.pop() if len(other) == 1 else None
