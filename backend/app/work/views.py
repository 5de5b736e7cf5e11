"""From rows to what the API says. Pure: rows and dates in, schemas out."""

from collections.abc import Sequence
from datetime import date
from urllib.parse import quote_plus

from app.work.chains import chain_of
from app.work.facts import clean_text, facts_of
from app.work.grades import columns, in_portal_order, metering, plain_name
from app.work.models import Dispenser, Location, Visit, WorkOrder
from app.work.schemas import Dispenser as DispenserView
from app.work.schemas import FormsProgress, Grade, ServiceLine, VisitCard
from app.work.schemas import Location as LocationView
from app.work.schemas import WorkOrder as WorkOrderView
from app.work.week import due_state

# Service codes whose quantity is a number of dispensers (Portal spec §5.10); for 2862 it says nothing.
_COUNTING_CODES = ("2861", "3002", "3146")


def codes_of(order: WorkOrder) -> list[str]:
    return [str(line["code"]) for line in order.services if line["code"]]


def card(order: WorkOrder, visit: Visit | None, cards_known: int | None, today: date) -> VisitCard:
    """``cards_known``: dispensers counted on the location's page, ``None`` when it was never read."""
    codes = codes_of(order)
    quantity = next((line["quantity"] for line in order.services if line["code"] in _COUNTING_CODES), None)
    visit_date = visit.date if visit else None
    return VisitCard(
        work_id=order.work_id,
        visit_id=visit.visit_id if visit else None,
        date=visit_date,
        time=visit.time if visit else None,
        chain=chain_of(order.customer, order.brand),
        customer=order.customer,
        brand=order.brand,
        store=order.store,
        street=order.street,
        city=order.city,
        state=order.state,
        dispensers=cards_known if cards_known is not None else quantity or None,
        dispensers_from="cards" if cards_known is not None else "quantity" if quantity else "unknown",
        codes=codes,
        facts=facts_of(order.instructions, codes),
        due_date=order.due_date,
        due_state="none" if order.completed_on else due_state(order.due_date, visit_date, today),
        completed_on=order.completed_on,
        missing=order.missing_since is not None,
        forms=_forms(visit),
    )


def _forms(visit: Visit | None) -> FormsProgress | None:
    if visit is None or visit.forms_wanted is None:
        return None
    return FormsProgress(verified=visit.forms_verified, wanted=visit.forms_wanted, needs_person=visit.forms_need_person)


def location_view(location_id: int, location: Location | None, dispensers: Sequence[Dispenser]) -> LocationView:
    return LocationView(
        location_id=location_id,
        read_at=location.read_at if location else None,
        error_code=location.error_code if location else None,
        error_detail=location.error_detail if location else None,
        columns=columns(dispenser.grades for dispenser in dispensers),
        dispensers=[_dispenser(dispenser) for dispenser in dispensers],
    )


def _dispenser(row: Dispenser) -> DispenserView:
    grades = []
    for name in in_portal_order(row.grades):
        found = metering(name, row.grades)
        grades.append(Grade(name=name, column=plain_name(name), metered=found.metered, known=found.known))
    return DispenserView(
        label=row.label,
        numbers=row.numbers,
        title=row.title,
        grades=grades,
        make=row.make,
        model=row.model,
        serial=row.serial,
        stand_alone_code=row.stand_alone_code,
        nozzles_per_side=row.nozzles_per_side,
        meter_type=row.meter_type,
        ntep=row.ntep,
    )


def work_order_view(
    order: WorkOrder,
    visit: Visit | None,
    location: Location | None,
    dispensers: Sequence[Dispenser],
    portal: str | None,
    today: date,
) -> WorkOrderView:
    """``portal``: the portal's base address for links, ``None`` when no account is connected."""
    cards_known = len(dispensers) if location is not None and location.read_at is not None else None
    path = visit.url if visit is not None else None
    return WorkOrderView(
        card=card(order, visit, cards_known, today),
        status=order.status,
        reason=order.reason,
        project=order.project,
        po=order.po,
        created_at=order.created_at,
        customer=order.customer,
        street=order.street,
        intersection=order.intersection,
        city=order.city,
        state=order.state,
        zip=order.zip,
        county=order.county,
        map_url=_map_url(order),
        portal_url=portal + path if portal and path and path.startswith("/") else path,
        services=[ServiceLine.model_validate(line) for line in order.services],
        visits_done=order.visits_done,
        visits_total=order.visits_total,
        instructions=order.instructions,
        instructions_clean=clean_text(order.instructions),
        location=location_view(order.location_id, location, dispensers),
        seen_at=order.seen_at,
        missing_since=order.missing_since,
    )


def _map_url(order: WorkOrder) -> str | None:
    parts = [part for part in (order.street, order.city, order.state, order.zip) if part]
    if order.street is None or len(parts) < 2:
        return None
    return "https://www.google.com/maps/search/?api=1&query=" + quote_plus(", ".join(parts))
