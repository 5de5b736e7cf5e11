"""The sandbox as a web application and as a server in a thread of this process."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route

from . import faults, pages
from .control import Control
from .faults import Facts
from .gate import COOKIE, CutResponse, Entered, Gate, Observer, with_cookie
from .model import Session
from .world import World
from .xhr import Endpoints

REDIRECTS = {"/app": "/app/dashboard", "/app/work": "/app/work/list"}


class Documents:
    """Routes that answer with a document: login, shell, logout, assets."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.world = gate.world

    def routes(self) -> list[Route]:
        """All document routes."""
        return [
            Route("/", self.root),
            Route("/login", self.login, methods=["POST"]),
            Route("/login", self.to_root, methods=["GET"]),
            Route("/logout", self.logout, methods=["POST"]),
            Route("/sso", self.public),
            Route("/passwords/reset", self.public),
            Route("/app", self.page),
            Route("/app/{rest:path}", self.page),
            Route("/build/{kind}/{name}", self.asset),
        ]

    def _send(self, answer: Response, session: Session) -> Response:
        return with_cookie(answer, session, self.world.state.options.remember_days)

    def _login_page(self, request: Request, session: Session, status: int = 200) -> Response:
        """The login document; a message of a failed attempt is shown once."""
        text = pages.login_document(self.world, session, str(request.base_url))
        session.flash = None
        answer = HTMLResponse(text, status, headers={"Cache-Control": "no-cache, private"})
        return self._send(answer, session)

    async def root(self, request: Request) -> Response:
        """The login page, or the dashboard for somebody who is signed in."""
        async with self.gate.enter(request, Facts("login", "/", page="login")) as entered:
            if isinstance(entered, Response):
                return entered
            if entered.signed_in:
                return RedirectResponse("/app/dashboard", 302)
            return self._login_page(request, entered.session)

    async def to_root(self, request: Request) -> Response:
        """GET /login is not the login page on this portal; it leads there."""
        return RedirectResponse("/", 302)

    async def public(self, request: Request) -> Response:
        """Single sign-on and password reset are not played."""
        return HTMLResponse(pages.plain_document("Work Fossa", "The sandbox does not play this page."))

    async def login(self, request: Request) -> Response:
        """Check the credentials; the session id and the CSRF token are new afterwards."""
        world, options = self.world, self.world.state.options
        async with self.gate.enter(request, Facts("login", "/login", method="POST", page="login")) as entered:
            if isinstance(entered, Response):
                return entered
            form = {key: values[-1] for key, values in parse_qs((await request.body()).decode()).items()}
            guest = entered.session
            if not secrets.compare_digest(form.get("_token", "").encode(), guest.csrf.encode()):
                return self._send(HTMLResponse(pages.expired_document(), 419), guest)
            email = form.get("email", "")
            session = world.sign_in(email, form.get("password", ""), remember=form.get("remember") == "1")
            if session is not None:
                target = guest.intended if options.login_redirect == "intended" else None
                world.end_session(guest.token)
                return self._send(RedirectResponse(target or "/app/dashboard", 302), session)
            guest.flash, guest.old_email = "failed", email
            if options.bad_password_markup in ("status-422", "status-200"):
                return self._login_page(request, guest, int(options.bad_password_markup[-3:]))
            back = urlsplit(request.headers.get("referer", "/")).path or "/"
            return self._send(RedirectResponse(back if back.startswith("/app") else "/", 302), guest)

    async def logout(self, request: Request) -> Response:
        """End the session."""
        async with self.gate.enter(request, Facts("login", "/logout", method="POST", page="logout")) as entered:
            if isinstance(entered, Response):
                return entered
            form = parse_qs((await request.body()).decode())
            if form.get("_token", [""])[-1] != entered.session.csrf:
                return HTMLResponse(pages.expired_document(), 419)
            self.world.end_session(entered.session.token)
            answer = RedirectResponse("/", 302)
            answer.delete_cookie(COOKIE, path="/")
            return answer

    async def page(self, request: Request) -> Response:
        """Any address below /app: the shell for a technician, the login document (status 200) for a guest."""
        path = request.url.path
        name, params = pages.find_page(path)
        work_id, entry_id = (int(params[key]) if key in params else None for key in ("work_id", "entry_id"))
        facts = Facts("shell", path, page=name, section=params.get("section"), work_id=work_id, entry_id=entry_id)
        async with self.gate.enter(request, facts) as entered:
            if isinstance(entered, Response):
                return entered
            if not entered.signed_in:
                entered.session.intended = path + (f"?{request.url.query}" if request.url.query else "")
                if self.world.state.options.guest_answer == "redirect":
                    return self._send(RedirectResponse("/", 302), entered.session)
                return self._login_page(request, entered.session)
            clean = path.rstrip("/")
            if clean in REDIRECTS:
                return RedirectResponse(REDIRECTS[clean], 302)
            if self.gate.lost("before", entered.facts):
                return CutResponse()
            answer = self._shell(request, entered, name, params)
            return CutResponse() if self.gate.lost("after", entered.facts) else answer

    def _shell(self, request: Request, entered: Entered, name: str, params: dict[str, str]) -> Response:
        world, facts = self.world, entered.facts
        if faults.take(world, facts, "login_page"):
            # The session stays alive, and so must its cookie.
            guest = world.start_session()
            text = pages.login_document(world, guest, str(request.base_url))
            return HTMLResponse(text)
        foreign = faults.take(world, facts, "foreign_page")
        if foreign is not None:
            return HTMLResponse(pages.foreign_document(), int(foreign.match.get("status", 200)))
        load = secrets.token_hex(6)
        if name in ("list", "location", "visit", "form", "fleet"):
            world_user = entered.user
            self.gate.statistics.load_started(world_user, load)
        document = pages.shell_document(world, entered.session, name, self._data(entered, name, params, load))
        status = 404 if name == "missing" else 200
        answer = HTMLResponse(document, status, headers={"Cache-Control": "no-cache, private"})
        return self._send(answer, entered.session)

    def _data(self, entered: Entered, name: str, params: dict[str, str], load: str) -> dict[str, Any]:
        """What the script of the page has to know."""
        world, facts, options = self.world, entered.facts, self.world.state.options
        drop = faults.take(world, facts, "dropped_clicks")
        renames = {str(fault.match["what"]): True for fault in faults.take_all(world, facts, "rename")}
        return {
            "page": name,
            "params": params,
            "load": load,
            "scopes": {
                "list": world.state.build.list_scope,
                "visit": world.state.build.visit_scope,
                "form": world.state.build.form_scope,
            },
            "options": {
                "page_parameter": options.page_parameter,
                "url_state": options.url_state,
                "empty_markup": options.empty_markup,
                "new_label": options.new_label,
                "grade_header": options.grade_header,
                "options_load": options.options_load,
                "reading_title": options.reading_title,
                "reading_ids": options.reading_ids,
                "reading_labels": options.reading_labels,
                "flow_labels": options.flow_labels,
                "add_label": options.add_label,
                "add_element": options.add_element,
                "confirm": options.confirm,
                "open_connection": options.open_connection,
                "location_tabs": options.location_tabs,
            },
            "faults": {
                "drop": {"count": int(drop.match.get("count", 1)), "selector": drop.match.get("selector")}
                if drop
                else None,
                "renames": renames,
                "modal": faults.take(world, facts, "modal") is not None,
                "lost_hydration": faults.take(world, facts, "lost_hydration") is not None,
                "stuck": faults.take(world, facts, "stuck_page") is not None,
            },
        }

    async def asset(self, request: Request) -> Response:
        """The build's files under their current names; older names are gone after a redeploy."""
        kind, name = request.path_params["kind"], request.path_params["name"]
        current = self.world.state.build.asset_hash
        cached = {"Cache-Control": "public, max-age=31536000, immutable"}
        if (kind, name) == ("js", f"app.{current}.js"):
            return Response(pages.script_bundle(), media_type="text/javascript", headers=cached)
        if (kind, name) == ("css", f"app.{current}.css"):
            return Response(pages.style_bundle(), media_type="text/css", headers=cached)
        return PlainTextResponse("Not Found", 404)


