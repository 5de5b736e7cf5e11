"""Who asks: the dependency every protected route has."""

from typing import Annotated

from fastapi import Depends
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts.models import User
from app.accounts.service import user_of_access_token
from app.database import ReadSession
from app.kit.problems import TooManyRequests, Unauthorized, Unavailable, problem_responses

_bearer = HTTPBearer(auto_error=False, description="The access token of a session")


def _current_user(db: ReadSession, header: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> User:
    if header is None:
        raise Unauthorized("This needs a signed-in user.", code="not_signed_in")
    return user_of_access_token(db, header.credentials)


CurrentUser = Annotated[User, Depends(_current_user)]

# What any protected route may answer with, for its documentation.
PROTECTED = problem_responses(Unauthorized, TooManyRequests, Unavailable)
