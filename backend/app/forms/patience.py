"""A portal that is asked again when it stumbles: actions of :class:`FormPortal` may be repeated, so passing trouble with
one of them does not cost the work on the whole form."""

import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from app.forms.portal import Breaker, FormPortal, OnReading
from app.forms.retries import breaks_browser, next_try
from app.kit import clock
from app.portal.errors import PortalError
from app.portal.pages.form import GradeIntent, GradeSection
from app.portal.pages.readings import FilledReadings, ReadingIntent, ReadingsShape
from app.portal.records import FormSections, ReadingsPage, VisitForm, VisitPage

_TRIES = 3
# What takes longer to wait for is waited for without holding a browser and the account.
LONGEST_WAIT = timedelta(seconds=30)
T = TypeVar("T")


@dataclass(slots=True)
class PatientPortal:
    """Tries every action up to three times. What still fails, needs another browser or a longer wait is for the caller."""

    portal: FormPortal
    breaker: Breaker
    base_seconds: float
    rng: random.Random

    async def _patiently(self, action: Callable[[], Awaitable[T]]) -> T:
        tried = 0
        while True:
            try:
                result = await action()
            except PortalError as error:
                tried += 1
                if error.kind != "transient" or breaks_browser(error) or tried == _TRIES:
                    raise
                now = clock.now()
                self.breaker.failed(error.code, now)
                again = next_try(error, tried, now, base_seconds=self.base_seconds, rng=self.rng)
                if again - now > LONGEST_WAIT or self.breaker.admit(now) is not None:
                    raise
                await clock.wait_until(again)
            else:
                self.breaker.succeeded(clock.now())
                return result

    async def visit(self, *, fresh: bool = False) -> VisitPage:
        return await self._patiently(lambda: self.portal.visit(fresh=fresh))

    async def add_form(self) -> VisitForm | None:
        """Not tried again here: a form may have been added all the same, and then it is to be used, not joined by another."""
        return await self.portal.add_form()

    async def read_form(self, url: str) -> FormSections:
        return await self._patiently(lambda: self.portal.read_form(url))

    async def fill_section_one(self, url: str, numbers: tuple[int, ...], prover_size: str) -> None:
        await self._patiently(lambda: self.portal.fill_section_one(url, numbers, prover_size))

    async def open_grades(self, url: str) -> GradeSection:
        return await self._patiently(lambda: self.portal.open_grades(url))

    async def fill_grade(self, url: str, section_id: int, index: int, intent: GradeIntent) -> None:
        await self._patiently(lambda: self.portal.fill_grade(url, section_id, index, intent))

    async def open_readings(self, url: str, grade_section_id: int) -> ReadingsShape:
        return await self._patiently(lambda: self.portal.open_readings(url, grade_section_id))

    async def read_readings(self, url: str, section_id: int) -> ReadingsPage:
        return await self._patiently(lambda: self.portal.read_readings(url, section_id))

    async def add_reading(self, url: str, section_id: int, group: int, before: int) -> ReadingsShape:
        return await self._patiently(lambda: self.portal.add_reading(url, section_id, group, before))

    async def delete_last_reading(self, url: str, section_id: int, group: int, before: int) -> ReadingsShape:
        return await self._patiently(lambda: self.portal.delete_last_reading(url, section_id, group, before))

    async def fill_readings(
        self,
        url: str,
        section_id: int,
        groups: tuple[int, ...],
        intents: Sequence[ReadingIntent],
        on_reading: OnReading,
    ) -> FilledReadings:
        return await self._patiently(lambda: self.portal.fill_readings(url, section_id, groups, intents, on_reading))

    async def picture(self, path: Path) -> bool:
        return await self.portal.picture(path)
