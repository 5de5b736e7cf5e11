"""A visit that was brought home, for tests that need no portal."""

from datetime import UTC, date, datetime
from typing import Any

from app.database import Database
from app.forms import service
from app.portal.records import ProverRow, VisitForm, VisitPage
from app.provers.service import store_provers
from app.work import store
from backend.tests.conftest import Person
from backend.tests.work.records import dispenser, row

VISIT = 500
NOW = datetime(2026, 3, 2, tzinfo=UTC)
PROVERS = [ProverRow(f"21-6543{n}-0{n}", None, "Seraphin", "5 Gallon", None) for n in (1, 2, 3)]
Handed = list[tuple[str, str, str]]


def bring_home(database: Database, person: Person, **values: Any) -> None:
    """The visit, with dispensers 1/2 and 3/4 and three provers. ``values``: fields of its work order."""
    order = row(1, on=date(2026, 3, 4), visit_id=VISIT, location_id=77, **values)
    with database.write() as db:
        store.store_work_orders(db, person.id, [order], NOW)
        store.store_location(db, person.id, 77, [dispenser(1, 2), dispenser(3, 4)], NOW)
        store_provers(db, person.id, PROVERS, NOW)


def seen(database: Database, person: Person, *forms: VisitForm) -> None:
    """Stores what the portal showed."""
    with database.write() as db:
        service.store_snapshot(db, person.id, VISIT, VisitPage(1, VISIT, (), forms))
