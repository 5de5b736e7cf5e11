"""The browser of a run: one tab stays on the visit, the other one fills forms.

The visit is read once and again only when something new must be known, so that adding a form needs no further load.
"""

from dataclasses import dataclass

from app.forms.models import FormRun
from app.portal.pages.visit import create_form, read_visit
from app.portal.parse.visit import parse_visit
from app.portal.records import VisitForm, VisitPage
from app.portal.session import PortalSession


@dataclass(slots=True)
class RunBrowser:
    """The visit's tab. ``visit`` answers from the last read: bindings made since are known from the ledger."""

    tab: PortalSession
    url: str
    form_type: str
    most: int
    _page: VisitPage | None = None

    async def visit(self, *, fresh: bool = False) -> VisitPage:
        if self._page is None or fresh:
            self._page = None
            self._page = await read_visit(self.tab, self.url)
        return self._page

    async def add_form(self) -> VisitForm | None:
        """Adds one form and answers it; ``None`` when there are as many as dispensers. The portal is asked how many there
        are now, not the memory."""
        page = await self.visit(fresh=self._page is None)
        if len(page.forms_of(self.form_type)) >= self.most:
            return None
        self._page = None  # whatever happens next, the old picture is not true any more
        entry_id = await create_form(self.tab, self.url, self.form_type)
        self._page = page = await self._seen(entry_id)
        return next(form for form in page.forms if form.entry_id == entry_id)

    async def _seen(self, entry_id: int) -> VisitPage:
        page = parse_visit(await self.tab.page.content(), self.tab.page.url)
        if any(form.entry_id == entry_id for form in page.forms):
            return page
        return await read_visit(self.tab, self.url)


class RunBrowsers:
    """The tabs of the runs under way in this process."""

    def __init__(self) -> None:
        self._open: dict[str, RunBrowser] = {}

    async def get(self, run: FormRun, session: PortalSession) -> RunBrowser:
        known = self._open.get(run.id)
        if known is None or known.tab.page.is_closed():
            tab = await session.another_page()
            known = RunBrowser(tab, run.visit_url, run.form_type, run.dispensers_known)
            self._open[run.id] = known
        return known

    def forget(self, run_id: str) -> None:
        """The next look is a fresh one. (The tab itself closes with its session.)"""
        self._open.pop(run_id, None)


run_browsers = RunBrowsers()
