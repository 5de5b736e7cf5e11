"""The technician's provers (Portal spec §3.6)."""

from __future__ import annotations

import re
from itertools import pairwise

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import changed, classes, hidden, lines_of, loading, parse, us_date
from app.portal.parse.identify import NAMES, PageKind, require
from app.portal.records import FleetPage, ProverRow

PAGE = NAMES[PageKind.FLEET]
_ID = re.compile(r"(?<![\w-])\d+-\d+-\d+(?![\w-])")
_SIZE = re.compile(r"\bprover\s*\(([^()]+)\)", re.IGNORECASE)
_NEXT = re.compile(r"next calibration\s*:\s*(\d{2}/\d{2}/\d{4})?", re.IGNORECASE)
_SERIAL = re.compile(r"^S\s*/\s*N\s*:\s*(.*)$", re.IGNORECASE)
_MAKE = re.compile(r"^make\s*:\s*(.*)$", re.IGNORECASE)
_FIELD = re.compile(r"(next calibration|S\s*/\s*N|make|model)\s*:", re.IGNORECASE)


def parse_fleet(html: str) -> FleetPage:
    """The provers of the fleet page; other equipment of the list is not read.

    Raises NotSignedIn, ForeignPage, ErrorPage, PortalChanged (no list at all, a prover without an id …).
    """
    doc = parse(html)
    require(doc, PageKind.FLEET)
    rows = [row for row in doc.css("li") if _is_row(row)]
    if not rows and not _list_shown(doc):
        raise changed(PAGE, "the page was still loading" if loading(doc) else "list of equipment")
    provers = tuple(_prover(row) for row in rows)
    ids = [prover.prover_id for prover in provers]
    if len(set(ids)) != len(ids):
        raise changed(PAGE, "a prover stands in it twice")
    return FleetPage(provers)


def _is_row(row: LexborNode) -> bool:
    text = " ".join(lines_of(row))
    if "header-row" in classes(row) or "prover" not in text.lower() or hidden(row):
        return False
    if any(inner.mem_id != row.mem_id for inner in row.css("li")):
        return False
    return _NEXT.search(text) is not None or _ID.search(text) is not None


def _list_shown(doc: LexborHTMLParser) -> bool:
    return doc.css_first("li.header-row") is not None and not loading(doc)


def _prover(row: LexborNode) -> ProverRow:
    text = " ".join(lines_of(row))
    lines = _fields(row)
    serials = [match.group(1) for line in lines if (match := _SERIAL.match(line))]
    makes = [match.group(1) for line in lines if (match := _MAKE.match(line))]
    # A serial number may itself look like a prover id, so it is left out of the search.
    ids = {found for line in lines if not _SERIAL.match(line) for found in _ID.findall(line)}
    if len(ids) != 1:
        raise changed(PAGE, "prover id" + (f" (several: {sorted(ids)})" if ids else ""))
    sizes = {match.group(1).strip() for match in _SIZE.finditer(text)}
    if len(sizes) > 1:
        raise changed(PAGE, f"size of prover {min(ids)} (several)")
    due = _NEXT.search(text)
    day = us_date(due.group(1)) if due and due.group(1) else None
    if due and due.group(1) and day is None:
        raise changed(PAGE, f"next calibration of prover {min(ids)} ({due.group(1)!r} is no date)")
    return ProverRow(
        prover_id=ids.pop(),
        serial=(serials[0].strip() or None) if serials else None,
        make=(makes[0].strip() or None) if makes else None,
        size=sizes.pop() if sizes else None,
        next_calibration=day,
    )


def _fields(row: LexborNode) -> list[str]:
    """The row's lines; a line that holds several labelled values is cut before each label."""
    lines: list[str] = []
    for line in lines_of(row):
        starts = [0, *(match.start() for match in _FIELD.finditer(line) if match.start() > 0), len(line)]
        lines.extend(line[begin:end].strip() for begin, end in pairwise(starts))
    return lines
