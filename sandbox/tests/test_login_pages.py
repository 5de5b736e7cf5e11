"""Signing in and out, guests at protected addresses, expiry."""

from __future__ import annotations

import pytest
from playwright.async_api import Page

from sandbox.server import SandboxServer

from .helpers import OPEN, TECH1, as_technician, open_list, sign_in

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_the_login_page_is_the_recorded_one(page: Page, portal: SandboxServer) -> None:
    await page.goto(portal.url)
    assert await page.title() == "Work Fossa"
    assert await page.locator("body#home .login-container .panel-header h2").inner_text() == "Login"
    form = page.locator("form.login-form")
    assert await form.get_attribute("action") == f"{portal.url}/login"
    assert await form.get_attribute("name") == "login" and await form.get_attribute("method") == "post"
    assert await page.locator("input[type=hidden][name=_token]").count() == 1
    assert await page.locator("meta[name=csrf-token]").count() == 1
    assert await page.locator("input[type=email][name=email]").get_attribute("placeholder") == "Your Email"
    assert await page.locator("input[type=email]").get_attribute("id") is None
    assert await page.locator("input[type=password]").get_attribute("placeholder") == "Your Password"
    assert await page.locator("input[type=checkbox][name=remember][value='1']").is_checked()
    assert await page.locator("input[type=submit][value='Log In'].button").count() == 1
    assert await page.locator("a[href='/sso']").count() == 2
    assert await page.locator("a[href='/passwords/reset']").inner_text() == "Forgot Password?"


async def test_signing_in_lands_on_the_dashboard_and_out_on_the_root(page: Page, portal: SandboxServer) -> None:
    await page.goto(portal.url)
    await sign_in(page, TECH1, "sandbox-1")
    await page.wait_for_url("**/app/dashboard")
    assert TECH1 in await page.locator(".top-bar .dropdown-toggle").inner_text()
    assert "Work Fossa ©" in await page.locator("#app-footer").inner_text()
    assert await page.locator("#sidebar a[href='/app/fleet-inventory']").count() == 1
    await page.goto(portal.url)
    assert page.url == f"{portal.url}/app/dashboard"
    await page.click(".dropdown-toggle")
    await page.click("text=Logout")
    await page.wait_for_selector("form.login-form")
    assert page.url == f"{portal.url}/"
    await page.goto(f"{portal.url}/app/dashboard/")
    assert await page.locator("form.login-form").count() == 1


@pytest.mark.parametrize(
    "path",
    ["/app/work/list", "/app/dashboard/", "/app/customers/locations/32800/", "/app/fleet-inventory", "/app/nowhere"],
)
async def test_a_guest_gets_the_login_document_at_any_protected_address(
    page: Page, portal: SandboxServer, path: str
) -> None:
    answer = await page.goto(portal.url + path)
    assert answer is not None and answer.status == 200
    assert page.url == portal.url + path
    assert await page.locator("form.login-form").count() == 1 and await page.locator("#app").count() == 0


async def test_a_guest_may_be_redirected_instead(page: Page, portal: SandboxServer) -> None:
    portal.control.options(guest_answer="redirect", login_redirect="intended")
    await page.goto(portal.list_url(OPEN))
    assert page.url == f"{portal.url}/"
    await sign_in(page, TECH1, "sandbox-1")
    await page.wait_for_selector(".work-list-item")
    assert page.url == portal.list_url(OPEN)


@pytest.mark.parametrize(
    ("variant", "selector"),
    [
        ("error-msg", ".error-msg.show-msg"),
        ("alert-danger", ".alert-danger"),
        ("login-error", ".login-error"),
        ("status-422", ".error-msg.show-msg"),
        ("status-200", ".error-msg.show-msg"),
    ],
)
async def test_a_wrong_password_shows_the_form_again(
    page: Page, portal: SandboxServer, variant: str, selector: str
) -> None:
    portal.control.options(bad_password_markup=variant)
    await page.goto(f"{portal.url}/app/work/list")
    assert await page.locator(selector).count() == 0
    await sign_in(page, TECH1, "wrong")
    await page.wait_for_selector(selector)
    assert await page.input_value("input[name=email]") == TECH1
    assert await page.locator("form.login-form").count() == 1
    await page.goto(portal.url)
    assert await page.locator(selector).count() == 0
    assert portal.control.counts()["sign_ins"] == {"accepted": 0, "rejected": 1}


async def test_a_wrong_password_may_say_nothing(page: Page, portal: SandboxServer) -> None:
    portal.control.options(bad_password_markup="silent")
    await page.goto(portal.url)
    async with page.expect_navigation():
        await sign_in(page, TECH1, "wrong")
    assert await page.locator("form.login-form").count() == 1
    assert await page.locator(".show-msg, .alert, .login-error").count() == 0


async def test_an_old_token_is_refused(page: Page, portal: SandboxServer) -> None:
    await page.goto(portal.url)
    await page.evaluate("document.querySelector('input[name=_token]').value = 'old'")
    await sign_in(page, TECH1, "sandbox-1")
    await page.wait_for_selector("text=Page Expired")
    assert portal.control.counts()["sign_ins"]["accepted"] == 0


async def test_remember_keeps_the_cookie_and_the_session(page: Page, portal: SandboxServer) -> None:
    await page.goto(portal.url)
    await page.uncheck("input[name=remember]")
    await sign_in(page, TECH1, "sandbox-1")
    await page.wait_for_selector("#app-footer")
    assert [c["expires"] for c in await page.context.cookies()] == [-1]
    portal.control.clock(advance_seconds=3 * 3600)
    await page.goto(f"{portal.url}/app/work/list")
    assert await page.locator("form.login-form").count() == 1
    await sign_in(page, TECH1, "sandbox-1")
    await page.wait_for_selector("#app-footer")
    assert (await page.context.cookies())[0]["expires"] > 0
    portal.control.clock(advance_seconds=3 * 3600)
    await page.goto(f"{portal.url}/app/work/list")
    assert await page.locator("form.login-form").count() == 0


async def test_a_session_that_ends_shows_the_login_page_in_place(page: Page, portal: SandboxServer) -> None:
    await open_list(page, portal)
    portal.control.expire_sessions(TECH1)
    await page.click(".paginator-wrapper.top a.next-page")
    await page.wait_for_selector("form.login-form")
    assert page.url == portal.list_url(OPEN, "asc")


async def test_menu_parents_lead_on_and_unknown_pages_are_missing(page: Page, portal: SandboxServer) -> None:
    await as_technician(page, portal)
    await page.goto(f"{portal.url}/app/work/")
    assert page.url == f"{portal.url}/app/work/list"
    await page.goto(f"{portal.url}/app/")
    assert page.url == f"{portal.url}/app/dashboard"
    answer = await page.goto(f"{portal.url}/app/nowhere")
    assert answer is not None and answer.status == 404
    assert await page.locator("#app-footer").count() == 1
