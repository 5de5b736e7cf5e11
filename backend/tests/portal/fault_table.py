"""The fault matrix as data: every fault of the sandbox on every page of the portal, and what must come of it.

A cell is a reason why the pair does not exist, or the strikes of which it consists: where the fault hits, and the class
of the outcome. ``coped``: the adapter copes alone and the result is right. ``believed``: the page says so itself, and
whoever counts on it has to doubt it. Otherwise the kind of the error (house rule 9).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.portal.shape_terms import ShapeKind as Page

COPED, BELIEVED = "coped", "believed"
TRANSIENT, AUTH, CHANGED, UNKNOWN, BUSINESS = "transient", "auth", "portal_changed", "unknown_effect", "business"
OUTCOMES = (COPED, BELIEVED, TRANSIENT, AUTH, CHANGED, UNKNOWN, BUSINESS)

GUEST = "nobody is signed in on this page yet"
PLAIN = "the fault changes signed-in pages, and the sign-in page is none"
SAVES_NOTHING = "this page saves nothing"
CREATES_NOTHING = "forms are added at the visit only"
NO_ROWS = "this page shows no rows of the work list"
NO_CHOICES = "this page asks for no list of choices"
NO_HEADINGS = "only a location has headings of equipment"
NO_CLICKS = "nothing is clicked here"
SAME_MARKUP = "this page has none of the renamed markup"
# Reasons that lie in the page's nature; the others must follow from the kinds of requests that a fault hits.
NATURE = (GUEST, NO_HEADINGS, NO_CLICKS, SAME_MARKUP)

# The requests of each page that a fault can hit: its document, its content, its choices, its writes.
REQUESTS: dict[Page, dict[str, dict[str, Any]]] = {
    Page.SIGN_IN: {"content": {"kind": "login", "method": "GET"}, "write": {"kind": "login", "method": "POST"}},
    Page.DASHBOARD: {"document": {"kind": "shell", "page": "dashboard"}},
    Page.WORK_LIST: {"document": {"kind": "shell", "page": "list"}, "content": {"kind": "list"}},
    Page.LOCATION: {"document": {"kind": "shell", "page": "location"}, "content": {"kind": "equipment"}},
    Page.VISIT: {
        "document": {"kind": "shell", "page": "visit"},
        "content": {"kind": "visit"},
        "write": {"kind": "create_form"},
    },
    Page.FORM_FIRST: {
        "document": {"kind": "shell", "page": "form"},
        "content": {"kind": "section", "section": "first"},
        "choices": {"kind": "options", "select": "equipment"},
        "write": {"kind": "save"},
    },
    Page.FORM_GRADES: {
        "document": {"kind": "shell", "page": "form"},
        "content": {"kind": "section", "section": "536"},
        "choices": {"kind": "options", "select": "prover"},
        "write": {"kind": "save"},
    },
    Page.FORM_READINGS: {
        "document": {"kind": "shell", "page": "form"},
        "content": {"kind": "section", "section": "537"},
        "write": {"kind": "save", "path": "/sections/537$"},
        "adding": {"kind": "save", "path": "/readings/add$"},
    },
    Page.FLEET: {"document": {"kind": "shell", "page": "fleet"}, "content": {"kind": "fleet"}},
}


@dataclass(frozen=True)
class Strike:
    """``times`` ``None``: until it is switched off. ``slow``: one that lasts until a deadline, or a variant of a strike of
    the same cell; these wait for the night."""

    outcome: str
    where: str = "document"
    times: int | None = 1
    match: dict[str, Any] = field(default_factory=dict)
    slow: bool = False


Cell = str | tuple[Strike, ...]
_FORMS = (Page.FORM_FIRST, Page.FORM_GRADES, Page.FORM_READINGS)
_READ = (Page.WORK_LIST, Page.LOCATION, Page.FLEET)
_SHELLS = tuple(page for page in Page if page is not Page.SIGN_IN)


def _row(usual: Cell, **special: Cell) -> dict[Page, Cell]:
    """A row in which ``usual`` stands wherever nothing else is said."""
    return {page: special.get(page.name.lower(), usual) for page in Page}


def _each(pages: tuple[Page, ...], cell: Cell) -> dict[str, Cell]:
    return {page.name.lower(): cell for page in pages}


def _written(
    read: str, saved: str, created: str, signing: str, *, slow: bool = False, **match: Any
) -> dict[Page, Cell]:
    """A fault of any request: what comes of it when content is read, and when something is written."""
    content = Strike(read, "content", match=match, slow=slow)
    save, add = Strike(saved, "write", match=match, slow=slow), Strike(saved, "adding", match=match, slow=slow)
    return _row(
        (content,),
        sign_in=(Strike(signing, "content", match=match, slow=slow), Strike(signing, "write", match=match, slow=slow)),
        dashboard=(Strike(read, "document", match=match, slow=slow),),
        visit=(content, Strike(created, "write", match=match, slow=slow)),
        form_first=(content, save),
        form_grades=(content, save),
        form_readings=(content, save, add),
    )


_HANG = _written(TRANSIENT, TRANSIENT, UNKNOWN, TRANSIENT, slow=True)
# One of the slow ones is in every run of the tests: the one whose outcome matters most.
_HANG[Page.VISIT] = (Strike(TRANSIENT, "content", slow=True), Strike(UNKNOWN, "write"))
_HANG[Page.FORM_READINGS] = (
    Strike(TRANSIENT, "content", slow=True),
    Strike(TRANSIENT, "write", slow=True),
    Strike(UNKNOWN, "adding", slow=True),
)
_EXPIRED = _written(COPED, COPED, COPED, COPED)
_EXPIRED[Page.SIGN_IN] = GUEST
_EXPIRED[Page.DASHBOARD] = (Strike(AUTH),)

TABLE: dict[str, dict[Page, Cell]] = {
    "http_500": _written(TRANSIENT, COPED, COPED, TRANSIENT),
    "http_429": _written(TRANSIENT, TRANSIENT, TRANSIENT, TRANSIENT, retry_after=1),
    "hang": _HANG,
    "slow": _written(COPED, COPED, COPED, COPED, ms=500),
    "session_expired": _EXPIRED,
    "login_page": _row((Strike(COPED), Strike(AUTH, times=None, slow=True)), sign_in=PLAIN, dashboard=(Strike(AUTH),)),
    "foreign_page": _row((Strike(CHANGED, times=None),), sign_in=PLAIN),
    "dropped_clicks": _row(
        (Strike(COPED, match={"count": 2}),),
        sign_in=PLAIN,
        dashboard=NO_CLICKS,
    ),
    "rename": _row(
        SAME_MARKUP,
        sign_in=PLAIN,
        work_list=(Strike(CHANGED, times=None, match={"what": "work_list_item"}),),
        location=(Strike(CHANGED, times=None, match={"what": "equipment_heading"}),),
        form_grades=(
            Strike(CHANGED, times=None, match={"what": "iteration_ids"}),
            Strike(COPED, times=None, match={"what": "has_meter_field"}),
        ),
        form_readings=(Strike(CHANGED, times=None, match={"what": "iteration_ids"}),),
    ),
    "modal": _row((Strike(COPED),), sign_in=PLAIN, dashboard=NO_CLICKS),
    "lost_hydration": _row(NO_HEADINGS, sign_in=PLAIN, location=(Strike(COPED),)),
    "stuck_page": _row((Strike(TRANSIENT, slow=True),), sign_in=PLAIN, form_first=(Strike(TRANSIENT),)),
    "save_fails": _row(
        SAVES_NOTHING,
        form_first=(Strike(COPED, "write"), Strike(TRANSIENT, "write", times=None)),
        form_grades=(Strike(COPED, "write"), Strike(TRANSIENT, "write", times=None)),
        form_readings=(
            Strike(COPED, "write"),
            Strike(TRANSIENT, "write", times=None),
            Strike(COPED, "adding"),
        ),
    ),
    "save_answer_lost": _row(
        SAVES_NOTHING,
        form_first=(Strike(COPED, "write"), Strike(COPED, "write", match={"mode": "502"}, slow=True)),
        form_grades=(Strike(COPED, "write"), Strike(COPED, "write", match={"mode": "502"}, slow=True)),
        form_readings=(
            Strike(COPED, "write"),
            Strike(COPED, "write", match={"mode": "502"}, slow=True),
            Strike(COPED, "adding"),
            Strike(COPED, "adding", match={"mode": "502"}, slow=True),
        ),
    ),
    "create_fails": _row(CREATES_NOTHING, visit=(Strike(COPED, "write"), Strike(TRANSIENT, "write", times=None))),
    "create_answer_lost": _row(
        CREATES_NOTHING, visit=(Strike(COPED, "write"), Strike(COPED, "write", match={"mode": "502"}, slow=True))
    ),
    "list_truncated": _row(NO_ROWS, work_list=(Strike(TRANSIENT, "content", times=None, match={"drop": 2}),)),
    "empty_list": _row(
        NO_ROWS,
        work_list=(
            Strike(CHANGED, "content", times=None, match={"matches": "kept"}),
            Strike(BELIEVED, "content", times=None, match={"matches": "zero"}),
        ),
    ),
    "options_never": _row(
        NO_CHOICES,
        form_first=(Strike(TRANSIENT, "choices", times=None),),
        form_grades=(Strike(TRANSIENT, "choices", times=None, slow=True),),
    ),
}
