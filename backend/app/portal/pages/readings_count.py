"""One reading more, one reading less (Portal spec §5.4). Each is an effect that must not happen twice: before a click is
repeated, a fresh look at the form proves that nothing came of it. Only a page whose content is known is clicked at."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from app.portal.errors import (
    EffectUnknown,
    NotSignedIn,
    PortalError,
    PortalRefused,
    PortalTimeout,
    PortalUnreachable,
)
from app.portal.net import error_of
from app.portal.pages.form_save import PAGE, TRIES
from app.portal.pages.readings_look import (
    KIND,
    ReadingsShape,
    known_section,
    load_section,
    open_reading,
    other_readings,
    section_url,
    shape_of,
    values_of,
)
from app.portal.parse.dom import changed
from app.portal.parse.form_readings import ADD_READING
from app.portal.session import PortalSession
from app.portal.waits import Outcome

_REMOVE = re.compile(r"^\s*Remove\s*$")
_Act = Callable[[dict[str, Any]], Awaitable[Outcome]]


async def add_reading(session: PortalSession, url: str, section_id: int, group: int, before: int) -> ReadingsShape:
    """Add exactly one reading at the end of the group that has ``before`` readings now; when the form has
    ``before + 1`` already, nothing is clicked.

    Raises PortalRefused (code ``other_readings``: the group has another number; the portal's refusal), EffectUnknown
    when it cannot be said whether a reading was added, PortalChanged, and transient errors only when a fresh look proved
    that none was.
    """
    step = _Step(session, url, section_id, group, before, before + 1, "new reading")

    async def act(state: dict[str, Any]) -> Outcome:
        links = session.page.locator("span, a, button").filter(has_text=ADD_READING)
        mark = await session.click(links.nth(int(state["adds"][group])), step.what, KIND, rested=True)
        return await step.counted(mark)

    return await step.do(act)


async def delete_last_reading(
    session: PortalSession, url: str, section_id: int, group: int, before: int
) -> ReadingsShape:
    """Delete the last reading of the group that has ``before`` readings now, if it holds nothing at all; when the
    form has ``before - 1`` already, nothing is clicked.

    Raises PortalRefused with the code ``reading_held`` when the reading holds any value (it is left as it is), and
    what ``add_reading`` raises.
    """
    step = _Step(session, url, section_id, group, before, before - 1, "removed reading")

    async def act(state: dict[str, Any]) -> Outcome:
        index = sum(state["groups"][:group]) + before - 1
        reading = await open_reading(session, index, now_open=int(state["open"]))
        if reading["others"] or not values_of(reading).blank:
            raise PortalRefused(
                f"Reading {before} of group {group + 1} holds values and is not deleted.",
                page=PAGE,
                code="reading_held",
                action="Look at the reading in the portal and delete it by hand if it is not needed.",
                index=index,
            )
        button = session.page.locator(f'#iteration-{index} [title="Delete item"]').first
        # Should the portal not ask, the reading is gone at once.
        effect = "f.confirmation() || (f.counted(arg) ? [] : null)"
        asked = "the question whether to remove the reading"
        found = await session.click_until(button, effect, step.arg, KIND, asked, rested=True)
        if not found:
            return await step.counted(session.net.mark())
        if len(found) != 1:
            raise changed(PAGE, "exactly one 'Remove' to confirm with")
        said = session.page.locator("button, a, span").filter(has_text=_REMOVE)
        mark = await session.click(said.nth(int(found[0])), step.what, KIND, rested=True)
        return await step.counted(mark)

    return await step.do(act)


@dataclass(frozen=True, slots=True)
class _Step:
    """A change of the number of one group's readings by one, seen through."""

    session: PortalSession
    url: str
    section_id: int
    group: int
    before: int
    after: int
    what: str

    @property
    def arg(self) -> dict[str, int]:
        return {"group": self.group, "count": self.after}

    async def counted(self, mark: int) -> Outcome:
        """Wait for the group's new number."""
        settings = self.session.settings
        return await self.session.wait(
            "f.counted(arg)", self.arg, mark=mark, seconds=settings.save_seconds, drop_seconds=settings.drop_seconds
        )

    async def do(self, act: _Act) -> ReadingsShape:
        """Act until the number is there; see ``add_reading`` for what is raised."""
        session = self.session
        state = await session.run(PAGE, lambda: known_section(session, self.url, self.section_id))
        first = shape_of(state)
        if not 0 <= self.group < len(first.groups) or first.groups[self.group] not in {self.before, self.after}:
            raise other_readings(first.groups, f"{self.before} in group {self.group + 1}")
        if first.groups[self.group] == self.after:
            return first
        wanted = (*first.groups[: self.group], self.after, *first.groups[self.group + 1 :])
        async with session.guard(PAGE):
            last: PortalError | None = None
            for _ in range(TRIES):
                await session.pace()
                session.proven = None
                outcome, last = await self._try(act, state)
                if outcome is not None and outcome.state == "done":
                    session.proven = section_url(self.url, self.section_id)
                    return self._proven(tuple(outcome.value["groups"]), wanted)
                state = await self._look_again()
                now = shape_of(state).groups
                if now != first.groups:
                    return self._proven(now, wanted)
                if outcome is not None and outcome.state == "timeout":
                    # The request may still be under way in the portal: a second click could do it twice.
                    raise EffectUnknown(
                        f"The portal did not answer, and shows no {self.what} so far.", page=PAGE, group=self.group
                    )
                if isinstance(last, PortalRefused) or (last is not None and last.code == "portal_busy"):
                    raise last
            assert last is not None
            raise last

    async def _try(self, act: _Act, state: dict[str, Any]) -> tuple[Outcome | None, PortalError | None]:
        """What came of it, and the error that stands for it unless it is done."""
        try:
            outcome = await act(state)
        except (PortalUnreachable, PortalTimeout, NotSignedIn) as error:
            return None, error
        if outcome.state == "done":
            return outcome, None
        if outcome.state == "failed" and outcome.call is not None:
            return outcome, error_of(outcome.call, PAGE)
        if outcome.state == "login":
            return outcome, NotSignedIn("The portal asks for a sign-in.", page=PAGE)
        awaited = f"{self.what} after {TRIES} clicks"
        return outcome, PortalTimeout(
            f"Waited in vain for: {awaited}.", page=PAGE, code="clicks_ignored", awaited=awaited
        )

    def _proven(self, groups: tuple[int, ...], wanted: tuple[int, ...]) -> ReadingsShape:
        if groups != wanted:
            raise EffectUnknown(
                f"The form has {list(groups)} readings per group, awaited were {list(wanted)}.",
                page=PAGE,
                groups=list(groups),
            )
        return ReadingsShape(self.section_id, groups)

    async def _look_again(self) -> dict[str, Any]:
        """The form as the portal has it now. When even that cannot be read, nobody knows what came of the click."""
        session = self.session
        try:
            return await session.run(PAGE, lambda: load_section(session, self.url, self.section_id))
        except PortalError as error:
            raise EffectUnknown(
                f"It is not known whether there is a {self.what}: the form could not be read again ({error.message})",
                page=PAGE,
                snapshot=error.snapshot,
                cause=error.code,
            ) from error
