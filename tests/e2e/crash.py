"""Killing a program, or its browser, at an exact point of its work at the portal, and checking what came of the work.

The portal itself says when: it tells of every request right before and right after its work, and the kill happens while
it waits. So "right before the 7th write" means that six are stored, and the seventh never reaches the portal.
"""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from app.accounts import links, service
from app.accounts.schemas import LinkState, PortalKind
from app.batches.models import Batch, BatchVisit
from app.connection.service import request_check
from app.database import Database
from app.forms.models import FormRun, RunForm
from app.forms.retries import TRIES
from app.forms.schemas import FormPlan, StepState, Verdict
from app.forms.schemas import FormRun as FormRunView
from backend.tests.conftest import forget_everything
from backend.tests.stack import PASSWORD, TECHNICIAN, TECHNICIAN_PASSWORD, Stack
from sandbox.gate import Moment
from sandbox.server import SandboxServer
from tests.e2e.server import Server, wait_for

EMAIL = "tech@example.com"
GRADES = 3
OVER = ("finished", "stopped", "failed")
_TYPED = ("procedure", "flow", "temperature", "gpm", "start", "meniscus", "end")
_FLOWS = {"fast": "1", "slow": "2"}


# --- a visit whose forms tell what was done to them -------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """A visit with one complete form, one that a technician has begun, and dispensers without a form."""

    visit_id: int
    work_id: int
    complete: int
    theirs: int
    their_dispenser: str
    fresh: tuple[str, ...]


@contextmanager
def installation(
    portal: SandboxServer, folder: Path, monkeypatch: pytest.MonkeyPatch, **settings: str
) -> Iterator[tuple[Server, Stack]]:
    """An installation with a linked user, whose server is not started; its database is at hand."""
    portal.observe(None)
    server = Server(folder / "home", folder / "logs")
    server.extra = {"FOSSAWORK_RETRY_SECONDS": "0.05", "FOSSAWORK_PORTAL_SECONDS": "8", **settings}
    for name, value in server.environment.items():
        monkeypatch.setenv(name, value)
    forget_everything()
    database = Database(f"sqlite:///{server.home / 'app.db'}")
    database.migrate()
    with database.write() as db:
        user = service.add_user(db, EMAIL, PASSWORD)
        request_check(db, user.id, PortalKind.sandbox, TECHNICIAN, TECHNICIAN_PASSWORD, base_url=portal.url)
        links.settle(db, user.id, LinkState.linked)
    try:
        yield server, Stack(database, portal, user.id)
    finally:
        portal.observe(None)
        server.stop()
        database.close()
        forget_everything()


def prepare_visit(stack: Stack, fresh: int, *, sides: int = 2) -> Visit:
    """Brings a visit home that has ``fresh`` dispensers without a form, and two with somebody's work. Three grades each;
    with one side there are half as many readings."""
    state, size = stack.portal.world.state, fresh + 2
    for place in state.locations.values():
        if len(place.dispensers) >= size and all(len(card.grades) >= GRADES for card in place.dispensers):
            place.dispensers = place.dispensers[:size]
            for card in place.dispensers:
                card.grades = card.grades[:GRADES]
                card.numbers = "/".join(card.sides[:sides])
    visit = stack.bring_home("2861", dispensers=size)
    order = next(order for order in state.work_orders.values() if order.next_visit and order.next_visit.id == visit)
    labels = [card.numbers for card in state.locations[order.location_id].dispensers]
    assert all(len(card.grades) == GRADES for card in state.locations[order.location_id].dispensers)
    complete = stack.portal.control.prepare_form(order.id, labels[0], readings=True, complete=True)
    theirs = stack.portal.control.prepare_form(order.id, labels[1])
    theirs.saved.remove("536")
    for grade in theirs.grades:
        grade.has_meter = grade.prover = None
        grade.saved = False
    theirs.readings[1].temperature = "71.2"
    return Visit(visit, order.id, complete.id, theirs.id, labels[1], tuple(labels[2:]))


# --- the one who kills ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    """``effect``: how many writes the portal had stored before this one."""

    when: str
    what: str
    effect: int

    def __str__(self) -> str:
        return f"{self.when} {self.what} (effect {self.effect + 1})"


