"""The readers on hand-made pages in the portal's shape."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from selectolax.lexbor import LexborHTMLParser

from app.portal.errors import (
    ErrorPage,
    ForeignPage,
    LocationGone,
    NotExpanded,
    NotSignedIn,
    PortalChanged,
    PortalError,
)
from app.portal.parse.dom import leading_numbers
from app.portal.parse.fleet import parse_fleet
from app.portal.parse.form import grade_name, parse_form
from app.portal.parse.form_parts import selection_value
from app.portal.parse.identify import PageKind, identify
from app.portal.parse.location import parse_location
from app.portal.parse.visit import parse_visit
from app.portal.parse.work_list import parse_work_list
from app.portal.records import NextVisit, ProverRow, ReadingValues, ServiceLine, WorkOrderRow, to_json

Pages = Callable[[str], str]
READERS = (parse_work_list, parse_location, parse_visit, parse_form, parse_fleet)


def rows(html: str) -> dict[int, WorkOrderRow]:
    return {row.work_id: row for row in parse_work_list(html).work_orders}


class TestIdentify:
    @pytest.mark.parametrize(
        ("page", "kind"),
        [
            ("login", PageKind.LOGIN),
            ("work_list_filtered", PageKind.WORK_LIST),
            ("work_list_simple", PageKind.WORK_LIST),
            ("work_list_empty", PageKind.WORK_LIST),
            ("location", PageKind.LOCATION),
            ("location_collapsed", PageKind.LOCATION),
            ("location_deleted", PageKind.LOCATION_DELETED),
            ("visit", PageKind.VISIT),
            ("form_section_1", PageKind.FORM),
            ("form_grades", PageKind.FORM),
            ("form_readings", PageKind.FORM),
            ("fleet", PageKind.FLEET),
            ("dashboard", PageKind.DASHBOARD),
            ("shell_loading", PageKind.SHELL),
            ("foreign", PageKind.FOREIGN),
            ("error_500", PageKind.ERROR),
        ],
    )
    def test_kinds(self, saved_page: Pages, page: str, kind: PageKind) -> None:
        assert identify(saved_page(page)) is kind

    @pytest.mark.parametrize("html", ["", " ", "<p>hello", "<html><body id='home'></body></html>"])
    def test_odd_documents(self, html: str) -> None:
        assert identify(html) in {PageKind.FOREIGN, PageKind.LOGIN}

    @pytest.mark.parametrize(
        ("page", "error"),
        [
            ("login", NotSignedIn),
            ("foreign", ForeignPage),
            ("dashboard", ForeignPage),
            ("location_deleted", LocationGone),
            ("error_500", ErrorPage),
            ("shell_loading", PortalChanged),
        ],
    )
    def test_every_reader_refuses(self, saved_page: Pages, page: str, error: type[PortalError]) -> None:
        for reader in READERS:
            with pytest.raises(error):
                reader(saved_page(page))

    def test_deleted_words_in_instructions_are_no_deleted_location(self, saved_page: Pages) -> None:
        html = saved_page("work_list_filtered").replace("#4 Premium", "Could not find this location.")
        assert identify(html) is PageKind.WORK_LIST


class TestWorkList:
    def test_first_row(self, saved_page: Pages) -> None:
        page = parse_work_list(saved_page("work_list_filtered"))
        assert (page.page, page.matches, page.has_next, page.page_size) == (1, 5, False, 100)
        assert page.filters == ("Work Visits Completed: No visits completed",)
        assert page.work_orders[0] == WorkOrderRow(
            work_id=126001,
            categories=("Meter Calibration",),
            status="Work Created",
            reason="AccuMeasure",
            project="7-11 Calibrations 2025",
            po=None,
            created_by="Robin O'Sample",
            created_at=datetime.fromisoformat("2025-04-03T00:05"),
            customer="7-Eleven Stores, Inc",
            customer_id=11811,
            location_id=32901,
            store="#35001",
            brand="7-11",
            street="100 Example Rd",
            intersection="& Sample St",
            city="Springfield",
            state="FL",
            zip="33333",
            county="Example County",
            services=(
                ServiceLine("Combo", 1, "7-11 Calibration Services", "CAL-SERV"),
                ServiceLine("Meter Calibration", 8, "All Dispensers", "2861"),
            ),
            visits_done=0,
            visits_total=1,
            next_visit=NextVisit(127990, "/app/work/126001/visits/127990/", date(2025, 6, 30), "anytime"),
            due_date=date(2025, 7, 7),
            completed_on=None,
            instructions="Calibrate all dispensers.\nChange the filters.\n\nPhotos to the vault.",
        )

    def test_other_rows(self, saved_page: Pages) -> None:
        found = rows(saved_page("work_list_filtered"))
        wawa, note, circle, post = (found[number] for number in (126002, 126003, 126004, 126005))
        assert (wawa.intersection, wawa.zip, wawa.county, wawa.due_date) == (
            None,
            "333334444",
            "Two Words County",
            None,
        )
        assert [(line.quantity, line.code) for line in wawa.services] == [(0, "2861"), (6, "3006")]
        assert (wawa.instructions or "").endswith("word end.")
        assert (note.store, note.brand, note.zip, note.intersection) == (
            "#43339/6448",
            "Speedway",
            "33333-1234",
            "12 Other Ave",
        )
        assert (note.city, note.county, note.project) == ("St. Example", "St. Sample County", None)
        assert note.services[0].description == "Specific Dispenser(s) - See Notes"
        assert note.categories == ("Meter Calibration", "AccuMeasure Clean-Up")
        assert note.instructions == "#1 Plus\n#4 Premium\n#10 all grades"
        assert (circle.next_visit, circle.completed_on, circle.po) == (None, date(2025, 6, 26), "PO-77/1")
        assert (circle.visits_done, circle.visits_total, circle.instructions) == (1, 1, None)
        assert (circle.status, circle.intersection, circle.customer) == ("Quality Approved", "I-4", "Circle K (FL)")
        assert (post.visits_done, post.visits_total, post.next_visit) == (0, 2, None)
        assert (post.due_date, post.services[0].code) == (date(2025, 8, 1), "A1-B2-C3-00000001")

    def test_paginators(self, saved_page: Pages) -> None:
        simple = parse_work_list(saved_page("work_list_simple"))
        assert (simple.page, simple.matches, simple.has_next, simple.page_size) == (1, None, True, 25)
        later = saved_page("work_list_simple").replace('prev-page disabled"', 'prev-page"')
        assert parse_work_list(later).page is None
        second = parse_work_list(saved_page("work_list_page_2"))
        assert (second.page, second.matches, second.has_next, len(second.work_orders)) == (2, 28, False, 3)

    def test_empty(self, saved_page: Pages) -> None:
        html = saved_page("work_list_empty")
        assert parse_work_list(html).matches == 0
        without_total = re.sub(r"\s0 matches\s", "", html)
        assert parse_work_list(without_total).work_orders == ()
        with pytest.raises(PortalChanged, match="expected 7 rows, found 0"):
            parse_work_list(html.replace("0 matches", "7 matches"))
        with pytest.raises(PortalChanged, match="neither rows nor the list's header"):
            parse_work_list(html.replace("Items", ""))
        with pytest.raises(PortalChanged, match="neither rows nor '0 matches'"):
            parse_work_list(without_total.replace("ks-badge", "badge"))
        with pytest.raises(PortalChanged, match="still loading"):
            parse_work_list(without_total.replace('class="loader-line" style="display: none;"', 'class="loader-line"'))

    @pytest.mark.parametrize(
        ("old", "new", "missing"),
        [
            ('href="/app/customers/11811/"', 'href="#"', "row W-126001: customer link"),
            ('href="/app/customers/locations/32901/"', 'href="#"', "row W-126001: location link"),
            ('href="/app/work/126001/"', 'href="/app/work/1/"', "row W-126001: its work ids disagree"),
            ("work-list-item w-126001", "work-list-item", "a row: the class with its work id"),
            ("Springfield FL 33333", "Springfield", "row W-126001: city line"),
            ("100 Example Rd", "", "row W-126001: street line"),
            ("06/30/2025", "06/31/2025", "row W-126001: visit date"),
            ("06/30/2025", "soon", "row W-126001: date of the next visit"),
            ("Due: 07/07/2025", "Due: later", "row W-126001: due date"),
            ("04/03/2025 12:05am", "yesterday", "row W-126001: creator and creation time"),
            ("visits/127990/", "", "row W-126001: address of the next visit"),
            ("/app/work/126001/visits/127990/", "/app/work/9/visits/127990/", "visit link belongs to work order 9"),
            (">1 x <", ">one x <", "row W-126001: quantity of an item in 'Combo'"),
            ('title="0 / 1"', 'title="1 / 1"', "row W-126001: visit counter"),
            ("#35001", "35001", "row W-126001: store label"),
            ("row-collapse", "row", "row W-126001: visits column"),
        ],
    )
    def test_what_does_not_fit(self, saved_page: Pages, old: str, new: str, missing: str) -> None:
        html = saved_page("work_list_filtered")
        assert old in html
        with pytest.raises(PortalChanged, match=re.escape(missing)) as caught:
            parse_work_list(html.replace(old, new, 1 if "Created" not in old and "04/03" not in old else 2))
        assert caught.value.page == "work list"

    def test_instructions_without_their_full_text(self, saved_page: Pages) -> None:
        html = saved_page("work_list_filtered")
        tooltips = re.compile(r'<div class="ks-tooltip text-sm shadow-lg.*?</div>', re.DOTALL)
        with pytest.raises(PortalChanged, match="row W-126002: full text of the instructions"):
            parse_work_list(tooltips.sub("", html))
        short = tooltips.sub("", html).replace(
            'class="ml-1 text-xs">more', 'class="ml-1 text-xs" style="display:none">more'
        )
        assert rows(short)[126003].instructions == "#1 Plus\n#4 Premium\n#10 all grades"

    def test_cut_off_and_twice(self, saved_page: Pages) -> None:
        html = saved_page("work_list_filtered")
        with pytest.raises(PortalChanged, match="cut off"):
            parse_work_list(html[: len(html) * 2 // 3])
        with pytest.raises(PortalChanged, match="twice"):
            parse_work_list(html.replace("126002", "126001").replace("5 matches", "6 matches"))

    def test_saved_with_absolute_links_and_other_build(self, saved_page: Pages) -> None:
        html = saved_page("work_list_filtered")
        saved = html.replace('href="/app', 'href="https://portal.example.invalid/app').replace(
            "data-v-77aa88bb", "data-v-0"
        )
        found, plain = parse_work_list(saved).work_orders, parse_work_list(html).work_orders
        assert [replace(row, next_visit=None) for row in found] == [replace(row, next_visit=None) for row in plain]
        assert found[0].next_visit is not None
        assert found[0].next_visit.url == "https://portal.example.invalid/app/work/126001/visits/127990/"


class TestLocation:
    def test_cards(self, saved_page: Pages) -> None:
        page = parse_location(saved_page("location"))
        assert (page.location_id, page.expected) == (32901, 4)
        first, second, brand_only, single = page.dispensers
        assert (first.numbers, first.grades, first.stand_alone_code) == ((1, 2), ("Regular", "Plus", "Premium"), "0128")
        assert (second.grades[3], second.model, second.stand_alone_code) == ("Ethanol-Free Gasoline Plus", None, None)
        assert (second.serial, second.nozzles_per_side, second.ntep) == ("EN000 0002x", 3, "02-030")
        assert (brand_only.title, brand_only.grades, brand_only.serial) == (
            "5/6 - Gilbarco",
            ("Regular", "Diesel"),
            None,
        )
        assert (single.numbers, single.make, single.meter_type, single.serial) == ((9,), "Dresser Wayne", None, "9-9")

    def test_without_fields_the_title_tells(self, saved_page: Pages) -> None:
        doc = LexborHTMLParser(saved_page("location"))
        for node in doc.css(".custom-fields-view, .text-tiny"):
            node.decompose()
        page = parse_location(doc.html or "")
        assert page.dispensers[1].grades[3] == "Ethanol-Free Gasoline Plus"
        assert page.dispensers[1].make == "Gilbarco"
        assert page.dispensers[2].grades == ()

    def test_collapsed_and_short(self, saved_page: Pages) -> None:
        with pytest.raises(NotExpanded, match="expected 8 cards, found 0"):
            parse_location(saved_page("location_collapsed"))
        with pytest.raises(PortalChanged, match="expected 8 dispenser cards, found 4") as caught:
            parse_location(saved_page("location_short"))
        assert not isinstance(caught.value, NotExpanded)

    def test_no_dispenser_group(self, saved_page: Pages) -> None:
        with pytest.raises(PortalChanged, match="heading of the dispenser group"):
            parse_location(saved_page("location").replace(">dispenser<", ">pump<"))

    def test_location_id(self, saved_page: Pages) -> None:
        html = saved_page("location")
        assert parse_location(html, "https://x.invalid/app/customers/locations/32901/").location_id == 32901
        with pytest.raises(PortalChanged, match="the address says location 5"):
            parse_location(html, "/app/customers/locations/5/")
        without = re.sub(r'href="/app/customers/locations[^"]*"', 'href="#"', html)
        assert parse_location(without).location_id is None
        saved = f"<!-- saved from url=(0050)https://x.invalid/app/customers/locations/77/ -->{without}"
        assert parse_location(saved).location_id == 77

    @pytest.mark.parametrize(
        ("old", "new", "missing"),
        [
            ("1/2 - Regular, Plus, Premium - Gilbarco", "1+2 - Regular - Gilbarco", "card 1: dispenser number"),
            ("1/2 - Regular, Plus, Premium - Gilbarco", "", "card 1: title"),
            ('text-xs mt-1">3<', 'text-xs mt-1">three<', "card 2: number of nozzles"),
            ("(4)", "", "number of dispensers in the group's heading"),
        ],
    )
    def test_what_does_not_fit(self, saved_page: Pages, old: str, new: str, missing: str) -> None:
        html = saved_page("location")
        assert old in html
        with pytest.raises(PortalChanged, match=missing):
            parse_location(html.replace(old, new, 1))


class TestVisit:
    def test_forms(self, saved_page: Pages) -> None:
        page = parse_visit(saved_page("visit"))
        assert (page.work_id, page.visit_id) == (126001, 127990)
        assert [(s.form_type, s.attached, s.action) for s in page.suggested] == [
            ("AccuMeasure", 3, "new"),
            ("Open Neck Prover", 0, "attach"),
        ]
        assert [(f.entry_id, f.numbers, f.status) for f in page.forms] == [
            (700001, (1, 2), "Complete"),
            (700002, (9,), "In Progress"),
            (700003, (), "In Progress"),
        ]
        assert page.forms_of("Open Neck Prover") == ()

    @pytest.mark.parametrize(
        ("old", "new", "missing"),
        [
            ("(3) AccuMeasure", "(4) AccuMeasure", "expected 4 forms AccuMeasure, found 3"),
            ('dusk="suggested_forms"', "", "panel of suggested forms"),
            (
                "/visits/127990/form-entries/700001",
                "/visits/1/form-entries/700001",
                "its links belong to different visits",
            ),
        ],
    )
    def test_what_does_not_fit(self, saved_page: Pages, old: str, new: str, missing: str) -> None:
        with pytest.raises(PortalChanged, match=re.escape(missing)):
            parse_visit(saved_page("visit").replace(old, new, 1))

    def test_another_visit(self, saved_page: Pages) -> None:
        with pytest.raises(PortalChanged, match="belongs to visit 127990"):
            parse_visit(saved_page("visit"), "/app/work/126001/visits/5/")


class TestForm:
    def test_section_one(self, saved_page: Pages) -> None:
        page = parse_form(saved_page("form_section_1"))
        assert (page.work_id, page.visit_id, page.entry_id, page.section_id) == (126001, 127990, 700002, None)
        assert (page.equipment_numbers, page.prover_size, page.next_enabled) == ((9,), "5 Gallon", True)
        assert len(page.equipment_options) == 3
        empty = parse_form(saved_page("form_section_1_empty"))
        assert (empty.equipment, empty.prover_size, empty.saved, empty.entry_id) == (None, None, False, 700003)
        assert empty.errors == ("Equipment field is required.",)

    def test_grades(self, saved_page: Pages) -> None:
        page = parse_form(saved_page("form_grades"))
        assert page.section_id == 536
        assert [(g.grade, g.expanded, g.has_meter, g.fill) for g in page.grades] == [
            ("Regular", True, "yes", "Top"),
            ("Plus", False, None, None),
            ("Premium", False, None, None),
        ]
        assert (page.grades[0].prover or "").startswith("11-22222-33")

    def test_readings(self, saved_page: Pages) -> None:
        page = parse_form(saved_page("form_readings"))
        assert [(r.index, r.expanded, r.procedure) for r in page.readings] == [(0, True, None), (1, False, None)]
        assert [(r.title, r.values) for r in page.readings] == [("Regular 1", ReadingValues()), ("Regular 2", None)]
        assert page.reading_groups == (2,)
        assert page.grades == ()

    def test_what_does_not_fit(self, saved_page: Pages) -> None:
        html = saved_page("form_grades")
        with pytest.raises(PortalChanged, match="not numbered from 0"):
            parse_form(html.replace("iteration-0", "iteration-9"))
        with pytest.raises(PortalChanged, match="several choices of one field"):
            parse_form(html.replace('class="ks-radio"', 'class="ks-radio ks-state-active"', 1))

    def test_words(self) -> None:
        assert [grade_name(t) for t in ("Regular:", "Fuel Grade: E-85", "Plus")] == ["Regular", "E-85", "Plus"]
        placeholders = ("Select...", "- Procedure -", "Select Equipment", None, "")
        assert [selection_value(t) for t in placeholders] == [None] * 5
        assert selection_value("1/2 - Regular") == "1/2 - Regular"
        labels = ("1/2 - Regular", " 9 DEF", "10 - x", "1/2/3 x", "12A", "Regular 87", None)
        assert [leading_numbers(t) for t in labels] == [(1, 2), (9,), (10,), (), (), (), ()]


def test_fleet(saved_page: Pages) -> None:
    page = parse_fleet(saved_page("fleet"))
    assert page.provers == (
        ProverRow("11-22222-33", "SN-1-2-3", "Seraphin", "5 Gallon", date(2026, 1, 31)),
        ProverRow("11-22222-34", None, "Seraphin", "5 Gallon", None),
    )
    with pytest.raises(PortalChanged, match="prover id"):
        parse_fleet(saved_page("fleet").replace("11-22222-33", "unknown"))
    with pytest.raises(PortalChanged, match="list of equipment"):
        parse_fleet(re.sub(r'<li class="(?:header-row|flex)".*?</li>|<li><div>.*?</li>', "", saved_page("fleet")))


def test_json(saved_page: Pages) -> None:
    document = json.loads(json.dumps(to_json(parse_work_list(saved_page("work_list_filtered")))))
    row = document["work_orders"][0]
    assert (row["created_at"], row["due_date"], row["completed_on"]) == ("2025-04-03T00:05", "2025-07-07", None)
    assert row["next_visit"] == {
        "visit_id": 127990,
        "url": "/app/work/126001/visits/127990/",
        "date": "2025-06-30",
        "time": "anytime",
    }
    assert to_json(parse_location(saved_page("location")))["dispensers"][0]["numbers"] == [1, 2]
