"""Timing the statements of a database."""

from sqlalchemy import text

from app.database import Database
from app.telemetry.queries import observe


def test_a_statement_that_is_under_way_when_timing_begins_is_left_alone(sqlite: Database) -> None:
    """A job that is taken up again at the start must not fail because of how long its statement took."""

    def begin_to_observe() -> int:
        observe(sqlite)
        return 1

    with sqlite.engine.connect() as connection:
        connection.connection.driver_connection.create_function("begin_to_observe", 0, begin_to_observe)  # type: ignore[union-attr]
        assert connection.scalar(text("SELECT begin_to_observe()")) == 1
        assert connection.scalar(text("SELECT 2")) == 2
