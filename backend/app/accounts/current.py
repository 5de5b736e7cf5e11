"""Who asks: the dependency every protected route has."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.models import User
from app.accounts.service import user_of_access_token, user_of_session
from app.accounts.tokens import read_access_token
from app.database import ReadSession, get_database
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


def _perhaps_user(header: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> str | None:
    if header is None:
        return None
    try:
        with get_database().read() as db:
            user = user_of_access_token(db, header.credentials)
    except (Unauthorized, SQLAlchemyError):
        return None
    note_user(user.id)
    return user.id


# For routes that are open to everybody, also while the database is away: who asks, if that can be told.
PerhapsUser = Annotated[str | None, Depends(_perhaps_user)]

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


@dataclass(frozen=True, slots=True)
class OperatorsSession:
    """An operator's session, for answers that last: they ask now and then whether it lives."""

    user_id: str
    sign_in_id: str

    def lives(self) -> bool:
        """Whether it has not ended, and its user still is an operator."""
        with get_database().read() as db:
            user = user_of_session(db, self.user_id, self.sign_in_id)
            return user is not None and user.role in _OPERATORS


def _operators_session(
    user: Operator, header: Annotated[HTTPAuthorizationCredentials, Depends(_bearer)]
) -> OperatorsSession:
    return OperatorsSession(user.id, read_access_token(header.credentials).sign_in_id)


OperatorSession = Annotated[OperatorsSession, Depends(_operators_session)]

# What any protected route may answer with, for its documentation.
PROTECTED = problem_responses(Unauthorized, TooManyRequests, Unavailable)
OPERATORS_ONLY = PROTECTED | problem_responses(Forbidden)
