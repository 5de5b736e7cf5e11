"""The control API: read everything back, inject faults, move clock and schedule. Off unless asked for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import faults, forms
from .forms import FormError
from .gate import Statistics
from .model import Fault, FormEntry
from .schedule import Schedule
from .world import NotFound, World

LOOPBACK = ("127.0.0.1", "::1", "testclient")


class Control:
    """The operations in process; `routes()` offers the same ones over HTTP."""

    def __init__(self, world: World, statistics: Statistics) -> None:
        self.world = world
        self.statistics = statistics
        self.schedule = Schedule(world)

    # -- reading -------------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Everything stored, sessions without their tokens; forms carry their dispenser's label as `equipment`."""
        with self.world.lock:
            state = self.world.state.model_dump(mode="json", exclude={"sessions"})
            state["now"] = self.world.now().isoformat()
            state["sessions"] = [
                session.model_dump(mode="json", include={"user", "remember", "created_at", "last_seen", "requests"})
                for session in self.world.state.sessions.values()
            ]
            for number, entry in self.world.state.forms.items():
                order = self.world.state.work_orders.get(entry.work_id)
                card = self.world.card(entry) if order else None
                state["forms"][str(number)]["equipment"] = card.numbers if card else None
            return state

    def writes(self) -> list[dict[str, Any]]:
        """The ordered log of every write of a portal user."""
        with self.world.lock:
            return [write.model_dump(mode="json") for write in self.world.state.writes]

    def counts(self) -> dict[str, Any]:
        """Number of writes in total, by kind, by form and section, by user; and sign-ins."""
        with self.world.lock:
            writes, sign_ins = self.world.state.writes, self.world.state.sign_ins
            sections = Counter(f"{w.entry_id}/{w.section}" for w in writes if w.kind == "save_section")
            return {
                "writes": len(writes),
                "kinds": dict(Counter(write.kind for write in writes)),
                "sections": dict(sections),
                "users": dict(Counter(write.user for write in writes)),
                "forms": len(self.world.state.forms),
                "sign_ins": {
                    "accepted": sum(1 for attempt in sign_ins if attempt.accepted),
                    "rejected": sum(1 for attempt in sign_ins if not attempt.accepted),
                },
            }

    def requests(self) -> dict[str, Any]:
        """Number of requests by kind and page, and the peaks by account."""
        return self.statistics.as_dict()

    # -- changing ------------------------------------------------------------------------------------------------------

    def fault(self, fault: str, times: int | None = 1, match: Mapping[str, Any] | None = None, **more: Any) -> Fault:
        """Arm a fault, with its conditions in `match` or as keywords; see `faults.arm`."""
        return faults.arm(self.world, fault, times, {**(match or {}), **more})

    def clear_faults(self) -> None:
        """Disarm all faults."""
        faults.clear(self.world)

    def latency(self, **kinds: Mapping[str, int]) -> dict[str, Any]:
        """Set delays by kind; returns all that are set."""
        return {kind: value.model_dump() for kind, value in self.world.set_latency(kinds).items()}

    def clock(self, now: datetime | None = None, advance_seconds: float = 0.0) -> datetime:
        """Move the clock."""
        return self.world.set_clock(now, advance_seconds)

    def reset(self, seed: int | None = None) -> None:
        """Generate the world anew and forget all counters."""
        self.world.reset(seed)
        self.statistics.clear()

    def expire_sessions(self, user: str | None = None) -> int:
        """End live sessions; the next request of a browser meets the login document."""
        return self.world.expire_sessions(user)

    def options(self, **values: Any) -> dict[str, Any]:
        """Change options; `redeploy=True` rotates the build."""
        return self.world.set_options(values).model_dump()

    def prepare_form(
        self,
        work_id: int,
        numbers: str | None = None,
        *,
        template: str = forms.ACCUMEASURE,
        readings: bool = False,
        complete: bool = False,
    ) -> FormEntry:
        """A form that is there already, as if made by hand: bound to `numbers` with its grades filled, or unbound.

        It is not in the log of writes. Raises NotFound without such an order, visit or dispenser.
        """
        world = self.world
        with world.lock:
            order = world.state.work_orders.get(work_id)
            if order is None or not order.visits:
                raise NotFound(f"no visit of work order {work_id}")
            forms.template_of(template, world.state.options)
            entry = FormEntry(
                id=world.state.next_form_id,
                work_id=work_id,
                visit_id=order.visits[-1].id,
                template=template,
                created_at=world.now(),
                created_by=order.technician,
            )
            if numbers is not None:
                card = next((card for card in world.cards(entry) if card.numbers == numbers), None)
                if card is None:
                    raise NotFound(f"no dispenser {numbers} at the store of work order {work_id}")
                prover = world.technician(order.technician).provers[0].label
                forms.fill_completely(world.state, entry, card, prover, readings=readings, complete=complete)
            entry.complete = complete
            world.state.next_form_id += 7
            world.state.forms[entry.id] = entry
            world.persist()
            return entry

    # -- HTTP ----------------------------------------------------------------------------------------------------------

    def routes(self) -> list[Route]:
        """The routes below /_control."""
        return [
            self._route("state", "GET", lambda body: self.state()),
            self._route("writes", "GET", lambda body: {"writes": self.writes()}),
            self._route("counts", "GET", lambda body: self.counts()),
            self._route("requests", "GET", lambda body: self.requests()),
            self._route("latency", "POST", lambda body: self.latency(**body)),
            self._route("faults", "GET", lambda body: self._faults()),
            self._route("faults", "POST", self._arm),
            self._route("faults", "DELETE", lambda body: self.clear_faults()),
            self._route("clock", "POST", self._clock),
            self._route("schedule", "POST", self._schedule),
            self._route("forms", "POST", lambda body: {"id": self.prepare_form(**body).id}),
            self._route("reset", "POST", lambda body: self.reset(body.get("seed"))),
            self._route("sessions/expire", "POST", lambda body: {"expired": self.expire_sessions(body.get("user"))}),
            self._route("options", "POST", lambda body: self.options(**body)),
        ]

    def _faults(self) -> dict[str, Any]:
        armed = [fault.model_dump() for fault in self.world.state.faults]
        return {"armed": armed, "known": {name: text for name, (text, _) in faults.FAULTS.items()}}

    def _arm(self, body: dict[str, Any]) -> dict[str, Any]:
        armed = faults.arm(self.world, str(body.get("fault")), body.get("times", 1), body.get("match"))
        return armed.model_dump()

    def _clock(self, body: dict[str, Any]) -> dict[str, Any]:
        now = datetime.fromisoformat(body["now"]) if "now" in body else None
        return {"now": self.clock(now, float(body.get("advance_seconds", 0))).isoformat()}

    def _schedule(self, body: dict[str, Any]) -> dict[str, Any]:
        op = str(body.pop("op", ""))
        return {"work_ids": self.schedule.apply(op, body)}

    def _route(self, name: str, method: str, run: Callable[[dict[str, Any]], Any]) -> Route:
        async def endpoint(request: Request) -> Response:
            if request.client is None or request.client.host not in LOOPBACK:
                return JSONResponse({"detail": "The control API answers on loopback only."}, 403)
            raw = await request.body()
            try:
                body = json.loads(raw) if raw else {}
                if not isinstance(body, dict):
                    raise ValueError("a JSON object is expected")
                result = run(body)
            except NotFound as error:
                return JSONResponse({"detail": str(error)}, 404)
            except (ValidationError, FormError, TypeError, ValueError) as error:
                return JSONResponse({"detail": str(error)}, 422)
            return JSONResponse({} if result is None else result)

        handler: Callable[[Request], Awaitable[Response]] = endpoint
        return Route(f"/_control/{name}", handler, methods=[method])
