"""Per-request bookkeeping: an id that is quoted in errors and found in the logs, and one line per request."""

import time

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.problem_answers import problem_response
from app.kit.problems import ProblemError
from app.telemetry.logs import get_logger
from app.telemetry.origin import is_request_id, new_request_id, working_for
from app.telemetry.origin import request_id as request_id  # where its users look for it

_HEADER = b"x-request-id"
_ANSWERS = ("http.response.start", "websocket.accept", "websocket.http.response.start")
log = get_logger("performance")
errors = get_logger("backend")


def _unforeseen() -> ProblemError:
    return ProblemError(
        "The server met an error that nobody foresaw; nothing of this request was kept.",
        "Try again. If it happens again, report it with the reference below.",
    )


class RequestLog:
    """ASGI middleware, the outermost of ours: gives every request and WebSocket its id, answers with it (``X-Request-Id``),
    and logs method, route, status, milliseconds and who it was."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        identifier = _sent_id(scope) or new_request_id()
        with working_for(identifier):
            await self._answer(scope, receive, send, identifier)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, identifier: str) -> None:
        started = time.perf_counter()
        status, answering, streaming = 500, False, False

        async def send_with_id(message: Message) -> None:
            nonlocal status, answering, streaming
            if message["type"] in _ANSWERS:
                status, answering = message.get("status", 101), True
                headers = list(message.get("headers", []))
                streaming = status == 101 or any(
                    name == b"content-type" and value.startswith(b"text/event-stream") for name, value in headers
                )
                message["headers"] = [*headers, (_HEADER, identifier.encode())]
            elif message["type"] == "websocket.close" and not answering:
                status, answering = 403, True  # refused before it was accepted
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            # The last resort. It stands here, and not in a handler further out, so that the answer carries the id.
            errors.error("request.failed", route=route_template(scope), exc_info=error)
            if answering or scope["type"] != "http":
                raise
            await problem_response(_unforeseen(), identifier)(scope, receive, send_with_id)
        finally:
            if scope["path"].startswith("/api/"):
                milliseconds = round((time.perf_counter() - started) * 1000, 2)
                client = scope.get("client")
                log.info(
                    "http.request",
                    method=scope.get("method", "WEBSOCKET"),
                    route=route_template(scope),
                    status=status,
                    ip=client[0] if client else None,
                    # A stream lasts as long as somebody listens: that is no duration.
                    **({"open_ms": milliseconds} if streaming else {"duration_ms": milliseconds}),
                )


def _sent_id(scope: Scope) -> str | None:
    """The id that the client sent, if it is one."""
    for name, value in scope["headers"]:
        if name == _HEADER:
            text: str = value.decode("latin-1")
            return text if is_request_id(text) else None
    return None


def route_template(scope: Scope) -> str | None:
    """``/api/visits/{visit_id}``: never the address itself, which may hold what a person typed. ``None``: no route of ours
    answered, or the request was refused before one was looked for."""
    path: str | None = getattr(scope.get("route"), "path", None)
    return path
