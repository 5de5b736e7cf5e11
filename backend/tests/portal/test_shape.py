"""Every expectation holds on the sandbox's page and fails (or is not seen) on a page without what it names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
import pytest_asyncio

from app.portal.errors import PortalChanged
from app.portal.launch import PortalBrowser
from app.portal.pages.work_list import read_work_list
from app.portal.parse.work_list import parse_work_list
from app.portal.session import PortalSession
from app.portal.settings import PortalSettings
from app.portal.shape import EXPECTATIONS, ShapeKind, ShapeReport, shape_report
from app.portal.snapshots import KEPT_SNAPSHOTS, save_shape, save_snapshot
from backend.tests.portal.conftest import Start
from backend.tests.portal.looking import look_at_everything, shape_beside
from sandbox.server import SandboxServer

Mutation = Callable[[str], str]


def swap(pattern: str, other: str = "x-other", *, count: int = 0) -> Mutation:
    """The page with every match of the pattern (or the first ``count``) replaced."""

    def mutate(html: str) -> str:
        changed, times = re.subn(pattern, other, html, count=count)
        assert times, f"the page has nothing like {pattern}"
        return changed

    return mutate


def both(*mutations: Mutation) -> Mutation:
    def mutate(html: str) -> str:
        for one in mutations:
            html = one(html)
        return html

    return mutate


FRAME = both(
    swap(r'id="app-footer"'), swap(r'id="sidebar"'), swap(r"top-bar fixed"), swap(r'id="app" class="full-height"')
)
NO_CONTENT = swap("form-entry-content")
# expectation → (page without it, what becomes of it)
BROKEN: dict[ShapeKind, dict[str, Mutation]] = {
    ShapeKind.SIGN_IN: {
        "sign-in form is form.login-form": swap("login-form"),
        "e-mail field input[name=email]": swap('name="email"', 'name="mail"'),
        "password field input[type=password]": swap('type="password"', 'type="text"'),
        "submit control": swap('type="submit"', 'type="button"'),
        "form posts to /login": swap('/login"', '/session"'),
    },
    ShapeKind.DASHBOARD: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "user's e-mail in the top bar": swap(r"tech1@sandbox\.invalid", "somebody"),
        "menu leads to the work list and the fleet page": swap("/app/work/list", "/app/orders"),
    },
    ShapeKind.WORK_LIST: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "search bar and filters of the list": swap("work-order-search-bar|work-order-filters|search-header"),
        "rows are .work-list-item.w-N": swap("work-list-item "),
        "each row links to its own work order": swap(r'href="/app/work/(\d+)/"', r'href="/app/orders/\1/"'),
        "each row links to its customer": swap(r'href="/app/customers/(\d+)/"', 'href="#"', count=1),
        "each row links to its location": swap("/app/customers/locations/", "/app/places/"),
        "each row has an address in .address-info": swap("address-info"),
        "each row counts its visits as 'n / m'": swap(r'title="(\d) / (\d)"', r'title="\1 of \2"'),
        "service lines 'n x'": swap(r"(\d) x\s", r"\1 times "),
        "link of the next visit with its date": swap(r"(\d\d)/(\d\d)/(\d{4})", r"\3-\1-\2"),
        "paginator with a.next-page": swap("next-page"),
        "number of matches": swap(" matches", " hits"),
        "page size select around input[name=limit]": swap('name="limit"'),
    },
    ShapeKind.LOCATION: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "Equipment tab": both(swap("equipment-tab"), swap("#Equipment")),
        "dispenser group in .group-heading": swap("group-heading"),
        "link 'Show equipment' or 'Hide equipment' in the heading": swap("Hide equipment", "Collapse"),
        "as many cards as the heading says": swap(r"\(\d+\)", "(99)", count=1),
        "card title is 'numbers - grades - make'": swap(" - ", " | "),
        "each card has a line 'S/N:'": swap("S/N:", "Serial:"),
        "field 'Grade' in .custom-fields-view": swap(r">\s*Grade\s*<", ">Product<"),
    },
    ShapeKind.VISIT: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "suggested forms panel [dusk=suggested_forms]": swap("suggested_forms"),
        "form types in li.plain-header": swap("plain-header"),
        "each form type has a link 'Attach' or 'New'": both(
            swap('title="New[^"]*"', ""), swap(r"</svg>\s*(?:\+ )?New", "</svg>")
        ),
        "attached forms in .form-entries": swap('class="form-entries"'),
        "each form row has a link to form-entries": swap("/form-entries/", "/papers/"),
        "each form row names its type": swap("form-entry-label|text-sm"),
        "each form row has a badge": swap("ks-badge"),
        "number of forms in the panel's header": swap(r"\(1\) AccuMeasure", "(3) AccuMeasure"),
    },
    ShapeKind.FORM_FIRST: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "form in .form-entry-content": NO_CONTENT,
        "equipment ks-select": swap("ks-select-selection"),
        "prover size radios": swap(r"field\[4855\]", "field[9999]"),
        "Save is button.save-section": swap("save-section"),
        "next link a.next-section": swap("next-section"),
    },
    ShapeKind.FORM_GRADES: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "form in .form-entry-content": NO_CONTENT,
        "#iteration-N numbered from 0": swap('id="iteration-', 'id="entry-item-'),
        "each panel names its grade in .panel-header a": swap(r"(panel-header[^>]*><)a", r"\1b"),
        "one open panel with its inputs": swap('class="panel-body"', 'class="panel-body" style="display: none;"'),
        "Has Meter radios": swap(r"field\[4857\]", "field[9857]"),
        "Type of Fill radios": swap(r"field\[4858\]", "field[9858]"),
        "prover ks-select": swap("ks-select-selection"),
        "Save of the grade in its panel": swap("save-section"),
        "next link a.next-section": swap("next-section"),
    },
    ShapeKind.FORM_READINGS: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "form in .form-entry-content": NO_CONTENT,
        "#iteration-N numbered from 0": swap('id="iteration-0"', 'id="iteration-500"'),
        "each reading has 'Delete item'": swap("Delete item", "Remove", count=1),
        "one open panel with its inputs": swap('class="panel-body"', 'class="panel-body" style="display: none;"'),
        "flow radios": swap(r"field\[4866\]", "field[9866]"),
        "procedure ks-select": swap("ks-select-selection"),
        "start reading is #field-7 or #field-5": swap('id="field-[57]"'),
        "+ Add Reading ends each group": swap(r"\+ Add Reading", "Another"),
        "Save is button.save-section": swap("save-section"),
    },
    ShapeKind.FLEET: {
        "frame of the portal: #app-footer, #sidebar or .top-bar": FRAME,
        "Equipment tab in .tabs-title-bar": swap("#Equipment"),
        "list of equipment with li.header-row": swap("header-row"),
        "prover id in the row text": swap(r"\d+-(\d+)-\d+", r"\1"),
        "prover row says 'S/N:'": swap("S/N:", "Serial:"),
        "prover row says 'Next Calibration:'": swap("Next Calibration:", "Due:", count=1),
    },
}
# Expectations that answer "not seen" when what they name is not there: it stands on some pages only.
UNSEEN: dict[ShapeKind, dict[str, Mutation]] = {
    ShapeKind.SIGN_IN: {"hidden field _token": swap('name="_token"')},
    ShapeKind.WORK_LIST: {
        "whole instructions in .ks-tooltip .pre-wrap": swap("pre-wrap"),
        "badge of the filter": swap("ks-badge"),
    },
    ShapeKind.LOCATION: {"Equipment tab is open": swap("active-tab")},
    ShapeKind.VISIT: {"dispenser's place on the form row": swap("ml-0.5")},
    ShapeKind.FORM_READINGS: {"next link a.next-section": lambda html: html},
}
_CASES = [(kind, name, "failed", how) for kind, cases in BROKEN.items() for name, how in cases.items()]
_CASES += [(kind, name, "not_seen", how) for kind, cases in UNSEEN.items() for name, how in cases.items()]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def pages(server: SandboxServer, browser: PortalBrowser, start: Start) -> dict[ShapeKind, str]:
    """The sandbox's page of every kind, as the browser shows it."""
    with server.world.lock:
        server.world.state = start.world.model_copy(deep=True)
    browser.settings = PortalSettings(base_url=server.url, settle_seconds=0.3, drop_seconds=0.6)
    return await look_at_everything(browser, start.session, server)


