"""Actions that are tried again while a form is worked on: which, how often, and when it is somebody else's turn."""

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from app.connection.breaker import FAILURES, Breaker, BreakerState
from app.forms.patience import LONGEST_WAIT, PatientPortal
from app.forms.portal import FormPortal
from app.kit.clock import VirtualClock
from app.portal.errors import (
    BrowserFailed,
    CredentialsRejected,
    EffectUnknown,
    PortalChanged,
    PortalError,
    PortalRefused,
    PortalTimeout,
    PortalUnreachable,
)
from app.portal.pages.form import GradeIntent

START = datetime(2026, 3, 4, 15, tzinfo=UTC)
GRADE = GradeIntent(grade="Regular", has_meter=True, prover_id="21-65431-01")


async def _ignore(_: object) -> None:
    """A listener that needs nothing."""


ACTIONS: dict[str, tuple[Any, ...]] = {
    "visit": (),
    "read_form": ("/f/1",),
    "fill_section_one": ("/f/1", (1, 2), "5 Gallon"),
    "open_grades": ("/f/1",),
    "fill_grade": ("/f/1", 536, 0, GRADE),
    "open_readings": ("/f/1", 536),
    "read_readings": ("/f/1", 537),
    "add_reading": ("/f/1", 537, 0, 4),
    "delete_last_reading": ("/f/1", 537, 0, 4),
    "fill_readings": ("/f/1", 537, (4,), (), _ignore),
}
SILENT = ("fill_section_one", "fill_grade")  # they answer nothing
NOT_REPEATED: dict[str, tuple[Any, ...]] = {"add_form": (), "picture": (Path("shot.png"),)}


class StumblingPortal:
    """Every action raises the given errors in turn, then answers its own name."""

    def __init__(self, *errors: PortalError) -> None:
        self.errors = list(errors)
        self.calls: list[tuple[str, tuple[Any, ...], datetime]] = []
        self.clock: VirtualClock | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def act(*given: Any, **named: Any) -> str:
            assert self.clock is not None
            self.calls.append((name, given, self.clock.at))
            if self.errors:
                raise self.errors.pop(0)
            return name

        return act


@pytest.fixture
def clock() -> Iterator[VirtualClock]:
    with VirtualClock(START) as running:
        yield running


def _patient(portal: StumblingPortal, clock: VirtualClock, breaker: Breaker | None = None) -> PatientPortal:
    portal.clock = clock
    return PatientPortal(cast("FormPortal", portal), breaker or Breaker(), 1.0, random.Random(7))


def test_every_action_of_the_port_is_accounted_for() -> None:
    public = {name for name in vars(FormPortal) if not name.startswith("_")}
    assert public == ACTIONS.keys() | NOT_REPEATED.keys()


@pytest.mark.parametrize("action", ACTIONS)
async def test_an_action_that_stumbles_is_repeated_a_little_later_each_time(action: str, clock: VirtualClock) -> None:
    portal = StumblingPortal(PortalTimeout("slow"), PortalUnreachable("gone"))
    answer = await getattr(_patient(portal, clock), action)(*ACTIONS[action])
    assert answer == (None if action in SILENT else action)
    assert [(name, given) for name, given, _ in portal.calls] == [(action, ACTIONS[action])] * 3
    first, second, third = (at for _, _, at in portal.calls)
    assert timedelta(seconds=0.5) <= second - first <= timedelta(seconds=1.5)
    assert timedelta(seconds=1) <= third - second <= timedelta(seconds=3)


async def test_the_third_failure_is_the_callers(clock: VirtualClock) -> None:
    portal = StumblingPortal(*(PortalTimeout(f"slow {n}") for n in range(5)))
    with pytest.raises(PortalTimeout, match="slow 2"):
        await _patient(portal, clock).read_form("/f/1")
    assert len(portal.calls) == 3


@pytest.mark.parametrize("action", NOT_REPEATED)
async def test_adding_a_form_and_taking_a_picture_are_not_repeated(action: str, clock: VirtualClock) -> None:
    portal = StumblingPortal(PortalTimeout("the answer was lost"))
    with pytest.raises(PortalTimeout):
        await getattr(_patient(portal, clock), action)(*NOT_REPEATED[action])
    assert (len(portal.calls), clock.at) == (1, START)


@pytest.mark.parametrize(
    "error",
    [
        CredentialsRejected("refused"),
        PortalChanged("another shape"),
        PortalRefused("not accepted"),
        EffectUnknown("sent, and then?"),
        BrowserFailed("it went away"),
        BrowserFailed("closed hard", code="watchdog"),
        BrowserFailed("closed", code="browser_closed"),
    ],
)
async def test_what_repetition_in_this_browser_cannot_help_is_raised_at_once(
    error: PortalError, clock: VirtualClock
) -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed("portal_timeout", START)
    portal = StumblingPortal(error)
    with pytest.raises(type(error)):
        await _patient(portal, clock, breaker).open_grades("/f/1")
    assert (len(portal.calls), clock.at, breaker.state(clock.at)) == (1, START, BreakerState.closed)


async def test_a_portal_that_asks_for_a_long_pause_is_not_waited_for_with_a_browser_open(clock: VirtualClock) -> None:
    long = LONGEST_WAIT.total_seconds() + 1
    portal = StumblingPortal(PortalUnreachable("busy", code="portal_busy", status=429, retry_after=long))
    with pytest.raises(PortalUnreachable):
        await _patient(portal, clock).visit()
    assert (len(portal.calls), clock.at) == (1, START)


async def test_a_portal_that_asks_for_a_short_pause_gets_it(clock: VirtualClock) -> None:
    portal = StumblingPortal(PortalUnreachable("busy", code="portal_busy", status=429, retry_after=20))
    await _patient(portal, clock).visit()
    assert [at - START for _, _, at in portal.calls] == [timedelta(0), timedelta(seconds=20)]


async def test_nobody_asks_any_more_once_the_breaker_opens(clock: VirtualClock) -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 1):
        breaker.failed("portal_timeout", START)
    portal = StumblingPortal(PortalTimeout("slow"))
    with pytest.raises(PortalTimeout):
        await _patient(portal, clock, breaker).visit()
    assert len(portal.calls) == 1
    assert breaker.state(clock.at) is BreakerState.open


async def test_an_answer_makes_earlier_failures_forgotten(clock: VirtualClock) -> None:
    breaker = Breaker()
    for _ in range(FAILURES - 2):
        breaker.failed("portal_timeout", START)
    patient = _patient(StumblingPortal(PortalTimeout("slow")), clock, breaker)
    await patient.visit()
    for _ in range(FAILURES - 1):
        breaker.failed("portal_timeout", clock.at)
    assert breaker.state(clock.at) is BreakerState.closed


async def test_a_fresh_look_stays_a_fresh_look(clock: VirtualClock) -> None:
    asked: list[bool] = []

    class Looked(StumblingPortal):
        async def visit(self, *, fresh: bool = False) -> str:
            asked.append(fresh)
            if len(asked) < 2:
                raise PortalTimeout("slow")
            return "visit"

    patient = _patient(Looked(), clock)
    await patient.visit(fresh=True)
    await patient.visit()
    assert asked == [True, True, False]
