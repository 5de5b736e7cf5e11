"""Who asked for what is being done: one id from the request through the job, its browser steps and its messages.

Whoever begins something new (a request, a workflow, a command) says so with :func:`working_for`; every line that is
logged meanwhile, in whatever thread or task the work goes on, bears the id.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

# Outside of requests, jobs and commands.
NOBODY = "-"
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(slots=True)
class Origin:
    """``user_id`` is filled in once it is known; all that works for the same request sees it."""

    request_id: str
    user_id: str | None = None


_origin: ContextVar[Origin | None] = ContextVar("origin", default=None)


def new_request_id() -> str:
    """16 hex digits: short enough to be quoted on the telephone, and never twice in the life of the logs."""
    return secrets.token_hex(8)


def is_request_id(text: str) -> bool:
    """Whether an id that somebody sent may be taken over: 1 to 64 letters, digits, ``.``, ``_``, ``-``."""
    return _WELL_FORMED.fullmatch(text) is not None


def origin() -> Origin | None:
    return _origin.get()


def request_id() -> str:
    """The id of the request, job or command that is being worked for, or an empty text outside of one."""
    known = _origin.get()
    return known.request_id if known is not None else ""


def note_user(user_id: str) -> None:
    """Says who it is, as soon as that is known."""
    known = _origin.get()
    if known is not None:
        known.user_id = user_id


@contextmanager
def working_for(request_id: str, user_id: str | None = None) -> Iterator[None]:
    """Everything logged in this block, and in what it starts, bears the id."""
    token = _origin.set(Origin(request_id, user_id))
    try:
        yield
    finally:
        _origin.reset(token)


def begin_run() -> str:
    """Gives the whole of this process's main thread an id, for a command; answers it."""
    fresh = new_request_id()
    _origin.set(Origin(fresh))
    return fresh


def begin_nothing() -> None:
    """From now on this thread works for nobody (tests run one command after the other in one process)."""
    _origin.set(None)
