"""What the API says about the connection to the portal."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from app.kit.schema import Input, Output

WallClock = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class QuietHours(Output):
    """Times of the day ("HH:MM") on the wall clock of the user's time zone; an end before the start is on the next day."""

    start: str
    end: str


class NewQuietHours(Input):
    start: WallClock
    end: WallClock

    @model_validator(mode="after")
    def _differ(self) -> "NewQuietHours":
        if self.start == self.end:
            raise ValueError("start and end are the same; leave the quiet hours out to have none")
        return self


class NewPoliteness(Input):
    loads_per_minute: int = Field(ge=1, le=600, description="page loads and saves a minute of this account")
    quiet_hours: NewQuietHours | None


class Politeness(Output):
    """How gently the portal is used. ``quiet_until`` is the instant at which the present quiet hours end."""

    loads_per_minute: int
    loads_per_minute_total: int
    sessions_per_account: int
    quiet_hours: QuietHours | None
    quiet_now: bool
    quiet_until: datetime | None


class WindowOpening(Output):
    """A window with the signed-in portal is being opened. Follow the events of job ``window``."""

    job_id: str
