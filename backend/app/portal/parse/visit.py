"""A visit's forms (Portal spec §4)."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import (
    FORM_PATH,
    VISIT_PATH,
    attribute,
    changed,
    classes,
    leading_numbers,
    loading,
    page_address,
    parse,
    path_of,
    text_of,
)
from app.portal.parse.identify import NAMES, PageKind, require
from app.portal.records import FormAction, SuggestedForm, VisitForm, VisitPage

PAGE = NAMES[PageKind.VISIT]
_HEADER = re.compile(r"^(?:\((?P<count>\d+)\)\s*)?(?P<name>[^()].*)$")


def parse_visit(html: str, url: str | None = None) -> VisitPage:
    """The suggested form types and the attached forms of a visit page.

    A form stands in it with several links: they count once, by entry id. The number in front of a form type is a
    checksum over the rows of that type. Raises NotSignedIn, ForeignPage, ErrorPage, PortalChanged.
    """
    doc = parse(html)
    require(doc, PageKind.VISIT)
    address = path_of(url or page_address(html, doc))
    work_id, visit_id = _address_ids(address)
    suggested = tuple(_suggested(header) for header in doc.css('[dusk="suggested_forms"] .plain-header'))
    if doc.css_first('[dusk="suggested_forms"]') is None:
        raise changed(PAGE, "panel of suggested forms")
    if len({form.form_type for form in suggested}) != len(suggested):
        raise changed(PAGE, "a form type is suggested twice")
    forms: list[VisitForm] = []
    for entry_id, links in _entries(doc).items():
        form, ids = _form(entry_id, links)
        if (work_id or ids[0], visit_id or ids[1]) != ids:
            raise changed(PAGE, f"form {entry_id} belongs to visit {ids[1]} of work order {ids[0]}")
        work_id, visit_id = ids
        forms.append(form)
    for kind in suggested:
        found = sum(form.form_type == kind.form_type for form in forms)
        if found != kind.attached:
            wait = "; the page was still loading" if loading(doc) else ""
            error = changed(PAGE, f"expected {kind.attached} forms {kind.form_type}, found {found}{wait}")
            error.details.update(expected=kind.attached, found=found)
            raise error
    return VisitPage(work_id, visit_id, suggested, tuple(forms))


def _address_ids(path: str) -> tuple[int | None, int | None]:
    match = VISIT_PATH.match(path) or FORM_PATH.match(path)
    return (int(match.group(1)), int(match.group(2))) if match else (None, None)


def _suggested(header: LexborNode) -> SuggestedForm:
    label = header.css_first("span.text-sm") or header.css_first("span")
    match = _HEADER.match(text_of(label) or "")
    if match is None:
        raise changed(PAGE, f"name of a suggested form ({text_of(header) or 'blank'!r})")
    action: FormAction | None = None
    for link in header.css("a"):
        words = f"{attribute(link, 'title') or ''} {text_of(link) or ''}".lower().split()
        if "attach" in words:
            action = "attach"
        elif "new" in words or "+new" in words:
            action = action or "new"
    return SuggestedForm(match["name"].strip(), int(match["count"] or 0), action)


def _entries(doc: LexborHTMLParser) -> dict[int, list[tuple[LexborNode, re.Match[str]]]]:
    """The links of every attached form, by entry id, in the page's order."""
    entries: dict[int, list[tuple[LexborNode, re.Match[str]]]] = {}
    for link in doc.css(".form-entries a[href]"):
        if match := FORM_PATH.match(path_of(attribute(link, "href"))):
            entries.setdefault(int(match.group(3)), []).append((link, match))
    return entries


def _form(entry_id: int, links: list[tuple[LexborNode, re.Match[str]]]) -> tuple[VisitForm, tuple[int, int]]:
    ids = {(int(match.group(1)), int(match.group(2))) for _, match in links}
    if len(ids) != 1:
        raise changed(PAGE, f"form {entry_id}: its links belong to different visits")
    row = _row(links[0][0], entry_id)
    names = {
        text for link, _ in links for span in link.css("span.text-sm, .form-entry-label") if (text := text_of(span))
    }
    if not names:
        names = {text for span in row.css("span.text-sm, .form-entry-label") if (text := text_of(span))}
    if len(names) != 1:
        raise changed(
            PAGE, f"form {entry_id}: name of the form type" + (f" (several: {sorted(names)})" if names else "")
        )
    dispenser = _dispenser(row)
    badges = {text for badge in row.css(".ks-badge") if (text := text_of(badge))}
    if len(badges) > 1:
        raise changed(PAGE, f"form {entry_id}: several states {sorted(badges)}")
    href = urlsplit(attribute(links[0][0], "href") or "")
    section = links[0][1].group(4)
    path = href.path.removesuffix("/").removesuffix(f"/sections/{section}") if section else href.path
    return (
        VisitForm(
            entry_id=entry_id,
            form_type=names.pop(),
            dispenser_text=dispenser,
            numbers=leading_numbers(dispenser),
            status=badges.pop() if badges else None,
            url=href._replace(path=path, query="", fragment="").geturl(),
        ),
        ids.pop(),
    )


def _row(link: LexborNode, entry_id: int) -> LexborNode:
    """The row of a form: the widest element around its link that holds no other form."""
    row = link
    current = link.parent
    while current is not None and "form-entries" not in classes(current):
        others = {
            match.group(3) for a in current.css("a[href]") if (match := FORM_PATH.match(path_of(attribute(a, "href"))))
        }
        if others - {str(entry_id)}:
            break
        row = current
        current = current.parent
    return row


def _dispenser(row: LexborNode) -> str | None:
    """The dispenser a form is bound to; empty until section 1 was saved (Portal spec §4.1)."""
    texts: list[str] = []
    for box in row.css(".text-sm"):
        if {"ml-0.5", "mt-0.5"} <= classes(box):
            if box.css_first(".ellipsis") is not None:
                texts.extend(text for part in box.css(".ellipsis") if (text := text_of(part)))
            elif text := text_of(box):
                texts.append(text)
    if not texts:
        texts.extend(title for box in row.css("div[title]") if (title := attribute(box, "title")))
    if len(set(texts)) > 1:
        raise changed(PAGE, f"dispenser of a form (several texts: {sorted(set(texts))})")
    return texts[0] if texts else None
