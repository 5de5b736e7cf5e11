"""The whole way on PostgreSQL: engine, sync, plan, run. The details are tested on SQLite; this shows that nothing in them
depends on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.database import get_database
from app.forms import runs
from app.forms.schemas import Verdict
from backend.tests.conftest import forget_everything
from backend.tests.postgres_server import fresh_database
from backend.tests.stack import TECHNICIAN, Stack, running_stack
from sandbox.server import SandboxServer


@pytest.fixture
def stack(home: Path, postgres: str, portal: SandboxServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    with fresh_database(postgres) as url:
        monkeypatch.setenv("DATABASE_URL", url)
        forget_everything()
        get_database().migrate()
        with running_stack(get_database(), portal) as running:
            yield running
        forget_everything()


@pytest.mark.postgres
def test_the_whole_way_on_postgres(stack: Stack) -> None:
    mine = [order.id for order in stack.portal.world.state.work_orders.values() if order.technician == TECHNICIAN]
    for work_id in mine[5:]:
        stack.portal.control.schedule.remove(work_id)
    run, events = stack.sync()
    assert run.state == "succeeded", run.error_detail
    assert events[-1].type == "finished"
    visit = stack.bring_home("2861")
    plan = stack.plan(visit)
    first = stack.ask_run(plan)
    with pytest.raises(runs.RunActive):
        stack.ask_run(plan)
    stack.follow(first)
    assert {form.verdict for form in stack.run_view(first).forms} == {Verdict.verified}
    assert stack.created() == len(plan.forms)
