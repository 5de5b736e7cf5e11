"""The submission ledger: what is about to be done is on disk before it is done (house rule 7).

Each function is one short transaction of its own, together with the event that tells of it.
"""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.activity.service import Reporter
from app.database import get_database
from app.forms.compare import Match
from app.forms.models import FormRun, LedgerEntry, RunForm
from app.forms.schemas import RunState, StepState, Verdict
from app.kit import clock

_TELL_EVERY = timedelta(seconds=0.4)
T = TypeVar("T")


class Interrupted(Exception):
    """A person wants the run to pause, skip or stop: nothing further is written to the portal."""


class FormLedger:
    """The ledger of one form of a run. Whatever announces a write to the portal raises :class:`Interrupted` instead when
    the run is to pause, skip or stop: the wish and the intent go through the same database, so one of them is first."""

    def __init__(self, report: Reporter, run_form_id: str, position: int) -> None:
        self._report = report
        self._run_id = report.job_id
        self._id = run_form_id
        self._position = position
        self._told_at = datetime.min.replace(tzinfo=UTC)

    async def claim(self, entry_id: int, entry_url: str) -> None:
        """This form of the portal is for this dispenser from now on."""

        def work(db: Db) -> None:
            form = db.get_one(RunForm, self._id)
            form.entry_id, form.entry_url = entry_id, entry_url
            self._tell_form(db, form, f"{form.dispenser}: form {entry_id}")

        await _write(work)

    async def begin(self) -> None:
        def work(db: Db) -> None:
            form = db.get_one(RunForm, self._id)
            form.running = True
            self._tell_form(db, form, f"{form.dispenser}: started")

        await _write(work)

    async def leave(self) -> None:
        """The form is left for now, without a verdict."""

        def work(db: Db) -> None:
            form = db.get_one(RunForm, self._id)
            form.running = False
            self._tell_form(db, form, f"{form.dispenser}: waiting")

        await _write(work)

    async def intend(self, key: str, *, done: str | None = None) -> None:
        """Notes that ``key`` is about to be written; ``done`` names the step before it, which was written meanwhile."""
        await self._intend([key], done)

    async def intend_all(self, keys: Sequence[str]) -> None:
        """Notes that all of these are about to be written, and saved at once."""
        await self._intend(keys, None)

    async def _intend(self, keys: Sequence[str], done: str | None) -> None:
        def work(db: Db) -> bool:
            if done is not None:
                self._move(db, done, StepState.written)
            if not self._may_go_on(db):
                return False  # what was done is recorded all the same
            for key in keys:
                entry = self._move(db, key, StepState.writing)
                if entry is not None:
                    entry.intent_at = clock.now()
            return True

        if not await _write(work):
            raise Interrupted

    async def check(self) -> None:
        """Asked before a further write within a step whose intent is recorded already."""
        if not await _write(self._may_go_on):
            raise Interrupted

    async def reading(self, key: str, number: int, wanted: str) -> None:
        """Tells that reading ``number`` (from 0) of a group is typed. Nothing is saved at that time, so a look at the wish
        is enough, and of many readings in a short time only some are told."""

        def look() -> bool:
            with get_database().read() as db:
                return self._may_go_on(db)

        if not await asyncio.to_thread(look):
            raise Interrupted
        now = clock.now()
        if now - self._told_at >= _TELL_EVERY:
            self._told_at = now
            data = {"position": self._position, "key": key, "state": StepState.writing.value, "reading": number + 1}
            message = f"Reading {number + 1} of {wanted}"
            await _write(lambda db: self._report.tell_in(db, "reading", message, **data))

    async def wrote(self, key: str | None) -> None:
        if key is not None:
            await self.wrote_all([key])

    async def wrote_all(self, keys: Sequence[str]) -> None:
        def work(db: Db) -> None:
            for key in keys:
                self._move(db, key, StepState.written)

        await _write(work)

    def _may_go_on(self, db: Db) -> bool:
        return db.scalar(select(FormRun.state).where(FormRun.id == self._run_id)) == RunState.running.value

    async def settle(
        self,
        verdict: Verdict,
        *,
        reason: str,
        what_to_do: str | None,
        seconds: float,
        evidence: dict[str, Any] | None = None,
        read_back: dict[str, tuple[Match, str]] | None = None,
    ) -> None:
        """The outcome of the form: its verdict, and what the portal says of each step (``key`` → match, words)."""

        def work(db: Db) -> None:
            form = db.get_one(RunForm, self._id)
            form.running, form.verdict, form.reason, form.what_to_do = False, verdict.value, reason, what_to_do
            form.seconds, form.evidence = round(seconds, 2), evidence
            for entry in db.scalars(select(LedgerEntry).where(LedgerEntry.run_form_id == self._id)):
                match, words = (read_back or {}).get(entry.key, (None, None))
                entry.found = words if words is not None else entry.found
                if match is Match.same:
                    entry.state = StepState.verified.value
                elif entry.state != StepState.waiting.value:
                    entry.state = StepState.failed.value
                entry.settled_at = clock.now()
            self._tell_form(db, form, f"{form.dispenser}: {_WORDS[verdict]}")

        await _write(work)

    def _move(self, db: Db, key: str, state: StepState) -> LedgerEntry | None:
        query = select(LedgerEntry).where(LedgerEntry.run_form_id == self._id, LedgerEntry.key == key)
        entry = db.scalar(query)
        if entry is not None:
            entry.state = state.value
            self._report.tell_in(
                db, "step", f"{entry.label}: {state.value}", position=self._position, key=key, state=state.value
            )
        return entry

    def _tell_form(self, db: Db, form: RunForm, message: str) -> None:
        self._report.tell_in(
            db,
            "form",
            message,
            position=self._position,
            dispenser=form.dispenser,
            running=form.running,
            verdict=form.verdict,
        )


_WORDS = {
    Verdict.verified: "read back as planned",
    Verdict.already_done: "already as planned",
    Verdict.not_done: "not done",
    Verdict.needs_human: "needs you",
}


async def _write(work: Callable[[Db], T]) -> T:
    def transaction() -> T:
        with get_database().write() as db:
            return work(db)

    return await asyncio.to_thread(transaction)