def create_app(world: World, *, control: bool = False, gate: Gate | None = None) -> Starlette:
    """The portal as an ASGI application; with `control` also the control API below /_control."""
    gate = gate or Gate(world)
    routes: list[Route] = [*Endpoints(gate).routes()]
    if control:
        routes += Control(world, gate.statistics).routes()
    routes += Documents(gate).routes()
    return Starlette(routes=routes)


class _Server(uvicorn.Server):
    """A server that tells when it accepts connections, instead of being polled."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as usual, then say so."""
        await super().startup(sockets=sockets)
        self.ready.set()


class SandboxServer:
    """The sandbox on a loopback port, in a thread; a context manager.

    `port=0` takes a free port. With `control` the control API is served below `control_url`; the attributes `world` and
    `control` offer the same operations in process. Raises OSError when the port is taken.
    """

    def __init__(
        self,
        seed: int = 7,
        port: int = 0,
        *,
        control: bool = False,
        state_file: Path | None = None,
        today: date | None = None,
        latency: str = "none",
        world: World | None = None,
    ) -> None:
        self.world = world or World(seed, today, state_file=state_file, latency=latency)
        self.gate = Gate(self.world)
        self.control = Control(self.world, self.gate.statistics)
        self._with_control = control
        self._wanted_port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._port = port

    @property
    def url(self) -> str:
        """Root address, without a trailing slash."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def control_url(self) -> str:
        """Address of the control API."""
        return f"{self.url}/_control"

    def list_url(self, filters: Sequence[tuple[str, str]] = (), order: str | None = None) -> str:
        """Address of the work list with filters given as (name, value||display||label)."""
        pairs = [*filters, *([("order_direction", order)] if order else [])]
        query = "&".join(f"{name}={quote(value, safe='')}" for name, value in pairs)
        return f"{self.url}/app/work/list" + (f"?{query}" if query else "")

    def observe(self, observer: Observer | None) -> None:
        """Tell somebody of every document and content request right before and right after its work. The observer runs in
        the server's thread, which does nothing else meanwhile; when it answers True, the request or its answer is lost.

        Tests kill a program at an exact point of its work with it. `None` ends it.
        """
        self.gate.observer = observer

    def start(self) -> SandboxServer:
        """Bind the port and serve; returns when connections are accepted."""
        # The protocol must be named: asyncio switches Nagle's algorithm off only on sockets that say TCP, and with it
        # every small answer would wait 40 ms for a delayed acknowledgement.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._wanted_port))
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        app = create_app(self.world, control=self._with_control, gate=self.gate)
        config = uvicorn.Config(
            app,
            log_level="critical",
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
            timeout_keep_alive=60,
        )
        self._server = _Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name="sandbox-portal", daemon=True
        )
        self._thread.start()
        if not self._server.ready.wait(timeout=20):
            raise RuntimeError("the sandbox portal did not start within 20 s")
        return self

    def stop(self) -> None:
        """Stop serving and write the state file; the port is free afterwards. Stopping twice is fine."""
        if self._server is None or self._thread is None:
            return
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._server = self._thread = None
        self.world.persist()

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
