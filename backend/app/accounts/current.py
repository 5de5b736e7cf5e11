"""Who asks: the dependency every protected route has."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts.models import User
from app.accounts.service import user_of_access_token
from app.database import ReadSession
from app.kit.problems import Forbidden, TooManyRequests, Unauthorized, Unavailable, problem_responses
from app.telemetry import metrics
from app.telemetry.origin import note_user

_bearer = HTTPBearer(auto_error=False, description="The access token of a session")


def _current_user(db: ReadSession, header: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> User:
    if header is None:
        raise Unauthorized("This needs a signed-in user.", code="not_signed_in")
    with metrics.AUTH_SECONDS.labels("token").time():
        user = user_of_access_token(db, header.credentials)
    note_user(user.id)
    return user


CurrentUser = Annotated[User, Depends(_current_user)]

_OPERATORS = ("operator", "admin")


def _operator(user: CurrentUser) -> User:
    if user.role not in _OPERATORS:
        metrics.DENIED.labels(user.role).inc()
        raise Forbidden("This belongs to the operation of FossaWork.", "Ask an administrator for the operator's role.")
    return user


def _admin(user: CurrentUser) -> User:
    if user.role != "admin":
        metrics.DENIED.labels(user.role).inc()
        raise Forbidden("Only an administrator may do this.", "Ask an administrator.")
    return user


Operator = Annotated[User, Depends(_operator)]
Admin = Annotated[User, Depends(_admin)]

# What any protected route may answer with, for its documentation.
PROTECTED = problem_responses(Unauthorized, TooManyRequests, Unavailable)
OPERATORS_ONLY = PROTECTED | problem_responses(Forbidden)
