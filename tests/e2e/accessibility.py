"""What every screen owes everybody: no serious finding of axe in either theme or on a phone, a title, a focus to see."""

from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from tests.e2e.screen import DESKTOP, PHONE, Screen

_AXE = Path(__file__).parents[2] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
# All rules once for each size; what a theme can change for each theme as well.
_EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
_COLOURS = {**_EVERYTHING, "runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
_LOOKS: tuple[tuple[Literal["light", "dark"], tuple[int, int], dict[str, Any]], ...] = (
    ("light", DESKTOP, _EVERYTHING),
    ("dark", DESKTOP, _COLOURS),
    ("dark", PHONE, _EVERYTHING),
    ("light", PHONE, _COLOURS),
)
_RUN = """(options) => axe.run(document, options).then(({violations}) => violations
  .filter(({impact}) => impact === 'serious' || impact === 'critical')
  .flatMap(({id, nodes}) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`)))"""
# Wider than the screen, and who is it: parts that scroll by themselves are allowed to be.
_OVERFLOW = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
_CALM = """([scheme, width]) => innerWidth === width
  && document.documentElement.dataset.mantineColorScheme === scheme
  && document.fonts.status === 'loaded'
  && document.getAnimations().every((one) => one.playState !== 'running'
       || one.effect.getComputedTiming().iterations === Infinity)"""
_STYLES = """async () => {
  const look = (node) => {
    const style = getComputedStyle(node);
    return [style.outlineStyle === 'none' ? '' : style.outline, style.boxShadow, style.borderColor,
            style.backgroundColor].join('|');
  };
  // A field in a frame of its own shows its focus on the frame; a hidden box on what stands beside it.
  const around = (node) => {
    const found = [node.nextElementSibling];
    for (let at = node; at && found.length < 6; at = at.parentElement) found.push(at);
    return found.filter(Boolean).map(look).join('\\n');
  };
  // The next Tab begins at the top of the page, wherever the focus was.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
  await Promise.all(document.getAnimations().filter((one) => one.effect.getComputedTiming().iterations !== Infinity)
    .map((one) => one.finished.catch(() => undefined)));
  window.calm = new Map([...document.querySelectorAll('a, button, input, select, [tabindex]')]
    .map((node) => [node, around(node)]));
  window.look = around;
}"""
# What has the focus; judged again for a moment while it still moves into its place.
_STOP = """async () => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const judge = () => {
    const box = node.getBoundingClientRect();
    return {
      who: node.outerHTML.slice(0, 160),
      number: [...window.calm.keys()].indexOf(node),
      seen: !window.calm.has(node) || window.look(node) !== window.calm.get(node),
      inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
  };
  const until = performance.now() + 1000;
  while (performance.now() < until && !(judge().seen && judge().inside))
    await new Promise((next) => requestAnimationFrame(next));
  return judge();
}"""


@lru_cache
def _axe() -> str:
    return _AXE.read_text(encoding="utf-8")


def findings(screen: Screen) -> list[str]:
    """What is wrong with the screen as it stands, in both themes, on a desk and on a phone."""
    page = screen.page
    found: list[str] = []
    for scheme, (width, height), options in _LOOKS:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": height})
        screen.wait(_CALM, f"the {scheme} theme at {width} px", [scheme, width])
        where = f"{page.url.removeprefix(screen.url)} ({scheme}, {width} px)"
        if not page.evaluate("'axe' in window"):
            page.evaluate(_axe())
        found += [f"{where}: {text}" for text in page.evaluate(_RUN, options)]
        over = page.evaluate(_OVERFLOW)
        if over > 0:
            found.append(f"{where}: {over} px wider than the screen")
        if page.locator("h1:visible").count() != 1:
            found.append(f"{where}: {page.locator('h1:visible').count()} headings of level 1")
        if not page.title().endswith("· FossaWork"):
            found.append(f"{where}: the title is {page.title()!r}")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    screen.wait(_CALM, "the light theme", ["light", DESKTOP[0]])
    return found


def focus_findings(screen: Screen, at_least: int) -> list[str]:
    """Goes through the screen with the Tab key: the focus is always to be seen, inside the window, and never caught."""
    page = screen.page
    page.evaluate(_STYLES)
    found: list[str] = []
    met: list[int] = []
    for _ in range(120):
        page.keyboard.press("Tab")
        stop: dict[str, Any] | None = page.evaluate(_STOP)
        if stop is None or stop["number"] in met:
            break
        met.append(stop["number"])
        if not stop["seen"]:
            found.append(f"{page.url}: the focus cannot be seen at {stop['who']}")
        if not stop["inside"]:
            found.append(f"{page.url}: the focus is outside the window at {stop['who']}")
    if len(met) < at_least:
        found.append(f"{page.url}: the Tab key reaches {len(met)} places, at least {at_least} were expected")
    return found
