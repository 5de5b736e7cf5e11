"""What the API says about people, their sessions and their link to the portal."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from app.accounts.rules import check_time_zone, normalise_email
from app.kit.schema import Input, Output

Email = Annotated[str, Field(min_length=3, max_length=254), AfterValidator(normalise_email)]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=256)]
GivenPassword = Annotated[SecretStr, Field(min_length=1, max_length=256)]
Weekday = Annotated[int, Field(ge=1, le=7, description="ISO weekday: 1 = Monday … 7 = Sunday")]


Role = Literal["technician", "operator", "admin"]


class PortalKind(StrEnum):
    workfossa = "workfossa"
    sandbox = "sandbox"


class LinkState(StrEnum):
    """``checking``: a live check runs; ``rejected``: the portal refused the credentials; ``linked``: it took them."""

    none = "none"
    checking = "checking"
    linked = "linked"
    rejected = "rejected"
    failed = "failed"


class SetupState(Output):
    needs_owner: bool
    sandbox_offered: bool


class Credentials(Input):
    email: Email
    password: GivenPassword


class NewOwner(Input):
    email: Email
    password: NewPassword


class LinkStatus(Output):
    state: LinkState
    portal: PortalKind | None
    username_hint: str | None = Field(description="First letter and domain only, e.g. t…@example.com")
    checked_at: datetime | None
    error_code: str | None
    error_detail: str | None
    error_action: str | None


class User(Output):
    id: str
    email: str
    role: Role
    is_owner: bool
    is_sandbox: bool = Field(description="the account for trying the sandbox; it cannot be connected to WorkFossa")
    time_zone: str
    work_days: list[int]
    week_end_hour: int
    link: LinkStatus


class Session(Output):
    """``access_token`` is sent as ``Authorization: Bearer``; the refresh token travels in an HttpOnly cookie only."""

    access_token: str
    expires_in: int = Field(description="seconds")
    user: User


class Person(Output):
    """A user as an administrator sees them."""

    id: str
    email: str
    role: Role
    is_owner: bool
    created_at: datetime


class RoleChange(Input):
    role: Role


class PreferencesChange(Input):
    time_zone: Annotated[str, AfterValidator(check_time_zone)] | None = None
    work_days: Annotated[list[Weekday], Field(min_length=1, max_length=7)] | None = None
    week_end_hour: Annotated[int, Field(ge=0, le=23)] | None = None


class NewLink(Input):
    """Credentials of the portal account. They are checked live before they are kept."""

    portal: PortalKind = PortalKind.workfossa
    username: Annotated[str, Field(min_length=1, max_length=254)]
    password: GivenPassword


class LinkCheck(Output):
    """A live check that was started: follow its progress as events of job ``link``."""

    job_id: str
    link: LinkStatus
