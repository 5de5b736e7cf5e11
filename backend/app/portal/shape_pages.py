"""What the readers rely on, page by page, as data (Portal spec §1, §3, §4; list and forms stand in files of their own)."""

from __future__ import annotations

import re
from collections.abc import Callable

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import (
    FORM_PATH,
    attribute,
    children,
    classes,
    hidden,
    leading_numbers,
    loading,
    path_of,
    text_of,
)
from app.portal.shape_list import FRAME, WORK_LIST, links_to
from app.portal.shape_terms import (
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
    visible,
)

_GROUP = re.compile(r"^(?P<name>.+?)\s*\((?P<count>\d+)\)$")
_TITLE = re.compile(r"\s-\s")
_PROVER_ID = re.compile(r"(?<![\w-])\d+-\d+-\d+(?![\w-])")
_ACTIVE = frozenset({"active-tab", "active", "is-active"})


# ---- sign-in page (§1.2) -------------------------------------------------------------------------------------------


def _posts(doc: LexborHTMLParser) -> Finding:
    form = doc.css_first("form.login-form")
    if form is None:
        return not_seen("no sign-in form")
    place, method = path_of(attribute(form, "action")).rstrip("/"), (attribute(form, "method") or "get").lower()
    return ok("post to /login") if (place, method) == ("/login", "post") else failed(f"{method} to {place or 'itself'}")


SIGN_IN = (
    Expectation("sign-in form is form.login-form", there("form.login-form")),
    Expectation("e-mail field input[name=email]", there('form.login-form input[name="email"]')),
    Expectation("password field input[type=password]", there('form.login-form input[type="password"]')),
    Expectation("submit control", there('form.login-form input[type="submit"], form.login-form button[type="submit"]')),
    Expectation("form posts to /login", _posts, needs="the form"),
    Expectation("hidden field _token", sometimes('form.login-form input[name="_token"]'), essential=False),
)

# ---- dashboard (§1.4) ----------------------------------------------------------------------------------------------


def _user(doc: LexborHTMLParser) -> Finding:
    toggles = doc.css(".top-bar .dropdown-toggle")
    if not toggles:
        return failed("no .top-bar .dropdown-toggle")
    named = any("@" in (text_of(toggle) or "") for toggle in toggles)
    return ok("an e-mail address") if named else failed("no e-mail address in it")


def _menu(doc: LexborHTMLParser) -> Finding:
    paths = {path_of(attribute(link, "href")).rstrip("/") for link in doc.css("#sidebar a, .side-nav a")}
    missing = {"/app/work/list", "/app/fleet-inventory"} - paths
    return failed(f"without {', '.join(sorted(missing))}") if missing else ok(f"{len(paths)} links")


DASHBOARD = (
    FRAME,
    Expectation("user's e-mail in the top bar", _user),
    Expectation("menu leads to the work list and the fleet page", _menu),
)

# ---- location (§3) -------------------------------------------------------------------------------------------------


def _tab(doc: LexborHTMLParser) -> LexborNode | None:
    """The Equipment tab: by its test attribute, else by its link."""
    if (tab := doc.css_first('[dusk="equipment-tab"]')) is not None:
        return tab
    link = doc.css_first('a[href="#Equipment"]')
    return link.parent if link is not None else None


def _tab_open(doc: LexborHTMLParser) -> Finding:
    tab = _tab(doc)
    if tab is None:
        return not_seen("no Equipment tab")
    return ok("active") if classes(tab) & _ACTIVE else not_seen("another tab is open")


def _group(doc: LexborHTMLParser) -> tuple[LexborNode, LexborNode, int] | None:
    """The dispenser group: its heading, the link that opens it, and its number of cards."""
    for heading in doc.css(".group-heading"):
        for link in heading.css("a"):
            match = _GROUP.match(text_of(link) or "")
            if match and match["name"].casefold() in {"dispenser", "dispensers"}:
                return heading, link, int(match["count"])
    return None


