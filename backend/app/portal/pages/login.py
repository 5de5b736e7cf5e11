"""Signing in (Portal spec §1.2, §1.3)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from app.portal.errors import CredentialsRejected, PortalChanged
from app.portal.net import error_of
from app.portal.parse.identify import PageKind
from app.portal.settings import Credentials

if TYPE_CHECKING:
    from app.portal.session import PortalSession

_ENTRY = """f.inShell() ? {in: true, user: f.text(document.querySelector(".top-bar .dropdown-toggle"))}
  : document.querySelector("form.login-form input[type=password], .login-container input[type=password]") ? {in: false} : null"""
# The document that held the form is marked: an unmarked one with a form is the portal's answer.
_MARK = "() => { document.documentElement.dataset.asked = '1'; }"
_ANSWER = """(() => {
  if (f.inShell()) return {ok: true};
  const form = document.querySelector("form.login-form, .login-container form");
  const said = f.all(".error-msg, .error-message, .form-error, .login-error, .alert-error, .alert-danger, [role=alert]")
    .filter(f.shown).map(f.text).filter(Boolean);
  const fresh = document.documentElement.dataset.asked !== "1" && document.readyState !== "loading";
  return form && (fresh || said.length) ? {ok: false, said} : null;
})()"""


async def sign_in(session: PortalSession, who: Credentials, tell: Callable[[str], Awaitable[None]]) -> None:
    """Open the portal's root, fill in the form, and tell from the answering page whether it was accepted."""
    await tell("opening")
    entry = await _open(session)
    if entry["in"]:
        if who.username.strip().lower() in str(entry["user"]).lower():
            await tell("signed_in")
            return
        await session.forget()
        entry = await _open(session)
        if entry["in"]:
            raise PortalChanged("The portal keeps an older session of another account.", code="session_kept")
    await tell("entering")
    page = session.page
    form = page.locator("form.login-form, .login-container form").first
    await form.locator('input[name="email"], input[type="email"]').first.fill(who.username)
    await form.locator('input[type="password"]').first.fill(who.password)
    await page.evaluate(_MARK)
    await tell("checking")
    mark = session.net.mark()
    await form.locator('input[type="submit"], button[type="submit"]').first.click(no_wait_after=True)
    outcome = await session.wait(_ANSWER, mark=mark, seconds=session.settings.sign_in_seconds, guest=True)
    if outcome.state == "failed" and outcome.call is not None and outcome.call.status in {401, 403, 422}:
        raise _rejected([])
    if outcome.state == "failed" and outcome.call is not None:
        raise error_of(outcome.call, "sign-in page")
    if outcome.state != "done":
        raise await session.explain(outcome, PageKind.DASHBOARD, "an answer to the sign-in")
    if not outcome.value["ok"]:
        raise _rejected(outcome.value["said"])
    await tell("signed_in")


async def _open(session: PortalSession) -> dict[str, object]:
    mark = session.net.mark()
    await session.goto("/")
    outcome = await session.wait(_ENTRY, mark=mark, seconds=session.settings.page_seconds, guest=True)
    if outcome.state != "done":
        raise await session.explain(outcome, PageKind.LOGIN, "the sign-in form")
    value: dict[str, object] = outcome.value
    return value


def _rejected(said: list[str]) -> CredentialsRejected:
    told = f" It says: {' '.join(said)[:200]}" if said else ""
    return CredentialsRejected(f"The portal did not accept this e-mail and password.{told}", page="sign-in page")
