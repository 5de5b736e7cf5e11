"""Deterministic simulation of batches: the real run logic and the real ledger against the model of the portal, with a
virtual clock, seeded faults, people who pause, skip and stop, and a program that dies at any point.

Crash points stand before and after every commit of the database, every effect on the portal and every record of the
workflow engine.
"""

import asyncio
import json
import random
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session as Db

from app.accounts.models import User
from app.batches import service
from app.batches.models import Batch
from app.batches.schemas import BatchState, NewBatch
from app.batches.work import BatchSteps, work_batch
from app.database import Database
from app.forms import runs
from app.forms.run import Runner
from app.forms.schemas import RunState
from app.kit.clock import VirtualClock
from app.kit.ids import new_id
from app.kit.problems import Conflict
from app.portal.records import ProverRow, ReadingValues
from app.provers.service import store_provers
from app.work import store
from backend.tests.batches.model_portal import FAULTS, TRANSIENT, ModelPortal, ModelPortals
from backend.tests.batches.truths import Outcome, check
from backend.tests.work.records import dispenser, row

START = datetime(2026, 3, 2, 14, tzinfo=UTC)
GRADE_SETS = (
    ("Regular",),
    ("Regular", "Plus", "Premium"),
    ("Regular", "Plus", "Premium", "Diesel"),
    ("Regular", "Plus", "Premium", "Super"),
    ("Regular", "Super", "Plus", "Premium", "Diesel"),
)
PROVERS = [ProverRow(f"21-6543{n}-0{n}", None, "Seraphin", "5 Gallon", date(2027, 1, 1)) for n in (1, 2, 3)]
_MOST_TURNS = 400
_OVER = {state.value for state in RunState if state.value not in runs.ACTIVE}


class Crash(BaseException):
    """The program dies here. Not an ``Exception``: nobody handles it."""


@dataclass
class Story:
    """What one seed plays."""

    seed: int
    visits: int = 1
    fault_rate: float = 0.0
    faults: tuple[str, ...] = ()
    crashes: frozenset[int] = frozenset()
    people: dict[int, str] = field(default_factory=dict)
    strangers: bool = True

    @classmethod
    def of(cls, seed: int) -> "Story":
        rng = random.Random(f"story-{seed}")
        kinds = TRANSIENT if rng.random() < 0.7 else tuple(FAULTS)
        reach = rng.choice((60, 200, 400))
        return cls(
            seed,
            visits=rng.choice((1, 1, 2)),
            fault_rate=rng.choice((0.0, 0.02, 0.06, 0.15)),
            faults=tuple(rng.sample(kinds, rng.randint(1, len(kinds)))),
            crashes=frozenset(rng.randint(1, reach) for _ in range(rng.choice((0, 1, 1, 2, 4)))),
            people={rng.randint(1, reach): rng.choice(PEOPLE) for _ in range(rng.choice((0, 0, 1, 3)))},
        )


PEOPLE = ("pause", "pause", "resume", "skip", "stop")


