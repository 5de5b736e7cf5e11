"""Times the statements of a database."""

import time
from typing import Any

from sqlalchemy import event

from app.database import Database
from app.telemetry import metrics

_KINDS = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})


def observe(database: Database) -> None:
    """Times every statement of this database from now on; asking twice changes nothing."""
    if event.contains(database.engine, "before_cursor_execute", _begin):
        return
    series = {kind: metrics.QUERY_SECONDS.labels(database.history, kind.lower()) for kind in (*sorted(_KINDS), "OTHER")}

    def end(_: Any, __: Any, statement: str, ___: Any, context: Any, ____: bool) -> None:
        began = getattr(context, "fossawork_began", None)
        if began is None:
            return  # it was under way when we began to listen: jobs that were taken up again are quicker than that
        kind = statement[:6].upper()
        series[kind if kind in _KINDS else "OTHER"].observe(time.perf_counter() - began)

    event.listen(database.engine, "before_cursor_execute", _begin)
    event.listen(database.engine, "after_cursor_execute", end)


def _begin(_: Any, __: Any, ___: str, ____: Any, context: Any, _____: bool) -> None:
    context.fossawork_began = time.perf_counter()
