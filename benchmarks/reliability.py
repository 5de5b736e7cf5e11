"""How many forms are verified without a person: on a portal without faults, and on one where each passing fault strikes
two of a hundred requests it can strike."""

import sys
from collections import Counter
from typing import Any

from app.config import get_settings
from benchmarks.portal import Portal, running_portal
from benchmarks.result import Row
from benchmarks.stack import Linked, running_product

VISITS, DISPENSERS, GRADES = 50, 4, 3
CHANCE = 0.02
FAULTS: dict[str, dict[str, Any]] = {
    "http_500": {},
    "http_429": {"retry_after": 1},
    "hang": {},
    "slow": {"ms": 800},
    "session_expired": {},
    "dropped_clicks": {"count": 1},
    "save_fails": {},
    "save_answer_lost": {},
    "create_fails": {},
    "create_answer_lost": {},
    "options_never": {},
}
_PROVEN = ("verified", "already_done")


def _share(portal: Portal, user: Linked, faults: dict[str, dict[str, Any]]) -> tuple[float, str]:
    """The share of forms that are proven, and what is told of the others. Fails when the portal holds a form too many."""
    visits = portal.ask("small_world", visits=VISITS, dispensers=DISPENSERS, grades=GRADES)["visits"]
    user.sync()
    portal.ask("faults", faults=faults, chance=CHANCE)
    verdicts = user.verdicts(user.run_batch())
    portal.ask("faults", faults={}, chance=CHANCE)
    created = portal.ask("counts")["kinds"]["create_form"]
    if created > visits * DISPENSERS:
        raise RuntimeError(f"{created} forms were added for {visits * DISPENSERS} dispensers")
    others = Counter(verdict for verdict, _ in verdicts if verdict not in _PROVEN)
    for verdict, reason in verdicts:
        if verdict not in _PROVEN:
            print(f"  {verdict}: {reason}", file=sys.stderr, flush=True)
    proven = sum(verdict in _PROVEN for verdict, _ in verdicts)
    told = ", ".join(f"{count} {verdict}" for verdict, count in others.items()) or "none other"
    return proven / (visits * DISPENSERS), f"{proven} of {visits * DISPENSERS} forms proven, {told}"


def reliability(_: bool) -> list[Row]:
    with running_portal() as portal, running_product(portal.url) as users:
        get_settings().portal_seconds = 8  # a request that hangs is given up sooner; the sandbox answers at once
        calm, calm_told = _share(portal, next(users), {})
        print(f"  without faults: {calm_told}", file=sys.stderr, flush=True)
        rough, rough_told = _share(portal, next(users), FAULTS)
    note = f"{CHANCE:.0%} of the requests each of {len(FAULTS)} passing faults can strike; {rough_told}"
    return [
        Row("verified-without-faults", calm, 1.0, calm, "", 1.0, calm_told, higher_is_better=True),
        Row("verified-with-faults", rough, 1.0, rough, "", 0.995, note, higher_is_better=True),
    ]
