"""Evidence: what the portal said stands where it belongs, and a picture is there only when it was taken."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.database import Database
from app.forms.evidence import SHOTS, Album, evidence_of, shot_path
from app.forms.plan import make_plan
from app.forms.plan_records import KnownDispenser, PlanInput
from app.forms.schemas import FormPlan
from app.forms.views import run_views
from app.kit.clock import VirtualClock
from app.portal.records import FormSections, GradePanel, Reading, ReadingsPage, ReadingValues
from backend.tests.conftest import Person
from backend.tests.forms.home import seen
from backend.tests.forms.proof import add_run, evidence, run_of

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)


class Camera:
    """Takes pictures, or fails to."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works

    async def picture(self, path: Path) -> bool:
        if self.works:
            await asyncio.to_thread(path.write_bytes, b"picture")
        return self.works


async def test_an_album_lists_what_was_taken_in_the_order_of_the_form(home: Path) -> None:
    album = Album("run", 0)
    with VirtualClock(NOW) as clock:
        await album.take("readings", Camera())
        clock.advance(minutes=1)
        await album.take("section-1", Camera())
        await album.take("grades", Camera(works=False))
    assert album.entries() == [
        {"name": "section-1", "taken_at": "2026-03-04T15:01:00+00:00"},
        {"name": "readings", "taken_at": "2026-03-04T15:00:00+00:00"},
    ]
    assert shot_path("run", 0, "readings").read_bytes() == b"picture"
    assert shot_path("run", 0, "readings").is_relative_to(home)


async def test_what_an_earlier_attempt_took_is_still_there(home: Path) -> None:
    await Album("run", 0).take("section-1", Camera())
    again = Album("run", 0)
    await again.take("section-1", Camera(works=False))
    assert [entry["name"] for entry in again.entries()] == ["section-1"]
    assert Album("run", 1).entries() == Album("other", 0).entries() == []


async def test_no_picture_is_taken_that_is_not_wanted(home: Path) -> None:
    album = Album("run", 0, wanted=False)
    await album.take("grades", Camera())
    assert album.entries() == []
    assert not shot_path("run", 0, "grades").exists()


# --- what was read back -----------------------------------------------------------------------------------------------


@pytest.fixture
def plan() -> FormPlan:
    known = KnownDispenser("3/4", (3, 4), ("Premium", "Regular"), "Gilbarco", "NN1")
    return make_plan(PlanInput((("2861", 1),), None, (known,), (), ())).forms[0]


def _sections() -> FormSections:
    def panel(index: int, grade: str, meter: str | None) -> GradePanel:
        return GradePanel(index, grade, True, meter, "Top", "21-65431-01", None)  # type: ignore[arg-type]

    panels = (panel(0, "Regular", "yes"), panel(1, "Plus", "no"), panel(2, "Premium", None))
    return FormSections(9, "/f/9", "3/4 Regular, Premium", (3, 4), "5 Gallon", True, 536, panels, True)


def _reading(group: int, number: int, **values: str) -> Reading:
    return Reading(group, number, None, ReadingValues(**values), "0.2")  # type: ignore[arg-type]


def test_readings_are_told_by_side_and_grade_in_the_portals_order(home: Path, plan: FormPlan) -> None:
    page = ReadingsPage(
        537,
        (1, 1, 1, 2),
        (
            _reading(0, 0, procedure="Wet Down", flow="fast", start="0"),
            _reading(1, 0),
            _reading(2, 0),
            _reading(3, 1, procedure="First Run", flow="slow", temperature="71.2", gpm="8", end="5.01", meniscus="1"),
        ),
        (),
    )
    with VirtualClock(NOW):
        found = evidence_of(_sections(), page, plan, Album("run", 0))
    assert [(r["side"], r["grade"], r["number"]) for r in found["readings"]] == [
        (3, "Regular", 1),
        (3, "Premium", 1),
        (4, "Regular", 1),
        (4, "Premium", 2),
    ]
    assert found["readings"][3] == {
        "side": 4,
        "grade": "Premium",
        "number": 2,
        "procedure": "First Run",
        "flow": "slow",
        "temperature": "71.2",
        "gpm": "8",
        "start": None,
        "meniscus": "1",
        "end": "5.01",
        "variance": "0.2",
    }
    assert (found["read_at"], found["equipment"], found["prover_size"]) == (
        "2026-03-04T15:00:00+00:00",
        "3/4 Regular, Premium",
        "5 Gallon",
    )
    assert [(g["grade"], g["has_meter"]) for g in found["grades"]] == [
        ("Regular", True),
        ("Plus", False),
        ("Premium", None),
    ]


def test_a_form_whose_readings_were_not_read_says_nothing_of_them(home: Path, plan: FormPlan) -> None:
    assert evidence_of(_sections(), None, plan, Album("run", 0))["readings"] == []


def test_readings_of_a_group_the_dispenser_does_not_have_are_told_of_nobody(home: Path, plan: FormPlan) -> None:
    page = ReadingsPage(537, (1, 1, 1, 1, 1), (_reading(4, 0, start="0"),), ())
    assert evidence_of(_sections(), page, plan, Album("run", 0))["readings"] == []


# --- as the API says it -----------------------------------------------------------------------------------------------


def test_a_picture_whose_time_is_over_is_told_as_not_kept(sqlite: Database, person: Person, visit: str) -> None:
    seen(sqlite, person)
    run_id = add_run(sqlite, person, at=NOW)
    shot_path(run_id, 0, "grades").unlink()
    with sqlite.read() as db:
        forms = run_views(db, [run_of(sqlite, run_id)])[0].forms
    kept = [{shot.name: shot.kept for shot in form.evidence.shots} for form in forms if form.evidence]
    everything = dict.fromkeys(SHOTS, True)
    assert kept == [everything | {"grades": False}, everything]


def test_evidence_from_before_readings_were_read_back_can_still_be_shown(
    sqlite: Database, person: Person, visit: str
) -> None:
    seen(sqlite, person)
    run_id = add_run(sqlite, person, at=NOW)
    old = evidence("1/2", shots=())
    del old["readings"], old["shots"]
    with sqlite.write() as db:
        from app.forms.runs import forms_of

        forms_of(db, run_id)[0].evidence = old
    with sqlite.read() as db:
        shown = run_views(db, [run_of(sqlite, run_id)])[0].forms[0].evidence
    assert shown is not None
    assert (shown.readings, shown.shots, len(shown.grades)) == ([], [], 2)
