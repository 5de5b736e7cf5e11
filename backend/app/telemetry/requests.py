"""Per-request bookkeeping: an id that is quoted in errors and found in the logs, and one line per request."""

import time
import uuid
from contextvars import ContextVar

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kit.problem_answers import problem_response
from app.kit.problems import ProblemError
from app.telemetry.logs import get_logger

_request_id: ContextVar[str] = ContextVar("request_id", default="")


def request_id() -> str:
    """The id of the request being answered (12 hex digits), or an empty text outside of one."""
    return _request_id.get()


def _unforeseen() -> ProblemError:
    return ProblemError(
        "The server met an error that nobody foresaw; nothing of this request was kept.",
        "Try again. If it happens again, report it with the reference below.",
    )


class RequestLog:
    """ASGI middleware: gives the request its id (also as ``X-Request-Id``) and logs method, path, status and milliseconds."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.log = get_logger("performance")
        self.errors = get_logger("backend")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        identifier = uuid.uuid4().hex[:12]
        token = _request_id.set(identifier)
        structlog.contextvars.bind_contextvars(request_id=identifier)
        started = time.perf_counter()
        status, answering = 500, False

        async def send_with_id(message: Message) -> None:
            nonlocal status, answering
            if message["type"] == "http.response.start":
                status, answering = message["status"], True
                message["headers"] = [*message.get("headers", []), (b"x-request-id", identifier.encode())]
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            # The last resort. It stands here, and not in a handler further out, so that the answer carries the id.
            self.errors.error("request.failed", path=scope["path"], exc_info=error)
            if answering:
                raise
            await problem_response(_unforeseen(), identifier)(scope, receive, send_with_id)
        finally:
            if scope["path"].startswith("/api/"):
                milliseconds = round((time.perf_counter() - started) * 1000, 2)
                # The path only: a query may hold what a person typed.
                self.log.info("request", method=scope["method"], path=scope["path"], status=status, ms=milliseconds)
            structlog.contextvars.unbind_contextvars("request_id")
            _request_id.reset(token)
