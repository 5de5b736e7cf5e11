"""The built UI: how soon something is painted, and how much script has to come before."""

import asyncio
import gzip
import re
from pathlib import Path

from playwright.async_api import async_playwright

from app.portal.settings import PortalSettings
from benchmarks.bare import launch
from benchmarks.portal import ROOT
from benchmarks.result import Row, Skipped, against, median, spread
from benchmarks.server import running_server

DIST = ROOT / "frontend" / "dist"
PAINT_LIMIT_MS, SCRIPT_LIMIT_KB = 1000.0, 250.0
_PAINT = """() => new Promise((resolve) => {
  new PerformanceObserver((list) => {
    const entry = list.getEntries().find((item) => item.name === "first-contentful-paint");
    if (entry) resolve(entry.startTime);
  }).observe({ type: "paint", buffered: true });
})"""


def _index() -> str:
    try:
        return (DIST / "index.html").read_text(encoding="utf-8")
    except OSError as error:
        raise Skipped("no build: frontend/dist is missing (python3 dev.py setup makes it)") from error


async def _paints(url: str, loads: int) -> list[float]:
    async with async_playwright() as driver:
        browser = await launch(driver, PortalSettings(load_images=True))
        times = []
        for _ in range(loads):
            context = await browser.new_context(viewport={"width": 1280, "height": 800})  # with an empty cache
            page = await context.new_page()
            await page.goto(url, wait_until="commit")
            times.append(float(await page.evaluate(_PAINT)))
            await context.close()
        await browser.close()
        return times


def first_paint(quick: bool) -> list[Row]:
    """First contentful paint of a cold load from the product's own server."""
    _index()
    with running_server() as url:
        times = asyncio.run(_paints(url, 3 if quick else 7))
    note = f"median of {len(times)} cold loads: {' '.join(f'{time:.0f}' for time in times)}"
    return [against("first-paint", median(times), PAINT_LIMIT_MS, "ms", note=note)]


def initial_js(_: bool) -> list[Row]:
    """Every script that index.html loads or preloads, each compressed on its own."""
    index = _index()
    tags = re.findall(r"<(?:script|link)\b[^>]*>", index)
    names = [_address(tag) for tag in tags if tag.startswith("<script") or "modulepreload" in tag]
    files = [DIST / name.lstrip("/") for name in names if name]
    if not files:
        raise RuntimeError("index.html loads no script")
    try:
        sizes = [_compressed(path) for path in files]
    except OSError as error:
        raise Skipped(f"no whole build: {error}") from error
    note = f"gzip -6 of {len(files)} files: {spread([size / 1000 for size in sizes])}"
    return [against("initial-js", sum(sizes) / 1000, SCRIPT_LIMIT_KB, "kB", note=note)]


def _address(tag: str) -> str | None:
    found = re.search(r'(?:src|href)="([^"]+)"', tag)
    return found.group(1) if found else None


def _compressed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), compresslevel=6, mtime=0))
