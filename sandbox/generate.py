"""The synthetic world: deterministic from seed and date, with the portal's volumes and oddities (Portal spec §8.2)."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from . import forms
from . import instructions as texts
from . import vocabulary as words
from .jobs import Job, JobMaker
from .model import Customer, FormEntry, Prover, State, Technician, Visit, WorkOrder
from .stores import StoreMaker, weighted

JOBS_PER_DATE = {1: 46, 2: 32, 3: 7, 4: 5, 5: 1}
PARKED_SHARE = 0.14
LEFT_OVER = 3
WITHOUT_VISIT = 3
COMPLETED = 12


@dataclass(frozen=True)
class Account:
    """One technician of the default world and the size of the open list."""

    number: int
    name: str
    open_jobs: int
    cleanups: tuple[texts.CleanUp, ...]
    two_day_pairs: int


ACCOUNTS: tuple[Account, ...] = (
    Account(1, "Tamsin Vale", 64, texts.RECORDED_CLEANUPS, 2),
    Account(2, "Corin Marsh", 118, texts.RECORDED_CLEANUPS + texts.TRICKY_CLEANUPS, 3),
    Account(3, "Brisa Holt", 62, texts.RECORDED_CLEANUPS[:7] + texts.TRICKY_CLEANUPS[-2:], 1),
)


def working_day(day: date, steps: int = 1) -> date:
    """The working day (Monday to Friday) `steps` after `day`, negative goes back; 0 = `day` or the next working day."""
    if steps == 0:
        return day if day.weekday() < 5 else working_day(day)
    direction = 1 if steps > 0 else -1
    for _ in range(abs(steps)):
        day += timedelta(days=direction)
        while day.weekday() >= 5:
            day += timedelta(days=direction)
    return day


def parking_sunday(today: date) -> date:
    """The Sunday four weeks ahead on which dispatch parks work without a real date (Portal spec §8.3)."""
    return today + timedelta(days=6 - today.weekday() + 28)


def generate(seed: int, today: date) -> State:
    """A complete world. The same seed and date give the same world, byte for byte."""
    rng = random.Random(f"fossa-{seed}")
    stores = StoreMaker(rng)
    state = State(
        seed=seed,
        technicians=[_technician(rng, account, today) for account in ACCOUNTS],
        customers={
            number: Customer(id=number, name=name, chain=chain) for chain, (number, name) in words.CUSTOMERS.items()
        },
        locations={},
        work_orders={},
        deleted_location_id=0,
    )
    ids = IdMaker(rng)
    for account, technician in zip(ACCOUNTS, state.technicians, strict=True):
        jobs = JobMaker(rng, stores, today).make(
            account.open_jobs + WITHOUT_VISIT + COMPLETED, account.cleanups, account.two_day_pairs
        )
        for job in jobs:
            state.locations[job.location.id] = job.location
        for order in _orders(rng, ids, technician, jobs, account, today):
            state.work_orders[order.id] = order
        _existing_forms(state, technician, today, double=account.number == 3)
    _delete_one_location(state)
    state.next_work_id = max(state.work_orders) + 111
    return state


class IdMaker:
    """Work ids and visit ids, never twice."""

    def __init__(self, rng: random.Random, existing: Iterable[WorkOrder] = ()) -> None:
        self._rng = rng
        orders = list(existing)
        self._work = {order.id for order in orders}
        self._visit = {visit.id for order in orders for visit in order.visits}

    def work(self) -> int:
        """A fresh work id in the ranges that were seen."""
        rng = self._rng
        ranges = {(126_000, 137_162): 70, (109_500, 112_000): 25, (94_641, 99_000): 5}
        while True:
            number = rng.randint(*weighted(rng, ranges))
            if number not in self._work:
                self._work.add(number)
                return number

    def visit(self, work_id: int) -> int:
        """A fresh visit id, 1834 to 2132 above the work id."""
        while True:
            number = work_id + int(self._rng.triangular(1834, 2132, 1989))
            if number not in self._visit:
                self._visit.add(number)
                return number


def _technician(rng: random.Random, account: Account, today: date) -> Technician:
    provers = []
    for index in range(3):
        provers.append(
            Prover(
                prover_id=f"21-{65430 + account.number * 10 + index}-{index + 2:02d}",
                serial=f"SN{account.number}{rng.randint(10_000, 99_999)}",
                make="Seraphin",
                size="5 Gallon",
                next_calibration=today + timedelta(days=rng.randint(20, 340)),
            )
        )
    number = account.number
    return Technician(
        email=f"tech{number}@sandbox.invalid", name=account.name, password=f"sandbox-{number}", provers=provers
    )


def _dates(rng: random.Random, count: int, today: date) -> list[date]:
    """`count` visit dates: a few left over from last week, some parked, the rest on coming working days."""
    parked = round(count * PARKED_SHARE)
    monday = today - timedelta(days=today.weekday())
    dates = [working_day(monday - timedelta(days=7), n) for n in range(LEFT_OVER)]
    day = working_day(today, 0)
    while len(dates) < count - parked:
        dates += [day] * min(weighted(rng, JOBS_PER_DATE), count - parked - len(dates))
        # One working day in seven stays free, as in real plans.
        day = working_day(day, 2 if rng.random() < 1 / 7 else 1)
    return dates + [parking_sunday(today)] * parked


def _orders(
    rng: random.Random, ids: IdMaker, technician: Technician, jobs: list[Job], account: Account, today: date
) -> list[WorkOrder]:
    pinned = [job for job in jobs if job.follows is not None]
    firsts = {id(job.follows) for job in pinned}
    special = [job for job in jobs if id(job) in firsts or _is_special(job)]
    plain = [job for job in jobs if job.follows is None and id(job) not in firsts and not _is_special(job)]
    rng.shuffle(plain)
    done, unplanned = plain[:COMPLETED], plain[COMPLETED : COMPLETED + WITHOUT_VISIT]
    planned = plain[COMPLETED + WITHOUT_VISIT :] + special
    rng.shuffle(planned)
    dates = _dates(rng, account.open_jobs - len(pinned), today)
    orders: list[WorkOrder] = []
    day_of: dict[int, date] = {}
    for job, day in zip(planned, dates, strict=True):
        # A two-day job starts on a real date: never parked, never left over.
        if id(job) in firsts and (day < today or day.weekday() >= 5):
            day = working_day(today, 3 + len(day_of) % 5)
        day_of[id(job)] = day
        orders.append(make_order(rng, ids, technician, job, today, day))
    for job in pinned:
        day = working_day(day_of[id(job.follows)])
        orders.append(make_order(rng, ids, technician, job, today, day))
    for index, job in enumerate(done):
        day = working_day(today, -1 - index // 2)
        order = make_order(rng, ids, technician, job, today, day)
        order.visits[0].completed_on = day
        # Completed rows stay in the unfiltered list for a few days, then they are closed.
        order.closed = index >= 6
        if index == 1:
            order.status, order.status_class = "Quality Approved", "work-status-in-progress"
        orders.append(order)
    orders += [make_order(rng, ids, technician, job, today, None) for job in unplanned]
    return orders


def _is_special(job: Job) -> bool:
    """Jobs whose kind must be in the open list of everybody."""
    codes = {line.code for group in job.groups for line in group.lines}
    return bool(codes & {"2862", "3146", "3002"}) or job.location.customer_id == words.CUSTOMERS[words.SPEEDWAY][0]


def make_order(
    rng: random.Random, ids: IdMaker, technician: Technician, job: Job, today: date, day: date | None
) -> WorkOrder:
    """The work order of a job, with a visit on `day` (None: no visit yet)."""
    work_id = ids.work()
    base = day or today
    lead = int(min(305, max(10, rng.lognormvariate(4.45, 0.65))))
    created = min(base - timedelta(days=lead), today - timedelta(days=rng.randint(2, 30)))
    due = None
    if rng.random() >= 31 / 158:
        due = base + timedelta(days=int(min(72, max(-136, rng.gauss(7, 28)))))
    clock = time(rng.randint(7, 17), rng.randint(0, 59))
    return WorkOrder(
        id=work_id,
        technician=technician.email,
        location_id=job.location.id,
        categories=job.categories,
        reason=job.reason,
        project=job.project,
        po=job.po,
        created_by=f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}",
        created_at=datetime.combine(created, clock),
        groups=job.groups,
        visits=[Visit(id=ids.visit(work_id), date=day)] if day else [],
        due_date=due,
        instructions=job.instructions,
    )


def _existing_forms(state: State, technician: Technician, today: date, double: bool) -> None:
    """Forms that are there already on three later visits: bound, complete, unbound, and two for one dispenser."""
    coming = [
        order
        for order in state.work_orders.values()
        if order.technician == technician.email
        and "2861" in order.codes
        and order.next_visit is not None
        and order.next_visit.date > today
        and order.next_visit.date.weekday() < 5
        and len(state.locations[order.location_id].dispensers) >= 4
    ]
    coming.sort(key=lambda order: (order.visits[0].date, order.id))
    stamp = datetime.combine(today, time(6, 30)) - timedelta(days=1)
    # The first visits stay empty so that a demo starts from nothing.
    for order, plan in zip(coming[4:7], (("bound", "bound"), ("complete", "unbound"), ("bound", "twin")), strict=True):
        cards = state.locations[order.location_id].dispensers
        for index, kind in enumerate(plan):
            if kind == "twin" and not double:
                continue
            entry = FormEntry(
                id=state.next_form_id,
                work_id=order.id,
                visit_id=order.visits[0].id,
                template=forms.ACCUMEASURE,
                created_at=stamp,
                created_by=technician.email,
            )
            state.next_form_id += 7
            if kind != "unbound":
                card = cards[0 if kind == "twin" else index]
                forms.fill_completely(
                    state,
                    entry,
                    card,
                    technician.provers[0].label,
                    readings=kind == "complete",
                    complete=kind == "complete",
                )
            state.forms[entry.id] = entry


def _delete_one_location(state: State) -> None:
    """The store of one parked job of the third technician was deleted on the portal."""
    parked = [
        order
        for order in state.work_orders.values()
        if order.technician == state.technicians[2].email
        and order.visits
        and order.visits[0].completed_on is None
        and order.visits[0].date.weekday() == 6
    ]
    order = min(parked, key=lambda item: item.id)
    state.deleted_location_id = order.location_id
    state.locations[order.location_id].deleted = True
