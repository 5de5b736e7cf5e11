"""Faults that a test can switch on: what exists, which request an armed fault applies to, and how often."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .model import Fault
from .world import World

# name → (what it does, keys of `match` that are parameters and not conditions)
FAULTS: dict[str, tuple[str, tuple[str, ...]]] = {
    "http_500": ("the answer is a server error", ()),
    "http_429": ("the answer is 'too many requests'", ("retry_after",)),
    "hang": ("no answer until the client gives up", ()),
    "slow": ("the answer takes `ms` longer", ("ms",)),
    "session_expired": ("the account's session ends before this request (use `after` for mid-way)", ()),
    "login_page": ("a protected address answers with the login document although the session lives", ()),
    "foreign_page": ("a maintenance page of somebody else instead of the portal", ("status",)),
    "dropped_clicks": ("the first `count` clicks on the page (in `selector`) do nothing", ("count", "selector")),
    "save_fails": ("a save answers 500 and stores nothing", ()),
    "save_answer_lost": ("a save is stored, its answer is lost", ("mode",)),
    "create_fails": ("creating a form answers 500 and creates nothing", ()),
    "create_answer_lost": ("a form is created, the answer is lost", ("mode",)),
    "rename": (
        "the markup changes: `what` = work_list_item, equipment_heading, iteration_ids, has_meter_field",
        ("what",),
    ),
    "modal": ("a modal with Cancel lies over the page", ()),
    "list_truncated": ("a list page has `drop` rows fewer than it should", ("drop",)),
    "empty_list": ("the list is empty; `matches` = zero or kept", ("matches",)),
    "options_never": ("the option list of a ks-select never arrives", ()),
    "lost_hydration": ("the first click on each equipment heading is lost", ()),
    "stuck_page": ("the page's script never ends: the browser's tab answers nothing any more", ()),
}
CONDITIONS = ("kind", "page", "path", "user", "method", "entry_id", "work_id", "section", "select")
# Faults that only make sense for one kind of request; a condition of the test narrows further.
KINDS: dict[str, tuple[str, ...]] = {
    "login_page": ("shell",),
    "foreign_page": ("shell",),
    "dropped_clicks": ("shell",),
    "rename": ("shell",),
    "modal": ("shell",),
    "lost_hydration": ("shell",),
    "stuck_page": ("shell",),
    "save_fails": ("save",),
    "save_answer_lost": ("save",),
    "create_fails": ("create_form",),
    "create_answer_lost": ("create_form",),
    "list_truncated": ("list",),
    "empty_list": ("list",),
    "options_never": ("options",),
}
RENAMES = ("work_list_item", "equipment_heading", "iteration_ids", "has_meter_field")


@dataclass(frozen=True)
class Facts:
    """What is known of a request when faults are looked up."""

    kind: str
    path: str
    method: str = "GET"
    user: str | None = None
    page: str | None = None
    entry_id: int | None = None
    work_id: int | None = None
    section: str | None = None
    select: str | None = None


def arm(world: World, fault: str, times: int | None = 1, match: Mapping[str, Any] | None = None) -> Fault:
    """Switch a fault on for the next `times` matching requests (None = until cleared).

    `match` holds conditions (`kind`, `page`, `path` as a regular expression, `user`, `method`, `entry_id`, `work_id`,
    `section`, `select`), `after` (that many matching requests pass first), `chance` (0 to 1: how likely each matching
    request is hit; the dice are the world's, so that a run repeats, or those of `seed`) and the fault's own parameters.
    Raises ValueError for an unknown fault, key or value.
    """
    match = dict(match or {})
    if fault not in FAULTS:
        raise ValueError(f"unknown fault {fault!r}; known: {', '.join(sorted(FAULTS))}")
    allowed = {*CONDITIONS, "after", "chance", "seed", *FAULTS[fault][1]}
    if set(match) - allowed:
        raise ValueError(f"fault {fault} does not understand: {', '.join(sorted(set(match) - allowed))}")
    if fault == "rename" and match.get("what") not in RENAMES:
        raise ValueError(f"rename needs what = one of {', '.join(RENAMES)}")
    if "chance" in match and not 0 <= float(match["chance"]) <= 1:
        raise ValueError("chance must be between 0 and 1")
    if times is not None and times < 1:
        raise ValueError("times must be at least 1, or null")
    with world.lock:
        armed = Fault(fault=fault, times=times, match=match, skip=int(match.get("after", 0)))
        world.state.faults.append(armed)
        world.persist()
        return armed


def clear(world: World) -> None:
    """Switch every fault off."""
    with world.lock:
        world.state.faults.clear()
        world.persist()


def _matches(fault: Fault, facts: Facts) -> bool:
    kinds = KINDS.get(fault.fault)
    if kinds and facts.kind not in kinds:
        return False
    for key in CONDITIONS:
        if key not in fault.match:
            continue
        wanted, actual = fault.match[key], getattr(facts, key)
        if key == "path":
            if not re.search(str(wanted), facts.path):
                return False
        elif str(wanted) != str(actual):
            return False
    return True


def _strikes(fault: Fault, world_seed: int) -> bool:
    """Roll the dice of a fault with `chance`. Each fault has its own, which depend on nothing but the seed and on how
    often they were rolled."""
    if "chance" not in fault.match:
        return True
    fault.rolls += 1
    dice = random.Random(f"{fault.match.get('seed', world_seed)}-{fault.fault}-{fault.rolls}")
    return dice.random() < float(fault.match["chance"])


def take_all(world: World, facts: Facts, *names: str, limit: int | None = None) -> list[Fault]:
    """The armed faults among `names` that apply to the request, at most `limit`; they are counted as used."""
    taken: list[Fault] = []
    with world.lock:
        for fault in world.state.faults:
            if limit is not None and len(taken) == limit:
                break
            if fault.fault not in names or not _matches(fault, facts):
                continue
            if fault.skip > 0:
                fault.skip -= 1
            elif (fault.times is None or fault.hits < fault.times) and _strikes(fault, world.state.seed):
                fault.hits += 1
                taken.append(fault)
    return taken


def take(world: World, facts: Facts, *names: str) -> Fault | None:
    """The first armed fault among `names` that applies to the request; it is counted as used."""
    taken = take_all(world, facts, *names, limit=1)
    return taken[0] if taken else None
