"""The evidence of a visit as PDF."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typst

from app.accounts.models import User
from app.database import Database
from app.forms.evidence import shot_path
from app.forms.report import visit_report
from app.forms.schemas import Verdict
from app.kit.clock import VirtualClock
from app.kit.problems import NotFound
from app.work import store
from backend.tests.conftest import Person
from backend.tests.forms.home import NOW as STORED_AT
from backend.tests.forms.home import VISIT, bring_home, seen
from backend.tests.forms.proof import add_run
from backend.tests.work.records import dispenser

AT = datetime(2026, 3, 4, 15, 30, tzinfo=UTC)
NASTY = r"#42 *bold* _x_ $1$ @ref [box] `raw` \n <tag> “€” // no comment /* = - + ~ {}"


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the document was made from, one entry per PDF."""
    seen_data: list[dict[str, Any]] = []
    really = typst.compile

    def compile_(path: Path, **options: Any) -> bytes:
        seen_data.append(json.loads((path.parent / "data.json").read_text(encoding="utf-8")))
        return bytes(really(path, **options))

    monkeypatch.setattr(typst, "compile", compile_)
    return seen_data


def _pdf(database: Database, person: Person) -> bytes:
    with database.read() as db, VirtualClock(AT + timedelta(days=1)):
        return visit_report(db, db.get_one(User, person.id), VISIT)


def _pages(pdf: bytes) -> int:
    return len(re.findall(rb"/Type ?/Page\b", pdf))


def _pictures(pdf: bytes) -> int:
    return len(re.findall(rb"/Subtype ?/Image\b", pdf))


def test_every_form_is_in_it_with_what_was_read_back_and_its_pictures(
    sqlite: Database, person: Person, visit: str, given: list[dict[str, Any]]
) -> None:
    seen(sqlite, person)
    add_run(sqlite, person, at=AT)
    pdf = _pdf(sqlite, person)
    assert pdf.startswith(b"%PDF")
    assert f"#1 · visit {VISIT}".encode() in pdf, "the title stands in the metadata"
    assert _pages(pdf) >= 3  # the overview, and each form on a page of its own
    assert _pictures(pdf) >= 1
    (data,) = given
    assert data["title"] == f"#1 · visit {VISIT}"
    assert data["printed"] == "2026-03-05 10:30 EST"
    assert ["Asked by", "tech@example.com"] in data["facts"]
    assert ["Times", "in America/New_York"] in data["facts"]
    assert [(form["dispenser"], form["entry"], form["verdict"]) for form in data["forms"]] == [
        ("1/2", "9000", "Verified"),
        ("3/4", "9001", "Verified"),
    ]
    first = data["forms"][0]
    assert first["times"] == "read back 2026-03-04 10:20:00, 12.5 s, asked by tech@example.com 2026-03-04 10:30"
    assert first["sections"] == [
        ["Equipment", "1/2 Regular, Plus"],
        ["Prover size", "5 Gallon"],
        ["Badge in the portal", "In Progress"],
    ]
    assert first["grades"] == [["Regular", "yes", "Top", "21-65431-01"], ["Plus", "no", "Top", "21-65431-01"]]
    assert first["readings"][1] == ["1", "Plus", "1", "Wet Down", "fast", None, None, "0", None, None]
    assert [picture["title"] for picture in first["pictures"]] == [
        "Dispenser and prover size, as saved",
        "Grades, as saved",
        "Readings, as saved",
    ]


def test_without_pictures_and_without_anything_read_back_the_verdicts_are_told(
    sqlite: Database, person: Person, visit: str, given: list[dict[str, Any]]
) -> None:
    seen(sqlite, person)
    reasons = ("The portal did not answer.", "Two forms are bound to 3/4.")
    add_run(sqlite, person, at=AT, reasons=reasons, verdict=Verdict.needs_human, proven=False, pictures=False)
    pdf = _pdf(sqlite, person)
    assert (_pages(pdf), _pictures(pdf)) == (3, 0)
    for form, reason in zip(given[0]["forms"], reasons, strict=True):
        assert (form["verdict"], form["reason"]) == ("Needs a person", reason)
        assert form["sections"] == form["grades"] == form["readings"] == form["pictures"] == []


