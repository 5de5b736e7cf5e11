"""A run's portal in a real browser: one tab that shows the visit, one in which forms are filled. One acts at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.activity.service import Reporter
from app.connection.breaker import Breaker, breakers
from app.connection.sessions import sessions
from app.forms.models import FormRun
from app.forms.portal import OnReading
from app.portal.pages import form, form_read, readings
from app.portal.pages.visit import create_form, read_visit
from app.portal.parse.visit import parse_visit
from app.portal.records import FormSections, ReadingsPage, VisitForm, VisitPage
from app.portal.session import PortalSession

_FORM = ".form-entry-content"


@dataclass(slots=True)
class RunBrowser:
    """``visit`` answers from the last read: bindings made since are known from the ledger."""

    session: PortalSession
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
        return next(entry for entry in page.forms if entry.entry_id == entry_id)

    async def _seen(self, entry_id: int) -> VisitPage:
        page = parse_visit(await self.tab.page.content(), self.tab.page.url)
        if any(entry.entry_id == entry_id for entry in page.forms):
            return page
        return await read_visit(self.tab, self.url)

    async def read_form(self, url: str) -> FormSections:
        return await form_read.read_form(self.session, url)

    async def fill_section_one(self, url: str, numbers: tuple[int, ...], prover_size: str) -> None:
        await form.fill_section_one(self.session, url, numbers, prover_size)

    async def open_grades(self, url: str) -> form.GradeSection:
        return await form.open_grades(self.session, url)

    async def fill_grade(self, url: str, section_id: int, index: int, intent: form.GradeIntent) -> None:
        await form.fill_grade(self.session, url, section_id, index, intent)

    async def open_readings(self, url: str, grade_section_id: int) -> readings.ReadingsShape:
        return await readings.open_readings(self.session, url, grade_section_id)

    async def read_readings(self, url: str, section_id: int) -> ReadingsPage:
        return await readings.read_readings(self.session, url, section_id)

    async def add_reading(self, url: str, section_id: int, group: int, before: int) -> readings.ReadingsShape:
        return await readings.add_reading(self.session, url, section_id, group, before)

    async def delete_last_reading(self, url: str, section_id: int, group: int, before: int) -> readings.ReadingsShape:
        return await readings.delete_last_reading(self.session, url, section_id, group, before)

    async def fill_readings(
        self,
        url: str,
        section_id: int,
        groups: tuple[int, ...],
        intents: Sequence[readings.ReadingIntent],
        on_reading: OnReading,
    ) -> readings.FilledReadings:
        return await readings.fill_readings(self.session, url, section_id, groups, intents, on_reading)

    async def picture(self, path: Path) -> bool:
        return await self.session.screenshot(path, _FORM)


class BrowserPortals:
    """The browsers of the runs under way in this process."""

    def __init__(self) -> None:
        self._open: dict[str, RunBrowser] = {}

    async def breaker(self, user_id: str) -> Breaker:
        return breakers.of(await sessions.portal_of(user_id))

    async def look(self, job_id: str, user_id: str, url: str, report: Reporter) -> VisitPage:
        return await read_visit(await sessions.get(job_id, user_id, report), url)

    async def of(self, run: FormRun, report: Reporter) -> RunBrowser:
        session = await sessions.get(run.id, run.user_id, report)
        known = self._open.get(run.id)
        if known is None or known.session is not session or known.tab.page.is_closed():
            tab = await session.another_page()
            known = RunBrowser(session, tab, run.visit_url, run.form_type, run.dispensers_known)
            self._open[run.id] = known
        return known

    async def renew(self, run_id: str, *, broken: bool) -> None:
        known = self._open.pop(run_id, None)
        if broken:
            await sessions.close(run_id)
        elif known is not None and not known.tab.page.is_closed():
            await known.tab.page.close()

    async def close(self, run_id: str) -> None:
        self._open.pop(run_id, None)
        await sessions.close(run_id)
