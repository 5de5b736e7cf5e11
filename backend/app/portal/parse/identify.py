"""What kind of page a document is, by its content and never by its address (Portal spec §1.3, §10 rule 1)."""

from __future__ import annotations

import re
from enum import StrEnum

from selectolax.lexbor import LexborHTMLParser

from app.portal.errors import ErrorPage, ForeignPage, LocationGone, NotSignedIn
from app.portal.parse.dom import changed, collapse, lines_of, loading, parse, path_of, text_of


class PageKind(StrEnum):
    """The pages the adapter can tell apart. ``SHELL``: the portal's frame without known content (or still loading)."""

    LOGIN = "login"
    WORK_LIST = "work_list"
    LOCATION = "location"
    LOCATION_DELETED = "location_deleted"
    VISIT = "visit"
    FORM = "form"
    FLEET = "fleet"
    DASHBOARD = "dashboard"
    SHELL = "shell"
    FOREIGN = "foreign"
    ERROR = "error"


NAMES: dict[PageKind, str] = {
    PageKind.LOGIN: "sign-in page",
    PageKind.WORK_LIST: "work list",
    PageKind.LOCATION: "location page",
    PageKind.LOCATION_DELETED: "page of a deleted location",
    PageKind.VISIT: "visit page",
    PageKind.FORM: "form entry",
    PageKind.FLEET: "fleet page",
    PageKind.DASHBOARD: "dashboard",
    PageKind.SHELL: "page of the portal without known content",
    PageKind.FOREIGN: "page that is not from the portal",
    PageKind.ERROR: "error page",
}

SHELL_SELECTOR = "#app-footer, #sidebar, #app .top-bar, #app.full-height"
LOGIN_SELECTOR = "form.login-form, form[name=login], .login-container"
# The order matters: the more special content first.
_CONTENT: tuple[tuple[PageKind, str], ...] = (
    (PageKind.WORK_LIST, ".work-list-item, #work-order-search-bar, #work-order-filters, .work-actions-menu"),
    (PageKind.FORM, ".form-entry-content, .form-entry-equipment, .form-entry-section"),
    (PageKind.VISIT, '[dusk="suggested_forms"], .form-entries'),
    (
        PageKind.LOCATION,
        '.group-heading, [dusk="equipment-tab"], a[href*="equipment_type_id="], a[title="Show equipment"], a[title="Hide equipment"]',
    ),
)
_DELETED = re.compile(r"could not find this location", re.IGNORECASE)
_ERROR = re.compile(
    r"server error|page expired|too many requests|service unavailable|bad gateway|gateway time-?out|"
    r"whoops|be right back|under maintenance|maintenance mode|\bnot found\b|\bforbidden\b|\bunauthorized\b",
    re.IGNORECASE,
)
_ERROR_TEXT_LIMIT = 600  # an error page is short; a long page that mentions an error is something else


def identify(html: str) -> PageKind:
    """The kind of page this HTML is. Never raises."""
    return identify_document(parse(html))


def identify_document(doc: LexborHTMLParser) -> PageKind:
    """The same for a parsed document."""
    shell = doc.css_first(SHELL_SELECTOR) is not None
    if not shell and _is_login(doc):
        return PageKind.LOGIN
    place = _place(doc)
    fleet = "fleet" in place or "inventory" in place or any(_is_fleet_row(text_of(li)) for li in doc.css("li"))
    for kind, selector in _CONTENT:
        if doc.css_first(selector) is not None and not (kind is PageKind.LOCATION and fleet):
            return kind
    if doc.css_first("form.login-form") is not None:
        return PageKind.LOGIN
    body = collapse(text_of(doc.body) or "")
    if _DELETED.search(body):
        return PageKind.LOCATION_DELETED
    if fleet:
        return PageKind.FLEET
    if shell and "dashboard" in place:
        return PageKind.DASHBOARD
    if shell and doc.css_first('a[href="#Equipment"]') is not None:
        return PageKind.LOCATION
    title = text_of(doc.css_first("title")) or ""
    if shell or ("work fossa" in title.lower() and doc.css_first("#app") is not None):
        return PageKind.SHELL
    if len(body) <= _ERROR_TEXT_LIMIT and _ERROR.search(f"{title} {body}"):
        return PageKind.ERROR
    return PageKind.FOREIGN


def require(doc: LexborHTMLParser, wanted: PageKind) -> None:
    """Stop unless the document is the wanted kind of page.

    Raises NotSignedIn, LocationGone, ErrorPage, ForeignPage (another page), PortalChanged (the portal's frame without
    the content of the wanted page).
    """
    kind = identify_document(doc)
    page = NAMES[wanted]
    if kind is wanted:
        if _cut_off(doc):
            raise changed(page, "the saved page is cut off before its end")
        return
    if kind is PageKind.LOGIN:
        raise NotSignedIn("This is the portal's sign-in page: nobody was signed in.", page=page, found=kind.value)
    if kind is PageKind.LOCATION_DELETED:
        raise LocationGone("The portal says that this location was deleted.", page=page, found=kind.value)
    if kind is PageKind.ERROR:
        said = " · ".join(lines_of(doc.body))[:200] if doc.body is not None else ""
        raise ErrorPage(f"The portal answered with an error page: {said}", page=page, found=kind.value)
    if kind is PageKind.SHELL:
        error = changed(page, "the page was still loading" if loading(doc) else "nothing of its content is there")
        error.details["found"] = kind.value
        raise error
    raise ForeignPage(f"This is not the {page} but a {NAMES[kind]}.", page=page, found=kind.value)


def _cut_off(doc: LexborHTMLParser) -> bool:
    """Whether a document begins but never ends: browsers and the portal always write the closing tags."""
    raw = (doc.raw_html or b"").lower()
    return b"<body" in raw and b"</body" not in raw and b"</html" not in raw


def _is_login(doc: LexborHTMLParser) -> bool:
    if doc.css_first(LOGIN_SELECTOR) is not None:
        return True
    password = doc.css_first("input[type=password]") is not None
    if doc.css_first("body#home") is not None:
        return True
    return password and any(path_of(form.attributes.get("action")).rstrip("/") == "/login" for form in doc.css("form"))


def _place(doc: LexborHTMLParser) -> str:
    """Heading and breadcrumb, lower case: where in the portal the page says it is."""
    parts = [text_of(node) or "" for node in doc.css(".page-header, .heading-label, .breadcrumb li")]
    return " ".join(parts).lower()


def _is_fleet_row(text: str | None) -> bool:
    return text is not None and "next calibration:" in text.lower() and "prover" in text.lower()
