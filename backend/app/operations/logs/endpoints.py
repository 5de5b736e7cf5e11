"""Routes of the logs: what browsers report, and for operators search, summary and live tail."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import StreamingResponse

from app.accounts.current import OPERATORS_ONLY, Operator, OperatorSession, OperatorsSession, PerhapsUser
from app.accounts.limits import limit_reports
from app.config import get_settings
from app.kit import clock
from app.kit.bounded_body import bounded_body
from app.kit.problems import Conflict, Invalid, TooLarge, TooManyRequests, Unavailable, problem_responses
from app.operations.logs import service
from app.operations.logs.ingestion import Seen, write_reports
from app.operations.logs.schemas import (
    CODE,
    LARGEST_REPORT,
    REQUEST_ID,
    Instant,
    Level,
    LogPage,
    LogSummary,
    NewLogs,
    TakenLogs,
    line_view,
)
from app.operations.logs.tail import LogTail, Missed
from app.operations.logs.wanted import Wanted
from app.telemetry.logs import Category

router = APIRouter(tags=["logs"])
_reports = APIRouter(prefix="/api", route_class=bounded_body(LARGEST_REPORT))
_operators = APIRouter(prefix="/api/operations/logs")
_ERRORS = OPERATORS_ONLY | problem_responses(Invalid)
# A search takes a whole core for its time: others of the API must not wait for it.
_SEARCHES_AT_ONCE = 2
_PATIENCE_SECONDS = 5.0
_searching = threading.BoundedSemaphore(_SEARCHES_AT_ONCE)
_seen = Seen()


@_reports.post(
    "/logs",
    status_code=202,
    responses=problem_responses(TooLarge, Invalid, TooManyRequests),
)
def report_logs(body: NewLogs, user_id: PerhapsUser, request: Request) -> TakenLogs:
    """What a browser has to report: errors, failed requests, slow pages. Open to everybody, within limits."""
    address = request.client.host if request.client else "local"
    limit_reports(address, user_id)
    return TakenLogs(written=write_reports(body.entries, user_id, address, _seen))


def _span(
    since: Annotated[Instant | None, Query()] = None,
    until: Annotated[Instant | None, Query()] = None,
    minutes: Annotated[int | None, Query(ge=1, le=366 * 1440, description="the last so many minutes")] = None,
) -> tuple[datetime | None, datetime | None]:
    if minutes is not None and since is not None:
        raise Invalid("Say either since when, or how many minutes.", "Leave one of the two out.")
    begin = clock.now() - timedelta(minutes=minutes) if minutes is not None else since
    return begin and begin.astimezone(UTC), until and until.astimezone(UTC)


_Span = Annotated[tuple[datetime | None, datetime | None], Depends(_span)]


def _wanted(
    span: _Span,
    level: Annotated[list[Level] | None, Query()] = None,
    category: Annotated[list[Category] | None, Query()] = None,
    component: Annotated[str, Query(pattern=f"^$|{CODE}", max_length=60)] = "",
    event: Annotated[str, Query(pattern=f"^$|{CODE}", max_length=100, description="also what is below it")] = "",
    text: Annotated[str, Query(max_length=200)] = "",
    request_id: Annotated[str, Query(pattern=f"^$|^-$|{REQUEST_ID}")] = "",
    user_id: Annotated[str, Query(pattern="^[A-Za-z0-9-]{0,64}$")] = "",
) -> Wanted:
    levels, categories = frozenset(level or ()), frozenset(category or ())
    return Wanted(span[0], span[1], levels, categories, component, event, text.strip(), request_id, user_id)


_Filters = Annotated[Wanted, Depends(_wanted)]


@_operators.get("", responses=_ERRORS | problem_responses(Conflict))
def search_logs(
    _: Operator,
    wanted: _Filters,
    cursor: Annotated[str | None, Query(max_length=2000)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> LogPage:
    """Lines of all logs, live and archived, newest first. A page takes some seconds at most and says what it did not read."""
    with _one_of_few():
        return service.read_page(wanted, limit, cursor)


@_operators.get("/summary", responses=_ERRORS)
def summarise_logs(_: Operator, span: _Span) -> LogSummary:
    """What broke in a span of time (the last 24 hours unless another one is said), and how much space the logs take."""
    with _one_of_few():
        return service.summarise(Wanted(*span))


@contextmanager
def _one_of_few() -> Iterator[None]:
    if not _searching.acquire(timeout=_PATIENCE_SECONDS):
        raise Unavailable("Other searches of the logs are running.", "Try again in some seconds.")
    try:
        yield
    finally:
        _searching.release()


@_operators.get(
    "/stream",
    response_class=StreamingResponse,
    responses=_ERRORS
    | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Lines, one JSON each"}},
)
def stream_logs(request: Request, session: OperatorSession, wanted: _Filters) -> StreamingResponse:
    """Server-sent events of new lines: ``data:`` is a LogLine as JSON; ``event: missed`` says how many came too fast. Ends with
    the session."""
    if not hasattr(request.app.state, "log_tail"):
        request.app.state.log_tail = LogTail()
    tail: LogTail = request.app.state.log_tail
    tail.require_place()
    return StreamingResponse(
        _lines(tail, session, wanted),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _lines(tail: LogTail, session: OperatorsSession, wanted: Wanted) -> AsyncIterator[str]:
    async for said in tail.follow(get_settings().logs, wanted):
        if said is None:
            if not await asyncio.to_thread(session.lives):
                return
            yield ": still here\n\n"
        elif isinstance(said, Missed):
            yield f"event: missed\ndata: {orjson.dumps({'count': said.count}).decode()}\n\n"
        else:
            yield f"data: {line_view(said).model_dump_json()}\n\n"


for part in (_reports, _operators):
    router.include_router(part)
