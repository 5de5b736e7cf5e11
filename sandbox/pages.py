"""Documents: the login page, the app shell around every page, plain error pages, and the asset bundle."""

from __future__ import annotations

import html
import json
import re
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

from .model import Session
from .world import World

HERE = Path(__file__).parent
# The order matters: core first, start last.
SCRIPTS = (
    "core",
    "select",
    "widgets",
    "list-rows",
    "list",
    "location",
    "visit",
    "form",
    "form-grades",
    "form-readings",
    "fleet",
    "start",
)

PAGES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("dashboard", re.compile(r"^/app/dashboard$")),
    ("list", re.compile(r"^/app/work/list$")),
    ("work_order", re.compile(r"^/app/work/(?P<work_id>\d+)$")),
    ("visit", re.compile(r"^/app/work/(?P<work_id>\d+)/visits/(?P<visit_id>\d+)$")),
    (
        "form",
        re.compile(
            r"^/app/work/(?P<work_id>\d+)/visits/(?P<visit_id>\d+)/form-entries/(?P<entry_id>\d+)(?:/sections/(?P<section>\w+))?$"
        ),
    ),
    ("location", re.compile(r"^/app/customers/locations/(?P<location_id>\d+)$")),
    ("customer", re.compile(r"^/app/customers/(?P<customer_id>\d+)$")),
    ("fleet", re.compile(r"^/app/fleet-inventory$")),
    (
        "menu",
        re.compile(
            r"^/app/(?:customers|customers/locations/\d+/equipment|directory|references|timesheets|users/profile|work/visits"
            r"|schedule|schedule/week|schedule/list|schedule/map/date|work/\d+/visits/\d+/accumeasure-summary)$"
        ),
    ),
)
BREADCRUMBS = {
    "dashboard": "Dashboard",
    "list": "Work",
    "work_order": "Work",
    "visit": "Work",
    "form": "Work",
    "location": "Customers",
    "customer": "Customers",
    "fleet": "Fleet/Inventory",
    "menu": "Work Fossa",
    "missing": "Not Found",
}


def find_page(path: str) -> tuple[str, dict[str, str]]:
    """The page kind of an address below /app/ and the ids in it; `missing` when the portal has no such page."""
    clean = path.rstrip("/")
    for name, pattern in PAGES:
        found = pattern.match(clean)
        if found:
            return name, {key: value for key, value in found.groupdict().items() if value}
    return "missing", {}


@cache
def _template(name: str) -> Template:
    return Template((HERE / "templates" / name).read_text(encoding="utf-8"))


@cache
def script_bundle() -> bytes:
    """All scripts as one file, as the portal's build delivers them."""
    parts = [(HERE / "static" / "js" / f"{name}.js").read_text(encoding="utf-8") for name in SCRIPTS]
    return "\n".join(parts).encode()


@cache
def style_bundle() -> bytes:
    """The style sheet."""
    return (HERE / "static" / "css" / "app.css").read_bytes()


FAILED_LOGIN = "These credentials do not match our records."
_ALERTS = {
    "error-message": '<div class="error-message">{text}</div>',
    "form-error": '<div class="form-error">{text}</div>',
    "login-error": '<div class="login-error">{text}</div>',
    "alert-error": '<div class="alert alert-error">{text}</div>',
    "alert-danger": '<div class="alert alert-danger"><ul><li>{text}</li></ul></div>',
}


def login_document(world: World, session: Session, base_url: str) -> str:
    """The login page; a failed attempt before it shows in the configured markup (the real one is unknown)."""
    variant = world.state.options.bad_password_markup
    failed = session.flash == "failed"
    alert = _ALERTS[variant].format(text=FAILED_LOGIN) if failed and variant in _ALERTS else ""
    field_error = '<div class="error-msg"></div>'
    if failed and variant not in _ALERTS and variant != "silent":
        field_error = f'<div class="error-msg show-msg">{FAILED_LOGIN}</div>'
    return _template("login.html").substitute(
        action=f"{base_url.rstrip('/')}/login",
        csrf=session.csrf,
        hash=world.state.build.asset_hash,
        email=html.escape(session.old_email, quote=True) if failed else "",
        alert=alert,
        email_error=field_error,
        year=world.now().year,
    )


def shell_document(world: World, session: Session, page: str, data: dict[str, Any]) -> str:
    """The frame of every page behind the login; the page itself is drawn by the script from `data`."""
    payload = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return _template("shell.html").substitute(
        csrf=session.csrf,
        hash=world.state.build.asset_hash,
        user=html.escape(session.user or ""),
        breadcrumb=BREADCRUMBS[page],
        data=payload,
        year=world.now().year,
    )


def foreign_document() -> str:
    """A page that is neither the portal nor its login."""
    return _template("maintenance.html").substitute()


def expired_document() -> str:
    """Answer to a form post with an old CSRF token."""
    return _template("expired.html").substitute()


def plain_document(title: str, text: str) -> str:
    """Small public pages (single sign-on, password reset) that the sandbox does not play."""
    return _template("plain.html").substitute(title=html.escape(title), text=html.escape(text))
