"""The state of the portal and every operation on it: locked, logged, and optionally kept in a file."""

from __future__ import annotations

import os
import random
import secrets
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from . import forms
from .forms import FormError
from .generate import generate
from .model import (
    Build,
    Dispenser,
    FormEntry,
    Latency,
    Location,
    Options,
    Session,
    SignIn,
    State,
    Technician,
    Visit,
    WorkOrder,
    Write,
)

TYPICAL_LATENCY: dict[str, Latency] = {
    "shell": Latency(min_ms=40, max_ms=160),
    "list": Latency(min_ms=500, max_ms=2000),
    "location": Latency(min_ms=200, max_ms=700),
    "equipment": Latency(min_ms=500, max_ms=2000),
    "visit": Latency(min_ms=400, max_ms=1000),
    "create_form": Latency(min_ms=300, max_ms=2000),
    "section": Latency(min_ms=400, max_ms=1100),
    "options": Latency(min_ms=200, max_ms=900),
    "save": Latency(min_ms=500, max_ms=3000),
    "fleet": Latency(min_ms=400, max_ms=1000),
    "login": Latency(min_ms=100, max_ms=500),
}


class NotFound(Exception):
    """The thing asked for does not exist, or not for this technician."""


class World:
    """One portal. All methods may be called from any thread; each one is atomic."""

    def __init__(
        self, seed: int = 7, today: date | None = None, *, state_file: Path | None = None, latency: str = "none"
    ) -> None:
        """Load `state_file` when it exists, otherwise generate from `seed`.

        `today` fixes the date of the sandbox clock (default: the machine's local date). `latency`: `none` or `typical`.
        Raises ValueError for an unknown latency name or a state file that is not a sandbox state.
        """
        if latency not in ("none", "typical"):
            raise ValueError(f"unknown latency {latency!r}: use 'none' or 'typical'")
        self.lock = threading.RLock()
        self.random = random.Random(f"answers-{seed}")
        self._state_file = state_file
        self._start_day = today
        self._latency = latency
        if state_file is not None and state_file.exists():
            self.state = State.model_validate_json(state_file.read_bytes())
        else:
            self.state = self._fresh(seed)
            self.persist()

    def _fresh(self, seed: int) -> State:
        real = datetime.now()
        day = self._start_day or real.date()
        state = generate(seed, day)
        state.clock_offset_seconds = float((day - real.date()).days * 86_400)
        if self._latency == "typical":
            state.latency = {kind: value.model_copy() for kind, value in TYPICAL_LATENCY.items()}
        return state

    def reset(self, seed: int | None = None) -> None:
        """Throw everything away (sessions, faults, options too) and generate again."""
        with self.lock:
            self.state = self._fresh(self.state.seed if seed is None else seed)
            self.persist()

    def persist(self) -> None:
        """Write the state file atomically; without a state file nothing happens."""
        if self._state_file is None:
            return
        with self.lock:
            data = self.state.model_dump_json()
            self._state_file.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=self._state_file.parent, prefix=".sandbox-", suffix=".tmp")
            try:
                with os.fdopen(handle, "w", encoding="utf-8") as file:
                    file.write(data)
                Path(name).replace(self._state_file)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    # -- clock ---------------------------------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The sandbox clock: local wall time without zone, as the portal shows it."""
        return datetime.now() + timedelta(seconds=self.state.clock_offset_seconds)

    def today(self) -> date:
        """Date of the sandbox clock."""
        return self.now().date()

    def set_clock(self, now: datetime | None = None, advance_seconds: float = 0.0) -> datetime:
        """Set the clock to `now` and/or move it on; it keeps running from there."""
        with self.lock:
            if now is not None:
                self.state.clock_offset_seconds = (now - datetime.now()).total_seconds()
            self.state.clock_offset_seconds += advance_seconds
            self.persist()
            return self.now()

    # -- accounts and sessions -----------------------------------------------------------------------------------------

    def technician(self, email: str) -> Technician:
        """The account with this e-mail address (case-insensitive); raises NotFound."""
        for technician in self.state.technicians:
            if technician.email == email.strip().lower():
                return technician
        raise NotFound(f"no technician {email}")

    def start_session(self, user: str | None = None, *, remember: bool = False) -> Session:
        """A new session, of a guest when `user` is None."""
        with self.lock:
            now = self.now()
            session = Session(
                token=secrets.token_urlsafe(24),
                user=user,
                csrf=secrets.token_urlsafe(24),
                remember=remember,
                created_at=now,
                last_seen=now,
            )
            self.state.sessions[session.token] = session
            return session

    def session(self, token: str | None) -> Session | None:
        """The live session with this token, touched; None when unknown or expired (an expired one is removed)."""
        with self.lock:
            session = self.state.sessions.get(token or "")
            if session is None:
                return None
            now, options = self.now(), self.state.options
            life = timedelta(minutes=options.session_minutes)
            if session.remember:
                life = max(life, timedelta(days=options.remember_days))
            if now - session.last_seen > life:
                del self.state.sessions[session.token]
                return None
            session.last_seen = now
            session.requests += 1
            return session

    def sign_in(self, email: str, password: str, *, remember: bool) -> Session | None:
        """Check the password; a new session when it is right, else None. Both are recorded."""
        with self.lock:
            accepted = False
            with suppress(NotFound):
                accepted = secrets.compare_digest(self.technician(email).password.encode(), password.encode())
            self.state.sign_ins.append(SignIn(at=self.now(), email=email, accepted=accepted))
            session = self.start_session(self.technician(email).email, remember=remember) if accepted else None
            self.persist()
            return session

    def end_session(self, token: str) -> None:
        """Sign out; unknown tokens are fine."""
        with self.lock:
            self.state.sessions.pop(token, None)
            self.persist()

    def expire_sessions(self, user: str | None = None) -> int:
        """End the live sessions of `user`, or of everybody; returns how many."""
        with self.lock:
            gone = [t for t, s in self.state.sessions.items() if s.user and user in (None, s.user)]
            for token in gone:
                del self.state.sessions[token]
            self.persist()
            return len(gone)

    # -- reading -------------------------------------------------------------------------------------------------------

    def location(self, location_id: int) -> Location:
        """A store; raises NotFound for unknown and for deleted ones."""
        location = self.state.locations.get(location_id)
        if location is None or location.deleted:
            raise NotFound("Could not find this location. It may have been deleted.")
        return location

    def visit(self, user: str, work_id: int, visit_id: int) -> tuple[WorkOrder, Visit]:
        """A visit of a work order that is assigned to `user`; raises NotFound otherwise."""
        order = self.state.work_orders.get(work_id)
        if order is not None and order.technician == user:
            for visit in order.visits:
                if visit.id == visit_id:
                    return order, visit
        raise NotFound("Could not find this visit. It may have been deleted.")

    def visit_forms(self, work_id: int, visit_id: int) -> list[FormEntry]:
        """The forms attached to a visit, oldest first."""
        entries = [e for e in self.state.forms.values() if e.work_id == work_id and e.visit_id == visit_id]
        return sorted(entries, key=lambda entry: entry.id)

    def entry(self, user: str, entry_id: int) -> FormEntry:
        """A form of a visit that is assigned to `user`; raises NotFound otherwise."""
        entry = self.state.forms.get(entry_id)
        if entry is None:
            raise NotFound("Could not find this form.")
        self.visit(user, entry.work_id, entry.visit_id)
        return entry

    def cards(self, entry: FormEntry) -> list[Dispenser]:
        """The dispensers that can be bound to a form."""
        return self.state.locations[self.state.work_orders[entry.work_id].location_id].dispensers

    def card(self, entry: FormEntry) -> Dispenser | None:
        """The dispenser a form is bound to."""
        return next((card for card in self.cards(entry) if card.id == entry.equipment_id), None)

    # -- writing by portal users ---------------------------------------------------------------------------------------

    def _log(self, user: str, kind: str, entry: FormEntry | None = None, **detail: Any) -> Write:
        write = Write(
            n=len(self.state.writes) + 1,
            at=self.now(),
            user=user,
            kind=kind,
            work_id=entry.work_id if entry else None,
            visit_id=entry.visit_id if entry else None,
            entry_id=entry.id if entry else None,
            **detail,
        )
        self.state.writes.append(write)
        self.persist()
        return write

    def create_form(self, user: str, work_id: int, visit_id: int, template: str) -> FormEntry:
        """Attach one more form. There is no limit: creating too many is the client's fault (Portal spec §4.2)."""
        with self.lock:
            self.visit(user, work_id, visit_id)
            forms.template_of(template, self.state.options)
            entry = FormEntry(
                id=self.state.next_form_id,
                work_id=work_id,
                visit_id=visit_id,
                template=template,
                created_at=self.now(),
                created_by=user,
            )
            self.state.next_form_id += 7
            self.state.forms[entry.id] = entry
            self._log(user, "create_form", entry, values={"template": template})
            return entry

    def save_first(self, user: str, entry_id: int, values: Mapping[str, Any]) -> FormEntry:
        """Save the first section; `values`: `equipment` (dispenser id or None) and the prover size field."""
        with self.lock:
            entry = self.entry(user, entry_id)
            wanted = values.get("equipment")
            card = next((c for c in self.cards(entry) if c.id == wanted), None)
            if wanted is not None and card is None:
                raise FormError(422, "The selected equipment is invalid.")
            forms.save_first(self.state, entry, values, card, self.state.options)
            recorded = {**values, "equipment_label": card.title if card else None}
            self._log(user, "save_section", entry, section=forms.FIRST, values=recorded)
            return entry

    def save_grade(self, user: str, entry_id: int, index: int, values: Mapping[str, Any]) -> FormEntry:
        """Save one item of the per-grade section."""
        with self.lock:
            entry = self.entry(user, entry_id)
            template = forms.template_of(entry.template, self.state.options)
            forms.save_grade(entry, index, values, self.state.options)
            recorded = {"grade": entry.grades[index].grade, **values}
            self._log(user, "save_section", entry, section=template.grade_section, iteration=index, values=recorded)
            return entry

    def save_readings(
        self, user: str, entry_id: int, rows: list[Mapping[str, Any]], *, whole: bool = True
    ) -> FormEntry:
        """Save the readings section, or autosave one reading (`whole=False`)."""
        with self.lock:
            entry = self.entry(user, entry_id)
            template = forms.template_of(entry.template, self.state.options)
            forms.save_readings(entry, rows, self.state.options, whole)
            kind = "save_section" if whole else "autosave_reading"
            places = {reading.id: (reading.side, reading.grade) for reading in entry.readings}
            recorded = [
                {**row, "side": side, "grade": grade} for row in rows for side, grade in [places[int(row["id"])]]
            ]
            self._log(user, kind, entry, section=template.reading_section, values={"readings": recorded})
            return entry

    def add_reading(self, user: str, entry_id: int, side: str, grade: str) -> int:
        """Append a reading to a group; returns its index."""
        with self.lock:
            entry = self.entry(user, entry_id)
            template = forms.template_of(entry.template, self.state.options)
            index = forms.add_reading(self.state, entry, side, grade)
            values = {"reading": entry.readings[index].id, "side": side, "grade": grade, "procedure": None}
            self._log(user, "add_reading", entry, section=template.reading_section, iteration=index, values=values)
            return index

    def delete_reading(self, user: str, entry_id: int, reading_id: int) -> int:
        """Remove a reading; returns the index it had."""
        with self.lock:
            entry = self.entry(user, entry_id)
            template = forms.template_of(entry.template, self.state.options)
            doomed = next((reading for reading in entry.readings if reading.id == reading_id), None)
            index = forms.delete_reading(entry, reading_id)
            values = doomed.model_dump(exclude={"id"}) if doomed else {}
            values["reading"] = reading_id
            self._log(user, "delete_reading", entry, section=template.reading_section, iteration=index, values=values)
            return index

    def remember_page_size(self, user: str, size: int) -> None:
        """Keep the list's page size for the account, if the portal is set to do so. Not a form write: not logged."""
        with self.lock:
            if self.state.options.remember_page_size and self.state.page_sizes.get(user) != size:
                self.state.page_sizes[user] = size
                self.persist()

    # -- settings ------------------------------------------------------------------------------------------------------

    def set_options(self, values: Mapping[str, Any]) -> Options:
        """Change options; `redeploy: true` among them rotates the build. Raises ValueError for unknown names."""
        with self.lock:
            changed = {key: value for key, value in values.items() if key != "redeploy"}
            self.state.options = Options.model_validate({**self.state.options.model_dump(), **changed})
            if values.get("redeploy"):
                self.redeploy()
            self.persist()
            return self.state.options

    def redeploy(self) -> Build:
        """A new build of the portal: other asset names, other scoped attributes, other CSRF tokens."""
        with self.lock:
            number = self.state.build.number + 1
            rng = random.Random(f"build-{self.state.seed}-{number}")

            def scope() -> str:
                return f"data-v-{rng.randrange(16**8):08x}"

            self.state.build = Build(
                number=number,
                asset_hash=f"{rng.randrange(16**8):08x}",
                list_scope=scope(),
                visit_scope=scope(),
                form_scope=scope(),
            )
            for session in self.state.sessions.values():
                session.csrf = secrets.token_urlsafe(24)
            self.persist()
            return self.state.build

    def set_latency(self, values: Mapping[str, Any]) -> dict[str, Latency]:
        """Set delays by kind, `{"list": {"min_ms": 500, "max_ms": 2000}}`. Raises ValueError for unknown kinds."""
        with self.lock:
            unknown = set(values) - set(TYPICAL_LATENCY)
            if unknown:
                raise ValueError(f"unknown latency kind: {', '.join(sorted(unknown))}")
            for kind, value in values.items():
                self.state.latency[kind] = Latency.model_validate(value)
            self.persist()
            return self.state.latency

    def delay_seconds(self, kind: str) -> float:
        """How long an answer of this kind takes now; 0 without a setting."""
        latency = self.state.latency.get(kind)
        if latency is None or latency.max_ms == 0:
            return 0.0
        # Skewed to the short end, as seen: loaders of 500-2000 ms take about 700 most of the time.
        low, high = latency.min_ms, max(latency.min_ms, latency.max_ms)
        return self.random.triangular(low, high, low + (high - low) * 0.14) / 1000
