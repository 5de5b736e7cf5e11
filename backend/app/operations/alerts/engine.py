"""The alert engine: a pure function of the clock, samples, and what it knew before.

pending → firing → acknowledged → resolved. Silenced and inhibited are marks beside these states, not states: a silenced alert
goes on being seen, and is told of when the silence ends. A sample whose value is unknown moves nothing in either
direction: it neither fires nor resolves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.operations.alerts.rules import BY_ID, RULES, Rule
from app.operations.terms import Priority

BY_ITSELF = "engine"  # who resolves what is over by itself
# What is back within this time of its end is the same trouble again, not a new one.
REOPEN = timedelta(minutes=10)
# So many returns make it a flapping one: its good times must last this much longer before it counts as over.
FLAPS, FLAP_PATIENCE = 3, 3
# A trouble not looked at for longer than this (the machine slept) starts to count anew.
_STALE = timedelta(minutes=5)
Fingerprint = tuple[str, str]


class Phase(StrEnum):
    pending = "pending"
    firing = "firing"
    acknowledged = "acknowledged"
    resolved = "resolved"


ACTIVE = (Phase.firing, Phase.acknowledged)


@dataclass(frozen=True, slots=True)
class Sample:
    """What a signal said of a component at an instant. ``value`` ``None``: it could not be told; never 0 instead."""

    signal: str
    component: str
    value: float | None
    at: datetime
    words: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """One alert as the engine knows it."""

    id: str
    rule: str
    component: str
    priority: Priority
    phase: Phase
    pending_at: datetime
    fired_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    silenced: str | None = None
    inhibited: str | None = None
    bad_samples: int = 1
    good_samples: int = 0
    good_since: datetime | None = None
    last_sample_at: datetime | None = None
    last_value: float | None = None
    flaps: int = 0
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def fingerprint(self) -> Fingerprint:
        return self.rule, self.component

    @property
    def muted(self) -> bool:
        return self.silenced is not None or self.inhibited is not None


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an alert in this evaluation: ``pending``, ``dropped``, ``fired``, ``again``, ``raised``, ``resolved``,
    ``silenced``, ``unsilenced``, ``inhibited``, ``uninhibited``."""

    what: str
    state: State
    words: str


@dataclass(frozen=True, slots=True)
class Mute:
    """A silence or a maintenance window that is in force. ``component`` ``None``: all."""

    rules: frozenset[str]
    component: str | None
    why: str

    def covers(self, state: State) -> bool:
        return state.rule in self.rules and self.component in (None, state.component)


def evaluate(
    now: datetime,
    samples: Iterable[Sample],
    states: Sequence[State],
    *,
    recent: Mapping[Fingerprint, State],
    mutes: Sequence[Mute],
    new_id: Callable[[], str],
    rules: Sequence[Rule] = RULES,
) -> tuple[list[State], list[Change]]:
    """The alerts after these samples, and what changed. ``states``: those that are not over; ``recent``: those that ended
    within :data:`REOPEN`. What is dropped or resolved is in the answer once more, with its last change."""
    known = {state.fingerprint: state for state in states}
    changes: list[Change] = []
    by_signal: dict[str, list[Sample]] = {}
    for sample in samples:
        by_signal.setdefault(sample.signal, []).append(sample)
    for rule in rules:
        for sample in by_signal.get(rule.signal, []):
            if sample.value is None:
                continue
            key = (rule.id, sample.component)
            before = known.get(key)
            after, change = _step(now, rule, sample, before, recent.get(key), new_id)
            if after is None:
                known.pop(key, None)
            else:
                known[key] = after
            if change is not None:
                changes.append(change)
    # What has just ended still explains what it has left in windows of minutes (errors, a burnt budget).
    causes = {rule for rule, _ in recent} | {s.rule for s in known.values() if s.phase is not Phase.pending}
    return _marked(list(known.values()), causes, mutes, changes)


def _step(
    now: datetime,
    rule: Rule,
    sample: Sample,
    state: State | None,
    ended: State | None,
    new_id: Callable[[], str],
) -> tuple[State | None, Change | None]:
    value = sample.value
    assert value is not None
    if state is not None and state.last_sample_at is not None and sample.at <= state.last_sample_at:
        return state, None  # seen before: looking twice at one sample makes it no second one
    priority = rule.priority_of(value)
    evidence = {"value": value, "words": sample.words, "at": sample.at.isoformat(), **sample.data}
    if state is None:
        if priority is None:
            return None, None
        state = State(
            id=new_id(),
            rule=rule.id,
            component=sample.component,
            priority=priority,
            phase=Phase.pending,
            pending_at=now,
            bad_samples=0,
        )
        first = True
    else:
        first = False
    seen = replace(state, last_sample_at=sample.at, last_value=value)
    if state.phase is Phase.pending:
        return _pending(now, rule, seen, priority, ended, evidence, sample.words, first=first, before=state)
    return _active(now, rule, seen, priority, evidence, sample.words)


