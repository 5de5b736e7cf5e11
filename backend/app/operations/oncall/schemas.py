"""What the API says about on-call duty. Addresses go in and never come out; hints do."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from app.accounts.rules import check_time_zone
from app.accounts.schemas import Email, Weekday
from app.connection.schemas import WallClock
from app.kit.schema import Input, NearInstant, Output
from app.notifications.schemas import PushoverKey
from app.operations.oncall.escalation import Role
from app.operations.oncall.rota import Level
from app.operations.terms import Kind

Zone = Annotated[str, Field(max_length=60), AfterValidator(check_time_zone)]
ContactId = Annotated[str, Field(min_length=1, max_length=36)]
ContactName = Annotated[str, Field(min_length=1, max_length=120)]
ProblemCode = Literal[
    "no_primary", "no_secondary", "same_person", "long_duty", "missing_role", "unverified", "unreachable"
]
Roles = Annotated[list[Role], Field(max_length=10)]


class OverrideKind(StrEnum):
    swap = "swap"
    leave = "leave"
    holiday = "holiday"


class OnCallContact(Output):
    """A contact; of its addresses only hints. ``warnings``: what somebody should see to."""

    id: str
    name: str
    roles: list[Role]
    email_hint: str | None
    pushover_hint: str | None
    desktop: bool
    time_zone: str
    verified_on: date | None = Field(description="when somebody confirmed that everything is still right")
    warnings: list[str]


class OnCallContacts(Output):
    items: list[OnCallContact]


class NewContact(Input):
    """At least one way to reach it is needed: e-mail, Pushover, or this machine's desktop."""

    name: ContactName
    roles: Roles
    email: Email | None = None
    pushover_key: PushoverKey | None = None
    desktop: bool = False
    time_zone: Zone | None = Field(default=None, description="null: the installation's")


class ContactChange(Input):
    """What is absent stays; an address that is null is removed."""

    name: ContactName | None = None
    roles: Roles | None = None
    email: Email | None = None
    pushover_key: PushoverKey | None = None
    desktop: bool | None = None
    time_zone: Zone | None = None


class ContactRef(Output):
    id: str
    name: str


class OnCallRota(Output):
    """Turns of a week, in this order; ``first``: the local day on which the first turn begins."""

    id: str
    zone: str
    first: date
    at: str
    starts_at: datetime
    primary: list[ContactRef]
    secondary: list[ContactRef]


class NewRota(Input):
    """``secondary`` null: each primary is secondary in the week before, where there are at least two."""

    zone: Zone
    first: date
    at: Annotated[WallClock, Field(description="wall clock of the zone, HH:MM")]
    primary: Annotated[list[ContactId], Field(min_length=1, max_length=30)]
    secondary: Annotated[list[ContactId], Field(max_length=30)] | None = None

    @model_validator(mode="after")
    def _check(self) -> "NewRota":
        if not 1 < self.first.year < 9000:
            raise ValueError("The first day is too far away.")
        return self


class OnCallOverride(Output):
    id: str
    level: Level
    kind: OverrideKind
    contact: ContactRef | None
    starts_at: datetime
    ends_at: datetime
    note: str


class NewOverride(Input):
    """``contact_id`` null: nobody was found yet; that span is shown as a gap."""

    level: Level
    kind: OverrideKind
    contact_id: ContactId | None
    starts_at: NearInstant
    ends_at: NearInstant
    note: Annotated[str, Field(max_length=300)] = ""


class OnCallShift(Output):
    """``contact`` null: nobody."""

    level: Level
    contact: ContactRef | None
    starts_at: datetime
    ends_at: datetime
    override_id: str | None


class OnCallGap(Output):
    starts_at: datetime
    ends_at: datetime


class OnCallCalendar(Output):
    """``gaps``: spans without a primary."""

    since: datetime
    until: datetime
    shifts: list[OnCallShift]
    gaps: list[OnCallGap]
    overrides: list[OnCallOverride]
    rotas: list[OnCallRota]


class OfficeHours(Output):
    """Business hours on the wall clock of ``zone``, HH:MM; ``days``: ISO weekdays."""

    zone: str
    days: list[int]
    opens: str
    closes: str
    open_now: bool


class NewOfficeHours(Input):
    zone: Zone
    days: Annotated[list[Weekday], Field(min_length=1, max_length=7)]
    opens: WallClock
    closes: WallClock

    @model_validator(mode="after")
    def _check(self) -> "NewOfficeHours":
        if self.opens >= self.closes:
            raise ValueError("Business hours must open before they close, on the same day.")
        return self


class EscalationLevel(Output):
    """``gap``: why not the ones who should be told would be told now; null: they would."""

    level: int
    role: Role
    tells: list[str]
    gap: str | None


class EscalationRow(Output):
    kind: Kind
    levels: list[EscalationLevel]


class OnCallProblem(Output):
    """What is wrong with the duty plan. An ``error`` means that somebody might not be reached."""

    severity: Literal["error", "warning"]
    code: Literal["no_primary", "no_secondary", "same_person", "long_duty", "missing_role", "unverified", "unreachable"]
    text: str


class OnCallNow(Output):
    """Who is on call at this moment, whom each level of the matrix would tell, and what is wrong."""

    at: datetime
    primary: OnCallShift
    secondary: OnCallShift
    hours: OfficeHours
    matrix: list[EscalationRow]
    problems: list[OnCallProblem]
