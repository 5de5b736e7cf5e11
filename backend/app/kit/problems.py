"""The one error format (RFC 9457): what happened, why, what to do, and a reference to quote."""

from enum import StrEnum
from typing import Any, ClassVar

from app.kit.schema import Output


class FailureKind(StrEnum):
    """What kind of failure it is decides the next step: retry, sign in again, stop, or ask the person."""

    business = "business"
    transient = "transient"
    auth = "auth"
    portal_changed = "portal_changed"
    unknown_effect = "unknown_effect"


class FieldError(Output):
    """One field of a request that did not fit; ``field`` is the dotted path in the body or the parameter's name."""

    field: str
    message: str


class Problem(Output):
    """The body of every answer that is not a success (``application/problem+json``)."""

    type: str
    title: str
    status: int
    code: str
    kind: FailureKind
    detail: str
    action: str
    reference: str
    errors: list[FieldError]


class ProblemError(Exception):
    """Raised anywhere below an endpoint; the edge turns it into a :class:`Problem`.

    ``detail`` says what happened and why, ``action`` what the reader can do now. Both are for people.
    """

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    title: ClassVar[str] = "The server could not finish this"
    kind: ClassVar[FailureKind] = FailureKind.business

    def __init__(self, detail: str, action: str = "", *, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.action = action
        self.headers = headers or {}


class NotFound(ProblemError):
    """Also raised for what belongs to somebody else: its existence is not told."""

    status = 404
    code = "not_found"
    title = "Not found"


class Forbidden(ProblemError):
    status = 403
    code = "forbidden"
    title = "This is not for your role"


class Conflict(ProblemError):
    status = 409
    code = "conflict"
    title = "This does not fit the present state"


class Unauthorized(ProblemError):
    status = 401
    code = "unauthorized"
    title = "Sign in to go on"
    kind = FailureKind.auth

    def __init__(self, detail: str, action: str = "Sign in again.", *, code: str | None = None) -> None:
        super().__init__(detail, action, headers={"WWW-Authenticate": "Bearer"})
        if code is not None:
            self.code = code  # type: ignore[misc]  # the instance narrows the class's general code


class Invalid(ProblemError):
    status = 422
    code = "invalid"
    title = "Some values do not fit"

    def __init__(self, detail: str, action: str = "", *, errors: list[FieldError] | None = None) -> None:
        super().__init__(detail, action)
        self.errors = errors or []


class TooManyRequests(ProblemError):
    status = 429
    code = "too_many_requests"
    title = "Too many requests"
    kind = FailureKind.transient


class TooLarge(ProblemError):
    status = 413
    code = "too_large"
    title = "This is too much at once"


class Unavailable(ProblemError):
    status = 503
    code = "unavailable"
    title = "Not available right now"
    kind = FailureKind.transient


def problem_responses(*errors: type[ProblemError]) -> dict[int | str, dict[str, Any]]:
    """The ``responses=`` entry of a route for the errors it may answer with, so that none is undocumented."""
    by_status: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        text = by_status.get(error.status, {}).get("description")
        by_status[error.status] = {
            "model": Problem,
            "description": f"{text}; {error.title}" if text else error.title,
        }
    return by_status
