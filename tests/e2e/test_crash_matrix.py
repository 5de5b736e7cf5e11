"""``kill -9`` of the server, of a command that works by itself, and of the browser, before and after effects of a run."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from app.batches.models import Batch
from app.forms.models import VisitCheckJob
from backend.tests.stack import PASSWORD, Stack
from sandbox.gate import Moment
from sandbox.server import SandboxServer
from tests.e2e.crash import (
    EMAIL,
    OVER,
    Killer,
    Point,
    Program,
    Visit,
    batch_command,
    check_everything,
    forms_before,
    installation,
    next_command,
    prepare_visit,
    server_command,
    settled,
    tries_left,
    work_to_the_end,
)
from tests.e2e.server import Server, healthy, wait_for

pytestmark = pytest.mark.e2e
POINTS = 40  # of each target, in the whole matrix
FAST_POINTS = 8  # of all targets together, in every run of the tests


def _start(server: Server, program: Program) -> None:
    program.start()
    wait_for(lambda: healthy(server.url), "the server's health")
    server.sign_in(EMAIL, PASSWORD)


@contextmanager
def _killing(portal: SandboxServer, program: Program, killer: Callable[[Moment], bool]) -> Iterator[None]:
    portal.observe(killer)
    try:
        yield
    finally:
        portal.observe(None)
        program.end()


def _check_gone(program: Program) -> None:
    wait_for(lambda: not program.orphans(), "the end of the browsers whose program was killed", 20)


def _tell(killer: Killer, began: float) -> set[tuple[str, Point]]:
    assert killer.failure is None, killer.failure
    told = "\n".join(f"  {target}: {point}" for target, point in killer.hit)
    seconds = time.monotonic() - began
    print(f"{len(killer.hit)} points of {len(killer.met)} met, in {seconds:.0f} s\n{told}")  # noqa: T201  # pytest -s
    return set(killer.hit)


def _matrix(
    target: str,
    portal: SandboxServer,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    chosen: Callable[[int], bool],
    *,
    fresh: int,
    most: int = 1000,
) -> set[tuple[str, Point]]:
    """A run that loses one target at all the chosen points and must come out right."""
    began = time.monotonic()
    with installation(portal, folder, monkeypatch) as (server, stack):
        visit = prepare_visit(stack, fresh)
        before = forms_before(stack, visit)
        serve, work = server_command(server), next_command(visit.visit_id)
        alone = target == "worker"
        program = Program(server, [batch_command(visit.visit_id) if alone else serve], [work if alone else serve])
        killer = Killer(portal, program.kill, chosen, most)
        if target == "browser":
            killer.kill = lambda: program.kill_browser() if tries_left(stack) else None
        with _killing(portal, program, killer):
            if not alone:
                _start(server, program)
                server.call("POST", "/api/batches", {"visits": [visit.visit_id]})
            run_id = work_to_the_end(stack, program, 800)
        check_everything(stack, visit, before, run_id)
        _check_gone(program)
    return _tell(killer, began)


def test_whatever_is_killed_every_dispenser_gets_its_one_form(
    portal: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One run that loses its server, a working command and its browser in turn."""
    began = time.monotonic()
    with installation(portal, tmp_path, monkeypatch) as (server, stack):
        visit = prepare_visit(stack, 1, sides=1)
        before = forms_before(stack, visit)
        serve, work = server_command(server), next_command(visit.visit_id)
        program = Program(server, [serve], [work, serve])

        def kill() -> str | None:
            return program.kill_browser() if len(killer.hit) % 3 and tries_left(stack) else program.kill()

        killer = Killer(portal, kill, lambda number: number % 10 == 4, FAST_POINTS)
        with _killing(portal, program, killer):
            _start(server, program)
            server.call("POST", "/api/batches", {"visits": [visit.visit_id]})
            run_id = work_to_the_end(stack, program, 200)
        check_everything(stack, visit, before, run_id)
        _check_gone(program)
    hit = _tell(killer, began)
    assert len(hit) >= FAST_POINTS
    assert {target for target, _ in hit} == {"server", "worker", "browser"}


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("target", ["server", "worker"])
def test_a_program_killed_at_forty_points(
    portal: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    hit = _matrix(target, portal, tmp_path, monkeypatch, lambda number: number % 6 == 1, fresh=2, most=POINTS + 5)
    assert len(hit) >= POINTS
    assert {which for which, _ in hit} == {target}


@pytest.mark.nightly
@pytest.mark.timeout(900)
def test_a_browser_killed_at_forty_points(
    portal: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A form is given up when it loses its fourth browser, so several runs share the points."""
    hit: set[tuple[str, Point]] = set()
    for number, (stride, first) in enumerate(((13, 1), (17, 6), (19, 12))):
        if len(hit) >= POINTS:
            break
        folder = tmp_path / str(number)
        portal.control.reset()
        hit |= _matrix("browser", portal, folder, monkeypatch, lambda n: n % stride == first, fresh=4)  # noqa: B023
    assert len(hit) >= POINTS
    assert {which for which, _ in hit} == {"browser"}


def test_a_pause_outlives_the_server(portal: SandboxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with installation(portal, tmp_path, monkeypatch) as (server, stack):
        visit = prepare_visit(stack, 1, sides=1)
        before = forms_before(stack, visit)
        program = Program(server, [server_command(server)], [server_command(server)])
        with _killing(portal, program, lambda moment: False):
            _start(server, program)
            batch = str(server.call("POST", "/api/batches", {"visits": [visit.visit_id]})["id"])
            wait_for(lambda: _writes(portal) >= 3, "the third write")
            server.call("POST", f"/api/batches/{batch}/pause")
            wait_for(lambda: _state(stack, batch) == "paused", "the pause")
            written = _writes(portal)
            assert 3 <= written < 10, "the batch was over before it paused"
            program.kill()
            _start(server, program)
            _use_the_engine(server, stack, visit)
            assert (_state(stack, batch), _writes(portal)) == ("paused", written)
            server.call("POST", f"/api/batches/{batch}/resume")
            run_id = work_to_the_end(stack, program, 120)
            check_everything(stack, visit, before, run_id)
            # What is over stays as it is, whatever the engine finds when it starts again.
            over = settled(stack, run_id)
            assert over[2] in OVER
            program.kill()
            _start(server, program)
            _use_the_engine(server, stack, visit)
            assert settled(stack, run_id) == over
        _check_gone(program)


def _use_the_engine(server: Server, stack: Stack, visit: Visit) -> None:
    """Has the engine do something else for the same account, which comes after everything that it has taken up."""
    server.call("POST", f"/api/visits/{visit.visit_id}/forms/check")

    def ended() -> bool:
        with stack.database.read() as db:
            return all(check.state == "done" for check in db.query(VisitCheckJob).filter_by(visit_id=visit.visit_id))

    wait_for(ended, "the engine's work")


def _state(stack: Stack, batch: str) -> str:
    with stack.database.read() as db:
        return db.get_one(Batch, batch).state


def _writes(portal: SandboxServer) -> int:
    return int(portal.control.counts()["writes"])
