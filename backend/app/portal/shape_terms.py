"""The terms in which the shape of a page is described: an expectation, what came of looking for it, and small looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.portal.parse.dom import hidden
from app.portal.parse.identify import PageKind

State = Literal["ok", "failed", "not_seen"]


class ShapeKind(StrEnum):
    """The pages whose shape is described; the sections of a form are pages of their own."""

    SIGN_IN = "sign_in"
    DASHBOARD = "dashboard"
    WORK_LIST = "work_list"
    LOCATION = "location"
    VISIT = "visit"
    FORM_FIRST = "form_first"
    FORM_GRADES = "form_grades"
    FORM_READINGS = "form_readings"
    FLEET = "fleet"


PAGE_OF: dict[ShapeKind, PageKind] = {
    ShapeKind.SIGN_IN: PageKind.LOGIN,
    ShapeKind.DASHBOARD: PageKind.DASHBOARD,
    ShapeKind.WORK_LIST: PageKind.WORK_LIST,
    ShapeKind.LOCATION: PageKind.LOCATION,
    ShapeKind.VISIT: PageKind.VISIT,
    ShapeKind.FORM_FIRST: PageKind.FORM,
    ShapeKind.FORM_GRADES: PageKind.FORM,
    ShapeKind.FORM_READINGS: PageKind.FORM,
    ShapeKind.FLEET: PageKind.FLEET,
}
WORDS: dict[ShapeKind, str] = {
    ShapeKind.SIGN_IN: "sign-in page",
    ShapeKind.DASHBOARD: "dashboard",
    ShapeKind.WORK_LIST: "work list",
    ShapeKind.LOCATION: "location page",
    ShapeKind.VISIT: "visit page",
    ShapeKind.FORM_FIRST: "form, equipment",
    ShapeKind.FORM_GRADES: "form, grades",
    ShapeKind.FORM_READINGS: "form, readings",
    ShapeKind.FLEET: "fleet page",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one look. ``found`` says it in terms of the markup, never with texts of the page."""

    state: State
    found: str


Check = Callable[[LexborHTMLParser], Finding]


@dataclass(frozen=True, slots=True)
class Expectation:
    """One thing a page of this kind must have.

    ``needs``: what must be on the page before this can be looked for; without it the answer is ``not_seen``.
    ``essential``: as long as it was not seen, the page does not count as checked. The others stand on some pages only.
    """

    name: str
    check: Check
    needs: str = ""
    essential: bool = True


@dataclass(frozen=True, slots=True)
class Checked:
    """An expectation and what came of it."""

    name: str
    state: State
    found: str
    essential: bool


@dataclass(frozen=True, slots=True)
class ShapeReport:
    """The shape of one page. ``ok`` is ``None`` as long as something essential was not seen: unknown is never ok."""

    kind: ShapeKind | None
    expectations: tuple[Checked, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.expectations if item.state == "failed")

    @property
    def not_seen(self) -> tuple[str, ...]:
        return tuple(item.name for item in self.expectations if item.state == "not_seen")

    @property
    def ok(self) -> bool | None:
        if self.failed:
            return False
        unseen = any(item.essential and item.state == "not_seen" for item in self.expectations)
        return None if unseen or not self.expectations else True

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON-ready data."""
        return {
            "kind": self.kind.value if self.kind else None,
            "ok": self.ok,
            "expectations": [
                {"name": item.name, "state": item.state, "essential": item.essential, "found": item.found}
                for item in self.expectations
            ],
        }


def ok(found: str) -> Finding:
    return Finding("ok", found)


def failed(found: str) -> Finding:
    return Finding("failed", found)


def not_seen(why: str) -> Finding:
    return Finding("not_seen", why)


def there(selector: str) -> Check:
    """The page has such an element."""

    def check(doc: LexborHTMLParser) -> Finding:
        count = len(doc.css(selector))
        return ok(f"{count} times") if count else failed(f"no {selector}")

    return check


def sometimes(selector: str) -> Check:
    """The page may have such an element; without one there is nothing to say."""

    def check(doc: LexborHTMLParser) -> Finding:
        count = len(doc.css(selector))
        return ok(f"{count} times") if count else not_seen(f"no {selector} on this page")

    return check


def each(
    items: Callable[[LexborHTMLParser], Iterable[LexborNode]], fits: Callable[[LexborNode], bool], what: str
) -> Check:
    """Every such element fits; without any there is nothing to say."""

    def check(doc: LexborHTMLParser) -> Finding:
        nodes = list(items(doc))
        if not nodes:
            return not_seen(f"no {what} on this page")
        wrong = sum(not fits(node) for node in nodes)
        return failed(f"{wrong} of {len(nodes)} {what}s without") if wrong else ok(f"{len(nodes)} {what}s")

    return check


def has(selector: str) -> Callable[[LexborNode], bool]:
    """Whether an element holds such another one."""
    return lambda node: node.css_first(selector) is not None


def visible(nodes: Iterable[LexborNode]) -> list[LexborNode]:
    return [node for node in nodes if not hidden(node)]
