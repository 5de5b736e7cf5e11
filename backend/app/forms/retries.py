"""When and how often something is tried again at the portal. Pure.

Only passing trouble is tried again, a bounded number of times, each time later and never at the same moment as
everybody else (exponential back-off with jitter); and what has an unknown effect, after the time it may take to be
seen. A portal that asks for a pause gets it.
"""

import random
from datetime import datetime, timedelta

from app.portal.errors import PortalError

TRIES = 6
# How long an effect of which nobody knows may take to be seen, until it counts as not having happened.
SETTLING = timedelta(seconds=60)
_LONGEST_SECONDS = 30.0


def may_try_again(error: PortalError, tried: int) -> bool:
    """``tried``: attempts so far, this one included."""
    return error.kind in ("transient", "unknown_effect") and tried < TRIES


def next_try(error: PortalError, tried: int, now: datetime, *, base_seconds: float, rng: random.Random) -> datetime:
    """When to try again: 1, 2, 4 … times the base, half to one and a half of it, at most half a minute; or what the portal
    asked for, when that is longer."""
    seconds = min(_LONGEST_SECONDS, base_seconds * 2 ** (tried - 1)) * (0.5 + rng.random())
    asked = error.details.get("retry_after")
    return now + timedelta(seconds=max(seconds, float(asked)) if asked else seconds)


def breaks_browser(error: PortalError) -> bool:
    """Whether the browser itself is not to be used any more."""
    return error.code in ("browser_failed", "browser_closed", "watchdog")