def state_of(report: ShapeReport, name: str) -> str:
    if len(report.expectations) == 1:  # not even the page is known any more
        assert report.expectations[0].name.startswith("it is the")
        return report.expectations[0].state
    return next(item.state for item in report.expectations if item.name == name)


def test_every_expectation_has_a_page_without_it() -> None:
    wanted = {(kind, item.name) for kind, items in EXPECTATIONS.items() for item in items}
    assert {(kind, name) for kind, name, _, _ in _CASES} == wanted


@pytest.mark.parametrize("kind", list(ShapeKind))
def test_the_sandbox_has_the_expected_shape(pages: dict[ShapeKind, str], kind: ShapeKind) -> None:
    report = shape_report(pages[kind])
    assert report.kind is kind
    assert report.ok is True, report
    assert shape_report(pages[kind], kind) == report


@pytest.mark.parametrize(("kind", "name", "state", "how"), _CASES, ids=[f"{c[0].value}: {c[1]}" for c in _CASES])
def test_what_is_missing_is_named(
    pages: dict[ShapeKind, str], kind: ShapeKind, name: str, state: str, how: Mutation
) -> None:
    whole, broken = shape_report(pages[kind], kind), shape_report(how(pages[kind]), kind)
    absent = kind is ShapeKind.FORM_READINGS and state == "not_seen"
    assert state_of(whole, name) == ("not_seen" if absent else "ok")
    assert state_of(broken, name) == state
    assert broken.ok is not True or not next(i for i in EXPECTATIONS[kind] if i.name == name).essential