class World:
    """One seed's user, visits and portal."""

    def __init__(self, database: Database, story: Story) -> None:
        self.database, self.story = database, story
        self.rng = random.Random(f"world-{story.seed}")
        self.passed = 0
        self.armed = False
        self.problems: list[str] = []
        self.troubled = False  # a person skipped or stopped, or the portal did what nobody can mend
        self._ended: dict[str, str] = {}
        self._paused_with: int | None = None
        self._acting = False
        self.user_id, self.portals, self.batch_id = self._make()
        self.model = ModelPortals(*self.portals)
        self._watcher = sqlite3.connect(str(database.url.database), check_same_thread=False)

    # --- the world ----------------------------------------------------------------------------------------------------

    def _make(self) -> tuple[str, list[ModelPortal], str]:
        base = 1000 * (self.story.seed % 1_000_000) + 1
        user = User(
            id=new_id(), email=f"s{self.story.seed}-{new_id()}@example.com", password_hash="x", role="technician",
            is_owner=False, time_zone="America/New_York", work_days=[1, 2, 3, 4, 5], week_end_hour=17,
            auto_position_ethanol_free=True, created_at=START,
        )  # fmt: skip
        portals: list[ModelPortal] = []
        with self.database.write() as db:
            db.add(user)
            db.flush()
            orders = []
            for number in range(self.story.visits):
                place, customer = base + 200 + number, self.rng.choice(("Wawa", "7-Eleven Stores, Inc"))
                visit_id = base + 100 + number
                order = row(base + number, on=date(2026, 3, 4), visit_id=visit_id, location_id=place, customer=customer)
                assert order.next_visit is not None
                orders.append(order)
                portals.append(self._portal(order.next_visit.url))
            store.store_work_orders(db, user.id, orders, START)
            for number, portal in enumerate(portals):
                cards = [
                    dispenser(*numbers, grades=grades, make="Gilbarco", model="NN1")
                    for numbers, grades in portal.dispensers.items()
                ]
                store.store_location(db, user.id, base + 200 + number, cards, START)
            store_provers(db, user.id, PROVERS, START)
            visits = NewBatch(visits=[base + 100 + number for number in range(self.story.visits)])
            batch = service.start(db, user, visits, "a person")
        return user.id, portals, batch.id

    def _portal(self, url: str) -> ModelPortal:
        rng = self.rng
        size = rng.randint(1, 3)
        numbers: list[tuple[int, ...]] = [(2 * n + 1, 2 * n + 2) for n in range(size)]
        if rng.random() < 0.2:
            numbers[-1] = (9,)
        portal = ModelPortal(
            url,
            {pair: rng.choice(GRADE_SETS) for pair in numbers},
            random.Random(f"faults-{self.story.seed}-{url}"),
            faults=self.story.faults,
            fault_rate=self.story.fault_rate,
            point=self.point,
            next_id=880_001 + 1000 * int(url.rstrip("/").rsplit("/", 1)[1]),
        )
        if self.story.strangers:
            for pair in numbers:
                self._before(portal, pair)
            if rng.random() < 0.2 and len(portal.forms) < size:
                portal.add()
        portal.effects.clear()
        return portal

    def _before(self, portal: ModelPortal, numbers: tuple[int, ...]) -> None:
        """What others have done to a dispenser's form before."""
        roll = self.rng.random()
        if roll < 0.1:
            portal.add(numbers, complete=True)
        elif roll < 0.2:
            portal.add(numbers)
        elif roll < 0.3:
            form = portal.add(numbers)
            portal.their_grade(form, 0, self.rng.random() < 0.5)
        elif roll < 0.4:
            form = portal.add(numbers)
            group = self.rng.randrange(len(form.readings))
            values = self.rng.choice(
                (
                    ReadingValues(temperature="71.5"),
                    ReadingValues(procedure="Wet Down", flow="fast", start="0", end="5.01"),
                    ReadingValues(procedure="Calibrate", flow="slow"),
                )
            )
            portal.their_reading(form, group, self.rng.randrange(4), values)

    # --- points -------------------------------------------------------------------------------------------------------

    def point(self, name: str) -> None:
        """A place where the program may die, or a person does something."""
        if not self.armed or self._acting:
            return
        self.passed += 1
        wish = self.story.people.get(self.passed)
        if wish is not None and not name.startswith("before commit"):
            self._do(wish)
        if self.passed in self.story.crashes:
            raise Crash(f"{self.passed}: {name}")

    def _do(self, wish: str) -> None:
        self._acting = True
        try:
            with self.database.write() as db:
                if wish == "pause":
                    service.pause(db, self.user_id, self.batch_id, "a person")
                elif wish == "resume":
                    service.resume(db, self.user_id, self.batch_id, "a person")
                elif wish == "skip":
                    service.skip(db, self.user_id, self.batch_id, None, "a person")
                else:
                    service.stop(db, self.user_id, self.batch_id, "a person")
            self.troubled = self.troubled or wish in ("skip", "stop")
        except Conflict:
            pass  # it does not fit what the batch is doing just now, and the person is told so
        finally:
            self._acting = False

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Every transaction of the program has a crash point on both sides of its commit."""
        real = self.database.write

        @contextmanager
        def write() -> Iterator[Db]:
            with real() as db:
                yield db
                self.point("before commit")
            self._look()
            self.point("after commit")

        self.database.write = write  # type: ignore[method-assign]
        self.armed = True
        try:
            yield
        finally:
            self.armed = False
            del self.database.write

    def _look(self) -> None:
        """Ends stay, and paused means that nothing is written."""
        found = self._watcher.execute(
            "SELECT id, state FROM batches WHERE id = ? UNION ALL SELECT id, state FROM form_runs WHERE batch_id = ?",
            (self.batch_id, self.batch_id),
        )
        states: dict[str, str] = dict(found.fetchall())
        batch = states[self.batch_id]
        for key, ended in self._ended.items():
            if states.get(key, ended) != ended:
                self.problems.append(f"{key} was {ended} and is {states[key]}")
        over = {*_OVER, *service.OVER}
        self._ended |= {key: state for key, state in states.items() if state in over}
        effects = self.effects()
        if batch == BatchState.paused.value and self._paused_with is None:
            self._paused_with = effects
        elif self._paused_with is not None:
            if effects != self._paused_with:
                self.problems.append("something was written while the batch was paused")
            if batch != BatchState.paused.value:
                self._paused_with = None

    def effects(self) -> int:
        return sum(len(portal.effects) for portal in self.portals)

    # --- the program --------------------------------------------------------------------------------------------------

    async def play(self, clock: VirtualClock) -> None:
        """Runs the batch to its end, however often it dies or is paused on the way."""
        records: dict[str, list[tuple[list[Any], Any]]] = {}
        for _ in range(_MOST_TURNS):
            batch = self._batch()
            if batch.state in service.OVER:
                return
            if batch.state == BatchState.paused.value:
                self._do("resume")
                continue
            if batch.state == BatchState.waiting.value:
                assert batch.wake_at is not None
                clock.at = max(clock.at, batch.wake_at)
                with self.database.write() as db:
                    service.wake(db, clock.at)
                continue
            turn = service.turn_of(batch)
            steps = BatchSteps(Runner(self.model, rng=random.Random(f"jitter-{self.story.seed}")))
            try:
                with self.watched():
                    await work_batch(_Recorded(steps, records.setdefault(turn, []), self), turn)
            except Crash:
                self.model = ModelPortals(*self.portals)  # what was in memory is gone
        self.problems.append(f"the batch did not end in {_MOST_TURNS} turns")

    def _batch(self) -> Batch:
        with self.database.read() as db:
            return db.get_one(Batch, self.batch_id)

    def outcome(self) -> Outcome:
        with self.database.read() as db:
            visits = service.visits_of(db, [self.batch_id])[self.batch_id]
            forms = [form for visit in visits for form in runs.forms_of(db, visit.run_id)]
        outcome = Outcome(self._batch(), visits, forms, self.portals, self.passed, self.problems, self.troubled)
        check(outcome)
        return outcome


class _Recorded:
    """The steps as the workflow engine plays them: what was recorded is answered from the record, in the same order."""

    def __init__(self, steps: BatchSteps, record: list[tuple[list[Any], Any]], world: World) -> None:
        self._steps, self._record, self._world = steps, record, world
        self._next = 0

    async def _do(self, name: str, *args: Any) -> Any:
        place, self._next = self._next, self._next + 1
        if place < len(self._record):
            asked, answer = self._record[place]
            assert asked == [name, *args], f"not deterministic: {asked} was recorded, {[name, *args]} is asked"
            return json.loads(answer)
        answer = json.dumps(await getattr(self._steps, name)(*args))
        self._world.point(f"before record {name}")
        self._record.append(([name, *args], answer))
        self._world.point(f"after record {name}")
        return json.loads(answer)

    async def next_visit(self, turn: str) -> Any:
        return await self._do("next_visit", turn)

    async def plan_visit(self, turn: str, position: int) -> Any:
        return await self._do("plan_visit", turn, position)

    async def begin_visit(self, turn: str, run_id: str) -> Any:
        return await self._do("begin_visit", turn, run_id)

    async def prepare_form(self, run_id: str, position: int) -> Any:
        return await self._do("prepare_form", run_id, position)

    async def confirm_visit(self, run_id: str) -> Any:
        return await self._do("confirm_visit", run_id)

    async def settle_visit(self, turn: str, run_id: str, trouble: Any) -> Any:
        return await self._do("settle_visit", turn, run_id, trouble)

    async def close(self, run_id: str) -> None:
        await self._steps.close(run_id)


def play(database: Database, story: Story) -> Outcome:
    """Plays a story to its end and checks it."""
    with VirtualClock(START) as clock:
        world = World(database, story)
        asyncio.run(world.play(clock))
        return world.outcome()
