"""The look at the portal's pages as a job and as a command."""

import json
from dataclasses import replace
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from app.accounts import links
from app.activity.queue import enqueue, under_way
from app.activity.schemas import Event
from app.cli import app
from app.connection import doctor, jobs, sessions
from app.connection.models import PortalJob
from app.connection.sessions import portal_settings
from backend.tests.portal.looking import fill_one, first_orders
from backend.tests.stack import Stack


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox answers at once, so pages come to rest at once."""
    monkeypatch.setattr(sessions, "portal_settings", lambda url: replace(portal_settings(url), settle_seconds=0.3))


def ask(stack: Stack) -> list[Event]:
    with stack.database.write() as db:
        job = doctor.request_doctor(db, stack.user_id)
    enqueue(doctor.WORKFLOW, job.id, stack.user_id)
    return stack.follow(job.id)


def command() -> Result:
    return CliRunner().invoke(app, ["portal", "doctor", "--json"])


def report_of(result: Result) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(result.stdout)
    return report


def test_a_healthy_portal(stack: Stack) -> None:
    fill_one(stack.portal, first_orders(stack.portal)[0])
    result = command()
    assert result.exit_code == 0, result.output
    report = report_of(result)
    assert report["ok"] is True
    assert {page["state"] for page in report["pages"]} == {"ok"}
    assert set(report["pages"][0]) >= {"page", "state", "url", "failed", "not_seen", "snapshot"}
    assert stack.portal.control.counts()["writes"] == 0
    assert stack.portal.control.counts()["sign_ins"]["accepted"] == 1


@pytest.mark.parametrize(
    ("what", "page", "name"),
    [
        ("work_list_item", "work_list", "rows are .work-list-item.w-N"),
        ("has_meter_field", "form_grades", "Has Meter radios"),
    ],
)
def test_a_changed_portal(quick: None, stack: Stack, what: str, page: str, name: str) -> None:
    fill_one(stack.portal, first_orders(stack.portal)[0])
    stack.portal.control.fault("rename", None, what=what)
    result = command()
    assert result.exit_code == 1, result.output
    report = report_of(result)
    assert report["ok"] is False
    assert {item["page"]: item["failed"] for item in report["pages"] if item["state"] == "failed"} == {page: [name]}


@pytest.mark.parametrize("as_json", [True, False])
def test_what_cannot_be_seen(quick: None, stack: Stack, as_json: bool) -> None:
    stack.portal.world.state.forms.clear()
    result = command() if as_json else CliRunner().invoke(app, ["portal", "doctor"])
    assert result.exit_code == 3, result.output
    if as_json:
        assert report_of(result)["ok"] is None
    else:
        assert "not seen" in result.output


def test_refused_credentials_are_told_and_not_tried_again(stack: Stack) -> None:
    with stack.database.write() as db:
        link = links.unseal(db, stack.user_id)
        assert link.browser_state is None
    stack.link(password="wrong-password-1")
    events = ask(stack)
    assert (events[-1].type, events[-1].data["code"]) == ("failed", "credentials_rejected")
    result = command()
    assert result.exit_code == 1
    assert report_of(result)["error"]["code"] == "credentials_rejected"


def test_it_waits_its_turn(quick: None, stack: Stack) -> None:
    """Two jobs of one account are never in the portal at once."""
    with stack.database.write() as db:
        first, second = (doctor.request_doctor(db, stack.user_id) for _ in range(2))
    for job in (first, second):
        enqueue(doctor.WORKFLOW, job.id, stack.user_id)
    assert set(under_way(stack.user_id)) == {first.id, second.id}
    assert under_way("somebody else") == []
    stories = [stack.follow(job.id) for job in (first, second)]
    earlier, later = sorted(stories, key=lambda story: story[0].id)  # which is first is open within a millisecond
    assert earlier[-1].id < later[0].id


def test_a_look_that_never_reached_the_engine_is_handed_over(quick: None, stack: Stack) -> None:
    with stack.database.write() as db:
        job = doctor.request_doctor(db, stack.user_id)
    doctor.take_up()
    assert stack.follow(job.id)[-1].type == "finished"
    with stack.database.read() as db:
        row = db.get_one(PortalJob, job.id)
        assert (row.state, row.result is not None, row.settled_at is not None) == ("finished", True, True)
    assert jobs.settle(job.id, "again", None, None) == "over"
    assert jobs.begin(job.id, again=True) is None