def _heading(doc: LexborHTMLParser) -> Finding:
    headings = doc.css(".group-heading")
    if _group(doc) is not None:
        return ok(f"one of {len(headings)} groups")
    tab = _tab(doc)
    if tab is not None and not classes(tab) & _ACTIVE:
        return not_seen("the Equipment tab is not open")
    if loading(doc):
        return not_seen("the page was still loading")
    adds = len(doc.css('a[href*="equipment_type_id="]'))
    if headings:
        dispensers = doc.css('.group-heading a[href*="equipment_type_id=3"]')
        return failed("no 'Dispenser (n)' in its heading") if dispensers else not_seen("no group of dispensers")
    return failed(f"no .group-heading, but {adds} links to add equipment") if adds else not_seen("no equipment at all")


def _toggle(doc: LexborHTMLParser) -> Finding:
    group = _group(doc)
    if group is None:
        return not_seen("no dispenser group")
    title = (attribute(group[1], "title") or "").lower()
    return ok(title) if title in {"show equipment", "hide equipment"} else failed("the link has another title")


def _cards(doc: LexborHTMLParser) -> list[LexborNode]:
    group = _group(doc)
    if group is None:
        return []
    cards: list[LexborNode] = []
    box = group[0].next
    while box is not None:
        if box.is_element_node:
            if "group-heading" in classes(box):
                break
            inner = [child for child in children(box) if text_of(child) is not None]
            if len(inner) == 1 and len(inner[0].css(".custom-fields-view")) > 1:
                inner = [child for child in children(inner[0]) if text_of(child) is not None]
            cards.extend(inner)
        box = box.next
    return cards


def _counted(doc: LexborHTMLParser) -> Finding:
    group = _group(doc)
    if group is None:
        return not_seen("no dispenser group")
    cards = len(_cards(doc))
    if cards == 0 and (attribute(group[1], "title") or "").lower() == "show equipment":
        return not_seen("the group is collapsed")
    return ok(f"{cards} cards") if cards == group[2] else failed(f"{cards} cards, the heading says {group[2]}")


def _card_title(card: LexborNode) -> bool:
    texts = (text_of(block) or "" for block in card.css("div"))
    return any(leading_numbers(text) and len(_TITLE.findall(text)) >= 2 for text in texts)


def _says(word: str) -> Callable[[LexborNode], bool]:
    return lambda node: word in (text_of(node) or "").lower()


def _grade_field(doc: LexborHTMLParser) -> Finding:
    views = [view for card in _cards(doc) for view in card.css(".custom-fields-view")]
    if not views:
        return not_seen("no card with fields")
    labels = sum(any((text_of(label) or "").casefold() == "grade" for label in view.css(".muted")) for view in views)
    return ok(f"{labels} of {len(views)} cards") if labels else failed("no field has the label 'Grade'")


_A_CARD = "an open dispenser group"
LOCATION = (
    FRAME,
    Expectation("Equipment tab", there('[dusk="equipment-tab"], a[href="#Equipment"]')),
    Expectation("Equipment tab is open", _tab_open),
    Expectation("dispenser group in .group-heading", _heading, "the open Equipment tab"),
    Expectation("link 'Show equipment' or 'Hide equipment' in the heading", _toggle, "the dispenser group"),
    Expectation("as many cards as the heading says", _counted, _A_CARD),
    Expectation("card title is 'numbers - grades - make'", each(_cards, _card_title, "card"), _A_CARD),
    Expectation("each card has a line 'S/N:'", each(_cards, _says("s/n:"), "card"), _A_CARD),
    Expectation("field 'Grade' in .custom-fields-view", _grade_field, _A_CARD, essential=False),
)

# ---- visit (§4) ----------------------------------------------------------------------------------------------------


def _headers(doc: LexborHTMLParser) -> list[LexborNode]:
    return list(doc.css('[dusk="suggested_forms"] .plain-header'))


def _types(doc: LexborHTMLParser) -> Finding:
    if doc.css_first('[dusk="suggested_forms"]') is None:
        return not_seen("no panel of suggested forms")
    named = [text_of(header.css_first("span")) for header in _headers(doc)]
    return ok(f"{len(named)} types") if named and all(named) else failed("no named form type in it")


def _attach(header: LexborNode) -> bool:
    words = {
        word
        for link in header.css("a")
        for word in f"{attribute(link, 'title') or ''} {text_of(link) or ''}".lower().replace("+", " ").split()
    }
    return bool(words & {"attach", "new"})


def _form_rows(doc: LexborHTMLParser) -> list[LexborNode]:
    boxes = doc.css(".form-entries")
    return [row for box in boxes for row in children(box) if text_of(row) is not None]