def test_an_empty_list_is_not_seen_and_not_ok(pages: dict[ShapeKind, str]) -> None:
    html = re.sub(
        r'<div class="work-list-items".*?(?=<div [^>]*class="paginator-wrapper bottom)',
        "<div>",
        re.sub(r'(data-v-\w+="") (class="work-list-items")', r"\2", pages[ShapeKind.WORK_LIST]),
        flags=re.DOTALL,
    )
    html = re.sub(r"\d+ matches", "0 matches", html)
    report = shape_report(html, ShapeKind.WORK_LIST)
    assert report.failed == ()
    assert state_of(report, "rows are .work-list-item.w-N") == "not_seen"
    assert report.ok is None


@pytest.mark.parametrize(
    ("html", "ok"),
    [
        ("", False),
        ("<html><body><h1>Welcome to the hotel network</h1></body></html>", False),
        ("<html><body><h1>Server Error</h1></body></html>", None),
        ('<html><body id="home"><form class="login-form"></form></body></html>', None),
        ('<div id="app" class="full-height">Could not find this location. It may have been deleted.</div>', None),
    ],
)
def test_another_page_is_never_ok(html: str, ok: bool | None) -> None:
    report = shape_report(html, ShapeKind.WORK_LIST)
    assert report.ok is ok
    assert len(report.expectations) == 1


def test_an_unknown_page_is_unknown() -> None:
    report = shape_report("<p>hello</p>")
    assert (report.kind, report.expectations, report.ok) == (None, (), None)


async def test_an_error_names_what_its_page_misses(session: PortalSession, portal: SandboxServer) -> None:
    portal.control.fault("rename", None, what="work_list_item")
    with pytest.raises(PortalChanged) as caught:
        await read_work_list(session)
    error = caught.value
    assert error.details["shape"][0] == "rows are .work-list-item.w-N"
    assert "rows are .work-list-item.w-N" in error.message
    assert str(error) == error.message
    assert error.snapshot is not None
    beside = shape_beside(error.snapshot)
    assert (beside["kind"], beside["ok"]) == ("work_list", False)
    failing = [item["name"] for item in beside["expectations"] if item["state"] == "failed"]
    assert failing[:5] == error.details["shape"]
    assert "@" not in json.dumps(beside)


async def test_at_most_five_are_told(session: PortalSession, portal: SandboxServer) -> None:
    await session.page.set_content(
        '<body><div id="app-footer"></div><div class="work-list-item">x</div><a href="/app/work/1/">W-1</a></body>'
    )
    with pytest.raises(PortalChanged) as caught:
        async with session.guard("work list"):
            parse_work_list(await session.html())
    assert len(caught.value.details["shape"]) == 5
    assert "more" in caught.value.message


async def test_without_a_folder_the_names_are_told_all_the_same(session: PortalSession, portal: SandboxServer) -> None:
    session.settings = replace(session.settings, snapshot_dir=None)
    portal.control.fault("rename", None, what="work_list_item")
    with pytest.raises(PortalChanged) as caught:
        await read_work_list(session)
    assert caught.value.snapshot is None
    assert "rows are .work-list-item.w-N" in caught.value.details["shape"]


def test_old_reports_go_with_their_pages(settings: PortalSettings) -> None:
    folder = settings.snapshot_dir
    assert folder is not None
    for _ in range(KEPT_SNAPSHOTS + 2):
        saved = save_snapshot("<p>x</p>", "work list", folder)
        assert saved.path is not None
        assert save_shape(shape_report("<p>x</p>"), saved.path) is None
    assert len(list(folder.glob("*.html.gz"))) == KEPT_SNAPSHOTS
    assert len(list(folder.glob("*.shape.json"))) == KEPT_SNAPSHOTS


def test_a_report_that_cannot_be_written_says_why(settings: PortalSettings) -> None:
    folder = settings.snapshot_dir
    assert folder is not None
    assert "No such file" in (save_shape(shape_report(""), folder / "gone" / "x.html.gz") or "")
