"""Routes whose request body is read only as far as it may be long."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import Message

from app.kit.problems import TooLarge


def bounded_body(most_bytes: int) -> type[APIRoute]:
    """A class of routes that answer :class:`TooLarge` to a longer body, without reading the rest of it. (FastAPI's own
    ``max_body_size`` answers with plain text.)"""

    class BoundedRoute(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_bounded(request: Request) -> Response:
                body = bytearray()
                async for part in request.stream():
                    body += part
                    if len(body) > most_bytes:
                        raise TooLarge(f"The request has more than {most_bytes} bytes.", "Send less at once.")

                async def read() -> Message:
                    return {"type": "http.request", "body": bytes(body), "more_body": False}

                return await handle(Request(request.scope, read))

            return handle_bounded

    return BoundedRoute
