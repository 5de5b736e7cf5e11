"""Thousands of seeded stories: faults, crashes and people at any point, and always the same truths in the end.

A failure names its seed: ``FOSSAWORK_SEED=4711 pytest backend/tests/batches/test_simulation.py -k one_seed`` plays it.
"""

import os
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import event

from app.batches.schemas import VisitState
from app.database import Database, get_database
from app.forms.ledger import FormLedger
from app.forms.models import FormRun, RunForm
from app.forms.patience import PatientPortal
from app.forms.schemas import Verdict
from backend.tests.batches.model_portal import FAULTS, TRANSIENT, ModelVisit
from backend.tests.batches.simulation import Story, play
from backend.tests.batches.truths import Outcome
from sandbox.faults import FAULTS as SANDBOX_FAULTS

SEEDS, NIGHTLY_SEEDS, CHUNK = 500, 12_000, 50
PROVEN = (Verdict.verified.value, Verdict.already_done.value)


@pytest.fixture(autouse=True)
def quick(sqlite: Database) -> None:
    """Nothing here has to survive a power cut."""

    def no_sync(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    event.listen(sqlite.engine, "connect", no_sync)
    sqlite.engine.dispose()


def _play(seed: int) -> Outcome:
    outcome = play(get_database(), Story.of(seed))
    assert outcome.problems == [], f"seed {seed}: {outcome.problems}"
    return outcome


def test_the_model_knows_every_fault_of_the_sandbox() -> None:
    assert set(FAULTS) == set(SANDBOX_FAULTS)


@pytest.mark.parametrize("chunk", range(SEEDS // CHUNK))
def test_whatever_happens_the_truths_hold(chunk: int) -> None:
    for seed in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        _play(seed)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("chunk", range(NIGHTLY_SEEDS // 1000))
def test_whatever_happens_in_very_many_stories(chunk: int) -> None:
    for seed in range(100_000 + chunk * 1000, 100_000 + (chunk + 1) * 1000):
        _play(seed)


@pytest.mark.skipif("FOSSAWORK_SEED" not in os.environ, reason="plays one seed that is named in FOSSAWORK_SEED")
def test_one_seed() -> None:
    outcome = _play(int(os.environ["FOSSAWORK_SEED"]))
    assert outcome.forms


def _all_of(rate: float, faults: tuple[str, ...], seeds: range) -> Counter[str | None]:
    """The verdicts of many batches without crashes, people or other people's forms."""
    verdicts: Counter[str | None] = Counter()
    for seed in seeds:
        story = Story(seed, visits=2, fault_rate=rate, faults=faults, strangers=False)
        outcome = play(get_database(), story)
        assert outcome.problems == [], f"seed {seed}: {outcome.problems}"
        verdicts.update(outcome.verdicts)
        reasons = [form.reason for form in outcome.forms if form.verdict == Verdict.needs_human.value]
        assert all(reasons)
    return verdicts


def test_without_faults_every_form_is_verified() -> None:
    verdicts = _all_of(0.0, (), range(5_000, 5_030))
    assert set(verdicts) == {Verdict.verified.value}


def test_with_two_percent_of_each_passing_fault_hardly_anybody_is_needed() -> None:
    faults = tuple(name for name in TRANSIENT if FAULTS[name] != (None, None))
    verdicts = _all_of(0.02 * len(faults), faults, range(6_000, 6_060))
    total = sum(verdicts.values())
    assert total > 200
    assert sum(verdicts[verdict] for verdict in PROVEN) / total >= 0.995, verdicts


def test_a_crash_at_every_single_point_of_a_run() -> None:
    """One small batch, played once for every point at which the program can die."""
    calm = Story(31, visits=1, strangers=False)
    points = play(get_database(), calm).points
    assert points > 60
    for point in range(1, points + 1):
        outcome = play(get_database(), replace(calm, crashes=frozenset({point})))
        assert outcome.problems == [], f"point {point}: {outcome.problems}"
        assert set(outcome.verdicts) == {Verdict.verified.value}, f"point {point}"
        creates = [effect for portal in outcome.portals for effect in portal.effects if effect.kind == "create"]
        assert len(creates) == len(outcome.forms), f"point {point}"


def test_the_stories_are_not_all_the_same() -> None:
    """The simulation would prove nothing if its stories never went wrong, never paused and never died."""
    outcomes = [_play(seed) for seed in range(40)]
    assert {Verdict.verified.value, Verdict.needs_human.value} <= {v for o in outcomes for v in o.verdicts}
    ends = {visit.state for outcome in outcomes for visit in outcome.visits}
    assert {VisitState.done.value, VisitState.needs_person.value} <= ends


def test_a_broken_rule_would_be_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the look at the portal after a crash, forms would be made twice: the simulation must say so."""

    async def forgetful(portal: PatientPortal, run: FormRun, form: RunForm, ledger: FormLedger) -> Any:
        assert isinstance(portal.portal, ModelVisit)
        portal.portal.most = 99
        entry = await portal.add_form()
        assert entry is not None
        await ledger.claim(entry.entry_id, entry.url)
        return entry.url, True

    monkeypatch.setattr("app.forms.run._target", forgetful)
    problems = []
    for seed in range(60):
        problems += play(get_database(), replace(Story.of(seed), people={})).problems
    assert problems
