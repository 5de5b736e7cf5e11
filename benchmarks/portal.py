"""The sandbox portal in a process of its own, so that its work is the same for both sides and shares no interpreter
lock with either. The child is told what to do by lines of JSON on its standard input and ends when that closes."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.model import Dispenser, State
from sandbox.server import SandboxServer
from sandbox.world import TYPICAL_LATENCY, World

ROOT = Path(__file__).resolve().parents[1]
TECHNICIAN, PASSWORD = "tech1@sandbox.invalid", "sandbox-1"
_SEED = 7
_GRADES = ["Regular", "Plus", "Premium", "Diesel", "Super"]  # the set of most of Wawa's stores


def child_environment() -> dict[str, str]:
    """The environment in which a child finds this repository's packages."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT / "backend"), str(ROOT)))}


class RepeatableWorld(World):
    """The n-th answer of a kind takes the same time in every repetition, so that both sides wait for the same loaders;
    and the waiting is added up."""

    imposed: float = 0.0
    _draws: dict[str, random.Random] | None = None

    def delay_seconds(self, kind: str) -> float:
        if self._draws is None:
            self._draws = {}
        self.random = self._draws.setdefault(kind, random.Random(f"{kind}-{self.state.seed}"))
        seconds = super().delay_seconds(kind)
        self.imposed += seconds
        return seconds

    def start_over(self, *, slow: bool) -> None:
        """A fresh world, and the sequence of delays from its beginning."""
        self.reset(_SEED)
        self.rewind()
        self.state.latency = {kind: value.model_copy() for kind, value in TYPICAL_LATENCY.items()} if slow else {}

    def rewind(self) -> float:
        """Forgets the delays so far; answers their sum in seconds."""
        self._draws, total, self.imposed = {}, self.imposed, 0.0
        return total


def _keep(state: State, orders: int) -> list[int]:
    """Reduces the technician's open list to this many work orders; answers their ids."""
    mine = [order for order in state.work_orders.values() if order.technician == TECHNICIAN]
    open_ = [order.id for order in mine if order.done == 0 and not order.closed]
    for work_id in open_[orders:]:
        del state.work_orders[work_id]
    return open_[:orders]


def _one_visit(state: State, dispensers: int) -> str:
    """Leaves one work order, at a store of so many dispensers with five grades each and no form yet; its visit's path."""
    order = next(
        order
        for order in state.work_orders.values()
        if order.technician == TECHNICIAN and "2861" in order.codes and order.next_visit is not None
    )
    others = [o.id for o in state.work_orders.values() if o.technician == TECHNICIAN and o.id != order.id]
    for work_id in others:
        del state.work_orders[work_id]
    place = state.locations[order.location_id]
    like = place.dispensers[0]
    place.dispensers = [_dispenser(like, index, _GRADES) for index in range(dispensers)]
    state.forms = {}
    assert order.next_visit is not None
    return f"/app/work/{order.id}/visits/{order.next_visit.id}/"


def _small_visits(state: State, visits: int, dispensers: int, grades: int) -> int:
    """Leaves so many work orders, each at a store of so many dispensers and grades; answers how many there are."""
    mine = [order for order in state.work_orders.values() if order.technician == TECHNICIAN]
    plain = [order for order in mine if "2861" in order.codes and order.next_visit is not None][:visits]
    for order in mine:
        if order not in plain:
            del state.work_orders[order.id]
    for order in plain:
        order.instructions = ""
        place = state.locations[order.location_id]
        like = place.dispensers[0]
        base = 990_000 + 100 * len(place.dispensers) + 1000 * (order.id % 1000)
        place.dispensers = [_dispenser(like, index, _GRADES[:grades], base) for index in range(dispensers)]
    state.forms = {}
    return len(plain)


def _dispenser(like: Dispenser, index: int, grades: list[str], base: int = 990_000) -> Dispenser:
    numbers = f"{2 * index + 1}/{2 * index + 2}"
    fields = {**like.fields, "Grade": ", ".join(grades)}
    return like.model_copy(update={"id": base + index, "numbers": numbers, "grades": list(grades), "fields": fields})


def _answer(world: RepeatableWorld, server: SandboxServer, request: dict[str, Any]) -> Any:
    with world.lock:
        match request["op"]:
            case "sync_world":
                world.start_over(slow=False)
                return {"work_orders": len(_keep(world.state, request["orders"]))}
            case "small_world":
                world.start_over(slow=False)
                return {
                    "visits": _small_visits(world.state, request["visits"], request["dispensers"], request["grades"])
                }
            case "faults":
                server.control.clear_faults()
                for number, (fault, match) in enumerate(request["faults"].items()):
                    server.control.fault(fault, None, {"chance": request["chance"], "seed": number, **match})
                return {}
            case "forms_world":
                world.start_over(slow=request["slow"])
                return {"visit": _one_visit(world.state, request["dispensers"])}
            case "rewind":
                return {"imposed": world.rewind()}
            case "counts":
                return server.control.counts()
            case unknown:
                raise ValueError(f"unknown operation {unknown}")


def serve() -> None:
    """The child's main loop."""
    world = RepeatableWorld(_SEED, date(2026, 3, 4))
    with SandboxServer(world=world, control=True) as server:
        print(json.dumps({"url": server.url}), flush=True)
        for line in sys.stdin:
            print(json.dumps(_answer(world, server, json.loads(line))), flush=True)


class Portal:
    """The parent's end."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.url = str(self._read()["url"])

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the sandbox portal of the benchmark ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, op: str, **values: Any) -> dict[str, Any]:
        """Has the child do something; its answer."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"op": op, **values}) + "\n")
        self._process.stdin.flush()
        return self._read()


@contextmanager
def running_portal() -> Iterator[Portal]:
    """The sandbox in a child process for the time of the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.portal"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=child_environment(),
    ) as process:
        try:
            yield Portal(process)
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


if __name__ == "__main__":
    serve()
