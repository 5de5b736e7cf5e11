"""Reading the technician's provers (Portal spec §3.6)."""

from __future__ import annotations

from app.portal.parse.fleet import parse_fleet
from app.portal.parse.identify import NAMES, PageKind
from app.portal.records import FleetPage
from app.portal.session import PortalSession

PAGE = NAMES[PageKind.FLEET]
_TAB = """(() => { const tab = document.querySelector('.tabs-title-bar a[href="#Equipment"]'); return tab && tab.closest("li") })()"""
_READY = f"""(() => {{
  if (!f.idle()) return null;
  if (f.all("li").some((li) => f.shown(li) && /next calibration:/i.test(f.text(li)))) return "done";
  const tab = {_TAB};
  if (tab && !tab.matches(".active-tab, .active, .is-active")) return "tab";
  return document.querySelector("li.header-row") && f.steady("no rows", arg.settle) ? "done" : null;
}})()"""


async def read_provers(session: PortalSession) -> FleetPage:
    """The provers of the signed-in technician. Raises PortalChanged and the errors of ``PortalSession.load``."""
    return await session.run(PAGE, lambda: _read(session))


async def _read(session: PortalSession) -> FleetPage:
    arg = {"settle": session.settings.settle_seconds * 1000}
    step = await session.load("/app/fleet-inventory", PageKind.FLEET, _READY, arg, "list of equipment")
    if step == "tab":
        tab = session.page.locator('.tabs-title-bar a[href="#Equipment"]').first
        done = f"({_READY}) === 'done' ? true : null"
        await session.click_until(tab, done, arg, PageKind.FLEET, "list of equipment")
    return parse_fleet(await session.html())
