"""Saving a part of a form (Portal spec §5.1): the same values saved twice are the same, so a save may be tried again."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Locator

from app.portal.errors import PortalError, PortalRefused
from app.portal.net import error_of
from app.portal.parse.dom import changed
from app.portal.parse.identify import NAMES, PageKind
from app.portal.session import PortalSession
from app.portal.waits import Outcome

PAGE = NAMES[PageKind.FORM]
_KIND = PageKind.FORM
TRIES = 3
SAVE = "button.save-section"


async def save(session: PortalSession, button: Locator, index: int | None, what: str) -> dict[str, Any]:
    """Click Save until the portal has taken the values: a dropped click, a failing or a lost answer is tried again.

    The answer has the messages shown (``errors``: an incomplete save is taken and says what is missing) and whether Next
    is enabled (``next``). ``index``: the panel saved, ``None`` for a whole section. Whoever calls has just read the
    values back. Raises PortalRefused when the request itself is refused, and what the last try ended with.
    """
    last: PortalError = changed(PAGE, f"an effect of saving {what}")
    rested = True
    for _ in range(TRIES):
        await session.pace()
        mark = await session.click(button, f"saving {what}", _KIND, rested=rested)
        rested = False
        outcome = await session.wait(
            "f.saved(arg)",
            {"index": index},
            mark=mark,
            seconds=session.settings.save_seconds,
            drop_seconds=session.settings.drop_seconds,
            writes=True,
        )
        if outcome.state == "done":
            return dict(outcome.value)
        if outcome.state == "failed" and outcome.call is not None:
            last = error_of(outcome.call, PAGE)
            if outcome.call.signed_out or outcome.call.status == 429:
                raise last
            if isinstance(last, PortalRefused):
                raise await _refusal(session, index, what, last)
        elif outcome.state != "dropped":
            raise await session.explain(outcome, _KIND, f"an answer to saving {what}")
    raise last


async def save_whole(session: PortalSession, button: Locator, index: int | None, what: str) -> dict[str, Any]:
    """Save what must be complete: a message of the portal is a refusal. Raises PortalRefused with the messages."""
    answer = await save(session, button, index, what)
    messages = messages_of(answer)
    if messages:
        raise PortalRefused(f"The portal did not accept {what}: {' '.join(messages)}", page=PAGE, messages=messages)
    return answer


def messages_of(answer: dict[str, Any]) -> list[str]:
    """The messages that the page shows, each once."""
    return list(dict.fromkeys(str(message) for message in answer["errors"]))


async def _refusal(session: PortalSession, index: int | None, what: str, error: PortalRefused) -> PortalRefused:
    shown: Outcome = await session.wait("f.saved(arg)", {"index": index}, mark=session.net.mark())
    messages = messages_of(shown.value) if shown.state == "done" else []
    said = " ".join(messages) or error.message
    return PortalRefused(
        f"The portal did not accept {what}: {said}", page=PAGE, messages=messages, status=error.details.get("status")
    )