def _pending(
    now: datetime,
    rule: Rule,
    state: State,
    priority: Priority | None,
    ended: State | None,
    evidence: Mapping[str, Any],
    words: str,
    *,
    first: bool,
    before: State,
) -> tuple[State | None, Change | None]:
    if priority is None:
        return None, Change("dropped", state, "It was over before it counted.")
    gap = now - before.last_sample_at if before.last_sample_at is not None else timedelta()
    if gap > max(rule.hold, _STALE):
        state = replace(state, pending_at=now, bad_samples=0)
    state = replace(state, bad_samples=state.bad_samples + 1, priority=priority, evidence=evidence)
    if state.bad_samples < rule.samples or now - state.pending_at < rule.hold:
        return state, Change("pending", state, words) if first else None
    if ended is not None and ended.resolved_at is not None and now - ended.resolved_at <= REOPEN:
        state = replace(
            state,
            id=ended.id,
            pending_at=ended.pending_at,
            flaps=ended.flaps + 1,
        )
        return _fire(now, state, "again", words)
    return _fire(now, state, "fired", words)


def _fire(now: datetime, state: State, what: str, words: str) -> tuple[State, Change]:
    fired = replace(
        state,
        phase=Phase.firing,
        fired_at=now,
        acknowledged_at=None,
        acknowledged_by=None,
        resolved_at=None,
        resolved_by=None,
        good_samples=0,
        good_since=None,
    )
    return fired, Change(what, fired, words)


def _active(
    now: datetime, rule: Rule, state: State, priority: Priority | None, evidence: Mapping[str, Any], words: str
) -> tuple[State, Change | None]:
    if priority is not None:
        worse = priority < state.priority  # "p1" sorts before "p2"
        state = replace(state, good_samples=0, good_since=None, evidence=evidence)
        if not worse:
            return state, None
        raised = replace(
            state, priority=priority, phase=Phase.firing, fired_at=now, acknowledged_at=None, acknowledged_by=None
        )
        return raised, Change("raised", raised, words)
    assert state.last_value is not None
    if not rule.is_good(state.last_value):
        return replace(state, good_samples=0, good_since=None), None
    state = replace(state, good_samples=state.good_samples + 1, good_since=state.good_since or now)
    assert state.good_since is not None
    patience = FLAP_PATIENCE if state.flaps >= FLAPS else 1
    long_enough = now - state.good_since >= rule.clear_hold * patience
    if rule.manual or state.good_samples < rule.clear_samples * patience or not long_enough:
        return state, None
    return resolve(state, now, BY_ITSELF, words)


def resolve(state: State, now: datetime, by: str, words: str) -> tuple[State, Change]:
    """Ends an alert: by itself, or by a person (the only way for one that says so)."""
    over = replace(state, phase=Phase.resolved, resolved_at=now, resolved_by=by, silenced=None, inhibited=None)
    return over, Change("resolved", over, words)


def acknowledge(state: State, now: datetime, by: str) -> tuple[State, Change | None]:
    """Somebody looks after it: nobody else is called. Once only; what is over stays over."""
    if state.phase is not Phase.firing:
        return state, None
    seen = replace(state, phase=Phase.acknowledged, acknowledged_at=now, acknowledged_by=by)
    return seen, Change("acknowledged", seen, f"{by} looks after it.")


def _marked(
    states: list[State], causes: set[str], mutes: Sequence[Mute], changes: list[Change]
) -> tuple[list[State], list[Change]]:
    """Sets the marks of silences and of alerts that explain others; a mark that comes or goes is a change."""
    marked = []
    for state in states:
        if state.phase not in ACTIVE:
            marked.append(state)
            continue
        silenced = next((mute.why for mute in mutes if mute.covers(state)), None)
        rule = BY_ID.get(state.rule)
        cause = next((rule_id for rule_id in rule.inhibited_by if rule_id in causes), None) if rule else None
        inhibited = f"explained by {cause}" if cause else None
        after = replace(state, silenced=silenced, inhibited=inhibited)
        for name, old, new in (
            ("silenced", state.silenced, silenced),
            ("inhibited", state.inhibited, inhibited),
        ):
            if (old is None) != (new is None):
                changes.append(Change(name if new else f"un{name}", after, new or f"was {old}"))
        marked.append(after)
    latest = {state.id: state for state in marked}
    return marked, [replace(change, state=latest.get(change.state.id, change.state)) for change in changes]