def test_pictures_that_are_kept_no_longer_are_left_out(
    sqlite: Database, person: Person, visit: str, given: list[dict[str, Any]]
) -> None:
    seen(sqlite, person)
    run_id = add_run(sqlite, person, at=AT)
    for name in ("section-1", "readings"):
        shot_path(run_id, 0, name).unlink()
    _pdf(sqlite, person)
    assert [len(form["pictures"]) for form in given[0]["forms"]] == [1, 3]


@pytest.mark.parametrize("cut", [0, 20, 60])
def test_a_picture_that_was_cut_short_does_not_cost_the_report(
    sqlite: Database, person: Person, visit: str, given: list[dict[str, Any]], cut: int
) -> None:
    seen(sqlite, person)
    run_id = add_run(sqlite, person, at=AT)
    path = shot_path(run_id, 0, "grades")
    path.write_bytes(path.read_bytes()[:cut])
    assert _pdf(sqlite, person).startswith(b"%PDF")
    assert [picture["title"] for picture in given[0]["forms"][0]["pictures"]] == [
        "Dispenser and prover size, as saved",
        "Readings, as saved",
    ]


def test_signs_that_mean_something_to_the_typesetter_are_only_text(
    sqlite: Database, person: Person, visit: str, given: list[dict[str, Any]]
) -> None:
    bring_home(sqlite, person, store=f"#1 {NASTY}"[:60], street=NASTY, city="#let x = 1")
    with sqlite.write() as db:
        strange = dispenser(1, 2, grades=("Regular", "Plus #*$@["))
        store.store_location(db, person.id, 77, [strange, dispenser(3, 4)], STORED_AT)
    seen(sqlite, person)
    add_run(sqlite, person, at=AT, reasons=(NASTY, f"{NASTY}\n#pagebreak()\n= Title"))
    pdf = _pdf(sqlite, person)
    assert pdf.startswith(b"%PDF")
    plain = _pages(pdf)
    assert given[0]["forms"][0]["reason"] == NASTY
    with sqlite.write() as db:
        from app.forms.models import RunForm

        db.query(RunForm).update({"reason": "x" * 40})
    assert _pages(_pdf(sqlite, person)) == plain, "no sign of the text made a page of its own"


def test_a_later_run_that_only_looked_does_not_hide_what_was_proven(
    sqlite: Database, person: Person, visit: str, given: list[dict[str, Any]]
) -> None:
    seen(sqlite, person)
    add_run(sqlite, person, at=AT)
    add_run(sqlite, person, at=AT + timedelta(hours=1), verdict=Verdict.already_done, proven=False, pictures=False)
    _pdf(sqlite, person)
    assert [(form["verdict"], len(form["readings"])) for form in given[0]["forms"]] == [("Verified", 2)] * 2


def test_the_newest_evidence_counts(sqlite: Database, person: Person, visit: str, given: list[dict[str, Any]]) -> None:
    seen(sqlite, person)
    add_run(sqlite, person, at=AT)
    add_run(sqlite, person, at=AT + timedelta(hours=1), verdict=Verdict.not_done, pictures=False)
    _pdf(sqlite, person)
    assert [(form["verdict"], form["pictures"]) for form in given[0]["forms"]] == [("Not done", [])] * 2


def test_nothing_was_prepared_so_there_is_no_report(
    sqlite: Database, person: Person, visit: str, add_person: Callable[..., Person]
) -> None:
    seen(sqlite, person)
    with pytest.raises(NotFound, match="No form of this visit was prepared yet"):
        _pdf(sqlite, person)
    add_run(sqlite, person, at=AT)
    with pytest.raises(NotFound):
        _pdf(sqlite, add_person("other@example.com"))
