"""The private endpoints of the pages' scripts. Their form is the sandbox's own; only the pages are the portal's."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from . import faults, forms, listing
from .faults import Facts
from .forms import FormError
from .gate import CutResponse, Entered, Gate, failure, gone
from .model import FormEntry
from .world import NotFound

Handler = Callable[[Request, Entered], Awaitable[Any]]


class Endpoints:
    """All XHR routes of one portal."""

    def __init__(self, gate: Gate) -> None:
        self.gate = gate
        self.world = gate.world

    def routes(self) -> list[Route]:
        """The routes below /xhr."""
        entry = "/xhr/form-entries/{entry_id:int}"
        return [
            self._route("/xhr/work/list", "list", self.list),
            self._route("/xhr/locations/{location_id:int}", "location", self.location),
            self._route("/xhr/locations/{location_id:int}/equipment", "equipment", self.equipment),
            self._route("/xhr/work/{work_id:int}", "visit", self.work_order),
            self._route("/xhr/work/{work_id:int}/visits/{visit_id:int}", "visit", self.visit),
            self._route("/xhr/work/{work_id:int}/visits/{visit_id:int}/forms", "create_form", self.create_form, "POST"),
            self._route(entry + "/sections/{section}", "section", self.section),
            self._route(entry + "/options/{select}", "options", self.options),
            self._route(entry + "/sections/{section}", "save", self.save_section, "POST"),
            self._route(entry + "/sections/{section}/iterations/{index:int}", "save", self.save_grade, "POST"),
            self._route(entry + "/sections/{section}/readings/add", "save", self.add_reading, "POST"),
            self._route(entry + "/sections/{section}/readings/delete", "save", self.delete_reading, "POST"),
            self._route(entry + "/sections/{section}/readings/open", "section", self.open_reading, "POST"),
            self._route("/xhr/fleet", "fleet", self.fleet),
            self._route("/xhr/notifications", "notifications", self.notifications),
        ]

    def _route(self, path: str, kind: str, handler: Handler, method: str = "GET") -> Route:
        async def endpoint(request: Request) -> Response:
            params = request.path_params
            facts = Facts(
                kind=kind,
                path=request.url.path,
                method=method,
                page=request.headers.get("x-page-name"),
                entry_id=params.get("entry_id"),
                work_id=params.get("work_id"),
                section=params.get("section"),
                select=params.get("select"),
            )
            async with self.gate.enter(request, facts) as entered:
                if isinstance(entered, Response):
                    return entered
                if not entered.signed_in:
                    return JSONResponse({"message": "Unauthenticated."}, 401)
                if method != "GET" and request.headers.get("x-csrf-token") != entered.session.csrf:
                    return JSONResponse({"message": "CSRF token mismatch."}, 419)
                return await self._answer(request, entered, handler)

        return Route(path, endpoint, methods=[method])

    async def _answer(self, request: Request, entered: Entered, handler: Handler) -> Response:
        """Run the handler between the faults that come before and after a write."""
        world, facts = self.world, entered.facts
        if faults.take(world, facts, "save_fails", "create_fails"):
            return failure(facts, 500, "Server Error")
        if faults.take(world, facts, "options_never"):
            await gone(request)
            return Response(status_code=499)
        if self.gate.lost("before", facts):
            return CutResponse()
        try:
            content = await handler(request, entered)
        except NotFound as error:
            return JSONResponse({"message": str(error)}, 404)
        except FormError as error:
            return JSONResponse({"message": str(error)}, error.status)
        except (KeyError, TypeError, ValueError) as error:
            return JSONResponse({"message": f"The given data was invalid: {error!r}"}, 422)
        if self.gate.lost("after", facts):
            return CutResponse()
        lost = faults.take(world, facts, "save_answer_lost", "create_answer_lost")
        if lost is not None:
            if lost.match.get("mode", "cut") == "cut":
                return CutResponse()
            return JSONResponse({"message": "Bad Gateway"}, 502)
        return JSONResponse(content)

    # -- reading -------------------------------------------------------------------------------------------------------

    async def list(self, request: Request, entered: Entered) -> dict[str, Any]:
        """One page of the work list."""
        world, options = self.world, self.world.state.options
        pairs = request.query_params.multi_items()
        query = listing.parse_query(pairs, options.page_parameter)
        if query.size is not None:
            world.remember_page_size(entered.user, query.size)
        with world.lock:
            page = listing.page_of(world.state, entered.user, query, world.today())
        rows, matches, pages = page.rows, page.matches, page.pages
        empty = faults.take(world, entered.facts, "empty_list")
        if empty is not None:
            rows, pages = [], 1
            if matches is not None and empty.match.get("matches", "zero") != "kept":
                matches = 0
        cut = faults.take(world, entered.facts, "list_truncated")
        if cut is not None:
            rows = rows[: max(0, len(rows) - int(cut.match.get("drop", 1)))]
        return {
            "rows": rows,
            "matches": matches,
            "page": page.page,
            "pages": pages,
            "size": page.size,
            "descending": query.descending,
            "filters": [vars(item) for item in query.filters if item.name != "search_term"],
        }

    async def location(self, request: Request, entered: Entered) -> dict[str, Any]:
        """The head of a store's page and the names and sizes of its equipment groups."""
        location = self.world.location(request.path_params["location_id"])
        groups = [{"name": "dispenser", "type_id": 3, "count": len(location.dispensers)}]
        groups += [
            {"name": group.name, "type_id": group.type_id, "count": len(group.titles)}
            for group in location.other_equipment
        ]
        return {
            "id": location.id,
            "store": location.store,
            "brand": location.brand,
            "customer": self.world.state.customers[location.customer_id].name,
            "customer_id": location.customer_id,
            "address": [
                line
                for line in (
                    location.street,
                    location.intersection,
                    f"{location.city} {location.state} {location.zip}",
                    location.county,
                )
                if line
            ],
            "groups": groups,
            "modal": location.modal,
        }

    async def equipment(self, request: Request, entered: Entered) -> dict[str, Any]:
        """The cards of all equipment groups of a store."""
        location = self.world.location(request.path_params["location_id"])
        cards = [
            {
                "title": card.title,
                "serial": card.serial,
                "make": card.make,
                "model": card.model,
                "fields": list(card.fields.items()),
            }
            for card in location.dispensers
        ]
        groups: list[dict[str, Any]] = [{"type_id": 3, "cards": cards}]
        for group in location.other_equipment:
            plain: list[dict[str, Any]] = [
                {"title": t, "serial": "", "make": None, "model": None, "fields": []} for t in group.titles
            ]
            groups.append({"type_id": group.type_id, "cards": plain})
        return {"groups": groups}

    async def work_order(self, request: Request, entered: Entered) -> dict[str, Any]:
        """A work order's own page: the row's facts and its visits."""
        order = self.world.state.work_orders.get(request.path_params["work_id"])
        if order is None or order.technician != entered.user:
            raise NotFound("Could not find this work order. It may have been deleted.")
        visits = [{"id": visit.id, "date": listing.us_date(visit.date)} for visit in order.visits]
        return {**listing.row(self.world.state, order, self.world.today()), "visits": visits}

    async def visit(self, request: Request, entered: Entered) -> dict[str, Any]:
        """A visit with its suggested and attached forms."""
        world, params = self.world, request.path_params
        with world.lock:
            order, visit = world.visit(entered.user, params["work_id"], params["visit_id"])
            entries = [self._form_row(entry) for entry in world.visit_forms(order.id, visit.id)]
            counts = {name: sum(1 for e in entries if e["template"] == name) for name in _suggested()}
            return {
                **listing.row(world.state, order, world.today()),
                "visit_id": visit.id,
                "date": listing.us_date(visit.date),
                "time": visit.time,
                "technician": world.technician(entered.user).name,
                "suggested": [{"name": name, "attached": counts[name]} for name in _suggested()],
                "forms": entries,
            }

    def _form_row(self, entry: FormEntry) -> dict[str, Any]:
        card = self.world.card(entry)
        label = ""
        if card is not None and forms.FIRST in entry.saved:
            label = card.title if self.world.state.options.visit_label == "title" else card.plain_title
        return {
            "id": entry.id,
            "template": entry.template,
            "equipment": label,
            "badge": "Complete" if entry.complete else "In Progress",
        }

    async def section(self, request: Request, entered: Entered) -> dict[str, Any]:
        """One section of a form with everything stored in it."""
        world = self.world
        with world.lock:
            entry = world.entry(entered.user, request.path_params["entry_id"])
            return self._section_view(entry, request.path_params["section"])

    def _label(self, title: str, plain: str) -> str:
        return title if self.world.state.options.equipment_label == "title" else plain

    def _section_view(self, entry: FormEntry, section: str) -> dict[str, Any]:
        options = self.world.state.options
        template = forms.template_of(entry.template, options)
        if section not in template.sections:
            raise NotFound("Could not find this section.")
        card = self.world.card(entry)
        following = template.after(section)
        base = f"/app/work/{entry.work_id}/visits/{entry.visit_id}"
        view: dict[str, Any] = {
            "template": template.name,
            "section": section,
            "saved": section in entry.saved,
            "back": f"{base}/",
            "next": f"{base}/form-entries/{entry.id}/sections/{following}" if following else None,
            "fields": {
                "prover_size": template.prover_size,
                "has_meter": template.has_meter,
                "fill": template.fill,
                "flow": template.flow,
                "blend_ratio": template.blend_ratio,
                "reading_ids": dict(template.reading_ids),
            },
            "equipment": {"id": card.id, "label": self._label(card.title, card.plain_title)} if card else None,
        }
        if section == forms.FIRST:
            view["prover_size"] = entry.prover_size
            view["prover_sizes"] = options.prover_sizes
            view["errors"] = forms.first_errors(entry, options) if view["saved"] else {}
        elif section == template.grade_section:
            view["fill_types"] = options.fill_types
            view["items"] = [
                {**item.model_dump(), "errors": forms.grade_errors(item, template) if item.saved else {}}
                for item in entry.grades
            ]
        else:
            errors = forms.reading_errors(entry) if view["saved"] else {}
            view["procedures"] = forms.PROCEDURES
            view["autosave"] = options.autosave
            view["readings"] = [{**r.model_dump(), "errors": errors.get(r.id, {})} for r in entry.readings]
        return view

    async def options(self, request: Request, entered: Entered) -> dict[str, Any]:
        """The choices of a ks-select of a form: `equipment` or `prover`."""
        world = self.world
        entry = world.entry(entered.user, request.path_params["entry_id"])
        if request.path_params["select"] == "equipment":
            choices = [{"id": c.id, "label": self._label(c.title, c.plain_title)} for c in world.cards(entry)]
        else:
            # Own provers first, then those of the others: the list is the company's.
            people = sorted(world.state.technicians, key=lambda person: person.email != entered.user)
            choices = [{"id": p.label, "label": p.label} for person in people for p in person.provers]
        return {"options": choices}

    async def fleet(self, request: Request, entered: Entered) -> dict[str, Any]:
        """The technician's provers and one tool that is none."""
        technician = self.world.technician(entered.user)
        rows = [
            {
                "next": listing.us_date(prover.next_calibration),
                "id": prover.prover_id,
                "type": f"Seraphin Prover ({prover.size})",
                "serial": prover.serial,
                "make": prover.make,
            }
            for prover in technician.provers
        ]
        tool = {"next": None, "id": "TW-118", "type": "Torque Wrench", "serial": "77120", "make": "Proto"}
        return {"equipment": [*rows, tool], "technician": technician.name}

    async def notifications(self, request: Request, entered: Entered) -> dict[str, Any]:
        """A long poll in which nothing ever happens: the page's network is never idle."""
        await gone(request)
        return {}

    # -- writing -------------------------------------------------------------------------------------------------------

    async def create_form(self, request: Request, entered: Entered) -> dict[str, Any]:
        """Attach a form of the named type."""
        params, body = request.path_params, json.loads(await request.body())
        entry = self.world.create_form(entered.user, params["work_id"], params["visit_id"], str(body["template"]))
        return {"form": self._form_row(entry)}

    async def save_section(self, request: Request, entered: Entered) -> dict[str, Any]:
        """Save the first section or the readings section."""
        world, params = self.world, request.path_params
        body = json.loads(await request.body())
        entry = world.entry(entered.user, params["entry_id"])
        template = forms.template_of(entry.template, world.state.options)
        if params["section"] == forms.FIRST:
            entry = world.save_first(entered.user, entry.id, body)
        elif params["section"] == template.reading_section:
            entry = world.save_readings(entered.user, entry.id, body["readings"])
        else:
            raise NotFound("This section is saved item by item.")
        return self._section_view(entry, params["section"])

    async def save_grade(self, request: Request, entered: Entered) -> dict[str, Any]:
        """Save one item of the per-grade section."""
        params, body = request.path_params, json.loads(await request.body())
        entry = self.world.save_grade(entered.user, params["entry_id"], params["index"], body)
        return self._section_view(entry, params["section"])

    async def add_reading(self, request: Request, entered: Entered) -> dict[str, Any]:
        """Append a reading to a group."""
        params, body = request.path_params, json.loads(await request.body())
        index = self.world.add_reading(entered.user, params["entry_id"], str(body["side"]), str(body["grade"]))
        entry = self.world.entry(entered.user, params["entry_id"])
        return {"index": index, "view": self._section_view(entry, params["section"])}

    async def delete_reading(self, request: Request, entered: Entered) -> dict[str, Any]:
        """Remove a reading."""
        params, body = request.path_params, json.loads(await request.body())
        index = self.world.delete_reading(entered.user, params["entry_id"], int(body["reading"]))
        entry = self.world.entry(entered.user, params["entry_id"])
        return {"index": index, "view": self._section_view(entry, params["section"])}

    async def open_reading(self, request: Request, entered: Entered) -> dict[str, Any]:
        """Fetch a reading that is being opened; with the autosave option the one that was left is stored first."""
        world, params = self.world, request.path_params
        body = json.loads(await request.body())
        if world.state.options.autosave and body.get("left"):
            world.save_readings(entered.user, params["entry_id"], [body["left"]], whole=False)
        entry = world.entry(entered.user, params["entry_id"])
        reading = next((r for r in entry.readings if r.id == int(body["reading"])), None)
        if reading is None:
            raise NotFound("Could not find this reading.")
        return {"reading": reading.model_dump()}


def _suggested() -> tuple[str, ...]:
    """Form types that a visit suggests, in page order."""
    return (forms.ACCUMEASURE, forms.OPEN_NECK)
