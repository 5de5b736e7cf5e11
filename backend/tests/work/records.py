"""Portal records for tests, with sensible values wherever a test does not care."""

from datetime import date
from typing import Any

from app.portal.records import DispenserCard, NextVisit, ServiceLine, WorkOrderRow


def row(
    work_id: int, *, on: date | None = date(2026, 3, 4), code: str = "2861", quantity: int = 2, **values: Any
) -> WorkOrderRow:
    """A row of the work list; ``on`` is the date of its next visit, ``None`` = not scheduled."""
    visit = None
    if on is not None:
        visit_id = values.pop("visit_id", work_id + 1989)
        visit = NextVisit(visit_id, f"/app/work/{work_id}/visits/{visit_id}/", on, "anytime")
    given: dict[str, Any] = {
        "work_id": work_id,
        "categories": ("Meter Calibration",),
        "status": "Work Created",
        "reason": "AccuMeasure",
        "project": None,
        "po": None,
        "created_by": None,
        "created_at": None,
        "customer": "Wawa",
        "customer_id": 11762,
        "location_id": 40000 + work_id,
        "store": f"#{work_id}",
        "brand": None,
        "street": "100 Example Road",
        "intersection": None,
        "city": "Springfield",
        "state": "FL",
        "zip": "33333",
        "county": "Example County",
        "services": (ServiceLine("Meter Calibration", quantity, "All Dispensers", code),),
        "visits_done": 0,
        "visits_total": 1,
        "next_visit": visit,
        "due_date": None,
        "completed_on": None,
        "instructions": None,
    }
    return WorkOrderRow(**{**given, **values})


def dispenser(*numbers: int, grades: tuple[str, ...] = ("Regular", "Plus", "Premium"), **values: Any) -> DispenserCard:
    given: dict[str, Any] = {
        "numbers": numbers,
        "title": f"{'/'.join(map(str, numbers))} - {', '.join(grades)} - Gilbarco",
        "grades": grades,
        "make": "Gilbarco",
        "model": "NN1",
        "serial": None,
        "stand_alone_code": None,
        "nozzles_per_side": 1,
        "meter_type": "HD Meter",
        "ntep": None,
    }
    return DispenserCard(**{**given, **values})