@dataclass
class Killer:
    """Kills at each point that ``chosen`` says (a number: how many new points were met before), each point once.

    ``kill`` answers what it has killed; ``None`` when there was nothing to kill, then the point may come again.
    """

    portal: SandboxServer
    kill: Callable[[], str | None]
    chosen: Callable[[int], bool]
    most: int = 1000
    hit: list[tuple[str, Point]] = field(default_factory=list)
    met: list[Point] = field(default_factory=list)
    failure: Exception | None = None

    def __call__(self, moment: Moment) -> bool:
        try:
            return self._look(moment)
        except Exception as error:  # it would end in the portal's thread, and nobody would see it
            self.failure = error
            return False

    def _look(self, moment: Moment) -> bool:
        point = self._point(moment)
        if point is None or point in self.met:
            return False
        killed = self.kill() if len(self.hit) < self.most and self.chosen(len(self.met)) else None
        self.met.append(point)
        if killed is not None:
            self.hit.append((killed, point))
        return killed is not None

    def _point(self, moment: Moment) -> Point | None:
        facts, stored = moment.facts, len(self.portal.world.state.writes)
        if facts.kind in ("create_form", "save"):
            what = facts.path.rsplit("/", 1)[-1] if facts.path.endswith(("/add", "/delete")) else facts.kind
            label = " ".join(filter(None, (what, facts.section)))
            return Point(moment.when, label, stored - (moment.when == "after"))
        if facts.kind == "shell" and facts.page in ("visit", "form"):
            return Point(moment.when, f"loading {facts.page}", stored)
        if facts.path.endswith("/readings/open"):
            # While readings are looked at or typed: one point of each section is enough.
            return Point(moment.when, "opening a reading", stored)
        return None


@dataclass
class Program:
    """A process of the installation that works on its batches; started again, with the next of its commands in turn,
    whenever it has ended."""

    server: Server
    commands: list[tuple[str, list[str]]]
    again: list[tuple[str, list[str]]]
    starts: int = 0
    kind: str = ""
    process: "subprocess.Popen[bytes] | None" = None
    browsers: list[psutil.Process] = field(default_factory=list)

    def start(self) -> None:
        later = self.starts - len(self.commands)
        self.kind, command = self.commands[self.starts] if later < 0 else self.again[later % len(self.again)]
        self.server.logs.mkdir(parents=True, exist_ok=True)
        with self.server.output.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "app.cli", *command], env=self.server.environment, stdout=out, stderr=out
            )
        self.starts += 1

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> str | None:
        """``kill -9`` of the process that works."""
        if self.process is None or not self.running():
            return None
        self.browsers += self._browsers()
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        return self.kind

    def kill_browser(self) -> str | None:
        """``kill -9`` of Chromium's main process."""
        found = self._browsers()
        for browser in found:
            browser.kill()
        psutil.wait_procs(found, timeout=5)
        return "browser" if found else None

    def _browsers(self) -> list[psutil.Process]:
        if self.process is None or not self.running():
            return []
        return [child for child in psutil.Process(self.process.pid).children(recursive=True) if _is_browser(child)]

    def end(self) -> None:
        if self.process is not None and self.running():
            self.process.terminate()
            self.process.wait(30)

    def orphans(self) -> list[psutil.Process]:
        """Browsers whose program was killed and that run all the same."""
        return [browser for browser in self.browsers if browser.is_running() and browser.status() != "zombie"]


def _is_browser(process: psutil.Process) -> bool:
    try:
        line = process.cmdline()
    except psutil.Error:
        return False
    return bool(line) and "chrom" in Path(line[0]).name and not any(part.startswith("--type=") for part in line)


def server_command(server: Server) -> tuple[str, list[str]]:
    return "server", ["start", "--port", str(server.port), "--ui-port", "0", "--no-watch"]


def batch_command(visit: int) -> tuple[str, list[str]]:
    """A command that carries its own engine."""
    return "worker", ["batch", "start", str(visit), "--json"]


def next_command(visit: int) -> tuple[str, list[str]]:
    """What a person may type next: its engine first takes up what a killed one left."""
    return "worker", ["forms", "plan", str(visit), "--json"]


def tries_left(stack: Stack) -> bool:
    """Whether the form under way may lose its browser once more without being given up."""
    with stack.database.read() as db:
        running = db.query(RunForm).filter_by(running=True).all()
    return all(form.tries < TRIES - 1 for form in running)


def work_to_the_end(stack: Stack, program: Program, seconds: float) -> str:
    """Starts the program whenever it is not running, until the newest batch is over; answers the run's id."""

    def over() -> Any:
        if not program.running():
            program.start()
        with stack.database.read() as db:
            batch = db.query(Batch).order_by(Batch.id.desc()).first()
            if batch is None or batch.state not in OVER:
                return None
            return db.query(BatchVisit).filter_by(batch_id=batch.id).one().run_id

    return str(wait_for(over, "the end of the batch", seconds))


# --- the truth afterwards ---------------------------------------------------------------------------------------------


def forms_before(stack: Stack, visit: Visit) -> dict[int, dict[str, Any]]:
    forms = stack.portal.control.state()["forms"]
    return {number: forms[str(number)] for number in (visit.complete, visit.theirs)}


