"""Three visits at home, for tests of batches that need no portal."""

from datetime import UTC, date, datetime

from app.database import Database
from app.work import store
from backend.tests.conftest import Person
from backend.tests.work.records import dispenser, row

NOW = datetime(2026, 3, 4, 15, tzinfo=UTC)  # a Wednesday
VISITS = (501, 502, 503)


def bring_home(database: Database, person: Person) -> None:
    """Two visits on Wednesday, one on Friday; their dispensers are known."""
    with database.write() as db:
        orders = [row(n, on=date(2026, 3, 4 if n < 3 else 6), visit_id=500 + n, location_id=70 + n) for n in (1, 2, 3)]
        store.store_work_orders(db, person.id, orders, NOW)
        for n in (1, 2, 3):
            store.store_location(db, person.id, 70 + n, [dispenser(1, 2)], NOW)
