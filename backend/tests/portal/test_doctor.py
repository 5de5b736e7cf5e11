"""The walk through the pages against the sandbox: whole, with each renamed part, and with pages that cannot be seen."""

from __future__ import annotations

import pytest

from app.portal.doctor import DoctorReport, PageCheck, examine
from app.portal.errors import CredentialsRejected
from app.portal.launch import PortalBrowser
from app.portal.session import PortalSession
from app.portal.settings import Credentials, PortalSettings
from app.portal.shape import ShapeKind
from backend.tests.portal.conftest import Start, hurry
from backend.tests.portal.looking import fill_one, first_orders, shape_beside
from sandbox.server import SandboxServer


@pytest.fixture
def formed(portal: SandboxServer) -> SandboxServer:
    """The second visit of the list has a complete form, the first has none."""
    fill_one(portal, first_orders(portal)[1])
    return portal


def check_of(report: DoctorReport, kind: ShapeKind) -> PageCheck:
    return next(check for check in report.pages if check.page is kind)


async def test_all_pages_are_well(session: PortalSession, formed: SandboxServer) -> None:
    told: list[PageCheck] = []
    report = await examine(session, told.append)
    assert [(check.page, check.state) for check in report.pages] == [(kind, "ok") for kind in ShapeKind], report
    assert report.ok is True
    assert tuple(told) == report.pages
    assert formed.control.counts()["writes"] == 0
    assert set(report.as_dict()) == {"pages", "ok"}
    assert all(check.url is not None and check.snapshot is None for check in report.pages)


@pytest.mark.parametrize(
    ("what", "kind", "name"),
    [
        ("work_list_item", ShapeKind.WORK_LIST, "rows are .work-list-item.w-N"),
        ("equipment_heading", ShapeKind.LOCATION, "dispenser group in .group-heading"),
        ("iteration_ids", ShapeKind.FORM_GRADES, "#iteration-N numbered from 0"),
        ("iteration_ids", ShapeKind.FORM_READINGS, "#iteration-N numbered from 0"),
        ("has_meter_field", ShapeKind.FORM_GRADES, "Has Meter radios"),
    ],
)
async def test_what_was_renamed_is_named(
    session: PortalSession, formed: SandboxServer, what: str, kind: ShapeKind, name: str
) -> None:
    hurry(session, 3)
    formed.control.fault("rename", None, what=what)
    report = await examine(session)
    assert report.ok is False
    check = check_of(report, kind)
    assert (check.state, check.failed) == ("failed", (name,))
    assert {other.page for other in report.pages if other.state == "failed"} <= {
        kind,
        ShapeKind.FORM_GRADES,
        ShapeKind.FORM_READINGS,
    }
    assert check.snapshot is not None
    assert shape_beside(check.snapshot)["ok"] is False
    assert formed.control.counts()["writes"] == 0


async def test_without_a_form_its_pages_are_not_seen(session: PortalSession, portal: SandboxServer) -> None:
    portal.world.state.forms.clear()
    report = await examine(session)
    assert report.ok is None
    unseen = {check.page for check in report.pages if check.state == "not_seen"}
    assert unseen == {ShapeKind.VISIT, ShapeKind.FORM_FIRST, ShapeKind.FORM_GRADES, ShapeKind.FORM_READINGS}
    assert "none of the first 5 visits" in (check_of(report, ShapeKind.VISIT).reason or "")
    assert not any(check.state == "failed" for check in report.pages)


async def test_a_form_is_followed_as_far_as_it_is_saved(session: PortalSession, portal: SandboxServer) -> None:
    portal.world.state.forms.clear()
    portal.control.prepare_form(first_orders(portal)[0].id)
    report = await examine(session)
    assert check_of(report, ShapeKind.FORM_FIRST).state == "ok"
    grades = check_of(report, ShapeKind.FORM_GRADES)
    assert (grades.state, grades.url) == ("not_seen", None)
    assert "Next is disabled" in (grades.reason or "")
    assert report.ok is None


async def test_a_page_in_trouble_is_not_seen(session: PortalSession, formed: SandboxServer) -> None:
    formed.control.fault("http_500", None, path="/app/fleet-inventory")
    report = await examine(session)
    fleet = check_of(report, ShapeKind.FLEET)
    assert (fleet.state, fleet.failed) == ("not_seen", ())
    assert "500" in (fleet.reason or "")
    assert report.ok is None


async def test_a_foreign_page_fails(session: PortalSession, formed: SandboxServer) -> None:
    hurry(session, 2)
    formed.control.fault("foreign_page", None, page="dashboard")
    report = await examine(session)
    assert check_of(report, ShapeKind.DASHBOARD).state != "ok"
    assert report.ok is not True


async def test_it_signs_in_again_by_itself(session: PortalSession, formed: SandboxServer) -> None:
    formed.control.expire_sessions()
    report = await examine(session)
    assert report.ok is True
    assert session.resigned == 1


async def test_refused_credentials_end_it(
    browser: PortalBrowser, settings: PortalSettings, portal: SandboxServer, start: Start
) -> None:
    async def wrong() -> Credentials:
        return Credentials("tech1@sandbox.invalid", "wrong-password-1")

    browser.settings = settings
    portal.control.expire_sessions()
    async with browser.open_session(credentials=wrong, storage_state=start.session) as session:
        with pytest.raises(CredentialsRejected):
            await examine(session)