def _counted_forms(doc: LexborHTMLParser) -> int:
    counts = (re.match(r"\((\d+)\)", text_of(header.css_first("span")) or "") for header in _headers(doc))
    return sum(int(match.group(1)) for match in counts if match)


def _form_link(doc: LexborHTMLParser) -> Finding:
    rows = _form_rows(doc)
    if not rows:
        said = _counted_forms(doc)
        return failed(f"no row, but {said} forms counted") if said else not_seen("the visit has no forms")
    wrong = sum(not links_to(FORM_PATH)(row) for row in rows)
    return failed(f"{wrong} of {len(rows)} rows without") if wrong else ok(f"{len(rows)} rows")


def _agree(doc: LexborHTMLParser) -> Finding:
    rows, said = _form_rows(doc), _counted_forms(doc)
    if not rows and not said:
        return not_seen("the visit has no forms")
    ids = {
        match.group(3)
        for row in rows
        for link in row.css("a[href]")
        if (match := FORM_PATH.match(path_of(attribute(link, "href"))))
    }
    return ok(f"{said} forms") if len(ids) == said else failed(f"{said} forms counted, {len(ids)} shown")


_A_FORM = "an attached form"
VISIT = (
    FRAME,
    Expectation("suggested forms panel [dusk=suggested_forms]", there('[dusk="suggested_forms"]')),
    Expectation("form types in li.plain-header", _types, "the panel"),
    Expectation("each form type has a link 'Attach' or 'New'", each(_headers, _attach, "type"), "a form type"),
    Expectation("attached forms in .form-entries", there(".form-entries")),
    Expectation("each form row has a link to form-entries", _form_link, _A_FORM),
    Expectation(
        "each form row names its type", each(_form_rows, has("span.text-sm, .form-entry-label"), "row"), _A_FORM
    ),
    Expectation("each form row has a badge", each(_form_rows, has(".ks-badge"), "row"), _A_FORM),
    Expectation("number of forms in the panel's header", _agree, _A_FORM),
    Expectation(
        "dispenser's place on the form row", sometimes(".form-entries .text-sm.ml-0\\.5"), _A_FORM, essential=False
    ),
)

# ---- fleet (§3.6) --------------------------------------------------------------------------------------------------


def _provers(doc: LexborHTMLParser) -> list[LexborNode]:
    return [
        row
        for row in visible(doc.css("li"))
        if "prover" in (text := (text_of(row) or "").lower())
        and ("next calibration:" in text or _PROVER_ID.search(text))
    ]


def _equipment(doc: LexborHTMLParser) -> Finding:
    link = doc.css_first('.tabs-title-bar a[href="#Equipment"]')
    tab = link.parent if link is not None else None
    if tab is not None and not classes(tab) & _ACTIVE:
        return not_seen("another tab is open")
    if loading(doc):
        return not_seen("the page was still loading")
    header = doc.css_first("li.header-row")
    return ok("with a header row") if header is not None and not hidden(header) else failed("no li.header-row")


_A_PROVER = "a prover"
FLEET = (
    FRAME,
    Expectation("Equipment tab in .tabs-title-bar", there('.tabs-title-bar a[href="#Equipment"]')),
    Expectation("list of equipment with li.header-row", _equipment, "the open Equipment tab"),
    Expectation(
        "prover id in the row text",
        each(_provers, lambda row: _PROVER_ID.search(text_of(row) or "") is not None, "prover"),
        _A_PROVER,
    ),
    Expectation("prover row says 'S/N:'", each(_provers, _says("s/n:"), "prover"), _A_PROVER),
    Expectation(
        "prover row says 'Next Calibration:'",
        each(_provers, _says("next calibration:"), "prover"),
        _A_PROVER,
        essential=False,
    ),
)

PAGES: dict[ShapeKind, tuple[Expectation, ...]] = {
    ShapeKind.SIGN_IN: SIGN_IN,
    ShapeKind.DASHBOARD: DASHBOARD,
    ShapeKind.WORK_LIST: WORK_LIST,
    ShapeKind.LOCATION: LOCATION,
    ShapeKind.VISIT: VISIT,
    ShapeKind.FLEET: FLEET,
}
