"""What preparing forms needs of the portal, as a port: a browser does it (``run_browser``), and the tests' model of the
portal does it in memory, with every fault and crash in between."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Protocol

from app.activity.service import Reporter
from app.forms.models import FormRun
from app.portal.pages.form import GradeIntent, GradeSection
from app.portal.pages.readings import FilledReadings, ReadingIntent, ReadingsShape
from app.portal.records import FormSections, ReadingsPage, VisitForm, VisitPage

OnReading = Callable[[ReadingIntent], Awaitable[None]]


class FormPortal(Protocol):
    """One visit of one account. Every method may raise what the portal adapter raises, and may be repeated."""

    async def visit(self, *, fresh: bool = False) -> VisitPage:
        """The visit's forms; ``fresh`` asks the portal again, else the last look is enough."""

    async def add_form(self) -> VisitForm | None:
        """Adds one form; ``None`` when the visit has as many as the location has dispensers."""

    async def read_form(self, url: str) -> FormSections: ...

    async def fill_section_one(self, url: str, numbers: tuple[int, ...], prover_size: str) -> None: ...

    async def open_grades(self, url: str) -> GradeSection: ...

    async def fill_grade(self, url: str, section_id: int, index: int, intent: GradeIntent) -> None: ...

    async def open_readings(self, url: str, grade_section_id: int) -> ReadingsShape: ...

    async def read_readings(self, url: str, section_id: int) -> ReadingsPage: ...

    async def add_reading(self, url: str, section_id: int, group: int, before: int) -> ReadingsShape: ...

    async def delete_last_reading(self, url: str, section_id: int, group: int, before: int) -> ReadingsShape: ...

    async def fill_readings(
        self,
        url: str,
        section_id: int,
        groups: tuple[int, ...],
        intents: Sequence[ReadingIntent],
        on_reading: OnReading,
    ) -> FilledReadings: ...

    async def picture(self, path: Path) -> bool:
        """A picture of the section that is shown; ``False`` when none could be taken."""


class Breaker(Protocol):
    """See ``connection.breaker``."""

    def admit(self, now: datetime) -> datetime | None: ...

    def failed(self, error_code: str, now: datetime) -> None: ...

    def succeeded(self, now: datetime) -> None: ...


class Portals(Protocol):
    """Where runs get their portal from: one session per account, one browser context per visit."""

    async def breaker(self, user_id: str) -> Breaker:
        """The breaker of the portal the account belongs to."""

    async def look(self, job_id: str, user_id: str, url: str, report: Reporter) -> VisitPage:
        """A fresh look at a visit in the session of ``job_id``."""

    async def of(self, run: FormRun, report: Reporter) -> FormPortal: ...

    async def renew(self, run_id: str, *, broken: bool) -> None:
        """The next look is a fresh one; ``broken`` ends the browser, too."""

    async def close(self, run_id: str) -> None: ...