def check_everything(stack: Stack, visit: Visit, before: dict[int, dict[str, Any]], run_id: str) -> None:
    """What must hold however often anything was killed, from the portal's own log of writes and its forms."""
    there = {str(form["equipment"]): form for form in stack.portal_forms(visit.visit_id)}
    assert len(there) == len(stack.portal_forms(visit.visit_id)) == len(visit.fresh) + 2, "a form too many or too few"
    assert stack.created() == len(visit.fresh)
    assert there.get("None") is None
    with stack.database.read() as db:
        run = db.get_one(FormRun, run_id)
        rows = db.query(RunForm).filter_by(run_id=run_id).order_by(RunForm.position).all()
        assert (run.state, [row.running for row in rows]) == ("finished", [False] * len(rows)), run.error_detail
    _check_bindings(stack, rows, there)
    assert there[_of(before, visit.complete)] == before[visit.complete], "a complete form was changed"
    written = {write["entry_id"] for write in stack.portal.control.writes()}
    assert visit.complete not in written
    verdicts = {row.dispenser: row.verdict for row in rows}
    assert verdicts == {
        _of(before, visit.complete): Verdict.already_done,
        visit.their_dispenser: Verdict.needs_human,
        **dict.fromkeys(visit.fresh, Verdict.verified),
    }, [(row.dispenser, row.verdict, row.reason) for row in rows]
    _check_theirs(before[visit.theirs], there[visit.their_dispenser], rows)
    for row in rows:
        if row.verdict == Verdict.verified:
            _check_answers(there[row.dispenser], FormPlan.model_validate(row.plan))
            _check_readings(there[row.dispenser], FormPlan.model_validate(row.plan))
    view = stack.run_view(run_id)
    proven = [form for form in view.forms if form.verdict is Verdict.verified]
    assert {step.state for form in proven for step in form.steps} == {StepState.verified}
    assert all(form.evidence is not None for form in proven)


def _of(before: dict[int, dict[str, Any]], entry_id: int) -> str:
    return str(before[entry_id]["equipment"])


def _check_bindings(stack: Stack, rows: list[RunForm], there: dict[str, dict[str, Any]]) -> None:
    """Each form of the run is bound to its dispenser, and never was to another one, not even for a moment."""
    assert {row.dispenser: row.entry_id for row in rows} == {label: form["id"] for label, form in there.items()}
    bound_to: dict[int, set[str]] = {}
    for write in stack.portal.control.writes():
        if write["kind"] == "save_section" and write["section"] == "first":
            bound_to.setdefault(write["entry_id"], set()).add(str(write["values"]["equipment"]))
    assert all(len(bound) == 1 for bound in bound_to.values()), bound_to
    for entry_id, bound in bound_to.items():
        assert bound == {str(next(form["equipment_id"] for form in there.values() if form["id"] == entry_id))}


def _check_answers(form: dict[str, Any], plan: FormPlan) -> None:
    assert form["prover_size"] == "1"
    wanted = {grade.grade: ("1" if grade.metered else "2", "1") for grade in plan.grades}
    assert {grade["grade"]: (grade["has_meter"], grade["fill"]) for grade in form["grades"]} == wanted
    for grade in plan.grades:
        assert str(grade.prover_id) in next(item["prover"] for item in form["grades"] if item["grade"] == grade.grade)


def planned_readings(plan: FormPlan) -> list[dict[str, Any]]:
    """The readings of a form as the portal stores them."""
    return [
        {
            **{name: getattr(reading, name) or "" for name in ("temperature", "gpm", "start", "meniscus", "end")},
            "procedure": reading.procedure.value,
            "flow": _FLOWS[reading.flow.value],
        }
        for group in plan.readings
        for reading in group.readings
    ]


def _typed(reading: dict[str, Any]) -> dict[str, Any]:
    return {name: reading[name] for name in _TYPED}


def _check_readings(form: dict[str, Any], plan: FormPlan) -> None:
    assert plan.readings, "the run was to prepare readings"
    assert [_typed(reading) for reading in form["readings"]] == planned_readings(plan)


def _check_theirs(before: dict[str, Any], after: dict[str, Any], rows: list[RunForm]) -> None:
    """The technician's reading is as it was; everything around it is as planned."""
    assert after["readings"][1] == before["readings"][1], "a technician's value was touched"
    row = next(row for row in rows if row.entry_id == after["id"])
    assert "temperature 71.2" in str(row.reason)
    planned = planned_readings(FormPlan.model_validate(row.plan))
    found = [_typed(reading) for reading in after["readings"]]
    assert found[:1] + found[2:] == planned[:1] + planned[2:]


def settled(stack: Stack, run_id: str) -> tuple[FormRunView, int, str]:
    """What must not change any more once a run is over."""
    with stack.database.read() as db:
        batch = db.get_one(Batch, db.get_one(FormRun, run_id).batch_id)
    return stack.run_view(run_id), int(stack.portal.control.counts()["writes"]), batch.state
