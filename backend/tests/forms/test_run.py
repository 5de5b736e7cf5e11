"""The patience of a run with the portal, and what it tells the breaker."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.activity.schemas import JobKind
from app.activity.service import Reporter
from app.connection.breaker import FAILURES, Breaker
from app.forms.run import PortalDown, Runner
from app.kit.clock import VirtualClock
from app.portal.errors import EffectUnknown, FormBoundElsewhere, PortalError, PortalUnreachable

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)
REPORT = Reporter("u", JobKind.batch, "b")


class _Portals:
    """A portal that answers each look with the next of these errors."""

    def __init__(self, breaker: Breaker, *errors: PortalError) -> None:
        self._breaker, self._errors = breaker, list(errors)

    async def breaker(self, user_id: str) -> Breaker:
        return self._breaker

    async def look(self, *_: Any) -> Any:
        raise self._errors.pop(0)

    async def of(self, *_: Any) -> Any:
        raise NotImplementedError

    async def renew(self, run_id: str, *, broken: bool) -> None:
        return None

    async def close(self, run_id: str) -> None:
        return None


def _opened(at: datetime) -> Breaker:
    breaker = Breaker()
    for _ in range(FAILURES):
        breaker.failed("portal_unreachable", at)
    return breaker


async def test_nobody_asks_while_the_portal_is_left_alone() -> None:
    with VirtualClock(NOW), pytest.raises(PortalDown):
        await Runner(_Portals(_opened(NOW))).look("b", "u", "/v", REPORT)


async def test_a_portal_that_says_no_works_again() -> None:
    breaker = _opened(NOW)
    with VirtualClock(NOW + timedelta(minutes=2)) as clock:
        with pytest.raises(FormBoundElsewhere):
            await Runner(_Portals(breaker, FormBoundElsewhere("taken"))).look("b", "u", "/v", REPORT)
        assert breaker.admit(clock.at) is None


async def test_a_portal_that_is_still_down_is_left_alone_for_longer() -> None:
    breaker = _opened(NOW)
    with VirtualClock(NOW + timedelta(minutes=2)) as clock:
        with pytest.raises(PortalDown):
            await Runner(_Portals(breaker, PortalUnreachable("gone"))).look("b", "u", "/v", REPORT)
        again = breaker.admit(clock.at)
        assert again is not None and again > NOW + timedelta(minutes=3)


async def test_what_may_still_come_is_looked_for_later() -> None:
    with VirtualClock(NOW), pytest.raises(PortalDown) as down:
        await Runner(_Portals(Breaker(), EffectUnknown("sent, and then?"))).look("b", "u", "/v", REPORT)
    assert down.value.until - NOW >= timedelta(seconds=45)
