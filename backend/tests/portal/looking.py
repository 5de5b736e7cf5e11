"""The sandbox's page of every kind, as a browser shows it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from app.portal.launch import PortalBrowser
from app.portal.pages.fleet import read_provers
from app.portal.pages.location import read_location
from app.portal.pages.work_list import read_work_list
from app.portal.session import PortalSession, StorageState
from app.portal.shape import ShapeKind
from sandbox.model import FormEntry, WorkOrder
from sandbox.server import SandboxServer

TECHNICIAN = "tech1@sandbox.invalid"
_REST = "f.idle() && f.inShell() && document.readyState === 'complete' && f.steady(document.body.innerHTML.length + '', 300) ? true : null"


def first_orders(portal: SandboxServer) -> list[WorkOrder]:
    """The technician's open orders with a visit, as the list shows them: by date."""
    dated = [
        (order.next_visit.date, order.id, order)
        for order in portal.world.state.work_orders.values()
        if order.technician == TECHNICIAN and not order.closed and order.done == 0 and order.next_visit is not None
    ]
    return [order for _, _, order in sorted(dated, key=lambda item: item[:2])]


def fill_one(portal: SandboxServer, order: WorkOrder) -> FormEntry:
    """A form with grades and readings at this order's visit."""
    card = portal.world.state.locations[order.location_id].dispensers[0]
    return portal.control.prepare_form(order.id, card.numbers, readings=True, complete=True)


async def look_at_everything(
    browser: PortalBrowser, signed_in: StorageState, portal: SandboxServer
) -> dict[ShapeKind, str]:
    """The HTML of each kind of page."""
    order = next(o for o in first_orders(portal) if portal.world.state.locations[o.location_id].dispensers)
    entry = fill_one(portal, order)
    visit = f"/app/work/{order.id}/visits/{entry.visit_id}"
    form = f"{visit}/form-entries/{entry.id}"
    found: dict[ShapeKind, str] = {}
    async with browser.open_session() as guest:
        await guest.goto("/")
        await guest.page.wait_for_selector("form.login-form")
        found[ShapeKind.SIGN_IN] = await guest.html()
    async with browser.open_session(storage_state=signed_in) as session:
        await read_work_list(session)
        found[ShapeKind.WORK_LIST] = await session.html()
        await read_location(session, order.location_id)
        found[ShapeKind.LOCATION] = await session.html()
        await read_provers(session)
        found[ShapeKind.FLEET] = await session.html()
        for kind, url in (
            (ShapeKind.DASHBOARD, "/app/dashboard"),
            (ShapeKind.VISIT, visit),
            (ShapeKind.FORM_FIRST, form),
            (ShapeKind.FORM_GRADES, f"{form}/sections/536"),
            (ShapeKind.FORM_READINGS, f"{form}/sections/537"),
        ):
            found[kind] = await _rest(session, url)
    return found


async def _rest(session: PortalSession, url: str) -> str:
    mark = session.net.mark()
    await session.goto(url)
    outcome = await session.wait(_REST, mark=mark)
    assert outcome.state == "done", outcome
    return await session.html()


def shape_beside(snapshot: str) -> dict[str, Any]:
    """The shape report that lies beside a saved page."""
    text = Path(snapshot.replace(".html.gz", ".shape.json")).read_text(encoding="utf-8")
    report: dict[str, Any] = json.loads(text)
    return report
