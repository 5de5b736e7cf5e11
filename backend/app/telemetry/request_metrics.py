"""Counts and times requests by their route's template."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.telemetry import metrics

# Whoever asks for no route of ours shares one label: addresses are made up by others without end.
NO_ROUTE, PAGES = "none", "pages"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})


def route_of(scope: Scope) -> str:
    """The template of the route that answered, ``/api/visits/{visit_id}``."""
    path: str | None = getattr(scope.get("route"), "path", None)
    if path is None:
        return NO_ROUTE
    return PAGES if path == "/{path:path}" else path


class RequestMetrics:
    """ASGI middleware. Streams are counted when they end, and not timed: they last as long as somebody listens."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        status, streaming = 500, False

        async def send_and_see(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                streaming = any(value.startswith(b"text/event-stream") for _, value in message.get("headers", []))
            await send(message)

        metrics.REQUESTS_UNDER_WAY.inc()
        try:
            await self.app(scope, receive, send_and_see)
        finally:
            metrics.REQUESTS_UNDER_WAY.dec()
            method = scope["method"] if scope["method"] in _METHODS else "OTHER"
            route = route_of(scope)
            metrics.REQUESTS.labels(method, route, str(status)).inc()
            if not streaming:
                metrics.REQUEST_SECONDS.labels(method, route).observe(time.perf_counter() - started)
            if status >= 500:
                metrics.ERRORS.labels("request").inc()
