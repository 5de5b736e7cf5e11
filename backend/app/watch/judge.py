"""When is the server down, and who has to call for help? Pure: from one probe after the other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

# Seed and operations spec §4.4: two failed probes 30 s apart make an outage, three good ones end it.
BAD_PROBES, GOOD_PROBES = 2, 3
# A gap between probes longer than this (the machine slept) proves nothing about the time in between.
LONGEST_GAP_SECONDS = 120.0


class Result(Enum):
    good = "good"
    bad = "bad"


@dataclass(frozen=True, slots=True)
class Probe:
    """One look at the server. ``pages``: the server said that it calls people itself. ``at``: seconds since 1970."""

    at: float
    result: Result
    reason: str = ""
    pages: bool = False
    milliseconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Outage:
    """``began``: the first failed probe; ``detected``: the one that settled it; ``recovered``: the first of the good ones.

    What was done about it belongs to it, so that it ends with it: ``taken``: the calls that were made, and when;
    ``acknowledged``: when somebody said that they look after it; ``receipts``: of telephones that may still ring."""

    began: float
    detected: float
    reason: str
    called: float | None = None
    recovered: float | None = None
    over: float | None = None
    taken: Mapping[str, float] = field(default_factory=dict)
    acknowledged: float | None = None
    receipts: Sequence[Mapping[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Judge:
    """What is known so far. :func:`see` makes the next one."""

    bad: int = 0
    good: int = 0
    first_bad: float | None = None
    first_good: float | None = None
    last_at: float | None = None
    outage: Outage | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do after a probe: ``call`` people now; ``told``: an outage that has just been settled or has just ended."""

    judge: Judge
    call: bool = False
    told: Outage | None = None


def see(judge: Judge, probe: Probe) -> Verdict:
    gap = judge.last_at is not None and probe.at - judge.last_at > LONGEST_GAP_SECONDS
    if gap and judge.outage is None:
        judge = Judge()  # the machine slept: start to count anew
    judge = replace(judge, last_at=probe.at)
    if probe.result is Result.good:
        return _good(judge, probe)
    return _bad(judge, probe)


def _bad(judge: Judge, probe: Probe) -> Verdict:
    judge = replace(
        judge,
        bad=judge.bad + 1,
        good=0,
        first_good=None,
        first_bad=judge.first_bad if judge.first_bad is not None else probe.at,
    )
    if judge.bad < BAD_PROBES and judge.outage is None:
        return Verdict(judge)
    told = None
    if judge.outage is None:
        assert judge.first_bad is not None
        told = Outage(began=judge.first_bad, detected=probe.at, reason=probe.reason)
        judge = replace(judge, outage=told)
    outage = judge.outage
    assert outage is not None
    # A server that is up but not ready calls people itself, as long as it says so: nobody is called twice.
    if outage.called is None and not probe.pages:
        called = replace(outage, called=probe.at)
        return Verdict(replace(judge, outage=called), call=True, told=called if told is not None else None)
    return Verdict(judge, told=told)


def _good(judge: Judge, probe: Probe) -> Verdict:
    judge = replace(
        judge,
        good=judge.good + 1,
        bad=0,
        first_bad=None,
        first_good=judge.first_good if judge.first_good is not None else probe.at,
    )
    if judge.outage is None or judge.good < GOOD_PROBES:
        return Verdict(judge)
    over = replace(judge.outage, recovered=judge.first_good, over=probe.at)
    return Verdict(Judge(last_at=probe.at), told=over)
