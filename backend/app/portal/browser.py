"""Finding and starting a browser: a setting, an installed Chrome/Chromium/Edge, else Playwright's own download."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from app.portal.errors import BrowserFailed
from app.portal.settings import PortalSettings

_NAMES = (
    "chromium-headless-shell",
    "chrome-headless-shell",
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_LINUX = (
    "/usr/bin/chromium-headless-shell",
    "/opt/google/chrome/chrome",
    "/usr/bin/google-chrome",
    "/usr/bin/chromium",
    "/usr/lib/chromium/chromium",
    "/snap/bin/chromium",
    "/opt/microsoft/msedge/msedge",
)
_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
_WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Chromium\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
)
_FLAGS = (
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
HOW_TO_GET_ONE = (
    "Install Google Chrome, Microsoft Edge or Chromium (Debian/Ubuntu: apt install chromium), or run "
    "'playwright install chromium', or set the browser's path in the settings."
)


@dataclass(frozen=True, slots=True)
class BrowserChoice:
    """The browser to start. ``path`` is ``None`` for Playwright's own download."""

    path: str | None
    source: str


def find_browser(
    setting: str | None = None,
    *,
    headless: bool = True,
    bundled: str | None = None,
    platform: str = sys.platform,
    which: Callable[[str], str | None] = shutil.which,
    exists: Callable[[str], bool] = os.path.exists,
    environ: Mapping[str, str] = os.environ,
) -> BrowserChoice:
    """The browser that will be used: setting → installed → Playwright's download (``bundled``: where that would be).

    Raises BrowserFailed when the set path does not exist, or when there is no browser at all; it says what to install.
    """
    if setting:
        found = setting if exists(setting) else which(setting)
        if not found:
            raise BrowserFailed(
                f"The browser set in the settings does not exist: {setting}.",
                code="browser_missing",
                action="Correct the browser's path in the settings, or remove it to use an installed browser.",
            )
        return BrowserChoice(found, "setting")
    for name in _NAMES:
        if not headless and "headless" in name:
            continue
        if found := which(name):
            return BrowserChoice(found, "path")
    for place in _places(platform, environ):
        if exists(place) and (headless or "headless" not in place):
            return BrowserChoice(place, "installed")
    if bundled and exists(bundled):
        return BrowserChoice(None, "playwright")
    raise BrowserFailed(
        "No browser was found: neither Chrome nor Chromium nor Edge.", code="browser_missing", action=HOW_TO_GET_ONE
    )


def _places(platform: str, environ: Mapping[str, str]) -> Iterable[str]:
    if platform == "darwin":
        home = environ.get("HOME", "")
        return (*_MACOS, *(home + place for place in _MACOS if home))
    if platform.startswith("win"):
        roots = (environ.get(name) for name in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"))
        return tuple(f"{root}\\{tail}" for root in roots if root for tail in _WINDOWS)
    return _LINUX


def launch_arguments(settings: PortalSettings, *, root: bool | None = None) -> list[str]:
    """Chromium's flags. Its sandbox stays on except for root, where Chromium refuses to start with it. Images are
    switched off in the engine, which costs nothing and keeps the HTTP cache (request interception switches it off)."""
    flags = list(_FLAGS)
    if settings.headless:
        flags.append("--disable-gpu")
    if not settings.load_images:
        flags.append("--blink-settings=imagesEnabled=false")
    if is_root() if root is None else root:
        flags.append("--no-sandbox")
    return flags


def is_root() -> bool:
    """Whether this process runs as root (never on Windows)."""
    return hasattr(os, "geteuid") and os.geteuid() == 0


def own_download(executable: str) -> str | None:
    """Where Playwright's download is, if it is there: the full browser or the headless shell beside it."""
    path = Path(executable)
    if path.exists():
        return str(path)
    # …/chromium-1234/chrome-linux/chrome → …/chromium_headless_shell-1234/…
    for parent in path.parents:
        if parent.name.startswith("chromium-"):
            shells = sorted(parent.parent.glob("chromium_headless_shell-*/*/*headless*shell*"))
            return str(shells[-1]) if shells else None
    return None
