"""Small helpers over selectolax: texts as a person sees them, and the facts that addresses carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.errors import PortalChanged

_BLANKS = re.compile(r"\s+")
_BLOCKS = frozenset({"div", "p", "li", "ul", "ol", "br", "section", "h1", "h2", "h3", "h4", "table", "tr", "td"})
_SILENT = frozenset({"script", "style", "svg", "template", "noscript"})
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_DATE = re.compile(r"(?<!\d)(\d{2})/(\d{2})/(\d{4})(?!\d)")
_LEADING_NUMBER = re.compile(r"\s*(\d+(?:/\d+)?)(?![\w/])")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d+\)(\S+)\s*-->", re.IGNORECASE)

WORK_PATH = re.compile(r"^/app/work/(\d+)/?$")
VISIT_PATH = re.compile(r"^/app/work/(\d+)/visits/(\d+)/?$")
FORM_PATH = re.compile(r"^/app/work/(\d+)/visits/(\d+)/form-entries/(\d+)(?:/sections/(\d+))?/?$")
CUSTOMER_PATH = re.compile(r"^/app/customers/(\d+)/?$")
LOCATION_PATH = re.compile(r"^/app/customers/locations/(\d+)(?:/.*)?$")


def parse(html: str) -> LexborHTMLParser:
    """The document of a page. Any text is a document, as in a browser."""
    return LexborHTMLParser(html)


def changed(page: str, missing: str) -> PortalChanged:
    """The error for a page without something it must have; ``missing`` names it, as "row W-1: customer link"."""
    return PortalChanged(f"The {page} has not the expected shape: {missing}.", page=page, missing=missing)


def collapse(text: str) -> str:
    """A text with runs of white space as one blank, no padding."""
    return _BLANKS.sub(" ", text).strip()


def text_of(node: LexborNode | None) -> str | None:
    """The visible-style text of an element on one line; ``None`` when there is none."""
    if node is None:
        return None
    return collapse("".join(_texts(node))) or None


def raw_text(node: LexborNode) -> str | None:
    """The text with its inner newlines, outer padding trimmed (for ``pre-wrap`` blocks)."""
    return "".join(_texts(node, breaks=True)).replace("\r\n", "\n").strip() or None


def _texts(node: LexborNode, *, breaks: bool = False) -> Iterator[str]:
    for child in node.iter(include_text=True):
        if child.is_text_node:
            yield child.text_content or ""
        elif child.is_element_node and child.tag not in _SILENT:
            if child.tag == "br":
                yield "\n" if breaks else " "
            else:
                yield from _texts(child, breaks=breaks)


def lines_of(node: LexborNode) -> list[str]:
    """The non-empty lines of an element: one per block, as they would stand under each other on the screen."""
    lines: list[str] = []
    current: list[str] = []

    def flush() -> None:
        line = collapse("".join(current))
        if line:
            lines.append(line)
        current.clear()

    def walk(parent: LexborNode) -> None:
        for child in parent.iter(include_text=True):
            if child.is_text_node:
                current.append(child.text_content or "")
            elif child.is_element_node and child.tag not in _SILENT:
                block = child.tag in _BLOCKS
                if block:
                    flush()
                walk(child)
                if block:
                    flush()

    walk(node)
    flush()
    return lines


def children(node: LexborNode) -> list[LexborNode]:
    """The element children."""
    return [child for child in node.iter() if child.is_element_node]


def attribute(node: LexborNode | None, name: str) -> str | None:
    """An attribute's value, trimmed; ``None`` when absent or blank."""
    if node is None:
        return None
    value = node.attributes.get(name)
    return (value.strip() or None) if value else None


def classes(node: LexborNode) -> frozenset[str]:
    """The classes of an element."""
    return frozenset((node.attributes.get("class") or "").split())


def hidden(node: LexborNode) -> bool:
    """Whether the element or one around it carries the inline ``display: none`` (how the portal hides, Portal spec §1.5)."""
    current: LexborNode | None = node
    while current is not None:
        if current.is_element_node and _HIDDEN.search(current.attributes.get("style") or ""):
            return True
        current = current.parent
    return False


def loading(doc: LexborHTMLParser) -> bool:
    """Whether a loading bar or spinner is shown (Portal spec §1.5: idle ones stay in the page with ``display: none``)."""
    return any(not hidden(node) for node in doc.css(".loader-line, .ks-spin-loading"))


def path_of(href: str | None) -> str:
    """The path of a link, relative or absolute."""
    if not href:
        return ""
    try:
        return urlsplit(href.strip()).path
    except ValueError:
        return ""


def page_address(html: str, doc: LexborHTMLParser) -> str | None:
    """The address a saved page says it came from: the browser's "saved from" comment or the canonical link."""
    if saved := _SAVED_FROM.search(html[:4000]):
        return saved.group(1)
    return attribute(doc.css_first('link[rel="canonical"]'), "href")


def dates_in(text: str) -> list[str]:
    """Every ``MM/DD/YYYY`` in a text."""
    return [match.group(0) for match in _DATE.finditer(text)]


def us_date(text: str) -> date | None:
    """``MM/DD/YYYY`` as a date; ``None`` when it is no date."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        return None
    month, day, year = (int(part) for part in match.groups())
    try:
        return date(year, month, day)
    except ValueError:
        return None


def leading_numbers(text: str | None) -> tuple[int, ...]:
    """The dispenser number a label begins with: ``"1/2 - Regular…"`` → (1, 2), ``"9 DEF"`` → (9,), else ().

    Exact by design (Portal spec §5.2): "1" never equals "10" or "1/2".
    """
    match = _LEADING_NUMBER.match(text or "")
    return tuple(int(part) for part in match.group(1).split("/")) if match else ()
