"""A person's browser: pages that remember everything the browser complained about."""

import re
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests.e2e.server import wait_for

# Others may use the processor at the same time: patient, while polling is quick anyway.
PATIENCE = 30_000
DESKTOP, PHONE = (1280, 800), (390, 844)
OWNER, OWNER_PASSWORD = "owner@example.com", "a long enough password"


@dataclass
class Screen:
    """One browser context with one page. ``forgive`` names messages that a test provokes on purpose."""

    context: BrowserContext
    page: Page
    url: str
    complaints: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    @classmethod
    def open(
        cls, browser: Browser, url: str, *, size: tuple[int, int] = DESKTOP, scheme: str = "light", phone: bool = False
    ) -> "Screen":
        options: dict[str, Any] = {"viewport": {"width": size[0], "height": size[1]}, "color_scheme": scheme}
        context = browser.new_context(base_url=url, has_touch=phone, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE)
        screen = cls(context, context.new_page(), url)
        screen.page.on("console", screen._heard)
        screen.page.on("pageerror", lambda error: screen.complaints.append(f"page error: {error}"))
        return screen

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text} ({message.location.get('url', '')})")

    def forgive(self, pattern: str) -> None:
        self.forgiven.append(pattern)

    def unforgiven(self) -> list[str]:
        """What the browser complained about and no test expected."""
        return [text for text in self.complaints if not any(re.search(known, text) for known in self.forgiven)]

    def go(self, path: str) -> None:
        self.page.goto(path)

    def sign_in(self, email: str = OWNER, password: str = OWNER_PASSWORD) -> None:
        """Signs in as a person does, and waits for the week."""
        self.go("/sign-in")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password", exact=True).fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.shows_heading("Week")

    def shows_heading(self, name: str, level: int = 1, *, exact: bool = True) -> None:
        heading = self.page.get_by_role("heading", name=name, level=level, exact=exact)
        expect(heading).to_be_visible(timeout=PATIENCE)

    def shows(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible(timeout=PATIENCE)

    def wait(self, script: str, what: str, argument: Any = None) -> Any:
        """The first true value of a script in the page."""
        return wait_for(lambda: self.page.evaluate(script, argument), what, PATIENCE / 1000)

    def focused_card(self) -> str | None:
        """The id of the visit card that has the keyboard's focus (work order and visit)."""
        found = self.page.evaluate("document.activeElement?.closest('[data-card]')?.dataset.card ?? null")
        return None if found is None else str(found)
