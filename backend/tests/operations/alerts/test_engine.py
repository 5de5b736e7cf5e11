"""The engine under a clock of its own: every rule fires when it must, does not when it must not, and unknown moves nothing."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.operations.alerts.engine import (
    ACTIVE,
    REOPEN,
    Change,
    Fingerprint,
    Mute,
    Phase,
    Sample,
    State,
    acknowledge,
    evaluate,
    resolve,
)
from app.operations.alerts.rules import BY_ID, RULES
from app.operations.terms import Priority

START = datetime(2026, 3, 2, 14, tzinfo=UTC)
TICK = timedelta(seconds=15)


@dataclass
class Story:
    """Evaluates every 15 seconds and remembers what a service would."""

    now: datetime = START
    states: list[State] = field(default_factory=list)
    ended: dict[Fingerprint, State] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    mutes: list[Mute] = field(default_factory=list)
    new_id: Callable[[], str] = field(default_factory=lambda: map(str, itertools.count(1)).__next__)

    def tick(self, *samples: tuple[str, str, float | None], step: timedelta = TICK) -> list[Change]:
        self.now += step
        found = [Sample(signal, component, value, self.now) for signal, component, value in samples]
        recent = {k: s for k, s in self.ended.items() if s.resolved_at and self.now - s.resolved_at <= REOPEN}
        states, changes = evaluate(self.now, found, self.states, recent=recent, mutes=self.mutes, new_id=self.new_id)
        for state in states:
            if state.phase is Phase.resolved:
                self.ended[state.fingerprint] = state
        self.states = [state for state in states if state.phase is not Phase.resolved]
        self.changes += changes
        return changes

    def hold(self, seconds: float, *samples: tuple[str, str, float | None]) -> list[Change]:
        return [change for _ in range(int(seconds // 15)) for change in self.tick(*samples)]

    def alert(self, rule: str) -> State:
        return next(state for state in self.states if state.rule == rule)

    def firing(self) -> dict[str, Priority]:
        return {state.rule: state.priority for state in self.states if state.phase in ACTIVE}


# rule, a value that fires, its priority, a value that does not (the nearest one)
CASES = [
    ("system_down", 1, "p1", 0),
    ("auth_down", 1, "p1", 0),
    ("data_corruption", 1, "p1", 0),
    ("security_breach", 2, "p1", 1),
    ("db_down", 1, "p1", 0),
    ("slow_api", 5.1, "p2", 4.9),
    ("automation_failures", 0.11, "p2", 0.10),
    ("error_rate", 0.051, "p2", 0.05),
    ("logged_errors", 1, "p2", 0),
    ("logged_attacks", 1, "p2", 0),
    ("logged_attacks", 2, "p1", 0),
    ("cert_expiry", 29, "p2", 31),
    ("cert_expiry", 3, "p1", 31),
    ("feature_failure", 1, "p3", 0),
    ("slow_api_minor", 2.1, "p3", 2.0),
    ("log_disk", 0.80, "p3", 0.79),
    ("log_disk", 0.90, "p2", 0.79),
    ("backup_invalid", 26.1 * 3600, "p3", 26 * 3600),
    ("backup_invalid", 49 * 3600, "p2", 26 * 3600),
    ("cpu_high", 0.86, "p3", 0.85),
    ("memory_high", 0.91, "p3", 0.90),
    ("sync_lag", 301, "p3", 300),
    ("sync_lag", 1801, "p2", 300),
    ("scheduler_stale", 46, "p2", 45),
    ("collector_stale", 61, "p2", 60),
    ("signal_unknown", 601, "p3", 600),
    ("watcher_silent", 181, "p2", 180),
    ("alert_path_broken", 1, "p2", 0),
    ("slo_burn_critical", 4, "p1", 0),
    ("slo_burn_critical", 3, "p2", 0),
    ("slo_burn", 3, "p2", 0),
    ("slo_burn", 1, "p3", 0),
]


def test_every_rule_has_a_case() -> None:
    assert {case[0] for case in CASES} == {rule.id for rule in RULES}


@pytest.mark.parametrize(("rule_id", "bad", "priority", "fine"), CASES)
def test_a_rule_fires_at_its_limit_and_not_before(rule_id: str, bad: float, priority: str, fine: float) -> None:
    rule = BY_ID[rule_id]
    patience = max(rule.hold.total_seconds(), 15 * (rule.samples - 1)) + 15
    story = Story()
    story.hold(patience + 60, (rule.signal, "x", fine))
    assert rule_id not in story.firing()
    story.hold(patience - 15, (rule.signal, "x", bad))
    assert rule_id not in story.firing(), "before its time"
    story.hold(30, (rule.signal, "x", bad))
    assert story.firing()[rule_id] == priority


@pytest.mark.parametrize("rule_id", BY_ID)
def test_a_rule_is_over_only_on_the_good_side_and_after_its_time(rule_id: str) -> None:
    bad = next(case[1] for case in CASES if case[0] == rule_id)
    known = BY_ID[rule_id]
    story = Story()
    story.hold(known.hold.total_seconds() + 15 * known.samples + 15, (known.signal, "x", bad))
    assert rule_id in story.firing()
    story.hold(known.clear_hold.total_seconds() + 15 * known.clear_samples + 30, (known.signal, "x", known.clear))
    assert (rule_id in story.firing()) == known.manual


def test_between_firing_and_clear_nothing_changes() -> None:
    story = Story()
    story.hold(15, ("response_p95", "api", 5.1))
    story.hold(3600, ("response_p95", "api", 4.5))
    assert "slow_api" in story.firing()
    story.hold(11 * 60, ("response_p95", "api", 3.9))
    assert "slow_api" not in story.firing()


@pytest.mark.parametrize("rule_id", BY_ID)
def test_unknown_neither_fires_nor_resolves(rule_id: str) -> None:
    known = BY_ID[rule_id]
    story = Story()
    story.hold(3600, (known.signal, "x", None))
    assert story.states == []
    bad = next(case[1] for case in CASES if case[0] == rule_id)
    story.hold(known.hold.total_seconds() + 15 * known.samples + 15, (known.signal, "x", bad))
    before = story.alert(rule_id)
    story.hold(3600, (known.signal, "x", None))
    assert story.alert(rule_id) == before


def test_one_sample_looked_at_twice_is_one_sample() -> None:
    story = Story()
    sample = Sample("database", "app", 1, START)
    states: list[State] = []
    for _ in range(5):
        states, _ = evaluate(START + TICK, [sample], states, recent={}, mutes=[], new_id=story.new_id)
    assert [state.phase for state in states] == [Phase.pending]


def test_a_blip_is_dropped_and_told_to_nobody() -> None:
    story = Story()
    story.tick(("database", "app", 1))
    story.tick(("database", "app", 0))
    assert story.states == []
    assert [change.what for change in story.changes] == ["pending", "dropped"]


def test_timers_go_on_after_a_restart_and_begin_anew_after_a_long_sleep() -> None:
    story = Story()
    story.hold(9 * 60, ("component", "sync", 1))
    story.hold(120, ("component", "sync", 1))  # the states are all there is: a restart changes nothing
    assert "feature_failure" in story.firing()
    slept = Story()
    slept.hold(9 * 60, ("component", "sync", 1))
    slept.tick(("component", "sync", 1), step=timedelta(hours=9))
    assert "feature_failure" not in slept.firing(), (
        "nobody looked for nine hours: that is no proof of trouble all along"
    )


def test_a_worse_value_raises_the_priority_and_asks_for_attention_again() -> None:
    story = Story()
    story.hold(330, ("log_space", "logs", 0.85))
    alert, change = acknowledge(story.alert("log_disk"), story.now, "sam")
    assert change is not None
    story.states = [alert]
    changes = story.tick(("log_space", "logs", 0.95))
    assert [(c.what, c.state.priority) for c in changes] == [("raised", "p2")]
    assert story.alert("log_disk").phase is Phase.firing
    story.tick(("log_space", "logs", 0.85))
    assert story.alert("log_disk").priority == "p2", "it does not fall while it lasts"


def test_what_comes_back_soon_is_the_same_alert_and_flapping_makes_it_patient() -> None:
    story = Story()
    ids = set()
    for _ in range(4):
        story.hold(45, ("database", "app", 1))
        ids.add(story.alert("db_down").id)
        story.hold(45, ("database", "app", 0))
        if "db_down" in story.firing():
            break
    assert len(ids) == 1
    assert story.alert("db_down").flaps == 3
    story.hold(8 * 15, ("database", "app", 0))
    assert "db_down" not in story.firing(), "after three times its patience"
    story.now += timedelta(hours=1)
    story.hold(45, ("database", "app", 1))
    assert story.alert("db_down").id not in ids


def test_an_alert_that_explains_others_mutes_them_for_as_long_as_it_lasts() -> None:
    story = Story()
    story.hold(60, ("error_share", "api", 0.5), ("database", "app", 1))
    assert story.alert("error_rate").inhibited == "explained by db_down"
    story.hold(60, ("error_share", "api", 0.5), ("database", "app", 0))
    assert "db_down" not in story.firing()
    assert story.alert("error_rate").inhibited is not None, "the windows are still full of what it has done"
    story.hold(600, ("error_share", "api", 0.5), ("database", "app", 0))
    assert story.alert("error_rate").inhibited is None
    assert [c.what for c in story.changes if c.state.rule == "error_rate"][-1] == "uninhibited"


def test_a_silence_mutes_until_it_ends_and_says_so_then() -> None:
    story = Story(mutes=[Mute(frozenset({"error_rate"}), None, "silenced until 15:00 by sam: known")])
    story.hold(30, ("error_share", "api", 0.5), ("response_p95", "api", 9))
    assert story.alert("error_rate").silenced is not None
    assert story.alert("slow_api").silenced is None
    story.mutes = []
    changes = story.tick(("error_share", "api", 0.5))
    assert [(c.what, c.words) for c in changes] == [("unsilenced", "was silenced until 15:00 by sam: known")]


def test_a_manual_alert_ends_by_a_person_only() -> None:
    story = Story()
    story.hold(15, ("integrity", "app", 1))
    story.hold(7200, ("integrity", "app", 0))
    over, change = resolve(story.alert("data_corruption"), story.now, "sam", "restored")
    assert (over.phase, over.resolved_by, change.what) == (Phase.resolved, "sam", "resolved")


def test_who_looks_after_an_alert_is_noted_once() -> None:
    story = Story()
    story.hold(15, ("error_share", "api", 0.5))
    first, _ = acknowledge(story.alert("error_rate"), story.now, "sam")
    again, change = acknowledge(first, story.now + TICK, "kim")
    assert again is first
    assert change is None
    over, _ = resolve(first, story.now, "sam", "")
    assert acknowledge(over, story.now, "kim") == (over, None)


values = st.lists(st.sampled_from([0.0, 0.04, 0.2, None]), min_size=1, max_size=120)


@given(values, values)
def test_states_move_only_forward_and_every_move_is_told(first: list[float | None], second: list[float | None]) -> None:
    story = Story()
    told: dict[str, list[str]] = {}
    for one, two in itertools.zip_longest(first, second):
        for change in story.tick(("error_share", "a", one), ("error_share", "b", two)):
            told.setdefault(change.state.id, []).append(change.what)
        prints = [state.fingerprint for state in story.states]
        assert len(prints) == len(set(prints)), "one alert per trouble"
        for state in story.states:
            assert state.phase is not Phase.resolved
            assert (state.phase is Phase.pending) == (state.fired_at is None)
    for moves in told.values():
        open_ = False
        for move in moves:
            if move in ("fired", "again"):
                assert not open_
                open_ = True
            elif move == "resolved":
                assert open_
                open_ = False
