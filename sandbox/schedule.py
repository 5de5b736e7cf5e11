"""What dispatch does to the schedule: add, remove, move, swap, complete, reassign, bursts (Portal spec §8.3)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from .generate import IdMaker, make_order, parking_sunday
from .jobs import JobMaker
from .model import Change, ServiceGroup, ServiceLine, Visit, WorkOrder
from .stores import StoreMaker
from .world import NotFound, World


class Schedule:
    """Operations on the schedule. Each is atomic, logged in `state.changes` and returns the work ids it touched."""

    def __init__(self, world: World) -> None:
        self._world = world

    def apply(self, op: str, values: Mapping[str, Any]) -> list[int]:
        """Run an operation by name with JSON values (`day` or `date` as ISO text). Raises ValueError or NotFound."""
        operations: dict[str, Callable[..., list[int]]] = {
            "add": self.add,
            "remove": self.remove,
            "move": self.move,
            "swap": self.swap,
            "complete": self.complete,
            "reassign": self.reassign,
            "append_items": self.append_items,
            "burst": self.burst,
            "close": self.close,
            "unschedule": self.unschedule,
            "delete_location": self.delete_location,
        }
        if op not in operations:
            raise ValueError(f"unknown operation {op!r}; known: {', '.join(operations)}")
        arguments = dict(values)
        if "date" in arguments:
            arguments["day"] = arguments.pop("date")
        if isinstance(arguments.get("day"), str):
            arguments["day"] = date.fromisoformat(arguments["day"])
        try:
            return operations[op](**arguments)
        except TypeError as error:
            raise ValueError(f"{op}: {error}") from error

    def _order(self, work_id: int) -> WorkOrder:
        order = self._world.state.work_orders.get(work_id)
        if order is None:
            raise NotFound(f"no work order {work_id}")
        return order

    def _done(self, op: str, work_ids: list[int], **detail: Any) -> list[int]:
        world = self._world
        world.state.changes.append(Change(at=world.now(), op=op, work_ids=work_ids, detail=detail))
        world.persist()
        return work_ids

    def _pending(self, order: WorkOrder) -> Visit:
        visit = order.next_visit
        if visit is None:
            raise ValueError(f"work order {order.id} has no open visit")
        return visit

    def _new(self, technician: str, code: str, day: date | None) -> int:
        world = self._world
        state = world.state
        rng = random.Random(f"new-{state.seed}-{state.next_work_id}")
        state.next_work_id += 111
        stores = StoreMaker(rng, state.locations.values())
        job = JobMaker(rng, stores, world.today()).one(code)
        order = make_order(
            rng, IdMaker(rng, state.work_orders.values()), world.technician(technician), job, world.today(), day
        )
        state.locations[job.location.id] = job.location
        state.work_orders[order.id] = order
        return order.id

    def add(self, technician: str, day: date | None = None, code: str = "2861", count: int = 1) -> list[int]:
        """New work for a technician on `day` (None: without a visit), at new stores."""
        with self._world.lock:
            ids = [self._new(technician, code, day) for _ in range(count)]
            return self._done("add", ids, day=str(day), code=code)

    def burst(self, technician: str, count: int = 12) -> list[int]:
        """Dispatch drops many new jobs on the parking Sunday at once."""
        with self._world.lock:
            day = parking_sunday(self._world.today())
            ids = [self._new(technician, "wawa" if n % 3 == 2 else "2861", day) for n in range(count)]
            return self._done("burst", ids, day=str(day))

    def remove(self, work_id: int) -> list[int]:
        """The work order disappears, as a cancelled one does."""
        with self._world.lock:
            self._order(work_id)
            del self._world.state.work_orders[work_id]
            return self._done("remove", [work_id])

    def move(self, work_id: int, day: date, new_visit: bool = False) -> list[int]:
        """Another date for the open visit; `new_visit` also gives it another visit id, hence another link."""
        with self._world.lock:
            visit = self._pending(self._order(work_id))
            before, visit.date = visit.date, day
            if new_visit:
                visit.id = IdMaker(random.Random(f"visit-{visit.id}"), self._world.state.work_orders.values()).visit(
                    work_id
                )
            return self._done("move", [work_id], before=str(before), day=str(day))

    def swap(self, work_id: int, other_id: int) -> list[int]:
        """Two jobs exchange their dates."""
        with self._world.lock:
            one, other = self._pending(self._order(work_id)), self._pending(self._order(other_id))
            one.date, other.date = other.date, one.date
            return self._done("swap", [work_id, other_id])

    def complete(self, work_id: int, day: date | None = None) -> list[int]:
        """The open visit is done (today unless `day`); the row stays in the unfiltered list until closed."""
        with self._world.lock:
            order = self._order(work_id)
            self._pending(order).completed_on = day or self._world.today()
            return self._done("complete", [work_id])

    def close(self, work_id: int) -> list[int]:
        """The office closes the order: only "Show Closed" shows it."""
        with self._world.lock:
            self._order(work_id).closed = True
            return self._done("close", [work_id])

    def reassign(self, work_id: int, technician: str) -> list[int]:
        """Another technician gets the job."""
        with self._world.lock:
            self._order(work_id).technician = self._world.technician(technician).email
            return self._done("reassign", [work_id], technician=technician)

    def unschedule(self, work_id: int) -> list[int]:
        """The open visit is taken back: the job stays without a visit."""
        with self._world.lock:
            order = self._order(work_id)
            order.visits.remove(self._pending(order))
            return self._done("unschedule", [work_id])

    def append_items(self, work_id: int, items: list[Mapping[str, Any]] | None = None) -> list[int]:
        """Book parts on a job, by default six Cim-Tek gas filters, as happens around the visit day."""
        with self._world.lock:
            order = self._order(work_id)
            default = {
                "category": "Parts / Filter",
                "quantity": 6,
                "description": "Cim-Tek 450MB-10 filter",
                "code": "450MB-10",
            }
            for item in items or [default]:
                line = ServiceLine(
                    quantity=int(item["quantity"]), description=str(item["description"]), code=str(item["code"])
                )
                group = next((g for g in order.groups if g.category == item["category"]), None)
                if group is None:
                    order.groups.append(ServiceGroup(category=str(item["category"]), lines=[line]))
                else:
                    group.lines.append(line)
            return self._done("append_items", [work_id])

    def delete_location(self, location_id: int) -> list[int]:
        """The store's page answers that it could not be found from now on."""
        with self._world.lock:
            state = self._world.state
            if location_id not in state.locations:
                raise NotFound(f"no location {location_id}")
            state.locations[location_id].deleted = True
            ids = [order.id for order in state.work_orders.values() if order.location_id == location_id]
            return self._done("delete_location", ids, location_id=location_id)
