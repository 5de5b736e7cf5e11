"""What the portal adapter has to be told: where the portal is, which browser, how long to wait."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """Deadlines are seconds; each ends with an error that names what was awaited.

    ``drop_seconds``: how long a click may stay without any sign of an effect (no request, no change, no loading bar)
    before it counts as dropped. ``settle_seconds``: how long an unexpected state (an empty list, counts that do not
    agree) must stand still before it is believed. ``watchdog_seconds``: the outer limit of one action; after it the
    browser context is closed hard, whatever hangs in it. ``viewport`` ``None``: as large as the window is.
    """

    base_url: str = "https://app.workfossa.com"
    browser_executable: str | None = None
    headless: bool = True
    start_seconds: float = 30.0
    page_seconds: float = 30.0
    action_seconds: float = 15.0
    save_seconds: float = 30.0
    sign_in_seconds: float = 30.0
    drop_seconds: float = 2.0
    settle_seconds: float = 1.5
    watchdog_seconds: float = 300.0
    snapshot_dir: Path | None = None
    load_images: bool = False
    user_agent: str | None = None
    viewport: tuple[int, int] | None = (1920, 1080)

    @property
    def origin(self) -> str:
        """The base address without a slash at its end."""
        return self.base_url.rstrip("/")


@dataclass(frozen=True, slots=True)
class Credentials:
    """E-mail and password of a portal account; the password never shows in a representation or a log."""

    username: str = field(repr=False)
    password: str = field(repr=False)


CredentialsSource = Callable[[], Awaitable[Credentials | None]]
"""Asked only when the portal wants a sign-in in the middle of the work; ``None``: sign-in is not possible."""

Gate = Callable[[], Awaitable[None]]
"""Awaited before every page load and save: the place for politeness (per minute, of an account and in total)."""
