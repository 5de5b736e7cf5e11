"""Whether a page still has the shape that the readers rely on: named expectations, looked for one by one.

A reader stops at the first thing it misses. This says everything that is missing, and what could not be looked for.
"""

from __future__ import annotations

from app.portal.errors import PortalChanged
from app.portal.parse.dom import parse
from app.portal.parse.identify import NAMES, PageKind, identify_document
from app.portal.shape_forms import FORMS, form_section
from app.portal.shape_pages import PAGES
from app.portal.shape_terms import PAGE_OF, WORDS, Checked, Expectation, ShapeKind, ShapeReport

__all__ = ["EXPECTATIONS", "WORDS", "Checked", "Expectation", "ShapeKind", "ShapeReport", "shape_report", "tell_shape"]

EXPECTATIONS: dict[ShapeKind, tuple[Expectation, ...]] = {**PAGES, **FORMS}
_TOLD = 5
_BY_PAGE = {page: kind for kind, page in PAGE_OF.items() if page is not PageKind.FORM}
_BY_NAME = {NAMES[page]: kind for page, kind in _BY_PAGE.items()}
# Another page stands there, so nothing can be said about the shape of the wanted one.
_ELSEWHERE = frozenset({PageKind.LOGIN, PageKind.ERROR, PageKind.LOCATION_DELETED})


def shape_report(html: str, kind: ShapeKind | None = None) -> ShapeReport:
    """Looks for everything a page of this kind must have. Pure; never raises.

    Without ``kind`` it is told from the content. A page of no known kind gives a report without expectations, whose
    ``ok`` is ``None``; so does the portal's sign-in or error page where another page was wanted.
    """
    doc = parse(html)
    found = identify_document(doc)
    wanted = kind or (form_section(doc) if found is PageKind.FORM else _BY_PAGE.get(found))
    if wanted is None:
        return ShapeReport(None, ())
    page = PAGE_OF[wanted]
    name = f"it is the {NAMES[page]}"
    if found is not page and found in _ELSEWHERE:
        return ShapeReport(wanted, (Checked(name, "not_seen", f"a {NAMES[found]}", True),))
    if found is PageKind.FOREIGN:
        return ShapeReport(wanted, (Checked(name, "failed", f"a {NAMES[found]}", True),))
    checked = []
    for item in EXPECTATIONS[wanted]:
        finding = item.check(doc)
        checked.append(Checked(item.name, finding.state, finding.found, item.essential))
    return ShapeReport(wanted, tuple(checked))


def kind_of_page(name: str | None) -> ShapeKind | None:
    """The kind for the name that an error gives its page; ``None`` for forms, whose section is told from the content."""
    return _BY_NAME.get(name or "")


def tell_shape(error: PortalChanged, report: ShapeReport) -> None:
    """Adds to the error what the page misses: the first five names as ``details["shape"]``, and in words."""
    names = report.failed[:_TOLD]
    if not names or "shape" in error.details:
        return
    error.details["shape"] = list(names)
    more = len(report.failed) - len(names)
    words = f"{error.message} Not as expected on it: {'; '.join(names)}{f'; and {more} more' if more else ''}."
    error.message = words
    error.args = (words,)
