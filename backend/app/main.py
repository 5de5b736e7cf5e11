"""The web application: composition only. ``uvicorn app.main:app`` in ``backend/`` serves API and built UI."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles
from sqlalchemy.exc import OperationalError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.accounts import endpoints as accounts
from app.accounts.keys import get_envelope
from app.accounts.limits import RequestLimit
from app.activity import endpoints as activity
from app.activity.queue import disconnect
from app.activity.service import EventFeed
from app.batches import endpoints as batches
from app.config import get_settings
from app.connection import endpoints as connection
from app.database import database_problem, get_database, get_operations_database
from app.forms import endpoints as forms
from app.kit.problem_answers import MEDIA_TYPE, problem_response
from app.kit.problems import FieldError, Invalid, NotFound, ProblemError
from app.notifications import endpoints as notifications
from app.operations import handover, runbooks
from app.operations.alerts import endpoints as alerts
from app.operations.duty import on_duty
from app.operations.health import endpoints as health
from app.operations.incidents import endpoints as incidents
from app.operations.logs import endpoints as operations_logs
from app.operations.metrics import endpoints as measurements
from app.operations.oncall import endpoints as oncall
from app.operations.slo import endpoints as slo
from app.operations.watcher import endpoints as watcher
from app.operations.watcher.service import greet as greet_watcher
from app.provers import endpoints as provers
from app.sync import endpoints as sync
from app.sync import first_start
from app.telemetry import logs
from app.telemetry.request_metrics import RequestMetrics
from app.telemetry.requests import RequestLog, request_id
from app.work import endpoints as work
from app.workflows import engine_when_free

_CONTENT_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; "
    "worker-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
SLICES = (
    *(accounts, activity, connection, work, provers, sync, first_start, forms, batches),
    *(health, slo, alerts, incidents, measurements, watcher, notifications, oncall, handover, runbooks),
    operations_logs,
)
log = logs.get_logger("backend")


class SecurityHeaders:
    """ASGI middleware: what a browser may do with our pages."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [
                    *message["headers"],
                    (b"content-security-policy", _CONTENT_POLICY.encode()),
                    (b"x-content-type-options", b"nosniff"),
                    (b"referrer-policy", b"same-origin"),
                    (b"cross-origin-opener-policy", b"same-origin"),
                ]
            await send(message)

        await self.app(scope, receive, send_with_headers if scope["type"] == "http" else send)


class NoNul:
    """ASGI middleware: an address with the character NUL names nothing, and neither PostgreSQL nor a file system takes it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        where = "path" if "\x00" in scope["path"] else "query" if b"%00" in scope["query_string"] else None
        if where is None:
            await self.app(scope, receive, send)
            return
        why = "The character NUL (U+0000) cannot be part of an address."
        field = FieldError(field=where, message=why)
        refused = Invalid(f"The request does not fit: {where}: {why}", "Correct it and try again.", errors=[field])
        await problem_response(refused, request_id())(scope, receive, send)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings = get_settings()
    logs.set_up(settings.logs)
    get_database().migrate()
    get_operations_database().migrate()
    get_envelope()  # a missing or wrong master key is told at the start, not at the first sign-in
    greet_watcher()
    feed = EventFeed()
    app.state.feed = feed
    log.info("server.started", version=__version__)
    async with engine_when_free(), on_duty():
        yield
    feed.close()
    disconnect()
    log.info("server.stopped")
    logs.flush()


def create_app() -> FastAPI:
    app = FastAPI(
        title="FossaWork",
        version=__version__,
        lifespan=_lifespan,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    for middleware in (
        NoNul,
        RequestLimit,
        SecurityHeaders,
        RequestMetrics,
        RequestLog,
    ):  # the last one added is the outermost
        app.add_middleware(middleware)
    for slice_ in SLICES:
        app.include_router(slice_.router)
    _add_error_answers(app)
    _add_ui(app, get_settings().ui)
    app.openapi = lambda: _describe(app)  # type: ignore[method-assign]  # FastAPI's documented way
    return app


def _add_error_answers(app: FastAPI) -> None:
    @app.exception_handler(ProblemError)
    async def _known(_: Request, error: ProblemError) -> Response:
        return problem_response(error, request_id())

    @app.exception_handler(RequestValidationError)
    async def _invalid(_: Request, error: RequestValidationError) -> Response:
        fields = [
            FieldError(
                field=".".join(str(part) for part in item["loc"][1:]) or str(item["loc"][0]), message=item["msg"]
            )
            for item in error.errors()
        ]
        named = "; ".join(f"{item.field}: {item.message}" for item in fields[:3])
        return problem_response(
            Invalid(f"The request does not fit: {named}.", "Correct it and try again.", errors=fields), request_id()
        )

    @app.exception_handler(HTTPException)
    async def _http(_: Request, error: HTTPException) -> Response:
        known = NotFound("There is nothing at this address.", "Check the address.")
        known.status, known.title = error.status_code, str(error.detail)  # type: ignore[misc]  # this one answer only
        known.code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "refused")  # type: ignore[misc]
        known.headers = dict(error.headers or {})
        return problem_response(known, request_id())

    @app.exception_handler(OperationalError)
    async def _database(_: Request, error: OperationalError) -> Response:
        log.error("database.failed", error=error.orig)
        return problem_response(database_problem(error), request_id())


def _describe(app: FastAPI) -> dict[str, Any]:
    """The API's description: every error is a problem document, under its own media type and nothing else."""
    if app.openapi_schema is None:
        description = get_openapi(title=app.title, version=app.version, routes=app.routes)
        schemas = description["components"]["schemas"]
        for unused in ("HTTPValidationError", "ValidationError"):
            schemas.pop(unused, None)
        content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
        for methods in description["paths"].values():
            for operation in methods.values():
                for status, response in operation["responses"].items():
                    if int(status) >= 400 and not operation["operationId"].startswith("read_health"):
                        response["content"] = content
        app.openapi_schema = description
    return app.openapi_schema


def _add_ui(app: FastAPI, folder: Path) -> None:
    """The built UI: its files, and its page for every other address (routes live in the browser)."""
    if not (folder / "index.html").is_file():
        return
    app.mount("/assets", StaticFiles(directory=folder / "assets"), name="assets")

    @app.get("/{path:path}", include_in_schema=False)
    def read_page(path: str) -> Any:
        if path.startswith("api/"):
            raise HTTPException(404, "Not found")
        file = (folder / path).resolve()
        if path and file.is_file() and file.is_relative_to(folder):
            return FileResponse(file)
        return FileResponse(folder / "index.html", headers={"Cache-Control": "no-cache"})


app = create_app()
