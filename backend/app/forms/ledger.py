"""The submission ledger: what is about to be done is on disk before it is done (house rule 7).

Each function is one short transaction of its own, together with the event that tells of it.
"""

import asyncio
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session as Db

from app.activity.service import Reporter
from app.database import get_database
from app.forms.compare import Match
from app.forms.models import LedgerEntry, RunForm
from app.forms.schemas import StepState, Verdict
from app.kit import clock


class FormLedger:
    """The ledger of one form of a run."""

    def __init__(self, report: Reporter, run_form_id: str, position: int) -> None:
        self._report = report
        self._id = run_form_id
        self._position = position

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

    async def intend(self, key: str, *, done: str | None = None) -> None:
        """Notes that ``key`` is about to be written; ``done`` names the step before it, which was written meanwhile."""

        def work(db: Db) -> None:
            if done is not None:
                self._move(db, done, StepState.written)
            entry = self._move(db, key, StepState.writing)
            if entry is not None:
                entry.intent_at = clock.now()

        await _write(work)

    async def wrote(self, key: str) -> None:
        await _write(lambda db: self._move(db, key, StepState.written))

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


async def _write(work: Any) -> None:
    def transaction() -> None:
        with get_database().write() as db:
            work(db)

    await asyncio.to_thread(transaction)
