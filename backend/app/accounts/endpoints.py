"""Routes of accounts. Creating and checking a portal link starts a job, so those routes stand with the portal's work."""

from typing import Annotated, Any

from fastapi import APIRouter, Cookie, Request, Response

from app.accounts import links, service, tokens
from app.accounts.current import OPERATORS_ONLY, PROTECTED, Admin, CurrentUser
from app.accounts.limits import limit_sign_in
from app.accounts.models import PortalLink, User
from app.accounts.schemas import (
    Credentials,
    LinkStatus,
    NewOwner,
    Person,
    PreferencesChange,
    RoleChange,
    Session,
    SetupState,
)
from app.accounts.schemas import User as UserView
from app.config import get_settings
from app.database import ReadSession, WriteSession, get_database
from app.kit.problem_answers import problem_response
from app.kit.problems import Conflict, Invalid, NotFound, TooManyRequests, Unauthorized, Unavailable, problem_responses
from app.telemetry import metrics
from app.telemetry.requests import request_id

router = APIRouter(prefix="/api", tags=["accounts"])
_COOKIE = "fossawork_refresh"
_RefreshCookie = Annotated[str | None, Cookie(alias=_COOKIE, include_in_schema=False)]
_OPEN = problem_responses(TooManyRequests, Unavailable)


def user_view(db: ReadSession, user: User) -> UserView:
    return UserView(
        id=user.id,
        email=user.email,
        role=user.role,
        is_owner=user.is_owner,
        is_sandbox=user.email == service.SANDBOX_EMAIL,
        time_zone=user.time_zone,
        work_days=user.work_days,
        week_end_hour=user.week_end_hour,
        link=links.status(db.get(PortalLink, user.id)),
    )


def session_answer(db: WriteSession, response: Response, grant: service.Grant) -> Session:
    """The session as JSON, and its refresh token as a cookie that scripts cannot read."""
    if grant.refresh_token is not None:
        settings = get_settings()
        response.set_cookie(
            _COOKIE,
            grant.refresh_token,
            max_age=settings.session_days * 86400,
            path="/api/auth",
            secure=settings.secure_cookies,
            httponly=True,
            samesite="strict",
        )
    response.headers["Cache-Control"] = "no-store"
    return Session(access_token=grant.access_token, expires_in=tokens.access_seconds(), user=user_view(db, grant.user))


@router.get("/setup", responses=_OPEN)
def read_setup(db: ReadSession) -> SetupState:
    """Whether this installation waits for its owner. Says nothing about how many users there are."""
    empty = service.needs_owner(db)
    return SetupState(needs_owner=empty, sandbox_offered=empty)


@router.post("/setup/owner", status_code=201, responses=_OPEN | problem_responses(Conflict, Invalid))
def create_owner(body: NewOwner, db: WriteSession, response: Response) -> Session:
    """Creates the owner and signs them in."""
    owner = service.create_owner(db, body.email, body.password.get_secret_value())
    return session_answer(db, response, service.open_session(db, owner))


@router.post("/auth/sign-in", responses=_OPEN | problem_responses(Unauthorized, Invalid))
def sign_in(body: Credentials, request: Request, db: ReadSession, response: Response) -> Session:
    limit_sign_in(request.client.host if request.client else "local", body.email)
    with metrics.AUTH_SECONDS.labels("sign_in").time():
        # The slow hash is computed before the write lock is taken: other writers do not wait for it.
        user = service.check_password(db, body.email, body.password.get_secret_value())
        with get_database().write() as writer:
            return session_answer(writer, response, service.open_session(writer, user))


@router.post("/auth/refresh", response_model=Session, responses=_OPEN | problem_responses(Unauthorized))
def refresh(db: WriteSession, response: Response, cookie: _RefreshCookie = None) -> Any:
    with metrics.AUTH_SECONDS.labels("refresh").time():
        grant = service.refresh(db, cookie)
    metrics.TOKENS.labels("refresh", "refused" if grant is None else "made").inc()
    if grant is None:
        # Answered, not raised: the end of a session whose token was stolen must be committed.
        return problem_response(Unauthorized("There is no session to continue.", code="session_ended"), request_id())
    return session_answer(db, response, grant)


@router.post("/auth/sign-out", status_code=204, responses=_OPEN)
def sign_out(db: WriteSession, response: Response, cookie: _RefreshCookie = None) -> None:
    """Ends this session on the server; tokens of it are worthless afterwards."""
    service.end_session(db, cookie)
    response.delete_cookie(_COOKIE, path="/api/auth")


@router.get("/me", responses=PROTECTED)
def read_me(user: CurrentUser, db: ReadSession) -> UserView:
    return user_view(db, user)


@router.patch("/me", responses=PROTECTED | problem_responses(Invalid))
def change_me(body: PreferencesChange, user: CurrentUser, db: WriteSession) -> UserView:
    mine = db.merge(user)
    service.change_preferences(mine, body)
    return user_view(db, mine)


@router.get("/users", responses=OPERATORS_ONLY)
def read_people(_: Admin, db: ReadSession) -> list[Person]:
    """Everybody who has an account here. Administrators only."""
    return [Person.model_validate(user) for user in service.people(db)]


@router.patch("/users/{user_id}", responses=OPERATORS_ONLY | problem_responses(NotFound, Conflict, Invalid))
def change_person(user_id: str, body: RoleChange, admin: Admin, db: WriteSession) -> Person:
    """Gives a person another role."""
    return Person.model_validate(service.change_role(db, user_id, body.role, admin.email))


@router.get("/portal-link", responses=PROTECTED)
def read_link(user: CurrentUser, db: ReadSession) -> LinkStatus:
    """State of the link. The credentials themselves can be read by no route."""
    return links.status(db.get(PortalLink, user.id))


@router.delete("/portal-link", status_code=204, responses=PROTECTED)
def remove_link(user: CurrentUser, db: WriteSession) -> None:
    """Forgets the portal's credentials and session. Work orders that were brought home stay."""
    links.remove(db, user.id)
