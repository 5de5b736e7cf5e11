"""The stream of live events."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse

from app.accounts.current import PROTECTED, CurrentUser
from app.activity import service
from app.database import ReadSession
from app.kit.problems import Invalid, problem_responses

router = APIRouter(prefix="/api", tags=["activity"])


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses=PROTECTED
    | problem_responses(Invalid)
    | {200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events, one JSON each"}},
)
def stream_events(
    request: Request,
    user: CurrentUser,
    db: ReadSession,
    after: Annotated[int | None, Query(ge=0, le=2**53, description="the id of the last event seen")] = None,
) -> StreamingResponse:
    """Server-sent events of the signed-in user's jobs: ``id:`` is the event's id, ``data:`` an Event as JSON."""
    start = service.newest_id(db, user.id) if after is None else after
    feed: service.EventFeed = request.app.state.feed
    return StreamingResponse(
        _lines(feed, user.id, start),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _lines(feed: service.EventFeed, user_id: str, after: int) -> AsyncIterator[str]:
    yield f": following after {after}\n\n"
    async for event in feed.follow(user_id, after):
        yield ": still here\n\n" if event is None else f"id: {event.id}\ndata: {event.model_dump_json()}\n\n"
